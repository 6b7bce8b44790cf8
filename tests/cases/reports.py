"""sequences.jsonl: raw reports on executions, late, contradicting, sent twice, by clocks that are wrong; and the state that must come of them."""
import collections
import datetime
import re
import time
import uuid

import data
from client import Client, Worker
from support import case
from support.stack import Stack, wait_for

stack = Stack("reports", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
CASES = data.cases("sequences.jsonl")
reached = {}  # case -> the execution, as it was when the first final report had been taken


def key_of(name):
    return re.sub(r"\W+", "-", name)


def shown(execution):
    return client.get(f"/v1/executions/{execution['execution_id']}").body


def events_of(execution):
    return client.pages(f"/v1/executions/{execution['execution_id']}/events", 100)[0]


def repeats_of(execution):
    with stack.connect() as connection:
        return connection.execute("SELECT count(*) FROM execution_repeat WHERE execution_id = %s", (execution["execution_id"],)).fetchone()[0]


def executions(key):
    return client.pages(f"/v1/executions?task=default~{key}", 500)[0]


def first_of(key, task):
    assert client.put(key, task).status == 201
    if not task.get("schedules"):
        assert client.act(key, "trigger").status == 201
    return wait_for(f"{key} has one", lambda: executions(key), 30)[-1]


def play(name, one):
    """Each report goes out when the one before has been taken, or at once behind it."""
    workers, sent, execution = {}, [], first_of(key_of(name), one["task"])
    for event in one["events"]:
        if "after" in event:
            wait_for(event["after"], lambda: shown(execution)["status"] == event["after"], 60)
        elif not event.get("at_once"):
            wait_for("the one before", lambda: len(events_of(execution)) >= len(set(sent)), 30)
        worker = workers.setdefault(event.get("by"), Worker(stack))
        more = {"event_id": sent[-1] if event.get("again") else str(uuid.uuid4()), "occurred_at": int((time.time() + event.get("skew_s", 0)) * 1e6)}
        worker.report(execution, event["status"], **more)
        sent.append(more["event_id"])
        if event["status"] != "RUNNING" and name not in reached and not event.get("after"):
            reached[name] = wait_for("it has ended", lambda: (e := shown(execution)).get("finished_at") and e, 30)
    return execution


def a_final_state_stays_and_what_came_late_is_kept_and_marked():
    for name, one in CASES.items():
        execution, expected = play(name, one), one["expected"]
        if any(event.get("again") for event in one["events"]):
            wait_for(f"{name}: what was sent twice", lambda: repeats_of(execution), 30)
        moved = wait_for(f"{name}: all events", lambda: len(found := events_of(execution)) >= len(expected["moved"]) and [e["moved"] for e in found], 30)
        now = shown(execution)
        assert moved == expected["moved"], (name, moved, events_of(execution))
        assert (now["status"], now["contradicted"]) == (expected["status"], expected["contradicted"]), (name, now)
        for member in ("started_at", "finished_at", "status", "worker"):
            assert name not in reached or now.get(member) == reached[name].get(member), (name, member, now, reached[name])
    return f"{len(CASES)} sequences"


def a_wrong_clock_is_shown_and_decides_nothing():
    for name, one in CASES.items():
        if any("skew_s" in event for event in one["events"]):
            run = executions(key_of(name))[0]
            for member in ("started_at", "finished_at"):
                distance = abs(datetime.datetime.fromisoformat(run[member]).timestamp() - time.time())
                assert distance < 600, (name, member, run)


def the_next_instant_is_not_held_back():
    for name, one in CASES.items():
        if one["task"].get("overlap") == "SKIP":
            ended = reached[name]
            wait_for(f"{name}: a later one is not skipped", lambda: [
                run for run in executions(key_of(name)) if run["scheduled_at"] > ended["scheduled_at"] and run["status"] != "SKIPPED"], 30)


def list_and_days_agree():
    for name in CASES:
        key = key_of(name)
        client.act(key, "pause")
        def is_level():
            listed = collections.Counter(run["status"] for run in executions(key))
            counted = collections.Counter()
            for day in client.get(f"/v1/tasks/default~{key}/days")["items"]:
                counted.update(day["counts"])
            return listed == counted
        wait_for(f"{name}: the same counts", is_level, 20)


def a_person_is_told_that_it_did_end_after_all():
    """The late report's own line, with its time, and that it contradicts."""
    name = "a late success after the time-out"
    run = executions(key_of(name))[0]
    late = events_of(run)[-1]
    said = stack.run("execution", "show", run["execution_id"], "--zone", "UTC").stdout
    line = [line for line in said.splitlines() if "SUCCEEDED" in line]
    assert len(line) >= 1 and late["received_at"][11:19] in line[-1], said


def the_rebuilt_tables_are_the_same():
    scheduler.stop(), consumer.stop()
    rebuilt = stack.run("db", "rebuild", timeout=120)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr


def all_goes_down_in_order():
    stack.down()


case.run(a_final_state_stays_and_what_came_late_is_kept_and_marked, a_wrong_clock_is_shown_and_decides_nothing, the_next_instant_is_not_held_back,
         list_and_days_agree, a_person_is_told_that_it_did_end_after_all, the_rebuilt_tables_are_the_same, all_goes_down_in_order)
