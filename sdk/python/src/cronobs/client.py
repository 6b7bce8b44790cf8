"""The HTTP API from Python; standard library only.

    client = Client("http://127.0.0.1:8080")
    report = client.task("daily-report")
    report.put({"queue": "reports", "schedules": [{"expression": "0 3 * * *", "zone": "Europe/Berlin"}]})
    run = client.execution(report.trigger({"parts": ["a", "b"]})["execution_id"])
    print(run.wait()["status"], [line["message"] for line in run.logs()])

Answers are the API's own, as dictionaries with types (cronobs.answers); docs/http-api.md says what they mean. What it refuses
is an ApiError with `status`, `code`, `pointer` and `hint`; so is an API that does not answer (status 0).

Writes wait for their outcome, 10 s unless `wait` says otherwise; where it is not known by then, `result` is PENDING. Each
carries an Idempotency-Key, so it is sent again after a broken connection or a 503 and has one effect; with a key of your own
(`idempotency_key`) also over a restart of your program. `if_match` refuses a write (412) unless the task is still at that revision.

Reads wait until what this client has written can be seen, 10 s at most. While nobody carries it out they are 503 therefore;
another Client sees what there is.

Instants are texts as the API has them, or datetimes with a time zone.
"""
import os
from collections.abc import Iterator, Mapping
from typing import Any, Unpack, cast

from cronobs import answers
from cronobs.handles import ExecutionHandle, LogFilters, TaskHandle
from cronobs.session import Instant, Session, Words, members_of, segment
from cronobs.transport import ApiError, Transport

__all__ = ["ApiError", "Client", "ExecutionHandle", "TaskHandle"]

DEFAULT_URL = "http://127.0.0.1:8080"


class Client:
    """One installation. `url`: unless given CRONOBS_URL, or else http://127.0.0.1:8080; it may have a user and a path, of a proxy.

    `timeout`: seconds that a call may take with all its repeats, beside its `wait`. `headers`: sent with every request, for a
    proxy that wants a token. Safe to be used by many threads. `close()`, or the end of a `with`, closes the connections.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 30.0, headers: Mapping[str, str] | None = None) -> None:
        url = url or os.environ.get("CRONOBS_URL") or DEFAULT_URL
        self._session = Session(Transport(url, timeout=timeout, headers={"Accept": "application/json", **(headers or {})}))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def task(self, key: str, *, project: str = "default") -> TaskHandle:
        """A key of the project, or `project~key`. Asks nothing: the task need not be there."""
        before, separator, behind = key.partition("~")
        return TaskHandle(self._session, before, behind) if separator else TaskHandle(self._session, project, key)

    def execution(self, execution_id: str) -> ExecutionHandle:
        return ExecutionHandle(self._session, execution_id)

    def tasks(self, *, q: str | None = None, project: str | None = None, queue: str | None = None, state: Words | None = None,
              label: str | None = None, include: Words | None = None, page: int = 100) -> Iterator[answers.Task]:
        """By project and key, fetched `page` at a time; active and paused ones unless `state` says otherwise."""
        query = dict(q=q, project=project, queue=queue, state=state, label=label, include=include)
        return self._session.items("/v1/tasks", query, page)

    def executions(self, *, task: TaskHandle | str | None = None, queue: str | None = None, status: Words | None = None,
                   reason: Words | None = None, trigger: Words | None = None, day: str | None = None, tz: str | None = None,
                   from_: Instant | None = None, to: Instant | None = None, order: str | None = None,
                   include: Words | None = None, page: int = 100) -> Iterator[answers.Execution]:
        """The newest first, fetched `page` at a time; all that there are: choose, or stop. `task`: as for task()."""
        name = None if task is None else str(self.task(str(task)))
        query = dict(task=name, queue=queue, status=status, reason=reason, trigger=trigger, day=day, tz=tz, from_=from_, to=to,
                     order=order, include=include)
        return self._session.items("/v1/executions", query, page)

    def logs(self, execution_id: str, **filters: Unpack[LogFilters]) -> Iterator[answers.LogLine]:
        """The log of an execution, as ExecutionHandle.logs()."""
        return self.execution(execution_id).logs(**filters)

    def upcoming(self, *, project: str | None = None, from_: Instant | None = None, to: Instant | None = None,
                 limit: int | None = None) -> list[answers.Planned]:
        """When tasks are due next, all of them in one list."""
        query = dict(project=project, from_=from_, to=to, limit=limit)
        return cast(answers.Upcoming, self._session.read("/v1/upcoming", query))["items"]

    def explain(self, expression: str, *, zone: str | None = None, dialect: str | None = None, dst_gap: str | None = None,
                dst_overlap: str | None = None, task: str | None = None, from_: Instant | None = None,
                count: int | None = None) -> answers.Explained:
        """What an expression means and when it fires, without saving anything."""
        members = members_of(expression=expression, zone=zone, dialect=dialect, dst_gap=dst_gap, dst_overlap=dst_overlap, task=task,
                             from_=from_, count=count)
        return cast(answers.Explained, self._session.ask("POST", "/v1/schedules:explain", members))

    def command(self, command_id: str) -> answers.Command:
        """What became of a write whose outcome was not known in time."""
        return cast(answers.Command, self._session.get(f"/v1/commands/{segment(command_id)}", {}))

    def queues(self) -> list[answers.Queue]:
        """What is open in each, and who reads it."""
        return cast(answers.QueueList, self._session.read("/v1/queues"))["items"]

    def workers(self, queue: str) -> answers.QueueWorkers:
        """Who works for a queue: what each worker runs, and when it was last heard of."""
        return cast(answers.QueueWorkers, self._session.read(f"/v1/queues/{segment(queue)}/workers"))

    def get(self, path: str, **query: object) -> Any:
        """Any other resource that answers JSON: get("/v1/days", tz="Europe/Berlin", from_="2026-11-01")."""
        return self._session.read(path, query)
