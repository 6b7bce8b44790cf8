"""Why a handler is told to end early, and how it ends by that. Pure."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    CANCEL = "CANCEL"  # somebody has cancelled the execution
    TIMEOUT = "TIMEOUT"  # its run timeout is over
    SHUTDOWN = "SHUTDOWN"  # the worker ends
    LOST = "LOST"  # no sign of life has reached the brokers, with `stop_when_lost`


class Cancelled(BaseException):
    """Raised by job.check() and job.wait(). No Exception, so that an `except Exception` around a piece of the work cannot swallow it,
    just as asyncio.CancelledError, which it is in coroutines."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class Failed(Exception):
    """To be raised by a handler: FAILED with this message, and maybe an exit code and a result. No trace is logged."""

    def __init__(self, message: str, exit_code: int | None = None, result: object = None) -> None:
        super().__init__(message)
        self.message, self.exit_code, self.result = message, exit_code, result
