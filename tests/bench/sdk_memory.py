"""B19: does the memory of a worker stay what it is? One of each SDK, side by side, under full load.

    ./ops/bench sdk_memory [LANGUAGE...]

Takes arguments, as sdk does. Each has a queue of its own in which executions never run out for BENCH_MINUTES (10), every one of them with a line of log. Its memory is
looked at every second: what it holds at most in the minute when it is warm (the third), and in the last one.
"""
import os
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from sdk import PARTITIONS, Field, Worker, build_subjects, chosen

MINUTES = float(os.environ.get("BENCH_MINUTES", "10"))
WARM = 2       # minutes, before they count
PLACES = 64
AHEAD = 4_000  # executions that wait at least
KEPT = {"retention.bytes": 32 << 20, "segment.bytes": 16 << 20}  # of a partition: the disk is not what is measured


@dataclass
class Watched:
    """A worker, the executions put for it, and (minutes, MiB) of each second."""
    field: Field
    worker: Worker
    put: int = 0
    done: int = 0
    memory: list = field(default_factory=list)

    def feed(self):
        self.done = sum(self.field.ends(self.field.status)) // 2
        while self.put - self.done < AHEAD:
            self.field.put((("log", 1),), AHEAD)
            self.put += AHEAD

    def peak(self, minute):
        """The most of that minute."""
        return max(size for at, size in self.memory if minute <= at < minute + 1)


def keep_fed(watched, ends_at):
    while time.monotonic() < ends_at:
        watched.feed()
        time.sleep(0.05)


def watch(everybody, began):
    """Looks at all of them each second until the time is over."""
    while (minutes := (time.monotonic() - began) / 60) < MINUTES:
        for watched in everybody:
            assert watched.worker.is_running(), f"{watched.worker.name} ended: {watched.worker.tail()}"
            watched.memory.append((minutes, watched.worker.resident()))
        time.sleep(1)


def measure(brokers, languages, folder):
    fields = [Field(brokers, KEPT) for _ in languages]
    everybody = [Watched(f, Worker(language, f, PLACES, folder)) for f, language in zip(fields, languages)]
    try:
        began = time.monotonic()
        feeders = [threading.Thread(target=keep_fed, args=(watched, began + 60 * MINUTES), daemon=True) for watched in everybody]
        for feeder in feeders:
            feeder.start()
        watch(everybody, began)
        for feeder in feeders:
            feeder.join()
    finally:
        for watched in everybody:
            watched.worker.kill()
            watched.field.close()
    return everybody


def told(watched):
    first, last = watched.peak(WARM), watched.peak(MINUTES - 1)
    return (f"B19 {watched.worker.name}, {MINUTES:g} minutes of full load beside the others, {watched.done:,} executions with a line each: "
            f"{last:,.0f} MiB in the last minute, {last / first:.2f} × | itself in the third minute: {first:,.0f} MiB")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that workers are ended
    build_subjects()
    with tempfile.TemporaryDirectory() as folder:
        for watched in measure(os.environ["CRONOBS_TEST_BROKERS"], chosen(sys.argv[1:]), Path(folder)):
            print(told(watched))
    print(f"> How: a worker of each language at {PLACES} places, all at once, so that the cores are busy throughout; {PARTITIONS} partitions each. "
          "A minute's memory is the most that was resident in it, seen once a second.")


if __name__ == "__main__":
    main()
