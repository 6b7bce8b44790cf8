"""The commands for people against a live installation: tables, JSON, waiting, exit codes, words for what is wrong."""
import json
import os
import signal
import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("people", partitions=3)
stack.prepare("default")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start("worker", "work", "--shell", "--concurrency", "4")


def cronobs(*arguments, code=0, **environment):
    """What it printed, on either stream."""
    done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                          env=dict(stack.environment, TZ="Europe/Berlin", **environment))
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stdout + done.stderr


def items(*arguments):
    return json.loads(cronobs(*arguments, "--json"))["items"]


def rows(*arguments):
    return cronobs(*arguments).splitlines()[1:]


def a_task_is_put_once_and_then_unchanged():
    put = ("task", "put", "hello", "--schedule", "30 2 * * *", "--schedule", "@hourly", "--zone", "Europe/Berlin",
           "--command", "echo hello; echo oops >&2", "--label", "team=web", "--title", "Grüße 漢字", "--run-timeout", "1h30m")
    assert cronobs(*put) == "created (revision 1)\n"
    assert cronobs(*put) == "unchanged (revision 1)\n"
    spec = json.loads(cronobs("task", "show", "hello", "--json"))["spec"]
    assert spec["run_timeout_ms"] == 5400000 and spec["labels"] == {"team": "web"} and len(spec["schedules"]) == 2, spec
    shown = cronobs("task", "show", "default~hello")
    assert "Grüße 漢字" in shown and "30 2 * * *  Europe/Berlin" in shown and "1h30m" in shown, shown
    assert cronobs("task", "put", "hello", "--payload", "x", "--if-revision", "1") == "updated (revision 2)\n"
    refused = cronobs("task", "put", "hello", "--payload", "y", "--if-revision", "1", code=1)
    assert "revision" in refused, refused
    assert cronobs(*put) == "updated (revision 3)\n"


def calendars_a_window_and_jitter_are_options_too():
    put = ("task", "put", "office", "--schedule", "0 * * * *", "--zone", "Europe/Berlin", "--exclude", "weekday SAT,SUN", "--only", "hours 09:00-12:00",
           "--daily", "08:00-18:00", "--active-from", "2027-01-01", "--jitter", "30s", "--dst-gap", "skip")
    assert cronobs(*put) == "created (revision 1)\n" and cronobs(*put) == "unchanged (revision 1)\n"
    spec = json.loads(cronobs("task", "show", "office", "--json"))["spec"]
    assert spec["window"] == {"from": "2026-12-31T23:00:00Z", "daily_from": "08:00", "daily_to": "18:00", "zone": "Europe/Berlin"}, spec
    assert [(c["mode"], len(c["rules"])) for c in spec["calendars"]] == [("EXCLUDE", 2), ("ONLY", 1)] and spec["schedules"][0]["dst_gap"] == "SKIP", spec
    shown = {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in cronobs("task", "show", "office").splitlines()[1:] if "  " in line}
    assert shown["exclude"] == "weekday SAT, weekday SUN" and shown["only"] == "hours 09:00-12:00" and shown["jitter"] == "30.00s", shown
    assert shown["daily"] == "08:00-18:00  Europe/Berlin" and shown["active from"] == "2027-01-01 00:00:00", shown
    assert [line.split()[1][:2] for line in rows("upcoming", "--task", "office", "--from", "2027-01-01", "--limit", "4")] == ["09", "10", "11", "09"]
    for option, value, words in (("--exclude", "weekday", "there is no value after"), ("--only", "weekday XYZ", "--only 'weekday XYZ': "),
                                 ("--daily", "8-18", "--daily: "), ("--active-from", "soon", "--active-from")):
        refused = cronobs("task", "put", "office", "--schedule", "0 * * * *", option, value, code=64)
        assert words in refused, refused
    told = subprocess.run([stack.binary, "task", "put", "nightly", "--schedule", "30 2 * * *", "--schedule", "5/20 * * * *", "--zone", "Europe/Berlin"],
                          text=True, capture_output=True, timeout=60, env=stack.environment)
    assert told.returncode == 0 and "note: schedule 2, column 1: " in told.stderr and "note: schedule 1: " in told.stderr and "02:30" in told.stderr, told
    for key in ("office", "nightly"):
        cronobs("task", "delete", key)


def a_task_is_put_from_a_file():
    path = os.path.join(stack.folder, "task.json")
    with open(path, "w") as f:
        json.dump({"queue": "default", "payload": "from a file", "schedules": []}, f)
    assert cronobs("task", "put", "filed", path) == "created (revision 1)\n"
    assert json.loads(cronobs("task", "show", "filed", "--json"))["spec"]["payload"] == "from a file"
    assert "--payload does not go with FILE" in cronobs("task", "put", "filed", path, "--payload", "x", code=64)


def lists_are_narrowed_and_aligned():
    table = cronobs("task", "list").splitlines()
    assert table[0].split() == ["KEY", "STATE", "SCHEDULE", "QUEUE", "NEXT", "TITLE", "PAUSED"], table
    assert [row.split()[0] for row in table[1:]] == ["filed", "hello"], table
    assert "30 2 * * * Europe/Berlin (+1)" in table[2] and "by hand" in table[1], table
    assert [row.split()[0] for row in rows("task", "list", "--label", "team:web")] == ["hello"]
    assert [row.split()[0] for row in rows("task", "list", "--state", "ACTIVE,PAUSED,DELETED")] == ["filed", "hello"]
    every = "PENDING,WAITING,RUNNING,CANCELLING,RETRYING,SUCCEEDED,FAILED,TIMED_OUT,LOST,CANCELLED,MISSED,SKIPPED"
    assert rows("execution", "list", "--status", every) == rows("execution", "list")
    assert rows("task", "list", "--state", "PAUSED") == []
    assert "no task is, or was, in a project 'other'" in cronobs("task", "list", "--project", "other", code=1)


def a_trigger_is_waited_for():
    assert cronobs("task", "trigger", "hello", "--wait").splitlines()[1].startswith("SUCCEEDED after ")
    newest = items("execution", "list", "--task", "hello", "--limit", "1")[0]
    assert newest["status"] == "SUCCEEDED" and newest["trigger"] == "MANUAL" and newest["exit_code"] == 0, newest
    wait_for("its lines", lambda: cronobs("execution", "logs", newest["execution_id"]) == "hello\noops\n", 30)
    timed = cronobs("execution", "logs", newest["execution_id"], "--times").splitlines()
    assert [line.split()[2:] for line in timed] == [["STDOUT", "hello"], ["STDERR", "oops"]], timed
    pages = [json.loads(line) for line in cronobs("execution", "logs", newest["execution_id"], "--json").splitlines()]
    assert [line["seq"] for page in pages for line in page["items"]] == [1, 2], pages
    shown = cronobs("execution", "show", newest["execution_id"])
    assert "RUNNING" in shown and "SUCCEEDED" in shown and "exit code" in shown, shown


def a_failure_is_said_and_is_the_exit_code():
    cronobs("task", "put", "fails", "--command", "exit 3")
    said = cronobs("task", "trigger", "fails", "--wait", code=1)
    assert "FAILED after" in said and "exit code 3" in said, said
    row = rows("execution", "list", "--task", "fails", "--status", "FAILED")[0]
    assert row.split()[3] == "FAILED" and row.split()[5] == "3", row


def logs_are_followed_to_the_end():
    cronobs("task", "put", "slow", "--command", "for i in 1 2 3; do echo line $i; sleep 0.4; done")
    execution = json.loads(cronobs("task", "trigger", "slow", "--json"))["execution_id"]
    wait_for("it is there", lambda: items("execution", "list", "--task", "slow"), 30)
    assert cronobs("execution", "logs", execution, "--follow") == "line 1\nline 2\nline 3\n"


def a_pause_holds_and_is_lifted():
    assert cronobs("task", "pause", "hello", "--until", "+2h", "--reason", "a test") == "paused (revision 4)\n"
    assert [row.split()[:2] for row in rows("task", "list", "--state", "PAUSED")] == [["hello", "PAUSED"]]
    assert cronobs("task", "resume", "hello", "--gap", "last") == "resumed (revision 5)\n"
    assert "is not paused" in cronobs("task", "resume", "hello", code=1)


def what_is_due_is_shown_on_both_clocks():
    lines = rows("upcoming", "--task", "hello", "--from", "2027-03-28", "--to", "2027-03-28T04:00")
    # 02:30 does not exist on that day: it runs at 03:00, together with the hourly one
    assert [line.split()[1] for line in lines] == ["00:00:00", "01:00:00", "03:00:00"] and lines[2].endswith("MOVED"), lines
    all_of_them = items("upcoming", "--limit", "5")
    assert len(all_of_them) == 5 and {i["key"] for i in all_of_them} == {"hello"}, all_of_them
    utc = rows("upcoming", "--task", "hello", "--from", "2027-07-01", "--limit", "1", "--zone", "UTC")
    assert utc[0].startswith("2027-07-01 00:00:00") and "2027-07-01 02:00:00 +02:00" in utc[0], utc


def a_day_of_history_is_a_local_one():
    recent = items("execution", "list", "--from", "-1h")
    assert len(recent) >= 3, recent
    day = datetime.fromisoformat(recent[0]["scheduled_at"]).astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d")
    assert recent[0]["execution_id"] in [e["execution_id"] for e in items("execution", "list", "--day", day, "--limit", "500")]
    assert rows("execution", "list", "--day", "2001-01-01") == []


def a_command_can_be_asked_for():
    command = json.loads(cronobs("task", "trigger", "hello", "--json"))["command_id"]
    shown = cronobs("command", "show", command, "--wait")
    assert "TRIGGER_TASK" in shown and "ACCEPTED" in shown, shown


def without_a_scheduler_a_change_is_accepted_and_applied_later():
    scheduler.hold()
    scheduler.kill()
    said = cronobs("task", "pause", "hello", "--timeout", "200ms")
    assert said.startswith("accepted; it is carried out as soon as a scheduler runs (command "), said
    assert cronobs("task", "list", "--state", "PAUSED").count("\n") == 1
    scheduler.release()
    command = said.rsplit(" ", 1)[1].rstrip(")\n")
    assert "ACCEPTED" in cronobs("command", "show", command, "--wait")
    assert cronobs("task", "resume", "hello", "--wait").startswith("resumed")


def a_deletion_keeps_the_history():
    assert cronobs("task", "delete", "fails", "--reason", "enough").startswith("deleted (revision ")
    assert len(rows("execution", "list", "--task", "fails")) == 1
    assert [row.split()[0] for row in rows("task", "list", "--state", "DELETED")] == ["fails"]


def what_is_wrong_is_said_with_a_way_out():
    assert "61 is outside 0-59" in cronobs("task", "put", "bad", "--schedule", "61 * * * *", code=64)
    assert "no task default~nope" in cronobs("task", "show", "nope", code=1)
    assert "usage: cronobs task show TASK" in cronobs("task", "show", code=64)
    assert "there is no option --colour" in cronobs("task", "list", "--colour", code=64)
    assert "allowed: 1 to 500" in cronobs("task", "list", "--limit", "1000", code=64)
    assert "is no instant" in cronobs("upcoming", "--from", "soon", code=64)
    assert "Europe/Berlin" in cronobs("upcoming", "--zone", "Europe/Berlim", code=64)
    assert "there is no command 'tasks'" in cronobs("tasks", code=64)
    away = cronobs("task", "list", code=69, CRONOBS_URL=f"http://127.0.0.1:{free_port()}")
    assert "cronobs consumer" in away, away


def settings_come_from_a_file_too():
    path = os.path.join(stack.folder, "cronobs.conf")
    with open(path, "w") as f:
        f.write(f"# for every command\nurl = {stack.url}\nconsumer.batch = 17\n")
    assert len(rows("task", "list", "--config", path)) == 3
    with open(path, "a") as f:
        f.write("consumer.batches = 17\n")
    assert "cronobs.conf:4: there is no setting 'consumer.batches'" in cronobs("task", "list", "--config", path, code=64)


def a_password_is_no_text_for_others():
    secret, path = "S3c@ret?Xy/Z", os.path.join(stack.folder, "secret.conf")
    with open(path, "w") as f:
        f.write(f"database = postgresql://u:{secret}@127.0.0.1:1/d\nurl = {stack.url}\n")
    for mode, code in ((0o644, 64), (0o604, 64), (0o640, 0), (0o600, 0)):
        os.chmod(path, mode)
        said = cronobs("task", "list", "--config", path, code=code)
        assert code == 0 or "chmod o=" in said, (oct(mode), said)
        assert not pieces(secret, said), said
    for odd in (["db", "verify", "--database", f"postgresql://u:{secret}@127.0.0.1:1/d"], ["task", "list", f"u:{secret}@h"], [f"postgresql://u:{secret}@h"],
                ["task", "list", "--url", f"https://u:{secret}@h"]):
        said = cronobs(*odd, code=64)
        assert not pieces(secret, said), (odd, said)


def pieces(secret, text):
    return [secret[n:n + 4] for n in range(len(secret) - 3) if secret[n:n + 4] in text]


def a_password_among_arguments_is_not_in_the_list_of_processes():
    database = "postgresql://u:S3cretXyz@127.0.0.1:1/d"
    for given in ([f"--database={database}"], ["--database", database]):
        child = subprocess.Popen([stack.binary, "api", *given], stderr=subprocess.DEVNULL, env=dict(stack.environment, CRONOBS_API_LISTEN="127.0.0.1:0"))
        wait_for("it is overwritten", lambda: b"****" in open(f"/proc/{child.pid}/cmdline", "rb").read(), 20)
        assert not pieces("S3cretXyz", open(f"/proc/{child.pid}/cmdline").read())
        child.terminate()
        assert child.wait(30) == 0


def a_pipe_that_closes_early_does_no_harm():
    done = subprocess.run(f"'{stack.binary}' help | head -n 1", shell=True, text=True, capture_output=True)
    assert done.stdout == "usage: cronobs COMMAND ...\n" and done.stderr == "", done


def completion_knows_the_commands():
    script = ('source <("$1" completion bash); COMP_WORDS=(cronobs task list --q); COMP_CWORD=3; _cronobs; echo "${COMPREPLY[@]}"; '
              'COMP_WORDS=(cronobs exe); COMP_CWORD=1; _cronobs; echo "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", stack.binary], text=True, capture_output=True)
    assert done.stdout == "--queue\nexecution\n", done


def a_service_stops_when_told_to():
    both = subprocess.Popen([stack.binary, "consumer"], stderr=subprocess.PIPE, text=True,
                            env=dict(stack.environment, CRONOBS_API_LISTEN="127.0.0.1:0", CRONOBS_CONSUMER_INSTANCE=f"{stack.name}-both"))
    assert next(line for line in both.stderr if "api is listening" in line)
    assert next(line for line in both.stderr if "consumer started" in line)
    both.send_signal(signal.SIGTERM)
    assert both.wait(30) == 0, both.stderr.read()


def all_goes_down_in_order():
    stack.down()


case.run(a_task_is_put_once_and_then_unchanged, a_task_is_put_from_a_file, lists_are_narrowed_and_aligned, a_trigger_is_waited_for,
         a_failure_is_said_and_is_the_exit_code, logs_are_followed_to_the_end, a_pause_holds_and_is_lifted, what_is_due_is_shown_on_both_clocks,
         a_day_of_history_is_a_local_one, a_command_can_be_asked_for, without_a_scheduler_a_change_is_accepted_and_applied_later,
         a_deletion_keeps_the_history, calendars_a_window_and_jitter_are_options_too, what_is_wrong_is_said_with_a_way_out, settings_come_from_a_file_too,
         a_password_is_no_text_for_others, a_password_among_arguments_is_not_in_the_list_of_processes,
         a_pipe_that_closes_early_does_no_harm, completion_knows_the_commands, a_service_stops_when_told_to, all_goes_down_in_order)
