"""What reads look at in a history of three years: rows of an index and statements, which no other load on the machine moves, and not seconds."""
import math
import re
import uuid

from client import Client
from support import case, past
from support.stack import Stack, wait_for

DAYS, TASKS, EXECUTIONS = 1100, 40, 30_000
LOOKED_AT = 20_000  # rows a page, where a part of the filter has no index
stack = Stack("bounds", partitions=3)
stack.prepare("q0")
with stack.connect() as writer:
    past.make(writer, tasks=TASKS, executions=EXECUTIONS, days=DAYS, opened=60, stuck=False)
    LEAVES = [name for (name,) in writer.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'execution'::regclass ORDER BY 1")]
stack.start_api()
client = Client(stack.url)


def statements(path):
    """How many the API sends for it, once it knows what it keeps; those that it sends for itself are fewer the third time than always."""
    def so_far():
        return int(float(re.search(r"^cronobs_database_queries_total (\S+)", client.get("/metrics").body, re.M)[1]))

    counts = []
    for _ in range(6):
        before = so_far()
        client.get(path)
        counts.append(so_far() - before)
    return min(counts)


def ids(query, *values):
    with stack.connect() as connection:
        return [row[0] for row in connection.execute("SELECT execution_id::text FROM execution WHERE " + query + " ORDER BY execution_id DESC", values)]


def a_page_looks_at_so_many_rows_of_all_months_together():
    assert EXECUTIONS / len(LEAVES) < LOOKED_AT / 10
    seen = []
    for query, where in (("trigger=BACKFILL", "trigger = 3"), ("reason=OVERLAP&trigger=MANUAL", "reason = 9 AND trigger = 4"), ("reason=EXIT_CODE&trigger=CATCH_UP&status=FAILED", None)):
        expected = ids(where) if where else ids("reason = 15 AND trigger = 2 AND status = 6")
        for order in ("desc", "asc"):
            items, pages = client.pages(f"/v1/executions?{query}&order={order}", 500)
            assert [e["execution_id"] for e in items] == (expected if order == "desc" else expected[::-1]), (query, order)
            seen.append(pages)
            if where is not None:  # the third has an index for a part of it: 300 rows
                assert pages >= EXECUTIONS / LOOKED_AT, (query, order, pages)
    assert seen[4] == 1 and seen[0] == 2, seen
    return f"{seen} pages"


def what_is_rare_takes_few_statements_however_old_the_history():
    rare = past.task_id("rare", "ops")
    with stack.connect() as connection:
        connection.execute("INSERT INTO task (task_id, revision, state, received_at, project, key, queue, spec) VALUES (%s, 1, 0, now(), 'ops', 'rare', 'q0', '{}')", (rare,))
        for months in (2, 14, 30):
            connection.execute(
                "INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, due_at, status, trigger, created_attempt, queue)"
                " SELECT (left(uuid_floor(at)::text, 13) || '-8000-8000-' || right(%s, 12))::uuid, %s, at, at, at, 5, 1, 1, 'q0' FROM (SELECT now() - %s * interval '30 days' AS at) a",
                (str(uuid.uuid4()), rare, months))
    items = client.get("/v1/executions?task=ops~rare&limit=50")["items"]
    assert [e["execution_id"] for e in items] == ids("task_id = %s", rare) and len(items) == 3
    counts = {path: statements(path) for path in ("/v1/executions?task=ops~rare&limit=50", "/v1/executions?task=ops~rare&status=FAILED,LOST&limit=50", "/v1/executions?task=ops~rare&order=asc&limit=50",
                                                  "/v1/executions?status=LOST&trigger=BACKFILL", "/v1/executions?status=LATE&limit=500", "/v1/executions?status=RUNNING&queue=q1&limit=500")}
    years = DAYS // 365 + 1
    for path, count in counts.items():
        open_alone = "LATE" in path or "RUNNING" in path
        # open ones lie in one month or two; behind the first leaf a year at once, or a quarter for many marks; a look at the way and one at the rows
        assert count <= (8 if open_alone else 2 * (years + 3)), (path, count)
    return f"{list(counts.values())} statements for {len(LEAVES)} months"


def a_year_of_all_tasks_is_asked_a_month_at_a_time():
    with stack.connect() as connection:
        first, last = connection.execute("SELECT (now() - interval '360 days')::date::text, now()::date::text").fetchone()
        expected = dict(connection.execute("SELECT scheduled_at::date::text, count(*) FROM execution WHERE scheduled_at >= %s::date AND scheduled_at < %s::date + 1 AND task_id <> %s GROUP BY 1",
                                           (first, last, past.task_id("rare", "ops"))).fetchall())
    path = f"/v1/days?from={first}&to={last}"
    assert {day["day"]: day["total"] for day in client.get(path)["items"] if day["total"] > 0} == expected and len(expected) > 350
    count = statements(path)
    assert 12 <= count <= 15, count
    return f"{count} statements"


def a_problem_is_found_by_its_mark():
    """Late ones are looked for among the open ones; what failed needs no look on the way."""
    with stack.connect() as connection:  # all in the newest leaf, however young it is: one of a few rows is read whole
        connection.execute("INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, due_at, status, trigger, created_attempt, queue)"
                           " SELECT (left(uuid_floor(at)::text, 13) || '-8000-8000-' || lpad(n::text, 12, '0'))::uuid, %s, at, at, at, 6, 1, 1, 'q0'"
                           " FROM (SELECT n, now() - n * least(interval '1 s', (now() - date_trunc('month', now(), 'UTC')) / 20001) AS at FROM generate_series(1, 20000) n) a",
                           (past.task_id("task3", past.PROJECTS[3]),))
        connection.execute("ANALYZE")

    def rows():
        with stack.connect() as connection:
            return connection.execute("SELECT coalesce(sum(idx_scan), 0), coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes WHERE indexrelname LIKE '%_mark_execution_id_idx'").fetchone()
    before = rows()

    def told():
        items = client.get("/v1/executions?status=FAILED,TIMED_OUT,LOST,MISSED,LATE&limit=5")["items"]
        assert len(items) == 5, items
        return rows()[0] > before[0]
    wait_for("the indexes say that they were used", told, 30, pause=0.5)
    after = rows()
    each = (after[1] - before[1]) / (after[0] - before[0])
    assert each <= 50, each
    return f"{each:.1f} entries a look"


def a_month_that_has_just_gone_takes_nothing_else_with_it():
    gone = LEAVES[len(LEAVES) // 2]
    query = f"/v1/executions?task={past.PROJECTS[1]}~task1"
    before, _ = client.pages(query, 500)
    with stack.connect() as connection:
        lost = {row[0] for row in connection.execute(f"SELECT execution_id::text FROM {gone}")}
        client.get(query)  # which months there are is known now, and for a second
        connection.execute(f"DROP TABLE {gone}")
    after, _ = client.pages(query, 500)
    assert [e["execution_id"] for e in after] == [e["execution_id"] for e in before if e["execution_id"] not in lost] and 0 < len(after) < len(before)


def an_old_log_is_read_in_few_statements():
    old, writer_id = ids("status = 5")[-200], str(uuid.uuid4())
    with stack.connect() as connection:
        weeks = connection.execute("SELECT count(*) FROM (SELECT ensure_partition('log_batch', d) FROM generate_series(now() - %s * interval '1 day', now(), '7 days') d) w", (DAYS,)).fetchone()[0]
        for n, week in enumerate((0, 0, 1, 40)):  # the last one long behind
            connection.execute("INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)"
                               " SELECT execution_id, task_id, %s, at, %s, at::date, 1, 1, ARRAY[at, at], '{I,I}', '{O,O}', ARRAY['one of ' || %s, 'two of ' || %s]"
                               " FROM (SELECT *, scheduled_at + %s * interval '7 days' + %s * interval '1 s' AS at FROM execution) e WHERE execution_id = %s",
                               (writer_id, 1 + 2 * n, n, n, week, n, old))
    path = f"/v1/executions/{old}/logs?limit=500"
    expected = [f"{which} of {n}" for n in range(4) for which in ("one", "two")]
    assert [line["message"] for line in client.get(path)["items"]] == expected
    count = statements(path)
    # which weeks there are; two of them first, then 16 at once, and again where they had lines: three times, where a run of its week's
    # first day is looked for a week earlier, since clocks may differ; the figures
    assert count <= 1 + 1 + math.ceil((weeks - 2) / 16) + 3 + 1, count
    with stack.connect() as connection:
        client.get(path)  # which weeks there are is known now, and for a second
        middle = connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'log_batch'::regclass ORDER BY 1 OFFSET 20 LIMIT 1").fetchone()[0]
        connection.execute(f"DROP TABLE {middle}")
    assert [line["message"] for line in client.get(path)["items"]] == expected
    return f"{count} statements for {weeks} weeks"


def a_week_that_has_just_gone_takes_no_other_lines_with_it():
    old, writer_id = ids("status = 5")[-300], str(uuid.uuid4())
    with stack.connect() as connection:
        connection.execute("SELECT ensure_partition('log_batch', scheduled_at + n * interval '7 days') FROM execution, generate_series(0, 8) n WHERE execution_id = %s", (old,))
        week = connection.execute("SELECT 'log_batch_' || to_char(scheduled_at, 'YYYYMMDD') FROM execution WHERE execution_id = %s", (old,)).fetchone()[0]
        leaves = [name for (name,) in connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'log_batch'::regclass ORDER BY 1") if name > week][3:7]
        for n in range(2):
            connection.execute("INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)"
                               " SELECT execution_id, task_id, %s, scheduled_at, %s, scheduled_at::date, 1, 1, ARRAY[now(), now()], '{I,I}', '{O,O}', ARRAY['one of ' || %s, 'two of ' || %s]"
                               " FROM execution WHERE execution_id = %s", (writer_id, 1 + 2 * n, n, n, old))
        connection.execute("INSERT INTO log_writer (execution_id, task_id, writer, attempt, next_seq) SELECT execution_id, task_id, %s, 1, 5 FROM execution WHERE execution_id = %s", (writer_id, old))
    expected = ["one of 0", "two of 0", "one of 1", "two of 1"]
    for path, leaf in zip(("logs?line=1", "logs?tail=100", "logs:search?q=of", "logs.txt"), leaves):
        client.get(f"/v1/executions/{old}/{path}")  # which weeks there are is known now, and for a second
        with stack.connect() as connection:
            connection.execute(f"DROP TABLE {leaf}")
        answer = client.get(f"/v1/executions/{old}/{path}").body
        found = answer.split("\n")[:-1] if isinstance(answer, str) else [line["message"] for line in answer["items"]]
        assert found == expected and (isinstance(answer, str) or answer.get("matches", 4) == 4), (path, answer)


def gaps_of_a_day_are_found_among_those_of_years():
    busy, count = past.task_id("task0", past.PROJECTS[0]), 60_000
    with stack.connect() as connection:
        connection.execute("INSERT INTO schedule_gap (task_id, revision, from_at, reason, to_at, received_at, count, more)"
                           " SELECT %s, 1, at, 6, at + interval '10 s', at, 1, false FROM (SELECT date_trunc('minute', now()) + interval '20 s' - n * interval '20 min' AS at FROM generate_series(1, %s) n) g", (busy, count))
        connection.execute("ANALYZE schedule_gap")
    with stack.connect() as connection:
        day = connection.execute("SELECT (now() - interval '500 days')::date::text").fetchone()[0]
        expected = connection.execute("SELECT count(*) FROM schedule_gap WHERE task_id = %s AND to_at >= %s::date AND to_at < %s::date + 1", (busy, day, day)).fetchone()[0]

    def index():
        with stack.connect() as connection:
            return connection.execute("SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'schedule_gap_task'").fetchone()
    scans, rows = index()

    def told():  # by sessions that have something to do
        answer = client.get(f"/v1/tasks/{past.PROJECTS[0]}~task0/days?from={day}&to={day}")
        assert answer["items"][0]["gaps"] == {"MISFIRE": expected}, answer
        return index()[0] > scans
    wait_for("the index says that it was used", told, 30, pause=0.5)
    after = index()
    each = (after[1] - rows) / (after[0] - scans)
    assert each <= 2000, each
    newest = client.get(f"/v1/tasks/{past.PROJECTS[0]}~task0/gaps?limit=100")
    assert len(newest["items"]) == 100
    return f"{each:.0f} entries a look, of {count:,}"


case.run(a_page_looks_at_so_many_rows_of_all_months_together, what_is_rare_takes_few_statements_however_old_the_history, an_old_log_is_read_in_few_statements,
         a_week_that_has_just_gone_takes_no_other_lines_with_it, gaps_of_a_day_are_found_among_those_of_years, a_year_of_all_tasks_is_asked_a_month_at_a_time, a_problem_is_found_by_its_mark,
         a_month_that_has_just_gone_takes_nothing_else_with_it)
