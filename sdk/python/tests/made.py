"""What tests make: executions, messages, an engine whose world is a list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from cronobs.cause import Cause
from cronobs.codec import decode, encode
from cronobs.commands import Begin, Command, Leave, Limits, Locate, Message, Place, Read, Store
from cronobs.engine import Engine
from cronobs.lines import Room
from cronobs.run import Outcome, Record, Run

PARTITIONS = 3
SECOND = 1_000_000


def execution(**given: Any) -> dict[str, Any]:
    """As codec.decode makes it."""
    return decode(frame(**given), "ExecutionCreated")


def frame(**given: Any) -> bytes:
    value = {
        "execution_id": str(uuid.uuid4()), "task_id": str(uuid.uuid4()), "task_key": "report", "project": "default", "revision": 1,
        "attempt": 1, "max_attempts": 1, "trigger": "SCHEDULED", "scheduled_at": 0, "due_at": 0, "status_partition": 1,
    }  # fmt: skip
    return encode("ExecutionCreated", value | given)


def message(offset: int, partition: int = 0, at: int = 0, **given: Any) -> Message:
    return Message(partition, offset, at, frame(**given), None)


class World:
    """An engine and what it does. Time stands still unless it is moved."""

    def __init__(self, concurrency: int = 2, drain: int = 25_000, stop_when_lost: bool = False) -> None:
        limits = Limits("executions.q", "control", "work-q", concurrency, 86_400_000, drain, stop_when_lost)
        self.room = Room()
        self.engine = Engine(limits, "me", str(uuid.uuid4()), self, self.room)
        self.commands: list[Command] = []
        self.sent: list[tuple[Record, Run]] = []
        self.begun: list[Run] = []
        self.told: list[tuple[Run, Cause]] = []
        self.closed: list[Run] = []
        self.words: list[str] = []
        self.scans: list[tuple[int, list[int], int]] = []
        self.at(0.0)

    # --- engine.Port ---

    def read(self, command: Command) -> None:
        self.commands.append(command)

    def scan(self, scan: int, partitions: Sequence[int], since: int) -> None:
        self.scans.append((scan, list(partitions), since))

    def stop_scan(self) -> None:
        pass

    def send(self, record: Record, run: Run) -> None:
        self.sent.append((record, run))

    def start(self, runs: Sequence[Run]) -> None:
        self.begun += runs

    def tell(self, run: Run, cause: Cause) -> None:
        self.told.append((run, cause))

    def close(self, run: Run) -> None:
        self.closed.append(run)

    def notice(self, level: str, text: str) -> None:
        self.words.append(f"{level} {text}")

    # --- what happens ---

    def at(self, tick: float) -> None:
        self.engine.tick, self.engine.now = tick, 1_800_000_000 * SECOND + int(tick * SECOND)

    def later(self, seconds: float) -> None:
        self.at(self.engine.tick + seconds)
        self.engine.step()

    def asked(self, kind: type[Command]) -> Any:
        """The command that the reader has just been given."""
        assert self.commands and isinstance(self.commands[-1], kind), self.commands[-3:]
        return self.commands.pop()

    def reads(self, stored: dict[int, int | None] | None = None) -> None:
        """Brings it to where it reads: control was read, partitions are assigned, with these positions."""
        self.engine.started(PARTITIONS, PARTITIONS)
        self.engine.control_is_read()
        self.engine.step()
        self.assigned(stored or {0: 0})
        self.engine.began(None, self.asked(Begin).offsets)
        self.engine.step()

    def assigned(self, stored: dict[int, int | None], oldest: int | None = None) -> None:
        self.asked(Read)
        self.engine.assigned(list(stored))
        self.engine.fetched([], {})
        self.engine.step()
        self.asked(Locate)
        self.engine.located([Place(p, at, oldest if at is None else None) for p, at in stored.items()])
        self.engine.step()

    def fetched(self, *messages: Message, ends: dict[int, int] | None = None) -> None:
        self.asked(Read)
        self.engine.fetched(list(messages), ends or {})
        self.engine.step()

    def read_until(self, kind: type[Command]) -> Any:
        """Answers reads with nothing until the reader is asked for something else."""
        for _ in range(50):
            if self.commands and isinstance(self.commands[-1], kind):
                return self.commands.pop()
            if self.commands:
                self.asked(Read)
                self.engine.fetched([], {})
            self.later(0.03)
        raise AssertionError(f"never asked for {kind}")

    def answers(self, error: str | None = None, is_hopeless: bool = False) -> list[dict[str, Any]]:
        """The brokers answer all that was sent; what it was."""
        sent, self.sent = self.sent, []
        for record, run in sent:
            if record.topic == "heartbeats":
                self.engine.beat_answered(run, error)
            else:
                self.engine.answered(run, error, is_hopeless)
        self.engine.step()
        return [shown(record) for record, _ in sent]

    def stores(self, outcome: str = "made") -> dict[int, int]:
        positions = self.read_until(Store).positions
        self.engine.stored(outcome)
        self.engine.step()
        return dict(positions)

    def runs(self, *messages: Message) -> list[Run]:
        """Reads these, and brings them into handlers' hands."""
        self.fetched(*messages)
        self.answers()
        self.stores()
        begun, self.begun = self.begun, []
        return begun

    def ends(self, run: Run, outcome: Outcome | None = None) -> None:
        self.engine.ended(run, outcome or Outcome("SUCCEEDED"))
        self.engine.step()


def shown(record: Record) -> dict[str, Any]:
    kind = {"status": "ExecutionStatus", "logs": "LogBatch", "heartbeats": "Heartbeat"}[record.topic]
    return decode(record.value, kind)


__all__ = ["Begin", "Leave", "Locate", "Place", "Read", "Store", "World", "execution", "frame", "message", "shown"]
