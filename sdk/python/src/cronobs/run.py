"""One execution in this process: what is still to be published about it, in order. Pure: times are arguments.

Its records form one queue: RUNNING, batches of log lines, the final status. At most one is on its way at a time, and the next one is
made only when the brokers have the one before: so whatever is sent again keeps its place, with the same bytes. Heartbeats stand
outside the queue. Ticks are seconds of a clock that never jumps, `now` is wall clock microseconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import Any, Final, NamedTuple

from .beat import Beat
from .cause import Cause
from .codec import encode
from .inbox import Claim
from .lines import Batch, Lines, Room
from .placement import partition_of

RETRY: Final = 0.2  # seconds before a record is sent again
TIMEOUT_AFTER: Final = 1.0  # seconds behind the run timeout: the scheduler's TIMED_OUT comes first
IGNORES_AFTER: Final = 30.0  # seconds after which one that ignores its cause is named
_LONGEST_MS: Final = 10**12


class Phase(IntEnum):
    CLAIMING = 0  # RUNNING is to be published
    CLAIMED = 1  # the brokers have it
    WORKING = 2  # the handler has it
    ENDING = 3  # what is left is being published
    GONE = 4  # nothing left to do


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended."""

    status: str
    reason: str = "NONE"
    message: str | None = None
    exit_code: int | None = None
    result: bytes | None = None


class Record(NamedTuple):
    topic: str  # status, logs or heartbeats
    partition: int
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Writer:
    """Who publishes, and into how many partitions."""

    name: str
    incarnation: str
    partitions: int

    def as_record(self) -> dict[str, str]:
        return {"name": self.name, "incarnation": self.incarnation}


class Run:
    """One execution, from its claim until all that is to be said about it is said."""

    __slots__ = (
        "claim", "execution", "phase", "beat", "lines", "outcome", "cause", "job",
        "timeout_at", "entry", "writer", "_frame", "_batch", "_next_seq", "_is_in_flight", "_retry_at", "_names_at",
        "_stops_when_lost",
    )  # fmt: skip

    def __init__(self, claim: Claim, writer: Writer, room: Room, stops_when_lost: bool = False) -> None:
        self.claim = claim
        self.execution: Mapping[str, Any] = claim.execution
        self.phase = Phase.CLAIMING
        self.beat = Beat.asked(self.execution["heartbeat_ms"])
        self.lines = Lines(room)
        self.outcome: Outcome | None = None
        self.cause: Cause | None = None  # why the handler was told to end
        self.job: Any = None  # the handler's face of it
        self.timeout_at = inf
        self.entry: tuple[float, int, Run] | None = None  # the engine's: when it will look at it
        self.writer = writer
        self._stops_when_lost = stops_when_lost
        self._frame: Record | None = None  # on its way, or to be sent again
        self._batch: Batch | None = None  # what is in it
        self._next_seq = 1
        self._is_in_flight = False
        self._retry_at = -inf
        self._names_at = inf

    # --- what becomes of it ---

    def start(self, tick: float) -> None:
        """The handler has it."""
        self.phase = Phase.WORKING
        self.beat.start(tick)

    def told(self, cause: Cause, tick: float) -> None:
        """The handler is told to end."""
        self.cause = cause
        self.timeout_at = inf
        self._names_at = tick + IGNORES_AFTER
        self.lines.stop()

    def end(self, outcome: Outcome, now: int, tick: float) -> None:
        """It is over: what is left is published, then how it ended."""
        self.outcome = outcome
        self.phase = Phase.ENDING
        self.timeout_at = self._names_at = inf
        self.lines.close(now, tick)

    def ignores_its_cause(self, tick: float) -> bool:
        """True once, when the handler was told to end and goes on."""
        if tick < self._names_at:
            return False
        self._names_at = inf
        return True

    def is_over(self) -> bool:
        return self.phase is Phase.GONE and not self._is_in_flight and not self.beat.in_flight

    # --- its queue of records ---

    def wake(self) -> float:
        """The tick at which there is something to do for it; inf: not before something else happens."""
        return min(self._record_due(), self.beat_due(), self.timeout_at, self._names_at, self.lost_at())

    def lost_at(self) -> float:
        """The tick after which the handler is to be told that nobody hears of it."""
        if not self._stops_when_lost or self.phase is not Phase.WORKING or self.cause is not None:
            return inf
        return self.beat.told_at + self.beat.lost_after

    def beat_due(self) -> float:
        if self.phase is Phase.WORKING:
            return self.beat.wake(False)
        return self.beat.wake(True) if self.phase is Phase.ENDING else inf

    def _record_due(self) -> float:
        if self._is_in_flight or self.phase is Phase.GONE:
            return inf
        if self._frame is not None:
            return self._retry_at
        if self.phase in (Phase.CLAIMING, Phase.ENDING):
            return -inf
        return self.lines.due_at()

    def next_record(self, now: int, tick: float) -> Record | None:
        """What to publish now, marked as on its way; None: nothing (yet). Raises Malformed: it cannot be written, `answered` goes on."""
        if self._is_in_flight or self.phase is Phase.GONE:
            return None
        if self._frame is None:
            self._frame = self._make(now, tick)
        elif tick < self._retry_at:
            return None
        self._is_in_flight = self._frame is not None
        return self._frame

    def answered(self, is_done: bool, tick: float) -> int:
        """The brokers have the record, or will never take it; not done: it is to be sent again. The weight of the lines that were in it."""
        self._is_in_flight = False
        if not is_done:
            self._retry_at = tick + RETRY
            return 0
        weight = self._batch.weight if self._batch else 0
        was_batch = self._batch is not None
        self._frame = self._batch = None
        if was_batch:
            return weight
        if self.phase is Phase.CLAIMING:
            self._acknowledged(tick)
        elif self.phase is Phase.ENDING:
            self.phase = Phase.GONE
        return 0

    def _acknowledged(self, tick: float) -> None:
        self.phase = Phase.CLAIMED
        limit = self.execution["run_timeout_ms"]
        if limit is not None and limit > 0 and self.cause is None:
            self.timeout_at = tick + min(limit, _LONGEST_MS) / 1000 + TIMEOUT_AFTER

    def _make(self, now: int, tick: float) -> Record | None:
        if self.phase is Phase.CLAIMING:
            return self._status(Outcome("RUNNING"), now, self._birth())
        if self.lines.due_at() <= tick or (self.phase is Phase.ENDING and self.lines.is_waiting()):
            return self._logs(self.lines.take(tick))
        if self.phase is Phase.ENDING and self.outcome is not None:
            return self._status(self.outcome, now)
        return None

    def _about(self) -> dict[str, Any]:
        execution = self.execution
        return {name: execution[name] for name in ("execution_id", "task_id", "attempt")}

    def _birth(self) -> dict[str, Any]:
        """What makes an execution of which no ExecutionCreated tells: a run that somebody else has started."""
        if self.execution["trigger"] != "EXTERNAL":
            return {}
        return {name: self.execution[name] for name in ("trigger", "scheduled_at")}

    def _status(self, outcome: Outcome, now: int, more: Mapping[str, Any] | None = None) -> Record:
        value = self._about() | {
            "event_id": str(uuid.uuid4()),
            "status": outcome.status,
            "reason": outcome.reason,
            "occurred_at": now,
            "worker": self.writer.as_record(),
            "message": outcome.message,
            "exit_code": outcome.exit_code,
            "result": outcome.result,
            **(more or {}),
        }
        return self._to_task("status", encode("ExecutionStatus", value))

    def _logs(self, batch: Batch) -> Record:
        self._batch = batch
        value = self._about() | {
            "writer": self.writer.incarnation,
            "first_seq": self._next_seq,
            "lines": [{"at": e.at, "level": e.level, "stream": "LOG", "message": e.line.message} for e in batch.entries],
            "marks": [
                {"line": number, "unfinished": e.line.unfinished, "escaped": e.line.escaped}
                for number, e in enumerate(batch.entries, 1)
                if e.line.unfinished or e.line.escaped
            ],
        }
        self._next_seq += len(batch.entries)
        key = self.execution["execution_id"]
        return Record("logs", partition_of(key, self.writer.partitions), key, encode("LogBatch", value))

    def heartbeat(self, now: int) -> Record:
        value = self._about() | {
            "worker": self.writer.as_record(),
            "occurred_at": now,
            "progress": self.beat.percent,
            "message": self.beat.note,
        }
        return self._to_task("heartbeats", encode("Heartbeat", value))

    def _to_task(self, topic: str, value: bytes) -> Record:
        return Record(topic, self.execution["status_partition"], self.execution["task_id"], value)
