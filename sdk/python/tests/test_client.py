"""The client of the HTTP API against answers that were recorded, and connections that break."""
import base64
import datetime
import itertools
import os
import pathlib
import re
import ssl
import threading

import pytest
from recorded import BROKEN, CUT, Recorded, Reply, SILENT

from cronobs import ApiError, Client
from cronobs.handles import ExecutionHandle, TaskHandle
from cronobs.transport import IDLE, Transport, pause_after
from cronobs.unseen import MOST, Unseen

ROUTES = pathlib.Path(__file__).parents[3] / "docs/http-api.md"
TASK = str(Client().task("hello").id)
DONE = Reply(200, {"command_id": "c1", "task_id": TASK, "result": "ACCEPTED", "code": "OK", "revision": 2, "execution_id": "e1"})
PENDING = Reply(202, {"command_id": "c1", "task_id": TASK, "result": "PENDING"})
AWAY = Reply(503, {"status": 503, "title": "A part that is needed is away", "detail": "Kafka cannot be asked yet"}, {"Retry-After": "1"})
LAST = {"items": []}


class Time:
    """A clock that only pauses move."""

    def __init__(self):
        self.now, self.pauses = 1000.0, []

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def client_of(api, time=None, **options):
    client = Client(api.url, **options)
    if time is not None:
        client._session._transport._clock, client._session._transport._sleep = lambda: time.now, time.sleep
    return client


def targets(api):
    return [asked.target for asked in api.asked]


# --- reading ---


def test_a_list_goes_on_over_empty_pages_until_there_is_no_next():
    pages = [Reply(body={"items": [{"key": "a"}, {"key": "b"}], "next": "x+/="}), Reply(body={"items": [], "next": "y"}), Reply(body={"items": [{"key": "c"}]})]
    with Recorded(*pages) as api:
        assert [task["key"] for task in Client(api.url).tasks(queue="q", state=["ACTIVE", "DELETED"], page=2)] == ["a", "b", "c"]
    assert targets(api) == ["/v1/tasks?queue=q&state=ACTIVE%2CDELETED&limit=2", "/v1/tasks?queue=q&state=ACTIVE%2CDELETED&limit=2&cursor=x%2B%2F%3D",
                            "/v1/tasks?queue=q&state=ACTIVE%2CDELETED&limit=2&cursor=y"]


def test_a_page_is_asked_for_when_it_is_needed():
    with Recorded(Reply(body={"items": [{"execution_id": "1"}, {"execution_id": "2"}], "next": "x"})) as api:
        found = list(itertools.islice(Client(api.url).executions(task="hello"), 2))
    assert len(found) == 2 and targets(api) == ["/v1/executions?task=default~hello&limit=100"]


def test_logs_go_on_by_next_while_there_are_more():
    line = {"message": "m"}
    with Recorded(Reply(body={"items": [line, line], "next": "p1", "more": True}), Reply(body={"items": [line], "next": "p2", "more": False})) as api:
        assert len(list(Client(api.url).logs("e1", level="WARN", attempt=2))) == 3
    assert targets(api) == ["/v1/executions/e1/logs?level=WARN&limit=500&attempt=2", "/v1/executions/e1/logs?level=WARN&limit=500&after=p1"]


def test_following_logs_looks_once_more_behind_the_end(monkeypatch):
    monkeypatch.setattr("cronobs.handles.LOOK_AGAIN", 0)
    running, ended = Reply(body={"status": "RUNNING"}), Reply(body={"status": "SUCCEEDED"})
    lines = [Reply(body={"items": [{"message": text}], "next": text, "more": False}) for text in ("a", "b", "c")]
    with Recorded(lines[0], running, lines[1], ended, lines[2]) as api:
        assert [line["message"] for line in Client(api.url).logs("e1", follow=True)] == ["a", "b", "c"]


def test_waiting_for_an_execution_goes_on_while_an_attempt_follows(monkeypatch):
    monkeypatch.setattr("cronobs.handles.LOOK_AGAIN", 0)
    follows = Reply(body={"status": "FAILED", "next_attempt_at": "2026-11-24T13:00:00Z"})
    with Recorded(Reply(body={"status": "PENDING"}), follows, Reply(body={"status": "RETRYING"}), Reply(body={"status": "FAILED"})) as api:
        assert Client(api.url).execution("e1").wait(60)["status"] == "FAILED"
        assert api.replies == []
        api.replies = [Reply(body={"status": "RUNNING"})]
        with pytest.raises(TimeoutError, match="execution e1 is still RUNNING after 0 s"):
            Client(api.url).execution("e1").wait(0)


def test_names_are_escaped_and_a_project_may_be_in_the_key():
    with Recorded(*[Reply(body=LAST)] * 5) as api:
        client = Client(api.url)
        for task in (client.task("a/b c"), client.task("k", project="billing"), client.task("billing~k")):
            task.get()
        list(client.executions(task=client.task("k", project="billing")))
        list(client.executions(task="k"))
    assert targets(api) == ["/v1/tasks/default~a%2Fb%20c", "/v1/tasks/billing~k", "/v1/tasks/billing~k",
                            "/v1/executions?task=billing~k&limit=100", "/v1/executions?task=default~k&limit=100"]


def test_instants_may_be_datetimes():
    east = datetime.timezone(datetime.timedelta(hours=2))
    with Recorded(Reply(body=LAST), Reply(body={}), DONE) as api:
        task = Client(api.url).task("hello")
        task.upcoming(from_=datetime.datetime(2026, 11, 24, 13, tzinfo=east), to="2026-11-25T00:00:00Z")
        task.why(datetime.datetime(2026, 11, 24, 9), tz="Europe/Berlin")
        task.backfill(datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc), "2026-11-02T00:00:00Z")
    assert targets(api)[:2] == ["/v1/tasks/default~hello/upcoming?from=2026-11-24T13%3A00%3A00%2B02%3A00&to=2026-11-25T00%3A00%3A00Z",
                                "/v1/tasks/default~hello:why?at=2026-11-24T09%3A00%3A00&tz=Europe%2FBerlin"]
    assert api.asked[2].body == {"from": "2026-11-01T00:00:00+00:00", "to": "2026-11-02T00:00:00Z"}


# --- writing ---


def test_every_write_says_what_it_should():
    with Recorded(*[DONE] * 10) as api:
        task, run = Client(api.url).task("hello"), Client(api.url).execution("e1")
        task.put({"queue": "q"}, if_match=3, wait=60)
        task.put({"queue": "q"}, only_new=True, wait=0, idempotency_key="mine")
        task.patch({"title": None}, if_match=4)
        task.delete(reason="not needed")
        task.pause(until="2026-12-01T00:00:00Z", reason="r")
        task.resume(gap="LAST")
        task.trigger({"a": 1}, ignore_overlap=True)
        task.skip_next()
        run.cancel(reason="r")
        run.retry(b"\xff")
    asked = [(a.method, a.target.split("?")[0].removeprefix("/v1/"), a.body) for a in api.asked]
    assert asked == [("PUT", "tasks/default~hello", {"queue": "q"}), ("PUT", "tasks/default~hello", {"queue": "q"}),
                     ("PATCH", "tasks/default~hello", {"title": None}), ("DELETE", "tasks/default~hello", None),
                     ("POST", "tasks/default~hello:pause", {"until": "2026-12-01T00:00:00Z", "reason": "r"}),
                     ("POST", "tasks/default~hello:resume", {"gap": "LAST"}),
                     ("POST", "tasks/default~hello:trigger", {"ignore_overlap": True, "payload": '{"a": 1}'}),
                     ("POST", "tasks/default~hello:skip-next", {}), ("POST", "executions/e1:cancel", {"reason": "r"}),
                     ("POST", "executions/e1:retry", {"payload_base64": base64.b64encode(b"\xff").decode()})]
    heads = [a.headers for a in api.asked]
    assert [h.get("If-Match") for h in heads[:4]] == ['"3"', None, '"4"', None] and heads[1]["If-None-Match"] == "*"
    assert [h.get("Prefer") for h in heads[:3]] == ["wait=60", None, "wait=10"]
    assert [h.get("Content-Type") for h in heads[:4]] == ["application/json", "application/json", "application/merge-patch+json", None]
    keys = [h["Idempotency-Key"] for h in heads]
    assert keys[1] == "mine" and len(set(keys)) == len(keys)
    assert api.asked[3].target.endswith("?reason=not%20needed")


def test_a_misspelt_option_is_refused_before_anything_is_sent():
    with Recorded() as api, pytest.raises(TypeError, match="if_mach"):
        Client(api.url).task("hello").delete(if_mach=3)
    assert api.asked == []


def test_payloads_are_bytes_texts_or_json():
    with Recorded(*[DONE] * 4) as api:
        task = Client(api.url).task("hello")
        for payload in (b"x", "x", [1, "ü"], None):
            task.trigger(payload)
    assert [a.body for a in api.asked] == [{"payload_base64": "eA=="}, {"payload": "x"}, {"payload": '[1, "\\u00fc"]'}, {}]


@pytest.mark.parametrize("fault", [BROKEN, CUT, SILENT, AWAY, Reply(502, "<html>bad gateway</html>"), Reply(504, "")])
def test_a_write_is_sent_again_under_its_key_and_as_it_was(fault, monkeypatch):
    if fault is SILENT:
        monkeypatch.setattr("cronobs.transport.ANSWER", 1.0)
    time = Time()
    with Recorded(fault, fault, DONE) as api:
        assert client_of(api, time).task("hello").trigger("x", wait=0)["code"] == "OK"
    assert len({(a.method, a.target, str(a.body), a.headers["Idempotency-Key"]) for a in api.asked}) == 1 and len(api.asked) == 3
    assert len(time.pauses) == 2 and all(pause >= (1 if fault is AWAY else 0.1) for pause in time.pauses)


@pytest.mark.parametrize("status", [400, 404, 409, 412, 415, 422, 500])
def test_what_is_refused_is_not_sent_again(status):
    with Recorded(Reply(status, {"detail": "no"})) as api, pytest.raises(ApiError) as refused:
        Client(api.url).task("hello").trigger()
    assert refused.value.status == status and len(api.asked) == 1


def test_repeats_end_with_the_time_out_and_with_what_was_said_last():
    time = Time()
    with Recorded(*[AWAY] * 100) as api, pytest.raises(ApiError, match="Kafka cannot be asked yet") as away:
        client_of(api, time, timeout=20).task("hello").delete(wait=10)
    assert away.value.status == 503
    assert 27 <= sum(time.pauses) <= 30, time.pauses


def test_an_api_that_is_not_there_is_status_0_with_the_reason_and_no_password():
    time = Time()
    with Recorded() as api:
        port = api.server.server_port
        api.server.server_close()
        client = Client(f"http://joe:secret@127.0.0.1:{port}/x")
        client._session._transport._clock, client._session._transport._sleep = lambda: time.now, time.sleep
        with pytest.raises(ApiError, match=f"could not ask http://127.0.0.1:{port}/x: .*refused") as away:
            client.task("hello").get()
        api.server.shutdown = lambda: None
    assert away.value.status == 0 and "secret" not in str(away.value) and isinstance(away.value.__cause__, ConnectionRefusedError)


def test_pauses_double_up_to_two_seconds_and_heed_retry_after():
    assert [pause_after(tries, None, 0) for tries in (1, 2, 3, 5, 6, 1000)] == [0.1, 0.2, 0.4, 1.6, 2.0, 2.0]
    assert pause_after(1, None, 1) == pytest.approx(0.15)
    assert pause_after(1, "7", 0) == 7.0 and pause_after(6, "1", 0) == 2.0
    assert pause_after(1, "Fri, 31 Dec 1999 23:59:59 GMT", 0) == 0.1


def test_one_try_waits_for_an_answer_no_longer_than_is_left(monkeypatch):
    time, tries, connection_of = Time(), [], Transport._connection

    def seen(transport, seconds):
        connection = connection_of(transport, seconds)
        tries.append((1030.0 - time.now, seconds, connection.sock.gettimeout() if connection.sock else connection.timeout))
        return connection

    monkeypatch.setattr(Transport, "_connection", seen)
    with Recorded(*[AWAY] * 100) as api, pytest.raises(ApiError):
        client_of(api, time, timeout=20).task("hello").trigger(wait=10)
    assert tries[0][1] == 25  # 15 s beside the wait
    assert all(seconds == pytest.approx(min(left, 25)) and timeout == pytest.approx(seconds) for left, seconds, timeout in tries) and tries[-1][0] < 25


# --- problems ---


def test_a_problem_says_where_what_and_the_way_out():
    said = {"type": "urn:cronobs:problem:invalid", "title": "t", "status": 400, "pointer": "/schedules/0/expression", "column": 1,
            "detail": "/schedules/0/expression: minute: 61 is outside 0-59", "hint": "say 0-59"}
    with Recorded(Reply(400, said)) as api, pytest.raises(ApiError) as wrong:
        Client(api.url).task("hello").put({"queue": "q", "schedules": [{"expression": "61 * * * *"}]})
    error = wrong.value
    assert (error.status, error.code, error.pointer, error.column, error.hint) == (400, None, "/schedules/0/expression", 1, "say 0-59")
    assert str(error) == "/schedules/0/expression: minute: 61 is outside 0-59 (say 0-59)"


def test_a_stale_revision_is_told():
    stale = Reply(412, {"status": 412, "title": "The task was changed meanwhile", "detail": "it is at revision 4, not 3", "code": "STALE_REVISION"})
    with Recorded(stale) as api, pytest.raises(ApiError) as refused:
        Client(api.url).task("hello").put({"queue": "q"}, if_match=3)
    assert (refused.value.status, refused.value.code, refused.value.pointer) == (412, "STALE_REVISION", None)


@pytest.mark.parametrize("reply", [Reply(200, "<html>login</html>"), Reply(302, "", {"Location": "http://x/"}), Reply(404, "[]"), Reply(200, "")])
def test_an_answer_that_is_not_the_apis_is_an_error(reply):
    with Recorded(reply) as api, pytest.raises(ApiError, match=f"not an answer of the API, but of status {reply.status}") as wrong:
        Client(api.url).task("hello").get()
    assert wrong.value.status == reply.status


# --- reading what one has written ---


def test_a_read_waits_for_the_last_write_to_its_task_and_once():
    with Recorded(DONE, Reply(body={}), Reply(body={}), Reply(body={})) as api:
        client = Client(api.url)
        client.task("hello").trigger()
        client.task("other").get()
        client.task("hello").get()
        client.task("hello").get()
    assert targets(api)[1:] == ["/v1/tasks/default~other", "/v1/tasks/default~hello?after_command=c1", "/v1/tasks/default~hello"]


def test_a_read_of_all_waits_for_every_write():
    other = Reply(200, {"command_id": "c2", "task_id": "t2", "result": "ACCEPTED"})
    third = Reply(200, {"command_id": "c3", "task_id": TASK, "result": "ACCEPTED"})
    with Recorded(DONE, other, third, Reply(body={}), Reply(body=LAST), Reply(body=LAST)) as api:
        client = Client(api.url)
        for task in ("hello", "second", "hello"):
            client.task(task).trigger()
        for _ in range(2):
            assert list(client.executions()) == []
    assert targets(api)[3:] == ["/v1/commands/c2?after_command=c2", "/v1/executions?limit=100&after_command=c3", "/v1/executions?limit=100"]


def test_so_many_tasks_at_most_are_remembered_the_latest():
    unseen = Unseen()
    for number in range(MOST + 2):
        unseen.wrote(f"t{number}", f"c{number}")
    assert unseen.of("t1") is None and unseen.of("t2") == "c2" and len(unseen.all()) == MOST


def test_a_write_that_nobody_has_carried_out_is_still_waited_for():
    with Recorded(PENDING, Reply(404, {"detail": "there is no task"}), Reply(body={})) as api:
        task = Client(api.url).task("hello")
        assert task.put({"queue": "q"})["result"] == "PENDING"
        with pytest.raises(ApiError):
            task.get()
        task.get()
    assert targets(api)[1:] == ["/v1/tasks/default~hello?after_command=c1"] * 2


def test_what_looks_before_it_writes_looks_behind_what_was_written():
    with Recorded(DONE, DONE, DONE, Reply(body={})) as api:
        client = Client(api.url)
        run = client.execution(client.task("hello").trigger()["execution_id"])
        run.cancel()
        client.task("hello").patch({})
        client.task("hello").draft({})
    assert targets(api)[1:] == ["/v1/executions/e1:cancel?after_command=c1", "/v1/tasks/default~hello?after_command=c1",
                                "/v1/tasks/default~hello?dry_run=true&after_command=c1"]


# --- connections ---


def test_a_connection_is_kept_and_one_that_the_api_closed_is_not_used():
    with Recorded(Reply(), Reply(), Reply(headers={"Connection": "close"}), Reply()) as api, Client(api.url) as client:
        for _ in range(4):
            client.task("hello").get()
    assert [asked.connection for asked in api.asked] == [1, 1, 1, 2]


def test_a_connection_that_was_idle_for_long_is_not_used():
    time = Time()
    with Recorded(Reply(), Reply()) as api:
        client = client_of(api, time)
        client.task("hello").get()
        time.now += IDLE
        client.task("hello").get()
    assert [asked.connection for asked in api.asked] == [1, 2]


def test_a_certificate_that_is_not_trusted_is_told_at_once(monkeypatch):
    def distrust(*_):
        raise ssl.SSLCertVerificationError("self-signed certificate")

    monkeypatch.setattr(Transport, "_exchange", distrust)
    time = Time()
    client = Client("https://cron.example.org")
    client._session._transport._sleep = time.sleep
    with pytest.raises(ApiError, match="self-signed certificate") as refused:
        client.task("hello").get()
    assert refused.value.status == 0 and time.pauses == []


def test_threads_do_not_share_a_connection_at_a_time():
    together = threading.Barrier(4, timeout=20)

    def meet(_):
        together.wait()
        return Reply()

    with Recorded(*[meet] * 4) as api, Client(api.url) as client:
        threads = [threading.Thread(target=client.task("hello").get) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({asked.connection for asked in api.asked}) == 4


def test_a_child_does_not_use_its_parents_connection():
    with Recorded(Reply(), Reply(), Reply()) as api, Client(api.url) as client:
        client.task("hello").get()
        child = os.fork()
        if child == 0:
            try:
                client.task("hello").get()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        client.task("hello").get()
    assert [asked.connection for asked in api.asked] == [1, 2, 1]


def test_a_proxy_gets_its_path_user_and_headers():
    with Recorded(Reply()) as api:
        port = api.server.server_port
        Client(f"http://joe:p%40ss@127.0.0.1:{port}/cron/", headers={"X-Token": "t"}).task("hello").get()
    headers = api.asked[0].headers
    assert api.asked[0].target == "/cron/v1/tasks/default~hello" and headers["X-Token"] == "t" and headers["Host"] == f"127.0.0.1:{port}"
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"joe:p@ss").decode()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", "http://u:secret@/x", "http://x/?a=b"])
def test_an_address_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(ValueError, match="is no address of an API") as wrong:
        Client(url)
    assert "secret" not in str(wrong.value)


def test_the_address_comes_from_the_environment_unless_given(monkeypatch):
    monkeypatch.setenv("CRONOBS_URL", "http://one:1")
    assert Client()._session._transport._url == "http://one:1" and Client("http://two:2")._session._transport._url == "http://two:2"
    monkeypatch.delenv("CRONOBS_URL")
    assert Client()._session._transport._url == "http://127.0.0.1:8080"


# --- all of it ---

OFFERED = {
    "GET /v1/tasks": Client.tasks, "GET /v1/executions": Client.executions, "GET /v1/upcoming": Client.upcoming,
    "GET /v1/executions/:execution/logs": ExecutionHandle.logs, "GET /v1/tasks/:task/upcoming": TaskHandle.upcoming,
    "DELETE /v1/tasks/:task": TaskHandle.delete,
}
PAGES = {"cursor", "limit", "before", "after", "line", "tail", "after_command"}


@pytest.mark.parametrize("route", OFFERED)
def test_every_parameter_of_a_resource_is_one_of_its_method(route):
    method, path = route.split(" ")
    row = re.search(rf"^\| {method} \| `{re.escape(path)}` \| ([^|]*) \|", ROUTES.read_text(encoding="utf-8"), re.M)
    code = OFFERED[route].__code__
    offered = {name.rstrip("_") for name in code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]}
    assert set(row[1].split()) - PAGES <= offered
