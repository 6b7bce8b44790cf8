"""Handlers in tests: run_job calls one as a worker would, without Kafka and without threads.

    def test_report():
        out = run_job(daily_report, payload={"parts": ["a", "b"]})
        assert out.status == "SUCCEEDED" and out.result == {"rows": 1234}
        assert out.lines == [("INFO", "loading a"), ("INFO", "loading b")]
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any

from .cause import Cause, Failed
from .job import Job
from .logs import LogHandler
from .perform import Handler, perform, perform_async
from .run import Outcome
from .runner import is_async
from .text import Line

__all__ = ["Ran", "run_job"]


@dataclass(frozen=True)
class Ran:
    """What a worker would have published."""

    status: str  # SUCCEEDED, FAILED or CANCELLED
    reason: str  # NONE, WORKER_ERROR, EXIT_CODE, RUN_TIMEOUT, WORKER_SHUTDOWN
    message: str | None
    exit_code: int | None
    result: Any  # bytes and text as they were returned, all else as JSON carries it
    result_bytes: bytes | None  # as it is published
    lines: list[tuple[str, str]]  # level and text; a line over 16 KiB comes in pieces
    progress: list[tuple[int | None, str | None]]


def run_job(
    handler: Handler,
    payload: object = None,
    *,
    task: str = "test",
    attempt: int = 1,
    max_attempts: int = 1,
    labels: Mapping[str, str] | None = None,
    content_type: str | None = None,
    traceparent: str | None = None,
    cancel_after: float | None = None,
    cause: Cause = Cause.CANCEL,
    level: int | str = "INFO",
) -> Ran:
    """Runs a handler to its end.

    payload        bytes as they are, text as UTF-8, None as nothing, all else as JSON
    cancel_after   seconds after which the handler is told to end, by `cause`
    level          what is logged from this level on is seen, whatever the root logger lets through otherwise
    """
    voice = _Recorder()
    job = _TimedJob(_execution(task, payload, attempt, max_attempts, labels, content_type, traceparent), voice, cancel_after, cause)
    returned: list[object] = []
    with _lines_are_seen(level):
        outcome = asyncio.run(_run_async(job, handler, returned)) if is_async(handler) else perform(job, _noting(handler, returned))
    return Ran(
        outcome.status, outcome.reason, outcome.message, outcome.exit_code, _seen(outcome, returned), outcome.result,
        voice.lines, voice.told,
    )  # fmt: skip


def _execution(
    task: str, payload: object, attempt: int, max_attempts: int, labels: Mapping[str, str] | None, content_type: str | None,
    traceparent: str | None,
) -> dict[str, Any]:  # fmt: skip
    if payload is None or isinstance(payload, bytes):
        data = payload
    else:
        data = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    now = time.time_ns() // 1000
    return {
        "execution_id": str(uuid.uuid4()), "task_id": str(uuid.uuid4()), "task_key": task, "project": "default", "revision": 1,
        "attempt": attempt, "max_attempts": max_attempts, "trigger": "MANUAL", "scheduled_at": now, "due_at": now,
        "nominal_local": None, "zone": None, "start_by": None, "finish_by": None, "run_timeout_ms": None, "heartbeat_ms": None,
        "payload": data, "content_type": content_type, "labels": dict(labels or {}), "traceparent": traceparent,
    }  # fmt: skip


def _noting(handler: Handler, returned: list[object]) -> Handler:
    def noting(job: Job) -> object:
        try:
            value: object = handler(job)
        except Failed as failure:
            returned.append(failure.result)
            raise
        returned.append(value)
        return value

    return noting


async def _run_async(job: _TimedJob, handler: Handler, returned: list[object]) -> Outcome:
    async def noting(job: Job) -> object:
        try:
            value: object = await handler(job)
        except Failed as failure:
            returned.append(failure.result)
            raise
        returned.append(value)
        return value

    task = asyncio.create_task(perform_async(job, noting))
    timer = asyncio.get_running_loop().call_later(job.left, _cancel, job, task) if job.left < inf else None
    try:
        return await task
    finally:
        if timer is not None:
            timer.cancel()


def _cancel(job: _TimedJob, task: asyncio.Task[Outcome]) -> None:
    job.check_time()
    task.cancel()


def _seen(outcome: Outcome, returned: list[object]) -> Any:
    if outcome.result is None or not returned:
        return None
    return returned[0] if isinstance(returned[0], (str, bytes)) else _decoded(returned[0], outcome.result)


def _decoded(value: object, result: bytes) -> object:
    return result if isinstance(value, (bytearray, memoryview)) else json.loads(result)


class _Recorder:
    """Where the job's words go."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.told: list[tuple[int | None, str | None]] = []

    def line(self, level: str, lines: list[Line]) -> None:
        self.lines += [(level, line.message) for line in lines]

    def progress(self, percent: int | None, note: str | None) -> None:
        last = self.told[-1][0] if self.told else None
        self.told.append((last if percent is None else percent, note))

    def contact_lost(self) -> bool:
        return False

    def is_full(self) -> bool:
        return False


class _TimedJob(Job):
    """One that is told to end by the clock, without a thread: it looks when it is asked."""

    def __init__(self, execution: Mapping[str, Any], voice: _Recorder, after: float | None, cause: Cause) -> None:
        super().__init__(execution, "test", voice)
        self._until = inf if after is None else time.monotonic() + after
        self._by = cause

    @property
    def left(self) -> float:
        return max(self._until - time.monotonic(), 0)

    def check_time(self) -> None:
        if self.left == 0:
            self.tell(self._by)

    @property
    def cause(self) -> Cause | None:
        self.check_time()
        return super().cause

    def check(self) -> None:
        self.check_time()
        super().check()

    def wait(self, seconds: float) -> None:
        self.check()
        time.sleep(min(seconds, self.left))
        self.check()


@contextmanager
def _lines_are_seen(level: int | str) -> Iterator[None]:
    """For so long the root logger has a LogHandler, unless there is one somewhere already, and lets the level through."""
    root = logging.getLogger()
    handler, before = LogHandler(), root.level
    wanted = logging.getLevelName(level) if isinstance(level, str) else level
    is_there = _has_handler()
    if not is_there:
        root.addHandler(handler)
    root.setLevel(min(before, wanted))
    try:
        yield
    finally:
        root.setLevel(before)
        if not is_there:
            root.removeHandler(handler)


def _has_handler() -> bool:
    loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    return any(isinstance(h, LogHandler) for log in loggers if isinstance(log, logging.Logger) for h in log.handlers)
