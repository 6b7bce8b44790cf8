"""Runs a handler, and what its end means. Pure but for the handler itself; the worker and the testing helper share it."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable, Iterable
from operator import index
from typing import Any, Final, SupportsIndex

from .cause import Cancelled, Cause, Failed
from .job import Job, current
from .run import Outcome
from .text import cut, result_of

Handler = Callable[[Job], Any]

_HERE: Final = os.path.dirname(__file__)
_BY_CAUSE: Final = {
    Cause.CANCEL: ("CANCELLED", "NONE", None),
    Cause.TIMEOUT: ("FAILED", "RUN_TIMEOUT", "run timeout"),
    Cause.SHUTDOWN: ("FAILED", "WORKER_SHUTDOWN", "the worker was shut down"),
    Cause.LOST: ("FAILED", "WORKER_ERROR", "no sign of life reached the brokers"),
}


def perform(job: Job, handler: Handler) -> Outcome:
    """Calls the handler in the job's context."""
    token = current.set(job)
    try:
        return returned(handler(job))
    except BaseException as error:  # a SystemExit of the handler ends the handler, not the worker
        return raised(job, error)
    finally:
        current.reset(token)


async def perform_async(job: Job, handler: Callable[[Job], Awaitable[Any]]) -> Outcome:
    """The same of a coroutine; its task has a context of its own."""
    current.set(job)
    try:
        return returned(await handler(job))
    except BaseException as error:
        return raised(job, error)


def returned(value: object) -> Outcome:
    """It ended well, with that value."""
    result, message = _result(value)
    return Outcome("SUCCEEDED", message=message, result=result)


def _result(value: object) -> tuple[bytes | None, str | None]:
    try:
        return result_of(value)
    except Exception as error:  # of code of the value's own, too
        return None, cut(f"the result is left out: {_text(error)}")  # failing would run the work twice


def raised(job: Job, error: BaseException) -> Outcome:
    """It ended by an exception; with a cause it ended by that."""
    cause = job.cause
    if isinstance(error, Failed):
        return _failed(cause, error)
    if cause is not None:
        status, reason, text = _BY_CAUSE[cause]
        is_told = isinstance(error, (Cancelled, asyncio.CancelledError))
        return Outcome(status, reason, text if is_told else cut(f"{text}: {_say(error)}" if text else _say(error)))
    for line in _trace(error):
        job.log(line, "ERROR")
    return Outcome("FAILED", "WORKER_ERROR", cut(_say(error)))


def _failed(cause: Cause | None, error: Failed) -> Outcome:
    result, why = _result(error.result)
    exit_code, remark = _exit_code(error.exit_code)
    remarks = "; ".join(text for text in (why, remark) if text is not None)
    text = _text(error.message)
    status, reason = _status_of(cause, exit_code)
    return Outcome(status, reason, cut(f"{text} ({remarks})" if remarks else text), exit_code, result)


def _exit_code(given: object) -> tuple[int | None, str | None]:
    """One that no report can have is left out: else there would be no report."""
    if given is None:
        return None, None
    if isinstance(given, SupportsIndex) and -(2**31) <= index(given) < 2**31:
        return index(given), None
    return None, f"the exit code is left out: {_text(given)[:60]} is no whole number of 32 bits"


def _status_of(cause: Cause | None, exit_code: int | None) -> tuple[str, str]:
    if cause is not None:
        return _BY_CAUSE[cause][0], _BY_CAUSE[cause][1]
    return "FAILED", "WORKER_ERROR" if exit_code is None else "EXIT_CODE"


def _say(error: BaseException) -> str:
    text = _text(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as failure:  # its own __str__ is broken
        return f"(no text: {type(failure).__name__})"


def _trace(error: BaseException) -> Iterable[str]:
    """From the handler's own frame on."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None and os.path.dirname(at.tb_frame.f_code.co_filename) == _HERE:
        at = at.tb_next
    try:
        shown = traceback.format_exception(type(error), error, at)
    except Exception:  # a broken __str__ again
        shown = traceback.format_tb(at)
    return "".join(shown).rstrip("\n").split("\n")


def no_handler(key: str, keys: Iterable[str]) -> Outcome:
    has = ", ".join(sorted(keys)) or "none"
    return Outcome("FAILED", "WORKER_ERROR", cut(f"no handler for task '{key}' (has: {has})"))
