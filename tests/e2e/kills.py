"""Kills every part again and again while the world is busy, then judges the history.

    kills.py [--plant BUG] [--scale small|medium|full] [--mixed]

--mixed: beside `cronobs work` there is a worker of each SDK in the group of q0.

Exit 0: the verdict was as wanted (clean; with --plant: red). The log of every part stays in its folder.
"""
import argparse
import random
import signal
import sys
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from support import judge, mixed, wire
from support.driver import Driver
from support.place import NAMESPACE, partition as murmur2_partition
from support.stack import Stack, wait_for

BEGAN = datetime.now(timezone.utc)
LINES = 5
POINTS = ("turn.begin", "turn.watermark", "turn.produced", "turn.offsets", "turn.committed")
PHASES = ("crash_at_points", "kill_parts", "withhold", "zombie")
PLANTED = {  # bug -> the phases that bring it to light
    "timer-only-without-offsets": ("zombie",), "offsets-apart": ("crash_at_points",), "early-200ms": ("kill_parts",),
    "forget-watermark": ("kill_parts",), "restore-at-eof": ("withhold",), "fold-by-attempt": ("kill_parts",),
}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
SCALES = {  # kills, crash points each, withheld, consumer crashes
    "full": dict(tasks=200, kills=50, per_point=10, withheld=10, batch_points=6, zombies=4, quiet=120),
    "medium": dict(tasks=120, kills=16, per_point=3, withheld=2, batch_points=6, zombies=2, quiet=120),
    "small": dict(tasks=60, kills=6, per_point=2, withheld=2, batch_points=6, zombies=1, quiet=20),
}


def spec_of(i):
    every = ("@every 1s", "@every 1s", "@every 2s", "* * * * *", "@every 1s")[i % 5]
    spec = {
        "title": f"task {i}", "queue": f"q{i % 2}", "payload": mixed.numbers(LINES), "run_timeout_ms": 8000,
        "schedules": [{"expression": every, "zone": ZONES[i % len(ZONES)]}],
        "misfire": {"policy": ("last", "all", "none")[i % 3], "limit": 100},
        "overlap": "skip" if i % 7 == 0 else "allow",
    }
    if i % 11 == 0:
        spec["schedules"].append({"expression": "*/3 * * * *", "zone": "Europe/Paris"})
    if i % 4 == 1:
        spec["jitter_ms"] = (700, 3000, 40000)[i % 3]
    if i % 6 == 2:
        zone = spec["schedules"][0]["zone"]
        spec["calendars"] = [{"name": "naps", "mode": "EXCLUDE", "rules": [{"kind": "hours", "value": span(zone, n, n + 1)} for n in range(1, 20, 3)]}]
    if i % 6 == 4:
        spec["window"] = {"daily_from": span("UTC", -5, 2)[:5], "daily_to": span("UTC", -5, 2)[6:], "zone": "UTC"}
    return spec


def span(zone, first, last):
    """HH:MM-HH:MM on the clocks of the zone, in minutes after the run began."""
    at = [(BEGAN + timedelta(minutes=n)).astimezone(ZoneInfo(zone)).strftime("%H:%M") for n in (first, last)]
    return "-".join(at)


def tiny_segments(stack):
    """So that compaction happens before restores."""
    admin = AdminClient({"bootstrap.servers": stack.brokers})
    values = {"segment.ms": "2000", "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "3000", "delete.retention.ms": "1000"}
    entries = [ConfigEntry(k, v, incremental_operation=AlterConfigOpType.SET) for k, v in values.items()]
    resource = ConfigResource(ResourceType.TOPIC, stack.prefix + "state", incremental_configs=entries)
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(20)


class World:
    stops = ("turn.timer", "turn.produced", "turn.offsets", "turn.timer")  # of zombies, one after the other

    def __init__(self, options):
        self.scale = SCALES[options.scale]
        self.random = random.Random(20260329)
        self.stack = Stack("kills", faults=True, plant=options.plant)
        self.stack.environment["CRONOBS_KAFKA_SESSION_TIMEOUT"] = "6s"
        self.stack.prepare("q0", "q1")
        tiny_segments(self.stack)
        self.driver, self.done = Driver(self.stack), threading.Event()
        self.counts = dict(kills=0, near_due=0, crash_points={p: 0 for p in POINTS}, withheld=0, commands=0)
        self.api = self.stack.start_api()
        self.schedulers = [self.stack.start_scheduler(n) for n in (1, 2)]
        self.consumer = self.stack.start_consumer()
        self.workers = [self.stack.start_worker(f"q{n}", "seq", "1", str(LINES), name=f"worker{n}", concurrency=8) for n in (0, 1)]
        self.mixed = mixed.start_all(self.stack, "q0", 8) if options.mixed else []
        self.workers += self.mixed
        self.keys = [f"task-{i:03}" for i in range(self.scale["tasks"])]
        self.failures = []

    # --- what users do meanwhile ---

    def put(self, i, **changes):
        return self.driver.call("PUT", f"/v1/tasks/default~{self.keys[i]}", dict(spec_of(i), **changes))

    def create(self):
        for i in range(len(self.keys)):
            status, answer, _ = self.put(i)
            assert status in (200, 201, 202), answer

    def command_once(self):
        i = self.random.randrange(len(self.keys))
        path = f"/v1/tasks/default~{self.keys[i]}"
        kind = self.random.choice(("edit", "edit", "pause", "last", "none", "trigger", "trigger", "again", "delete", "same"))
        if kind == "edit":
            self.put(i, title=f"edited {time.time():.3f}", jitter_ms=self.random.choice((0, 0, 900, 20000)))
        elif kind == "same":
            self.put(i)
        elif kind == "pause":
            self.driver.call("POST", path + ":pause", {})
        elif kind in ("last", "none"):
            self.driver.call("POST", path + ":resume", {"gap": kind.upper()})
        elif kind == "trigger":
            self.driver.call("POST", path + ":trigger", {})
        elif kind == "again":
            name = {"Idempotency-Key": uuid.uuid4().hex}
            for _ in range(3):
                self.driver.call("POST", path + ":trigger", {}, name)
        else:
            self.driver.call("DELETE", path)
            self.put(i)
        self.counts["commands"] += 1

    def commands(self):
        while not self.done.wait(0.15):
            self.command_once()

    def noise(self):
        """A confused worker: old and future attempts, repeats, reports after the end."""
        registry = wire.Registry(self.stack.url)
        producer = Producer({"bootstrap.servers": self.stack.brokers, "partitioner": "murmur2_random"})
        incarnation = str(uuid.uuid4())
        with self.stack.connect() as connection:
            while not self.done.wait(0.5):
                rows = connection.execute("SELECT execution_id::text, task_id::text FROM execution WHERE status = 5 "
                                          "ORDER BY execution_id DESC LIMIT 3").fetchall()
                for execution, task in rows:
                    self.lie(registry, producer, execution, task, incarnation)
                producer.flush(10)

    def lie(self, registry, producer, execution, task, incarnation):
        partition = murmur2_partition(task, self.stack.partitions)
        for status, attempt in (("SUCCEEDED", 2), ("FAILED", 1), ("RUNNING", 1), ("FAILED", 3), ("TIMED_OUT", 1)):
            record = blank_status(execution, task, status, attempt)
            record["worker"] = {"name": "liar", "incarnation": incarnation}
            for _ in range(2):  # the same event twice
                producer.produce(self.stack.prefix + "status", registry.encode(6, record), task, partition)

    def early_liar(self):
        """Reports of a wrong attempt that come before the true ones."""
        registry = wire.Registry(self.stack.url)
        producer = Producer({"bootstrap.servers": self.stack.brokers})
        while not self.done.wait(0.3):
            task = judge.uuid.uuid5(judge.uuid.uuid5(NAMESPACE, "project/default"), f"task/{self.keys[0]}")
            at = (int(time.time()) + 2) * 1_000_000
            execution = judge.execution_id(str(task), at)
            record = blank_status(execution, str(task), "FAILED", 2)
            record["worker"] = {"name": "hasty", "incarnation": str(uuid.uuid4())}
            producer.produce(self.stack.prefix + "status", registry.encode(6, record), str(task), murmur2_partition(str(task), self.stack.partitions))
            producer.flush(10)

    # --- what happens to the parts ---

    def near_due(self):
        """Half of the kills come within 100 ms before or after a full second, when most tasks are due."""
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(0.1, 0.9))
            return
        now = time.time()
        target = int(now) + 1 + self.random.uniform(-0.1, 0.1)
        time.sleep(max(0.0, target - now))
        self.counts["near_due"] += 1

    def parts(self):
        return [*self.schedulers, self.consumer, *self.workers]

    def kill_parts(self):
        """Each of them, before any is killed again."""
        parts = []
        for n in range(self.scale["kills"]):
            self.near_due()
            parts = parts or self.random.sample(self.parts(), len(self.parts()))
            self.kill_and_wait(parts.pop())
            if n % 5 == 4:
                self.settle()

    def kill_and_wait(self, part):
        starts = part.starts
        part.kill_group()
        self.counts["kills"] += 1
        wait_for(f"{part.name} is started again", lambda: part.starts > starts, 30)

    def settle(self):
        """Until the scheduler fires again: else kill upon kill would only test starting up."""
        with self.stack.connect() as connection:
            mark = int(time.time()) + 1
            wait_for("firing goes on after kills", lambda: connection.execute(
                "SELECT 1 FROM execution WHERE scheduled_at > to_timestamp(%s) LIMIT 1", (mark,)).fetchone(), 60)

    def crash_at_points(self):
        for round_ in range(self.scale["per_point"]):
            for point in POINTS:
                part = self.schedulers[round_ % 2]
                starts = part.starts
                part.order_fault("kill", point)
                wait_for(f"{part.name} dies at {point}", part.fault_done, 60)
                wait_for(f"{part.name} is started again", lambda: part.starts > starts, 30)
                self.counts["crash_points"][point] += 1
        for n in range(self.scale["batch_points"]):
            point = ("batch.rows", "batch.offsets", "batch.committed")[n % 3]
            starts = self.consumer.starts
            self.consumer.order_fault("kill", point)
            wait_for(f"the consumer dies at {point}", self.consumer.fault_done, 60)
            wait_for("the consumer is started again", lambda: self.consumer.starts > starts, 30)

    def withhold(self):
        """Killed inside a transaction and not started again before its session has ended: the other one takes over and reaps."""
        for n in range(self.scale["withheld"]):
            part = self.schedulers[n % 2]
            part.hold()
            part.order_fault("kill", ("turn.watermark", "turn.produced", "turn.offsets")[n % 3])
            wait_for(f"{part.name} dies", part.fault_done, 60)
            killed = time.monotonic()
            wait_for("the session is over", lambda: time.monotonic() > killed + 7.5, 20)
            self.settle()
            self.kill_and_wait(self.schedulers[1 - n % 2])  # its restore meets what the first one left, and what it wrote itself
            self.settle()
            starts = part.starts
            part.release()
            wait_for(f"{part.name} is started again", lambda: part.starts > starts, 10)
            self.counts["withheld"] += 1
            self.settle()

    def zombie(self):
        """Stopped with a plan in hand past its session, then continued: nothing of it may become visible."""
        for n, point in enumerate(self.stops[:self.scale["zombies"]]):
            part = self.schedulers[n % 2]
            part.order_fault("stop", point)
            wait_for(f"{part.name} stops at {point}", part.fault_done, 60)
            stopped = time.monotonic()
            wait_for("the session is over", lambda: time.monotonic() > stopped + 8, 20)
            self.settle()
            part.kill(signal.SIGCONT)
            self.settle()

    def in_background(self, work):
        def guarded():
            try:
                work()
            except Exception as error:  # a test client's own failure must not pass unseen
                self.failures.append(f"{work.__name__}: {error!r}")
        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def heal(self):
        self.done.set()
        for part in self.parts():
            part.cancel_fault()
            part.release()
        for key in self.keys:
            wait_for(f"{key} is deleted", lambda: self.driver.call("DELETE", f"/v1/tasks/default~{key}", timeout=60)[0] in (200, 202, 204, 404), 60)

    def wait_until_quiet(self):
        for what, query in (("every deletion is decided", "SELECT count(*) FROM command WHERE outcome_at IS NULL"),
                            ("everything has come to its end", "SELECT count(*) FROM execution WHERE status < 5 AND created_at IS NOT NULL")):
            try:
                with self.stack.connect() as connection:
                    wait_for(what, lambda: connection.execute(query).fetchone()[0] == 0, self.scale["quiet"])
            except AssertionError as error:  # the verdict will say what is missing
                self.failures.append(str(error))
        for worker in self.workers:
            worker.stop(60)

    def judge(self):
        history = judge.History(self.stack)
        expected = judge.expected_instants(history)
        with self.stack.connect() as connection:
            judge.wait_until_level(connection, history, wait_for)
            verdicts = [judge.judge_topic(history, expected), judge.judge_table(connection, expected),
                        judge.judge_fold(history, connection), judge.judge_logs(history, connection),
                        judge.judge_numbered(history, LINES, ("liar", "hasty")), judge.judge_commands(history, self.driver.entries)]
        if self.mixed:
            verdicts.append(mixed.judge_handlers(self.stack, self.mixed))
        for verdict in verdicts:
            verdict.show()
        print(f"worst lateness {verdicts[0].worst_lateness / 1e6:.1f} s; statuses {dict(verdicts[2].statuses)}")
        return verdicts


def blank_status(execution, task, status, attempt):
    return {
        "event_id": str(uuid.uuid4()), "execution_id": execution, "task_id": task, "attempt": attempt, "status": status,
        "if_unclaimed": False, "reason": "NONE", "occurred_at": int(time.time() * 1_000_000), "worker": None, "message": None,
        "exit_code": None, "result": None, "next_attempt_at": None, "blocked_by": None, "scheduled_at": None, "trigger": None,
        "revision": None, "queue": None,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plant", choices=PLANTED)
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    world = World(options)
    world.create()
    world.settle()
    for work in (world.commands, world.noise, world.early_liar):
        world.in_background(work)
    for phase in PLANTED.get(options.plant, PHASES):
        started = time.monotonic()
        getattr(world, phase)()
        print(f"# {phase}: {time.monotonic() - started:.0f} s", flush=True)
    world.heal()
    world.wait_until_quiet()
    verdicts = world.judge()
    seen = {phrase: world.stack.count_in_logs(phrase) for phrase in ("transaction aborted", "reaped", "turn planned again")}
    print(f"# {world.counts} {seen} in {time.monotonic() - began:.0f} s", flush=True)
    clean = all(v.is_clean() for v in verdicts) and not world.failures
    for failure in world.failures:
        print(f"  client failed: {failure}")
    world.stack.down()
    if options.plant:
        print(f"planted {options.plant}: {'found' if not clean else 'NOT FOUND'}")
        return 1 if clean else 0
    return 0 if clean and (options.scale == "small" or all(seen.values())) else 1


if __name__ == "__main__":
    sys.exit(main())
