"""What became of each execution: our own fold of the reports on it, after the documents (design.md 5, scheduling.md, decisions 75, 76, 150 to 152).

Shares no code with the program. A life keeps every move with its place in the log, so that policies can be judged by them.
"""
import uuid
from collections import defaultdict
from dataclasses import dataclass

from . import judge, oracle, place
from .wire import micros

FAILURES = ("FAILED", "TIMED_OUT", "LOST")
OWN = ("RUNNING", "SUCCEEDED", "FAILED")  # what a worker may say at any time
MAY_BECOME = {
    "PENDING": {"RUNNING", "SUCCEEDED", "FAILED", "MISSED", "CANCELLED", "SKIPPED"},
    "WAITING": {"PENDING", "MISSED", "CANCELLED"},
    "RUNNING": {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLING"},
    "CANCELLING": {"CANCELLED", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST"},
    "RETRYING": {"RUNNING", "SUCCEEDED", "FAILED", "MISSED", "CANCELLED"},
}


def is_final(status):
    return judge.CODES.index(status) >= judge.CODES.index("SUCCEEDED")


def speaker(event):
    if event["worker"] is not None:
        return "worker"
    computed = uuid.uuid5(uuid.UUID(event["execution_id"]), f"{event['attempt']}/{event['status']}")
    return "scheduler" if event["event_id"] == str(computed) else None


def is_birth(event):
    return speaker(event) == "scheduler" and event["scheduled_at"] is not None and event["trigger"] not in (None, "UNKNOWN", "EXTERNAL")


def delay_after(retry, execution, attempt):
    """Microseconds from the failure of that attempt to the next one."""
    factor, ms = int(retry["multiplier"] * 1000 + 0.5), retry["first_delay_ms"]
    for _ in range(attempt - 1):
        ms = ms * factor // 1000
    ms = min(ms, retry["max_delay_ms"]) if retry["max_delay_ms"] else ms
    spread = retry["jitter_ms"] * 1000
    key = uuid.UUID(execution).bytes + (attempt + 1).to_bytes(4, "big")
    return ms * 1000 + (oracle.fnv1a(key) % spread if spread else 0)


@dataclass
class Move:
    offset: int
    at: int
    status: str
    attempt: int
    event: dict


class Life:
    def __init__(self, created, birth):
        """created: its ExecutionCreated by attempt, the lowest first; birth: the report that it began with."""
        self.created, self.birth = created, birth
        described = created[0].value if created else birth.value
        self.execution, self.task, self.trigger = described["execution_id"], described["task_id"], described["trigger"]
        self.scheduled_at, self.revision = micros(described["scheduled_at"]), described["revision"]
        self.begins = described["status_from"] if created else birth.offset
        self.waited = described["waited"] if created else birth.value["status"] == "WAITING"
        self.retry, self.attempts = (described["retry"], described["max_attempts"]) if created else (None, 1)
        self.finish_by = micros(described["finish_by"]) if created else None
        self.status, self.attempt, self.claimant, self.started, self.next_at = "PENDING", 1, None, None, None
        self.contradicted, self.said, self.moves = False, set(), []
        self.claimants = {}  # by attempt
        self.begins_at, self.refused = {}, []  # by attempt; RETRYING of an attempt that is not to be

    def add(self, m):
        v = m.value
        key = v["event_id"], v["attempt"], v["status"]
        is_repeat = key in self.said
        self.said.add(key)
        if m.offset < self.begins:
            return
        says, by = v["status"], speaker(v)
        if by == "scheduler" and says == "RETRYING" and self.next_at and is_final(self.status) and v["attempt"] == self.attempt + 1:
            self.status, self.attempt, self.claimant, self.started = says, v["attempt"], None, None
            self.moves.append(Move(m.offset, m.at, says, self.attempt, v))
        elif v["attempt"] == self.attempt and self.may_say(says, by) and self.may_follow(m, says) and not self.is_claimed(v):
            self.move(m)
        elif by == "scheduler" and says == "RETRYING" and v["attempt"] == self.attempt + 1:
            self.refused.append(m)
        elif by and is_final(self.status) and says in OWN and not is_repeat:
            self.contradicted |= not (self.status == "TIMED_OUT" and says == "FAILED" and v["reason"] == "RUN_TIMEOUT")

    def may_say(self, says, by):
        return by == "scheduler" or by == "worker" and (says in OWN or says == "CANCELLED" and self.status == "CANCELLING")

    def may_follow(self, m, says):
        if says == "WAITING":
            return self.waited and m.offset == self.begins and self.status == "PENDING"
        return says in MAY_BECOME.get(self.status, ())

    def is_claimed(self, v):
        return self.status == v["status"] == "RUNNING" and (v["if_unclaimed"] or self.claimant == v["worker"]["incarnation"])

    def move(self, m):
        v, was = m.value, self.status
        self.status = v["status"]
        self.claimant = v["worker"]["incarnation"] if v["worker"] else self.claimant
        self.started = m.at if self.status == "RUNNING" else self.started
        if self.claimant:
            self.claimants[self.attempt] = self.claimant
        self.next_at = self.follows(m, was)
        if self.next_at:
            self.begins_at[self.attempt + 1] = self.next_at
        self.moves.append(Move(m.offset, m.at, self.status, self.attempt, v))

    def follows(self, m, was):
        """When the next attempt begins; None: this was not a failure, or the last one."""
        if self.retry is None or self.status not in FAILURES or self.attempt >= self.attempts or was == "CANCELLING":
            return None
        if self.status not in (self.retry["on"] or ",".join(FAILURES)).split(",") or m.value["reason"] == "FINISH_BY":
            return None
        at = m.at + delay_after(self.retry, self.execution, self.attempt)
        return at if not self.finish_by or at <= self.finish_by else None

    def is_too_late(self, opened):
        """An attempt that would follow but for finish_by."""
        failed = next((x for x in reversed(self.moves) if x.status in FAILURES and x.attempt == opened.value["attempt"] - 1), None)
        return bool(failed and self.finish_by and failed.at + delay_after(self.retry, self.execution, failed.attempt) > self.finish_by)

    # --- looking ---

    def is_over(self):
        return is_final(self.status) and self.next_at is None

    def ended_at(self):
        """By the broker's clock; None: it has not."""
        return self.moves[-1].at if self.is_over() else None

    def left_waiting_at(self):
        """When it was sent, or ended without; None: it never waited, or waits still."""
        if not self.waited:
            return None
        return self.created[0].at if self.created else self.ended_at()

    def key(self):
        return self.execution, self.task

    def told(self):
        moves = " ".join(f"{x.status}/{x.attempt}@{x.at // 1000 % 1000000}" for x in self.moves)
        return f"{self.execution} of {self.task[:8]} {self.trigger} @{self.scheduled_at // 1000 % 1000000}: {moves or 'nothing was said'}"


def lives(history):
    """All executions that the scheduler has made, by (execution, task)."""
    made, births, said = defaultdict(dict), {}, defaultdict(list)
    for m in history.created:
        made[judge.key_of(m.value)].setdefault(m.value["attempt"], m)
    for m in history.statuses:
        if m.name != "ExecutionStatus" or place.partition(m.value["task_id"], history.partitions) != m.partition:
            continue  # misplaced: its copy counts
        key = judge.key_of(m.value)
        said[key].append(m)
        if is_birth(m.value):
            births.setdefault(key, m)
    found = {}
    for key in set(made) | set(births):
        found[key] = Life([made[key][a] for a in sorted(made[key])], births.get(key))
        for m in said[key]:
            found[key].add(m)
    return found
