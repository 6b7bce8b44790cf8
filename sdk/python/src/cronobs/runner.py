"""Handlers at work: `def` on threads, `async def` on one loop. Threads are made as they are needed, and are daemons: one that hangs does
not keep the process.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

from .job import Job
from .perform import Handler, no_handler, perform, perform_async
from .run import Outcome

Ended = Callable[[Any, Outcome], None]  # a token of the caller's, and how its handler ended; from any thread


class Runner:
    def __init__(self, handlers: Mapping[str, Handler], concurrency: int, ended: Ended) -> None:
        self._handlers, self._ended = handlers, ended
        self._pool = _Pool(concurrency)
        self._loop = _Loop()

    def start(self, jobs: Sequence[tuple[Any, Job]]) -> None:
        """Never waits for a handler."""
        work = []
        for token, job in jobs:
            handler = self._handlers.get(job.task) or self._handlers.get("*")
            if handler is None:
                self._ended(token, no_handler(job.task, self._handlers))
            elif is_async(handler):
                self._loop.start(job, handler, self._ended, token)
            else:
                work.append(self._call(token, job, handler))
        self._pool.start(work)

    def tell(self, job: Job) -> None:
        """The job has a cause: a coroutine is told by its task."""
        self._loop.cancel(job)

    def stop(self) -> None:
        """Threads end as they are free; whatever still runs is left to itself."""
        self._pool.stop()
        self._loop.stop()

    def _call(self, token: Any, job: Job, handler: Handler) -> Callable[[], None]:
        def call() -> None:
            self._ended(token, contextvars.Context().run(perform, job, handler))

        return call


def is_async(handler: Handler) -> bool:
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))


class _Pool:
    """Threads for handlers, at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._count = 0

    def start(self, work: Sequence[Callable[[], None]]) -> None:
        """A new thread begins at once with what waits, so quick handlers need few threads, however many come together."""
        for call in work:
            self._work.put(call)
        while self._work.qsize() > self._idle and self._count < self._most:
            self._count += 1
            threading.Thread(target=self._run, name=f"cronobs-handler-{self._count}", daemon=True).start()

    def stop(self) -> None:
        for _ in range(self._count):
            self._work.put(None)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            call = self._work.get()
            with self._lock:
                self._idle -= 1
            if call is None:
                return
            call()


class _Loop:
    """One event loop in a thread of its own, made when it is needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[Job, asyncio.Task[None]] = {}  # the loop's thread owns it

    def start(self, job: Job, handler: Handler, ended: Ended, token: Any) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="cronobs-loop", daemon=True).start()
        self._loop.call_soon_threadsafe(self._begin, self._loop, job, handler, ended, token, context=contextvars.Context())

    def cancel(self, job: Job) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel, job)

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop, self._loop)

    def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Coroutines that still run keep it: asyncio complains of those that are left without one."""
        if not self._tasks:
            loop.stop()

    def _begin(self, loop: asyncio.AbstractEventLoop, job: Job, handler: Handler, ended: Ended, token: Any) -> None:
        async def work() -> None:
            outcome = await perform_async(job, handler)
            self._tasks.pop(job, None)
            ended(token, outcome)

        self._tasks[job] = loop.create_task(work())

    def _cancel(self, job: Job) -> None:
        task = self._tasks.get(job)
        if task is not None:
            task.cancel()
