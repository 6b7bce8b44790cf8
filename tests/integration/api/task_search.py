"""Tasks found by a part of their key, title or labels, with the index and without it; who paused them; what ran last; what their schedules mean."""
import json
import urllib.parse
import uuid

from client import Client
from support import case, past
from support.stack import Stack, free_port, wait_for

stack = Stack("search", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
ODD = [("ledger-sync", "Ledger sync", {"team": "Core"}), ("a_b", "50% of it", None), ("axb", "half", {"path": "c:\\temp"}), ("Überweisung", "ÄÖ", {"x": "y z"}),
       ("nl", "one\ntwo", None), ("quote", "it's \"so\"", {"a": "'; DROP TABLE task; --"}), ("empty", "", {"": "v"}), ("bidi", "\u202eabc", None)]


def fill():
    with stack.connect() as connection:
        rows = [(str(uuid.uuid4()), "odd", key, title, json.dumps(labels) if labels is not None else None) for key, title, labels in ODD]
        rows += [(str(uuid.uuid4()), f"p{n % 3}", f"bulk{n:05d}", f"Number {n} of many", json.dumps({"n": str(n % 10)})) for n in range(22000)]
        with connection.cursor().copy("COPY task (task_id, revision, state, received_at, project, key, title, queue, labels, spec) FROM STDIN") as copy:
            for task_id, project, key, title, labels in rows:
                copy.write_row((task_id, 1, 0, "2026-01-01 00:00Z", project, key, title, "q" if project == "odd" else "other", labels,
                                json.dumps({"project": project, "key": key, "queue": "q", "schedules": [{"expression": "*/20 * * * *", "zone": "Europe/Berlin"}]})))
        connection.execute("ANALYZE task")
    return [(project, key, "\n".join([key, title or "", *sorted(f"{n}:{v}" for n, v in json.loads(labels or "{}").items())]).lower()) for _, project, key, title, labels in rows]


TASKS = fill()


def names(items):
    return [(t["project"], t["key"]) for t in items]


with stack.connect() as reader:  # in the order of the database
    ORDER = [tuple(row) for row in reader.execute("SELECT project, key FROM task ORDER BY project, key")]
TEXTS = {(project, key): text for project, key, text in TASKS}


def expected(q, **only):
    return [name for name in ORDER if q.lower() in TEXTS[name] and name[0] == only.get("project", name[0])]


def searches():
    count = 0
    for q in ("ledger", "LEDGER-SYNC", "er s", "core", "team:core", "a_b", "%", "50%", "\\", "c:\\temp", "überw", "ÄÖ", "bulk0001", "9 of many", "n:7", "nobody at all", "'; drop", "one\ntwo", "it's", "um", "u", "-sy", "a_b", "5%", "y z", "---", ": "):
        for project in (None, "p1", "odd"):
            asked = urllib.parse.urlencode({"q": q, **({"project": project} if project else {})})
            wanted = expected(q, **({"project": project} if project else {}))
            found = client.pages(f"/v1/tasks?{asked}", 500)[0] if len(wanted) < 1000 else client.get(f"/v1/tasks?{asked}&limit=100")["items"]
            assert names(found) == wanted[:len(found)] and len(found) == (len(wanted) if len(wanted) < 1000 else 100), (q, project, len(found), len(wanted))
            count += 1
    for size in (1, 3, 7):
        assert names(client.pages("/v1/tasks?q=bulk0001", size)[0]) == expected("bulk0001"), size
        assert names(client.pages("/v1/tasks?q=00&project=odd", size)[0]) == []
    return f"{count} searches of {len(TASKS)} tasks"


def a_part_of_a_name_is_found_by_its_index():
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'cronobs' AND indexname = 'task_search'").fetchone()[0] == 1
    return searches()


def drop_the_index():
    with stack.connect() as connection:
        connection.execute("DROP INDEX task_search")


def make_the_index():
    stack.run("db", "migrate")
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'cronobs' AND indexname = 'task_search'").fetchone()[0] == 1


def and_without_it():
    drop_the_index()
    told = searches()
    page = client.get("/v1/tasks?q=bulk21999&limit=1")
    assert "next" in page.body, page.body.keys()  # 20,000 are looked at, it may lie behind
    make_the_index()
    return told


def what_has_no_word_does_not_read_the_index_whole():
    drop_the_index()
    make_the_index()  # anew: what other sessions have not told yet is about the one before
    one = stack.start("one", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{(port := free_port())}", CRONOBS_API_CONNECTIONS="1")  # one session tells in its order what it has done
    other = Client(f"http://127.0.0.1:{port}")
    wait_for("it answers", lambda: answers(other), 30)

    def scans():
        with stack.connect() as connection:
            return connection.execute("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'task_search'").fetchone()[0]
    before = scans()
    for q in ("---", "%25%25%25", "a-b", ":%20'", "__"):
        assert other.get(f"/v1/tasks?q={q}").status == 200
    other.get("/v1/tasks?q=sync")
    wait_for("the session tells what it has done", lambda: other.get("/v1/tasks") and scans() > before, 30)
    assert scans() == before + 1, scans() - before
    one.stop()


def answers(other):
    try:
        return other.call("GET", "/readyz").status == 200
    except OSError:
        return False


def a_filter_without_an_index_looks_at_some_at_a_time():
    found, pages = client.pages("/v1/tasks?queue=q&project=odd", 100)
    assert len(found) == len(ODD) and pages == 1
    found, pages = client.pages("/v1/tasks?label=n:3&project=p1", 500)
    assert len(found) == sum(1 for n in range(22000) if n % 3 == 1 and n % 10 == 3) and pages == 2, (len(found), pages)
    found, pages = client.pages("/v1/tasks?label=n:nobody", 500)
    assert found == [] and pages == 2, pages


def a_list_says_who_paused_what_and_why():
    for key in ("p-one", "p-two", "p-not"):
        client.put(key, {"schedules": [{"expression": "0 6 * * MON-FRI", "zone": "UTC"}, {"expression": "@every 90s"}]})
    assert client.act("p-one", "pause", {"reason": "holiday", "until": "2099-01-01T00:00:00Z"}).status == 200
    assert client.act("p-two", "pause", {"reason": "first"}).status == 200 and client.act("p-two", "resume").status == 200
    assert client.act("p-two", "pause").status == 200
    items = {t["key"]: t for t in wait_for("all three", lambda: (lambda items: len(items) == 3 and items)(client.get("/v1/tasks?q=p-&project=default&include=words,recent")["items"]), 30)}
    alone = client.get("/v1/tasks/default~p-one")["paused"]
    assert items["p-one"]["paused"] == alone and alone["reason"] == "holiday" and alone["until"] == "2099-01-01T00:00:00Z" and alone["by"], items["p-one"]
    assert "reason" not in items["p-two"]["paused"] and "paused" not in items["p-not"], items
    words = [client.call("POST", "/v1/schedules:explain", {"expression": e, "zone": "UTC"})["description"] for e in ("0 6 * * MON-FRI", "@every 90s")]
    assert items["p-not"]["words"] == words and items["p-not"]["recent"] == [], (items["p-not"]["words"], words)
    assert "words" not in client.get("/v1/tasks?q=p-not")["items"][0]


def what_ran_last_comes_along():
    with stack.connect() as connection:
        past.make(connection, tasks=8, executions=900, days=60)
        newest = connection.execute("SELECT task_id::text, array_agg(execution_id::text ORDER BY execution_id DESC) FROM execution GROUP BY 1").fetchall()
        took = dict(connection.execute("SELECT execution_id::text, floor(extract(epoch FROM finished_at - started_at) * 1000)::int FROM execution").fetchall())
    wanted = dict(newest)
    items = [t for t in client.get("/v1/tasks?q=task&include=recent&state=ALL")["items"] if t["task_id"] in wanted]
    assert len(items) == 8
    for item in items:
        assert [e["execution_id"] for e in item["recent"]] == wanted[item["task_id"]][:20], item["key"]
        assert all(e.get("run_ms") == took[e["execution_id"]] for e in item["recent"])


def what_is_wrong_is_told():
    for query, said in {f"q={'x' * 201}": "201", "include=all": "include", "include=recent,": "include", "include=": "include", "cursor=x": "cursor"}.items():
        answer = client.call("GET", f"/v1/tasks?{query}")
        assert answer.status == 400 and said in answer["detail"], (query, answer)
    assert client.call("GET", "/v1/tasks?q=").status == 400


case.run(a_part_of_a_name_is_found_by_its_index, what_has_no_word_does_not_read_the_index_whole, and_without_it, a_filter_without_an_index_looks_at_some_at_a_time, a_list_says_who_paused_what_and_why, what_ran_last_comes_along, what_is_wrong_is_told)
