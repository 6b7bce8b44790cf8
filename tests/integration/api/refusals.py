"""Bad input: each a clear refusal with place and way out, and no effect."""
import pathlib
import re
import socket
import time

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("refusals", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
wait_for("ready", lambda: client.call("GET", "/readyz").status == 200, 30)

X = "/v1/tasks/default~x"
ID = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e"
EXPLAIN = "/v1/schedules:explain"
# method, path, body, headers, status, members of the problem (hint, detail: a part of it)
COMMAND = "application/vnd.cronobs.command+json"
REFUSED = [
    # expressions and zones: column, text, hint, nearest names
    ("PUT", X, {"schedules": [{"expression": "61 * * * *"}]}, {}, 400, {"pointer": "/schedules/0/expression", "column": 1, "detail": "minute: 61 is outside 0-59"}),
    ("PUT", X, {"schedules": [{"expression": "@hourly"}, {"expression": "* * ? * *x"}]}, {}, 400, {"pointer": "/schedules/1/expression", "column": 10}),
    ("PUT", X, {"schedules": [{"expression": "* * * * * 2027"}]}, {}, 400, {"detail": "a year needs 7 fields"}),
    ("PUT", X, {"schedules": [{"expression": "? * * * *"}]}, {}, 400, {"hint": "looks like AWS", "column": 1}),
    ("PUT", X, {"schedules": [{"expression": "@reboot"}]}, {}, 400, {"pointer": "/schedules/0/expression"}),
    ("PUT", X, {"schedules": [{"expression": "0 0 30 2 *"}]}, {}, 400, {"detail": "ever fires"}),
    ("PUT", X, {"schedules": [{"expression": "* * * * *", "zone": "Europe/Berln"}]}, {}, 400, {"pointer": "/schedules/0/zone", "hint": "Europe/Berlin"}),
    ("POST", EXPLAIN, {"expression": "0 24 * * *"}, {}, 400, {"pointer": "/expression", "column": 3, "detail": "24"}),
    ("POST", EXPLAIN, {"expression": "0 2 * * *", "zone": "Mars/Olympus"}, {}, 400, {"pointer": "/zone"}),
    ("POST", EXPLAIN, {"zone": "UTC"}, {}, 400, {"detail": "expression"}),
    ("POST", EXPLAIN, {"expression": "@hourly", "count": 1000}, {}, 400, {"detail": "1 to 100"}),
    # fields
    ("PUT", X, {"shedules": []}, {}, 400, {"pointer": "/shedules", "hint": "\"schedules\""}),
    ("PUT", X, {"revision": 3}, {}, 400, {"pointer": "/revision"}),
    ("PUT", X, {"schedules": [{"expression": "@hourly", "colour": "red"}]}, {}, 400, {"pointer": "/schedules/0/colour"}),
    ("PUT", X, {"max_concurrency": "one"}, {}, 400, {"pointer": "/max_concurrency", "detail": "a number is expected, not a text"}),
    ("PUT", X, {"labels": {"a/b~c": 1}}, {}, 400, {"pointer": "/labels/a~1b~0c"}),
    ("PUT", X, {"key": "y"}, {}, 400, {"pointer": "/key"}),
    ("PUT", X, {"payload": "x" * 65537}, {}, 400, {"pointer": "/payload"}),
    ("PUT", X, {"queue": "No Such"}, {}, 400, {"pointer": "/queue"}),
    ("PUT", X, {"jitter_ms": -1}, {}, 400, {"pointer": "/jitter_ms", "detail": "outside"}),
    ("PUT", X, {"window": {"from": "2027-01-02T00:00:00Z", "until": "2027-01-01T00:00:00Z"}}, {}, 400, {"pointer": "/window/until"}),
    ("PUT", X, {"window": {"zone": "Europe/Berln", "daily_from": "08:00", "daily_to": "18:00"}}, {}, 400, {"pointer": "/window/zone", "hint": "Europe/Berlin"}),
    ("PUT", X, {"calendars": [{"name": "odd", "rules": [{"kind": "moon", "value": "full"}]}]}, {}, 400, {"pointer": "/calendars/0/rules/0/kind"}),
    ("PUT", X, {"finish_by_ms": 1000, "start_deadline_ms": 2000}, {}, 400, {"pointer": "/finish_by_ms"}),
    ("PUT", X, {"overlap": "queue_some"}, {}, 400, {"pointer": "/overlap"}),
    ("PUT", X, b"{\"queue\": \"q\"", {}, 400, {"detail": "line 1"}),
    ("PUT", X, b"", {}, 400, {"detail": "empty"}),
    ("PUT", X, b"[" * 100 + b"]" * 100, {}, 400, {"detail": "deeper than 32"}),
    ("POST", X + ":pause", {"untill": "2027-01-01T00:00:00Z"}, {}, 400, {"pointer": "/untill", "hint": "until"}),
    ("POST", X + ":resume", {"gap": "some"}, {}, 400, {"pointer": "/gap", "detail": "NONE, LAST, ALL"}),
    # what would come to nothing
    ("POST", X + ":pause", {"until": "2020-01-01T00:00:00Z"}, {}, 400, {"pointer": "/until", "detail": "2020-01-01T00:00:00Z has passed", "hint": "leave it out"}),
    ("POST", X + ":pause", {"until": "1969-12-31T23:59:59Z"}, {"Idempotency-Key": "past"}, 400, {"pointer": "/until", "detail": "has passed"}),
    ("POST", X + ":pause", {"until": "1970-01-01T00:00:00Z"}, {}, 400, {"pointer": "/until", "detail": "told from no instant", "hint": "leave it out"}),
    ("PUT", X, {"window": {"until": "1970-01-01T01:00:00+01:00"}}, {}, 400, {"pointer": "/window/until", "detail": "told from no instant"}),
    ("PUT", X, {"window": {"from": "2027-01-01T00:00:00Z", "zone": "Europe/Berlin"}}, {}, 400, {"pointer": "/window/zone", "hint": "daily_from"}),
    ("PUT", X, {"content_type": COMMAND, "payload": '{"command": ""}'}, {}, 400, {"pointer": "/payload", "detail": "/command: is empty"}),
    ("PUT", X, {"content_type": COMMAND, "payload": '{"command": " \\n\\t"}'}, {}, 400, {"pointer": "/payload", "detail": "/command: is empty"}),
    ("PUT", X, {"content_type": COMMAND + "; charset=utf-8", "payload": "true"}, {}, 400, {"pointer": "/payload"}),
    ("PUT", X, {"content_type": COMMAND, "payload": '{"command": "true", "cwd": "/"}'}, {}, 400, {"pointer": "/payload", "detail": "command, stdin, env, shell"}),
    ("PUT", X, {"content_type": COMMAND}, {}, 400, {"pointer": "/payload"}),
    ("PUT", X, {"content_type": COMMAND, "payload_base64": "AP8="}, {}, 400, {"pointer": "/payload"}),
    # names and parameters
    ("GET", "/v1/tasks/nothing", None, {}, 400, {"hint": "default~nothing"}),
    ("PUT", "/v1/tasks/" + ID, {"queue": "q"}, {}, 400, {"pointer": "/key"}),
    ("PUT", "/v1/tasks/" + ID, {"key": "other"}, {}, 400, {"pointer": "/key", "hint": "project~key"}),
    ("PUT", "/v1/tasks/default~UPPER", {}, {}, 400, {"pointer": "/key"}),
    ("GET", "/v1/executions/17", None, {}, 400, {"detail": "execution"}),
    ("GET", f"/v1/executions/{ID}", None, {}, 404, {"detail": ID}),
    ("GET", "/v1/tasks/default~nobody", None, {}, 404, {"hint": "after_command"}),
    ("GET", "/v1/executions?stauts=FAILED", None, {}, 400, {"detail": "stauts", "hint": "status"}),
    ("GET", "/v1/executions?status=BROKEN", None, {}, 400, {"detail": "BROKEN"}),
    ("GET", "/v1/executions?limit=501", None, {}, 400, {"detail": "1 to 500"}),
    ("GET", "/v1/executions?limit=many", None, {}, 400, {"detail": "many"}),
    ("GET", "/v1/executions?day=2026-02-30", None, {}, 400, {"detail": "2026-02-30"}),
    ("GET", "/v1/executions?day=2026-02-28&tz=Europe/Berln", None, {}, 400, {"hint": "Europe/Berlin"}),
    ("GET", "/v1/executions?tz=UTC", None, {}, 400, {"detail": "day"}),
    ("GET", "/v1/executions?from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", None, {}, 400, {"detail": "366 days"}),
    ("GET", "/v1/executions?from=yesterday", None, {}, 400, {"detail": "yesterday"}),
    ("GET", "/v1/days?from=2024-01-01&to=2026-01-01", None, {}, 400, {"detail": "366"}),
    ("GET", "/v1/tasks?project=%ff", None, {}, 400, {"detail": "project: the value is not valid UTF-8"}),
    ("GET", "/v1/tasks?label=a:%c3%28", None, {}, 400, {"detail": "label: the value is not valid UTF-8"}),
    ("GET", "/v1/executions?queue=%ed%a0%80", None, {}, 400, {"detail": "queue: the value is not valid UTF-8"}),
    ("GET", "/v1/tasks/a~%ff", None, {}, 400, {"detail": "task: the value is not valid UTF-8"}),
    ("DELETE", X + "?reason=%ff", None, {}, 400, {"detail": "reason: the value is not valid UTF-8"}),
    ("GET", "/v1/tasks?label=nocolon", None, {}, 400, {"detail": "name:value"}),
    ("GET", f"/v1/executions/{ID}/logs?level=LOUD", None, {}, 400, {"detail": "LOUD"}),
    # cursors
    ("GET", "/v1/executions?cursor=abc", None, {}, 400, {"type": "urn:cronobs:problem:bad-cursor", "hint": "next"}),
    ("GET", "/v1/tasks?cursor=AQQBog38smCB2IO-lXrquGi9GFODfQ", None, {}, 400, {"type": "urn:cronobs:problem:bad-cursor"}),
    ("GET", f"/v1/executions/{ID}/logs?after=AQ", None, {}, 400, {"type": "urn:cronobs:problem:bad-cursor"}),
    ("GET", "/v1/days?tz=Etc/GMT+10", None, {}, 400, {"detail": "Etc/GMT 10", "hint": "'+' in a URL is %2B"}),
    ("GET", "/v1/executions?day=2026-02-28&tz=Etc/GMT+10", None, {}, 400, {"hint": "'+' in a URL is %2B"}),
    ("GET", "/v1/executions?task=00000000-0000-0000-0000-000000000000", None, {}, 400, {"detail": "neither a task id"}),
    ("GET", "/v1/tasks/00000000-0000-0000-0000-000000000000/days", None, {}, 400, {"detail": "neither a task id"}),
    ("GET", "/v1/tasks?state=ACTIVE&state=PAUSED", None, {}, 400, {"detail": "\"state\" is there twice"}),
    ("GET", "/registry/subjects?deleted=true&deleted=true", None, {}, 400, {"detail": "\"deleted\" is there twice"}),
    ("DELETE", X + "?reason=a&reason=a", None, {}, 400, {"detail": "\"reason\" is there twice"}),
    ("GET", "/v1/tasks?lable=a:b", None, {}, 400, {"detail": "lable", "hint": "did you mean \"label\"? It takes: q project queue state"}),
    ("GET", "/v1/tasks?label[]=a:b", None, {}, 400, {"detail": "label[]", "hint": "\"label\""}),
    ("GET", "/v1/executions?after_comand=1", None, {}, 400, {"hint": "\"after_command\""}),
    ("GET", "/v1/tasks?zzz=1", None, {}, 400, {"hint": "it takes: q project"}),
    ("GET", "/healthz?x=1", None, {}, 400, {"hint": "it takes: after_command"}),
    ("PUT", X + "?reason=x", {}, {}, 400, {"hint": "it takes: dry_run"}),
    ("GET", "/v1/tasks?project=", None, {}, 400, {"detail": "project: the value is empty"}),
    ("GET", "/v1/dead-letters?topic", None, {}, 400, {"detail": "topic: the value is empty"}),
    ("DELETE", X + "?reason=", None, {}, 400, {"detail": "reason: the value is empty"}),
    ("GET", "/v1/executions?status=runing", None, {}, 400, {"detail": "runing", "hint": "RUNNING"}),
    ("GET", "/v1/executions?status=opne", None, {}, 400, {"hint": "OPEN"}),
    ("GET", "/v1/tasks?state=bogus", None, {}, 400, {"hint": "ALL"}),
    ("GET", f"/v1/executions/{ID}/logs?after=AQ", None, {}, 400, {"detail": "after: it is not one of ours"}),
    ("GET", "/v1/dead-letters/status/0/99999999999999999999", None, {}, 400, {"detail": "offset"}),
    ("GET", "/v1/dead-letters/status/0/9223372036854775807", None, {}, 404, {}),
    # bodies that nobody would read
    ("DELETE", X, {"reason": "x"}, {}, 400, {"detail": "DELETE takes no body", "hint": "query: reason"}),
    ("GET", "/v1/tasks", {"project": "x"}, {}, 400, {"detail": "GET takes no body"}),
    # header fields
    ("PUT", X, {}, {"Content-Type": "application/json; charset=latin1"}, 415, {"hint": "UTF-8"}),
    ("PUT", X, {}, {"Content-Type": "application/json;x=y; Charset=\"utf-16\""}, 415, {"hint": "UTF-8"}),
    ("PUT", X, {}, {"Content-Type": "application/json text/plain"}, 415, {"detail": "text/plain"}),
    ("PUT", X, b"{", {"Content-Type": "application/json ; x=y; charset=\"UTF-8\""}, 400, {"detail": "line 1"}),
    ("PUT", X, b"{", {"Content-Encoding": "identity, Identity"}, 400, {"detail": "line 1"}),
    ("POST", X + ":trigger", None, {"Prefer": "wait=61"}, 400, {"detail": "0 to 60"}),
    ("POST", X + ":trigger", None, {"Prefer": "return=minimal, WAIT = \"61\"; x=y"}, 400, {"detail": "\"61\""}),
    ("POST", X + ":trigger", None, {"Prefer": "wait"}, 400, {"detail": "\"\""}),
    ("PUT", X, {}, {"Content-Encoding": "gzip"}, 415, {"detail": "gzip", "hint": "Content-Encoding"}),
    ("PUT", X, {}, {"Content-Encoding": "identity, gzip"}, 415, {"detail": "gzip"}),
    ("PATCH", X, {}, {"Content-Encoding": "br", "Content-Type": "application/merge-patch+json"}, 415, {"detail": "br"}),
    ("POST", "/v1/schedules:explain", {}, {"Content-Encoding": "deflate"}, 415, {"detail": "deflate"}),
    ("PUT", X, {"labels": {"team:core": "a"}}, {}, 400, {"pointer": "/labels", "detail": "team:core", "hint": "letters"}),
    ("PUT", X, {"labels": {"a b": "a"}}, {}, 400, {"pointer": "/labels"}),
    ("PUT", X, {"labels": {"\u00e4": "a"}}, {}, 400, {"pointer": "/labels"}),
    ("PUT", X, {}, {"If-Match": "3"}, 400, {"detail": "If-Match", "hint": "\"3\""}),
    ("PUT", X, {}, {"If-Match": "W/\"3\""}, 412, {"detail": "If-Match", "hint": "proxy"}),
    ("PUT", X, {}, {"If-Match": "\"3\"", "If-None-Match": "*"}, 400, {"detail": "exclude each other"}),
    ("PUT", X, {}, {"Prefer": "wait=61"}, 400, {"detail": "0 to 60"}),
    ("PUT", X, {}, {"Prefer": "wait=00000061"}, 400, {"detail": "0 to 60"}),
    ("PUT", X, {}, {"Prefer": "wait=000000000000000000005"}, 400, {"detail": "0 to 60"}),
    ("PUT", X, {}, {"Idempotency-Key": "k" * 201}, 400, {"detail": "1 to 200"}),
    ("GET", "/v1/tasks?after_command=x", None, {}, 400, {"detail": "after_command"}),
    ("PUT", X, {}, {"Origin": "https://evil.example"}, 403, {"detail": "evil.example"}),
    ("POST", X + ":trigger", None, {"Origin": "null"}, 403, {}),
    ("GET", "/v1/tasks", None, {"Host": "evil.example"}, 421, {"hint": "api.hosts"}),
    # methods and paths
    ("PATCH", "/v1/tasks", None, {}, 405, {"hint": "GET, HEAD"}),
    ("DELETE", "/v1/executions/" + ID, None, {}, 405, {}),
    ("GET", "/v1/tasks/default~x:pause", None, {}, 405, {"hint": "POST"}),
    ("GET", "/v2/tasks", None, {}, 404, {}),
    ("POST", X + ":explode", None, {}, 404, {}),
]


def each_is_refused_with_place_and_way_out():
    for method, path, body, headers, status, members in REFUSED:
        answer = client.call(method, path, body, **headers)
        said = f"{method} {path} {str(body)[:80]} {headers}: {answer.status} {answer.body}"
        assert answer.status == status, said
        assert answer.headers["Content-Type"] == "application/problem+json" and answer["status"] == status, said
        assert answer["type"].startswith("urn:cronobs:problem:") and answer["title"] and answer["detail"], said
        for name, value in members.items():
            fits = value in str(answer.body.get(name)) if name in ("hint", "detail") else answer.body.get(name) == value
            assert fits, f"{name} is not {value}: {said}"
    return f"{len(REFUSED)} requests"


def nothing_of_it_reached_the_log():
    marker = client.put("marker")
    assert marker.status == 201, marker
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM command").fetchone()[0] == 1


def unknown_zones_come_with_the_nearest_names():
    answer = client.call("PUT", X, {"schedules": [{"expression": "* * * * *", "zone": "America/New_Yrok"}]})
    assert "America/New_York" in answer["hint"], answer


def raw(data, deadline=15.0):
    """The answer to these bytes until the server closes."""
    with socket.create_connection(("127.0.0.1", stack.port), deadline) as s:
        s.settimeout(deadline)
        s.sendall(data)
        answer = b""
        while True:
            chunk = s.recv(65536)
            if not chunk:
                return answer.decode()
            answer += chunk


def every_parameter_comes_once():
    """Each parameter of each resource, from the table of the document."""
    count = 0
    for method, path, query in re.findall(r"\| (GET|PUT|POST|DELETE|PATCH) \| `(/[^`]*)` \| ([^|]*) \|", DOCUMENT.read_text()):
        path = re.sub(r":task", "default~marker", re.sub(r"/:(execution|command)\b", f"/{ID}", path))
        for name in query.split() + (["after_command"] if method == "GET" and path.startswith("/v1/") else []):
            # after_command is read before the route is found, and waits: with a value that is none it is refused first
            answer = client.call(method, f"{path}?{name}=1&{name}=1", b"{}" if method == "PATCH" else None, **{"Content-Type": "application/merge-patch+json"})
            assert answer.status == 400, (method, path, name, answer)
            assert name == "after_command" or f'"{name}" is there twice' in answer["detail"], (method, path, name, answer)
            count += 1
    assert count > 40, count
    return f"{count} parameters"


NOBODY = {"task": "default~nobody", "execution": ID, "command": ID, "subject": "nothing", "topic": "status", "partition": "0", "offset": "7", "version": "1", "id": "99", "name": "nothing.js", "queue": "nowhere"}


def what_belongs_to_nobody_is_not_found():
    """Every resource below one that is not there, from the table of the document."""
    paths = [path for path in re.findall(r"\| GET \| `(/[^`]*:[^`]*)` \|", DOCUMENT.read_text()) if not path.startswith("/registry/config")]
    for path in paths:
        asked = re.sub(r"/:([a-z]+)", lambda m: "/" + NOBODY[m.group(1)], path)
        answer = client.call("GET", asked + ("?q=x" if asked.endswith(":search") else ""))
        assert answer.status == 404, (asked, answer)
    assert len(paths) >= 12, paths
    assert client.call("GET", f"/v1/tasks/{ID}/gaps").status == 404 and client.call("GET", f"/v1/tasks/{ID}/days?tz=Europe/Berlin").status == 404
    for path in ("/v1/tasks/default~marker/gaps", "/v1/tasks/default~marker/days", "/v1/tasks/default~marker/upcoming", "/v1/tasks/default~marker/revisions"):
        assert client.call("GET", path).status == 200, path
    return f"{len(paths)} resources"


DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "http-api.md"
CHANGING = [(method, re.sub(r":task", "default~marker", re.sub(r":subject", "x", path)))
            for method, path in re.findall(r"\| (PUT|POST|DELETE|PATCH) \| `(/[^`]*)` \|", DOCUMENT.read_text())]
OURS = f"http://127.0.0.1:{stack.port}"
FOREIGN = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "http://127.0.0.1"}, {"Origin": "http://localhost"},
    {"Origin": f"http://127.0.0.1:{stack.port + 1}"}, {"Origin": f"http://localhost:{stack.port}"}, {"Origin": f"https://127.0.0.1:{stack.port}"},
    {"Origin": f"://127.0.0.1:{stack.port}"}, {"Origin": f"127.0.0.1:{stack.port}"}, {"Origin": f"http://127.0.0.1:{stack.port}0"},
    {"Origin": f"http://127.0.0.1:{stack.port}@evil.example"}, {"Origin": OURS + ".evil.example"}, {"Origin": OURS + "/"}, {"Origin": f"http://[::1]:{stack.port}"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "x"}, {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-origin"},
]
NOT_JSON = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/merge-patch+json", "", "text/json",
            "application/json-seq", "text/plain; application/json"]


def no_page_of_another_site_changes_anything():
    """Every resource that takes more than GET, from the table of the document."""
    assert len(CHANGING) >= 8, CHANGING
    for method, path in CHANGING:
        for headers in FOREIGN:
            answer = client.call(method, path, {"queue": "q"}, **headers)
            assert answer.status == 403 and answer["type"].endswith("origin"), (method, path, headers, answer)
    return f"{len(CHANGING)} resources, {len(FOREIGN)} origins"


def what_a_field_says_is_heeded():
    """Lists over several lines, fields that come once, a target that names the server."""
    def status(line, *fields, body=b""):
        answer = raw("\r\n".join([line + " HTTP/1.1", *fields, "Connection: keep-alive, close", "", ""]).encode() + body)
        return int(answer.split(" ", 2)[1]), answer

    host, trigger = "Host: localhost", "POST /v1/tasks/default~nobody:trigger"
    for fields in (["Prefer: return=minimal", "Prefer: wait=20"], ["Prefer: respond-async, Wait=20"], ["Prefer: wait = \"20\""], ["Prefer: wait=20, wait=61"]):
        assert status(trigger, host, *fields)[0] == 404, fields  # it waited for the outcome
    for fields in (["Prefer: await=61"], ["Prefer: x=\"a, wait=61\""], ["Prefer: handling=strict"]):
        assert status(trigger, host, *fields)[0] == 202, fields
    for field in ("Idempotency-Key: a", "Cronobs-Command: a", "Host: localhost"):
        code, answer = status(trigger, host, field, field)
        assert code == 400 and "twice" in answer, answer
    assert status(trigger, host, "Content-Type: application/json", "Content-Type: application/json")[0] == 415
    assert status("GET http://localhost/healthz", host)[0] == 200
    assert status("GET HTTP://127.0.0.1:1/v1/tasks?limit=1", "Host: evil.example")[0] == 200
    assert status("GET http://evil.example/healthz", host)[0] == 421
    assert status("POST http://localhost/v1/tasks/default~nobody:trigger", "Host: evil.example", "Origin: http://evil.example")[0] == 403
    assert status("GET https://localhost/healthz", host)[0] == 400
    code, answer = status("GET /healthz", host, "Expect: miracles")
    assert code == 417 and "100-continue" in answer, answer


def what_changes_something_is_json():
    writes = [(method, path) for method, path in CHANGING if path.startswith("/v1/tasks")]
    assert len(writes) >= 5, writes
    for method, path in writes:
        for kind in NOT_JSON if method != "PATCH" else [k for k in NOT_JSON if "merge" not in k] + ["application/json"]:
            for body in (b"{}", b""):
                answer = client.call(method, path, body, Content_Type=kind)
                assert answer.status == 415 and answer["hint"], (method, path, kind, body, answer)
    assert raw(f"POST {X}:trigger HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()).startswith("HTTP/1.1 415 ")
    for headers in ({"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "Application/JSON"}):
        assert client.call("PUT", X, b"{", **headers).status == 400, headers


def a_number_may_have_noughts():
    began = time.monotonic()
    answer = client.call("GET", f"/v1/commands/{ID}", Prefer="wait=00000002")
    assert answer.status == 404 and 1.5 < time.monotonic() - began < 30, answer


def pages_of_ours_may_write():
    for headers in ({"Origin": OURS}, {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": OURS.upper().replace("HTTP", "http")},
                    {"Host": f"localhost:{stack.port}", "Origin": f"http://localhost:{stack.port}"}, {"Host": "localhost", "Origin": "http://localhost:80"}):
        answer = client.call("POST", "/v1/tasks/default~nobody:pause", None, Prefer="wait=20", **headers)
        assert answer.status == 404, (headers, answer)


HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def sizes_and_counts_are_limited():
    fields = b"".join(b"X-%d: a\r\n" % n for n in range(62))
    assert raw(HEAD + fields + b"\r\n").startswith("HTTP/1.1 200 "), "64 header fields"
    for data, status, word in (
        (HEAD + fields + b"X-65: a\r\n\r\n", 431, "64 header fields"),
        (HEAD + b"X: " + b"a" * 8192 + b"\r\n\r\n", 431, "8192 bytes"),
        (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "8192 bytes"),
        (b"PUT /v1/tasks/default~x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n", 413, "1048576 bytes"),
        (b"PUT /v1/tasks/default~x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + b"a" * 0x100001 + b"\r\n0\r\n\r\n", 413, "1048576 bytes"),
        (b"PUT /v1/tasks/default~x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nnull", 400, "twice"),
    ):
        answer = raw(data)
        assert answer.startswith(f"HTTP/1.1 {status} ") and word in answer and "application/problem+json" in answer, answer
    whole = client.call("PUT", X, b" " * (1 << 20))
    assert whole.status == 400, whole  # read whole, and then it is no JSON


def a_slow_request_ends_after_ten_seconds():
    began = time.monotonic()
    answer = raw(b"GET /healthz HTTP/1.1\r\nHost: ")
    took = time.monotonic() - began
    assert answer.startswith("HTTP/1.1 408 ") and 9.5 < took < 12, (answer, took)
    return f"{took:.1f} s"


def a_name_that_nothing_matches_is_refused_at_the_start():
    for names, told in (("https://h.example/", ("api.hosts: \"https://h.example/\"", "write https://h.example\"")),
                        ("cron.example.org, other.example", ("api.hosts: \" other.example\"",)),
                        ("https://u:QXZ9,abc@h.example", ("api.hosts: \"***\"", "passwords"))):
        done = stack.run("api", "--api-listen", "127.0.0.1:0", "--api-hosts", names, check=False, timeout=20)
        assert done.returncode == 64 and all(word in done.stderr for word in told) and "QXZ9" not in done.stderr, done


def the_outcome_of_a_refusal_by_the_scheduler_is_told():
    with stack.connect() as connection:
        task = connection.execute("SELECT task_id::text FROM task WHERE key = 'marker'").fetchone()[0]
    answer = client.call("POST", f"/v1/tasks/{task}:resume", None, Prefer="wait=20")
    assert answer.status == 409 and answer["code"] == "NOT_PAUSED" and answer.headers["Cronobs-Command"], answer


case.run(each_is_refused_with_place_and_way_out, no_page_of_another_site_changes_anything, what_changes_something_is_json, nothing_of_it_reached_the_log, every_parameter_comes_once, what_belongs_to_nobody_is_not_found, unknown_zones_come_with_the_nearest_names, sizes_and_counts_are_limited,
         a_slow_request_ends_after_ten_seconds, a_name_that_nothing_matches_is_refused_at_the_start, the_outcome_of_a_refusal_by_the_scheduler_is_told, pages_of_ours_may_write, a_number_may_have_noughts, what_a_field_says_is_heeded)
