"""What became of lies, and whether they did harm: judged by the topics, the tables and the ledger of what was written."""
import re
import uuid
from collections import Counter, defaultdict

from . import judge, place, wire

EXECUTION = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
PROJECTED = ("commands", "tasks", "status", "logs")  # and every queue; heartbeats may be passed over and keep the last one


class Records:
    """Everything that readers see, with what the liar wrote told apart from what is true."""

    def __init__(self, stack, ledger, honest):
        self.prefix, self.brokers, self.ledger, self.honest = stack.prefix, stack.brokers, ledger, honest
        self.partitions = stack.partitions
        self.registry = wire.Registry(stack.url, lenient=True)
        names = wire.topic_names(self.brokers, self.prefix)
        self.queues = [t[len(self.prefix):] for t in names if t.startswith(self.prefix + "executions.")]
        self.all = [m for t in (*PROJECTED, *self.queues) for m in self.read(t)]

    def read(self, topic):
        """Block bombs stay bytes: unpacked, ten minutes of them are 40 million lines; each must be a dead letter anyway."""
        sealed = {(p, o) for (t, p, o), lie in self.ledger.at.items() if t == topic and lie.kind == "block bomb"}
        return wire.read_topic(self.brokers, self.registry, self.prefix + topic, sealed=sealed)

    def place(self, message):
        return message.topic[len(self.prefix):], message.partition, message.offset

    def is_lie(self, message):
        return self.place(message) in self.ledger.at

    def of(self, *topics):
        return [m for m in self.all if m.topic[len(self.prefix):] in topics]


class Truth(judge.History):
    """The history of the honest tasks, as if nobody had lied."""

    def __init__(self, records):
        self.brokers, self.prefix, self.queues = records.brokers, records.prefix, records.queues
        self.records = records
        self.commands, self.tasks, self.statuses, self.logs = (self.read(t) for t in ("commands", "tasks", "status", "logs"))
        self.created = [m for q in self.queues for m in self.read(q) if m.name == "ExecutionCreated"]

    def read(self, suffix):
        return [m for m in self.records.of(suffix) if m.name and not self.records.is_lie(m) and m.value["task_id"] in self.records.honest]


class Tables:
    """What the consumer made of it."""

    def __init__(self, connection):
        rows = lambda query: set(connection.execute(query).fetchall())
        self.dead = rows("SELECT topic, part, kafka_offset FROM dead_letter")
        self.longest = max((r[0] for r in rows("SELECT length(value) FROM dead_letter WHERE value IS NOT NULL")), default=0)
        self.command = rows("SELECT command_id::text FROM command WHERE kind IS NOT NULL")
        self.outcome = rows("SELECT command_id::text FROM command WHERE outcome_at IS NOT NULL")
        self.event = rows("SELECT execution_id::text, event_id::text FROM execution_event")
        self.execution = rows("SELECT execution_id::text FROM execution WHERE created_at IS NOT NULL")
        self.revision = rows("SELECT task_id::text, revision FROM task_revision")
        self.gap = rows("SELECT task_id::text, revision FROM schedule_gap")
        self.line = rows("SELECT execution_id::text, attempt, writer::text, seq FROM log_line")


KEPT = {  # record -> is there what it says?
    "Command": lambda t, v: (v["command_id"],) in t.command,
    "CommandOutcome": lambda t, v: (v["command_id"],) in t.outcome,
    "TaskRevision": lambda t, v: (v["task_id"], v["revision"]) in t.revision,
    "ScheduleGap": lambda t, v: (v["task_id"], v["revision"]) in t.gap,
    "ExecutionCreated": lambda t, v: (v["execution_id"],) in t.execution,
    "ExecutionStatus": lambda t, v: (v["execution_id"], v["event_id"]) in t.event,
    "LogBatch": lambda t, v: lines_of(v) <= t.line,
}


def judge_lies(records, truth, tables):
    """Every record is used, kept or a dead letter; no true one is a dead letter."""
    verdict = judge.Verdict("lies")
    for m in records.all:
        where = records.place(m)
        if not records.is_lie(m) or where in tables.dead:
            continue
        if m.name is None:
            verdict.find("unburied", f"{where} {records.ledger.at[where]}: {bytes(m.value or b'')[:40]!r}")
        elif m.name not in KEPT or not KEPT[m.name](tables, m.value):
            verdict.find("lost", f"{where} {m.name} {records.ledger.at[where]}")
    for where, lie in records.ledger.at.items():
        if lie.kind == "zstd bomb" and where not in tables.dead and where[0] not in ("heartbeats", "state"):  # may be passed over; not projected
            verdict.find("unburied", f"{where} {lie}")
    if tables.longest > 64 << 10:
        verdict.find("unbounded", f"a dead letter of {tables.longest} bytes")
    for m in true_ones(truth):
        if records.place(m) in tables.dead:
            verdict.find("buried alive", f"{records.place(m)} {m.name}")
    verdict.expected = sum(records.is_lie(m) for m in records.all)
    return verdict


def true_ones(truth):
    """What is true, without reports of workers on work orders that the scheduler never gave."""
    made = {m.value["execution_id"] for m in truth.created}
    yield from (*truth.commands, *truth.tasks, *truth.created)
    yield from (m for m in (*truth.statuses, *truth.logs) if m.value["execution_id"] in made)


def wait_until_level(connection, records, wait_for):
    """Until the projection has read all that there is."""
    ends = {}
    for m in records.all:
        topic, partition, offset = records.place(m)
        ends[topic, partition] = max(ends.get((topic, partition), 0), offset + 1)

    def is_level():
        at = {(t, p): n for t, p, n in connection.execute("SELECT topic, part, next_offset FROM kafka_offset").fetchall()}
        return all(at.get(where, 0) >= end for where, end in ends.items())
    wait_for("the projection has caught up", is_level, 120)


class Believed:
    """One execution as the log has it: event ids decide nothing, and without a worker only the id counts that the scheduler computes.
    What was said before it was made is not about it."""

    def __init__(self, status_from):
        self.status, self.attempt, self.contradicted, self.status_from, self.said = "PENDING", 1, False, status_from, set()

    def add(self, offset, event):
        key = event["event_id"], event["attempt"], event["status"]
        is_repeat = key in self.said
        self.said.add(key)
        if offset >= self.status_from:
            self.fold(event, is_repeat)

    def fold(self, event, is_repeat):
        computed = str(uuid.uuid5(uuid.UUID(event["execution_id"]), f"{event['attempt']}/{event['status']}"))
        said, by_worker = event["status"], event["worker"] is not None
        if not by_worker and event["event_id"] != computed:
            return
        if judge.CODES.index(self.status) >= 5:
            same = self.status == "TIMED_OUT" and said == "FAILED" and event["reason"] == "RUN_TIMEOUT"
            self.contradicted |= said in ("RUNNING", "SUCCEEDED", "FAILED") and not same and not is_repeat
        elif event["attempt"] == self.attempt and said in judge.MOVES.get(self.status, ()) and (not by_worker or self.may_say(said)):
            self.status = said

    def may_say(self, said):
        return said in ("RUNNING", "SUCCEEDED", "FAILED") or (said == "CANCELLED" and self.status == "CANCELLING")


def believed(records, truth, tables):
    """Our own fold of all reports on honest executions, true ones and lies."""
    folds = {(m.value["execution_id"], m.value["task_id"]): Believed(m.value["status_from"]) for m in truth.created}
    for m in records.of("status"):
        key = m.name == "ExecutionStatus" and (m.value["execution_id"], m.value["task_id"])
        if key in folds and place.partition(m.value["task_id"], records.partitions) == m.partition and records.place(m) not in tables.dead:
            folds[key].add(m.offset, m.value)
    return folds


def judge_rows(connection, folds):
    verdict = judge.Verdict("status")
    verdict.expected = len(folds)
    rows = {r[0:2]: r[2:] for r in connection.execute("SELECT execution_id::text, task_id::text, status, attempt, contradicted FROM execution").fetchall()}
    for key, fold in folds.items():
        if key not in rows:
            verdict.find("missing", str(key))
        elif rows[key] != (judge.CODES.index(fold.status), fold.attempt, fold.contradicted):
            verdict.find("different", f"{key}: row {rows[key]}, log {fold.status} {fold.attempt} {fold.contradicted}")
    verdict.statuses = Counter(f.status for f in folds.values())
    return verdict


class Opened:
    """The scheduler's own record of what is open, as it changes."""

    def __init__(self, stack, ledger, honest):
        self.brokers, self.topic, self.lies, self.honest = stack.brokers, stack.prefix + "state", ledger.at, honest
        self.registry = wire.Registry(stack.url, lenient=True)

    def read(self):
        state = {}
        for m in wire.read_topic(self.brokers, self.registry, self.topic):
            if ("state", m.partition, m.offset) in self.lies or not (m.key or "").startswith("open/"):
                continue
            state.pop(m.key, None)
            if m.name == "OpenExecution" and m.value["task_id"] in self.honest:
                state[m.key] = m.value
        return {v["execution_id"]: (v["status"], v["attempt"]) for v in state.values()}


def judge_open(opened, connection):
    """What the scheduler holds for open is what the history holds for open: of honest tasks, which all have deadlines."""
    verdict, by_scheduler = judge.Verdict("open executions"), opened.read()
    rows = connection.execute("SELECT execution_id::text, status, attempt FROM execution WHERE status < 5 AND created_at IS NOT NULL "
                              "AND task_id = ANY(%s::uuid[])", (list(opened.honest),)).fetchall()
    by_history = {e: (judge.CODES[s], a) for e, s, a in rows}
    verdict.expected = len(by_history)
    for execution in set(by_scheduler) | set(by_history):
        if by_scheduler.get(execution) != by_history.get(execution):
            verdict.find("different", f"{execution}: scheduler {by_scheduler.get(execution)}, history {by_history.get(execution)}")
    return verdict


def explain(records, tables, verdict):
    """What the log says about executions on which a verdict found something."""
    found = {e for texts in verdict.problems.values() for text in texts for e in EXECUTION.findall(text)}
    for m in records.all:
        if m.name in ("ExecutionCreated", "ExecutionStatus") and m.value["execution_id"] in found:
            v, where = m.value, records.place(m)
            said = f"{v['status']} by {'nobody' if v['worker'] is None else v['worker']['name'][:20]}" if "status" in v else "made"
            print(f"    {v['execution_id'][:18]} {where} {said} attempt {v['attempt']} event {v.get('event_id', '')[:8]} task {v['task_id'][:8]}"
                  f"{' buried' if where in tables.dead else ''}{' lie: ' + records.ledger.at[where].kind if records.is_lie(m) else ''}", flush=True)


def judge_lines(records, truth, tables):
    """Every line on true executions is there once, and none under an honest worker's name that it did not say."""
    verdict, said = judge.Verdict("log lines"), set()
    for m in records.of("logs"):
        if m.name and not records.is_lie(m):
            said |= lines_of(m.value)
    wanted = set().union(*(lines_of(m.value) for m in true_ones(truth) if m.name == "LogBatch"))
    verdict.expected = len(wanted)
    writers = {line[2] for line in said}
    for kind, found in (("missing", wanted - tables.line), ("extra", {line for line in tables.line if line[2] in writers} - said)):
        for line in found:
            verdict.find(kind, str(line))
    return verdict


def lines_of(batch):
    return {(batch["execution_id"], batch["attempt"], batch["writer"], batch["first_seq"] + i) for i in range(len(batch["lines"]))}
