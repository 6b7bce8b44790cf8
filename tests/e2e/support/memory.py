"""How much memory parts hold, sampled while they live."""
import threading
import time
from collections import defaultdict

from . import judge

MOST = 700 << 20  # librdkafka itself unpacks up to 100 MB a batch, and a bomb is copied while it is looked at
GROWTH, SLACK = 1.5, 48 << 20  # from the third quarter of the time to the fourth, while parts are killed and begin anew
CALM_GROWTH = 16 << 20  # from the first half of the calm time to the second


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096
    except (OSError, IndexError):
        return 0  # just killed


class Memory:
    def __init__(self, parts):
        self.parts, self.samples, self.calm_from, self.ended = parts, defaultdict(list), {}, threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.ended.wait(0.25):  # between two samples
            for part in self.parts:
                self.samples[part.name].append(resident(part.child.pid))

    def calm(self):
        """From now to the end nobody is killed: what grows without bound can be seen."""
        self.calm_from = {name: len(samples) for name, samples in self.samples.items()}

    def end(self):
        self.ended.set()

    def judge(self):
        """Within a generous bound at any time, and no higher at the end than before."""
        verdict, told = judge.Verdict("memory"), []
        for name, samples in self.samples.items():
            begin = self.calm_from.get(name, len(samples) // 2)
            middle, most = (begin + len(samples)) // 2, max(samples)
            before, last = max(samples[begin:middle]), max(samples[middle:])
            told.append(f"{name} {before >> 20} then {last >> 20}, at most {most >> 20}")
            if most > MOST:
                verdict.find("too much", f"{name}: {most >> 20} MiB")
            if last > (before + CALM_GROWTH if self.calm_from else before * GROWTH + SLACK):
                verdict.find("growing", f"{name}: {before >> 20} MiB, then {last >> 20} MiB")
        print(f"# MiB: {'; '.join(told)}", flush=True)
        return verdict
