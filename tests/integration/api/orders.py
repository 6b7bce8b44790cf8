"""Cancel, retry, skip the next, backfill, who works for a queue: asked for over HTTP, carried out by a scheduler and a real worker."""
import datetime
import socket
import time
import uuid

from client import Client, Worker
from listener import Listener
from support import case
from support.stack import Stack, wait_for

stack = Stack("orders", partitions=3)
stack.prepare("q", "idle", "busy")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(CRONOBS_SCHEDULER_CANCEL_GRACE="8s"), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
HOURLY = {"queue": "idle", "schedules": [{"expression": "0 * * * *", "zone": "Europe/Berlin"}]}


def order(execution, verb, body=None, **headers):
    path = execution if execution.startswith("/") else f"/v1/executions/{execution}:{verb}"
    return client.call("POST", path, body, **{"Prefer": "wait=20", **headers})


def shown(execution):
    answer = client.call("GET", f"/v1/executions/{execution}")
    return answer.body if answer.status == 200 else {}


def is_now(execution, *statuses):
    return wait_for(f"it is {statuses}", lambda: (e := shown(execution)).get("status") in statuses and e, 40)


def trigger(key, **body):
    made = client.act(key, "trigger", body)
    assert made.status == 201, made
    return made["execution_id"]


def history(key, query=""):
    return client.get(f"/v1/executions?task=default~{key}&limit=500{query}")["items"]


# --- cancel ---

def what_nobody_has_begun_is_cancelled_at_once():
    assert client.put("c1", {"queue": "idle"}).status == 201
    run = trigger("c1")
    done = order(run, "cancel", {"reason": "not today"}, Idempotency_Key="k1")
    assert done.status == 200 and done["code"] == "OK" and done["execution_id"] == run and "Location" not in done.headers, done
    over = is_now(run, "CANCELLED")
    assert over["reason"] == "CANCEL_REQUESTED" and not over["contradicted"], over
    again = order(run, "cancel", {"reason": "not today"}, Idempotency_Key="k1")
    assert again.status == 200 and again.body == done.body, again  # though it is over by now
    other = order(run, "cancel", {"reason": "another"}, Idempotency_Key="k1")
    assert other.status == 422, other
    refused = order(run, "cancel")
    assert refused.status == 409 and "is over: CANCELLED since" in refused["detail"], refused
    command = client.get(f"/v1/commands/{done['command_id']}")
    assert command["kind"] == "CANCEL_EXECUTION" and command["reason"] == "not today" and command["actor"] == "api", command


def right_after_it_was_made_it_is_there_to_be_cancelled():
    for n in range(5):
        made = client.act("c1", "trigger", Prefer="")
        assert made.status == 202, made
        after = client.get(f"/v1/commands/{made['command_id']}", Prefer="wait=20")
        done = order(after["execution_id"], "cancel")
        assert done.status == 200, done
        is_now(after["execution_id"], "CANCELLED")
    made = client.act("c1", "trigger", Prefer="")
    pending = client.call("POST", f"/v1/executions/{uuid.uuid4()}:cancel?after_command={made['command_id']}")
    assert pending.status == 404, pending


def what_was_triggered_is_there_behind_its_command():
    """Also in a queue whose topic the consumer has not found yet: outcomes and executions are read each for themselves."""
    assert client.put("fresh", {"queue": "fresh"}).status == 201
    made = client.act("fresh", "trigger", {})
    for path in ("", "/logs"):
        seen = client.call("GET", f"/v1/executions/{made['execution_id']}{path}?after_command={made['command_id']}", Prefer="wait=30")
        assert seen.status == 200, seen


def what_waits_is_cancelled_and_never_runs():
    assert client.put("c2", {"queue": "idle", "overlap": "QUEUE_ALL"}).status == 201
    first, second, third = trigger("c2"), trigger("c2"), trigger("c2")
    assert is_now(second, "WAITING")["blocked_by"] == first
    assert order(second, "cancel").status == 200
    assert is_now(second, "CANCELLED")["reason"] == "CANCEL_REQUESTED"
    assert order(first, "cancel").status == 200
    is_now(first, "CANCELLED")
    is_now(third, "PENDING")
    with stack.connect() as connection:
        created = connection.execute("SELECT created_at IS NULL FROM execution WHERE execution_id = %s", (second,)).fetchone()
    assert created == (True,), created  # it was never sent


def a_worker_is_told_and_the_run_ends():
    assert client.put("c3", {"queue": "q", "payload": "x"}).status == 201
    working = stack.start_worker("q", "sleep", "300")
    run = trigger("c3")
    is_now(run, "RUNNING")
    assert order(run, "cancel", {"reason": "enough"}).status == 200
    over = is_now(run, "CANCELLED", "FAILED", "SUCCEEDED")
    assert over["status"] == "CANCELLED" and not over["contradicted"], over
    events = client.get(f"/v1/executions/{run}/events")["items"]
    assert [e["status"] for e in events if e["moved"]] == ["RUNNING", "CANCELLING", "CANCELLED"], events
    assert [e for e in events if e["status"] == "CANCELLED" and e["moved"]][0]["worker"], events  # its worker said so
    working.stop()


def a_second_wish_changes_nothing():
    run = trigger("c1")
    worker.report({"execution_id": run, "task_id": shown(run)["task_id"]}, "RUNNING")
    is_now(run, "RUNNING")
    assert order(run, "cancel")["code"] == "OK"
    is_now(run, "CANCELLING")
    again = order(run, "cancel")
    assert again.status == 200 and again["code"] == "UNCHANGED", again
    worker.report({"execution_id": run, "task_id": shown(run)["task_id"]}, "SUCCEEDED")  # it was faster
    assert not is_now(run, "SUCCEEDED")["contradicted"]


def a_worker_that_is_gone_holds_nothing():
    """Whether the scheduler remembers the run (a run timeout) or not: when the grace is over it is CANCELLED, and what is said later contradicts it."""
    assert client.put("c4", {"queue": "idle"}).status == 201 and client.put("c5", {"queue": "idle", "overlap": "SKIP"}).status == 201
    runs = [{"execution_id": trigger(key), "task_id": client.get(f"/v1/tasks/default~{key}")["task_id"]} for key in ("c4", "c5")]
    for run in runs:
        worker.report(run, "RUNNING")
    for run in runs:
        is_now(run["execution_id"], "RUNNING")
        assert order(run["execution_id"], "cancel").status == 200
    for run in runs:
        is_now(run["execution_id"], "CANCELLING")
    assert client.act("c5", "trigger").status == 409  # its slot is taken until then
    listener, told = Listener(stack.port, [f"execution:{run['execution_id']}" for run in runs]), time.monotonic()
    for run in runs:
        assert is_now(run["execution_id"], "CANCELLED")["reason"] == "CANCEL_REQUESTED"
    for run in runs:  # the word of the scheduler has come before, and changed nothing then
        listener.hears(f"execution:{run['execution_id']}", told, 20)
        events = client.get(f"/v1/executions/{run['execution_id']}/events")["items"]
        assert [e["status"] for e in events if e["moved"]] == ["RUNNING", "CANCELLING", "CANCELLED"] and events[-1]["moved"], events
        assert [e["kafka_offset"] for e in events] == sorted(e["kafka_offset"] for e in events), events
    listener.close()
    for run in runs:
        worker.report(run, "SUCCEEDED")
    for run in runs:
        wait_for("it is contradicted", lambda: shown(run["execution_id"])["contradicted"], 30)
        assert shown(run["execution_id"])["status"] == "CANCELLED"
    wait_for("its slot is free", lambda: client.act("c5", "trigger").status == 201, 20)


def what_is_not_there_cannot_be_cancelled():
    of_nobody = "0199" + shown(trigger("c1"))["execution_id"][4:]
    for path, status in {f"/v1/executions/{uuid.uuid4()}:cancel": 404, f"/v1/executions/{of_nobody}:cancel": 404, "/v1/executions/x:cancel": 400,
                         f"/v1/executions/{of_nobody}:retry": 404, f"/v1/executions/{of_nobody}:stop": 404}.items():
        answer = order(path, "")
        assert answer.status == status, (path, answer)
    run = trigger("c1")
    for body in ({"execution_id": of_nobody}, {"reasons": "x"}, {"reason": 1}, [], "x"):
        assert order(run, "cancel", body).status == 400, body
    assert "reason" in order(run, "cancel", {"reason": "x" * 5000})["detail"]
    assert order(run, "cancel", If_Match='"77"').status == 412
    assert shown(run)["status"] == "PENDING"
    assert order(run, "cancel", If_Match='"1"').status == 200


# --- retry ---

def finished(key, status="FAILED", **body):
    run = trigger(key, **body)
    ref = {"execution_id": run, "task_id": shown(run)["task_id"]}
    worker.report(ref, "RUNNING")
    worker.report(ref, status)
    return is_now(run, status)


def what_is_over_runs_again_as_another_execution():
    assert client.put("r1", {"queue": "idle", "payload": "own"}).status == 201
    first = finished("r1", payload="given")
    done = order(first["execution_id"], "retry", {"reason": "again"}, Idempotency_Key="r")
    assert done.status == 201 and done.headers["Location"] == f"/v1/executions/{done['execution_id']}", done
    second = is_now(done["execution_id"], "PENDING")
    assert second["trigger"] == "RETRY" and second["parent_execution_id"] == first["execution_id"] and second["payload"] == "given", second
    assert second["scheduled_at"] == first["scheduled_at"] and second["due_at"] > first["scheduled_at"], second
    assert shown(first["execution_id"]) == first
    assert order(first["execution_id"], "retry", {"reason": "again"}, Idempotency_Key="r").body == done.body
    third = order(first["execution_id"], "retry", {"payload": "another"})
    assert third.status == 201 and third["execution_id"] != done["execution_id"]
    assert is_now(third["execution_id"], "PENDING")["payload"] == "another"
    empty = order(first["execution_id"], "retry", {"payload": ""})
    assert is_now(empty["execution_id"], "PENDING").get("payload", "") == ""
    succeeded = order(finished("r1", "SUCCEEDED")["execution_id"], "retry")
    assert succeeded.status == 201 and is_now(succeeded["execution_id"], "PENDING")["payload"] == "own", succeeded


def what_is_not_over_is_not_run_again():
    run = trigger("r1")
    refused = order(run, "retry")
    assert refused.status == 409 and "it is PENDING" in refused["detail"] and refused["hint"], refused
    assert client.put("r2", {"queue": "idle", "overlap": "SKIP"}).status == 201
    over = finished("r2")
    held = wait_for("its slot is free", lambda: (made := client.act("r2", "trigger")).status == 201 and made["execution_id"], 20)
    blocked = order(over["execution_id"], "retry")
    assert blocked.status == 409 and blocked["code"] == "OVERLAP" and held in blocked["detail"], blocked
    assert "ignore_overlap" not in blocked["hint"], blocked
    assert client.call("DELETE", "/v1/tasks/default~r2", Prefer="wait=20").status == 200
    ended = trigger("r1")
    assert order(ended, "cancel").status == 200 and is_now(ended, "CANCELLED")
    assert order(ended, "retry").status == 201  # though it ended this moment
    gone = order(over["execution_id"], "retry")
    assert gone.status == 409 and gone["code"] == "DELETED", gone


def a_payload_of_another_type_is_not_sent():
    assert client.put("r3", {"queue": "idle", "payload": "text", "content_type": "text/plain"}).status == 201
    over = finished("r3")
    shell = "application/vnd.cronobs.command+json"
    assert client.put("r3", {"queue": "idle", "payload": '{"command": "true"}', "content_type": shell}).status == 200
    refused = order(over["execution_id"], "retry")
    assert refused.status == 409 and "text/plain" in refused["detail"] and shell in refused["detail"] and refused["hint"], refused
    assert order(over["execution_id"], "retry", {"payload": "no command"}).status == 400
    assert order(over["execution_id"], "retry", {"payload": '{"command": "false"}'}).status == 201


# --- skip next ---

def the_next_instant_is_left_out():
    assert client.put("s1", HOURLY).status == 201
    upcoming = [i["scheduled_at"] for i in client.get("/v1/tasks/default~s1/upcoming?limit=2")["items"]]
    first = client.act("s1", "skip-next", {"reason": "maintenance"}, Idempotency_Key="s")
    assert first.status == 200 and first["message"] == f"{upcoming[0]} is skipped", first
    assert client.act("s1", "skip-next", {"reason": "maintenance"}, Idempotency_Key="s").body == first.body
    second = client.act("s1", "skip-next")
    assert second["message"] == f"{upcoming[1]} is skipped", second
    assert client.act("s1", "pause").status == 200
    paused = client.act("s1", "skip-next")
    assert paused.status == 409 and "paused" in paused["detail"] and "hint" not in paused.body, paused
    none = client.act("c1", "skip-next")
    assert none.status == 409 and "nothing is to come" in none["detail"], none
    assert client.act("nobody", "skip-next").status == 404
    assert client.act("s1", "skip-next", {"count": 2}).status == 400
    assert client.put("s2", {"queue": "idle", "schedules": [{"expression": "@every 3s"}]}).status == 201
    skipped = client.act("s2", "skip-next")["message"].split()[0]
    found = wait_for("it was skipped", lambda: [e for e in history("s2") if e["scheduled_at"] == skipped], 30)
    assert [(e["status"], e["reason"]) for e in found] == [("SKIPPED", "SKIP_NEXT")], found
    client.act("s2", "pause")


# --- backfill ---

NIGHTLY = {"queue": "idle", "schedules": [{"expression": "30 */4 * * *", "zone": "Europe/Berlin"}, {"expression": "0 12 * * *", "zone": "UTC"}],
           "calendars": [{"name": "holidays", "mode": "EXCLUDE", "rules": [{"kind": "date", "value": "2026-03-31"}]}], "max_concurrency": 2}
SPRING = {"from": "2026-03-27T11:30:00Z", "to": "2026-04-01T12:00:00Z"}


def a_dry_run_tells_what_fires():
    assert client.put("b1", NIGHTLY).status == 201
    key = {"Idempotency_Key": "spring"}
    draft = client.act("b1", "backfill?dry_run=true", {**SPRING, "reason": "lost"}, **key)
    assert draft.status == 200 and draft["limit"] == 1000 and draft["at_once"] == 2 and not draft["more"] and "next" not in draft.body, draft
    assert draft["count"] == len(draft["items"]) > 20 and draft.headers["ETag"] == '"1"', draft
    times = [i["scheduled_at"] for i in draft["items"]]
    assert times == sorted(set(times)) and times[0] > SPRING["from"] and times[-1] == SPRING["to"], times
    assert not any(i["local"].startswith("2026-03-31") for i in draft["items"]), times  # the calendar
    assert "2026-03-29T04:30:00+02:00" in [i["local"] for i in draft["items"]], times  # after the clock change
    assert history("b1") == []
    unnamed = client.act("b1", "backfill?dry_run=true", SPRING)
    assert [i["scheduled_at"] for i in unnamed["items"]] == times and not any("execution_id" in i for i in unnamed["items"])
    done = client.act("b1", "backfill", {**SPRING, "reason": "lost"}, **key)
    assert done.status == 200 and done["message"] == f"{len(times)} instants", done
    fired = wait_for("all are there", lambda: len(found := history("b1")) == len(times) and found, 30)
    assert {(e["execution_id"], e["scheduled_at"]) for e in fired} == {(i["execution_id"], i["scheduled_at"]) for i in draft["items"]}
    assert {e["trigger"] for e in fired} == {"BACKFILL"}, fired
    assert sorted(e["status"] for e in fired) == ["PENDING"] * 2 + ["WAITING"] * (len(times) - 2), fired
    assert client.act("b1", "backfill", {**SPRING, "reason": "lost"}, **key).body == done.body
    assert len(history("b1")) == len(times)  # once
    assert client.act("b1", "backfill", {**SPRING, "to": "2026-04-01T00:00:00Z"}, **key).status == 422
    return f"{len(times)} instants"


def a_range_has_a_thousand_instants_at_most():
    assert client.put("b2", {"queue": "idle", "schedules": [{"expression": "* * * * *"}]}).status == 201
    day = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
    draft = client.act("b2", "backfill?dry_run=true", day, Idempotency_Key="x")
    assert draft["count"] == 1440 and len(draft["items"]) == 1000 and draft["next"] == draft["items"][-1]["scheduled_at"] == "2026-03-01T16:40:00Z", draft.body
    assert not any("execution_id" in i for i in draft["items"])  # each part is a command of its own
    refused = client.act("b2", "backfill", day)
    assert refused.status == 400 and refused["pointer"] == "/to" and "1000" in refused["detail"] and draft["next"] in refused["hint"], refused
    year = client.act("b2", "backfill?dry_run=true", {**day, "from": "2025-03-01T00:00:00Z"})
    assert year["count"] == 10000 and year["more"], year
    part = client.act("b2", "backfill", {**day, "to": draft["next"]})
    assert part.status == 200 and part["message"] == "1000 instants", part
    full = client.act("b2", "backfill", {**day, "from": draft["next"]})
    assert full.status == 409 and full["code"] == "OVERLAP" and full["hint"], full
    assert client.act("b2", "backfill", {"from": "2026-03-01T00:00:10Z", "to": "2026-03-01T00:00:20Z"})["message"] == "0 instants"


def a_range_is_one_of_the_past():
    now = datetime.datetime.now(datetime.timezone.utc)
    ahead = (now + datetime.timedelta(minutes=5)).isoformat()
    for body, pointer in (({}, "/from"), ({"from": SPRING["from"]}, "/to"), ({"to": SPRING["to"]}, "/from"), ({"from": SPRING["to"], "to": SPRING["from"]}, "/to"),
                          ({"from": SPRING["to"], "to": SPRING["to"]}, "/to"), ({"from": SPRING["from"], "to": ahead}, "/to"),
                          ({"from": "1999-12-31T00:00:00Z", "to": SPRING["to"]}, "/from"), ({"from": "x", "to": SPRING["to"]}, "/from")):
        for verb in ("backfill", "backfill?dry_run=true"):
            refused = client.act("b1", verb, body)
            assert refused.status == 400 and refused["pointer"] == pointer, (verb, body, refused)
    assert client.act("b1", "backfill?dry_run=maybe", SPRING).status == 400
    assert client.act("nobody", "backfill", SPRING).status == 404 and client.act("nobody", "backfill?dry_run=true", SPRING).status == 404
    for tag, status in (('"1"', 200), ('"9"', 412), ("*", 200), ('W/"1"', 412)):
        assert client.act("b1", "backfill?dry_run=true", SPRING, If_Match=tag).status == status, tag
    assert client.act("b1", "backfill", SPRING, If_Match='"9"').status == 412
    assert client.put("b3", NIGHTLY).status == 201 and client.call("DELETE", "/v1/tasks/default~b3", Prefer="wait=20").status == 200
    for verb in ("backfill", "backfill?dry_run=true"):
        gone = client.act("b3", verb, SPRING)
        assert gone.status == 409 and gone["code"] == "DELETED" and gone["hint"], gone


# --- trigger ---

def a_trigger_obeys_overlap_unless_it_is_told_otherwise():
    assert client.put("t1", {"queue": "idle", "overlap": "SKIP"}).status == 201
    first = trigger("t1")
    refused = client.act("t1", "trigger")
    assert refused.status == 409 and refused["code"] == "OVERLAP" and first in refused["detail"] and "ignore_overlap" in refused["hint"], refused
    assert client.act("t1", "trigger", {"ignore_overlap": True}).status == 201


# --- who works ---

def the_workers_of_a_queue_are_known_by_what_they_do():
    none = client.get("/v1/queues/busy/workers")
    assert none["items"] == [] and none["complete"] and none["queue"] == "busy", none
    assert client.call("GET", "/v1/queues/nowhere/workers").status == 404
    assert client.put("w1", {"queue": "busy"}).status == 201
    over = finished("w1", "SUCCEEDED")
    run = trigger("w1")
    ref = {"execution_id": run, "task_id": over["task_id"]}
    worker.report(ref, "RUNNING")
    is_now(run, "RUNNING")
    one = client.get("/v1/queues/busy/workers")["items"]
    assert [(w["worker"], w["incarnation"], w["running"], w["finished"]) for w in one] == [("tester", worker.incarnation, 1, 1)], one
    begun = shown(run)["started_at"]
    assert one[0]["since"] == over["started_at"] and one[0]["seen_at"] == begun, (one, over)
    assert one[0]["runs"] == [{"execution_id": run, "task_id": over["task_id"], "project": "default", "key": "w1", "status": "RUNNING", "attempt": 1,
                               "scheduled_at": shown(run)["scheduled_at"], "started_at": begun}], one
    at = int(datetime.datetime.now().timestamp() * 1_000_000)
    worker.send("heartbeats", 7, {"execution_id": run, "task_id": over["task_id"], "attempt": 1, "worker": {"name": "tester", "incarnation": worker.incarnation},
                                  "occurred_at": at, "progress": 40, "message": "half"}, over["task_id"])
    assert worker.producer.flush(20) == 0
    beat = wait_for("its sign of life", lambda: [w for w in client.get("/v1/queues/busy/workers")["items"] if w["seen_at"] > begun], 30)
    assert beat[0]["runs"][0]["progress"] == 40 and beat[0]["runs"][0]["heartbeat_at"] == beat[0]["seen_at"], beat
    second = Worker(stack)
    other = trigger("w1")
    second.report({"execution_id": other, "task_id": over["task_id"]}, "RUNNING", worker={"name": "a first", "incarnation": second.incarnation})
    is_now(other, "RUNNING")
    both = client.get("/v1/queues/busy/workers")["items"]
    assert [w["worker"] for w in both] == ["a first", "tester"] and both[0]["running"] == 1, both
    worker.report(ref, "SUCCEEDED")
    is_now(run, "SUCCEEDED")
    assert [(w["running"], w["finished"]) for w in client.get("/v1/queues/busy/workers")["items"]] == [(1, 0), (0, 2)]
    group = wait_for("the broker is asked", lambda: client.get("/v1/queues/busy/workers").body.get("group"), 30)
    assert group["name"].endswith("-work-busy"), group


def the_session_says_what_can_be_done():
    assert {"cancel", "retry", "skip-next", "backfill", "trigger"} <= set(client.get("/v1/session")["can"])


def what_is_held_back_is_answered_at_the_end():
    """A retry right behind the end waits for what the scheduler may not have read; the API stops meanwhile."""
    run = trigger("c1")
    assert order(run, "cancel").status == 200 and is_now(run, "CANCELLED")
    with socket.create_connection(("127.0.0.1", stack.port), 30) as held:
        held.settimeout(30)
        held.sendall(f"POST /v1/executions/{run}:retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
        for _ in range(3):  # the one loop has seen it, and what it has read for it
            assert client.get("/healthz").status == 200 and shown(run)["status"] == "CANCELLED"
        api.stop()
        answer = b"".join(iter(lambda: held.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 503 ") and "the program is stopping" in answer, answer
    assert api.child.returncode == 0, api.log_text()[-500:]


case.run(what_nobody_has_begun_is_cancelled_at_once, right_after_it_was_made_it_is_there_to_be_cancelled, what_was_triggered_is_there_behind_its_command,
         what_waits_is_cancelled_and_never_runs,
         a_worker_is_told_and_the_run_ends, a_second_wish_changes_nothing, a_worker_that_is_gone_holds_nothing, what_is_not_there_cannot_be_cancelled, what_is_over_runs_again_as_another_execution,
         what_is_not_over_is_not_run_again, a_payload_of_another_type_is_not_sent, the_next_instant_is_left_out, a_dry_run_tells_what_fires,
         a_range_has_a_thousand_instants_at_most, a_range_is_one_of_the_past, a_trigger_obeys_overlap_unless_it_is_told_otherwise,
         the_workers_of_a_queue_are_known_by_what_they_do, the_session_says_what_can_be_done,
         what_is_held_back_is_answered_at_the_end)
