"""Why: what the answer says of an instant, and of a range, against what was done, in a live installation; and on the command line."""
import datetime
import json
import subprocess

from client import Client, Worker
from support import case
from support.place import task_id
from support.stack import Stack, wait_for

stack = Stack("why", partitions=3)
stack.prepare("q", "default")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, worker = Client(stack.url), Worker(stack)
SECOND = datetime.timedelta(seconds=1)
YEAR = datetime.date.today().year + 2  # all of it is to come
SPRING, AUTUMN = (datetime.date.fromordinal(datetime.date(YEAR, month, 31).toordinal() // 7 * 7) for month in (3, 10))  # the last Sundays: Berlin sets its clocks


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def text_of(instant):
    return instant.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def why(key, at=None, **more):
    query = "&".join(f"{name}={value}" for name, value in ({"at": at} | more).items() if value is not None)
    return client.get(f"/v1/tasks/default~{key}:why?{query}")


def one(key, at=None, **more):
    items = why(key, at, **more)["items"]
    assert len(items) == 1, items
    return items[0]


def executions(key, **filters):
    return client.get(f"/v1/executions?task=default~{key}&order=asc&limit=500&" + "&".join(f"{k}={v}" for k, v in filters.items()))["items"]


def cronobs(*arguments, code=0):
    done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=60, env=dict(stack.environment, TZ="Asia/Tokyo"))
    assert done.returncode == code, (arguments, done)
    return done.stdout if code == 0 else done.stdout + done.stderr


def made(key, count=1):
    return wait_for(f"{count} executions of {key}", lambda: (lambda e: e if len(e) >= count else None)(executions(key)), 40)


def places(execution):
    return {(e["status"], e["kafka_partition"], e["kafka_offset"]) for e in client.get(f"/v1/executions/{execution['execution_id']}/events")["items"]}


def evidence(item, topic):
    return {(r["text"].split()[0].strip(","), r.get("partition"), r.get("offset")) for r in item["evidence"] if r["topic"] == topic}


def what_ran_and_what_failed_has_its_records():
    client.put("tick", {"schedules": [{"expression": "* * * * * *"}]})
    first, second = made("tick", 2)[:2]
    for execution, status, more in ((first, "SUCCEEDED", {}), (second, "FAILED", {"exit_code": 3, "reason": "EXIT_CODE"})):
        worker.report(execution, "RUNNING")
        worker.report(execution, status, **more)
        wait_for(status, lambda: client.get(f"/v1/executions/{execution['execution_id']}")["status"] == status, 30)
    item = one("tick", first["scheduled_at"])
    assert item["answer"] == "RAN" and item["text"].startswith("Yes") and item["execution"]["execution_id"] == first["execution_id"], item
    assert evidence(item, "status") == places(first) and item["revision"]["revision"] == 1 and "spec" not in item["revision"], item
    assert any("* * * * * *" in d for d in item["details"]) and any("tester" in d for d in item["details"]), item["details"]
    item = one("tick", second["scheduled_at"])
    assert item["answer"] == "RAN" and item["rule"] == "EXIT_CODE" and "exit code 3" in item["text"], item


def an_execution_by_hand_names_its_command():
    sent = client.act("tick", "trigger", {"reason": "the boss wants it"})
    execution = wait_for("it is there", lambda: next((e for e in executions("tick", trigger="MANUAL") if e["execution_id"] == sent["execution_id"]), None), 30)
    item = next(i for i in why("tick", execution["scheduled_at"])["items"] if i["execution"]["execution_id"] == sent["execution_id"])
    assert item["answer"] == "WAITS" and any("by hand" in d and "the boss wants it" in d for d in item["details"]), item
    with stack.connect() as connection:
        at, offset, outcome = connection.execute("SELECT kafka_partition, kafka_offset, outcome_offset FROM command WHERE command_id = %s", (sent["command_id"],)).fetchone()
    assert ("TRIGGER_TASK", at, offset) in evidence(item, "commands"), item["evidence"]
    assert outcome in {o for _, _, o in evidence(item, "tasks")}, item["evidence"]


def told_of(execution, command, *words):
    """What is said of one that a command made or ended, with that command as evidence."""
    run = wait_for("it is there", lambda: (e := client.call("GET", f"/v1/executions/{execution}")).status == 200 and e.body, 30)
    item = next(i for i in why("asked", run["scheduled_at"])["items"] if i.get("execution", {}).get("execution_id") == execution)
    assert any(all(w in d for w in words) for d in item["details"]), (words, item["details"])
    with stack.connect() as connection:
        kind, at, offset = connection.execute("SELECT command_kind_word(kind), kafka_partition, kafka_offset FROM command WHERE command_id = %s", (command,)).fetchone()
    assert [e for e in evidence(item, "commands") if e == (kind, at, offset)] and len(item["evidence"]) >= 3, item["evidence"]
    return item


def who_asked_for_a_retry_a_backfill_or_an_end_is_named():
    client.put("asked", {"schedules": [{"expression": "0 0 * * *", "zone": "UTC"}], "max_concurrency": 2})
    first = client.act("asked", "trigger")
    ended = client.call("POST", f"/v1/executions/{first['execution_id']}:cancel", {"reason": "a slip"}, Prefer="wait=20")
    assert ended.status == 200, ended
    wait_for("it is over", lambda: client.get(f"/v1/executions/{first['execution_id']}")["status"] == "CANCELLED", 30)
    told_of(first["execution_id"], ended["command_id"], "To cancel it was asked for at", "a slip")
    with stack.connect() as connection:  # as of one that had many attempts
        connection.execute("UPDATE execution_event SET kafka_offset = kafka_offset + 1000000 WHERE execution_id = %s", (first["execution_id"],))
        connection.execute("INSERT INTO execution_event (execution_id, task_id, event_id, received_at, kafka_offset, kafka_partition, attempt, status, if_unclaimed, moved)"
                           " SELECT execution_id, task_id, gen_random_uuid(), scheduled_at, n, 0, 1, 2, false, true FROM execution, generate_series(1, 30) n WHERE execution_id = %s",
                           (first["execution_id"],))
    told_of(first["execution_id"], ended["command_id"], "To cancel it was asked for at", "a slip")
    again = client.call("POST", f"/v1/executions/{first['execution_id']}:retry", {"reason": "no slip"}, Prefer="wait=20")
    assert again.status == 201, again
    told_of(again["execution_id"], again["command_id"], "It repeats another one, asked for at", "no slip")
    ranges = {"lost": ("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"), "lost too": ("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")}
    sent = {reason: client.act("asked", "backfill", {"from": since, "to": until, "reason": reason}) for reason, (since, until) in ranges.items()}
    runs = wait_for("all are there", lambda: len(found := executions("asked", trigger="BACKFILL")) == 4 and found, 30)
    both = [e for e in runs if e["scheduled_at"] == "2026-03-03T00:00:00Z"]
    assert len(both) == 2, runs
    for reason, at in (("lost", "2026-03-02T00:00:00Z"), ("lost too", "2026-03-04T00:00:00Z")):
        run = next(e for e in runs if e["scheduled_at"] == at)
        told_of(run["execution_id"], sent[reason]["command_id"], "It is of a backfill, asked for at", f": {reason}.")
    said = {d for i in why("asked", "2026-03-03T00:00:00Z")["items"] for d in i["details"] if "backfill" in d}
    assert len(said) == 2, said


def overlap_names_who_was_in_the_way():
    client.put("alone", {"schedules": [{"expression": "* * * * * *"}], "overlap": "SKIP"})
    first = made("alone")[0]
    skipped = wait_for("one is skipped", lambda: executions("alone", status="SKIPPED"), 40)[0]
    item = one("alone", skipped["scheduled_at"])
    assert (item["answer"], item["rule"]) == ("DID_NOT_RUN", "OVERLAP") and any(first["execution_id"] in d for d in item["details"]), item
    client.act("alone", "pause")


def a_pause_names_who_and_why():
    client.act("tick", "pause", {"reason": "moving house"})
    since = stamp(client.get("/v1/tasks/default~tick/revisions")["items"][0]["effective_at"])
    inside = text_of(since + 2 * SECOND)
    wait_for("it is past", lambda: datetime.datetime.now(datetime.timezone.utc) > since + 4 * SECOND, 20)
    item = one("tick", inside)
    assert (item["answer"], item["rule"]) == ("NOT_FIRED", "PAUSED") and "moving house" in item["text"] and "gap" not in item, item
    assert "PAUSE_TASK" in {kind for kind, _, _ in evidence(item, "commands")}, item["evidence"]
    later = one("tick", text_of(datetime.datetime.now(datetime.timezone.utc) + 3600 * SECOND))
    assert (later["answer"], later["rule"]) == ("TO_COME", "PAUSED"), later
    client.act("tick", "resume")
    item = wait_for("the gap", lambda: (lambda i: i if "gap" in i else None)(one("tick", inside)), 30)
    assert (item["answer"], item["rule"], item["gap"]["reason"]) == ("NOT_FIRED", "PAUSED", "PAUSED") and "moving house" in item["text"], item


def what_waits_while_its_task_is_paused_says_so():
    client.put("held", {"schedules": [], "overlap": "QUEUE_ALL", "retry": {"max_attempts": 2, "first_delay_ms": 3600000}})
    first, second = (client.act("held", "trigger")["execution_id"] for _ in range(2))
    waiting = wait_for("the second waits", lambda: (e := client.call("GET", f"/v1/executions/{second}")).status == 200 and e["status"] == "WAITING" and e, 30)
    client.act("held", "pause", {"reason": "painting"})
    said = {i["execution"]["execution_id"]: i for i in why("held", waiting["scheduled_at"])["items"]}[second]
    assert said["answer"] == "WAITS" and "the task is paused, since" in said["text"] and "painting" in said["text"], said
    assert "PAUSE_TASK" in {kind for kind, _, _ in evidence(said, "commands")}, said["evidence"]
    client.act("held", "resume")
    with stack.connect() as connection:  # as of a scheduler that was away when the command came
        connection.execute("UPDATE execution_event SET received_at = received_at + interval '3 hours' WHERE execution_id = %s", (second,))
    said = {i["execution"]["execution_id"]: i for i in why("held", waiting["scheduled_at"])["items"]}[second]
    assert any("It was triggered by hand, asked for at" in d for d in said["details"]), said
    assert "paused" not in said["text"] and any(first in d for d in said["details"]), said


def who_had_an_instant_skipped_is_named():
    client.put("rested", {"schedules": [{"expression": "*/5 * * * * *"}]})
    sent = [client.act("rested", "skip-next", {"reason": reason}) for reason in ("a lorry", "another")]
    for command, reason in zip(sent, ("a lorry", "another")):
        at = command["message"].split()[0]
        said = one("rested", at)
        if said["answer"] == "TO_COME":
            assert said["rule"] == "SKIP_NEXT" and ", and will be skipped" in said["text"], said
            assert any("To skip it was asked for at" in d and reason in d for d in said["details"]), said
        wait_for("it is skipped", lambda: any(e["scheduled_at"] == at for e in executions("rested", status="SKIPPED")), 30)
        said = one("rested", at)
        assert (said["answer"], said["rule"]) == ("DID_NOT_RUN", "SKIP_NEXT") and any("To skip it was asked for at" in d and d.endswith(f"{reason}.") for d in said["details"]), said
        assert "SKIP_NEXT" in {kind for kind, _, _ in evidence(said, "commands")}, said["evidence"]
    client.act("rested", "pause")


def skips_said(item):
    return [d for d in item["details"] if d.startswith("To skip it")]


def what_will_be_skipped_is_told_with_its_wish_whatever_was_edited():
    client.put("moved", {"schedules": [{"expression": "0 0 * * *"}]})
    at = client.act("moved", "skip-next", {"reason": "stocktaking"})["message"].split()[0]
    again = client.act("moved", "skip-next", {"reason": "once more"})["message"].split()[0]
    assert again > at and skips_said(one("moved", again))[0].endswith("once more.")
    client.put("moved", {"schedules": [{"expression": "0 0 * * *"}], "title": "another"})
    assert skips_said(one("moved", at))[0].endswith("stocktaking.") and skips_said(one("moved", again))[0].endswith("once more.")
    client.put("moved", {"schedules": [{"expression": "30 0 * * *"}]})
    for instant, reason in ((at, "stocktaking."), (again, "once more.")):
        said = one("moved", instant.replace("T00:00", "T00:30"))
        assert (said["answer"], said["rule"]) == ("TO_COME", "SKIP_NEXT") and [d.endswith(reason) for d in skips_said(said)] == [True], said
    assert client.call("DELETE", "/v1/tasks/default~moved", Prefer="wait=20").status == 200
    client.put("moved", {"schedules": [{"expression": "0 0 * * *"}]})
    said = one("moved", at)
    assert said["answer"] == "TO_COME" and "rule" not in said and not skips_said(said), said


def skipped_after(key, skips):
    """The runs that were skipped when as many skips had been moved by an edit to each odd second."""
    client.put(key, {"schedules": [{"expression": "0 0 * * *"}]})
    for reason in skips:
        client.act(key, "skip-next", {"reason": reason})
    client.put(key, {"schedules": [{"expression": "1/2 * * * * *"}]})
    found = wait_for("they are skipped", lambda: len(e := executions(key, status="SKIPPED")) == len(skips) and e, 30)
    client.act(key, "pause")
    return [one(key, e["scheduled_at"]) for e in found]


def a_skip_that_an_edit_has_moved_has_a_name_only_if_there_is_no_doubt():
    said, = skipped_after("moved-one", ["a lorry"])
    assert said["rule"] == "SKIP_NEXT" and skips_said(said)[0].endswith("a lorry."), said
    for said in skipped_after("moved-two", ["a lorry", "another"]):
        assert said["rule"] == "SKIP_NEXT" and not skips_said(said), said


def who_deleted_the_task_is_named():
    client.put("gone", {"schedules": [], "overlap": "QUEUE_ALL"})
    second = [client.act("gone", "trigger")["execution_id"] for _ in range(2)][1]
    wait_for("the second waits", lambda: client.call("GET", f"/v1/executions/{second}").body.get("status") == "WAITING", 30)
    assert client.call("DELETE", "/v1/tasks/default~gone?reason=no%20use", Prefer="wait=20").status == 200
    over = wait_for("it is over", lambda: (e := client.get(f"/v1/executions/{second}"))["status"] == "CANCELLED" and e, 30)
    said = {i["execution"]["execution_id"]: i for i in why("gone", over["scheduled_at"])["items"] if "execution" in i}[second]
    assert said["rule"] == "DELETED" and any("To delete the task was asked for at" in d and "no use" in d for d in said["details"]), said
    assert "DELETE_TASK" in {kind for kind, _, _ in evidence(said, "commands")}, said["evidence"]


def what_is_cancelled_for_another_says_so():
    client.put("newest", {"schedules": [], "overlap": "CANCEL_OTHER"})
    client.act("newest", "trigger")
    begun = made("newest")[0]
    worker.report(begun, "RUNNING")
    wait_for("it runs", lambda: client.get(f"/v1/executions/{begun['execution_id']}")["status"] == "RUNNING", 30)
    client.act("newest", "trigger")
    wait_for("it is told", lambda: client.get(f"/v1/executions/{begun['execution_id']}")["status"] == "CANCELLING", 30)
    worker.report(begun, "CANCELLED", exit_code=3)
    ended = wait_for("it has stopped", lambda: (e := client.get(f"/v1/executions/{begun['execution_id']}"))["status"] == "CANCELLED" and e, 30)
    assert ended["reason"] == "OVERLAP", ended
    said = {i["execution"]["execution_id"]: i for i in why("newest", begun["scheduled_at"])["items"]}[begun["execution_id"]]
    assert (said["answer"], said["rule"]) == ("RAN", "OVERLAP") and "a later one of the task took its place" in said["text"], said


def an_audit_accounts_for_every_instant():
    start = client.get("/v1/tasks/default~tick/revisions")["items"][-1]["effective_at"]
    client.act("tick", "pause")
    wait_for("the tables have it all", lambda: client.get("/v1/tasks/default~tick")["state"] == "PAUSED", 30)

    def whole():
        audit = client.get(f"/v1/tasks/default~tick:why?from={start}")
        return audit if audit["totals"]["undecided"] == 0 else None
    # what is not there is left aside for a minute
    audit = wait_for("all is decided and stored", whole, 100, 1)
    totals = audit["totals"]
    ran_or_waits = [e for e in executions("tick") if e["trigger"] in ("SCHEDULED", "CATCH_UP")]
    assert totals["missing"] == totals["extra"] == totals["twice"] == 0 and totals["others"] >= 1, totals
    assert totals["ran"] + totals["open"] == len(ran_or_waits) and totals["not_fired"] >= 2, totals
    assert ("NOT_FIRED", "PAUSED") in {(i["kind"], i["rule"]) for i in audit["items"]} and all(i["explained"] for i in audit["items"]), audit["items"]
    items, pages = client.pages(f"/v1/tasks/default~tick:why?from={start}", 1)  # a difference a page
    assert items[0]["at"] == audit["items"][0]["at"] and pages >= 2, (items, pages)
    return f"{totals}"


def planted_rows_are_found():
    with stack.connect() as connection:
        victim = executions("tick", trigger="SCHEDULED")[3]
        connection.execute("DELETE FROM execution WHERE execution_id = %s", (victim["execution_id"],))
        connection.execute("INSERT INTO schedule_gap (task_id, revision, from_at, to_at, reason, received_at, count, more) VALUES (%s, 1, %s, %s, 6, now(), 1, false)",
                           (task_id("tick"), *(stamp(executions("tick", trigger="SCHEDULED")[n]["scheduled_at"]) for n in (0, 1))))
    start = client.get("/v1/tasks/default~tick/revisions")["items"][-1]["effective_at"]
    # what is not there is an error once it is older than a minute
    audit = wait_for("it is missed", lambda: (lambda a: a if a["totals"]["missing"] else None)(client.get(f"/v1/tasks/default~tick:why?from={start}")), 100, 1)
    assert ("MISSING", victim["scheduled_at"], False) in {(i["kind"], i["at"], i["explained"]) for i in audit["items"]}, audit["items"]
    assert audit["totals"]["missing"] == 1 and audit["totals"]["twice"] == 1, audit["totals"]
    assert one("tick", victim["scheduled_at"])["answer"] == "UNEXPLAINED"
    assert "no explanation" in cronobs("why", "tick", victim["scheduled_at"], code=1)
    said = cronobs("why", "tick", "--from", start, code=1)
    assert "MISSING" in said and "TWICE" in said and "2 without an explanation" in said, said


def calendars_windows_and_clocks_are_named():
    client.put("office", {"schedules": [{"expression": "0 9 * * *", "zone": "Europe/Berlin"}],
                          "calendars": [{"name": "holidays", "mode": "EXCLUDE", "rules": [{"kind": "yearly", "value": "12-25"}]}]})
    item = one("office", f"{YEAR}-12-25T09:00")
    assert (item["answer"], item["rule"]) == ("NOT_SCHEDULED", "CALENDAR") and '"holidays"' in item["text"] and any("yearly 12-25" in d for d in item["details"]), item
    assert (item["local"], item["before"], item["after"]) == (f"{YEAR}-12-25T09:00:00+01:00", f"{YEAR}-12-24T08:00:00Z", f"{YEAR}-12-26T08:00:00Z"), item
    assert one("office", f"{YEAR}-12-25T09:00", tz="Asia/Tokyo")["answer"] == "NOT_SCHEDULED"
    assert one("office", f"{YEAR}-12-26T17:00", tz="Asia/Tokyo")["answer"] == "TO_COME"
    client.put("night", {"schedules": [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}]})
    answer = why("night", f"{SPRING}T02:30")
    assert "does not exist" in answer["note"] and answer["items"][0]["answer"] == "TO_COME" and answer["items"][0]["local"] == f"{SPRING}T03:00:00+02:00", answer.body
    answer = why("night", f"{AUTUMN}T02:30")
    assert "twice" in answer["note"] and [i["answer"] for i in answer["items"]] == ["TO_COME", "NOT_SCHEDULED"] and "twice" in answer["items"][1]["text"], answer.body
    assert one("night", "2020-01-01T00:00")["text"].startswith("No: there was no such task yet")


def a_task_that_is_gone_and_what_is_wrong():
    client.put("gone", {"schedules": [{"expression": "0 0 1 1 *"}]})
    client.call("DELETE", "/v1/tasks/default~gone?reason=over", None, Prefer="wait=20")
    item = one("gone")
    assert item["answer"] == "NOT_SCHEDULED" and (item.get("rule") == "DELETED" or "no such task yet" in item["text"]), item
    item = one("gone", f"{YEAR}-01-01T00:00:00Z")
    assert item["rule"] == "DELETED" and "over" in item["text"], item
    for query, said in {"at=noon": "2026-11-29T14:20", f"at={YEAR}-01-01": "day", f"at={YEAR}-01-01T00:00:00Z&from={YEAR}-01-01T00:00:00Z": "excludes", "limit=5": "from",
                        f"from={YEAR}-01-01T00:00:00Z": "to come", "from=2020-01-02&to=2020-01-01": "empty", "cursor=x": "cursor", "tz=Mars/Base": "tz"}.items():
        answer = client.call("GET", f"/v1/tasks/default~night:why?{query}")
        assert answer.status == 400 and said in json.dumps(answer.body), (query, answer)
    assert client.call("GET", "/v1/tasks/default~nobody:why").status == 404


def the_command_line_tells_it_as_a_colleague_would():
    said = cronobs("why", "office", f"{YEAR}-12-25T09:00")
    assert said.splitlines()[0] == f"office at {YEAR}-12-25 09:00:00 +01:00, Europe/Berlin" and 'calendar "holidays" leaves it out' in said and "PUT_TASK" in said, said
    assert json.loads(cronobs("why", "office", f"{YEAR}-12-25T09:00", "--json"))["items"][0]["rule"] == "CALENDAR"
    assert cronobs("why", "office", "--from", "-1h").startswith("0 differences")
    assert "did you mean office?" in cronobs("why", "ofice", code=1)
    assert "does not go with" in cronobs("why", "office", f"{YEAR}-12-25T09:00", "--from", "-1h", code=64)
    assert "AT: 'noon'" in cronobs("why", "office", "noon", code=64)


case.run(what_ran_and_what_failed_has_its_records, an_execution_by_hand_names_its_command,
         who_asked_for_a_retry_a_backfill_or_an_end_is_named, overlap_names_who_was_in_the_way, a_pause_names_who_and_why,
         who_had_an_instant_skipped_is_named, what_will_be_skipped_is_told_with_its_wish_whatever_was_edited,
         a_skip_that_an_edit_has_moved_has_a_name_only_if_there_is_no_doubt, who_deleted_the_task_is_named, what_waits_while_its_task_is_paused_says_so, what_is_cancelled_for_another_says_so,
         an_audit_accounts_for_every_instant, planted_rows_are_found, calendars_windows_and_clocks_are_named, a_task_that_is_gone_and_what_is_wrong,
         the_command_line_tells_it_as_a_colleague_would)
