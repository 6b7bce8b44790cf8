"""What the API serves: tasks, commands, history, days, logs, registry, health."""
import datetime
import hashlib
import json
import subprocess

from client import Client, Worker
from support import case
from support.stack import Stack, wait_for

stack = Stack("resources", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
HOURLY = {"schedules": [{"expression": "0 * * * *", "zone": "Europe/Berlin"}]}


def triggered(key, count=1, **body):
    """Executions of a task, as GET shows them."""
    made = [client.act(key, "trigger", body) for _ in range(count)]
    assert all(answer.status == 201 for answer in made), made
    paths = [answer.headers["Location"] for answer in made]
    return [wait_for(path, lambda: shown(path), 30) for path in paths]


def shown(path):
    answer = client.call("GET", path)
    return answer.body if answer.status == 200 else None


def is_now(execution, status):
    return wait_for(f"it is {status}", lambda: (e := shown(f"/v1/executions/{execution['execution_id']}"))["status"] == status and e, 30)


def it_is_ready():
    wait_for("ready", lambda: client.call("GET", "/readyz").status == 200, 30)
    ready = client.get("/readyz")
    assert ready["database"]["reachable"] and ready["broker"]["reachable"] and ready["stalled"] == [], ready
    assert set(ready["projection"]["topics"]) >= {"commands", "tasks", "status", "logs", "executions.q"}, ready
    assert client.get("/healthz")["status"] == "ok"
    assert ready["lost"] == [], ready
    with stack.connect() as connection:
        connection.execute("INSERT INTO lost_range VALUES ('status', 0, 3, 10), ('status', 0, 20, 21), ('tasks', 1, 0, 5)")
        wait_for("what is lost is told", lambda: [(x["topic"], x["partition"], x["offsets"]) for x in client.get("/readyz")["lost"]]
                 == [(stack.prefix + "status", 0, 8), (stack.prefix + "tasks", 1, 5)], 30)
        connection.execute("DELETE FROM lost_range")


def a_task_is_made_changed_and_shown():
    made = client.put("t1", {**HOURLY, "title": "One", "labels": {"team": "ops"}, "payload": "hi"})
    assert made.status == 201 and made["code"] == "CREATED" and made["revision"] == 1, made
    assert made.headers["Location"] == f"/v1/tasks/{made['task_id']}" and made.headers["ETag"] == '"1"', made.headers
    same = client.put("t1", {**HOURLY, "title": "One", "labels": {"team": "ops"}, "payload": "hi"})
    assert same.status == 200 and same["code"] == "UNCHANGED" and same["revision"] == 1, same
    edited = client.put("t1", {**HOURLY, "title": "Two", "labels": {"team": "ops"}, "payload": "hi"}, If_Match='"1"')
    assert edited.status == 200 and edited["code"] == "UPDATED" and edited["revision"] == 2, edited
    task = client.get("/v1/tasks/default~t1")
    assert task.headers["ETag"] == '"2"' and task["title"] == "Two" and task["state"] == "ACTIVE", task
    assert task["next_at"].endswith(":00:00Z") and task["spec"]["payload"] == "hi", task
    assert client.get(f"/v1/tasks/{made['task_id']}").body == task.body
    again = client.call("PUT", "/v1/tasks/default~t1", task["spec"], Prefer="wait=20")
    assert again["code"] == "UNCHANGED", again  # what is shown can be sent back
    revisions = client.get("/v1/tasks/default~t1/revisions")["items"]
    assert [r["revision"] for r in revisions] == [2, 1] and revisions[1]["spec"]["title"] == "One", revisions


def compare_and_set_refuses_the_stale():
    stale = client.put("t1", HOURLY, If_Match='"1"')
    assert stale.status == 412 and stale["code"] == "STALE_REVISION" and stale["hint"], stale
    exists = client.put("t1", HOURLY, If_None_Match="*")
    assert exists.status == 412 and "If-None-Match" in exists["hint"], exists
    assert client.put("t0", HOURLY, If_None_Match="*").status == 201
    gone = client.call("DELETE", "/v1/tasks/default~t0", Prefer="wait=20", If_Match='"7"')
    assert gone.status == 412, gone


def actions_follow_the_state():
    assert client.act("t1", "resume").status == 409
    paused = client.act("t1", "pause", {"reason": "holiday"})
    assert paused.status == 200 and paused["revision"] == 3, paused
    task = client.get("/v1/tasks/default~t1")
    assert task["state"] == "PAUSED" and "next_at" not in task.body, task
    assert task["paused"] == {"command_id": paused["command_id"], "at": task["effective_at"], "by": "api", "reason": "holiday"}, task
    listed = {t["key"]: t for t in client.get("/v1/tasks?state=ALL")["items"]}
    assert listed["t1"] == task.body and [t["key"] for t in listed.values() if "paused" in t] == ["t1"], listed
    assert client.act("t1", "pause", {"until": "2099-01-01T00:00:00Z", "reason": "longer"}).status == 200
    assert client.put("t1", {**HOURLY, "title": "Three", "labels": {"team": "ops"}, "payload": "hi"}).status == 200  # an edit ends no pause
    task = client.get("/v1/tasks/default~t1")
    assert task["paused"]["until"] == "2099-01-01T00:00:00Z" and task["paused"]["reason"] == "longer" and "reason" not in task.body, task
    assert client.get("/v1/tasks/default~t1/upcoming").body["items"] == []
    assert client.get("/v1/tasks/default~t1/revisions")["items"][2]["reason"] == "holiday"
    assert client.act("t1", "resume", {"gap": "last"}).status == 200
    assert "paused" not in client.get("/v1/tasks/default~t1").body
    for missing in (client.act("nobody", "pause"), client.act("nobody", "trigger"), client.call("DELETE", "/v1/tasks/default~nobody", Prefer="wait=20")):
        assert missing.status == 404 and missing["code"] == "NOT_FOUND", missing


def a_deleted_task_is_shown_as_such_and_can_come_back():
    assert client.call("DELETE", "/v1/tasks/default~t0?reason=over", Prefer="wait=20").status == 200
    assert client.get("/v1/tasks/default~t0")["state"] == "DELETED"
    assert client.act("t0", "trigger").status == 409
    assert "t0" not in [t["key"] for t in client.get("/v1/tasks")["items"]]
    assert "t0" in [t["key"] for t in client.get("/v1/tasks?state=deleted")["items"]]
    back = client.put("t0", HOURLY)
    assert back.status == 201 and back["revision"] == 3, back


def tasks_are_listed_page_by_page():
    for n in range(7):
        client.put(f"list{n}", {**HOURLY, "project": "default", "labels": {"source": "here", "n": str(n)}}, Prefer="")
    client.put("list7", {**HOURLY, "labels": {"source": "here"}})
    wait_for("all are there", lambda: len(client.get("/v1/tasks?label=source:here")["items"]) == 8, 30)
    items, pages = client.pages("/v1/tasks?label=source:here", 3)
    assert [t["key"] for t in items] == [f"list{n}" for n in range(8)] and pages == 3, (items, pages)
    assert [t["key"] for t in client.get("/v1/tasks?label=n:4")["items"]] == ["list4"]
    assert client.get("/v1/tasks?queue=other")["items"] == [] and client.get("/v1/tasks?project=other")["items"] == []


LETTERS = [("status", 1, 7, None, "2027-01-01 00:00:02Z", "undecodable", b"k", b"\x00\xff"),
           ("status", 1, 8, None, "2027-01-01 00:00:01Z", "over limits", None, b"a value"),
           ("status", 2, 7, None, "2027-01-01 00:00:01Z", "undecodable", "\u00e4".encode(), b""),
           ("logs", 0, 7, None, "2027-01-01 00:00:01Z", "misplaced", b"k", None),
           ("tasks", 0, 3, 9, None, "unreadable batch", None, None)]


def bury(connection):
    for topic, part, offset, last, at, reason, key, value in LETTERS:
        connection.execute("INSERT INTO dead_letter (topic, part, kafka_offset, last_offset, received_at, reason, detail, key, value, value_len, value_sha256)"
                           " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                           (topic, part, offset, last, at, reason, "why", key, value, None if value is None else len(value) or None,
                            None if value is None else hashlib.sha256(value).digest()))


def dead_letters_are_shown():
    with stack.connect() as connection:
        connection.execute("DELETE FROM dead_letter")
        bury(connection)

    def places(query="", limit=100):
        return [(x["topic"], x["partition"], x["offset"]) for x in client.pages(f"/v1/dead-letters{query}", limit)[0]]
    newest = [("status", 1, 7), ("status", 2, 7), ("status", 1, 8), ("logs", 0, 7), ("tasks", 0, 3)]
    for limit in (1, 2, 3, 5, 500):
        assert places(limit=limit) == newest, (limit, places(limit=limit))
        assert places("?reason=Undecodable", limit) == [("status", 1, 7), ("status", 2, 7)]
    for query, expected in {"?topic=status": newest[:3], "?topic=status&partition=1": [newest[0], newest[2]], "?partition=0": newest[3:],
                            "?from=2027-01-01T00:00:02Z": newest[:1], "?to=2027-01-01T00:00:02Z": newest[1:], "?topic=executions.gone": [],
                            "?from=2027-01-01T00:00:01Z&to=2027-01-01T00:00:02Z": newest[1:4]}.items():
        assert places(query) == expected and places(query, 1) == expected, (query, places(query))
    items = client.get("/v1/dead-letters")["items"]
    assert items[0] == {"topic": "status", "partition": 1, "offset": 7, "at": "2027-01-01T00:00:02Z", "reason": "undecodable", "detail": "why",
                        "key": "k", "bytes": 2, "sha256": hashlib.sha256(b"\x00\xff").hexdigest()}, items[0]
    assert items[4] == {"topic": "tasks", "partition": 0, "offset": 3, "last_offset": 9, "reason": "unreadable batch", "detail": "why"}, items[4]
    assert items[1]["bytes"] == 0 and "bytes" not in items[3], items
    assert client.get("/v1/dead-letters/status/1/7")["value_base64"] == "AP8=" and client.get("/v1/dead-letters/status/1/8")["value"] == "a value"
    for path, status in {"/status/1/9": 404, "/status/x/9": 400, "/status/1/-1": 400, "?reason=odd": 400, "?topic=x": 400, "?topic=executions.": 400, "?partition=-1": 400, "?to=yesterday": 400,
                         "?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z": 400, "?cursor=x": 400}.items():
        assert client.call("GET", f"/v1/dead-letters{path}").status == status, path
    assert "over limits" in client.call("GET", "/v1/dead-letters?reason=odd")["detail"]
    slip = client.call("GET", "/v1/dead-letters?topic=stauts")
    assert "heartbeats" in slip["detail"] and slip["hint"] == "did you mean status?", slip
    with stack.connect() as connection:
        connection.execute("DELETE FROM dead_letter")


def executions_of_one_id_are_each_on_one_page():
    """Anybody can make executions of many tasks under one id; so the id alone is no order."""
    assert client.put("same", HOURLY).status == 201
    real = triggered("same")[0]
    statuses = (0, 6, 5, 7, 0, 6, 5)  # PENDING, FAILED, SUCCEEDED, TIMED_OUT
    tasks = [f"{n}{real['task_id'][1:]}" for n in range(7)]
    with stack.connect() as connection:
        for task, status in zip(tasks, statuses):
            connection.execute("INSERT INTO execution (execution_id, task_id, scheduled_at, status, trigger, queue) VALUES (%s, %s, %s, %s, 1, 'q')"
                               " ON CONFLICT DO NOTHING", (real["execution_id"], task, real["scheduled_at"], status))

    def found(query, limit):
        return [(e["execution_id"], e["task_id"]) for e in client.pages(f"/v1/executions?{query}", limit)[0]]
    for query in ("", "queue=q", "status=OPEN", "status=PENDING", "queue=q&status=OPEN", "status=FAILED", "status=FAILED,TIMED_OUT",
                  "queue=q&status=FAILED", "status=SUCCEEDED"):
        whole = found(query, 500)
        assert whole == sorted(set(whole), reverse=True) and any(task in tasks for _, task in whole), (query, whole)
        for limit in (1, 2, 3, 5):
            assert found(query, limit) == whole, (query, limit, found(query, limit), whole)
    assert found(f"task={tasks[3]}", 1) == [(real["execution_id"], tasks[3])]
    with stack.connect() as connection:
        connection.execute("DELETE FROM execution WHERE execution_id = %s AND task_id <> %s", (real["execution_id"], real["task_id"]))


def tasks_of_one_key_are_each_on_one_page():
    """A record of the log may give two tasks one key."""
    one = client.get("/v1/tasks/default~same")["task_id"]
    twins = [f"{n}{one[1:]}" for n in range(5)]
    with stack.connect() as connection:
        rest = ", ".join(name for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'task'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'task_id'"))
        for twin in twins:
            connection.execute(f"INSERT INTO task (task_id, {rest}) SELECT %s, {rest} FROM task WHERE task_id = %s ON CONFLICT DO NOTHING", (twin, one))
    whole = [t["task_id"] for t in client.get("/v1/tasks?limit=500")["items"]]
    assert len(whole) == len(set(whole)) and set(twins) <= set(whole), whole
    for limit in (1, 2, 3, 5):
        assert [t["task_id"] for t in client.pages("/v1/tasks", limit)[0]] == whole, limit
    with stack.connect() as connection:
        connection.execute("DELETE FROM task WHERE task_id = ANY (%s) AND task_id <> %s", (twins, one))


def gaps_of_one_instant_are_on_one_page_each():
    task = client.get("/v1/tasks/default~t1")["task_id"]
    ends = [(n // 4, n % 3) for n in range(12)]
    with stack.connect() as connection:
        for n, (end, reason) in enumerate(ends):
            connection.execute("INSERT INTO schedule_gap VALUES (%s, %s, timestamptz '2001-01-01' + %s * interval '1 s', %s, timestamptz '2002-01-01' + %s * interval '1 s',"
                               " now(), 1, false)", (task, 1 + n % 2, n, 1 + reason, end))

    def found(limit):
        return [(g["to_at"], g["revision"], g["from_at"], g["reason"]) for g in client.pages("/v1/tasks/default~t1/gaps", limit)[0] if g["to_at"] < "2003"]
    whole = found(500)
    assert len(whole) == len(set(whole)) == 12 and [g[0] for g in whole] == sorted((g[0] for g in whole), reverse=True), whole
    for limit in (1, 2, 3, 5, 11, 12):
        assert found(limit) == whole, limit
    with stack.connect() as connection:
        connection.execute("DELETE FROM schedule_gap WHERE to_at < '2003-01-01'")


def a_label_of_old_is_found():
    assert client.put("old", {**HOURLY, "labels": {"fresh": "1"}}).status == 201
    with stack.connect() as connection:
        connection.execute("""UPDATE task SET labels = '{"team:core": "a:b", "a b": "c,d", "": "x"}' WHERE key = 'old'""")
    for label in ("team:core:a:b", "a%20b:c,d"):
        assert [t["key"] for t in client.get(f"/v1/tasks?label={label}")["items"]] == ["old"], label
    for label in ("team:core", "team:core:a", "team:b", "core:a:b"):
        assert client.get(f"/v1/tasks?label={label}")["items"] == [], label


def a_repeated_request_has_one_effect():
    first = client.act("t1", "trigger", {"payload": "once"}, Idempotency_Key="k1")
    again = client.act("t1", "trigger", {"payload": "once"}, Idempotency_Key="k1")
    assert first.status == again.status == 201 and first.body == again.body, (first, again)
    other = client.act("t1", "trigger", {"payload": "twice"}, Idempotency_Key="k1")
    assert other.status == 422 and other["type"].endswith("idempotency-key-reused"), other
    assert client.act("t1", "pause", None, Idempotency_Key="k1").status == 422
    elsewhere = client.act("t0", "trigger", {"payload": "once"}, Idempotency_Key="k1")
    assert elsewhere.status == 201 and elsewhere["execution_id"] != first["execution_id"], elsewhere
    starts = api.starts
    api.kill()
    wait_for("the API is back", lambda: api.starts > starts and stack.api_answers(), 30)
    wait_for("ready", lambda: client.call("GET", "/readyz").status == 200, 30)
    after = client.act("t1", "trigger", {"payload": "once"}, Idempotency_Key="k1")
    assert after.status == 201 and after.body == first.body, after  # it no longer remembers, the database does
    assert client.act("t1", "trigger", {"payload": "twice"}, Idempotency_Key="k1").status == 422


def a_command_can_be_watched():
    sent = client.act("t1", "trigger", None, Prefer="")
    assert sent.status == 202 and sent["result"] == "PENDING", sent
    assert sent.headers["Location"] == f"/v1/commands/{sent['command_id']}" and sent.headers["Cronobs-Command"] == sent["command_id"]
    command = client.get(sent.headers["Location"], Prefer="wait=20")
    assert command["result"] == "ACCEPTED" and command["kind"] == "TRIGGER_TASK" and command["execution_id"], command
    unknown = client.call("GET", "/v1/commands/00000000-0000-4000-8000-000000000000")
    assert unknown.status == 404 and unknown.headers["Retry-After"], unknown


def a_read_after_a_command_sees_it():
    for n in range(20):
        sent = client.put("t2", {**HOURLY, "title": f"title {n}"}, Prefer="")
        task = client.get(f"/v1/tasks/default~t2?after_command={sent['command_id']}")
        assert task["title"] == f"title {n}", (n, task)
        assert client.get("/v1/tasks/default~t2", Cronobs_Command=sent["command_id"])["revision"] == n + 1
    never = client.call("GET", "/v1/tasks?after_command=00000000-0000-4000-8000-000000000000", Prefer="wait=1")
    assert never.status == 503 and never.headers["Retry-After"], never


def history_is_found_by_every_filter():
    client.put("h1", HOURLY)
    client.put("h2", HOURLY)
    ones, twos = triggered("h1", 5), triggered("h2", 3)
    for execution, status in zip(ones, ("SUCCEEDED", "FAILED", "RUNNING")):
        worker.report(execution, "RUNNING")
        if status != "RUNNING":
            worker.report(execution, status, exit_code=0 if status == "SUCCEEDED" else 3, message="said so")
    for execution, status in zip(ones, ("SUCCEEDED", "FAILED", "RUNNING")):
        is_now(execution, status)
    ids = [e["execution_id"] for e in ones + twos]
    wanted = {
        "task=default~h1": ids[4::-1],
        f"task={twos[0]['task_id']}": ids[:4:-1],
        "task=default~h1&status=failed": [ids[1]],
        "task=default~h1&status=FAILED,TIMED_OUT": [ids[1]],
        "task=default~h1&status=succeeded": [ids[0]],
        "task=default~h1&status=running": [ids[2]],
        "task=default~h1&status=OPEN": ids[4:1:-1],
        "task=default~h1&queue=q": ids[4::-1],
        "task=default~h1&queue=other": [],
        "queue=other&status=OPEN": [],
        "day=2001-01-01": [],
    }
    for query, expected in wanted.items():
        assert [e["execution_id"] for e in client.get(f"/v1/executions?{query}")["items"]] == expected, query
    for query in ("", "queue=q", "status=OPEN", "status=SUCCEEDED", "status=FAILED", "status=PENDING", "queue=q&status=OPEN", "queue=q&status=FAILED"):
        found = {e["execution_id"]: e for e in client.pages(f"/v1/executions?{query}", 2)[0]}
        for execution in client.get("/v1/executions?limit=500")["items"]:
            fits = all(word in (f"queue={execution['queue']}", f"status={execution['status']}",
                                "status=OPEN" if execution["status"] in ("PENDING", "RUNNING") else "") for word in query.split("&") if word)
            assert (execution["execution_id"] in found) == fits, (query, execution)
    failed = client.get(f"/v1/executions/{ids[1]}")
    assert failed["exit_code"] == 3 and failed["message"] == "said so" and failed["key"] == "h1" and failed["worker"] == "tester", failed
    assert failed["run_ms"] >= 0 and failed["trigger"] == "MANUAL", failed


def pages_hold_every_row_once():
    items, pages = client.pages("/v1/executions?task=default~h1", 2)
    ids = [e["execution_id"] for e in items]
    assert len(ids) == 5 and ids == sorted(set(ids), reverse=True) and pages == 3, (ids, pages)


def gaps_that_end_at_one_instant_are_on_one_page_each():
    assert client.put("gappy").status == 201
    task = client.get("/v1/tasks/default~gappy")["task_id"]
    with stack.connect() as connection:
        connection.execute("INSERT INTO schedule_gap SELECT %s, revision, '2026-01-02'::timestamptz - n * interval '1 hour', reason, '2026-01-02', now(), 1, false "
                           "FROM generate_series(1, 2) revision, generate_series(1, 2) n, generate_series(4, 6) reason", (task,))
    whole = client.get("/v1/tasks/default~gappy/gaps")["items"]
    assert len(whole) == 12, whole
    for limit in (1, 5, 11):
        assert client.pages("/v1/tasks/default~gappy/gaps", limit)[0] == whole, limit


def a_range_cuts_pages():
    first, last = client.get("/v1/executions?task=default~h1")["items"][::4][::-1]
    between = f"/v1/executions?task=default~h1&from={first['scheduled_at']}&to={last['scheduled_at']}"
    found = [e["execution_id"] for e in client.get(between)["items"]]
    assert len(found) == 4 and first["execution_id"] in found and last["execution_id"] not in found, found
    just_after = (datetime.datetime.fromisoformat(first["scheduled_at"]) + datetime.timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    alone = client.get(f"/v1/executions?task=default~h1&from={first['scheduled_at']}&to={just_after}")["items"]
    assert [e["execution_id"] for e in alone] == [first["execution_id"]], alone
    assert first["execution_id"] not in [e["execution_id"] for e in client.get(f"/v1/executions?task=default~h1&from={just_after}")["items"]]
    day = last["scheduled_at"][:10]
    assert last["execution_id"] in [e["execution_id"] for e in client.get(f"/v1/executions?task=default~h1&day={day}")["items"]]
    assert client.get(f"/v1/executions?task=default~h1&day={day}&tz=Pacific/Kiritimati").status == 200


def days_add_up():
    days = client.get("/v1/tasks/default~h1/days?tz=Europe/Berlin")
    assert days["tz"] == "Europe/Berlin" and len(days["items"]) == 30, days
    counts = {}
    for day in days["items"]:
        for status, count in day["counts"].items():
            counts[status] = counts.get(status, 0) + count
    assert counts == {"SUCCEEDED": 1, "FAILED": 1, "RUNNING": 1, "PENDING": 2}, counts
    whole = client.get("/v1/days?from=2026-03-28&to=2026-03-30&tz=Europe/Berlin")["items"]
    assert [(d["from"], d["to"]) for d in whole] == [("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"), ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
                                                    ("2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z")], whole
    assert sum(d["total"] for d in client.get("/v1/days?tz=Asia/Kathmandu")["items"]) >= 8


def events_and_logs_are_read_page_by_page():
    execution = triggered("h2")[0]
    path = f"/v1/executions/{execution['execution_id']}"
    worker.report(execution, "RUNNING")
    lines = [(level, stream, f"line {n}") for n, (level, stream) in enumerate([("INFO", "STDOUT"), ("DEBUG", "LOG"), ("WARN", "STDERR"), ("ERROR", "LOG")] * 5, 1)]
    worker.log(execution, 1, lines[:7])
    worker.log(execution, 8, lines[7:13])
    wait_for("13 lines", lambda: len(client.get(f"{path}/logs")["items"]) == 13, 30)
    seen, after = [], ""
    while True:
        page = client.get(f"{path}/logs?limit=5{after}")
        seen += [(line["level"], line["stream"], line["message"]) for line in page["items"]]
        after = f"&after={page['next']}"
        if not page["more"]:
            break
    assert seen == lines[:13], seen
    assert client.get(f"{path}/logs?limit=5{after}")["items"] == []
    worker.log(execution, 14, lines[13:])
    wait_for("the tail comes", lambda: len(client.get(f"{path}/logs?limit=50{after}")["items"]) == 7, 30)
    assert [line["seq"] for line in client.get(f"{path}/logs?limit=50{after}")["items"]] == list(range(14, 21))
    serious = client.get(f"{path}/logs?level=warn&limit=3")
    assert [line["message"] for line in serious["items"]] == ["line 3", "line 4", "line 7"] and serious["more"], serious
    worker.report(execution, "SUCCEEDED", exit_code=0, result=b"\x00\xff")
    worker.report(execution, "FAILED")
    wait_for("it is contradicted", lambda: client.get(path)["contradicted"], 30)
    events, pages = client.pages(f"{path}/events", 1)
    assert [(e["status"], e["moved"]) for e in events] == [("RUNNING", True), ("SUCCEEDED", True), ("FAILED", False)] and pages == 3, events
    assert events[1]["result_base64"] == "AP8=", events


def upcoming_instants_are_those_of_the_schedules():
    client.put("u1", {"schedules": [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}]})
    items = client.get("/v1/tasks/default~u1/upcoming?from=2027-03-27T00:00:00Z&limit=3")["items"]
    assert [(i["scheduled_at"], i["local"], i["dst"]) for i in items] == [
        ("2027-03-27T01:30:00Z", "2027-03-27T02:30:00+01:00", "NONE"), ("2027-03-28T01:00:00Z", "2027-03-28T03:00:00+02:00", "MOVED"),
        ("2027-03-29T00:30:00Z", "2027-03-29T02:30:00+02:00", "NONE")], items
    together = client.get("/v1/upcoming?limit=50")
    instants = [i["scheduled_at"] for i in together["items"]]
    assert together["complete"] and instants == sorted(instants) and len(instants) == 50, together
    assert {"t1", "h1"} <= {i["key"] for i in together["items"]}


def calendars_a_window_and_jitter_shape_what_is_to_come():
    year = datetime.date.today().year + 1
    first, second = [day for n in range(2, 8) if (day := datetime.date(year, 1, n)).weekday() < 5][:2]
    spec = {"schedules": [{"expression": "0 * * * *", "zone": "Europe/Berlin"}], "jitter_ms": 60000,
            "calendars": [{"name": "weekend", "mode": "exclude", "rules": [{"kind": "weekday", "value": "SAT"}, {"kind": "weekday", "value": "SUN"}]}],
            "window": {"from": f"{year}-01-01T00:00:00Z", "daily_from": "09:00", "daily_to": "11:00", "zone": "Europe/Berlin"}}
    assert client.put("j1", spec)["code"] == "CREATED" and client.put("j1", dict(spec, window=dict(spec["window"], until=None)))["code"] == "UNCHANGED"
    upcoming = f"/v1/tasks/default~j1/upcoming?from={year}-01-01T12:00:00Z&limit=3"
    items = client.get(upcoming)["items"]
    assert [i["local"] for i in items] == [f"{first}T09:00:00+01:00", f"{first}T10:00:00+01:00", f"{second}T09:00:00+01:00"], items
    assert all(i["scheduled_at"] < i["due_at"] < i["scheduled_at"].replace(":00Z", ":59.999999Z") for i in items), items
    assert client.get(upcoming)["items"] == items
    between = client.get(f"/v1/tasks/default~j1/upcoming?from={items[0]['scheduled_at']}&to={items[0]['due_at']}")["items"]
    assert between == items[:1], between
    for change, pointer in (({"calendars": [{"rules": [{"kind": "date", "value": "2027-02-30"}]}]}, "/calendars/0/rules/0/value"),
                            ({"window": {"daily_from": "09:00"}}, "/window/daily_to"), ({"window": {"daily_from": "00:10", "daily_to": "00:20"}}, "/calendars"),
                            ({"jitter_ms": 86400001}, "/jitter_ms")):
        refused = client.put("j1", dict(spec, **change))
        assert refused.status == 400 and refused["pointer"] == pointer and refused["hint"], refused


def saving_says_what_the_schedules_are_worth_knowing_for():
    said = client.put("s1", {"schedules": [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}, {"expression": "5/20 * * * *"}]})
    changes = said["clock_changes"]
    assert len(changes) == 2 and all(c["schedule"] == 0 and "02:30" in c["text"] for c in changes), said
    assert [(n["schedule"], n["code"]) for n in said["lints"]] == [(1, "STEP_FROM_VALUE")], said
    pending = client.put("s1", {"schedules": [{"expression": "5/20 * * * *"}]}, Prefer="wait=0")
    assert pending.status == 202 and pending["clock_changes"] == [] and len(pending["lints"]) == 1, pending


def what_a_command_cannot_carry_is_refused_at_once():
    for body, pointer in (({"payload": "x" * 65537}, "/payload"), ({"reason": "x" * 4097}, "/reason")):
        refused = client.call("POST", "/v1/tasks/default~s1:trigger", body)
        assert refused.status == 400 and refused["pointer"] == pointer and "more than" in refused["detail"], refused


def a_trigger_of_a_command_has_a_command():
    kind = {"content_type": "application/vnd.cronobs.command+json", "payload": '{"command": "true"}'}
    assert client.put("c1", kind).status == 201
    for payload in ("true", "{}", '{"command": " "}'):
        refused = client.act("c1", "trigger", {"payload": payload})
        assert refused.status == 400 and refused["pointer"] == "/payload" and "could be run" in refused["detail"], (payload, refused)
    assert client.act("c1", "trigger", {"payload": '{"command": "false"}'}).status == 201
    assert client.act("c1", "trigger").status == 201 and client.act("t1", "trigger", {"payload": "true"}).status == 201
    assert client.act("nobody", "trigger", {"payload": "true"}).status == 404
    changed = client.call("PATCH", "/v1/tasks/default~c1", {"payload": "x"}, **{"Content-Type": "application/merge-patch+json"})
    assert changed.status == 400 and changed["pointer"] == "/payload", changed


def a_pause_is_repeated_when_it_is_over():
    """Its `until` has passed by then, which it had not when it was asked for."""
    assert client.put("p1", HOURLY).status == 201
    body = {"until": (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).isoformat()}
    first = client.act("p1", "pause", body, Idempotency_Key="nap")
    assert first.status == 200, first
    wait_for("it is over", lambda: client.get("/v1/tasks/default~p1")["state"] == "ACTIVE", 30)
    again = client.act("p1", "pause", body, Idempotency_Key="nap")
    assert (again.status, again.body) == (first.status, first.body), again
    late = client.act("p1", "pause", body)
    assert late.status == 400 and late["pointer"] == "/until" and "has passed" in late["detail"], late


def a_new_queue_is_made_before_the_task():
    assert "brandnew" not in [q["name"] for q in client.get("/v1/queues")["items"]]
    made = client.put("n1", {"queue": "brandnew"})
    assert made.status == 201, made
    assert "brandnew" in [q["name"] for q in client.get("/v1/queues")["items"]]


def schedules_are_explained():
    told = client.call("POST", "/v1/schedules:explain", {"expression": "*/15 9-17 * * mon-fri", "zone": "America/New_York", "from": "2026-11-24T00:00:00Z", "count": 2})
    assert told.status == 200 and told["class"] == "INTERVAL" and told["next"][0]["at"] == "2026-11-24T14:00:00Z" and len(told["next"]) == 2, told
    for expression in ("30/15 2 * * *", "0 0 30 2 *", "@every 90m"):
        told = client.call("POST", "/v1/schedules:explain", {"expression": expression, "zone": "Europe/Berlin", "from": "2027-01-01T00:00:00Z"})
        same = subprocess.run([stack.binary, "explain", "--json", "--zone", "Europe/Berlin", "--from", "2027-01-01T00:00:00Z", expression],
                              capture_output=True, text=True, check=True, timeout=60).stdout
        assert told.status == 200 and told.body == json.loads(same) and list(told.body["frequency"]) == ["per_day", "per_month", "per_year"], (told, same)


VERSIONS = {"executions.": [5, 14, 17], "state-OpenExecution": [12, 15, 18, 23, 25], "state-TaskState": [10, 19, 22], "logs-": [8, 16], "commands-": [1, 20, 24],
            "tasks-TaskRevision": [2, 21], "tasks-CommandOutcome": [3, 26]}  # ids, by how a subject begins; all others have one version


def the_registry_answers_for(subject, version):
    """By number, by id and by text it is the same."""
    path = f"/registry/subjects/{subject}/versions"
    one = client.get(f"{path}/{version}")
    assert (one["subject"], one["version"]) == (subject, version) and json.loads(one["schema"])["cronobs.id"] == one["id"], one
    assert client.get(f"{path}/{version}/schema").body == json.loads(one["schema"])
    assert client.get(f"/registry/schemas/ids/{one['id']}?subject={subject}")["schema"] == one["schema"]
    assert {"subject": subject, "version": version} in client.get(f"/registry/schemas/ids/{one['id']}/versions").body
    reordered = json.dumps(dict(reversed(json.loads(one["schema"]).items())))
    found = client.call("POST", f"/registry/subjects/{subject}?normalize=false", {"schema": reordered})
    assert found.body == one.body and client.call("POST", path, {"schema": reordered})["id"] == one["id"], found
    return one.body


def the_registry_answers_as_stock_clients_ask():
    subjects = client.get("/registry/subjects").body
    assert f"{stack.prefix}commands-value" in subjects and f"{stack.prefix}tasks-TaskRevision" in subjects, subjects
    for subject in subjects:
        versions = client.get(f"/registry/subjects/{subject}/versions").body
        shown = [the_registry_answers_for(subject, version) for version in versions]
        for newest in ("latest", "-1"):
            assert client.get(f"/registry/subjects/{subject}/versions/{newest}").body == shown[-1]
        ids = [ids for start, ids in VERSIONS.items() if subject.startswith(stack.prefix + start)] or [[shown[0]["id"]]]
        assert [one["id"] for one in shown] == ids[0], shown
    for path, code in (("/subjects/none/versions", 40401), (f"/subjects/{subjects[0]}/versions/99", 40402), ("/schemas/ids/99", 40403),
                       (f"/subjects/{stack.prefix}state-OpenExecution/versions/99", 40402), (f"/subjects/{subjects[0]}/versions/0", 40402),
                       (f"/subjects/{subjects[0]}/versions/x", 42202)):
        answer = client.call("GET", "/registry" + path)
        assert answer["error_code"] == code and answer.status == code // 100, answer
    for body, code in (({"schema": "{\"type\": \"string\"}"}, 40403), ({"schema": "nonsense"}, 42201), ({}, 42201)):
        assert client.call("POST", f"/registry/subjects/{subjects[0]}", body)["error_code"] == code
    assert client.call("POST", f"/registry/subjects/{subjects[0]}/versions", {"schema": "{\"type\": \"string\"}"})["error_code"] == 42205
    assert client.get("/registry/schemas/types").body == ["AVRO"] and client.get("/registry/config")["compatibilityLevel"]


def figures_are_there_for_prometheus():
    text = client.get("/metrics").body
    values = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}
    assert values["cronobs_database_up"] == 1 and values["cronobs_broker_up"] == 1, text
    assert values['cronobs_http_answers_total{status="2xx"}'] > 50 and values['cronobs_commands_sent_total{result="acked"}'] > 10, text
    at_rest = stack.partitions * len(client.get("/readyz")["projection"]["topics"])  # a transaction's end takes an offset, too
    wait_for("the projection catches up", lambda: client.get("/readyz")["projection"]["lag"] <= at_rest, 60)


def commands_wait_for_a_scheduler():
    scheduler.hold()
    scheduler.kill()
    sent = client.put("late", HOURLY, Prefer="wait=1")
    assert sent.status == 202 and sent["result"] == "PENDING", sent
    scheduler.release()
    assert client.get(sent.headers["Location"], Prefer="wait=30")["code"] == "CREATED"


def pages_of_long_rows_end_early_and_lose_nothing():
    """Sixty tasks with 60 KB each: a page has half a megabyte of them at most, and the pages together have all, as with small ones."""
    keys = [f"long{n:02d}" for n in range(60)]
    for key in keys:
        assert client.put(key, {**HOURLY, "payload": "x" * 60000}).status == 201
    first = client.get("/v1/tasks?limit=500")
    assert len(json.dumps(first.body)) < 800_000 and "next" in first.body, len(json.dumps(first.body))
    items, count = client.pages("/v1/tasks", 500)
    assert [item["key"] for item in items if item["key"].startswith("long")] == keys and count >= 7, count
    assert len({item["task_id"] for item in items}) == len(items)
    assert all(item["next_at"] for item in items if item["key"].startswith("long"))
    upcoming = client.get("/v1/upcoming?limit=500")
    assert {item["key"] for item in upcoming["items"]} >= set(keys) and upcoming["complete"], upcoming
    assert client.get("/v1/upcoming?limit=500")["items"][:100] == upcoming["items"][:100]
    one = client.get("/v1/upcoming?limit=1")["items"][0]
    assert one == upcoming["items"][0], (one, upcoming["items"][0])
    for n in range(12):
        assert client.put(keys[0], {**HOURLY, "payload": "y" * 60000, "title": str(n)}).status == 200
    revisions, count = client.pages(f"/v1/tasks/default~{keys[0]}/revisions", 500)
    assert [r["revision"] for r in revisions] == list(range(13, 0, -1)) and count > 1, count
    return f"{len(items)} tasks"


def pages_of_long_lines_end_early_and_lose_nothing():
    execution = triggered("t1")[0]
    lines = [("INFO", "STDOUT", f"{n} " + "x" * 8000) for n in range(100)]
    for at in range(0, 100, 20):
        worker.log(execution, at + 1, lines[at:at + 20])
    path = f"/v1/executions/{execution['execution_id']}/logs?limit=500"
    wait_for("the lines are there", lambda: read_lines(path)[0] == [line[2] for line in lines], 30)
    seen, count = read_lines(path)
    assert count >= 2, count


def read_lines(path):
    lines, after, count = [], "", 0
    while True:
        page = client.get(f"{path}{after}")
        lines += [line["message"] for line in page["items"]]
        count += 1
        if not page["more"]:
            return lines, count
        after = f"&after={page['next']}"


case.run(it_is_ready, a_task_is_made_changed_and_shown, compare_and_set_refuses_the_stale, actions_follow_the_state,
         a_deleted_task_is_shown_as_such_and_can_come_back, tasks_are_listed_page_by_page, a_repeated_request_has_one_effect, a_command_can_be_watched,
         a_read_after_a_command_sees_it, history_is_found_by_every_filter, pages_hold_every_row_once, gaps_that_end_at_one_instant_are_on_one_page_each, a_range_cuts_pages, days_add_up,
         events_and_logs_are_read_page_by_page, upcoming_instants_are_those_of_the_schedules,
         calendars_a_window_and_jitter_shape_what_is_to_come, dead_letters_are_shown, executions_of_one_id_are_each_on_one_page,
         tasks_of_one_key_are_each_on_one_page, gaps_of_one_instant_are_on_one_page_each, a_label_of_old_is_found,
         saving_says_what_the_schedules_are_worth_knowing_for,
         what_a_command_cannot_carry_is_refused_at_once, a_trigger_of_a_command_has_a_command, a_pause_is_repeated_when_it_is_over, a_new_queue_is_made_before_the_task,
         schedules_are_explained, the_registry_answers_as_stock_clients_ask, figures_are_there_for_prometheus, commands_wait_for_a_scheduler, pages_of_long_rows_end_early_and_lose_nothing, pages_of_long_lines_end_early_and_lose_nothing)
