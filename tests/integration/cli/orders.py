"""Cancel, retry, skip-next, backfill, queue workers, and the options of all policies: from a terminal, against a live installation."""
import datetime
import json
import re
import subprocess
import time
import zoneinfo

from support import case
from support.stack import Stack, wait_for

stack = Stack("cliorders", partitions=3)
stack.prepare("default", "idle")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start("worker", "work", "--shell", "--concurrency", "8", "--heartbeat")


def cronobs(*arguments, code=0):
    """What it printed, on either stream."""
    done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL, env=dict(stack.environment, TZ="Europe/Berlin"))
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stdout + done.stderr


def told(*arguments):
    return json.loads(cronobs(*arguments, "--json"))


def trigger(key, *more):
    return told("task", "trigger", key, *more)["execution_id"]


def shown(execution):
    return told("execution", "show", execution)


def is_now(execution, *statuses):
    return wait_for(f"it is {statuses}", lambda: (e := shown(execution))["status"] in statuses and e, 40)


def rows(key):
    """The rows of `task show` by their names."""
    return {line[:16].strip(): line[16:].strip() for line in cronobs("task", "show", key).splitlines() if line[:16].strip()}


def a_run_is_cancelled_and_retried():
    cronobs("task", "put", "long", "--command", "sleep 300")
    run = trigger("long")
    is_now(run, "RUNNING")
    done = cronobs("execution", "cancel", run, "--reason", "enough", "--wait")
    assert done.startswith(f"to be cancelled: execution {run}\nCANCELLED after "), done
    whole = cronobs("execution", "show", run)
    assert "CANCELLING (CANCEL_REQUESTED)" in whole and re.search(r"^reason +CANCEL_REQUESTED$", whole, re.M), whole
    assert "CANCELLED (CANCEL_REQUESTED)" in cronobs("execution", "list", "--task", "long")
    over = cronobs("execution", "cancel", run, code=1)
    assert "is over: CANCELLED since" in over, over
    again = cronobs("execution", "retry", run)
    retried = re.fullmatch(r"retried: execution (\S+)\n", again).group(1)
    assert retried != run and is_now(retried, "RUNNING")["parent_execution_id"] == run
    assert "is not over: it is RUNNING" in cronobs("execution", "retry", retried, code=1)
    assert told("execution", "cancel", retried)["code"] == "OK"
    is_now(retried, "CANCELLED")
    quick = cronobs("execution", "retry", run, "--payload", '{"command": "echo again"}', "--wait")
    assert "SUCCEEDED" in quick, quick
    failed = cronobs("execution", "retry", run, "--payload", '{"command": "exit 3"}', "--wait", code=1)
    assert "FAILED" in failed and "exit code 3" in failed, failed
    nobody = "0199" + run[4:]
    assert f"there is no execution {nobody}" in cronobs("execution", "cancel", nobody, code=1)
    for words in (("cancel", "x"), ("retry", "x"), ("retry", run, "--payload", "no command")):
        assert cronobs("execution", *words, code=64), words


def a_cancel_that_came_too_late_says_so():
    cronobs("task", "put", "stubborn", "--command", "trap '' TERM; sleep 2; exit 0")
    run = trigger("stubborn")
    is_now(run, "RUNNING")
    late = subprocess.run([stack.binary, "execution", "cancel", run, "--wait", "--timeout", "200ms"], text=True, capture_output=True, timeout=60, env=stack.environment)
    assert late.returncode in (69, 0), late  # it goes on, or is cancelled already
    assert is_now(run, "CANCELLED", "SUCCEEDED")


def waiting_for_a_run_that_is_tried_again_goes_on():
    cronobs("task", "put", "flaky", "--command", "test -e $CRONOBS_FLAG || { touch $CRONOBS_FLAG; exit 1; }".replace("$CRONOBS_FLAG", f"{stack.folder}/flag"),
            "--retry-attempts", "2", "--retry-delay", "1s")
    done = cronobs("task", "trigger", "flaky", "--wait")
    assert "SUCCEEDED" in done, done
    whole = cronobs("execution", "show", re.search(r"execution (\S+)", done).group(1))
    assert "RETRYING" in whole and "contradicts" not in whole and "It stays" not in whole, whole
    cronobs("task", "put", "failing", "--command", "exit 1", "--retry-attempts", "2", "--retry-delay", "1h")
    run = trigger("failing")
    wait_for("another attempt is to come", lambda: "next attempt" in cronobs("execution", "show", run), 30)
    assert cronobs("execution", "cancel", run, "--wait").endswith("\n") and "next attempt" not in cronobs("execution", "show", run)


def what_waits_says_for_what():
    cronobs("task", "put", "one", "--queue", "idle", "--overlap", "queue-one")
    first, second = trigger("one"), trigger("one")
    assert is_now(second, "WAITING")
    assert f"blocked by  {first}" in re.sub(r" {2,}", "  ", cronobs("execution", "show", second))
    cronobs("execution", "cancel", second)
    is_now(second, "CANCELLED")
    again = told("execution", "retry", second)["execution_id"]
    cronobs("execution", "cancel", first)
    is_now(again, "PENDING")
    is_now(first, "CANCELLED")
    whole = cronobs("execution", "show", first)
    assert "contradicts" not in whole and "It stays" not in whole, whole
    assert f"parent  {second}" in re.sub(r" {2,}", "  ", cronobs("execution", "show", again))


def the_next_instant_is_left_out():
    cronobs("task", "put", "hourly", "--schedule", "0 * * * *", "--zone", "UTC", "--queue", "idle")
    upcoming = [i["scheduled_at"] for i in told("upcoming", "--task", "hourly", "--limit", "3")["items"]]
    assert cronobs("task", "skip-next", "hourly", "--reason", "maintenance") == f"{upcoming[0]} is skipped (revision 1)\n"
    assert told("task", "skip-next", "hourly")["message"] == f"{upcoming[1]} is skipped"
    lines = cronobs("upcoming", "--task", "hourly", "--limit", "3").splitlines()
    assert lines[0].endswith("  SKIPPED") and [re.findall(r"  (yes.*)$", line) for line in lines[1:4]] == [["yes, by api: maintenance"], ["yes, by api"], []], lines
    shown = dict(re.findall(r"^(skipped|next) +(.+?) *$", cronobs("task", "show", "hourly"), re.M))
    until, after = (datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).strftime("%F %T") for t in upcoming[1:3])
    assert shown["skipped"] == f"up to {until}, by api" and shown["next"] == after, shown
    assert after in next(line for line in cronobs("task", "list").splitlines() if line.startswith("hourly ")), after
    assert "nothing is to come" in cronobs("task", "skip-next", "long", code=1)
    assert "did you mean hourly?" in cronobs("task", "skip-next", "hourli", code=1)


RANGE = ("--from", "2026-03-28", "--to", "2026-03-31", "--zone", "Europe/Berlin")


def a_backfill_runs_what_its_dry_run_shows():
    cronobs("task", "put", "nightly", "--schedule", "30 2,14 * * *", "--zone", "Europe/Berlin", "--queue", "idle", "--max-concurrency", "2")
    dry = cronobs("task", "backfill", "nightly", *RANGE, "--dry-run")
    times = [line[:19] for line in dry.splitlines() if line.startswith("2026-")]
    assert times == ["2026-03-28 02:30:00", "2026-03-28 14:30:00", "2026-03-29 03:00:00", "2026-03-29 14:30:00", "2026-03-30 02:30:00", "2026-03-30 14:30:00"], dry
    assert "MOVED" in dry and "6 instants, 2 at once\nNothing was sent." in dry, dry
    assert told("execution", "list", "--task", "nightly")["items"] == []
    wanted = [i["scheduled_at"] for i in told("task", "backfill", "nightly", *RANGE, "--dry-run")["items"]]
    assert cronobs("task", "backfill", "nightly", *RANGE, "--reason", "lost") == "backfill of 6 instants (revision 1)\n"
    fired = wait_for("all are there", lambda: len(found := told("execution", "list", "--task", "nightly")["items"]) == 6 and found, 30)
    assert sorted(e["scheduled_at"] for e in fired) == wanted and {e["trigger"] for e in fired} == {"BACKFILL"}, fired
    ends = ("--from", "2026-03-28T02:30", "--to", "2026-03-28T14:30", "--zone", "Europe/Berlin", "--dry-run")
    assert [i["local"][:16] for i in told("task", "backfill", "nightly", *ends)["items"]] == ["2026-03-28T02:30"]  # from the first on, up to the second
    cronobs("task", "pause", "nightly")
    assert "the task is paused" in cronobs("task", "backfill", "nightly", *RANGE, "--dry-run")


def a_long_range_is_asked_for_in_parts():
    cronobs("task", "put", "minutely", "--schedule", "* * * * *", "--zone", "UTC", "--queue", "idle")
    cronobs("task", "pause", "minutely")
    range_ = ("--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z")
    dry = cronobs("task", "backfill", "minutely", *range_, "--dry-run")
    assert "1440 instants, 1 at once; the first 1000 are shown" in dry, dry[-300:]
    part = cronobs("task", "backfill", "minutely", *range_, code=1)
    assert part.startswith("backfill of 1000 instants (revision 2)\n") and "wait already" in part, part
    rest = re.search(r"--from (\S+)", part).group(1)
    assert rest == "2026-03-01T16:39:00.000001Z", part
    begun = time.monotonic()
    waited = subprocess.run([stack.binary, "task", "backfill", "minutely", "--from", rest, "--to", "2026-03-02T00:00:00Z", "--wait", "--timeout", "3s"], text=True,
                            capture_output=True, timeout=60, env=stack.environment)
    assert waited.returncode == 1 and "wait already" in waited.stderr and time.monotonic() - begun > 2, waited


def a_part_that_nobody_has_carried_out_is_the_last():
    """The scheduler would refuse what comes before there is room, and nobody would be told."""
    cronobs("task", "put", "dense", "--schedule", "* * * * *", "--zone", "UTC", "--queue", "idle")
    range_ = ("task", "backfill", "dense", "--from", "2026-03-01T00:00:00Z", "--to", "2026-03-08T00:00:00Z")
    done = subprocess.run([stack.binary, *range_, "--timeout", "0"], text=True, capture_output=True, timeout=60, env=stack.environment)
    assert done.returncode == 69 and done.stdout.count("accepted") == 1 and "so the rest was not asked for" in done.stderr, done
    assert re.search(r"--from (\S+)", done.stderr).group(1) == "2026-03-01T16:39:00.000001Z", done
    wait_for("the first part", lambda: len(told("execution", "list", "--task", "dense", "--limit", "200")["items"]) == 200, 60)
    nothing = cronobs("task", "backfill", "dense", "--from", "2026-03-01T00:00:10Z", "--to", "2026-03-01T00:00:20Z", code=1)
    assert "no instant lies between 2026-03-01T00:00:10Z and 2026-03-01T00:00:20Z" in nothing, nothing


def an_edit_meanwhile_ends_it():
    cronobs("task", "put", "edited", "--schedule", "* * * * *", "--zone", "UTC", "--queue", "idle")
    range_ = ("task", "backfill", "edited", "--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z")
    child = subprocess.Popen([stack.binary, *range_, "--wait"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=stack.environment)
    assert child.stdout.readline() == "backfill of 1000 instants (revision 1)\n"
    cronobs("task", "put", "edited", "--patch", "--title", "another")
    _, said = child.communicate(timeout=60)
    # the API says it, or the scheduler
    assert child.returncode == 1 and re.search(r"revision.* 2\n", said) and "--from 2026-03-01T16:39:00.000001Z" in said, (child.returncode, said)


def a_range_has_two_ends_in_the_past():
    for words, says in ((("--from", "2026-03-01"), "--from and --to are needed"), (("--from", "2026-03-02", "--to", "2026-03-01"), "--to: "),
                        (("--from", "2026-03-02", "--to", "2099-01-01"), "--to: "), (("--from", "1990-01-01", "--to", "2026-03-01"), "--from: "),
                        (("--from", "x", "--to", "2026-03-01"), "--from"), ((*RANGE, "--dry-run", "--wait"), "--wait does not go with --dry-run")):
        refused = cronobs("task", "backfill", "nightly", *words, code=64)
        assert says in refused, (words, refused)
    assert "did you mean nightly?" in cronobs("task", "backfill", "nightli", *RANGE, code=1)


def who_works_is_listed():
    run = trigger("long")
    is_now(run, "RUNNING")
    table = cronobs("queue", "workers", "default")
    assert "long  RUNNING" in table and run in table and table.startswith("WORKER"), table
    one = told("queue", "workers", "default")["items"]
    assert len(one) == 1 and one[0]["running"] == 1 and one[0]["finished"] >= 3 and table.splitlines()[1].startswith(one[0]["worker"]), one
    assert cronobs("execution", "cancel", run, "--wait")
    idle = cronobs("queue", "workers", "default")
    assert "RUNNING" not in idle and one[0]["worker"] in idle, idle
    assert len(cronobs("queue", "workers", "idle").splitlines()) == 1
    unknown = cronobs("queue", "workers", "defalt", code=1)
    assert "there is no queue defalt" in unknown and "did you mean default?" in unknown, unknown


POLICIES = ("--overlap", "queue-all", "--max-concurrency", "3", "--misfire", "all", "--misfire-after", "5m", "--misfire-limit", "7", "--misfire-window", "2h",
            "--retry-attempts", "4", "--retry-delay", "30s", "--retry-multiplier", "1.5", "--retry-max-delay", "10m", "--retry-jitter", "5s", "--retry-on", "FAILED,TIMED_OUT",
            "--start-deadline", "1h", "--run-timeout", "20m", "--finish-by", "3h", "--pause-after-failures", "5", "--heartbeat", "30s")
SAID = {"overlap": "QUEUE_ALL", "max_concurrency": 3, "misfire": {"policy": "ALL", "after_ms": 300000, "window_ms": 7200000, "limit": 7},
        "retry": {"max_attempts": 4, "first_delay_ms": 30000, "max_delay_ms": 600000, "jitter_ms": 5000, "multiplier": 1.5, "on": "FAILED,TIMED_OUT"},
        "start_deadline_ms": 3600000, "run_timeout_ms": 1200000, "finish_by_ms": 10800000, "pause_after_failures": 5, "heartbeat_ms": 30000}


def every_policy_is_an_option_and_is_shown():
    put = ("task", "put", "full", "--schedule", "0 3 * * *", "--zone", "Europe/Berlin", "--queue", "idle", *POLICIES)
    assert cronobs(*put) == "created (revision 1)\n" and cronobs(*put) == "unchanged (revision 1)\n"
    spec = told("task", "show", "full")["spec"]
    assert {name: spec.get(name) for name in SAID} == SAID, spec
    said = rows("full")
    assert said["overlap"] == "QUEUE_ALL: what is due while 3 run waits", said
    assert said["misfire"] == "ALL: of what is decided 5m late the newest 7 are made up for, 2h back at most", said
    assert said["retry"] == "4 attempts, after FAILED,TIMED_OUT; the next after 30.00s, then 1.5 times that and so on, 10m at most, and up to 5.00s more", said
    assert said["start deadline"] == "1h" and said["run timeout"] == "20m" and said["finish by"] == "3h" and said["heartbeat"] == "30.00s", said
    assert said["pause after"] == "5 failures in a row", said
    for kind, words in (("allow", "ALLOW: what is due runs at the same time"), ("skip", "SKIP: what is due while 3 run is left out"),
                        ("queue-one", "QUEUE_ONE: what is due while 3 run waits, one at most"),
                        ("cancel-other", "CANCEL_OTHER: what is due while 3 run waits until the oldest is cancelled for it")):
        cronobs("task", "put", "full", "--patch", "--overlap", kind)
        assert rows("full")["overlap"] == words, rows("full")
    changes = (("--max-concurrency", "1"), ("--misfire-limit", "9"), ("--retry-delay", "1m"), ("--retry-multiplier", "2"), ("--retry-on", "FAILED"), ("--finish-by", "4h"),
               ("--pause-after-failures", "0"), ("--misfire", "none"))
    for option, value in changes:
        before = told("task", "show", "full")["spec"]
        assert "updated" in cronobs("task", "put", "full", "--patch", option, value), option
        after = told("task", "show", "full")["spec"]
        assert sum(before.get(name) != after.get(name) for name in before.keys() | after.keys()) == 1, (option, before, after)
    assert "updated" in cronobs("task", "put", "full", "--patch", "--retry-attempts", "1")
    assert told("task", "show", "full")["spec"]["retry"] == {"max_attempts": 1, "first_delay_ms": 0, "max_delay_ms": 0, "jitter_ms": 0, "multiplier": 0}, told("task", "show", "full")["spec"]
    assert "retry" not in rows("full") and rows("full")["misfire"] == "NONE: what is decided 5m late is not made up for"


def what_cannot_go_together_is_said_of_the_option():
    hourly = ("task", "put", "odd", "--schedule", "0 * * * *", "--zone", "UTC")
    for words, says in ((("--retry-delay", "1m"), "--retry-delay does nothing without --retry-attempts"),
                        (("--retry-attempts", "3", "--retry-delay", "2h", "--retry-max-delay", "1h"), "--retry-max-delay: "),
                        (("--retry-attempts", "3", "--retry-on", "SUCCEEDED"), "--retry-on: 'SUCCEEDED'"),
                        (("--retry-attempts", "3", "--retry-on", "LOST"), "--retry-on: without --heartbeat"),
                        (("--retry-attempts", "3", "--retry-multiplier", "x"), "--retry-multiplier: 'x' is no number"),
                        (("--retry-attempts", "3", "--retry-multiplier", "nan"), "--retry-multiplier: 'nan' is no number"),
                        (("--heartbeat", "10s", "--finish-by", "40s"), "--heartbeat: 4 times 10000 is not less than --finish-by, 40000"),
                        (("--retry-attempts", "3", "--retry-multiplier", "0.5"), "--retry-multiplier: 0.5 is outside 1-1000"),
                        (("--retry-attempts", "3", "--retry-delay", "2h", "--retry-max-delay", "2h", "--finish-by", "1h"), "--retry-delay: "),
                        (("--finish-by", "1h", "--start-deadline", "2h"), "--finish-by: 3600000 is less than --start-deadline"),
                        (("--retry-attempts", "101"), "--retry-attempts"), (("--max-concurrency", "0"), "--max-concurrency"),
                        (("--overlap", "sometimes"), "queue-one"), (("--pause-after-failures", "1001"), "--pause-after-failures")):
        refused = cronobs(*hourly, *words, code=64)
        assert says in refused, (words, refused)
    assert "there is no task" in cronobs("task", "show", "odd", code=1)


def a_pause_ends_by_itself():
    cronobs("task", "pause", "full", "--until", "+3s", "--reason", "a moment")
    assert rows("full")["paused until"] and rows("full")["why"] == "a moment"
    wait_for("it is resumed", lambda: told("task", "show", "full")["state"] == "ACTIVE", 30)


case.run(a_run_is_cancelled_and_retried, a_cancel_that_came_too_late_says_so, waiting_for_a_run_that_is_tried_again_goes_on, what_waits_says_for_what, the_next_instant_is_left_out,
         a_backfill_runs_what_its_dry_run_shows, a_long_range_is_asked_for_in_parts, a_part_that_nobody_has_carried_out_is_the_last, an_edit_meanwhile_ends_it, a_range_has_two_ends_in_the_past, who_works_is_listed,
         every_policy_is_an_option_and_is_shown, what_cannot_go_together_is_said_of_the_option, a_pause_ends_by_itself)
