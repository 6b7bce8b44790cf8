"""One task, one execution of a client: what can be asked of it, and what can be done to it."""
import time
from collections.abc import Iterator, Mapping
from typing import TypedDict, Unpack, cast

from cronobs import answers
from cronobs.ids import task_id
from cronobs.session import Instant, Payload, Session, Terms, Words, WriteOptions, members_of, payload_members, segment, target_of

LOOK_AGAIN = 0.5  # seconds between two looks at what goes on
OPEN = ("PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "UNKNOWN")


class LogFilters(TypedDict, total=False):
    """What chooses lines of a log. `level` leaves out what is less serious, `follow` goes on until the execution has ended."""

    level: answers.LogLevel
    stream: Words
    attempt: int
    writer: str
    follow: bool
    page: int


def has_ended(execution: answers.Execution) -> bool:
    """And no attempt follows. Pure."""
    return execution["status"] not in OPEN and "next_attempt_at" not in execution


class TaskHandle:
    """A task by project and key, whether it is there or not."""

    def __init__(self, session: Session, project: str, key: str) -> None:
        self.project, self.key = project, key
        self.id = str(task_id(project, key))
        self._session, self._path = session, f"/v1/tasks/{segment(str(self))}"

    def __str__(self) -> str:
        return f"{self.project}~{self.key}"

    def get(self) -> answers.Task:
        return cast(answers.Task, self._session.read(self._path, task=self.id))

    def put(self, spec: Mapping[str, object], *, only_new: bool = False, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Makes it, or replaces its whole specification; an equal one makes no new revision. `only_new`: 412 where it is there."""
        headers = {"If-None-Match": "*"} if only_new else {}
        return self._session.write("PUT", self._path, spec, Terms(**options), **headers)

    def draft(self, spec: Mapping[str, object]) -> answers.Draft:
        """What would come of such a put: what changes, when it is due next, what calendars leave out. Writes nothing."""
        target = self._session.behind_writes(self._path, {"dry_run": True}, task=self.id)
        return cast(answers.Draft, self._session.ask("PUT", target, spec))

    def patch(self, changes: Mapping[str, object], **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Changes some members of its specification; None resets one to its default."""
        return self._session.write("PATCH", self._session.behind_writes(self._path, task=self.id), changes, Terms(**options))

    def delete(self, *, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Its history stays."""
        return self._session.write("DELETE", target_of(self._path, {"reason": reason}), None, Terms(**options))

    def pause(self, *, until: Instant | None = None, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Nothing more is fired until it is resumed, or until then."""
        return self._act("pause", members_of(until=until, reason=reason), Terms(**options))

    def resume(self, *, gap: answers.ResumeGap | None = None, reason: str | None = None,
               **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Ends a pause; `gap`: which of the instants that passed are made up for, as its policy says unless given."""
        return self._act("resume", members_of(gap=gap, reason=reason), Terms(**options))

    def trigger(self, payload: Payload | None = None, *, ignore_overlap: bool = False, reason: str | None = None,
                **options: Unpack[WriteOptions]) -> answers.Outcome:
        """One execution now, which `execution_id` names. `payload`: bytes, a text, or what becomes JSON; none: the task's own."""
        members = members_of(ignore_overlap=ignore_overlap or None, reason=reason)
        return self._act("trigger", members | payload_members(payload), Terms(**options))

    def skip_next(self, *, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """The next instant that is due is left out; `message` says which."""
        return self._act("skip-next", members_of(reason=reason), Terms(**options))

    def backfill(self, from_: Instant, to: Instant, *, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Runs each instant after `from_`, up to `to`: 1,000 at most, in the past."""
        return self._act("backfill", members_of(from_=from_, to=to, reason=reason), Terms(**options))

    def draft_backfill(self, from_: Instant, to: Instant) -> answers.BackfillDraft:
        """Which instants such a backfill would run. Writes nothing."""
        target = self._session.behind_writes(f"{self._path}:backfill", {"dry_run": True}, task=self.id)
        return cast(answers.BackfillDraft, self._session.ask("POST", target, members_of(from_=from_, to=to)))

    def upcoming(self, *, from_: Instant | None = None, to: Instant | None = None, limit: int | None = None) -> list[answers.Planned]:
        """When it is due next."""
        query = dict(from_=from_, to=to, limit=limit)
        return cast(answers.Upcoming, self._session.read(f"{self._path}/upcoming", query, task=self.id))["items"]

    def why(self, at: Instant | None = None, *, tz: str | None = None) -> answers.Why:
        """Whether it ran at that instant (the last one unless given), and if not, why. A datetime without a zone is a wall time of `tz`."""
        return cast(answers.Why, self._session.read(f"{self._path}:why", dict(at=at, tz=tz)))

    def revisions(self, *, page: int = 100) -> Iterator[answers.Revision]:
        """What it was, newest first."""
        return self._session.items(f"{self._path}/revisions", {}, page, task=self.id)

    def gaps(self, *, page: int = 100) -> Iterator[answers.Gap]:
        """Instants that were not fired, and why, newest first."""
        return self._session.items(f"{self._path}/gaps", {}, page, task=self.id)

    def _act(self, verb: str, members: Mapping[str, object], terms: Terms) -> answers.Outcome:
        return self._session.write("POST", f"{self._path}:{verb}", members, terms)


class ExecutionHandle:
    """An execution by its id."""

    def __init__(self, session: Session, execution_id: str) -> None:
        self.id = execution_id
        self._session, self._path = session, f"/v1/executions/{segment(execution_id)}"

    def get(self) -> answers.Execution:
        """With its payload and its last sign of life."""
        return cast(answers.Execution, self._session.read(self._path))

    def wait(self, timeout: float | None = None) -> answers.Execution:
        """Until it has ended and no attempt follows. TimeoutError: it goes on after so many seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while not has_ended(found := self.get()):
            if until is not None and time.monotonic() >= until:
                raise TimeoutError(f"execution {self.id} is still {found['status']} after {timeout} s")
            time.sleep(LOOK_AGAIN)
        return found

    def events(self, *, page: int = 100) -> Iterator[answers.ExecutionEvent]:
        """All that was reported about it, in the order of the log."""
        return self._session.items(f"{self._path}/events", {}, page)

    def logs(self, *, level: answers.LogLevel | None = None, stream: Words | None = None, attempt: int | None = None,
             writer: str | None = None, follow: bool = False, page: int = 500) -> Iterator[answers.LogLine]:
        """Its lines in the order of their arrival; with `attempt` or `writer` those of one writer, by number."""
        chosen = dict(level=level, stream=stream, limit=page)
        query = {**chosen, "attempt": attempt, "writer": writer}
        is_over = not follow
        while True:
            got = cast(answers.LogPage, self._session.read(f"{self._path}/logs", query))
            yield from got["items"]
            query = {**chosen, "after": got["next"]}
            if got["more"]:
                continue
            if is_over:
                return
            is_over = has_ended(self.get())  # the last lines may come behind the report of the end: one more look follows
            time.sleep(LOOK_AGAIN)

    def cancel(self, *, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Ends it: at once while nobody has begun it, else by a signal to its worker."""
        return self._act("cancel", members_of(reason=reason), Terms(**options))

    def retry(self, payload: Payload | None = None, *, reason: str | None = None, **options: Unpack[WriteOptions]) -> answers.Outcome:
        """Runs one that is over again, as an execution of its own, with the payload that it had unless another is given."""
        return self._act("retry", members_of(reason=reason) | payload_members(payload), Terms(**options))

    def _act(self, verb: str, members: Mapping[str, object], terms: Terms) -> answers.Outcome:
        return self._session.write("POST", self._session.behind_writes(f"{self._path}:{verb}"), members, terms)
