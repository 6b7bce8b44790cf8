"""What was and what was not: no instant without a trace, runs as they were defined then, days counted alike in every zone."""
import collections
import datetime
import os
import time
import zoneinfo

from client import Client, Worker
from support import case, judge, place
from support.executions import Queue
from support.stack import Stack, wait_for

ZONES = ("UTC", "Asia/Kathmandu", "Australia/Eucla", "Pacific/Kiritimati", "America/St_Johns")
HOUR = 3600

stack = Stack("history", partitions=3)
stack.prepare("q", "external")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
BLOCK = os.path.join(stack.folder, "block")
worker = stack.start_worker("q", "sh", "-c", f"while [ -e {BLOCK} ]; do sleep 0.1; done")
EVERY_SECOND = {"overlap": "SKIP", "schedules": [{"expression": "* * * * * *"}], "misfire": {"policy": "LAST", "after_ms": 2000}}
shown = {}  # runs as they were shown at first


def second(instant):
    return int(datetime.datetime.fromisoformat(instant).timestamp())


def executions(key):
    """The oldest first."""
    return client.pages(f"/v1/executions?task=default~{key}", 500)[0][::-1]


def gaps(key):
    return client.pages(f"/v1/tasks/default~{key}/gaps", 500)[0]


def for_seconds(what, count):
    until = time.time() + count
    wait_for(what, lambda: time.time() > until)


# --- no instant without a trace ---


def now_minutes():
    now = int(time.time()) // 60 * 60
    return "-".join(time.strftime("%H:%M", time.gmtime(now + 60 * n)) for n in (-2, 5))


def what_keeps_a_task_from_firing_comes_one_after_another():
    """Blocked, paused, left out by a calendar, nobody there: some seconds each, and others in between."""
    assert client.put("traced", EVERY_SECOND).status == 201
    ran = lambda: sum(run["status"] == "SUCCEEDED" for run in executions("traced"))
    wait_for("it runs", lambda: ran() >= 2, 60)
    open(BLOCK, "w").close()
    wait_for("it is blocked", lambda: sum(run["status"] == "SKIPPED" for run in executions("traced")) >= 4, 60)
    os.unlink(BLOCK)
    before = ran()
    wait_for("it runs again", lambda: ran() >= before + 2, 60)
    assert client.act("traced", "pause").status == 200
    for_seconds("it is paused", 4)
    assert client.act("traced", "resume").status == 200
    before = ran()
    wait_for("it runs again", lambda: ran() >= before + 2, 60)
    nap = {"calendars": [{"name": "nap", "mode": "EXCLUDE", "rules": [{"kind": "hours", "value": now_minutes()}]}]}
    assert client.put("traced", EVERY_SECOND | nap).status == 200
    for_seconds("it is left out", 4)
    assert client.put("traced", EVERY_SECOND).status == 200
    before = ran()
    wait_for("it runs again", lambda: ran() >= before + 2, 60)
    scheduler.hold()
    scheduler.kill()
    for_seconds("nobody is there", 6)
    scheduler.release()
    before = ran()
    wait_for("it runs again", lambda: ran() >= before + 2, 60)
    assert client.act("traced", "pause").status == 200
    wait_for("nothing is open", lambda: not client.get("/v1/executions?task=default~traced&status=OPEN")["items"], 30)


def left_out(key):
    """Seconds in which a revision with a calendar was in effect, as its history tells."""
    revisions = client.pages(f"/v1/tasks/default~{key}/revisions", 100)[0][::-1]
    found = []
    for one, following in zip(revisions, revisions[1:]):
        if one["spec"].get("calendars"):
            found += range(second(one["effective_at"]), second(following["effective_at"]) + 1)
    return found


def each_second_has_an_execution_or_a_gap_or_a_calendar_over_it():
    runs, passed = executions("traced"), gaps("traced")
    traces = collections.Counter(second(run["scheduled_at"]) for run in runs)
    for gap in passed:
        inside = range(second(gap["from_at"]) + 1, second(gap["to_at"]) + 1)
        assert gap["count"] == len(inside) and gap["reason"], gap
        traces.update(inside)
    first, last = second(runs[0]["scheduled_at"]), second(runs[-1]["scheduled_at"])
    twice = [at for at, count in traces.items() if count > 1]
    silent = [at for at in range(first, last + 1) if not traces[at] and at not in left_out("traced")]
    assert not twice and not silent, (twice, silent, passed)
    assert {"PAUSED", "MISFIRE"} <= {gap["reason"] for gap in passed}, passed
    skipped = [run for run in runs if run["status"] == "SKIPPED"]
    assert all(run["reason"] == "OVERLAP" and run["blocked_by"] for run in skipped), skipped
    return f"{last - first + 1} seconds: {len(runs)} executions, {len(skipped)} of them skipped, {sum(gap['count'] for gap in passed)} in {len(passed)} gaps"


def what_was_skipped_has_not_failed():
    counts = collections.Counter()
    for day in client.get("/v1/tasks/default~traced/days")["items"]:
        counts.update(day["counts"])
    assert counts == collections.Counter(run["status"] for run in executions("traced")) and not counts["FAILED"], counts
    every = stack.run("execution", "list", "--task", "traced", "--limit", "500", "--status", ",".join(judge.CODES)).stdout
    assert len(every.splitlines()) == 1 + len(executions("traced")), every
    said = stack.run("task", "show", "traced").stdout
    assert "PAUSED" in said, said


# --- as it was defined then ---


def run_of(execution):
    """All that is shown about it, but for what says how the task is called today."""
    found = client.get(f"/v1/executions/{execution}").body
    return {name: value for name, value in found.items() if name != "title"}


def a_run_is_shown_as_it_was_defined_then():
    first = {"title": "First", "payload": "first", "labels": {"team": "a"}, "schedules": [{"expression": "* * * * * *", "zone": "Asia/Tokyo"}]}
    second_one = {"title": "Second", "payload": "second", "labels": {"team": "b"}, "queue": "external", "schedules": [{"expression": "0 0 1 1 *", "zone": "America/Lima"}]}
    assert client.put("edited", first).status == 201
    done = wait_for("it has run", lambda: [run for run in executions("edited") if run["status"] == "SUCCEEDED"], 60)[0]["execution_id"]
    shown[done] = run_of(done)
    assert (shown[done]["payload"], shown[done]["revision"], shown[done]["zone"], shown[done]["queue"]) == ("first", 1, "Asia/Tokyo", "q"), shown[done]
    assert client.put("edited", second_one)["revision"] == 2
    assert run_of(done) == shown[done], (run_of(done), shown[done])
    revisions = {one["revision"]: one["spec"] for one in client.get("/v1/tasks/default~edited/revisions")["items"]}
    for number, spec in ((1, first), (2, second_one)):
        assert {name: revisions[number].get(name) for name in ("title", "payload", "labels")} == {name: spec[name] for name in ("title", "payload", "labels")}, revisions
        assert revisions[number]["schedules"][0]["zone"] == spec["schedules"][0]["zone"], revisions
    assert client.call("DELETE", "/v1/tasks/default~edited", Prefer="wait=20").status == 200
    assert run_of(done) == shown[done]
    assert "first" in stack.run("execution", "show", done, "--json").stdout
    assert [one["revision"] for one in client.get("/v1/tasks/default~edited/revisions")["items"]] == [3, 2, 1]


# --- days ---


def make_history():
    """Some hundred runs over both clock changes of the last year in which they are over, by the hour and off it; a third of them failed."""
    queue, reporter = Queue(stack, "external"), Worker(stack)
    year = (datetime.date.today() - datetime.timedelta(315)).year
    begins, ends = (int(datetime.datetime(year, month, day, tzinfo=datetime.timezone.utc).timestamp()) for month, day in ((3, 6), (10, 30)))
    for key in ("days0", "days1"):
        assert client.put(key, {"queue": "external"}).status == 201
        task = place.task_id(key)
        for start in (begins, ends):
            for n in range(120):
                at = (start + n * (HOUR + 601)) * 1_000_000
                number = queue.publish(judge.execution_id(task, at, "external", str(n)), task, scheduled_at=at, due_at=at, task_key=key, zone="UTC")
                if n % 3:
                    reporter.report({"execution_id": number, "task_id": task}, ("FAILED", "SUCCEEDED")[n % 2])
        assert queue.producer.flush(30) == 0
    return begins, ends


def days_are_a_recount_of_executions_in_every_zone():
    starts = make_history()
    wait_for("all are in the tables", lambda: all(len(executions(key)) == 240 for key in ("days0", "days1")), 60)
    wait_for("their ends, too", lambda: sum(run["status"] == "PENDING" for key in ("days0", "days1") for run in executions(key)) == 160, 60)
    lengths, compared = collections.Counter(), 0
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        for start in starts:
            first = datetime.datetime.fromtimestamp(start, zone).date() - datetime.timedelta(1)
            last = first + datetime.timedelta(9)
            for scope, key in (("/v1", None), ("/v1/tasks/default~days0", "days0")):
                days = client.get(f"{scope}/days?from={first}&to={last}&tz={name}")["items"]
                span = f"from={days[0]['from']}&to={days[-1]['to']}" + (f"&task=default~{key}" if key else "")
                runs = client.pages(f"/v1/executions?{span}", 500)[0]
                recount = collections.defaultdict(collections.Counter)
                for run in runs:
                    recount[str(datetime.datetime.fromisoformat(run["scheduled_at"]).astimezone(zone).date())][run["status"]] += 1
                told = {day["day"]: collections.Counter(day["counts"]) for day in days}
                assert told == {day: recount[day] for day in told} and len(runs) == sum(day["total"] for day in days), (name, told, recount)
                lengths.update((second(day["to"]) - second(day["from"])) // HOUR for day in days)
                compared += len(runs)
    assert lengths[23] and lengths[25], lengths
    return f"{compared} executions on {sum(lengths.values())} days, {lengths[23]} of 23 hours, {lengths[25]} of 25"


def a_rebuild_changes_nothing():
    worker.stop(), scheduler.stop(), consumer.stop()
    rebuilt = stack.run("db", "rebuild", timeout=120)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    for number, was in shown.items():
        assert run_of(number) == was, (run_of(number), was)


def all_goes_down_in_order():
    stack.down()


case.run(what_keeps_a_task_from_firing_comes_one_after_another, each_second_has_an_execution_or_a_gap_or_a_calendar_over_it,
         what_was_skipped_has_not_failed, a_run_is_shown_as_it_was_defined_then, days_are_a_recount_of_executions_in_every_zone,
         a_rebuild_changes_nothing, all_goes_down_in_order)
