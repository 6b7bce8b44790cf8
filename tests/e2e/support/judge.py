"""Judges a run by what the log says was ordered: every due instant accounted for exactly once, in the topics and in the tables.

Shares no code with the program: identities, the calendar walk and the fold of statuses are written anew here.
"""
import uuid
from collections import Counter, defaultdict

from . import oracle, wire
from .wire import micros

LATEST = 30 * oracle.MICRO
WORKER_MAY = {"RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"}
MOVES = {
    "PENDING": {"RUNNING", "SUCCEEDED", "FAILED", "MISSED", "CANCELLED", "SKIPPED"},
    "RUNNING": {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLING"},
    "CANCELLING": {"CANCELLED", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST"},
}
CODES = ["PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED",
         "MISSED", "SKIPPED"]

TRIGGERS = ["UNKNOWN", "SCHEDULED", "CATCH_UP", "BACKFILL", "MANUAL", "RETRY", "CHAIN", "EXTERNAL"]


def execution_id(task, scheduled_at, kind="instant", nonce=""):
    raw = bytearray(uuid.uuid5(uuid.UUID(task), f"{scheduled_at}/{kind}/{nonce}").bytes)
    raw[0:6] = (scheduled_at // 1000).to_bytes(6, "big")
    raw[6] = raw[6] & 0x0F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


class Fold:
    """One execution's statuses in offset order."""

    def __init__(self):
        self.status, self.attempt, self.contradicted, self.seen, self.claimed = "PENDING", 1, False, set(), False

    def add(self, event):
        if event["event_id"] in self.seen:
            return
        self.seen.add(event["event_id"])
        said, by_worker = event["status"], event["worker"] is not None
        if CODES.index(self.status) >= 5 and said in ("RUNNING", "SUCCEEDED", "FAILED"):
            says_the_same = (self.status, said, event["reason"]) == ("TIMED_OUT", "FAILED", "RUN_TIMEOUT")
            self.contradicted |= not says_the_same
            return
        if event["attempt"] != self.attempt or said not in MOVES.get(self.status, ()):
            return
        if by_worker and (said not in WORKER_MAY or (said == "CANCELLED" and self.status != "CANCELLING")):
            return
        if not by_worker and said in ("RUNNING", "SUCCEEDED", "FAILED"):
            return
        if said == "RUNNING" and self.status == "RUNNING" and event["if_unclaimed"]:
            return
        self.status = said


class History:
    """All topics of an installation, as a stock client reads them."""

    def __init__(self, stack, registry_url=None):
        self.registry = wire.Registry(registry_url or stack.url)
        self.brokers, self.prefix = stack.brokers, stack.prefix
        names = wire.topic_names(self.brokers, self.prefix)
        self.queues = [t for t in names if t.startswith(self.prefix + "executions.")]
        self.commands, self.tasks, self.statuses, self.logs = (self.read(t) for t in ("commands", "tasks", "status", "logs"))
        self.created = [m for q in self.queues for m in self.read(q[len(self.prefix):]) if m.name == "ExecutionCreated"]

    def read(self, suffix):
        return wire.read_topic(self.brokers, self.registry, self.prefix + suffix)

    def of(self, name):
        return [m for m in self.tasks if m.name == name]


class Verdict:
    def __init__(self, what):
        self.what, self.expected, self.problems, self.counts = what, 0, defaultdict(list), Counter()

    def find(self, kind, text):
        self.counts[kind] += 1
        if len(self.problems[kind]) < 8:
            self.problems[kind].append(text)

    def is_clean(self):
        return not self.counts

    def line(self):
        c = self.counts
        text = (f"{self.what}: expected {self.expected} missing {c['missing']} duplicate {c['duplicate']} "
                f"extra {c['extra']} early {c['early']}")
        others = {k: n for k, n in c.items() if k not in ("missing", "duplicate", "extra", "early")}
        return text + "".join(f" {k} {n}" for k, n in sorted(others.items()))

    def show(self):
        print(self.line(), flush=True)
        for kind, texts in sorted(self.problems.items()):
            for text in texts:
                print(f"  {kind}: {text}", flush=True)


def pending(spec, task, floor, at):
    """The instant that is scheduled after the floor, by then, and due later; None: there is none."""
    return next((scheduled for scheduled, due in oracle.timeline(spec, task, floor, at) if due > at), None)


def wanted_of(task, this, following, floor):
    """What a revision had to do until the next one, and the scheduled time from which that goes on."""
    start, end, spec = micros(this["effective_at"]), micros(following["effective_at"]), this["spec"]
    if this["state"] == "DELETED":
        return [], end
    pairs = oracle.timeline(spec, task, floor, end)
    if this["state"] == "PAUSED":
        if following["state"] == "PAUSED" and following["spec"] == spec:
            return [], floor  # the pause goes on
        return [at for at, _ in pairs], end
    wanted = [at for at, due in pairs if start < due <= end]
    floor = max([floor, *wanted])
    if following["state"] == "ACTIVE":  # an edit: it takes over what is pending, or that is a gap
        old, new = pending(spec, task, floor, end), pending(following["spec"], task, floor, end)
        if old is not None and old != new:
            wanted.append(old)
        floor = end if new is None else new - 1
    return wanted, floor


def expected_instants(history, paused=None):
    """task id -> list of scheduled instants that the revisions ordered (active or paused), each once.
    paused: takes those that passed in a pause, by (task id, number of the revision that ended it)."""
    revisions = defaultdict(dict)
    for m in history.of("TaskRevision"):
        revisions[m.value["task_id"]][m.value["revision"]] = m.value
    expected = {}
    for task, by_number in revisions.items():
        assert sorted(by_number) == list(range(1, len(by_number) + 1)), f"{task}: revisions {sorted(by_number)}"
        instants, floor = [], micros(by_number[1]["effective_at"])
        for number in sorted(by_number)[:-1]:
            wanted, floor = wanted_of(task, by_number[number], by_number[number + 1], floor)
            instants += wanted
            if paused is not None and by_number[number]["state"] == "PAUSED":
                paused[task, number + 1] = wanted
        last = by_number[max(by_number)]
        assert last["state"] == "DELETED", f"{task}: the run must end with a deletion, else its end is open"
        expected[task] = sorted(instants)
    return expected


def account(verdict, expected, ids, gaps):
    """Each expected instant has one execution id, or lies in one gap; nothing else was made by a schedule.

    ids: task -> {scheduled_at: number of records}; gaps: task -> {(from, to, count, more)}.
    """
    for task in set(expected) | set(ids) | set(gaps):
        wanted, made = expected.get(task, []), dict(ids.get(task, {}))
        verdict.expected += len(wanted)
        spans = gaps.get(task, [])
        for low, high, count, more in spans:
            inside = sum(1 for t in wanted if low < t <= high)
            if not more and inside != count:
                verdict.find("miscounted", f"{task}: gap ({low}, {high}] says {count}, holds {inside}")
        for t in wanted:
            times = made.pop(t, 0) + sum(1 for low, high, _, _ in spans if low < t <= high)
            if times == 0:
                verdict.find("missing", f"{task} at {t}")
            elif times > 1:
                verdict.find("duplicate", f"{task} at {t}: {times} times")
        for t, times in made.items():
            verdict.find("extra", f"{task} at {t}")


def judge_topic(history, expected):
    verdict, ids = Verdict("topic"), defaultdict(Counter)
    worst, seen = 0, {}
    specs = {(m.value["task_id"], m.value["revision"]): m.value["spec"] for m in history.of("TaskRevision")}
    for m in history.created:
        v = m.value
        if v["trigger"] not in ("SCHEDULED", "CATCH_UP") or v["attempt"] > 1 or v.get("waited"):
            continue  # by hand; or accounted for already
        scheduled, due = micros(v["scheduled_at"]), micros(v["due_at"])
        if v["execution_id"] != execution_id(v["task_id"], scheduled):
            verdict.find("misnamed", v["execution_id"])
        if v["execution_id"] in seen:
            verdict.find("duplicate", f"{v['execution_id']} at {m.topic}[{m.partition}] {seen[v['execution_id']]} and {m.offset}")
            continue
        seen[v["execution_id"]] = m.offset
        ids[v["task_id"]][scheduled] += 1
        revision = specs[v["task_id"], v["revision"]]
        if v["trigger"] == "SCHEDULED" and (scheduled, due) not in oracle.timeline(revision, v["task_id"], scheduled - 1, scheduled):
            verdict.find("misdue", f"{v['execution_id']}: {due - scheduled} us after it was scheduled")
        if m.at + 1000 <= due:  # the broker's clock counts whole milliseconds
            verdict.find("early", f"{v['execution_id']}: {(due - m.at) / 1000:.0f} ms")
        if v["trigger"] == "SCHEDULED":
            worst = max(worst, m.at - due)
    for m in history.statuses:
        v = m.value
        if m.name == "ExecutionStatus" and v["worker"] is None and v["trigger"] in ("SCHEDULED", "CATCH_UP") and v["event_id"] not in seen:
            seen[v["event_id"]] = m.offset
            ids[v["task_id"]][micros(v["scheduled_at"])] += 1
    gaps = defaultdict(list)
    for key in {(m.value["task_id"], micros(m.value["from"]), micros(m.value["to"]), m.value["count"], m.value["more"], m.value["revision"],
                 m.value["reason"]) for m in history.of("ScheduleGap")}:
        gaps[key[0]].append(key[1:5])
    account(verdict, expected, ids, gaps)
    verdict.worst_lateness = worst
    if worst > LATEST:
        verdict.find("late", f"worst lateness {worst / 1e6:.1f} s")
    return verdict


def judge_table(connection, expected, only=None):
    """only: ids of the tasks to look at; None: all that there are."""
    verdict, ids, gaps = Verdict("table"), defaultdict(Counter), defaultdict(list)
    rows = connection.execute("SELECT task_id::text, (extract(epoch FROM scheduled_at) * 1000000)::bigint, trigger FROM execution "
                              "WHERE scheduled_at IS NOT NULL AND trigger IS NOT NULL").fetchall()
    for task, scheduled, trigger in rows:
        if TRIGGERS[trigger] in ("SCHEDULED", "CATCH_UP"):
            ids[task][scheduled] += 1
    for task, low, high, count, more in connection.execute(
            "SELECT task_id::text, (extract(epoch FROM from_at) * 1000000)::bigint, (extract(epoch FROM to_at) * 1000000)::bigint, count, more "
            "FROM schedule_gap").fetchall():
        gaps[task].append((low, high, count, more))
    if only is not None:
        ids, gaps = ({t: v for t, v in found.items() if t in only} for found in (ids, gaps))
    account(verdict, expected, ids, gaps)
    return verdict


def key_of(value):
    return value["execution_id"], value["task_id"]


def judge_fold(history, connection):
    """Our own fold of the status topic equals every row: of what was made, and apart from it of what is only reported on."""
    verdict, folds = Verdict("status"), defaultdict(Fold)
    made = {key_of(m.value) for m in history.created}
    for m in history.statuses:
        if m.name == "ExecutionStatus":
            folds[key_of(m.value)].add(m.value)
            if m.value["trigger"] is not None:
                made.add(key_of(m.value))
    verdict.expected = len(made | set(folds))
    for table, keys in (("execution", made), ("stray_execution", set(folds) - made)):
        rows = {r[:2]: r[2:] for r in connection.execute(
            f"SELECT execution_id::text, task_id::text, status, attempt, contradicted FROM {table}").fetchall()}
        for key in keys:
            fold = folds[key]
            if key not in rows:
                verdict.find("missing", f"{key} in {table}")
            elif rows[key] != (CODES.index(fold.status), fold.attempt, fold.contradicted):
                verdict.find("different", f"{key}: row {rows[key]}, log {fold.status} {fold.attempt} {fold.contradicted}")
        for key in set(rows) - keys:
            verdict.find("extra", f"{key} in {table}")
    verdict.statuses = Counter(folds[key].status for key in made)
    return verdict


def judge_logs(history, connection):
    """Every accepted line once and in order: what the topic holds (repeats dropped) is what the table holds."""
    verdict, lines = Verdict("log lines"), {}
    for m in history.logs:
        v = m.value
        for i, line in enumerate(v["lines"]):
            lines.setdefault((v["execution_id"], v["attempt"], v["writer"], v["first_seq"] + i), line["message"])
    verdict.expected = len(lines)
    seen = set()
    for execution, attempt, writer, seq, message in connection.execute(
            "SELECT execution_id::text, attempt, writer::text, seq, message FROM log_line").fetchall():
        key = (execution, attempt, writer, seq)
        if key in seen:
            verdict.find("duplicate", str(key))
        elif key not in lines:
            verdict.find("extra", str(key))
        elif lines[key] != message:
            verdict.find("different", f"{key}: {lines[key]!r} and {message!r}")
        seen.add(key)
    for key in set(lines) - seen:
        verdict.find("missing", str(key))
    by_writer = defaultdict(list)
    for execution, attempt, writer, seq in lines:
        by_writer[execution, attempt, writer].append(seq)
    for key, seqs in by_writer.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            verdict.find("unnumbered", f"{key}: {sorted(seqs)[:10]}")
    return verdict


def judge_numbered(history, last, liars):
    """A job that succeeded printed 1 .. last; the log has just that, in order. liars: workers that only say so."""
    verdict, lines, succeeded = Verdict("numbered jobs"), defaultdict(dict), {}
    for m in history.logs:
        for i, line in enumerate(m.value["lines"]):
            lines[m.value["execution_id"], m.value["writer"]][m.value["first_seq"] + i] = line["message"]
    for m in history.statuses:
        if m.name == "ExecutionStatus" and m.value["status"] == "SUCCEEDED" and m.value["worker"]["name"] not in liars:
            succeeded[m.value["execution_id"], m.value["worker"]["incarnation"]] = m.value
    verdict.expected = len(succeeded)
    for key in succeeded:
        told = [lines[key][s] for s in sorted(lines[key])]
        numbers = [t for t in told if t.isdigit()]
        repeats = max(1, len(numbers) // last)
        if numbers != [str(i) for i in range(1, last + 1)] * repeats:
            verdict.find("incomplete", f"{key}: {told[:12]}")
    return verdict


def judge_commands(history, journal):
    """What was answered is what happened: 2xx has one outcome, 4xx none accepted, the rest at most one."""
    verdict, outcomes = Verdict("commands"), Counter(m.value["command_id"] for m in history.of("CommandOutcome"))
    sent = Counter(m.value["command_id"] for m in history.commands if m.name == "Command")
    ordered = defaultdict(list)
    for entry in journal:
        if entry.get("command"):
            ordered[entry["command"]].append(entry)
    verdict.expected = len(ordered)
    for command, entries in ordered.items():
        if any(e["status"] < 300 for e in entries) and not outcomes[command]:
            verdict.find("missing", f"{command}: answered {[e['status'] for e in entries]}, no outcome")
    for command, times in outcomes.items():
        if times > 1:
            verdict.find("duplicate", f"{command}: {times} outcomes")
    for command in sent:
        if not outcomes[command]:
            verdict.find("undecided", command)
    return verdict


def wait_until_level(connection, history, wait_for):
    """Until the projection has read all that the history has."""
    ends = {}
    for m in (*history.commands, *history.tasks, *history.statuses, *history.logs, *history.created):
        place = (m.topic[len(history.prefix):], m.partition)
        ends[place] = max(ends.get(place, 0), m.offset + 1)

    def is_level():
        at = {(t, p): n for t, p, n in connection.execute("SELECT topic, part, next_offset FROM kafka_offset").fetchall()}
        return all(at.get(place, 0) >= end for place, end in ends.items())
    wait_for("the projection has caught up", is_level, 120)
