"""The log of one run by its lines' numbers: any place, both ways, what is missing, how many of each level, and a search, against a plain list."""
import itertools
import random
import time
import uuid

from client import Client, Worker, forged
from support import case
from support.stack import Stack, wait_for

stack = Stack("logreads", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
LEVELS, STREAMS = ["DEBUG", "INFO", "WARN", "ERROR"], ["LOG", "STDOUT", "STDERR"]
chance = random.Random(3)
WORDS = ["alpha", "Beta", "gamma", "ÄTHER", "50%", "a_b", "x\\y", "tick", "tock"]
FIRST, SECOND, EARLY = (str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(3))


def send(run, writer, lines, attempt=1):
    """lines: (seq, level, stream, message), ascending, in batches of any size; what is not there is a gap."""
    at = int(time.time() * 1_000_000)
    batch = []
    for line in [*lines, None]:
        if batch and (line is None or line[0] != batch[-1][0] + 1 or chance.random() < 0.02):
            worker.send("logs", 8, {"execution_id": run["execution_id"], "task_id": run["task_id"], "attempt": attempt, "writer": writer, "first_seq": batch[0][0],
                                    "lines": [{"at": at + s, "level": level, "stream": stream, "message": message} for s, level, stream, message in batch]},
                        run["execution_id"])
            batch = []
        if line is not None:
            batch.append(line)


def made(count, skip=()):
    weights = [5, 90, 4, 1]
    return [(n, chance.choices(LEVELS, weights)[0], chance.choice(STREAMS), f"line {n} {chance.choice(WORDS)} {chance.choice(WORDS)}")
            for n in range(1, count + 1) if n not in skip]


client.put("t")
run = client.get(client.act("t", "trigger").headers["Location"]).body
empty = client.get(client.act("t", "trigger").headers["Location"]).body
PATH = f"/v1/executions/{run['execution_id']}/logs"
MISSING = set(range(812, 841)) | {1500}
LINES = made(6000, MISSING)
OTHER = made(40)
worker.report(run, "RUNNING")
send(run, EARLY, made(10), attempt=1)
send(run, FIRST, LINES[::1], attempt=2)
send(run, FIRST, LINES[100:900], attempt=2)  # again: counted once
send(run, SECOND, OTHER, attempt=2)
assert worker.producer.flush(30) == 0


def stored():
    with stack.connect() as connection:
        return connection.execute("SELECT coalesce(sum(cardinality(at)), 0) FROM log_batch").fetchone()[0] == len(LINES) + len(OTHER) + 10


wait_for("all lines are stored", stored, 60)


def names(items):
    return [(i["seq"], i["level"], i["stream"], i["message"]) for i in items]


def fitting(level=None, streams=None, lines=None):
    return [line for line in (LINES if lines is None else lines)
            if (level is None or LEVELS.index(line[1]) >= LEVELS.index(level)) and (streams is None or line[2] in streams.split(","))]


def any_line_is_the_first_of_its_page():
    for n in (1, 2, 811, 812, 830, 841, 1500, 3000, 5999, 6000):
        page = client.get(f"{PATH}?line={n}&limit=50")
        expected = [line for line in LINES if line[0] >= n][:50]
        assert names(page["items"]) == expected, (n, names(page["items"])[:2], expected[:2])
        assert page["attempt"] == 2 and page["writer"] == FIRST and page["last"] == 6000
        assert page["more"] == (expected[-1][0] < 6000) and ("prev" in page.body) == (expected[0][0] > 1), (n, page.body.keys())
    beyond = client.get(f"{PATH}?line=6001")
    assert beyond["items"] == [] and beyond["more"] is False


def walk(query, member, param, size):
    page, all_items = client.get(f"{PATH}?{query}"), []
    while True:
        items = names(page["items"])
        all_items = all_items + items if member == "next" else items + all_items
        if member not in page.body or (member == "next" and not page["more"]):
            return all_items, page
        page = client.get(f"{PATH}?{param}={page[member]}&limit={size}{filters(query)}")


def filters(query):
    return "".join(f"&{word}" for word in query.split("&") if word.startswith(("level=", "stream=")))


def both_ways_pass_every_line_once():
    for level, streams in ((None, None), ("WARN", None), ("ERROR", None), (None, "STDERR"), ("WARN", "LOG,STDERR"), ("ERROR", "STDOUT")):
        extra = (f"&level={level}" if level else "") + (f"&stream={streams}" if streams else "")
        expected = fitting(level, streams)
        size = chance.choice((37, 113, 500))
        assert walk(f"line=1&limit={size}{extra}", "next", "after", size)[0] == expected, (level, streams)
        back, last = walk(f"tail={size}{extra}", "prev", "before", size)
        assert back == expected, (level, streams, len(back), len(expected))
        assert last["items"] == [] or last["items"][0]["seq"] >= 1
    return f"{len(LINES)} lines"


def the_tail_is_what_was_written_last_and_goes_on():
    tail = client.get(f"{PATH}?tail=20")
    assert names(tail["items"]) == LINES[-20:] and tail["more"] is False
    assert len(client.get(f"{PATH}?tail=1000")["items"]) == 1000
    none = client.get(f"/v1/executions/{empty['execution_id']}/logs?tail=20")
    assert none["items"] == [] and none["more"] is False and "writer" not in none.body
    more = [(n, "INFO", "STDOUT", f"fresh {n}") for n in range(1, 4)]
    send(empty, FIRST, more)
    assert worker.producer.flush(30) == 0
    wait_for("fresh lines", lambda: len(client.get(f"/v1/executions/{empty['execution_id']}/logs?tail=20")["items"]) == 3, 30)
    assert names(client.get(f"/v1/executions/{empty['execution_id']}/logs?after={none['next']}")["items"]) == more
    after = client.get(f"/v1/executions/{empty['execution_id']}/logs?tail=2")
    assert names(after["items"]) == more[1:] and names(client.get(f"/v1/executions/{empty['execution_id']}/logs?after={after['next']}")["items"]) == []


def a_writer_can_be_chosen():
    assert names(client.get(f"{PATH}?writer={SECOND}")["items"]) == OTHER
    assert client.get(f"{PATH}?attempt=1")["writer"] == EARLY and len(client.get(f"{PATH}?attempt=1")["items"]) == 10
    assert client.get(f"{PATH}?attempt=9")["items"] == [] and client.get(f"{PATH}?attempt=1&writer={SECOND}")["items"] == []
    assert client.get(f"{PATH}?attempt=2")["writer"] == FIRST


def streams_are_a_filter_in_the_order_of_arrival_too():
    items, after = [], ""
    while True:
        page = client.get(f"{PATH}?stream=stderr&level=WARN&limit=100{after}")
        items += page["items"]
        if not page["more"]:
            break
        after = f"&after={page['next']}"
    assert sorted(names(i for i in items if i["writer"] == FIRST)) == fitting("WARN", "STDERR"), len(items)


def writers_say_what_they_have_and_what_is_missing():
    items = client.get(f"{PATH}:writers?levels=true")["items"]
    assert [(i["attempt"], i["writer"]) for i in items] == [(2, FIRST), (2, SECOND), (1, EARLY)], items
    first = items[0]
    assert first["lines"] == len(LINES) and first["last"] == 6000 and first["missing"] == [[812, 840], [1500, 1500]], first
    assert first["levels"] == {level: sum(1 for line in LINES if line[1] == level) for level in LEVELS}, first["levels"]
    assert "levels" not in client.get(f"{PATH}:writers")["items"][0]
    send(run, worker.incarnation, [(1, "INFO", "LOG", "by name")])
    assert worker.producer.flush(30) == 0
    named = wait_for("a fourth writer", lambda: [i for i in client.get(f"{PATH}:writers")["items"] if i["writer"] == worker.incarnation], 30)
    assert named[0]["worker"] == "tester", named
    assert client.get(f"/v1/executions/{client.get(client.act('t', 'trigger').headers['Location'])['execution_id']}/logs:writers")["items"] == []


def a_search_counts_exactly():
    for text, with_case in (("alpha", False), ("BETA", False), ("BETA", True), ("Beta", True), ("50%", False), ("a_b", False), ("x\\y", True), ("line 81", False), ("nothing", False), ("äther", False)):
        for level in (None, "WARN"):
            query = client.get(f"{PATH}:search?q={text.replace('%', '%25').replace(chr(92), '%5C').replace(' ', '%20').replace('ä', '%C3%A4')}&case={str(with_case).lower()}"
                               f"&attempt=2&writer={FIRST}" + (f"&level={level}" if level else ""))
            found = [line for line in fitting(level) if (text in line[3] if with_case else text.lower() in line[3].lower())]
            assert query["matches"] == len(found) and query["scanned"] == len(LINES) and "next" not in query.body, (text, query["matches"], len(found))
            assert [(i["line"], i["message"]) for i in query["items"]] == [(line[0], line[3]) for line in found][:100], text
    few = client.get(f"{PATH}:search?q=alpha&limit=3&attempt=2")
    rest = client.get(f"{PATH}:search?q=alpha&limit=500&line={few['items'][-1]['line'] + 1}&attempt=2")
    assert len(few["items"]) == 3 and rest["matches"] == few["matches"] - 3


def a_long_search_goes_on_where_it_stopped():
    """A million lines put into the tables."""
    long = client.get(client.act("t", "trigger").headers["Location"]).body
    with stack.connect() as connection:
        connection.execute("SELECT ensure_partition('log_batch', now() + interval '8 days')")
        connection.execute(
            "INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)"
            " SELECT %s, %s, %s, at, 1 + b * 500, (at AT TIME ZONE 'UTC')::date, 1, 1, array_fill(at, ARRAY[500]), array_fill('I'::\"char\", ARRAY[500]), array_fill('O'::\"char\", ARRAY[500]),"
            " (SELECT array_agg(CASE WHEN (b * 500 + k) %% 5000 = 4999 THEN 'needle ' || b * 500 + k + 1 ELSE 'hay' END ORDER BY k) FROM generate_series(0, 499) k)"
            " FROM (SELECT b, now() + (b / 1200) * interval '7 days' AS at FROM generate_series(0, 1999) b) x", (long["execution_id"], long["task_id"], FIRST))
        connection.execute("INSERT INTO log_writer (execution_id, task_id, writer, next_seq, attempt, info) VALUES (%s, %s, %s, 1000001, 1, 1000000)",
                           (long["execution_id"], long["task_id"], FIRST))
    path, matches, scanned, calls, after = f"/v1/executions/{long['execution_id']}/logs", 0, 0, 0, ""
    while True:
        found = client.get(f"{path}:search?q=needle{after}")
        matches, scanned, calls = matches + found["matches"], scanned + found["scanned"], calls + 1
        assert found["scanned"] <= 200000 and all(i["message"] == f"needle {i['line']}" for i in found["items"])
        if "next" not in found.body:
            break
        after = f"&after={found['next']}"
    assert (matches, scanned, calls) == (200, 1000000, 5), (matches, scanned, calls)
    for n in (700000, 599999, 600001, 1000000):
        page = client.get(f"{path}?line={n}&limit=500")
        assert [i["seq"] for i in page["items"]] == list(range(n, min(n + 500, 1000001))), n
    before = client.get(f"{path}?before={client.get(f'{path}?line=600100')['prev']}&limit=500")
    assert [i["seq"] for i in before["items"]] == list(range(599600, 600100))
    assert client.get(f"{path}?tail=1000")["items"][0]["seq"] == 999001


def what_is_wrong_is_told():
    prev = client.get(f"{PATH}?line=100")["prev"]
    arrival = client.get(f"{PATH}?limit=1")["next"]
    for query, said in {"?line=0": "line", "?line=x": "line", "?tail=0": "tail", "?tail=1001": "tail", "?tail=5&limit=5": "limit", "?line=1&tail=1": "one of them", "?before=x": "cursor",
                        f"?before={arrival}": "cursor", f"?before={prev}&attempt=1": "attempt", f"?after={prev}&line=3": "one of them", "?attempt=0": "attempt", "?writer=me": "writer",
                        "?stream=FILE": "stream", ":search": "q:", ":search?q=": "q:", f":search?q={'x' * 201}": "201", ":search?q=a&case=yes": "case", ":search?q=a&after=x": "cursor",
                        ":search?q=a&line=0": "line", ":writers?levels=2": "levels"}.items():
        answer = client.call("GET", f"{PATH}{query}")
        assert answer.status == 400 and said in answer["detail"], (query, answer)
    nobody = "/v1/executions/01a20dc8-e780-84a3-82a6-2e6896ff6f9e/logs"
    for query in ("?line=1", "?tail=1", "?attempt=1", ":writers", ":search?q=x"):
        assert client.call("GET", nobody + query).status == 404, query


def places_of_all_sizes_are_heard():
    """A cursor can be made by anybody: never an overflow, never a word of SQL."""
    sizes = (-2**63, -2**63 + 1, -1, 0, 1, 2**31, 2**62, 2**63 - 1)
    for attempt, line in itertools.product((-2**63, -1, 0, 2, 2**31, 2**63 - 1), sizes):
        for writer in (bytes(16), uuid.UUID(FIRST).bytes):
            at = forged(8, attempt, writer, line)
            for query in (f"?after={at}", f"?before={at}", f":search?q=alpha&after={at}"):
                answer = client.call("GET", PATH + query)
                assert answer.status in (200, 400) and "SQLSTATE" not in str(answer.body), (query, answer)
    for line in (6001, 10**16):
        assert client.get(f"{PATH}?line={line}")["items"] == [] and client.get(f"{PATH}:search?q=alpha&line={line}")["matches"] == 0
    assert api.starts == 1


case.run(any_line_is_the_first_of_its_page, both_ways_pass_every_line_once, the_tail_is_what_was_written_last_and_goes_on, a_writer_can_be_chosen,
         streams_are_a_filter_in_the_order_of_arrival_too, writers_say_what_they_have_and_what_is_missing, a_search_counts_exactly, a_long_search_goes_on_where_it_stopped, places_of_all_sizes_are_heard, what_is_wrong_is_told)
