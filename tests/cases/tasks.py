"""tasks.jsonl: what shapes a task's instants, as the API tells them; and that what is told is what is fired, and no more."""
import datetime
import json
import subprocess
import time

import data
from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("tasks", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "true")
client = Client(stack.url)
CASES = data.cases("tasks.jsonl")
FAR = "2026-06-01T00:00:00Z"


def key_of(name):
    return "case-" + "".join(c if c.isalnum() else "-" for c in name)


def seconds(instant):
    return datetime.datetime.fromisoformat(instant).timestamp()


def iso(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def upcoming(key, **options):
    return client.get(f"/v1/tasks/default~{key}/upcoming?" + "&".join(f"{name}={value}" for name, value in options.items()))["items"]


def executions(key):
    """The oldest first."""
    return client.pages(f"/v1/executions?task=default~{key}", 500)[0][::-1]


def expected_of(wanted):
    if isinstance(wanted, list):
        return wanted
    return [iso(at) for at in range(int(seconds(wanted["first"])), int(seconds(wanted["last"])) + 1, wanted["step_s"])]


# --- the table ---


def every_task_has_its_instants():
    for name, one in CASES.items():
        key, wanted = key_of(name), expected_of(one["expected"])
        made = client.put(key, one["spec"])
        assert made.status == 201, (name, made)
        items = upcoming(key, **{"from": one["from"], "limit": one["limit"]})
        found = [item["scheduled_at"] for item in items]
        begins = found[:1] == [one.get("may_begin_with")]
        assert found == wanted or (begins and found == [one["may_begin_with"]] + wanted[:-1]), (name, found)
        assert "then" not in one or not upcoming(key, **{"from": items[-1]["due_at"], "limit": 5}), name
        in_order(name, items, one["spec"])
    return f"{len(CASES)} cases"


def in_order(name, items, spec):
    """A delay stays below jitter and below the next instant."""
    due = [seconds(item["due_at"]) for item in items]
    at = [seconds(item["scheduled_at"]) for item in items]
    assert due == sorted(set(due)), (name, due)
    for a, d, following in zip(at, due, at[1:] + [float("inf")]):
        assert 0 <= d - a < max(spec.get("jitter_ms", 0) / 1000, 1e-6) and d < following, (name, a, d, following)


def they_are_the_same_after_a_restart():
    before = {name: upcoming(key_of(name), **{"from": one["from"], "limit": one["limit"]}) for name, one in CASES.items()}
    for part in (scheduler, api):
        starts = part.starts
        part.kill()
        wait_for("it is started again", lambda: part.starts > starts)
    wait_for("the API is back", stack.api_answers, 30)
    assert before == {name: upcoming(key_of(name), **{"from": one["from"], "limit": one["limit"]}) for name, one in CASES.items()}


def what_was_told_is_fired_once_with_its_delay_over_a_restart():
    began = int(time.time()) + 5
    window = {"from": iso(began), "until": iso(began + 12)}
    spec = {"schedules": [{"expression": "* * * * * *"}, {"expression": "*/2 * * * * *"}], "jitter_ms": 900, "window": window}
    assert client.put("jitter", spec).status == 201
    told = [(item["scheduled_at"], item["due_at"]) for item in upcoming("jitter", **{"from": iso(began - 1), "limit": 50})]
    assert len(told) == 12 and len({seconds(due) - seconds(at) for at, due in told}) > 6, told
    wait_for("some are fired", lambda: len(executions("jitter")) >= 4, 30)
    scheduler.kill()
    wait_for("all are fired", lambda: len(executions("jitter")) >= 12 and time.time() > began + 13, 60)
    assert [(one["scheduled_at"], one["due_at"]) for one in executions("jitter")] == told


# --- once, or never ---


def next_is_gone(key):
    """In all that shows it."""
    task = client.get(f"/v1/tasks/default~{key}").body
    listed = [item for item in client.pages("/v1/tasks?state=ALL", 500)[0] if item["key"] == key]
    everybody = [item for item in client.get("/v1/upcoming?limit=500")["items"] if item["key"] == key]
    shown = [line for line in stack.run("task", "show", key, "--json").stdout.splitlines()]
    return not any([task.get("next_at"), [one["next_at"] for one in listed if one.get("next_at")], upcoming(key, limit=5), everybody,
                    json.loads("".join(shown)).get("next_at")])


def next_of_each():
    """As `cronobs task list` shows it to people."""
    head, *rows = stack.run("task", "list", "--limit", "500", "--state", "ACTIVE,PAUSED,DELETED").stdout.splitlines()
    at, end = head.index("NEXT"), head.index("TITLE")
    return {row.split()[0]: row[at:end].strip(" -") for row in rows}


def an_instant_is_fired_once_and_then_there_is_no_next():
    at = iso(time.time() + 8)
    made = client.put("once", {"schedules": [{"expression": f"@at {at}"}]})
    assert made.status == 201 and client.get("/v1/tasks/default~once")["next_at"] == at, made
    by_hand = client.act("once", "trigger")
    assert by_hand.status == 201 and client.get("/v1/tasks/default~once")["next_at"] == at, "a trigger does not use it up"
    wait_for("both have run", lambda: [one["status"] for one in executions("once")] == ["SUCCEEDED"] * 2, 30)
    assert [one["trigger"] for one in executions("once")] == ["MANUAL", "SCHEDULED"] and executions("once")[1]["scheduled_at"] == at
    wait_for("its next is gone", lambda: next_is_gone("once"), 20)
    steady = client.put("steady", {"schedules": [{"expression": "* * * * * *"}]})
    assert steady.status == 201
    wait_for("others go on", lambda: len(executions("steady")) >= 3, 30)
    assert len(executions("once")) == 2 and next_is_gone("once")


def what_is_never_due_is_refused_or_said():
    for n, expression in enumerate(("@at 2020-01-01T00:00:00Z", "0 0 0 1 1 +THU 2027", "0 0 30 2 *", "0 0 12 1 1 ? 2020")):
        made = client.put(f"dead{n}", {"schedules": [{"expression": expression}]})
        assert made.status == 400 or (made.status == 201 and made["lints"]), (expression, made)
        assert made.status == 400 or next_is_gone(f"dead{n}")


def paused_deleted_and_past_their_window_they_have_no_next():
    hourly = {"schedules": [{"expression": "0 * * * *"}]}
    for key in ("paused", "deleted"):
        assert client.put(key, hourly).status == 201
        assert client.get(f"/v1/tasks/default~{key}")["next_at"], key
    until = int(time.time()) + 3
    assert client.put("over", {"schedules": [{"expression": "* * * * * *"}], "window": {"until": iso(until)}}).status == 201
    assert client.act("paused", "pause").status == 200 and client.call("DELETE", "/v1/tasks/default~deleted", Prefer="wait=20").status == 200
    assert next_is_gone("paused") and next_is_gone("deleted")
    wait_for("the window is over", lambda: time.time() > until and next_is_gone("over"), 20)
    listed = next_of_each()
    assert listed["steady"] and not any(listed[key] for key in ("paused", "deleted", "over", "once")), listed
    assert client.act("paused", "resume").status == 200 and not next_is_gone("paused")


def people_see_the_clock_of_their_machine_or_are_told():
    tomorrow = str(datetime.date.today() + datetime.timedelta(1))
    day = next(day for year in (int(tomorrow[:4]), int(tomorrow[:4]) + 1) for day in (f"{year}-01-15", f"{year}-12-15") if day > tomorrow)  # in winter, within a year
    assert client.put("shown", {"schedules": [{"expression": f"@at {day}T12:30:00Z"}]}).status == 201
    for zone, clock in (("Asia/Tokyo", "21:30"), ("JST-9", "21:30"), ("UTC0", "12:30"), ("", "12:30"), ("<+0330>-3:30", "16:00"), ("EST5EDT,M3.2.0,M11.1.0", "07:30")):
        for arguments in (("upcoming", "--task", "shown"), ("task", "show", "shown")):
            done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=60, env=dict(stack.environment, TZ=zone))
            assert clock in done.stdout if done.returncode == 0 else ("TZ" in done.stderr and "--zone" in done.stderr), (zone, arguments, done)


def all_goes_down_in_order():
    stack.down()


case.run(every_task_has_its_instants, they_are_the_same_after_a_restart, what_was_told_is_fired_once_with_its_delay_over_a_restart,
         an_instant_is_fired_once_and_then_there_is_no_next, what_is_never_due_is_refused_or_said,
         paused_deleted_and_past_their_window_they_have_no_next,
         people_see_the_clock_of_their_machine_or_are_told, all_goes_down_in_order)
