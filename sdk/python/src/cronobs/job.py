"""The face of an execution: what a handler is given."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from .cause import Cancelled, Cause
from .text import MESSAGE_MAX, Line, cut, lines

P = ParamSpec("P")
R = TypeVar("R")

ROOM_LOOK: Final = 0.02  # seconds
LEVELS: Final = ("DEBUG", "INFO", "WARN", "ERROR")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: The job in whose context this code runs.
current: ContextVar[Job | None] = ContextVar("cronobs_job", default=None)


class Voice(Protocol):
    """Where a job's words go."""

    def line(self, level: str, lines: list[Line]) -> None: ...

    def progress(self, percent: int | None, note: str | None) -> None: ...

    def contact_lost(self) -> bool: ...

    def is_full(self) -> bool: ...


class Job:
    """One attempt of one execution. All of it may be used from any thread; after the handler's end nothing is sent any more.

    execution_id   the same in every attempt and every delivery: make the work repeatable with it
    attempt        1, 2, ... of max_attempts
    task, project  keys; task_id the task's id; revision its revision; queue where it came from
    trigger        SCHEDULED, CATCH_UP, BACKFILL, MANUAL, RETRY, CHAIN
    payload        bytes, b"" where there is none; content_type its media type; labels of the task
    traceparent    of the record's header, as W3C Trace Context writes it
    """

    def __init__(self, execution: Mapping[str, Any], queue: str, voice: Voice) -> None:
        self._execution, self._voice = execution, voice
        self._cause: Cause | None = None
        self._told = threading.Event()
        self._is_closed = False
        self.process = os.getpid()
        self.queue = queue
        self.execution_id: str = execution["execution_id"]
        self.task_id: str = execution["task_id"]
        self.task: str = execution["task_key"]
        self.project: str = execution["project"]
        self.attempt: int = execution["attempt"]
        self.max_attempts: int = execution["max_attempts"]
        self.revision: int = execution["revision"]
        self.trigger: str = execution["trigger"]
        self.payload: bytes = execution["payload"] or b""
        self.content_type: str | None = execution["content_type"]
        self.labels: Mapping[str, str] = execution["labels"]
        self.zone: str | None = execution["zone"]
        self.traceparent: str | None = execution.get("traceparent")

    def __repr__(self) -> str:
        return f"<Job {self.task!r} {self.execution_id} attempt {self.attempt}>"

    # --- facts ---

    @property
    def scheduled_at(self) -> datetime:
        """The instant that the schedule names, or that of the command. UTC."""
        return _instant(self._execution["scheduled_at"])

    @property
    def due_at(self) -> datetime:
        """scheduled_at with jitter."""
        return _instant(self._execution["due_at"])

    @property
    def nominal_local(self) -> datetime | None:
        """The wall time that the schedule names in its zone, without a zone; None: started by hand."""
        at = self._execution["nominal_local"]
        return None if at is None else _instant(at).replace(tzinfo=None)

    @property
    def start_by(self) -> datetime | None:
        at = self._execution["start_by"]
        return None if at is None else _instant(at)

    @property
    def finish_by(self) -> datetime | None:
        """It is not tried again after this."""
        at = self._execution["finish_by"]
        return None if at is None else _instant(at)

    @property
    def run_timeout(self) -> timedelta | None:
        return _span(self._execution["run_timeout_ms"])

    @property
    def heartbeat(self) -> timedelta | None:
        """How often the task wants a sign of life; the worker gives it by itself."""
        return _span(self._execution["heartbeat_ms"])

    def text(self) -> str:
        """The payload as UTF-8."""
        return self.payload.decode()

    def json(self) -> Any:
        """The payload as JSON."""
        return json.loads(self.payload)

    # --- words ---

    def log(self, text: str | bytes, level: str = "INFO") -> None:
        """A line of this execution's log, or several, at DEBUG, INFO, WARN or ERROR. Of bytes, those that are no UTF-8 become \\xHH. Waits
        while 16 MiB of lines are unsent, but for a thread with an event loop: there `await job.drained()` does."""
        if level not in LEVELS:
            raise ValueError(f"level: '{level}' is none of {', '.join(LEVELS)}")
        if not self._is_closed:
            self._voice.line(level, lines(text))

    async def drained(self) -> None:
        """In coroutines that log a lot: waits while 16 MiB of lines are unsent. Past 64 MiB lines are left out."""
        while self._voice.is_full() and not self._is_closed:
            await asyncio.sleep(ROOM_LOOK)

    def progress(self, percent: float | None = None, note: str | None = None) -> None:
        """How far it is, 0-100 (None: as it was said last), and what it is doing, at most 4 KiB. The newest is told once a second."""
        if self._is_closed:
            return
        told = None if percent is None else int(min(max(percent, 0), 100))
        self._voice.progress(told, None if note is None else cut(note, MESSAGE_MAX))

    # --- the end ---

    @property
    def cause(self) -> Cause | None:
        """Why the handler is to end early; None: it is not."""
        return self._cause

    @property
    def contact_lost(self) -> bool:
        """The brokers have had no sign of life for three times as long as the task asks for: soon it is taken for dead, and another worker
        may begin it. It may end again."""
        return self._voice.contact_lost()

    def check(self) -> None:
        """Raises Cancelled where there is a cause to end."""
        if self._cause is not None:
            raise Cancelled(self._cause)

    def wait(self, seconds: float) -> None:
        """Sleeps, and raises Cancelled as soon as there is a cause to end. In coroutines asyncio.sleep does it."""
        self.check()
        if self._told.wait(seconds):
            self.check()

    def wrap(self, function: Callable[P, R]) -> Callable[P, R]:
        """The same function, to be called in a thread of yours: what it logs is this job's."""

        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            token = current.set(self)
            try:
                return function(*args, **kwargs)
            finally:
                current.reset(token)

        return wrapped

    # --- for the worker ---

    def tell(self, cause: Cause) -> None:
        """Not for handlers: the job is to end."""
        self._cause = self._cause or cause
        self._told.set()

    def close(self) -> None:
        """Not for handlers: it has ended, what is said from now on is for nobody."""
        self._is_closed = True


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _span(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None or milliseconds <= 0 else timedelta(milliseconds=milliseconds)
