"""Reports a run that someone else's cron starts: RUNNING when it begins, its lines and progress, and how it ended.

    with observe("nightly-backup") as run:
        run.progress(50)

    @observe("nightly-backup")
    def backup() -> None: ...

The work is done whatever the brokers do: nothing here waits for them but the end, for five seconds. How it ended is as of a handler:
an exception is FAILED, and goes on to the caller.
"""

from __future__ import annotations

import functools
import inspect
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from contextvars import Token
from math import inf
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Final, TypeVar, cast

from .ids import task_id
from .inbox import Claim
from .job import Job, current
from .lines import Room
from .logs import Notices
from .perform import raised, returned
from .placement import partition_of
from .properties import Topics
from .run import Outcome, Phase, Run, Writer
from .settings import SettingError, resolve
from .text import Line

F = TypeVar("F", bound=Callable[..., Any])

END: Final = 5.0  # seconds for what is unsent at the end
AGAIN: Final = 1.0  # seconds before the brokers are looked for again


class observe(ContextDecorator):  # named as it is used
    """Of the task `key` in a project. As a decorator it observes each call, of coroutines too.

    ensure   the task as PUT by the API before the run, such as {"schedule": "0 3 * * *", "zone": "Europe/Berlin"}: the scheduler then
             says when a run is missing. What goes wrong with it is told, and the run goes on.
    Other arguments are settings as of Worker."""

    def __init__(
        self,
        key: str,
        *,
        project: str = "default",
        ensure: Mapping[str, Any] | None = None,
        brokers: str | None = None,
        topic_prefix: str | None = None,
        name: str | None = None,
        kafka: Mapping[str, str | int | float | bool] | None = None,
        url: str | None = None,
    ) -> None:
        self._key, self._project, self._ensure = key, project, ensure
        self._arguments = {
            "queue": "observed", "brokers": brokers, "topic_prefix": topic_prefix, "name": name, "kafka": kafka, "url": url,
        }  # fmt: skip
        self._run: _Observed | None = None
        self._token: Token[Job | None] | None = None

    def __call__(self, function: F) -> F:
        if not inspect.iscoroutinefunction(function):
            return super().__call__(function)

        @functools.wraps(function)
        async def observed(*args: Any, **kwargs: Any) -> Any:
            with self._recreate_cm():
                return await function(*args, **kwargs)

        return cast(F, observed)

    def _recreate_cm(self) -> observe:
        again = observe(self._key, project=self._project, ensure=self._ensure)
        again._arguments = self._arguments
        return again

    def __enter__(self) -> Job:
        self._run = _Observed(self._key, self._project, self._arguments, self._ensure)
        self._token = current.set(self._run.job)
        return self._run.job

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        run, token = self._run, self._token
        assert run is not None and token is not None
        outcome = returned(None) if error is None else raised(run.job, error)
        current.reset(token)
        run.end(outcome)


def _spec_of(ensure: Mapping[str, Any]) -> dict[str, Any]:
    """As the API has it: one schedule may be given by its expression and zone alone."""
    spec = dict(ensure)
    schedule = {"expression": spec.pop("schedule", None), "zone": spec.pop("zone", None)}
    if schedule["expression"] is not None:
        spec["schedules"] = [{name: value for name, value in schedule.items() if value is not None}]
    return spec


def external_id(task: uuid.UUID, scheduled_at: int, nonce: str) -> str:
    """The id of an execution that somebody else has started, at that instant in microseconds: schemas/README.md, "Identity". Pure."""
    made = bytearray(uuid.uuid5(task, f"{scheduled_at}/external/{nonce}").bytes)
    made[:6] = (scheduled_at // 1000 & (1 << 48) - 1).to_bytes(6, "big")
    made[6] = made[6] & 0x0F | 0x80
    return str(uuid.UUID(bytes=bytes(made)))


def _execution_of(key: str, project: str) -> dict[str, Any]:
    now, task = time.time_ns() // 1000, task_id(project, key)
    return {
        "execution_id": external_id(task, now, str(uuid.uuid4())), "task_id": str(task), "task_key": key, "project": project,
        "revision": 0, "attempt": 1, "max_attempts": 1, "trigger": "EXTERNAL", "scheduled_at": now, "due_at": now,
        "nominal_local": None, "zone": None, "start_by": None, "finish_by": None, "run_timeout_ms": None, "heartbeat_ms": None,
        "payload": None, "content_type": None, "labels": {}, "status_partition": 0,
    }  # fmt: skip


class _Observed:
    """One observed run: a thread that sends what is to be said about it. It is the voice of its job and the engine of its sender."""

    def __init__(self, key: str, project: str, arguments: Mapping[str, Any], ensure: Mapping[str, Any] | None) -> None:
        self._notices = Notices()
        self._execution = _execution_of(key, project)
        self._room = Room()
        self._writer = Writer("", str(uuid.uuid4()), 0)
        self._run = Run(Claim(self._execution, 0, None), self._writer, self._room)
        self.job = Job(self._execution, "", self)
        self._mail: SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]]] = SimpleQueue()
        self._outcome: Outcome | None = None
        self._ended_at = 0
        self._is_mute = False  # nothing can be reported, and that was told
        self._look_at, self._until = 0.0, inf
        self._now, self._tick = 0, 0.0
        self._thread = threading.Thread(target=self._work, args=(arguments, ensure), name="cronobs-observe", daemon=True)
        self._thread.start()

    def end(self, outcome: Outcome) -> None:
        """Waits until all is said, five seconds at most."""
        self.job.close()
        self._post(self._ended, outcome, time.time_ns() // 1000)
        self._thread.join(END + AGAIN)
        if self._run.phase is not Phase.GONE and not self._is_mute:
            self._notices.say("ERROR", f"the run of '{self.job.task}' was not reported to its end: {self.job.execution_id}")

    # --- the voice of the job; any thread ---

    def line(self, level: str, lines: list[Line]) -> None:
        if self._run.lines.add(level, lines, time.time_ns() // 1000, time.monotonic(), may_wait=False):
            self._post(int)  # wakes it

    def progress(self, percent: int | None, note: str | None) -> None:
        self._post(self._run.beat.say, percent, note)

    def contact_lost(self) -> bool:
        return False

    def is_full(self) -> bool:
        """Nobody waits for room: the brokers may be away for longer than the work takes."""
        return False

    # --- the thread ---

    def _post(self, function: Callable[..., object], *arguments: Any) -> None:
        self._mail.put((function, arguments))

    def _work(self, arguments: Mapping[str, Any], ensure: Mapping[str, Any] | None) -> None:
        try:
            if ensure is not None:
                self._put_task(arguments["url"], ensure)
            self._serve(arguments)
        except SettingError as error:
            self._is_mute = True
            self._notices.say("ERROR", f"the run of '{self.job.task}' is not reported: {error}")

    def _put_task(self, url: str | None, ensure: Mapping[str, Any]) -> None:
        from .client import ApiError, Client

        try:
            with Client(url, timeout=END) as client:
                client.task(self.job.task, project=self.job.project).put(_spec_of(ensure), wait=0)
        except (ApiError, ValueError) as error:
            self._notices.say("WARN", f"could not put the task '{self.job.task}': {error}")

    def _serve(self, arguments: Mapping[str, Any]) -> None:
        settings = resolve(arguments)
        from . import bus  # not before: it needs the Kafka client

        topics = Topics.of(settings.topic_prefix, settings.queue)
        sender = bus.Sender(settings, topics, self, self._post, self._notices.say)
        sender.start()
        self._writer = Writer(settings.name, self._writer.incarnation, 0)
        while not self._is_over():
            self._take_mail()
            self._place(sender)
            self._step(sender)
        sender.stop()

    def _is_over(self) -> bool:
        return self._run.is_over() or self._tick >= self._until

    def _take_mail(self) -> None:
        wake = min(self._look_at if self._writer.partitions == 0 else self._run.wake(), self._until)
        wait = wake - time.monotonic()
        try:
            mail = self._mail.get(timeout=None if wait == inf else max(wait, 0))
        except Empty:
            mail = None
        self._now, self._tick = time.time_ns() // 1000, time.monotonic()
        if mail is not None:
            mail[0](*mail[1])

    def _place(self, sender: Any) -> None:
        """Finds out how many partitions there are: before that nobody knows where to send it."""
        if self._writer.partitions or self._tick < self._look_at:
            return
        self._look_at = self._tick + AGAIN
        count = sender.count_partitions(AGAIN)
        if count is None:
            return
        self._writer = Writer(self._writer.name, self._writer.incarnation, count)
        self._execution["status_partition"] = partition_of(self.job.task_id, count)
        self._run.writer = self._writer

    def _step(self, sender: Any) -> None:
        if self._writer.partitions == 0:
            return
        if self._run.phase is Phase.CLAIMED:
            self._run.start(self._tick)
        if self._run.phase is Phase.WORKING and self._outcome is not None:
            self._run.end(self._outcome, self._ended_at, self._tick)
        if self._run.beat_due() <= self._tick:
            self._run.beat.sent(self._tick)
            sender.send(self._run.heartbeat(self._now), self._run)
        record = self._run.next_record(self._now_of_run(), self._tick)
        if record is not None:
            sender.send(record, self._run)

    def _now_of_run(self) -> int:
        """What was begun or ended before the brokers were there was begun or ended then."""
        if self._run.phase is Phase.CLAIMING:
            return int(self._execution["scheduled_at"])
        return self._now if self._outcome is None else self._ended_at

    def _ended(self, outcome: Outcome, at: int) -> None:
        self._outcome, self._ended_at = outcome, at
        self._until = self._tick + END

    # --- answers of the brokers (as engine.Engine) ---

    def answered(self, run: Run, error: str | None, is_hopeless: bool) -> None:
        if error is not None:
            self._notices.say("WARN", f"could not report the run of '{self.job.task}': {error}")
        weight = run.answered(error is None or is_hopeless, self._tick)
        if weight:
            self._room.sent(weight)

    def beat_answered(self, run: Run, error: str | None) -> None:
        run.beat.answered(error is None, self._tick)

    def broke(self, why: str) -> None:
        self._notices.say("ERROR", why)
        self._until = self._tick
