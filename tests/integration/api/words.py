"""The views with words: they say what the API says, the reader may read them, and docs/sql.md lists them."""
import datetime
import os
import re

from client import Client, Worker
from support import case
from support.stack import Stack, wait_for

stack = Stack("words", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
DOCUMENT = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "sql.md")


def rows(sql, *values):
    with stack.connect() as connection:
        found = connection.execute(sql, values)
        names = [column.name for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]


def shown(value):
    """As the API writes it."""
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        return text
    return value if isinstance(value, (int, str, bool, dict, type(None))) else str(value)


def agree(view, item, leave=()):
    """All that the view and the API's item both have is the same."""
    names = {name for name, value in view.items() if value is not None and value is not False} & item.keys() - set(leave)
    assert len(names) > 3, (view, item)
    for name in names:
        assert shown(view[name]) == item[name], (name, view[name], item[name])


def history():
    assert client.put("w", {"title": "Words", "labels": {"team": "ops"}, "schedules": [{"expression": "0 0 1 1 *"}]}).status == 201
    assert client.act("w", "pause", {"reason": "holiday"}).status == 200 and client.act("w", "resume").status == 200
    assert client.act("w", "resume").status == 409
    made = [client.act("w", "trigger")["execution_id"] for _ in range(3)]
    task = client.get("/v1/tasks/default~w")["task_id"]
    for execution, status, more in zip(made, ("SUCCEEDED", "FAILED"), ({}, {"reason": "EXIT_CODE", "exit_code": 3, "message": "said so"})):
        worker.report({"execution_id": execution, "task_id": task}, "RUNNING")
        worker.report({"execution_id": execution, "task_id": task}, status, **more)
    worker.log({"execution_id": made[0], "task_id": task}, 1, [("INFO", "STDOUT", "one"), ("WARN", "STDERR", "two"), ("ERROR", "LOG", "three"), ("DEBUG", "STDOUT", "four")])
    wait_for("all is stored", lambda: client.get(f"/v1/executions/{made[1]}")["status"] == "FAILED" and client.get(f"/v1/executions/{made[0]}/logs").body["items"], 30)
    return task, made


TASK, MADE = history()


def views_say_what_the_api_says():
    task = client.get("/v1/tasks/default~w").body
    agree(rows("SELECT * FROM task_words WHERE task_id = %s", TASK)[0], task, ("spec",))
    for view in rows("SELECT * FROM task_revision_words WHERE task_id = %s ORDER BY revision DESC", TASK):
        revisions = {r["revision"]: r for r in client.get("/v1/tasks/default~w/revisions")["items"]}
        agree(view, revisions[view["revision"]], ("spec",))
    for view in rows("SELECT * FROM command_words WHERE task_id = %s", TASK):
        agree(view, client.get(f"/v1/commands/{view['command_id']}").body, ("body",))
    assert {(c["kind"], c["result"], c["code"]) for c in rows("SELECT * FROM command_words")} == {
        ("PUT_TASK", "ACCEPTED", "CREATED"), ("PAUSE_TASK", "ACCEPTED", "OK"), ("RESUME_TASK", "ACCEPTED", "OK"), ("RESUME_TASK", "REJECTED", "NOT_PAUSED"),
        ("TRIGGER_TASK", "ACCEPTED", "OK")}
    for execution in MADE:
        item = client.get(f"/v1/executions/{execution}").body
        view = rows("SELECT * FROM execution_words WHERE execution_id = %s", execution)[0]
        agree(view, item, ("labels",))
        assert view["project"] == "default" and view["key"] == "w" and view["title"] == "Words" and view["open"] == (item["status"] == "PENDING"), view
        events = client.get(f"/v1/executions/{execution}/events")["items"]
        seen = rows("SELECT * FROM execution_event_words WHERE execution_id = %s ORDER BY kafka_offset", execution)
        assert len(seen) == len(events)
        for one, event in zip(seen, events):
            agree(one, event)
    lines = client.get(f"/v1/executions/{MADE[0]}/logs")["items"]
    seen = rows("SELECT * FROM log_line_words WHERE execution_id = %s ORDER BY seq", MADE[0])
    assert [(v["level"], v["stream"], v["message"], v["seq"]) for v in seen] == [(x["level"], x["stream"], x["message"], x["seq"]) for x in lines], (seen, lines)


def gaps_and_counts_have_words():
    with stack.connect() as connection:
        connection.execute("INSERT INTO schedule_gap VALUES (%s, 1, '2001-01-01', 4, '2001-01-02', now(), 1, false)", (TASK,))
    gap = rows("SELECT * FROM schedule_gap_words WHERE task_id = %s AND to_at = '2001-01-02'", TASK)[0]
    agree(gap, [g for g in client.get("/v1/tasks/default~w/gaps")["items"] if g["to_at"].startswith("2001-01-02")][0])
    days = client.get("/v1/tasks/default~w/days")["items"]
    wanted = {}
    for day in days:
        for status, count in day["counts"].items():
            wanted[status] = wanted.get(status, 0) + (count if isinstance(count, int) else count["count"])
    for sql in ("SELECT status, sum(count)::int8 AS n FROM execution_rollup_words WHERE key = 'w' GROUP BY 1", "SELECT status, sum(count)::int8 AS n FROM rollup_all_words GROUP BY 1"):
        assert {r["status"]: r["n"] for r in rows(sql)} == wanted, (sql, wanted)


def the_document_lists_views_and_columns():
    text = open(DOCUMENT, encoding="utf-8").read()
    table = text[text.index("<!-- views"):text.index("<!-- end of views")]
    listed = {m[1]: m[2].split() for m in re.finditer(r"^\| `(\w+_words)` \|[^|]*\| ([^|]*) \|$", table, re.M)}
    real = {}
    for r in rows("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'cronobs' AND table_name LIKE '%%\\_words' ORDER BY table_name, ordinal_position"):
        real.setdefault(r["table_name"], []).append(r["column_name"])
    assert listed == real, (listed, real)
    for sql in re.findall(r"```sql\n(.*?)```", text, re.S)[0].split(";\n"):
        if sql.strip():
            rows(sql.replace("$__timeFilter(bucket)", "bucket > now() - interval '1 day'").rstrip().rstrip(";"))


def the_reader_may_read_them_and_a_range_of_ids_is_a_few_leaves():
    with stack.connect() as connection:
        views = [r[0] for r in connection.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'cronobs'").fetchall()]
        connection.execute("SELECT ensure_partition('execution', now() - interval '1 year'), ensure_partition('execution', now() - interval '2 years')")
        connection.execute("SET ROLE cronobs_reader")
        for view in views:
            connection.execute(f"SELECT * FROM {view} LIMIT 1")
        plan = "\n".join(r[0] for r in connection.execute(
            "EXPLAIN SELECT status, scheduled_at FROM execution_words WHERE execution_id >= uuid_floor(now()) AND status = 'FAILED'").fetchall())
        assert len(set(re.findall(r"execution_\d{6}", plan))) <= 2 and "task" not in plan, plan
    return ", ".join(sorted(views))


def a_rebuild_has_them_too():
    before = rows("SELECT * FROM execution_words ORDER BY execution_id")
    with stack.connect() as connection:
        connection.execute("DELETE FROM schedule_gap WHERE to_at = '2001-01-02'")
    stack.run("db", "rebuild")
    assert rows("SELECT * FROM execution_words ORDER BY execution_id") == before and before
    stack.run("db", "rebuild", "--until", "-0s", "--schema", "past_words")
    assert len(rows("SELECT * FROM past_words.execution_words")) == len(before)
    stack.run("db", "drop", "past_words")


case.run(views_say_what_the_api_says, gaps_and_counts_have_words, the_document_lists_views_and_columns,
         the_reader_may_read_them_and_a_range_of_ids_is_a_few_leaves, a_rebuild_has_them_too)
