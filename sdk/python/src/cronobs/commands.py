"""What passes between the engine and the world: plain values, and what the engine may ask for.

Locate, Begin, Read, Store and Leave are for the reader of the queue; it answers each with one call of `Engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .cause import Cause
from .run import Record, Run


class Locate(NamedTuple):
    """Where is reading to begin? `located` answers."""

    partitions: dict[int, bool]  # True: the group's position is gone from the topic


class Begin(NamedTuple):
    """Read these partitions, too; offset None: from the first message. `began` answers."""

    offsets: dict[int, int | None]


class Read(NamedTuple):
    """Read so many messages at most, waiting for the first. Room 0: only poll. `fetched` answers."""

    room: int
    wait: float


class Store(NamedTuple):
    """Commit the positions. `stored` answers."""

    positions: dict[int, int]


class Leave(NamedTuple):
    """Leave the group. `left` answers."""


Command = Locate | Begin | Read | Store | Leave


class Message(NamedTuple):
    partition: int
    offset: int
    at: int  # microseconds, the broker's clock
    value: bytes | None
    traceparent: str | None
    why: str | None = None  # without a value: why there is none


def traceparent_of(headers: Sequence[tuple[str, object]]) -> str | None:
    for name, value in headers:
        if name == "traceparent" and isinstance(value, bytes):
            return value.decode("ascii", "replace")
    return None


class Place(NamedTuple):
    partition: int
    stored: int | None  # the group's position
    oldest: int | None  # without one: the first message of the backlog; None: there is none


@dataclass(frozen=True, slots=True)
class Limits:
    """Those settings that the engine goes by. Milliseconds."""

    queue_topic: str
    control_topic: str
    group: str
    concurrency: int
    backlog: int
    drain: int
    stop_when_lost: bool = False


class Port(Protocol):
    """What the engine does to the world. None of it waits."""

    def read(self, command: Command) -> None: ...

    def scan(self, scan: int, partitions: Sequence[int], since: int) -> None:
        """Read these partitions of `status` from that instant to their ends: `reported` and then `scanned`. An earlier scan ends."""

    def stop_scan(self) -> None: ...

    def send(self, record: Record, run: Run) -> None:
        """`answered` or, of heartbeats, `beat_answered` says what became of it."""

    def start(self, runs: Sequence[Run]) -> None:
        """Their handlers; `ended` answers."""

    def tell(self, run: Run, cause: Cause) -> None: ...

    def close(self, run: Run) -> None:
        """What its handler says from now on is for nobody."""

    def notice(self, level: str, text: str) -> None: ...


class Answers(Protocol):
    """Who hears what became of records."""

    def answered(self, run: Run, error: str | None, is_hopeless: bool) -> None: ...

    def beat_answered(self, run: Run, error: str | None) -> None: ...

    def broke(self, why: str) -> None: ...
