"""The broker is stopped and killed again and again while executions come in: no partition of a queue is left unread.

No scheduler and no database: executions are published straight to the queue, two `cronobs work` run them, and a
reader of `status` says what became of each. After every few restarts all that the broker had acknowledged must have
been announced and finished, and the group's positions must stand at the ends of all partitions.

    --rounds N    restarts and kills (8)
    --minutes M   ends after so long, whatever the rounds
    --rate R      executions a second (40)
    --seed S
"""
import argparse
import json
import random
import threading
import time

from support import case
from support.executions import Queue, Reports
from support.servers import service
from support.stack import Stack, wait_for

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--rounds", type=int, default=8)
options.add_argument("--minutes", type=float, default=24 * 60)
options.add_argument("--rate", type=float, default=40)
options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
options = options.parse_args()

PARTITIONS, QUEUE = 12, "q"
LEVEL_AFTER = 90  # seconds that the workers have, once the broker answers, to be level: a session is 10


class Load:
    """Executions come in, fewer while the broker is away."""

    def __init__(self, queue, rate):
        self.queue, self.rate, self.stopped = queue, rate, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(1 / self.rate):
            if len(self.queue.producer) < 1000:
                self.queue.publish()
            self.queue.producer.poll(0)
        self.queue.producer.flush(60)

    def stop(self):
        self.stopped.set()
        self.thread.join(70)


stack = Stack("restarts", partitions=PARTITIONS, keep_logs=True)
stack.run("topics", "apply", "--queue", QUEUE)
workers = [stack.start_worker(QUEUE, "true", name=f"worker{i}", concurrency=4) for i in range(2)]
queue, reports = Queue(stack, QUEUE), Reports(stack)
load = Load(queue, options.rate)
random.seed(options.seed)
seen = {"stops": 0, "kills": 0, "worker kills": 0, "slowest": 0.0}


def stop_and_start():
    seen["stops"] += 1
    service("restart", "kafka")


def kill():
    seen["kills"] += 1
    service("kill", "kafka")
    service("wait", "kafka")


def kill_a_worker():
    seen["worker kills"] += 1
    random.choice(workers).kill_group()


def flows():
    """The broker takes executions again, and a worker announces some: else it would be down before anybody came back."""
    known, announced = len(queue.known()), len(reports.running)
    try:
        wait_for("flow", lambda: len(queue.known()) > known + options.rate and len(reports.running) > announced + 5, LEVEL_AFTER)
    except AssertionError:
        raise AssertionError(f"nothing flows {LEVEL_AFTER} s after a restart: {stuck()}") from None


def unread():
    """By partition: executions that the broker has and nobody announced."""
    left = {}
    for number, (partition, offset) in queue.known().items():
        if number not in reports.running:
            left.setdefault(partition, []).append(offset)
    return {p: (len(offsets), min(offsets)) for p, offsets in left.items()}


def stuck():
    return (f"not announced, by partition (how many, first offset): {unread()}; (committed, end): {queue.positions()}; "
            f"logs in {stack.folder}")


def level():
    """All that was acknowledged until now is announced."""
    expected, began = queue.known(), time.monotonic()
    try:
        wait_for("announced", lambda: all(n in reports.running for n in expected), LEVEL_AFTER, 0.2)
    except AssertionError:
        raise AssertionError(f"not level after {LEVEL_AFTER} s: {stuck()}") from None
    seen["slowest"] = max(seen["slowest"], time.monotonic() - began)


def restarts_and_kills_leave_nothing_unread():
    until, done = time.monotonic() + options.minutes * 60, 0
    print(f"# seed {options.seed}", flush=True)
    flows()
    while done < options.rounds and time.monotonic() < until:
        random.choice((stop_and_start, stop_and_start, kill))()
        done += 1
        flows()
        if random.random() < 0.2:
            kill_a_worker()
        if done % 4 == 0:
            level()
            print(f"# {time.strftime('%H:%M:%S')} round {done}: {len(queue.known())} executions, {json.dumps(seen)}", flush=True)
    level()
    return f"{done} rounds, {json.dumps(seen)}"


def all_is_finished_and_the_positions_stand_at_the_ends():
    load.stop()
    level()
    ends = wait_for("the group's positions stand at the ends", queue.is_level, 60, 0.5)
    known = queue.known()
    wait_for("final reports", lambda: sum(n not in reports.final for n in known) <= 4 * seen["worker kills"], 60)
    twice = sum(1 for n in known if reports.running.get(n, 0) > 1)
    again = stack.count_in_logs("starts anew")
    reports.stop()
    for worker in workers:
        worker.stop()
    stack.down()
    return f"{sum(e for _, e in ends.values())} records, {len(known)} known to us, {twice} announced twice, {again} times a worker started anew"


case.run(restarts_and_kills_leave_nothing_unread, all_is_finished_and_the_positions_stand_at_the_ends)
