"""Lines that are to be sent: of one execution, and how much of all of them may wait.

The only state that handlers' threads and the engine share; one lock for all executions of a worker. Whoever logs while 16 MiB wait is
held until there is room, or until the execution is told to stop: then what finds no room is left out, and counted. A thread with an
event loop is not held, since it would hold all its coroutines: it may go on to 64 MiB, and what is beyond that is left out.
"""

from __future__ import annotations

import threading
from collections import deque
from math import inf
from typing import Final, NamedTuple

from .text import Line

UNSENT_MAX: Final = 16 * 1024 * 1024
UNHELD: Final = 4  # times as much for those who cannot be held
BATCH_LINES: Final = 1000
BATCH_BYTES: Final = 256 * 1024
BATCH_WAIT: Final = 0.2  # seconds; a line waits no longer than this for company

_BESIDE: Final = 32  # bytes that a line takes beside its text: time, level, stream


class Entry(NamedTuple):
    at: int  # shown in the history, microseconds
    level: str
    line: Line
    weight: int


class Batch(NamedTuple):
    entries: list[Entry]
    weight: int


class Room:
    """What all executions of a worker may leave unsent together."""

    def __init__(self, limit: int = UNSENT_MAX) -> None:
        self.changed = threading.Condition()
        self.limit = limit
        self.unsent = 0

    @property
    def is_full(self) -> bool:
        return self.unsent >= self.limit

    def sent(self, weight: int) -> None:
        with self.changed:
            self.unsent -= weight
            self.changed.notify_all()  # also where there was much room: one text may want all of it


class Lines:
    """Of one execution: handlers' threads add, the engine takes."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._entries: deque[Entry] = deque()
        self._weight = 0
        self._is_stopped = self._is_closed = False
        self.left_out = 0
        self.since = 0.0  # tick at which the oldest was added

    def add(self, level: str, lines: list[Line], at: int, tick: float, may_wait: bool = True) -> bool:
        """True: the engine is to be woken, to start a batch's clock or to send one that is full."""
        entries = [Entry(at, level, line, _weight_of(line)) for line in lines]
        weight = sum(entry.weight for entry in entries)
        with self._room.changed:
            if may_wait:
                self._room.changed.wait_for(lambda: self._is_stopped or self._is_closed or self._fits(weight, 1))
            if self._is_closed:
                return False
            if not self._fits(weight, 1 if may_wait else UNHELD):
                self.left_out += len(entries)
                return False
            return self._append(entries, weight, tick)

    def _fits(self, weight: int, times: int) -> bool:
        return self._room.unsent == 0 or self._room.unsent + weight <= times * self._room.limit

    def _append(self, entries: list[Entry], weight: int, tick: float) -> bool:
        was_full = self._is_full()
        if was_empty := not self._entries:
            self.since = tick
        self._room.unsent += weight
        self._weight += weight
        self._entries.extend(entries)
        return was_empty or (self._is_full() and not was_full)

    def stop(self) -> None:
        """The execution is told to stop: nobody waits for room any more."""
        with self._room.changed:
            self._is_stopped = True
            self._room.changed.notify_all()

    def close(self, at: int, tick: float) -> None:
        """It is over: what is added from now on is for nobody."""
        with self._room.changed:
            self._is_closed = True
            if self.left_out:
                text = f"{self.left_out} lines were left out here: the brokers did not take those before"
                entry = Entry(at, "WARN", Line(text, False, False), _BESIDE + len(text))
                self._append([entry], entry.weight, tick)
            self._room.changed.notify_all()

    def is_waiting(self) -> bool:
        return bool(self._entries)

    def due_at(self) -> float:
        """The tick at which a batch is to be sent."""
        if not self._entries:
            return inf
        return -inf if self._is_full() else self.since + BATCH_WAIT

    def _is_full(self) -> bool:
        return len(self._entries) >= BATCH_LINES or self._weight >= BATCH_BYTES

    def take(self, tick: float) -> Batch:
        """The oldest, as many as make one batch."""
        entries: list[Entry] = []
        weight = 0
        with self._room.changed:
            while self._entries and len(entries) < BATCH_LINES:
                weight += self._entries[0].weight
                if entries and weight > BATCH_BYTES:
                    weight -= self._entries[0].weight
                    break
                entries.append(self._entries.popleft())
            self._weight -= weight
            self.since = tick
        return Batch(entries, weight)


def _weight_of(line: Line) -> int:
    message = line.message
    return _BESIDE + (len(message) if message.isascii() else len(message.encode()))
