"""What a liar writes: one table of kinds, each a generator of (topic, partition, key, value) from a seeded random.

The same seed and the same beginning give the same bytes; nothing here looks at a clock or at what is there. Left out, because
nothing can tell it from the truth (docs/hardening.md, "What may be forged"):

- a well-formed order for an honest task in its own partition: whoever may write to `commands` may give orders;
- what only the scheduler writes, for an honest task, in its own partition and in every respect as the scheduler would have
  written it: a birth, a revision or a gap within their ranges, a work order, a cancel signal, its keys in `state`;
- an unreadable value under a key of `state` that says what a partition is (`watermark`, `task/<id>`), and a sound record of a
  newer schema where only our own parts write: both stop that partition until a person decides.
"""
import random
import struct
import uuid
from dataclasses import dataclass

from . import judge, place, wire

MICRO = 1_000_000
STEP = 5  # seconds between two instants of most honest tasks
LEFT_ALONE = "\x01not UTF-8\x01"  # stands for bytes that no encoder would write
BAD_UTF8 = b"\xff\xfe\xc3\x28\xed\xa0\x80\x80\xf8\xff\x00"
STATUSES = judge.CODES
IDS = {"Command": 1, "TaskRevision": 2, "CommandOutcome": 3, "ScheduleGap": 4, "ExecutionCreated": 17, "ExecutionStatus": 6,
       "Heartbeat": 7, "LogBatch": 16, "ExecutionSignal": 9, "TaskState": 19, "RunState": 11, "OpenExecution": 18, "Watermark": 13}
NEWEST = max(IDS.values())  # the ids in between are older versions
WHERE = {"commands": ("Command",), "tasks": ("TaskRevision", "CommandOutcome", "ScheduleGap"), "status": ("ExecutionStatus",),
         "heartbeats": ("Heartbeat",), "logs": ("LogBatch",), "control": ("ExecutionSignal",),
         "state": ("TaskState", "RunState", "OpenExecution")}
OURS_ALONE = ("commands", "tasks", "state", "control")  # and every queue: where a newer record is a reason to stop

NO_RETRY = {"max_attempts": 1, "first_delay_ms": 0, "max_delay_ms": 0, "jitter_ms": 0, "multiplier": 0.0, "on": None}

# What a field holds when it is not to be strange; whatever is not named here gets a plain value of its type.
PLAIN = {
    "expression": ("@every 5s", "@every 20s", "* * * * *"), "zone": (None, "UTC", "Europe/Berlin"), "queue": ("q0", "q1", "no-such-queue"),
    "project": ("default",), "attempt": (1, 1, 1, 2), "max_attempts": (1,), "revision": (1,), "max_concurrency": (1,), "first_seq": (1, 2, 5),
    "retry": (NO_RETRY,), "limit": (10,), "after_ms": (5000,), "window_ms": (60000,), "run_timeout_ms": (None, 5000), "jitter_ms": (0, 500),
    "heartbeat_ms": (None,), "calendars": ([],), "window": (None,), "daily_from": (None,), "daily_to": (None,),
    "more": (False,), "count": (1, 3), "progress": (None, 50), "labels": ({}, {"a": "b"}), "expected_revision": (None,),
    "dialect": ("AUTO",), "overlap": ("ALLOW", "SKIP"), "start_by": (None,), "finish_by": (None,), "start_deadline_ms": (None,), "finish_by_ms": (None,), "pause_after_failures": (None,),
    "tzdata": ("2025b",), "unsent": (False,), "cancelled": ("NONE",), "spec_since": (0, 1), "waited": (False,), "cancel_by": (None,), "content_type": (None, "text/plain"), "kind": ("project",),
}
EXTREMES = {
    "int": (0, -1, 2**31 - 1, -2**31, 32767, 32768, 70000), "double": (float("nan"), float("inf"), -1.0, 0.0, 1e308),
    "long": (0, -1, 2**63 - 1, -2**63, 2**62, 2**53, 9223372036854775, -62135596800000001, 253402300800000000),
}


@dataclass(frozen=True)
class Lie:
    kind: str
    topic: str
    partition: int
    key: bytes
    value: bytes


class Liar:
    """One liar with its knowledge: who is honest, what they run, and which hour it is in its story."""

    def __init__(self, seed, began, registry, keys, held, partitions, kinds=None):
        self.seed, self.began, self.registry, self.partitions = seed, began, registry, partitions
        self.honest = {place.task_id(k): k for k in (*keys, *held)}
        self.tasks, self.held = [place.task_id(k) for k in keys], [place.task_id(k) for k in held]
        self.strange = [place.task_id(f"strange-{i}") for i in range(24)]
        self.queues = ("executions.q0", "executions.q1", "executions.held")
        self.topics = (*WHERE, *self.queues)
        self.places = [(t, p) for t in self.topics for p in range(1 if t == "control" else partitions)]
        self.kinds, self.now, self.turn = sorted(kinds or KINDS), began, 0

    # --- the story ---

    def chapter(self, number, pace, lies=16):
        """The lies of one moment, which is `number` times `pace` (microseconds) after the beginning."""
        self.now, r = self.began + number * pace, random.Random(f"{self.seed}/{number}")
        self.turn = number * lies
        told = []
        for i in range(lies):
            kind = self.kinds[(number * lies + i) % len(self.kinds)]
            told += [Lie(kind, topic, 0 if topic == "control" else p, key, value) for topic, p, key, value in KINDS[kind](self, r)]
            self.turn += 1
        r.shuffle(told)
        return told

    # --- who and where ---

    def place_of(self, task):
        return place.partition(task, self.partitions)

    def elsewhere(self, r, task):
        return (self.place_of(task) + r.randrange(1, self.partitions)) % self.partitions

    def someone(self, r):
        """A task: busy, waiting for ever, or one that nobody ordered."""
        return r.choice((r.choice(self.tasks), r.choice(self.held), r.choice(self.strange)))

    def execution(self, r, task):
        """One that the schedule may have made a moment ago."""
        return self.execution_of(task, r.randrange(0, 3))

    def execution_of(self, task, back):
        return judge.execution_id(task, (self.now // MICRO // STEP - back) * STEP * MICRO)

    def invented(self, r, task):
        """An id of the right form that no schedule computes."""
        return judge.execution_id(task, self.now - r.randrange(60) * MICRO, r.choice(("external", "command")), uid(r))

    def next_place(self):
        """Every topic and every partition in its turn."""
        return self.places[(self.turn * 7) % len(self.places)]

    # --- records ---

    def record(self, r, name, strangeness=0.0, **fields):
        made = self.value(r, self.registry.schema(IDS[name]), strangeness, {})
        made.update(fields)
        return made

    def value(self, r, schema, strangeness, known, field=None):
        if isinstance(schema, dict) and schema.get("name"):
            known[schema["name"]] = schema
        if isinstance(schema, str) and schema in known:
            schema = known[schema]
        if isinstance(schema, list):
            return self.branch(r, schema, strangeness, known, field)
        kind = schema if isinstance(schema, str) else schema["type"]
        odd = r.random() < strangeness
        if field in PLAIN and not odd:
            return r.choice(PLAIN[field])
        if kind == "record":
            return {f["name"]: self.value(r, f["type"], strangeness, known, f["name"]) for f in schema["fields"]}
        if kind == "enum":
            return r.choice(schema["symbols"])
        if kind == "array":
            return [self.value(r, schema["items"], strangeness, known) for _ in range(r.choice((0, 1, 1, 17)) if odd else 1)]
        if kind == "map":
            return {self.text(r, odd): self.text(r, odd) for _ in range(r.choice((1, 40)) if odd else 1)}
        return self.leaf(r, kind, schema, odd)

    def branch(self, r, union, strangeness, known, field):
        if "null" in union:
            if field in PLAIN and r.random() >= strangeness:
                return r.choice(PLAIN[field])
            if r.random() < 0.5:
                return None
        choice = r.choice([b for b in union if b != "null"])
        made = self.value(r, choice, strangeness, known, field)
        name = choice if isinstance(choice, str) else choice.get("name")
        return (name, made) if len(union) > 2 else made

    def leaf(self, r, kind, schema, odd):
        logical = schema.get("logicalType") if isinstance(schema, dict) else None
        if kind == "string":
            if logical == "uuid":
                return uid(r)
            return self.text(r, odd)
        if kind == "bytes":
            return r.randbytes(r.choice((0, 70_000)) if odd else 8)
        if kind == "boolean":
            return r.random() < 0.5
        if odd:
            return r.choice(EXTREMES[kind])
        if logical in ("timestamp-micros", "local-timestamp-micros"):
            return self.now - r.randrange(60 * MICRO)
        return 1.5 if kind == "double" else r.randrange(1, 1000)

    def text(self, r, odd):
        if not odd:
            return r.choice(("x", "a text", "Grüße"))
        return r.choice(("", "a\0b", LEFT_ALONE, "\u202e\x1b[2J", "z" * r.choice((201, 5000, 200_000)), "'; DROP TABLE execution;--", "\x00" * 30))

    def frame(self, name, record):
        return self.registry.encode(IDS[name], record).replace(LEFT_ALONE.encode(), BAD_UTF8)

    def report(self, r, task, execution, strangeness=0.0, **fields):
        base = dict(attempt=r.choice((1, 1, 1, 2, 0)), status=r.choice(STATUSES), if_unclaimed=r.random() < 0.2, next_attempt_at=None,
                    scheduled_at=None, trigger=None, revision=None, queue=None, worker=self.worker(r), message="as I say", result=None)
        if strangeness:
            base = {k: v for k, v in base.items() if r.random() > strangeness}
            base.update(scheduled_at=None, trigger=None)
        return self.record(r, "ExecutionStatus", strangeness, execution_id=execution, task_id=task, **dict(base, **fields))

    def worker(self, r):
        return {"name": "liar", "incarnation": uid(r)}

    def honest_looking(self, r, topic):
        """A sound frame of a record that belongs in the topic, and its key; of a strange task wherever an honest one would be believed."""
        name = r.choice(WHERE.get(topic, ("ExecutionCreated",)))
        task = self.someone(r) if topic in ("status", "logs", "heartbeats") else r.choice(self.strange)
        fields = {"task_id": task}
        if name in ("ExecutionStatus", "LogBatch", "Heartbeat", "ExecutionCreated", "ExecutionSignal"):
            fields["execution_id"] = self.invented(r, task)
        if name == "ExecutionStatus":
            fields.update(scheduled_at=None, trigger=None)
        return fields["execution_id"] if name == "LogBatch" else task, self.frame(name, self.record(r, name, **fields))

    def key(self, r, topic):
        """Any key; in `state` never one that says what a partition is."""
        if topic == "state":
            return r.choice((None, b"", b"evil", b"watermark2", b"task/", b"task/not-an-id", f"open/{uid(r)}".encode(), f"run/{uid(r)}".encode(),
                             r.randbytes(20), b"open/" + b"0" * 36, b"k" * 70_000))
        return r.choice((None, b"", self.someone(r).encode(), r.randbytes(16), b"\xff\xfe", b"k" * 5000, uid(r).encode()))


def uid(r):
    return str(uuid.UUID(int=r.getrandbits(128), version=4))


def event_of(execution, attempt, status):
    """What the scheduler would call it."""
    return str(uuid.uuid5(uuid.UUID(execution), f"{attempt}/{status}"))


def varint(n):
    n, out = (n << 1) ^ (n >> 63), bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytearray([n]))


def head(number, magic=0):
    return struct.pack(">bI", magic, number)


# --- bytes that are no record: any topic, any partition ---

def random_bytes(liar, r):
    topic, p = liar.next_place()
    yield topic, p, liar.key(r, topic), r.randbytes(r.choice((1, 4, 5, 6, 40, 3000)))


def nothing(liar, r):
    topic, p = liar.next_place()
    yield topic, p, liar.key(r, topic), r.choice((None, b""))


def wrong_frame(liar, r):
    topic, p = liar.next_place()
    _, frame = liar.honest_looking(r, topic)
    number = r.randint(1, NEWEST)
    yield topic, p, liar.key(r, topic), r.choice((head(number, 1) + frame[5:], head(0) + frame[5:], frame[:1], frame[:5], frame[1:]))


def another_id(liar, r):
    """The body of one record under the id of another."""
    topic, p = liar.next_place()
    _, frame = liar.honest_looking(r, topic)
    own = struct.unpack(">I", frame[1:5])[0]
    yield topic, p, liar.key(r, topic), head(r.choice([n for n in range(1, NEWEST + 1) if n != own])) + frame[5:]


def newer_garbage(liar, r):
    topic, p = liar.next_place()
    yield topic, p, liar.key(r, topic), head(r.choice((NEWEST + 1, NEWEST + 2, 100, 65536, 2**31 - 1, 2**32 - 1))) + b"\xff" * r.randrange(0, 40)


def newer_record(liar, r):
    topic = r.choice(("status", "logs", "heartbeats"))
    key, frame = liar.honest_looking(r, topic)
    yield topic, liar.place_of(key), key.encode(), head(r.choice((NEWEST + 1, NEWEST + 5, 2**31))) + frame[5:]


def truncated(liar, r):
    topic, p = liar.next_place()
    _, frame = liar.honest_looking(r, topic)
    yield topic, p, liar.key(r, topic), frame[:r.randrange(6, len(frame))] if r.random() < 0.7 else frame + r.randbytes(3)


def length_bomb(liar, r):
    """Lengths and counts that would need all memory there is."""
    topic, p = liar.next_place()
    name = r.choice(WHERE.get(topic, ("ExecutionCreated",)))
    big = varint(r.choice((2**31, 2**40, 2**62, -2**62, -(2**63), 2**63 - 1, 10_000_000)))
    yield topic, p, liar.key(r, topic), head(IDS[name]) + r.choice((big, varint(36) + b"0" * 36 + big, (varint(36) + b"0" * 36) * 2 + varint(1) + big))


def block_bomb(liar, r):
    """An array of very many lines of no bytes, or one that never ends."""
    task = r.choice(liar.strange)
    execution = liar.invented(r, task)
    start = b"".join(varint(36) + t.encode() for t in (execution, task)) + varint(1) + varint(36) + uid(r).encode() + varint(1)
    line = varint(0) + varint(0) + varint(0) + varint(0)
    body = r.choice((varint(200_000) + line * 200_000 + varint(0), varint(2**40) + line * 10, (varint(1) + line) * 5000, varint(-5) + varint(2**40) + line * 5))
    yield "logs", liar.place_of(execution), execution.encode(), head(IDS["LogBatch"]) + start + body + varint(0)


def mutated(liar, r):
    """A sound record with some bits turned."""
    topic, p = liar.next_place()
    key, frame = liar.honest_looking(r, topic)
    changed = bytearray(frame)
    for _ in range(r.choice((1, 1, 2, 8))):
        changed[r.randrange(5, len(changed))] ^= 1 << r.randrange(8)
    yield topic, r.choice((p, liar.place_of(key))), liar.key(r, topic), bytes(changed)


def any_record(liar, r):
    """Sound by its schema, strange in what its fields hold; of tasks that nobody ordered."""
    topic, p = liar.next_place()
    name, task = r.choice(WHERE.get(topic, ("ExecutionCreated",))), r.choice(liar.strange)
    record = liar.record(r, name, r.choice((0.02, 0.1, 0.5)))
    for field in ("task_id", "execution_id"):
        if field in record and r.random() < 0.8:
            record[field] = task if field == "task_id" else liar.invented(r, task)
    yield topic, r.choice((p, liar.place_of(task))), liar.key(r, topic), liar.frame(name, record)


def in_the_wrong_topic(liar, r):
    topic, p = liar.next_place()
    other = r.choice([t for t in liar.topics if t != topic and not (t in liar.queues and topic in liar.queues)])
    yield topic, p, liar.key(r, topic), liar.honest_looking(r, other)[1]


# --- reports ---

def loud_report(liar, r):
    """On what really runs, as a confused worker would."""
    task = liar.someone(r)
    yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", liar.report(r, task, liar.execution(r, task)))


def early_report(liar, r):
    """On what is not made yet, but will be."""
    task = liar.someone(r)
    status = r.choice(("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "CANCELLING"))
    execution = liar.execution_of(task, -1)
    report = liar.report(r, task, execution, status=status, attempt=1)
    if r.random() < 0.3:
        report.update(worker=None, event_id=event_of(execution, 1, status))
    yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", report)


def strange_report(liar, r):
    task = liar.someone(r)
    report = liar.report(r, task, r.choice((liar.execution, liar.invented))(r, task), 0.15)
    yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", report)


def anothers_execution(liar, r):
    """An execution of one task, reported on under the id of another: in the place of either."""
    whose, said = liar.someone(r), liar.someone(r)
    execution = liar.execution(r, whose)
    for status in ("RUNNING", r.choice(("SUCCEEDED", "FAILED", "CANCELLED"))):
        report = liar.report(r, said, execution, attempt=1, status=status)
        yield "status", liar.place_of(r.choice((whose, said, said))), said.encode(), liar.frame("ExecutionStatus", report)


def misplaced_report(liar, r):
    task = liar.someone(r)
    yield "status", liar.elsewhere(r, task), task.encode(), liar.frame("ExecutionStatus", liar.report(r, task, liar.execution(r, task)))


def one_event_twice(liar, r):
    """The same event id: for two executions, for two statuses of one, in two partitions."""
    event, first, second = uid(r), liar.someone(r), liar.someone(r)
    execution = liar.execution(r, first)
    for task, execution, status in ((first, execution, "RUNNING"), (first, execution, "FAILED"), (second, liar.execution(r, second), "RUNNING")):
        report = liar.report(r, task, execution, event_id=event, status=status, attempt=1)
        yield "status", liar.place_of(r.choice((first, task, task))), task.encode(), liar.frame("ExecutionStatus", report)


def without_worker(liar, r):
    """A worker that forgets to say who it is; the sequences in which a scheduler and a history could part."""
    task = liar.someone(r)
    execution = liar.execution(r, task)
    for status, attempt in r.choice(((("WAITING", 1), ("PENDING", 1), ("SKIPPED", 1)), (("RUNNING", 1), ("FAILED", 1), ("RETRYING", 2)),
                                     (("RUNNING", 1), ("LOST", 1), ("RETRYING", 2), ("RUNNING", 2)), (("CANCELLING", 1), ("CANCELLED", 1)))):
        report = liar.report(r, task, execution, status=status, attempt=attempt, worker=None)
        yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", report)


def as_the_scheduler(liar, r):
    """With the event id that the scheduler would compute. For a strange task births too; an honest one's end is believed."""
    task = liar.someone(r)
    execution, attempt = liar.execution(r, task), r.choice((1, 1, 2))
    status = r.choice(("TIMED_OUT", "LOST", "MISSED", "CANCELLING", "RETRYING", "WAITING", "SKIPPED", "RUNNING", "SUCCEEDED"))
    report = liar.report(r, task, execution, status=status, attempt=attempt, worker=None, event_id=event_of(execution, attempt, status))
    if task in liar.strange:
        report.update(scheduled_at=liar.now, trigger=r.choice(judge.TRIGGERS), revision=1, queue=r.choice(("q0", "", "z" * 300)))
    yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", report)


def born_by_a_worker(liar, r):
    """What a birth says, said by a worker: makes no execution of a schedule."""
    task = liar.someone(r)
    trigger = r.choice(("SCHEDULED", "CATCH_UP", "MANUAL", "EXTERNAL"))
    report = liar.report(r, task, liar.invented(r, task), attempt=1, status=r.choice(("RUNNING", "SUCCEEDED", "SKIPPED")),
                         scheduled_at=liar.now, trigger=trigger, revision=1, queue="q0")
    if r.random() < 0.3 and trigger != "EXTERNAL":
        report["worker"] = None
    yield "status", liar.place_of(task), task.encode(), liar.frame("ExecutionStatus", report)


def bad_id(liar, r):
    task = liar.someone(r)
    when = r.choice((-1, 0, 900_000_000, 4_102_444_800, 2**40)) * MICRO
    execution = r.choice((uid(r), judge.execution_id(task, when % 2**57), "0" * 8 + "-0000-0000-0000-" + "0" * 12))
    topic, name = r.choice((("status", "ExecutionStatus"), ("logs", "LogBatch"), ("heartbeats", "Heartbeat")))
    record = liar.record(r, name, execution_id=execution, task_id=task, attempt=1)
    if name == "ExecutionStatus":
        record.update(scheduled_at=None, trigger=None)
    key = execution if topic == "logs" else task
    yield topic, liar.place_of(key), key.encode(), liar.frame(name, record)


# --- logs and signs of life ---

def log_lines(liar, r, n, message="a lie"):
    return [{"at": liar.now, "level": r.choice(("INFO", "WARN")), "stream": "STDOUT", "message": f"{message} {i}"} for i in range(n)]


def lying_log(liar, r):
    task = liar.someone(r)
    lines = log_lines(liar, r, r.choice((0, 1, 5)), r.choice(("a lie", "a\0b", LEFT_ALONE, "\x1b[31m")))
    execution = liar.execution(r, task)
    batch = liar.record(r, "LogBatch", task_id=task, execution_id=execution, lines=lines, attempt=r.choice((1, 1, 0, 2, 40000)),
                        first_seq=r.choice((1, 1, 3, 2**53, 2**53 - 1, -5, 0, 2**63 - 1)))
    yield "logs", liar.place_of(execution), execution.encode(), liar.frame("LogBatch", batch)


def log_in_two_places(liar, r):
    """One writer in two partitions, with sequences that overlap."""
    task, writer = liar.someone(r), uid(r)
    execution = liar.execution(r, task)
    home = liar.place_of(execution)
    for p, first in ((liar.elsewhere(r, execution), 1), (home, 3), (liar.elsewhere(r, execution), 5), (home, 2)):
        batch = liar.record(r, "LogBatch", task_id=task, execution_id=execution, writer=writer, attempt=1, first_seq=first, lines=log_lines(liar, r, 5, str(p)))
        yield "logs", p, execution.encode(), liar.frame("LogBatch", batch)


def log_with_gaps(liar, r):
    task, writer = r.choice(liar.strange), uid(r)
    execution = liar.execution(r, task)
    for _ in range(30):
        batch = liar.record(r, "LogBatch", task_id=task, execution_id=execution, writer=writer, attempt=1, first_seq=r.randrange(1, 4000) * 3,
                            lines=log_lines(liar, r, r.choice((1, 2, 7))))
        yield "logs", liar.place_of(execution), execution.encode(), liar.frame("LogBatch", batch)


def anothers_log(liar, r):
    whose, said = liar.someone(r), liar.someone(r)
    execution = liar.execution(r, whose)
    batch = liar.record(r, "LogBatch", task_id=said, execution_id=execution, attempt=1, first_seq=1, lines=log_lines(liar, r, 3))
    yield "logs", liar.place_of(r.choice((execution, said))), execution.encode(), liar.frame("LogBatch", batch)


def giant(liar, r):
    """As large as a topic takes, and larger than any limit of ours."""
    task = liar.someone(r)
    execution, long = liar.execution(r, task), "g" * r.choice((5_000, 70_000, 900_000))
    topic, name, fields = r.choice((
        ("status", "ExecutionStatus", {"message": long}), ("status", "ExecutionStatus", {"worker": {"name": long, "incarnation": uid(r)}}),
        ("status", "ExecutionStatus", {"result": long.encode()}), ("heartbeats", "Heartbeat", {"message": long}),
        ("logs", "LogBatch", {"lines": [{"at": 0, "level": "INFO", "stream": "LOG", "message": long}]}),
        ("logs", "LogBatch", {"lines": log_lines(liar, r, len(long) // 90)})))
    record = liar.record(r, name, task_id=task, execution_id=execution, attempt=1)
    record.update(scheduled_at=None, trigger=None) if name == "ExecutionStatus" else None
    record.update(fields)
    key = execution if topic == "logs" else task
    yield topic, liar.place_of(key), key.encode(), liar.frame(name, record)


def heartbeat(liar, r):
    task = liar.someone(r)
    record = liar.record(r, "Heartbeat", r.choice((0, 0.3)), task_id=task, execution_id=r.choice((liar.execution, liar.invented))(r, task))
    yield "heartbeats", r.choice((liar.place_of(task), liar.elsewhere(r, task))), task.encode(), liar.frame("Heartbeat", record)


# --- what the API and the scheduler write ---

def strange_order(liar, r):
    """Anybody's orders for tasks that no honest user has; some of them come true."""
    i = r.randrange(24)
    task = liar.strange[i]
    command = liar.record(r, "Command", r.choice((0, 0, 0.05, 0.3)), task_id=task)
    body = command["body"]
    if isinstance(body, tuple) and body[0].endswith("PutTask") and r.random() < 0.8:
        body[1]["spec"]["key"] = f"strange-{i}"
    yield "commands", r.choice((liar.place_of(task),) * 4 + (liar.elsewhere(r, task),)), task.encode(), liar.frame("Command", command)


def misplaced_order(liar, r):
    """For an honest task, but in another partition: refused, or never heard."""
    task = r.choice(liar.tasks)
    command = liar.record(r, "Command", task_id=task)
    if r.random() < 0.5:
        spec = liar.record(r, "TaskRevision")["spec"]
        spec.update(key=liar.honest[task], labels={}, queue="q0", payload=None, content_type=None)
        command["body"] = ("io.cronobs.PutTask", {"spec": spec})
    yield "commands", liar.elsewhere(r, task), task.encode(), liar.frame("Command", command)


def one_command_twice(liar, r):
    command, bodies = uid(r), ("io.cronobs.DeleteTask", "io.cronobs.SkipNext")
    for task, body in zip(r.sample(liar.strange, 2), bodies):
        record = liar.record(r, "Command", task_id=task, command_id=command, body=(body, {}))
        yield "commands", liar.place_of(task), task.encode(), liar.frame("Command", record)


def forged_revision(liar, r):
    """For an honest task in another place, for a strange one anywhere and with any number."""
    honest = r.random() < 0.5
    task = r.choice(liar.tasks if honest else liar.strange)
    p = liar.elsewhere(r, task) if honest else r.choice((liar.place_of(task), liar.elsewhere(r, task)))
    number = r.choice((1, 2, 50, 2**31 - 1, 0, -1, -2**31))
    record = liar.record(r, "TaskRevision", r.choice((0, 0, 0.2)), task_id=task, revision=number)
    yield "tasks", p, task.encode(), liar.frame("TaskRevision", record)


def impossible_revision(liar, r):
    """Of an honest task and in its place, with a number that no revision has."""
    task = r.choice(liar.tasks)
    record = liar.record(r, "TaskRevision", task_id=task, revision=r.choice((0, -1, -2**31)), state=r.choice(("DELETED", "ACTIVE")))
    yield "tasks", liar.place_of(task), task.encode(), liar.frame("TaskRevision", record)


def forged_outcome(liar, r):
    task = liar.someone(r)
    record = liar.record(r, "CommandOutcome", r.choice((0, 0.2)), task_id=task)
    yield "tasks", r.choice((liar.place_of(task), liar.elsewhere(r, task))), task.encode(), liar.frame("CommandOutcome", record)


def forged_gap(liar, r):
    """For an honest task in another place or with numbers that make no sense; for a strange one also a plausible one."""
    task = liar.someone(r)
    record = liar.record(r, "ScheduleGap", r.choice((0, 0.3)), task_id=task)
    p = liar.place_of(task)
    if task in liar.honest:
        if r.random() < 0.5:
            p = liar.elsewhere(r, task)
        else:
            record["count"] = r.choice((-5, -2**31, -1))
    yield "tasks", p, task.encode(), liar.frame("ScheduleGap", record)


def forged_work(liar, r):
    """Work orders of executions that nobody made: of strange tasks anything, of honest ones in another partition."""
    honest = r.random() < 0.3
    task = r.choice(liar.tasks if honest else liar.strange)
    record = liar.record(r, "ExecutionCreated", r.choice((0, 0, 0.1, 0.3)), task_id=task, execution_id=liar.invented(r, task))
    record["status_partition"] = r.choice((liar.place_of(task), liar.place_of(task), 0, -1, 2**31 - 1, liar.partitions))
    record["heartbeat_ms"] = r.choice((None, None, 1, 2**63 - 1, 2**62, 9223372036854775, -1))
    if r.random() < 0.05:
        record["labels"] = {str(i): "x" * 30 for i in range(15_000)}
    p = liar.elsewhere(r, task) if honest else r.choice((liar.place_of(task), r.randrange(liar.partitions)))
    yield r.choice(liar.queues), p, task.encode(), liar.frame("ExecutionCreated", record)


def forged_signal(liar, r):
    task = r.choice(liar.strange)
    record = liar.record(r, "ExecutionSignal", r.choice((0, 0.3)), task_id=task, execution_id=liar.invented(r, task))
    yield "control", r.choice((liar.place_of(task), liar.elsewhere(r, task))), record["execution_id"].encode(), liar.frame("ExecutionSignal", record)


def stray_state(liar, r):
    """Sound records of strange tasks, and keys of honest tasks where they do not belong."""
    honest = r.random() < 0.3
    task = r.choice(liar.tasks if honest else liar.strange)
    execution, p = liar.invented(r, task), r.randrange(liar.partitions)
    if honest:
        p = liar.elsewhere(r, task)
    name = r.choice(("TaskState", "RunState", "OpenExecution"))
    key = {"TaskState": f"task/{task}", "RunState": f"run/{task}", "OpenExecution": f"open/{execution}"}[name]
    fields = {"task_id": task, **({"execution_id": execution} if name == "OpenExecution" else {})}
    strangeness = 0 if name == "TaskState" else r.choice((0, 0.2))
    yield "state", p, key.encode(), liar.frame(name, liar.record(r, name, strangeness, **fields))


def stray_open(liar, r):
    """An open execution under another's key, of a task that is not there, or of no sense at all."""
    task = r.choice(liar.strange)
    key = f"open/{liar.invented(r, task)}".encode()
    value = r.choice((None, b"", r.randbytes(30), liar.frame("RunState", liar.record(r, "RunState", task_id=task)),
                      liar.frame("OpenExecution", liar.record(r, "OpenExecution", 0.2, task_id=uid(r), execution_id=liar.invented(r, task)))))
    yield "state", r.randrange(liar.partitions), key, value


KINDS = {f.__name__.replace("_", " "): f for f in (
    random_bytes, nothing, wrong_frame, another_id, newer_garbage, newer_record, truncated, length_bomb, block_bomb, mutated, any_record,
    in_the_wrong_topic, loud_report, early_report, strange_report, anothers_execution, misplaced_report, one_event_twice, without_worker, as_the_scheduler,
    born_by_a_worker, bad_id, lying_log, log_in_two_places, log_with_gaps, anothers_log, giant, heartbeat, strange_order, misplaced_order,
    one_command_twice, forged_revision, impossible_revision, forged_outcome, forged_gap, forged_work, forged_signal, stray_state, stray_open)}
