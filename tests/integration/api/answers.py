"""Real answers are of the types that the page is compiled with: every member is known, typed right, and there unless it may be missing."""
import base64
import time

from client import Client, Worker
from support import case
from support.stack import Stack, wait_for
from types_of import Types

stack = Stack("answers", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
types = Types()
asked = set()
SPEC = {"queue": "q", "title": "One", "description": "what for", "labels": {"team": "ops"}, "payload": "hi", "content_type": "text/plain",
        "schedules": [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}, {"expression": "5/15 * * * *"}], "jitter_ms": 60000, "run_timeout_ms": 60000,
        "calendars": [{"name": "holidays", "mode": "EXCLUDE", "rules": [{"kind": "weekday", "value": "SAT"}]}], "start_deadline_ms": 3600000,
        "window": {"from": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "daily_from": "00:00", "daily_to": "24:00", "zone": "UTC"}}

FULL = {"queue": "q", "overlap": "QUEUE_ALL", "max_concurrency": 2, "retry": {"max_attempts": 3, "on": "FAILED"}, "finish_by_ms": 172800000, "heartbeat_ms": 60000,
        "pause_after_failures": 5, "then": [{"task": "a", "on": "FAILED"}]}


def check(method, pattern, path, body=None, **headers):
    """Asks, and holds the answer to the type of its resource."""
    answer = client.call(method, path, body, **headers)
    assert answer.status in (200, 201, 202), (path, answer)
    asked.add(f"{method} {pattern}")
    complaint = types.complaint(types.answers[f"{method} {pattern}"], answer.body, path)
    assert complaint is None, (complaint, answer.body)
    return answer


def get(pattern, **params):
    path, _, query = pattern.partition("?")
    real = path
    for name, value in params.items():
        real = real.replace(f":{name}", str(value))
    return check("GET", path, real + (f"?{query}" if query else ""))


def writes():
    task = "/v1/tasks/default~a"
    check("PUT", "/v1/tasks/:task", f"{task}?dry_run=true", SPEC)
    made = check("PUT", "/v1/tasks/:task", task, SPEC, Prefer="wait=20")
    check("PUT", "/v1/tasks/:task", f"{task}?dry_run=true", {**SPEC, "title": "Two", "jitter_ms": 0})
    check("PUT", "/v1/tasks/:task", task, SPEC)
    check("PATCH", "/v1/tasks/:task", task, {"title": "Three", "payload_base64": base64.b64encode(b"\x00\xff").decode()}, Content_Type="application/merge-patch+json", Prefer="wait=20")
    check("POST", "/v1/tasks/:task:pause", f"{task}:pause", {"reason": "holiday", "until": "2099-01-01T00:00:00Z"}, Prefer="wait=20")
    get("/v1/tasks/:task", task="default~a")
    check("POST", "/v1/tasks/:task:resume", f"{task}:resume", {"gap": "LAST"}, Prefer="wait=20")
    sent = [check("POST", "/v1/tasks/:task:trigger", f"{task}:trigger", {"payload": f"p{n}"}, Prefer="wait=20") for n in range(4)]
    check("POST", "/v1/tasks/:task:skip-next", f"{task}:skip-next", None, Prefer="wait=20")
    past = {"from": "2026-03-28T00:00:00Z", "to": "2026-03-30T00:00:00Z"}
    check("POST", "/v1/tasks/:task:backfill", f"{task}:backfill?dry_run=true", past, Idempotency_Key="past")
    check("POST", "/v1/tasks/:task:backfill", f"{task}:backfill?dry_run=true", {**past, "from": "2026-01-01T00:00:00Z"})
    spare = client.put("spare", {})
    run = client.act("spare", "trigger")["execution_id"]
    check("POST", "/v1/executions/:execution:cancel", f"/v1/executions/{run}:cancel", {"reason": "x"}, Prefer="wait=20")
    wait_for("it is over", lambda: client.get(f"/v1/executions/{run}")["status"] == "CANCELLED", 30)
    check("POST", "/v1/executions/:execution:retry", f"/v1/executions/{run}:retry", None, Prefer="wait=20")
    check("POST", "/v1/tasks/:task:backfill", "/v1/tasks/default~spare:backfill", past)
    assert spare.status == 201
    check("POST", "/v1/crontabs:import", "/v1/crontabs:import", {"text": "MAILTO=x\n# key: n\n30 2 * * * /bin/true\n@reboot x\n@hourly y%z\n", "source": "s", "project": "cron"})
    check("POST", "/v1/crontabs:import", "/v1/crontabs:import", {"text": "* * * * * root x\n# cronobs: ignore @reboot x\n@reboot x\n", "source": "s", "project": "cron", "system": True,
                                                                "prune": True, "dry_run": True})
    check("POST", "/v1/schedules:explain", "/v1/schedules:explain", {"expression": "30 2 * * *", "zone": "Europe/Berlin", "from": "2027-03-27T12:00:00Z"})
    check("POST", "/v1/schedules:explain", "/v1/schedules:explain", {"expression": "5/15 * * * *"})
    check("PUT", "/v1/tasks/:task", "/v1/tasks/default~full", FULL, Prefer="wait=20")
    get("/v1/tasks/:task", task="default~full")
    client.put("b", {})
    client.put("follower", {"then": [{"task": "never"}]})
    check("PUT", "/v1/tasks/:task", "/v1/tasks/default~leader", {"queue": "q", "then": [{"task": "follower", "on": "ENDED"}]}, Prefer="wait=20")
    get("/v1/tasks/:task", task="default~follower")
    check("DELETE", "/v1/tasks/:task", "/v1/tasks/default~b?reason=over", None, Prefer="wait=20")
    get("/v1/commands/:command", command=made["command_id"])
    get("/v1/commands/:command", command=sent[0]["command_id"])
    return made["task_id"], [s["execution_id"] for s in sent]


def history(task, made):
    ends = [("SUCCEEDED", {"exit_code": 0, "result": b"fine"}), ("FAILED", {"exit_code": 3, "reason": "EXIT_CODE", "message": "said so"}), None, ("FAILED", {})]
    for execution, end in zip(made, ends):
        run = {"execution_id": execution, "task_id": task}
        worker.report(run, "RUNNING")
        if end is not None:
            worker.report(run, end[0], **end[1])
    worker.send("heartbeats", 7, {"execution_id": made[2], "task_id": task, "attempt": 1, "worker": {"name": "tester", "incarnation": worker.incarnation},
                                  "occurred_at": int(time.time() * 1_000_000), "progress": 40, "message": "half"}, task)
    worker.log({"execution_id": made[0], "task_id": task}, 1, [("INFO", "STDOUT", "one"), ("WARN", "STDERR", "two"), ("ERROR", "LOG", "three")])
    worker.log({"execution_id": made[0], "task_id": task}, 10, [("INFO", "STDOUT", "ten")])
    wait_for("all is stored", lambda: client.get(f"/v1/executions/{made[3]}")["status"] == "FAILED" and "heartbeat" in client.get(f"/v1/executions/{made[2]}").body and len(client.get(f"/v1/executions/{made[0]}/logs")["items"]) == 4, 30)


def what_writes_answer_is_of_its_type():
    history(*writes())
    return f"{len(asked)} resources"


def what_reads_answer_is_of_its_type():
    made = [e["execution_id"] for e in client.get("/v1/executions?task=default~a")["items"]]
    with stack.connect() as connection:
        connection.execute("INSERT INTO schedule_gap SELECT task_id, 1, '2001-01-01', 4, '2001-01-02', now(), 1, false FROM task")
        connection.execute("INSERT INTO dead_letter (topic, part, kafka_offset, last_offset, received_at, reason, detail, key, value, value_len, value_sha256) VALUES"
                           " ('status', 1, 7, 8, now(), 'undecodable', 'why', 'k', '\\xff'::bytea, 1, '\\xff'::bytea), ('logs', 1, 7, null, null, 'misplaced', null, null, 'v', 1, null)")
        connection.execute("INSERT INTO lost_range VALUES ('status', 0, 3, 10)")
    for pattern in ("/v1/tasks", "/v1/tasks?limit=1&include=recent,words&state=ALL", "/v1/upcoming?limit=20", "/v1/days", "/v1/summary", "/v1/failing", "/v1/executions",
                    "/v1/executions?limit=1&include=usual", "/v1/executions?status=OPEN", "/v1/executions?status=RUNNING&order=over&include=usual", "/v1/dead-letters",
                    "/v1/dead-letters?limit=1", "/v1/zones", "/v1/zones?name=Europe/Berlin", "/v1/queues", "/v1/session", "/v1/forecast", "/v1/forecast?expression=*/5+*+*+*+*"):
        get(pattern)
    for path in ("", "/revisions", "/revisions?limit=1", "/gaps", "/gaps?limit=1", "/upcoming", "/days", ":why", ":why?at=2020-01-01T00:00:00Z", ":why?at=2027-10-31T02:30", ":why?at=2027-06-05T02:30", ":why?from=2000-12-01", ":why?from=2000-12-01&limit=1"):
        get(f"/v1/tasks/:task{path}", task="default~a")
    for execution in made:
        check("GET", "/v1/tasks/:task:why", f"/v1/tasks/default~a:why?at={client.get(f'/v1/executions/{execution}')['scheduled_at']}")
        for path in ("", "/events", "/events?limit=1", "/logs", "/logs?tail=2", "/logs?line=2&limit=1", "/logs:writers", "/logs:writers?levels=true", "/logs:search?q=o"):
            get(f"/v1/executions/:execution{path}", execution=execution)
    get("/v1/dead-letters/:topic/:partition/:offset", topic="status", partition=1, offset=7)
    wait_for("the whole is known", lambda: any("watermark" in p for p in client.get("/v1/system")["partitions"]) and "group" in client.get("/v1/queues")["items"][0], 30)
    get("/v1/system")
    get("/v1/queues")
    get("/v1/queues/:queue/workers", queue="q")


def nothing_was_left_out():
    assert types.answers.keys() == asked, types.answers.keys() ^ asked
    unseen = types.never_seen()
    assert len(unseen) < 60, unseen
    return f"{len(types.seen)} members seen, {len(unseen)} not: {' '.join(unseen)}"


case.run(what_writes_answer_is_of_its_type, what_reads_answer_is_of_its_type, nothing_was_left_out)
