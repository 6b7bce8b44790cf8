"""What the page asks for before anything is written: what can be done here, and what would come of a draft."""
import concurrent.futures
import re

from confluent_kafka import Consumer, TopicPartition

from client import Client
from support import case
from support.stack import Stack

stack = Stack("drafts", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)


def it_says_what_can_be_done():
    session = client.get("/v1/session").body
    assert session == {"auth": "none", "can": ["put", "patch", "delete", "pause", "resume", "trigger", "skip-next", "backfill", "cancel", "retry", "import"]}, session
    assert client.call("GET", "/v1/session?x=1").status == 400 and client.call("POST", "/v1/session", {}).status == 405


HOLIDAYS = {"name": "holidays", "mode": "EXCLUDE", "rules": [{"kind": "yearly", "value": "12-25"}]}
DAILY = {"queue": "q", "schedules": [{"expression": "0 9 * * *", "zone": "Europe/Berlin"}], "calendars": [HOLIDAYS]}


def draft(key, spec, **headers):
    return client.call("PUT", f"/v1/tasks/default~{key}?dry_run=true", spec, **headers)


def written():
    """What the log has of orders, and the tables of tasks and commands."""
    with stack.connect() as connection:
        rows = connection.execute("SELECT (SELECT count(*) FROM command), (SELECT count(*) FROM task), (SELECT count(*) FROM task_revision)").fetchone()
    consumer = Consumer({"bootstrap.servers": stack.brokers, "group.id": "ends"})
    ends = [consumer.get_watermark_offsets(TopicPartition(stack.prefix + "commands", p), timeout=10)[1] for p in range(stack.partitions)]
    consumer.close()
    return rows, ends


def a_draft_of_a_new_task_tells_what_it_would_be():
    before = written()
    made = draft("new", DAILY)
    assert made.status == 200 and "ETag" not in made.headers and "Cronobs-Command" not in made.headers, made
    assert (made["result"], made["revision"], made["state"], made["changes"]) == ("CREATED", 1, "ACTIVE", []), made
    assert client.call("GET", "/v1/tasks/default~new").status == 404 and written() == before
    explained = client.call("POST", "/v1/schedules:explain", {"expression": "0 9 * * *", "zone": "Europe/Berlin", "task": "default~new", "count": 10})
    assert made["schedules"] == [explained.body], made
    left_out = made["left_out"][0]
    assert left_out["local"][5:] == "12-25T09:00:00+01:00" and left_out["by"] == "holidays" and left_out["pointer"] == "/calendars/0", left_out
    assert len(made["next"]) == 20 and made["next"][0].keys() == {"schedule", "at", "due_at", "local", "zone", "dst"}, made
    saved = client.call("PUT", "/v1/tasks/default~new", DAILY, Prefer="wait=20")
    assert saved.status == 201 and saved["task_id"] == made["task_id"], saved
    assert saved["lints"] == made["lints"] and saved["clock_changes"] == made["clock_changes"], (saved, made)
    shown = client.get("/v1/tasks/default~new/upcoming?limit=20")["items"]
    same = ("due_at", "local", "zone", "dst")
    assert [[x["scheduled_at"], *(x[n] for n in same)] for x in shown] == [[x["at"], *(x[n] for n in same)] for x in made["next"]], (shown, made["next"])


def a_draft_of_a_change_tells_what_changes():
    before = written()
    same = draft("new", DAILY)
    assert (same["result"], same["revision"], same["changes"]) == ("UNCHANGED", 1, []) and same.headers["ETag"] == '"1"', same
    spec = client.get("/v1/tasks/default~new")["spec"]
    assert draft("new", spec)["result"] == "UNCHANGED"
    changed = draft("new", {**DAILY, "jitter_ms": 300000, "title": "T", "calendars": [], "schedules": [{"expression": "5 9 * * *", "zone": "Europe/Berlin"}]})
    assert (changed["result"], changed["revision"]) == ("UPDATED", 2), changed
    by_place = {x["pointer"]: (x.get("from"), x.get("to")) for x in changed["changes"]}
    assert by_place == {"/title": (None, "T"), "/jitter_ms": (0, 300000), "/schedules/0/expression": ("0 9 * * *", "5 9 * * *"),
                        "/calendars/0": (HOLIDAYS, None)}, by_place
    assert written() == before


def a_draft_is_judged_as_a_save_is():
    before = written()
    wrong = [{**DAILY, "schedules": [{"expression": "61 * * * *"}]}, {**DAILY, "queue": "Ä"}, {**DAILY, "nothing": 1}, {"queue": "q", "key": "other"}, [], b"{",
             {**DAILY, "payload": "x" * 70000}, {**DAILY, "calendars": [{**HOLIDAYS, "rules": [{"kind": "yearly", "value": "13-25"}]}]},
             {**DAILY, "calendars": [{**HOLIDAYS, "rules": [{"kind": "range", "value": "1970-01-01/2199-12-31"}]}]}]
    for spec in wrong:
        tried, saved = draft("new", spec), client.call("PUT", "/v1/tasks/default~new", spec)
        assert tried.status == saved.status == 400 and tried.body == saved.body, (tried, saved)
    for query in ("dry_run=yes", "dry_run=", "dry_run=true&dry_run=true", "dry_run=true&x=1", "after_command=00000000-0000-4000-8000-000000000000"):
        assert client.call("PUT", f"/v1/tasks/default~new?{query}", DAILY).status == 400, query
    assert draft("new", DAILY, Content_Type="text/plain").status == 415
    assert draft("new", DAILY, Origin="http://elsewhere.example").status == 403
    for headers in ({"If_Match": '"7"'}, {"If_None_Match": "*"}, {"If_Match": 'W/"1"'}):
        tried, saved = draft("new", DAILY, **headers), client.call("PUT", "/v1/tasks/default~new", DAILY, Prefer="wait=20", **headers)
        assert tried.status == saved.status == 412 and tried["hint"] == saved["hint"], (tried, saved)
        assert tried.body.get("code") == saved.body.get("code") and tried.headers["ETag"] == saved.headers["ETag"], (tried, saved)
    assert draft("none", DAILY, If_Match="*").status == 412 and draft("none", DAILY, If_None_Match="*").status == 200
    assert draft("new", DAILY, If_Match='"1"').status == 200 and draft("new", DAILY, If_Match="*").status == 200
    refused = written()  # the saves with If-Match were orders
    assert refused[0][1:] == before[0][1:]


def a_queue_that_is_not_there_is_made_by_no_draft():
    assert draft("new", {**DAILY, "queue": "unheard"}).status == 200
    assert "unheard" not in [q["name"] for q in client.get("/v1/queues")["items"]]


def a_draft_waits_for_what_was_written():
    sent = client.put("seen", {"title": "One"}, Prefer="")
    tried = client.call("PUT", f"/v1/tasks/default~seen?dry_run=true&after_command={sent['command_id']}", {"queue": "q", "title": "Two"})
    assert tried["changes"] == [{"pointer": "/title", "from": "One", "to": "Two"}], tried


def a_deleted_task_would_come_back_and_a_paused_one_stay_paused():
    assert client.act("seen", "pause").status == 200
    paused = draft("seen", {"queue": "q"})
    assert (paused["result"], paused["revision"], paused["state"]) == ("UPDATED", 3, "PAUSED"), paused
    assert client.call("DELETE", "/v1/tasks/default~seen", Prefer="wait=20").status == 200
    back = draft("seen", {"queue": "q"}, If_None_Match="*")
    assert (back["result"], back["revision"], back["state"], back["changes"]) == ("CREATED", 4, "ACTIVE", []), back
    assert client.put("seen", {}, If_None_Match="*")["revision"] == 4


def the_largest_draft_holds_nobody_up():
    rules = [{"kind": "hours", "value": "12:00-13:00"}, {"kind": "yearly", "value": "12-25"}]
    large = {"queue": "q", "payload": "\u0001\"<\u202e" * 8000, "title": "<script>alert(1)</script>", "window": {"daily_from": "06:00", "daily_to": "22:00"},
             "schedules": [{"expression": f"{n}/1 * * * * *", "zone": "Europe/Berlin"} for n in range(16)],
             "calendars": [{"name": f"c{n}", "mode": "EXCLUDE", "rules": rules} for n in range(16)]}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(draft, f"large{n}", large) for n in range(4)]
        while not all(future.done() for future in futures):
            assert client.get("/healthz")["status"] == "ok"
    for answer in (future.result() for future in futures):
        assert answer.status == 200 and len(answer["schedules"]) == 16, answer
    slow = re.search(r"cronobs_loop_slow_callbacks_total (\d+)", client.get("/metrics").body)
    return f"{slow[1]} callbacks over 50 ms"


case.run(it_says_what_can_be_done, a_draft_of_a_new_task_tells_what_it_would_be, a_draft_of_a_change_tells_what_changes, a_draft_is_judged_as_a_save_is,
         a_queue_that_is_not_there_is_made_by_no_draft, a_draft_waits_for_what_was_written, a_deleted_task_would_come_back_and_a_paused_one_stay_paused,
         the_largest_draft_holds_nobody_up)
