"""Every resource with every odd value of every parameter: an answer each, and the API lives. The dev build overwrites an exchange that
is answered, so a handler that still looks at one does not survive this."""
import itertools
import pathlib
import re
import urllib.parse

from client import Client, forged
from support import case
from support.stack import Stack, wait_for

stack = Stack("sweep", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
wait_for("ready", lambda: client.call("GET", "/readyz").status == 200, 30)

DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "http-api.md"
ROUTE = re.compile(r"\| (GET|PUT|POST|DELETE|PATCH) \| `(/[^`]*)` \| ([^|]*) \|")
ROUTES = [(method, path, query.split()) for method, path, query in ROUTE.findall(DOCUMENT.read_text())]
ID = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e"
ODD = ["x", "0", "1", "-1", "99", "latest", "9" * 40, ID, "default~x", "~", "a~b~c", "%ff", "%c3%28", "%e2%80%ae", "a%0d%0ab", "x" * 300,
       "-9223372036854775808", "9223372036854775807", "1970-01-01", "2199-12-31", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "a:b", "FAILED,OPEN"]
BODIES = [None, b"", b"{}", b"[]", b"null", b"{", b"\xff", b'{"schema":1}', b'{"schema":"{}"}', b'{"queue":"q","key":"other"}']


def with_values(path, value):
    return re.sub(r":([a-z]+)", lambda m: value if m.start() and path[m.start() - 1] == "/" else m.group(0), path)


def kind(method):
    return {"Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json"}


def is_told(method, path, body=None, **headers):
    if path.startswith("/v1/stream"):
        method = "HEAD"  # it has no end
    answer = client.call(method, path, body, **headers)
    assert 200 <= answer.status < 500 or (answer.status == 503 and path.startswith("/readyz")), (method, path, body, answer)
    return answer


def every_value_in_every_place():
    count = 0
    for (method, path, query), value in itertools.product(ROUTES, ODD):
        is_told(method, with_values(path, value), *([b"{}"] if method != "GET" else []), **kind(method))
        for name in query if method == "GET" and query != ["*"] else []:
            is_told("GET", f"{with_values(path, ID)}?{name}={value}")
            count += 1
        count += 1
    assert len(ROUTES) > 30 and api.starts == 1
    return f"{count} requests to {len(ROUTES)} resources"


def every_body_to_every_resource():
    count = 0
    for (method, path, _), body in itertools.product(ROUTES, BODIES):
        if method == "GET":
            continue
        for value in ("x", "default~x", ID, urllib.parse.quote(f"{stack.prefix}status-value")):
            is_told(method, with_values(path, value), body, **kind(method))
            count += 1
    assert api.starts == 1
    return f"{count} requests"


EXTREMES = (-2**63, -2**63 + 1, -2**62, -1, 0, 1, 2**31, 2**62, 2**63 - 1)


def positions_of_all_sizes_are_heard():
    """Never an overflow, never a word of SQL: a page, or a bad cursor."""
    statuses = set()
    paths = [f"/v1/executions/{ID}/logs?after={forged(6, a, b, bytes(16), b)}" for a, b in itertools.product(EXTREMES, EXTREMES)]
    for a, b in itertools.product(EXTREMES, EXTREMES):
        at = forged(8, a, bytes(16), b)
        paths += [f"/v1/executions/{ID}/logs?after={at}", f"/v1/executions/{ID}/logs?before={at}", f"/v1/executions/{ID}/logs:search?q=x&after={at}"]
    for a in EXTREMES:
        paths += [f"/v1/tasks/default~x/gaps?cursor={forged(3, a, a, a, a)}", f"/v1/tasks/default~x/revisions?cursor={forged(2, a)}",
                  f"/v1/executions/{ID}/events?cursor={forged(5, a)}", f"/v1/executions?cursor={forged(4, a.to_bytes(8, 'big', signed=True) * 4)}"]
    for path in paths:
        answer = is_told("GET", path)
        assert "SQLSTATE" not in str(answer.body) and "could not read" not in str(answer.body), (path, answer)
        statuses.add(answer.status)
    assert 200 in statuses, statuses  # the cursors are believed
    return f"{sorted(statuses)}"


case.run(positions_of_all_sizes_are_heard, every_value_in_every_place, every_body_to_every_resource)
