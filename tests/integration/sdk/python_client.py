"""The client of the Python SDK against the API, with a scheduler and a projection behind it, and over a connection that loses answers."""
import datetime
import itertools
import os
import pathlib
import subprocess
import sys

from client import Worker
from cronobs import ApiError, Client
from relay import Relay
from support import case
from support.stack import Stack, wait_for

stack = Stack("pythonclient", partitions=3)
stack.prepare("q", "reports")
stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = Worker(stack)
client = Client(stack.url)
SPEC = {"queue": "q", "payload": "hello", "schedules": [{"expression": "0 3 * * *", "zone": "Europe/Berlin"}]}


class Forgetful(Relay):
    """A way to the API on which so many answers are lost, though what was asked for is done."""

    lost = 0

    def pass_on(self, one):
        if self.lost and one in self.pairs and one.getpeername() == self.target:
            self.lost -= 1
            one.recv(65536)
            self.close(one)
        else:
            super().pass_on(one)


def refused(status, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiError as error:
        assert error.status == status, error
        return error
    raise AssertionError(f"it was not refused with {status}")


# --- tasks ---


def a_task_is_made_changed_and_read_as_written():
    task = client.task("report")
    assert refused(404, task.get).code is None
    made = task.put(SPEC)
    assert (made["result"], made["code"], made["revision"], made["task_id"]) == ("ACCEPTED", "CREATED", 1, task.id), made
    found = task.get()
    assert found["revision"] == 1 and found["spec"]["payload"] == "hello" and found["key"] == "report", found
    assert task.put(found["spec"], if_match=1)["code"] == "UNCHANGED"
    assert task.patch({"title": "A report"})["revision"] == 2
    assert task.get()["title"] == "A report"
    assert [revision["revision"] for revision in task.revisions(page=1)] == [2, 1]


def a_stale_revision_is_412_and_changes_nothing():
    task = client.task("report")
    for write in (lambda: task.put(SPEC, if_match=1), lambda: task.patch({"title": "x"}, if_match=1), lambda: task.delete(if_match=1),
                  lambda: task.trigger(if_match=1), lambda: task.put(SPEC, only_new=True)):
        error = refused(412, write)
        assert "revision" in error.detail or "is there" in error.detail or error.code == "STALE_REVISION", error
    assert task.get()["revision"] == 2


def a_wrong_member_is_named():
    error = refused(400, client.task("report").put, {"queue": "q", "schedules": [{"expression": "61 * * * *"}]})
    assert error.pointer == "/schedules/0/expression" and error.column == 1 and "0-59" in str(error), vars(error)
    assert refused(400, client.task("report").pause, wait=61).status == 400
    assert refused(413, client.task("report").put, {**SPEC, "payload": "x" * 3_000_000}).status == 413


def what_would_come_of_it_is_told_and_not_done():
    task = client.task("report")
    draft = task.draft({**SPEC, "schedules": [{"expression": "30 4 * * *", "zone": "Europe/Berlin"}]})
    assert draft["result"] == "UPDATED" and draft["revision"] == 3 and draft["next"], draft
    assert task.get()["revision"] == 2
    assert client.explain("30 4 * * *", zone="Europe/Berlin", count=2)["canonical"] == "30 4 * * *"


def a_task_is_paused_resumed_and_looked_ahead_of():
    task = client.task("report")
    task.pause(reason="moving house")
    paused = task.get()
    assert paused["state"] == "PAUSED" and paused["paused"]["reason"] == "moving house", paused
    assert refused(409, task.skip_next).status == 409
    task.resume(gap="NONE")
    ahead = task.upcoming(limit=3)
    assert len(ahead) == 3 and all(item["local"].startswith(item["local"][:10] + "T03:00") for item in ahead), ahead
    assert task.skip_next()["message"] == f"{ahead[0]['scheduled_at']} is skipped"
    assert [item["key"] for item in client.upcoming(project="default", limit=1)] == ["report"]


def a_project_of_ones_own_is_apart():
    other = client.task("report", project="billing")
    other.put({"queue": "q"})
    assert [(task["project"], task["key"]) for task in client.tasks(page=1)] == [("billing", "report"), ("default", "report")]
    assert [task["project"] for task in client.tasks(project="billing")] == ["billing"]
    other.delete(reason="was a try")
    assert [task["project"] for task in client.tasks()] == ["default"]
    assert other.get()["state"] == "DELETED"


# --- executions ---


def an_execution_is_triggered_followed_and_retried():
    task = client.task("report")
    made = task.trigger({"parts": ["a"]}, reason="now")
    run = client.execution(made["execution_id"])
    found = run.get()
    assert found["status"] == "PENDING" and found["payload"] == '{"parts": ["a"]}' and found["trigger"] == "MANUAL", found
    worker.report(found, "RUNNING")
    worker.log(found, 1, [("INFO", "LOG", f"line {n}") for n in range(1, 8)])
    worker.report(found, "SUCCEEDED")
    assert run.wait(30)["status"] == "SUCCEEDED"
    wait_for("its lines are stored", lambda: len(list(run.logs())) == 7, 20)
    assert [line["message"] for line in client.logs(run.id, page=2)] == [f"line {n}" for n in range(1, 8)]
    assert [line["message"] for line in run.logs(attempt=1, page=3, follow=True)] == [f"line {n}" for n in range(1, 8)]
    assert [event["status"] for event in run.events(page=1)] == ["RUNNING", "SUCCEEDED"]
    again = client.execution(run.retry()["execution_id"])
    assert again.get()["parent_execution_id"] == run.id
    assert again.cancel(reason="enough")["code"] == "OK"
    assert again.wait(30)["status"] == "CANCELLED"
    assert refused(409, again.cancel).status == 409


def a_history_is_read_page_by_page_behind_what_was_written():
    task = client.task("many")
    task.put({"queue": "q"})
    made = [task.trigger(str(n))["execution_id"] for n in range(7)]
    assert [run["execution_id"] for run in client.executions(task=task, page=3)] == made[::-1]
    assert [run["execution_id"] for run in client.executions(task="many", order="asc", status=["PENDING", "OPEN"], page=2)] == made
    assert [run["execution_id"] for run in itertools.islice(client.executions(task="many", page=1), 2)] == made[:-3:-1]
    assert {queue["name"] for queue in client.queues()} == {"q", "reports"} and client.workers("q")["queue"] == "q"
    assert client.get("/v1/summary", project="default")["open"]["PENDING"] >= 7


def a_past_range_is_run():
    task = client.task("report")
    until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    since = until - datetime.timedelta(days=3)
    draft = task.draft_backfill(since, until)
    assert draft["count"] == 3, draft
    assert task.backfill(since, until)["code"] == "OK"
    wait_for("all are made", lambda: len(list(client.executions(task=task, trigger="BACKFILL"))) == 3, 20)
    assert task.why(draft["items"][0]["scheduled_at"])["items"], draft


# --- answers that are lost ---


def a_lost_answer_is_no_second_execution():
    task = client.task("once")
    task.put({"queue": "q"})
    relay = Forgetful("127.0.0.1", stack.port)
    with Client(f"http://127.0.0.1:{relay.port}") as far:
        relay.lost = 2
        made = far.task("once").trigger("x")
        assert relay.lost == 0 and made["result"] == "ACCEPTED", made
        assert [run["execution_id"] for run in far.executions(task="once")] == [made["execution_id"]]
        key = {"idempotency_key": "my own"}
        first = far.task("once").trigger("y", **key)
        assert Client(stack.url).task("once").trigger("y", **key)["execution_id"] == first["execution_id"]
        assert refused(422, far.task("once").trigger, "z", **key).status == 422
    assert len(list(client.executions(task="once"))) == 2


# --- the page ---


def the_example_of_the_page_does_what_it_says():
    page = pathlib.Path(__file__).parents[3].joinpath("docs/workers/python.md").read_text(encoding="utf-8")
    example = page.split("\n## Client\n")[1].split("```python\n")[1].split("```")[0]
    stack.start_worker("reports", "cat")
    done = subprocess.run([sys.executable, "-c", example], env={**os.environ, "CRONOBS_URL": stack.url}, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == 'INFO {"parts": ["a", "b"]}\nSUCCEEDED\n', done.stdout
    assert client.task("daily-report").get()["title"] == "The daily report"


case.run(a_task_is_made_changed_and_read_as_written, a_stale_revision_is_412_and_changes_nothing, a_wrong_member_is_named,
         what_would_come_of_it_is_told_and_not_done, a_task_is_paused_resumed_and_looked_ahead_of, a_project_of_ones_own_is_apart,
         an_execution_is_triggered_followed_and_retried, a_history_is_read_page_by_page_behind_what_was_written, a_past_range_is_run,
         a_lost_answer_is_no_second_execution, the_example_of_the_page_does_what_it_says)
