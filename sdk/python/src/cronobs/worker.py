"""A worker: runs the executions of one queue in this process.

    worker = Worker("reports", concurrency=8)

    @worker.task("daily-report")
    def daily_report(job: Job) -> dict[str, int]: ...

    raise SystemExit(worker.run())

The engine has a thread of its own, to which everything that happens is posted; handlers run in others.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .cause import Cause
from .commands import Command, Limits
from .engine import Engine
from .job import Job
from .lines import Room
from .logs import Notices, logger
from .perform import Handler
from .properties import Topics
from .run import Outcome, Record, Run
from .runner import Runner
from .settings import Settings, SettingError, resolve
from .text import Line

if TYPE_CHECKING:
    from . import bus

H = TypeVar("H", bound=Handler)

ENOUGH: Final = 3  # signals end it at once
STOP: Final = 2.0  # seconds for the threads to end
DONE, LEFT, WRONG, BROKEN = 0, 1, 64, 75  # what run() answers


class Worker:
    """Settings are checked when the worker starts, so that a module that makes one can be imported anywhere. An argument counts before the
    environment, and that before the default: docs/workers/python.md lists them.

    stop_when_lost   end a handler (cause LOST) when no sign of life of it has reached the brokers for three heartbeats
    """

    def __init__(
        self,
        queue: str | None = None,
        *,
        brokers: str | None = None,
        topic_prefix: str | None = None,
        concurrency: int | None = None,
        group: str | None = None,
        name: str | None = None,
        instance: str | None = None,
        drain: str | float | timedelta | None = None,
        backlog: str | float | timedelta | None = None,
        session_timeout: str | float | timedelta | None = None,
        kafka: Mapping[str, str | int | float | bool] | None = None,
        stop_when_lost: bool = False,
    ) -> None:
        self._arguments = {
            "queue": queue, "brokers": brokers, "topic_prefix": topic_prefix, "concurrency": concurrency, "group": group,
            "name": name, "instance": instance, "drain": drain, "backlog": backlog, "session_timeout": session_timeout,
            "kafka": kafka,
        }  # fmt: skip
        self._stop_when_lost = stop_when_lost
        self._handlers: dict[str, Handler] = {}
        self._life: _Life | None = None
        self._notices = Notices()
        self._early_signals = 0  # while the worker was being started

    def task(self, key: str) -> Callable[[H], H]:
        """Registers a handler of the task with that key; "*" takes all that have none. The function stays what it is."""

        def register(handler: H) -> H:
            if not callable(handler):
                raise TypeError(f"task '{key}': {handler!r} cannot be called")
            if key in self._handlers:
                raise ValueError(f"task '{key}' has a handler already: {self._handlers[key]!r}")
            if self._life is not None:
                raise RuntimeError(f"task '{key}': register handlers before the worker starts")
            self._handlers[key] = handler
            return handler

        return register

    def run(self) -> int:
        """Works until SIGTERM or SIGINT, and answers the exit code: 0 all is reported, 1 something is left, 64 settings are wrong, 75 the
        worker was broken off: start it again.

        The first signal takes nothing new and leaves the group at once; handlers go on for `drain`, then they are told to end, and three
        seconds later FAILED is said for what still runs. The second skips the wait, the third ends at once. The handlers that were set for
        the signals before are set again at the end."""
        with self._signals():
            try:
                life = self._begin()
            except SettingError as error:
                self._notices.say("ERROR", str(error))
                return WRONG
            life.over.wait()
        return life.finish()

    def start(self) -> None:
        """Begins to work, beside your program; no signals are touched. Raises SettingError. Does not wait for the brokers."""
        self._begin()

    def drain(self) -> None:
        """Takes nothing new, leaves the group, lets handlers go on for the setting `drain`. Does not wait."""
        if self._life is not None:
            self._life.check_process()
            self._life.drain()

    def close(self) -> int:
        """Drains, waits until all is reported or the time for it is over, and answers as run() does."""
        if self._life is None:
            return DONE
        self._life.check_process()
        self._life.drain()
        self._life.over.wait()
        return self._life.finish()

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> _Life:
        if self._life is not None:
            self._life.check_process()
            raise RuntimeError("the worker was started already; make another one")
        settings = resolve(self._arguments)
        self._life = _Life(settings, self._handlers, self._stop_when_lost, self._notices)
        for _ in range(self._early_signals):
            self._life.signalled()
        return self._life

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Only the main thread may set them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._life is None:
            self._early_signals += 1
        else:
            self._life.signalled()


class _Life:
    """A worker that was started: its threads, and the mailbox between them and the engine."""

    def __init__(self, settings: Settings, handlers: Mapping[str, Handler], stop_when_lost: bool, notices: Notices) -> None:
        from . import bus  # not before: a program that only makes requests has no Kafka client

        self._process = os.getpid()
        self._settings, self._bus = settings, bus
        self._notices = notices
        self._mail: SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]]] = SimpleQueue()
        self._signals = 0
        self.over = threading.Event()
        self._topics = Topics.of(settings.topic_prefix, settings.queue)
        limits = Limits(self._topics.queue, self._topics.control, settings.group, settings.concurrency, settings.backlog,
                        settings.drain, stop_when_lost)  # fmt: skip
        self._room = Room()
        self._engine = Engine(limits, settings.name, str(uuid.uuid4()), self, self._room)
        self._runner = Runner(handlers, settings.concurrency, self._ended)
        self._sender = bus.Sender(*self._of_bus())
        self._control = bus.ControlReader(*self._of_bus())
        self._status: bus.StatusReader | None = None
        self._reader = bus.QueueReader(*self._of_bus(), self._control.start)
        self._thread = threading.Thread(target=self._run, name="cronobs-engine", daemon=True)
        for thread in (self._thread, self._sender, self._reader):
            thread.start()

    def _of_bus(self) -> tuple[Settings, Topics, Engine, bus.Post, bus.Notice]:
        return self._settings, self._topics, self._engine, self.post, self.notice

    def check_process(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("a worker does not outlive a fork: make another one in the child")

    # --- the engine's thread ---

    def post(self, function: Callable[..., None], *args: Any) -> None:
        """Has it called by the engine's thread. Any thread."""
        self._mail.put((function, args))

    def _run(self) -> None:
        engine = self._engine
        try:
            while not self.over.is_set():
                self._take_mail(engine.wake() - time.monotonic())
                engine.step()
                if engine.is_over:
                    self.over.set()
        except Exception:  # a bug; whoever started us starts us again
            logger.exception("the worker cannot go on")
            engine.is_broken = True
            self.over.set()

    def _take_mail(self, wait: float) -> None:
        """All that is there, waiting for the first."""
        try:
            mail = self._mail.get(timeout=None if wait == inf else max(wait, 0))
        except Empty:
            mail = None
        self._engine.now, self._engine.tick = time.time_ns() // 1000, time.monotonic()
        while mail is not None:
            mail[0](*mail[1])
            try:
                mail = self._mail.get_nowait()
            except Empty:
                mail = None

    # --- what the engine does (engine.Port) ---

    def read(self, command: Command) -> None:
        self._reader.commands.put(command)

    def scan(self, scan: int, partitions: Sequence[int], since: int) -> None:
        self.stop_scan()
        self._status = self._bus.StatusReader(*self._of_bus(), scan, partitions, since)
        self._status.start()

    def stop_scan(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def send(self, record: Record, run: Run) -> None:
        self._sender.send(record, run)

    def start(self, runs: Sequence[Run]) -> None:
        for run in runs:
            run.job = Job(run.execution, self._settings.queue, _Voice(self, run))
        self._runner.start([(run, run.job) for run in runs])

    def tell(self, run: Run, cause: Cause) -> None:
        run.job.tell(cause)
        self._runner.tell(run.job)

    def close(self, run: Run) -> None:
        if run.job is not None:
            run.job.close()

    def notice(self, level: str, text: str) -> None:
        self._notices.say(level, text)

    # --- handlers' threads ---

    def _ended(self, run: Run, outcome: Outcome) -> None:
        self.post(self._engine.ended, run, outcome)

    def is_full(self) -> bool:
        return self._room.is_full

    def logged(self, run: Run) -> None:
        self.post(self._engine.logged, run)

    def progressed(self, run: Run, percent: int | None, note: str | None) -> None:
        self.post(self._engine.progressed, run, percent, note)

    # --- the end ---

    def drain(self) -> None:
        self.post(self._engine.drain)

    def signalled(self) -> None:
        """SIGTERM or SIGINT came."""
        self._signals += 1
        if self._signals == 1:
            self.post(self._engine.drain)
        elif self._signals < ENOUGH:
            self.post(self._engine.hurry)
        else:
            self.over.set()

    def finish(self) -> int:
        """Stops the threads; what hangs is left behind."""
        self._runner.stop()
        self._control.stop()
        self.stop_scan()
        self._sender.stop()
        if self._signals < ENOUGH:
            self._await_threads()
        if self._engine.is_broken:
            return BROKEN
        left = self._engine.unreported
        if left:
            self.notice("ERROR", f"{left} executions were not reported to the end")
        return LEFT if left or not self._engine.has_left else DONE


    def _await_threads(self) -> None:
        """So that none is at work when the interpreter ends; what hangs is left behind."""
        until = time.monotonic() + STOP
        for thread in (self._thread, self._reader, self._control, self._sender):
            if thread.is_alive():
                thread.join(max(until - time.monotonic(), 0))


class _Voice:
    """Where the words of a job go."""

    __slots__ = ("_life", "_run")

    def __init__(self, life: _Life, run: Run) -> None:
        self._life, self._run = life, run

    def line(self, level: str, lines: list[Line]) -> None:
        self._life.check_process()
        may_wait = asyncio._get_running_loop() is None
        if self._run.lines.add(level, lines, time.time_ns() // 1000, time.monotonic(), may_wait):
            self._life.logged(self._run)

    def progress(self, percent: int | None, note: str | None) -> None:
        self._life.check_process()
        self._life.progressed(self._run, percent, note)

    def is_full(self) -> bool:
        return self._life.is_full()

    def contact_lost(self) -> bool:
        return self._run.beat.is_lost(time.monotonic())
