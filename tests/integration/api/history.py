"""Lists over a history of two months, put into the tables beforehand: every filter against a plain look at all rows."""
import concurrent.futures
import datetime
import itertools
import json
import random
import re
import statistics

from client import Client
from support import case, past
from support.stack import Stack, wait_for

stack = Stack("history", partitions=3)
stack.prepare("q0")
with stack.connect() as writer:
    past.make(writer, tasks=40, executions=6000, days=70, opened=60)
api = stack.start_api()
client = Client(stack.url)
STATUS = ["PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED", "MISSED", "SKIPPED"]
OPEN = set(STATUS[:5])
TRIGGER = ["UNKNOWN", "SCHEDULED", "CATCH_UP", "BACKFILL", "MANUAL"]
REASON = {15: "EXIT_CODE", 11: "RUN_TIMEOUT", 13: "HEARTBEAT", 7: "START_DEADLINE", 8: "NO_QUEUE", 9: "OVERLAP", 14: "CANCEL_REQUESTED"}
UTC = datetime.timezone.utc


def all_rows():
    with stack.connect() as connection:
        cursor = connection.execute("SELECT execution_id::text AS id, e.task_id::text AS task_id, t.project || '~' || t.key AS task, t.project, e.queue, e.status, e.trigger,"
                                    " e.reason, due_at, scheduled_at, started_at, finished_at FROM execution e JOIN task t USING (task_id) ORDER BY execution_id DESC")
        names = [c.name for c in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
    for row in rows:
        row["status"], row["trigger"], row["reason"] = STATUS[row["status"]], TRIGGER[row["trigger"]], REASON.get(row["reason"])
    return rows


ROWS = all_rows()


def late(row, seconds=30):
    return row["status"] == "PENDING" and (datetime.datetime.now(UTC) - row["due_at"]).total_seconds() > seconds


def wanted(row, name, value):
    if name == "status":
        return any(word == row["status"] or (word == "OPEN" and row["status"] in OPEN) or (word == "LATE" and late(row)) for word in value.split(","))
    if name in ("reason", "trigger"):
        return row[name] in value.split(",")
    return row[name] == value


def every_filter_is_that_of_a_plain_look():
    choices = {
        "status": [None, "FAILED", "LATE", "OPEN", "FAILED,TIMED_OUT,LOST,MISSED,LATE", "RUNNING,FAILED", "SUCCEEDED,LATE", "LATE,RUNNING", "PENDING", "CANCELLED,OPEN", "SKIPPED,MISSED"],
        "reason": [None, "EXIT_CODE", "OVERLAP,NO_QUEUE"],
        "trigger": [None, "MANUAL", "CATCH_UP,MANUAL"],
        "queue": [None, "q1"],
        "task": [None, ROWS[17]["task"]],
    }
    count = 0
    for values in itertools.product(*choices.values()):
        asked = {name: value for name, value in zip(choices, values) if value}
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        expected = [row["id"] for row in ROWS if all(wanted(row, *one) for one in asked.items())]
        for order in ("desc", "asc"):
            found = [e["execution_id"] for e in client.pages(f"/v1/executions?{query}&order={order}".replace("?&", "?"), 500)[0]]
            assert found == (expected if order == "desc" else expected[::-1]), (query, order, len(found), len(expected))
            count += 1
    return f"{count} lists"


def pages_of_any_size_hold_every_row_once():
    chance = random.Random(5)
    for query in ("status=LATE", "status=FAILED,LATE", "status=FAILED,OPEN&queue=q2", "trigger=CATCH_UP&reason=EXIT_CODE", "status=RUNNING"):
        whole = [e["execution_id"] for e in client.pages(f"/v1/executions?{query}", 500)[0]]
        for order in ("desc", "asc"):
            size = chance.choice((1, 3, 7))
            found = [e["execution_id"] for e in client.pages(f"/v1/executions?{query}&order={order}", size)[0]]
            assert found == (whole if order == "desc" else whole[::-1]) and len(whole) > 0, (query, order, size)


def a_range_cuts_both_ends_in_both_orders():
    chance = random.Random(9)
    for _ in range(12):
        one, two = sorted(chance.sample(ROWS, 2), key=lambda row: row["id"])
        stamps = [row["scheduled_at"].astimezone(UTC).isoformat().replace("+00:00", "Z") for row in (one, two)]
        for query, keep in (("", lambda row: True), ("&status=FAILED,LATE", lambda row: wanted(row, "status", "FAILED,LATE")), ("&trigger=MANUAL", lambda row: row["trigger"] == "MANUAL")):
            expected = [row["id"] for row in ROWS if one["scheduled_at"] <= row["scheduled_at"] < two["scheduled_at"] and keep(row)]
            for order in ("desc", "asc"):
                found = [e["execution_id"] for e in client.pages(f"/v1/executions?from={stamps[0]}&to={stamps[1]}{query}&order={order}", 200)[0]]
                assert found == (expected if order == "desc" else expected[::-1]), (stamps, query, order)


def usual(task_id):
    newest = [row for row in ROWS if row["task_id"] == task_id][:60]
    months = sorted({(row["scheduled_at"].astimezone(UTC).year, row["scheduled_at"].astimezone(UTC).month) for row in ROWS})[-2:]
    newest = [row for row in newest if (row["scheduled_at"].astimezone(UTC).year, row["scheduled_at"].astimezone(UTC).month) in months]
    took = [int((row["finished_at"] - row["started_at"]) / datetime.timedelta(milliseconds=1)) for row in newest if row["status"] == "SUCCEEDED"][:20]
    return statistics.median_low(took) if took else None


def what_is_usual_is_the_median_of_the_last_successes():
    items = client.get("/v1/executions?include=usual&limit=100")["items"]
    for item in items:
        assert item.get("usual_ms") == usual(item["task_id"]), (item, usual(item["task_id"]))
    assert "usual_ms" not in client.get("/v1/executions?limit=1")["items"][0]
    return f"{len({i['task_id'] for i in items})} tasks"


def what_runs_longest_over_its_usual_time_comes_first():
    answer = client.get("/v1/executions?status=RUNNING&order=over&limit=500")
    running = [row for row in ROWS if row["status"] == "RUNNING"]
    assert answer["complete"] is True and "next" not in answer.body
    assert sorted(e["execution_id"] for e in answer["items"]) == sorted(row["id"] for row in running), len(answer["items"])

    def ratio(row):
        return (datetime.datetime.now(UTC) - row["started_at"]).total_seconds() * 1000 / max(usual(row["task_id"]), 1)
    order = [row["id"] for row in sorted((r for r in running if usual(r["task_id"]) is not None), key=ratio, reverse=True)]
    assert [e["execution_id"] for e in answer["items"]][:len(order)] == order
    assert all(e["usual_ms"] == usual(e["task_id"]) for e in answer["items"] if "usual_ms" in e) and len(order) > 5
    few = client.get("/v1/executions?order=over&limit=3")
    both = [row for row in ROWS if row["status"] in ("RUNNING", "CANCELLING")]
    assert len(few["items"]) == 3 and few["complete"] is False and {e["execution_id"] for e in few["items"]} <= {row["id"] for row in both}
    return f"{len(order)} run"


MARKED = ("FAILED", "TIMED_OUT", "LOST", "MISSED")


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def count_by(rows, key):
    counts = {}
    for row in rows:
        counts[key(row)] = counts.get(key(row), 0) + 1
    return counts


def how_things_stand_is_what_the_rows_say():
    for project in (None, "ops", "nobody"):
        mine = [row for row in ROWS if project in (None, row["project"])]
        s = client.get("/v1/summary" + (f"?project={project}" if project else "")).body
        assert s["open"] == count_by((r for r in mine if r["status"] in OPEN), lambda r: r["status"]), (s["open"], project)
        at, first = stamp(s["at"]), stamp(s["steps"][0]["from"])
        assert len(s["steps"]) == 96 and datetime.timedelta(hours=23, minutes=45) <= at - first < datetime.timedelta(hours=24)
        day = [r for r in mine if r["scheduled_at"] >= first]
        assert s["day"] == count_by(day, lambda r: r["status"]), (s["day"], project)
        for step in s["steps"]:
            until = stamp(step["from"]) + datetime.timedelta(minutes=15)
            assert step["counts"] == count_by((r for r in day if stamp(step["from"]) <= r["scheduled_at"] < until), lambda r: r["status"]), step
        waiting = [r for r in mine if r["status"] == "PENDING" and at - r["due_at"] > datetime.timedelta(seconds=30)]
        assert s["late"]["executions"] == len(waiting) and s["late"]["tasks"] == len({r["task_id"] for r in waiting}) and s["late_after_ms"] == 30000
        assert s["late"].get("oldest_due_at") == (min(r["due_at"] for r in waiting).astimezone(UTC).isoformat().replace("+00:00", "Z") if waiting else None), s["late"]
        assert s["failing_tasks"] == len({r["task_id"] for r in mine if r["status"] in MARKED and at - r["scheduled_at"] <= datetime.timedelta(days=1)}), s["failing_tasks"]
        with stack.connect() as connection:
            states = dict(connection.execute("SELECT state, count(*) FROM task WHERE %s IN ('', project) GROUP BY 1", (project or "",)).fetchall())
        assert s["tasks"] == {name: states[n] for n, name in enumerate(("ACTIVE", "PAUSED", "DELETED")) if n in states} and s["complete"] is True, s["tasks"]


def who_fails_is_told_with_for_how_long():
    now = datetime.datetime.now(UTC)
    for query, days, project in (("", 1, None), ("?project=ops&from={}", 60, "ops"), ("?from={}&limit=100", 30, None), ("?from={}&limit=3", 69, None)):
        since = now - datetime.timedelta(days=days)
        answer = client.get("/v1/failing" + query.format(since.isoformat().replace("+00:00", "Z")))
        failures = [r for r in ROWS if r["status"] in MARKED and r["scheduled_at"] >= since and project in (None, r["project"])]
        tasks = list(dict.fromkeys(r["task_id"] for r in failures))
        limit = 3 if "limit=3" in query else 100
        assert [i["task_id"] for i in answer["items"]] == tasks[:limit] and answer["tasks"] == len(tasks) and answer["complete"] is True, query
        for item in answer["items"]:
            own = [r for r in ROWS if r["task_id"] == item["task_id"]]
            assert item["counts"] == count_by((r for r in failures if r["task_id"] == item["task_id"]), lambda r: r["status"]), item
            streak = []
            for r in own[:50]:
                if r["status"] == "SUCCEEDED":
                    break
                if r["status"] in MARKED:
                    streak.append(r)
            last = next(r for r in own if r["status"] in MARKED)
            assert item["in_a_row"] == len(streak) and stamp(item["since"]) == (streak[-1] if streak else last)["scheduled_at"], (item, len(streak))
            assert item["last"]["execution_id"] == last["id"] and item["last"]["status"] == last["status"] and f"{item['project']}~{item['key']}" == last["task"]
            assert [e["execution_id"] for e in item["recent"]] == [r["id"] for r in own[:20]] and [e["status"] for e in item["recent"]] == [r["status"] for r in own[:20]]
            if last in own[:50] and last["status"] in ("FAILED", "TIMED_OUT"):
                assert item["last"]["message"].startswith("it said ") and stamp(item["last"]["at"]) == last["scheduled_at"] + datetime.timedelta(seconds=3), item["last"]
    assert client.get("/v1/failing?project=nobody").body == {"items": [], "tasks": 0, "complete": True}
    for wrong in ("limit=0", "limit=101", "from=x", "to=2027-01-01T00:00:00Z"):
        assert client.call("GET", f"/v1/failing?{wrong}").status == 400, wrong
    assert client.call("GET", f"/v1/summary?project={'x' * 201}").status == 400


def metric(name):
    return int(float(re.search(rf"^cronobs_{name} (\S+)", client.get("/metrics").body, re.M)[1]))


def together(count):
    """Asks so many times while the tables do not answer; how many statements that took, or None if it took too long."""
    looks = 0

    def arrived():
        nonlocal looks
        looks += 1
        return metric("http_connections") > count
    before = metric("database_queries_total")
    with stack.connect() as holder, concurrent.futures.ThreadPoolExecutor(count) as pool:
        holder.execute("BEGIN; LOCK TABLE rollup_all IN ACCESS EXCLUSIVE MODE")
        asked = [pool.submit(client.call, "GET", "/v1/summary") for _ in range(count)]
        try:
            wait_for("all have asked", arrived, 30, 0.2)
        finally:
            holder.execute("ROLLBACK")
        answers = [one.result() for one in asked]
    if any(answer.status != 200 for answer in answers):
        return None  # statements end after 5 s
    assert len({json.dumps(answer.body, sort_keys=True) for answer in answers}) <= 2
    return metric("database_queries_total") - before - looks - 1


def all_who_ask_at_once_are_answered_together():
    statements = wait_for("all are answered", lambda: together(40), 120)
    assert statements <= 20, statements
    return f"{statements} statements for 40 answers"


def who_runs_behind_too_many_that_wait_is_not_left_out_unsaid():
    with stack.connect() as connection:  # in a queue that comes before all others
        connection.execute("INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, due_at, attempt, created_attempt, status, trigger, queue)"
                           " SELECT (left(uuid_floor(now())::text, 13) || '-8' || right('00' || to_hex(n / 65536), 3) || '-8000-' || right('000' || to_hex(n %% 65536), 4) || '00000000')::uuid,"
                           " %s, now(), now(), now(), 1, 1, 0, 1, 'a' FROM generate_series(1, 20001) n", (ROWS[0]["task_id"],))
        # by these it is known which months have open ones: that of now may have had none
        connection.execute("INSERT INTO rollup_all (bucket, status, kafka_partition, count, run_ms) VALUES (date_bin('15 minutes', now(), '2000-01-01 00:00Z'), 0, 99, 20001, 0)")
    answer = client.get("/v1/executions?order=over&limit=500")
    assert answer["complete"] is False, len(answer["items"])
    assert client.get("/v1/summary")["complete"] is False
    queue = client.get("/v1/summary?project=nobody")
    assert queue["complete"] is False and queue["open"] == {}, queue
    workers = client.get("/v1/queues/q0/workers")  # not a day back
    assert workers["complete"] is False and datetime.datetime.now(UTC) - datetime.datetime.fromisoformat(workers["from"].replace("Z", "+00:00")) < datetime.timedelta(minutes=10), workers


def what_cannot_be_asked_is_told():
    for query, said in {"order=up": "order", "include=all": "include", "status=SOON": "status", "reason=WHY": "reason", "trigger=x": "trigger", "order=over&task=default~x": "task",
                        "order=over&status=FAILED": "RUNNING", "order=over&status=LATE": "RUNNING", "order=over&cursor=x": "cursor", "order=asc&cursor=x": "cursor"}.items():
        answer = client.call("GET", f"/v1/executions?{query}")
        assert answer.status == 400 and said in answer["detail"], (query, answer)
    assert "OPEN and LATE" in client.call("GET", "/v1/executions?status=SOON")["hint"]


case.run(every_filter_is_that_of_a_plain_look, pages_of_any_size_hold_every_row_once, a_range_cuts_both_ends_in_both_orders, what_is_usual_is_the_median_of_the_last_successes,
         what_runs_longest_over_its_usual_time_comes_first, how_things_stand_is_what_the_rows_say,
         who_fails_is_told_with_for_how_long, what_cannot_be_asked_is_told, all_who_ask_at_once_are_answered_together, who_runs_behind_too_many_that_wait_is_not_left_out_unsaid)
