"""If-Match as RFC 9110 has it, and PATCH: one thing of a task changes, whatever else is changed meanwhile."""
import json
import pathlib
import socket
import struct
import threading
import uuid

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("changes", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
HOURLY = {"schedules": [{"expression": "0 * * * *", "zone": "Europe/Berlin"}]}
MERGE = "application/merge-patch+json"


def patch(key, change, **headers):
    return client.call("PATCH", f"/v1/tasks/default~{key}", change, **{"Content-Type": MERGE, **headers})


def task(key):
    return client.get(f"/v1/tasks/default~{key}")


def spec(key):
    return task(key)["spec"]


def an_if_match_is_a_list_of_tags():
    assert client.put("m", HOURLY).status == 201
    for tag in ('W/"1"', '"7"', '"7", W/"1"', '"x"', '"01"', '"0"'):
        refused = client.put("m", {**HOURLY, "title": tag}, If_Match=tag)
        assert refused.status == 412 and refused["type"].endswith("stale-revision"), (tag, refused)
    assert "proxy" in client.put("m", HOURLY, If_Match='W/"1"')["hint"]
    assert client.put("m", HOURLY, If_Match='"7"').headers["ETag"] == '"1"'
    for tag in ("1", '"1', '"1" "2"', "", "*, \"1\""):
        assert client.put("m", HOURLY, If_Match=tag).status == 400, tag
    revision = 1
    for tag in ('"{}"', '"7", "{}"', '"{}", "1000"', 'W/"9",,"{}"', "*"):
        made = client.put("m", {**HOURLY, "title": tag}, If_Match=tag.format(revision))
        assert made.status == 200 and made["revision"] == revision + 1, (tag, made)
        revision += 1
    assert client.put("nobody", HOURLY, If_Match="*").status == 412
    assert client.put("nobody", HOURLY, If_Match='"1", "2"').status == 412
    assert client.call("GET", "/v1/tasks/default~nobody").status == 404
    late = client.put("m", {**HOURLY, "title": "late"}, If_Match=f'"{revision + 5}", "{revision}"', Prefer="")
    assert late.status == 202, late  # nobody has asked for the outcome
    wait_for("the right one of the list was found", lambda: task("m")["title"] == "late", 30)
    for verb in ("pause", "resume"):
        assert client.act("m", verb, If_Match='"1"').status == 412
        assert client.act("m", verb, If_Match="*").status == 200
    assert client.call("DELETE", "/v1/tasks/default~m", Prefer="wait=20", If_Match='W/"9"').status == 412
    assert client.call("DELETE", "/v1/tasks/default~m", Prefer="wait=20", If_Match="*").status == 200
    assert client.put("m", HOURLY, If_Match="*").status == 412  # it is deleted


def of_a_list_the_revision_that_it_is_is_sent():
    """As the tables know it: no try with another one is refused first."""
    assert client.put("l", HOURLY).status == 201
    for title, tag in (("first", '"7", "1"'), ("second", '"2", "1"'), ("third", 'W/"3", "9", "3"')):
        assert client.put("l", {**HOURLY, "title": title}, If_Match=tag).status == 200, tag
    with stack.connect() as connection:
        sent = connection.execute("SELECT c.expected_revision, c.result FROM command c JOIN task t USING (task_id) WHERE t.key = 'l' ORDER BY c.received_at").fetchall()
    assert sent == [(None, 0), (1, 0), (2, 0), (3, 0)], sent


def a_list_under_a_key_is_one_request():
    assert client.put("k", HOURLY).status == 201
    made = [client.put("k", {**HOURLY, "title": "two"}, If_Match='"9", "1"', Idempotency_Key="k") for _ in range(3)]
    assert all(m.status == 200 and m.body == made[0].body and m["revision"] == 2 for m in made), made
    assert client.put("k", {**HOURLY, "title": "two"}, If_Match='"9", "2"', Idempotency_Key="k").status == 422


FULL = {"title": "A", "payload": "hi", "labels": {"a": "1", "b": "2"}, "jitter_ms": 1000, "misfire": {"policy": "ALL", "limit": 7},
        "window": {"daily_from": "08:00", "daily_to": "18:00", "zone": "Europe/Berlin"}, "overlap": "SKIP", **HOURLY}


def a_patch_changes_one_thing():
    assert client.put("p", FULL).status == 201
    before = spec("p")
    changed = patch("p", {"title": "B"})
    assert changed.status == 200 and changed["code"] == "UPDATED" and changed["revision"] == 2 and changed.headers["ETag"] == '"2"', changed
    assert spec("p") == {**before, "title": "B"}, spec("p")
    same = patch("p", {"title": "B"})
    assert same.status == 200 and same["code"] == "UNCHANGED" and same["revision"] == 2, same
    assert patch("p", {})["code"] == "UNCHANGED"
    assert patch("p", {"labels": {"a": None, "c": "3"}}).status == 200 and spec("p")["labels"] == {"b": "2", "c": "3"}
    assert patch("p", {"misfire": {"limit": 9}}).status == 200 and spec("p")["misfire"] == {**before["misfire"], "limit": 9}
    assert patch("p", {"schedules": [{"expression": "5 * * * *"}]}).status == 200
    assert [s["expression"] for s in spec("p")["schedules"]] == ["5 * * * *"]
    assert "Europe/Berlin" not in json.dumps(spec("p")["schedules"])  # an array is replaced as a whole
    by_id = client.call("PATCH", f"/v1/tasks/{task('p')['task_id']}", {"title": "C"}, **{"Content-Type": MERGE})
    assert by_id.status == 200 and spec("p")["title"] == "C", by_id


def null_resets_what_is_there():
    assert client.put("n", {}).status == 201
    blank = spec("n")
    assert client.put("n", FULL).status == 200
    # With the overlap two limits of 24 h were saved: what follows from another member stays until it is reset itself.
    for member in ("title", "payload", "labels", "jitter_ms", "misfire", "window", "overlap", "start_deadline_ms", "run_timeout_ms", "schedules"):
        assert patch("n", {member: None}).status == 200, member
        assert spec("n").get(member) == blank.get(member), (member, spec("n"))
    assert spec("n") == blank, (blank, spec("n"))
    assert patch("n", {"queue": None}).status == 200 and spec("n")["queue"] == "default"
    assert patch("n", {"payload_base64": "AP8="}).status == 200 and spec("n")["payload_base64"] == "AP8="
    assert patch("n", {"payload": "text"}).status == 200 and spec("n")["payload"] == "text" and "payload_base64" not in spec("n")
    assert patch("n", {"payload_base64": None}).status == 200 and "payload" not in spec("n")
    both = patch("n", {"payload": "x", "payload_base64": "AP8="})
    assert both.status == 400 and "twice" in both["detail"], both


# Each member of a task has another value here; those of one member are patched one by one.
OTHERS = {"title": "B", "description": "D", "labels": {"c": "3", "a_base64": "4"}, "queue": "fresh", "payload": "ho", "content_type": "text/html",
          "schedules": [{"expression": "5 * * * *"}], "calendars": [{"name": "c", "mode": "EXCLUDE", "rules": [{"kind": "weekday", "value": "SAT"}]}],
          "window": {"from": "2030-01-01T00:00:00Z", "until": "2031-01-01T00:00:00Z", "daily_from": "09:00", "daily_to": "17:00", "zone": "UTC"},
          "jitter_ms": 2000, "misfire": {"policy": "LAST", "after_ms": 5000, "window_ms": 60000, "limit": 9}, "overlap": "ALLOW", "max_concurrency": 3,
          "retry": {"max_attempts": 2, "first_delay_ms": 1000, "max_delay_ms": 9000, "jitter_ms": 10, "multiplier": 1.5}, "start_deadline_ms": 70000,
          "run_timeout_ms": 80000, "finish_by_ms": 90000000, "heartbeat_ms": 10000, "pause_after_failures": 3,
          "then": [{"project": "default", "task": "x", "on": "FAILED"}]}
FOR_GOOD = ("key", "project")


def without(document, name):
    return {member: value for member, value in document.items() if member != name}


def each_member_changes_alone():
    newest = max((pathlib.Path(__file__).parents[3] / "schemas/avro/types").glob("TaskSpec.*avsc"), key=lambda path: len(path.read_text()))
    schema = json.loads(newest.read_text())
    assert {field["name"] for field in schema["fields"]} == OTHERS.keys() | set(FOR_GOOD)
    assert client.put("w", {}).status == 201 and client.put("w", {**FULL, "run_timeout_ms": 90000}).status == 200
    for name, other in OTHERS.items():
        before = spec("w")
        for change in [{member: value} for member, value in other.items()] if isinstance(other, dict) and name != "retry" else [other]:
            was = spec("w")
            assert patch("w", {name: change}).status == 200, (name, change)
            wanted = {**was.get(name, {}), **change} if isinstance(change, dict) else change
            now = spec("w")
            assert without(now, name) == without(was, name), (name, change, now)
            assert now[name] == wanted or name == "schedules", (name, change, now[name])
        assert patch("w", {name: before.get(name)}).status == 200
        assert without(spec("w"), name) == without(before, name), name
    for name in FOR_GOOD:
        before = spec("w")
        assert patch("w", {name: "other"}).status == 400 and spec("w") == before, name


def a_wrong_patch_changes_nothing():
    before = task("p")
    for change, pointer in (({"titel": "x"}, "/titel"), ({"schedules": [{"expression": "61 * * * *"}]}, "/schedules/0/expression"),
                            ({"jitter_ms": "x"}, "/jitter_ms"), ({"key": "other"}, "/key"), ({"labels": {"": "x"}}, "/labels")):
        refused = patch("p", change)
        assert refused.status == 400 and refused["pointer"].startswith(pointer), (change, refused)
    for body in (b"", b"[]", b"null", b"7", b'{"title": "x"', b'{"title": "x", "title": "y"}'):
        assert patch("p", body).status == 400, body
    for kind in ("application/json", "text/plain", "application/json-patch+json"):
        refused = client.call("PATCH", "/v1/tasks/default~p", {"title": "x"}, **{"Content-Type": kind})
        assert refused.status == 415 and refused.headers["Accept-Patch"] == MERGE and MERGE in refused["hint"], refused
    assert client.call("PUT", "/v1/tasks/default~p", FULL, **{"Content-Type": MERGE}).status == 415
    options = client.call("OPTIONS", "/v1/tasks/default~p")
    assert options.status == 204 and "PATCH" in options.headers["Allow"] and options.headers["Accept-Patch"] == MERGE, options.headers
    assert patch("nobody", {"title": "x"}).status == 404
    assert client.put("gone", HOURLY).status == 201 and client.call("DELETE", "/v1/tasks/default~gone", Prefer="wait=20").status == 200
    assert patch("gone", {"title": "x"}).status == 409
    assert patch("p", {"title": "x"}, If_None_Match="*").status == 412
    assert task("p").body == before.body


def a_patch_heeds_conditions():
    revision = task("p")["revision"]
    for tag in (f'W/"{revision}"', f'"{revision + 1}"', '"1", "2"'):
        refused = patch("p", {"title": tag}, If_Match=tag)
        assert refused.status == 412, (tag, refused)
    assert patch("p", {"title": "D"}, If_Match=f'"1", "{revision}"')["revision"] == revision + 1
    assert patch("p", {"title": "E"}, If_Match="*")["revision"] == revision + 2


def patches_at_once_all_take_effect():
    assert client.put("c", HOURLY).status == 201
    answers = {}

    def change(n):
        answers[n] = patch("c", {"labels": {f"l{n}": "x"}}, Prefer="wait=30")
    threads = [threading.Thread(target=change, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(a.status == 200 for a in answers.values()), answers
    assert sorted(a["revision"] for a in answers.values()) == list(range(2, 8)), answers
    assert spec("c")["labels"] == {f"l{n}": "x" for n in range(6)}, spec("c")


def a_patch_behind_a_put_that_nobody_waited_for():
    put = client.put("b", {**HOURLY, "title": "first"}, Prefer="")
    assert put.status == 202
    changed = patch("b", {"labels": {"a": "b"}}, Cronobs_Command=put["command_id"])
    assert changed.status == 200 and spec("b")["title"] == "first" and spec("b")["labels"] == {"a": "b"}, changed
    client.put("b", {**HOURLY, "title": "second"}, Prefer="")
    assert patch("b", {"jitter_ms": 5}).status == 200  # refused by the scheduler, and made anew
    assert spec("b")["title"] == "second" and spec("b")["jitter_ms"] == 5, spec("b")
    assert client.call("PATCH", "/v1/tasks/default~b?after_command=x", {}, **{"Content-Type": MERGE}).status == 400


def a_repeated_patch_has_one_effect():
    assert client.put("r", {**HOURLY, "title": "1"}).status == 201
    first = patch("r", {"title": "2"}, Idempotency_Key="k")
    assert first.status == 200 and first["revision"] == 2, first
    assert client.put("r", {**HOURLY, "title": "3"}).status == 200
    again = client.call("PATCH", "/v1/tasks/default~r", b' { "title" : "2" } ', **{"Content-Type": MERGE, "Idempotency-Key": "k"})
    assert again.status == 200 and again["revision"] == 2 and again["command_id"] == first["command_id"], again
    assert spec("r")["title"] == "3"
    moved = [patch("r", {"queue": "fresh"}, Idempotency_Key="q", If_Match='"3"') for _ in range(2)]
    assert all(m.status == 200 and m["revision"] == 4 for m in moved) and spec("r")["queue"] == "fresh", moved
    for n, schedules in enumerate(([{"expression": "5/20 * * * *"}], [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}])):
        said = [patch("r", {"schedules": schedules}, Idempotency_Key=f"notes{n}") for _ in range(3)]
        assert said[0]["lints"] or said[0]["clock_changes"], said[0]
        assert all(s.status == 200 and s.body == said[0].body for s in said), said
    behind = patch("r", {"schedules": schedules}, Idempotency_Key="notes1", Prefer="wait=0")
    assert behind.status == 202 and behind["clock_changes"] == said[0]["clock_changes"], behind
    assert patch("r", {"title": "4"}, Idempotency_Key="k").status == 422
    assert patch("r", {"title": "2"}, Idempotency_Key="k", If_Match='"3"').status == 422
    assert client.put("r", {**HOURLY, "title": "2"}, Idempotency_Key="k").status == 422


def waiting():
    return int(float(next(line.split()[-1] for line in client.get("/metrics").body.splitlines() if line.startswith("cronobs_waiting_requests "))))


def hang(method, path, *fields, body=b""):
    """A connection that has asked, and does not read."""
    s = socket.create_connection(("127.0.0.1", stack.port))
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *fields]
    s.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
    return s


def a_wait_ends_with_its_client():
    scheduler.stop()  # nothing comes of anything
    before = waiting()
    nothing, json_type = str(uuid.uuid4()), "Content-Type: application/json"
    hung = [hang("GET", f"/v1/commands/{nothing}", "Prefer: wait=60"), hang("GET", f"/v1/tasks?after_command={nothing}", "Prefer: wait=60"),
            hang("GET", "/v1/tasks/default~p", f"Cronobs-Command: {nothing}", "Prefer: wait=60"),
            hang("POST", "/v1/tasks/default~p:trigger", "Prefer: wait=60", json_type),
            hang("PUT", "/v1/tasks/default~p", "Prefer: wait=60", json_type, body=json.dumps({"queue": "q", **FULL}).encode())]
    wait_for("all wait", lambda: waiting() == before + len(hung), 20)
    for s in hung[:-1]:
        s.close()
    wait_for("those who left are dropped", lambda: waiting() == before + 1, 20)
    hung[-1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    hung[-1].close()  # a reset
    wait_for("that one, too", lambda: waiting() == before, 20)
    assert api.starts == 1


case.run(an_if_match_is_a_list_of_tags, of_a_list_the_revision_that_it_is_is_sent, a_list_under_a_key_is_one_request, a_patch_changes_one_thing, each_member_changes_alone, null_resets_what_is_there,
         a_wrong_patch_changes_nothing, a_patch_heeds_conditions, patches_at_once_all_take_effect, a_patch_behind_a_put_that_nobody_waited_for,
         a_repeated_patch_has_one_effect, a_wait_ends_with_its_client)
