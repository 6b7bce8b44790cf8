"""How much memory parts hold, sampled while they live."""
import threading
import time
from collections import defaultdict

from . import judge

MOST = 700 << 20  # librdkafka itself unpacks up to 100 MB a batch, and a bomb is copied while it is looked at
GROWTH, SLACK = 1.5, 48 << 20  # from the third quarter of the time to the fourth


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096
    except (OSError, IndexError):
        return 0  # just killed


class Memory:
    def __init__(self, parts):
        self.parts, self.samples = parts, defaultdict(list)
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            for part in self.parts:
                self.samples[part.name].append(resident(part.child.pid))
            time.sleep(0.25)  # between two samples

    def judge(self):
        """Within a generous bound at any time, and no higher at the end than before. Kills only make it smaller."""
        verdict, told = judge.Verdict("memory"), []
        for name, samples in self.samples.items():
            quarter = len(samples) // 4
            third, last, most = max(samples[2 * quarter:3 * quarter]), max(samples[3 * quarter:]), max(samples)
            told.append(f"{name} {third >> 20} then {last >> 20}, at most {most >> 20}")
            if most > MOST:
                verdict.find("too much", f"{name}: {most >> 20} MiB")
            if last > third * GROWTH + SLACK:
                verdict.find("growing", f"{name}: {third >> 20} MiB, then {last >> 20} MiB")
        print(f"# MiB: {'; '.join(told)}", flush=True)
        return verdict
