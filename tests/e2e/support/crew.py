"""Workers of every kind in one thread: prompt, slow, dying, lying about the attempt, late, twice, in the wrong partition, never.

What becomes of an attempt is drawn by its execution and number, so a repeated run of the same executions is the same. A queue of its own.
"""
import heapq
import random
import time
import uuid
from collections import deque

from confluent_kafka import Consumer, Producer, TopicPartition

from . import place
from .wire import micros

MICRO = 1_000_000
STATUS_SCHEMA, HEARTBEAT_SCHEMA = 6, 7


def blank_status(execution, task, status, attempt):
    return {
        "event_id": str(uuid.uuid4()), "execution_id": execution, "task_id": task, "attempt": attempt, "status": status,
        "if_unclaimed": False, "reason": "NONE", "occurred_at": int(time.time() * MICRO), "worker": None, "message": None,
        "exit_code": None, "result": None, "next_attempt_at": None, "blocked_by": None, "scheduled_at": None, "trigger": None,
        "revision": None, "queue": None,
    }


def time_to_begin(x):
    """Seconds; None: nobody would wait for that."""
    left = micros(x["start_by"]) / MICRO - time.time() if x["start_by"] else None
    return left if left is not None and left < 15 else None


def time_to_run(x, otherwise):
    """Seconds; a day is longer than anybody would wait."""
    return x["run_timeout_ms"] / 1000 if x["run_timeout_ms"] and x["run_timeout_ms"] < 15_000 else otherwise


# Each yields (seconds from now, status, what is odd about it): x is ExecutionCreated, r a random generator.

def prompt(x, r):
    yield from ((0, "RUNNING", {}), (r.uniform(0.1, 1.5), "SUCCEEDED", {}))


def fails(x, r):
    yield from ((0, "RUNNING", {}), (r.uniform(0.1, 0.8), "FAILED", {}))


def fails_unseen(x, r):
    yield r.uniform(0, 0.5), "FAILED", {}


def slow(x, r):
    yield from ((0, "RUNNING", {}), (r.uniform(1.5, 4), "SUCCEEDED", {}))


def dies(x, r):
    yield 0, "RUNNING", {}
    if time_to_run(x, None) is None:
        yield 3, "FAILED", {}


def never(x, r):
    if time_to_begin(x) is None:
        yield 1, "SUCCEEDED", {}


def late(x, r):
    yield from ((0, "RUNNING", {}), (time_to_run(x, 1) + r.uniform(0.3, 1.5), "SUCCEEDED", {}))


def at_the_deadline(x, r):
    """Begins about when it is given up, by a hair or two."""
    left = time_to_begin(x)
    begins = 0.1 if left is None else left + r.uniform(-0.06, 0.05)
    yield from ((begins, "RUNNING", {}), (begins + r.uniform(2.5, 4), "SUCCEEDED", {}))


def at_the_limit(x, r):
    yield from ((0, "RUNNING", {}), (time_to_run(x, 0.5) + r.uniform(-0.1, 0.15), r.choice(("SUCCEEDED", "FAILED")), {}))


def twice(x, r):
    for after, status in ((0, "RUNNING"), (r.uniform(0.2, 1), "SUCCEEDED")):
        same = str(uuid.uuid4())
        for _ in range(2):
            yield after, status, {"event_id": same}


def astray(x, r):
    yield from ((0, "RUNNING", {"astray": 1}), (0.7, r.choice(("SUCCEEDED", "FAILED")), {"astray": 5}))


def lies_about_the_attempt(x, r):
    yield from ((0, "SUCCEEDED", {"attempt": 99}), (0.1, "RUNNING", {}), (0.3, "FAILED", {"attempt": x["attempt"] + 1}),
                (0.4, "SUCCEEDED", {"attempt": 99}), (r.uniform(2, 3), r.choice(("SUCCEEDED", "FAILED")), {}))


def two_claim_it(x, r):
    yield from ((0, "RUNNING", {}), (0.4, "RUNNING", {"other": True}), (0.5, "RUNNING", {"if_unclaimed": True}), (1.2, "SUCCEEDED", {}))


def speaks_for_the_scheduler(x, r):
    yield from ((0, "RUNNING", {}), (0.2, "TIMED_OUT", {}), (0.2, "CANCELLED", {}), (0.2, "RETRYING", {"attempt": x["attempt"] + 1}),
                (1.5, "SUCCEEDED", {}))


WAYS = (prompt, prompt, prompt, fails, fails, fails_unseen, slow, slow, dies, never, late, at_the_deadline, at_the_deadline, at_the_deadline, at_the_limit, at_the_limit, twice, astray,
        lies_about_the_attempt, two_claim_it, speaks_for_the_scheduler)


class Crew:
    """Reads a queue, `control` and `status` as they come, and reports; run() until done."""

    def __init__(self, stack, registry, queue, seed):
        self.prefix, self.partitions, self.registry = stack.prefix, stack.partitions, registry
        self.producer = Producer({"bootstrap.servers": stack.brokers, "acks": "all", "linger.ms": 2, "log_level": 0})
        self.consumer = Consumer({"bootstrap.servers": stack.brokers, "group.id": "crew", "enable.auto.commit": False, "log_level": 0,
                                  "isolation.level": "read_committed", "fetch.wait.max.ms": 50})
        self.consumer.assign([TopicPartition(f"{self.prefix}{topic}", p, 0) for topic in (f"executions.{queue}", "status") for p in range(self.partitions)]
                             + [TopicPartition(f"{self.prefix}control", 0, 0)])
        self.names = [str(uuid.UUID(int=random.Random(f"{seed}/{n}").getrandbits(128), version=4)) for n in range(2)]
        self.agenda, self.number, self.seen, self.recent, self.cancelled = [], 0, set(), deque(maxlen=400), set()
        self.counts = dict(taken=0, reports=0, cancelled=0, signs=0)

    def run(self, done):
        """Until done, and until all has been said."""
        while not done.is_set() or self.agenda:
            for message in self.consumer.consume(200, timeout=0.02):
                if message.error() is None:
                    self.take(message)
            self.report_due()
        self.producer.flush(30)
        self.consumer.close()

    def take(self, message):
        name, v = self.registry.decode(message.value())
        if name == "ExecutionCreated" and (v["execution_id"], v["attempt"]) not in self.seen:
            self.seen.add((v["execution_id"], v["attempt"]))
            self.recent.append((v["execution_id"], v["task_id"], v["scheduled_at"]))
            self.begin(v)
        elif name == "ExecutionStatus" and v["status"] == "WAITING" and v["scheduled_at"] is not None:
            self.recent.append((v["execution_id"], v["task_id"], v["scheduled_at"]))
        elif name == "ExecutionSignal":
            self.heed(v)

    def begin(self, x):
        self.counts["taken"] += 1
        if (x["execution_id"], x["attempt"]) in self.cancelled:
            return  # it lay in the queue when it was cancelled
        r = random.Random(f"{x['execution_id']}/{x['attempt']}")
        way, last = r.choice(WAYS), 0
        for after, status, odd in way(x, r):
            last = max(last, after)
            self.plan(after, x, status, odd)
        for n in range(int(last * 1000 / (x["heartbeat_ms"] * 0.6)) if x["heartbeat_ms"] and way is not late else 0):
            self.plan(n * x["heartbeat_ms"] * 0.0006, x, "alive", {})

    def heed(self, signal):
        """Half of them obey; of those some are a little slow."""
        r = random.Random(f"{signal['execution_id']}/cancel")
        self.cancelled.add((signal["execution_id"], signal["attempt"]))
        if r.random() < 0.5 and (signal["execution_id"], signal["attempt"]) in self.seen:
            self.counts["cancelled"] += 1
            self.plan(r.uniform(0, 1), signal, "CANCELLED", {})

    def plan(self, after, x, status, odd):
        self.number += 1
        heapq.heappush(self.agenda, (time.monotonic() + after, self.number, x, status, odd))

    def report_due(self):
        while self.agenda and self.agenda[0][0] <= time.monotonic():
            _, _, x, status, odd = heapq.heappop(self.agenda)
            self.report(x, status, odd)
        self.producer.poll(0)

    def give_a_sign(self, x):
        record = {"execution_id": x["execution_id"], "task_id": x["task_id"], "attempt": x["attempt"], "occurred_at": int(time.time() * MICRO),
                  "worker": {"name": "crew", "incarnation": self.names[0]}, "progress": 50, "message": None}
        self.producer.produce(f"{self.prefix}heartbeats", self.registry.encode(HEARTBEAT_SCHEMA, record), x["task_id"], place.partition(x["task_id"], self.partitions))
        self.counts["signs"] += 1

    def report(self, x, status, odd):
        if status == "alive":
            return self.give_a_sign(x)
        record = blank_status(x["execution_id"], x["task_id"], status, odd.get("attempt", x["attempt"]))
        record["event_id"] = odd.get("event_id", record["event_id"])
        record["if_unclaimed"] = odd.get("if_unclaimed", False)
        record["worker"] = {"name": "crew", "incarnation": self.names[bool(odd.get("other"))]}
        right = place.partition(x["task_id"], self.partitions)
        self.producer.produce(f"{self.prefix}status", self.registry.encode(STATUS_SCHEMA, record), x["task_id"],
                              (right + odd.get("astray", 0)) % self.partitions)
        self.counts["reports"] += 1
