"""Logging: handlers' lines into the log of their execution, and the worker's own words to the logger `cronobs`."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Final

from .job import current

logger: Final = logging.getLogger("cronobs")

SAME_AFTER: Final = 10.0  # seconds in which the same is said once
_REMEMBERED: Final = 64  # texts
_LEVELS: Final = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}


def level_name(number: int) -> str:
    """The wire's word for a level of `logging`."""
    if number >= logging.ERROR:
        return "ERROR"
    if number >= logging.WARNING:
        return "WARN"
    return "INFO" if number >= logging.INFO else "DEBUG"


class LogHandler(logging.Handler):
    """Sends what is logged while a job runs as lines of its execution; all else is for other handlers.

    A line belongs to the job in whose context it is logged: the handler's own thread or task, tasks and threads that asyncio makes for it,
    and what job.wrap carries elsewhere. It has a formatter of its own, so that logging.basicConfig sets none: a line says when it was
    logged and how serious it is anyway.
    """

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        job = current.get()
        if job is None or job.process != os.getpid():
            return
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        job.log(text, level_name(record.levelno))

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock of logging.Handler, which a thread that waits for room would hold before all others."""
        passed = self.filter(record)
        if isinstance(passed, logging.LogRecord):  # since Python 3.12 a filter may give another one
            record = passed
        if passed:
            self.emit(record)
        return bool(passed)


class Notices:
    """Says each text once in ten seconds. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def say(self, level: str, text: str) -> None:
        if self._is_news(text, time.monotonic()):
            logger.log(_LEVELS[level], "%s", text)

    def _is_news(self, text: str, tick: float) -> bool:
        with self._lock:
            if tick < self._said.get(text, -SAME_AFTER) + SAME_AFTER:
                return False
            self._said.pop(text, None)
            self._said[text] = tick
            if len(self._said) > _REMEMBERED:
                del self._said[next(iter(self._said))]
            return True
