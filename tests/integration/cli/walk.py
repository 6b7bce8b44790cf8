"""A walk over the commands that talk to the API: each option has an effect that can be seen, each name that nothing has is an error with
the nearest one, and what the API finds wrong is said of the option that it came from."""
import json
import os
import re
import subprocess
import time

from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("walk", partitions=3)
stack.prepare("default", "reports")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start("worker", "work", "--shell")
NOBODY = "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f"


def run(*arguments, stdin="", **environment):
    return subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=120, input=stdin,
                          env=dict(stack.environment, TZ="Europe/Berlin", **environment))


def cronobs(*arguments, code=0, **more):
    done = run(*arguments, **more)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def shown(key):
    return json.loads(cronobs("task", "show", key, "--json"))


def options_of(command):
    """As help has them, without the settings."""
    text = run("help", *command.split()).stdout
    part = text.split("\nOptions:\n")[1].split("\n\n")[0] if "\nOptions:\n" in text else ""
    return [line.split()[0] for line in part.splitlines() if line.startswith("  --")]


# --- each option is used ---

def some_history():
    for key, project in (("hello", "default"), ("fails", "default"), ("report", "shop")):
        command = "exit 3" if key == "fails" else "echo hello; echo oops >&2"
        cronobs("task", "put", key, "--project", project, "--command", command, "--label", f"team={key}", "--title", "Somebody's", "--schedule", "30 2 1 1 *",
                "--queue", "default")
    cronobs("task", "put", "rests", "--queue", "reports", "--schedule", "@hourly")
    cronobs("task", "pause", "rests")
    for key in ("hello", "fails", "shop~report"):
        cronobs("task", "trigger", key, "--wait", code=1 if key == "fails" else 0)
    execution = json.loads(cronobs("execution", "list", "--task", "hello", "--json"))["items"][0]["execution_id"]
    wait_for("its lines", lambda: cronobs("execution", "logs", execution) == "hello\noops\n", 30)
    return execution


def reads(execution, command_id):
    """Per command: operands, and for each option what is given with it so that the answer must be another one."""
    return {
        "task list": ([], {"--json": [], "--zone": ["Asia/Tokyo"], "--label": ["team=hello"], "--limit": ["1"], "--project": ["shop"], "--queue": ["reports"],
                           "--state": ["PAUSED"]}),
        "task show": (["hello"], {"--json": [], "--zone": ["Asia/Tokyo"], "--project": ["shop"]}),
        "task gaps": (["rests"], {"--json": [], "--zone": None, "--project": ["shop"], "--limit": None}),
        "execution list": ([], {"--json": [], "--zone": ["Asia/Tokyo"], "--day": ["2001-01-01"], "--from": ["+1h"], "--limit": ["1"], "--queue": ["reports"],
                                "--project": ["shop", "--task", "report"], "--status": ["FAILED"], "--task": ["fails"], "--to": ["-1h"]}),
        "execution show": ([execution], {"--json": [], "--zone": ["Asia/Tokyo"]}),
        "execution logs": ([execution], {"--json": [], "--zone": ["Asia/Tokyo", "--times"], "--times": [], "--level": ["ERROR"], "--follow": None}),
        "upcoming": ([], {"--json": [], "--zone": ["Asia/Tokyo"], "--from": ["+400d"], "--limit": ["1"], "--project": ["shop"], "--task": ["fails"],
                          "--to": ["+1m"]}),
        "command show": ([command_id], {"--json": [], "--zone": ["Asia/Tokyo"], "--wait": None}),
        "dead-letter list": ([], {"--json": [], "--zone": ["Asia/Tokyo"], "--from": ["+1h"], "--limit": ["1"], "--partition": ["1"], "--topic": ["commands"],
                                  "--reason": ["misplaced"], "--to": ["-1h"]}),
        "dead-letter show": (["status", "0", None], {"--json": [], "--zone": ["Asia/Tokyo"]}),
    }


def dead_letters():
    """Something in the log that nobody can use: two of it."""
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": stack.brokers})
    for value in (b"\x00not a record", b"nor this"):
        producer.produce(f"{stack.prefix}status", value, partition=0, key=b"k")
    assert producer.flush(30) == 0
    return wait_for("two dead letters", lambda: (lambda items: items if len(items) == 2 else None)(
        json.loads(cronobs("dead-letter", "list", "--json"))["items"]), 30)


def every_option_that_asks_changes_the_answer():
    execution = some_history()
    command_id = json.loads(cronobs("task", "trigger", "hello", "--json"))["command_id"]
    letters, seen = dead_letters(), 0
    for command, (operands, options) in reads(execution, command_id).items():
        operands = [str(letters[0]["offset"]) if word is None else word for word in operands]
        assert sorted(options_of(command)) == sorted(options), (command, sorted(options_of(command)), sorted(options))
        for option, value in options.items():
            if value is None:
                continue  # below, where there is something that it concerns
            rest = value[1:] if option != "--times" else []
            rest = [] if option == "--project" else rest  # --task does nothing for it alone
            without, given = run(*command.split(), *operands, *rest), run(*command.split(), *operands, option, *value)
            assert (without.returncode, without.stdout) != (given.returncode, given.stdout), (command, option, value, given)
            assert given.returncode == 0 or option == "--project", (command, option, given)
            seen += 1
    return f"{seen} options"


def every_option_of_an_operator_changes_something():
    """Of topics and tables; that all of them talk to --brokers and --database is seen in descriptors.py."""
    queues, seen = ["--queue", "default", "--queue", "reports"], 0
    for command, base, options in (
            ("topics plan", queues, {"--queue": ["extra"], "--state-segment": ["1h"], "--partitions": ["4"], "--topic-prefix": ["other."], "--topic-replication": ["2"]}),
            ("db verify", [], {"--expect": ["0" * 64], "--database-schema": ["nowhere"]})):
        without = run(*command.split(), *base)
        assert without.returncode == 0, without
        for option, value in options.items():
            given = run(*command.split(), *base, option, *value)
            assert (given.returncode, given.stdout) != (0, without.stdout), (command, option, given)
            seen += 1
    for number, (option, value, other) in enumerate((("--queue", "made", "unmade"), ("--state-segment", "1h", "2h"), ("--partitions", "2", "4"))):
        prefix = ["--topic-prefix", f"{stack.prefix}{number}."]
        assert run("topics", "apply", *prefix, option, value).returncode == 0
        assert "as they should be" in cronobs("topics", "plan", *prefix, option, value), option
        assert "as they should be" not in run("topics", "plan", *prefix, option, other).stdout, option
        seen += 2  # the prefix, too
    assert run("topics", "apply", "--topic-prefix", f"{stack.prefix}9.", "--topic-replication", "2").returncode != 0, "there is one broker"
    return f"{seen + 1} options"


SPEC = {  # what each option of `task put` makes of a task; None: what it does is no part of the task
    "--active-from": ("2027-01-01", lambda s: s["window"]["from"] == "2026-12-31T23:00:00Z"),
    "--active-until": ("2028-01-01", lambda s: s["window"]["until"] == "2027-12-31T23:00:00Z"),
    "--command": ("echo x", lambda s: json.loads(s["payload"]) == {"command": "echo x"}),
    "--content-type": ("text/plain", lambda s: s["content_type"] == "text/plain"),
    "--daily": ("00:00-18:00", lambda s: s["window"]["daily_to"] == "18:00"),
    "--daily-zone": ("Asia/Tokyo", lambda s: s["window"]["zone"] == "Asia/Tokyo"),
    "--dialect": ("vixie", lambda s: s["schedules"][0]["dialect"] == "VIXIE"),
    "--dst-gap": ("skip", lambda s: s["schedules"][0]["dst_gap"] == "SKIP"),
    "--dst-overlap": ("both", lambda s: s["schedules"][0]["dst_overlap"] == "BOTH"),
    "--exclude": ("weekday SAT", lambda s: s["calendars"][0]["mode"] == "EXCLUDE"),
    "--heartbeat": ("1m", lambda s: s["heartbeat_ms"] == 60000),
    "--finish-by": ("2d", lambda s: s["finish_by_ms"] == 172800000),
    "--jitter": ("5m", lambda s: s["jitter_ms"] == 300000),
    "--label": ("team=web", lambda s: s["labels"] == {"team": "web"}),
    "--max-concurrency": ("3", lambda s: s["max_concurrency"] == 3),
    "--misfire": ("all", lambda s: s["misfire"]["policy"] == "ALL"),
    "--misfire-after": ("5m", lambda s: s["misfire"]["after_ms"] == 300000),
    "--misfire-limit": ("7", lambda s: s["misfire"]["limit"] == 7),
    "--misfire-window": ("2h", lambda s: s["misfire"]["window_ms"] == 7200000),
    "--pause-after-failures": ("3", lambda s: s["pause_after_failures"] == 3),
    "--retry-attempts": ("4", lambda s: s["retry"]["max_attempts"] == 4),
    "--retry-delay": ("30s", lambda s: s["retry"]["first_delay_ms"] == 30000),
    "--retry-jitter": ("5s", lambda s: s["retry"]["jitter_ms"] == 5000),
    "--retry-max-delay": ("2h", lambda s: s["retry"]["max_delay_ms"] == 7200000),
    "--retry-multiplier": ("1.5", lambda s: s["retry"]["multiplier"] == 1.5),
    "--retry-on": ("FAILED", lambda s: s["retry"]["on"] == "FAILED"),
    "--only": ("weekday MON", lambda s: s["calendars"][0]["mode"] == "ONLY"),
    "--overlap": ("skip", lambda s: s["overlap"] == "SKIP"),
    "--payload": ("hello", lambda s: s["payload"] == "hello"),
    "--payload-file": ("-", lambda s: s["payload"] == "from stdin"),
    "--queue": ("reports", lambda s: s["queue"] == "reports"),
    "--run-timeout": ("1h", lambda s: s["run_timeout_ms"] == 3600000),
    "--schedule": ("0 7 * * *", lambda s: s["schedules"][-1]["expression"] == "0 7 * * *"),
    "--shell": ("/bin/bash", lambda s: json.loads(s["payload"])["shell"] == "/bin/bash"),
    "--start-deadline": ("1h", lambda s: s["start_deadline_ms"] == 3600000),
    "--then": ("another:failed", lambda s: s["then"][0]["on"] == "FAILED"),
    "--title": ("A name", lambda s: s["title"] == "A name"),
    "--zone": ("Asia/Tokyo", lambda s: s["schedules"][0]["zone"] == "Asia/Tokyo"),
    "--if-revision": None, "--json": None, "--patch": None, "--project": None, "--timeout": None, "--wait": None,
}
NEEDS = {"--daily-zone": ["--daily", "00:00-23:00"], "--shell": ["--command", "echo x"],
         **{option: ["--retry-attempts", "2"] for option in SPEC if option.startswith("--retry") and option != "--retry-attempts"}}


def every_option_of_put_is_in_the_task():
    assert sorted(options_of("task put")) == sorted(SPEC), options_of("task put")
    for option, check in SPEC.items():
        if check is None:
            continue
        value, holds = check
        base = ["task", "put", "walked", "--schedule", "30 2 1 1 *", *NEEDS.get(option, [])]
        cronobs(*base)
        assert not safely(holds, shown("walked")["spec"]), (option, "holds without it")
        cronobs(*base, option, value, stdin="from stdin")
        assert holds(shown("walked")["spec"]), (option, shown("walked")["spec"])


def safely(holds, spec):
    try:
        return holds(spec)
    except (KeyError, IndexError, ValueError):
        return False


def a_patch_changes_what_is_given_and_nothing_else():
    whole = ["task", "put", "patched", "--schedule", "30 2 * * *", "--schedule", "0 12 * * *", "--zone", "Europe/Paris", "--dst-gap", "skip",
             "--exclude", "weekday SAT", "--only", "hours 00:00-20:00", "--daily", "01:00-20:00", "--active-from", "2026-01-01", "--label", "team=web",
             "--title", "A name", "--jitter", "5m", "--run-timeout", "1h", "--overlap", "skip", "--misfire", "all", "--command", "echo x", "--queue", "reports",
             "--retry-attempts", "2"]
    for option, check in SPEC.items():
        if check is None or option in ("--shell", "--daily-zone"):
            continue
        cronobs(*whole)
        before = shown("patched")["spec"]
        said = cronobs("task", "put", "patched", "--patch", option, patch_value(option), stdin='{"command": "echo y"}')
        after = shown("patched")["spec"]
        changed = {name for name in set(before) | set(after) if before.get(name) != after.get(name)}
        assert changed == member_of(option), (option, changed, said)
    cronobs(*whole)
    before = shown("patched")["spec"]
    cronobs("task", "put", "patched", "--patch", "--exclude", "weekday SUN")
    after = shown("patched")["spec"]
    assert [c["rules"][0]["value"] for c in after["calendars"]] == ["SUN", "00:00-20:00"], after["calendars"]
    cronobs("task", "put", "patched", "--patch", "--schedule", "15 3 * * *")
    after = shown("patched")["spec"]["schedules"]
    assert [(s["expression"], s["zone"], s["dst_gap"]) for s in after] == [("15 3 * * *", "Europe/Paris", "SKIP")], after
    assert cronobs("task", "put", "patched", "--patch", "--schedule", "15 3 * * *").startswith("unchanged")
    cronobs("task", "put", "patched", "-", "--patch", stdin='{"jitter_ms": null, "labels": {"team": null, "for": "all"}}')
    after = shown("patched")["spec"]
    assert after.get("jitter_ms", 0) == 0 and after["labels"] == {"for": "all"} and after["title"] == "A name", after
    assert "there is nothing that it changes" in cronobs("task", "put", "patched", "--patch", code=64)
    assert "did you mean patched?" in cronobs("task", "put", "pathced", "--patch", "--title", "x", code=1)
    assert "--schedule '61 * * * *': " in cronobs("task", "put", "patched", "--patch", "--schedule", "61 * * * *", code=64)
    revision = shown("patched")["revision"]
    cronobs("task", "put", "patched", "--patch", "--title", "x", "--if-revision", str(revision - 1), code=1)
    assert cronobs("task", "put", shown("patched")["task_id"], "--patch", "--title", "by its id").startswith("updated")


def patch_value(option):
    other = {"--command": "echo y", "--queue": "default", "--dst-gap": "run-after", "--exclude": "weekday SUN", "--only": "hours 00:00-19:00", "--label": "more=x",
             "--title": "Another", "--jitter": "0s", "--run-timeout": "2h", "--overlap": "allow", "--misfire": "none", "--payload": '{"command": "echo y"}',
             "--daily": "02:00-20:00"}
    return other.get(option, SPEC[option][0])


def member_of(option):
    members = {"--active-from": "window", "--active-until": "window", "--command": "payload", "--content-type": "content_type", "--daily": "window",
               "--payload-file": "payload", "--exclude": "calendars", "--only": "calendars", "--heartbeat": "heartbeat_ms", "--jitter": "jitter_ms", "--label": "labels",
               "--run-timeout": "run_timeout_ms", "--start-deadline": "start_deadline_ms", "--finish-by": "finish_by_ms", "--max-concurrency": "max_concurrency",
               "--pause-after-failures": "pause_after_failures"}
    if option in ("--dialect", "--dst-gap", "--dst-overlap", "--schedule", "--zone"):
        return {"schedules"}
    if option.startswith(("--misfire", "--retry")):
        return {option[2:].split("-")[0]}
    return {members.get(option, option[2:])}


# --- what is unknown ---

def a_name_that_nothing_has_is_an_error_with_the_nearest():
    for arguments, said in (
            (["task", "show", "helo"], "did you mean hello?"), (["task", "show", "report"], "did you mean shop~report?"),
            (["task", "show", "repotr", "--project", "shop"], "did you mean shop~report?"), (["task", "gaps", "helo"], "did you mean hello?"),
            (["task", "pause", "helo"], "did you mean hello?"), (["task", "resume", "helo"], "did you mean hello?"),
            (["task", "trigger", "helo", "--wait"], "did you mean hello?"), (["task", "delete", "helo"], "did you mean hello?"),
            (["task", "list", "--project", "shpo"], "did you mean shop?"), (["task", "list", "--queue", "report"], "did you mean reports?"),
            (["execution", "list", "--task", "helo"], "did you mean hello?"), (["execution", "list", "--queue", "defualt"], "did you mean default?"),
            (["upcoming", "--task", "helo"], "did you mean hello?"), (["upcoming", "--project", "shopp"], "did you mean shop?"),
            (["execution", "show", NOBODY], "there is no execution"), (["execution", "logs", NOBODY], "there is no execution"),
            (["execution", "logs", NOBODY, "--follow"], "there is no execution"), (["command", "show", NOBODY], "there is no command"),
            (["dead-letter", "show", "status", "0", "123456"], "there is no dead letter")):
        assert said in cronobs(*arguments, code=1), (arguments, cronobs(*arguments, code=1))
    assert cronobs("task", "list", "--label", "team=nobody") == cronobs("task", "list", "--state", "DELETED"), "a filter that finds nothing is an answer"


def a_value_that_means_nothing_is_said_with_its_option():
    execution = json.loads(cronobs("execution", "list", "--json"))["items"][0]["execution_id"]
    for arguments, *said in (
            (["task", "list", "--state", "PUASED"], "--state: ", "did you mean PAUSED?"), (["task", "list", "--label", "team"], "--label: "),
            (["execution", "list", "--status", "FAILED,RUNING"], "--status: ", "did you mean RUNNING?"), (["execution", "list", "--day", "2026-13-01"], "--day: "),
            (["execution", "list", "--from", "soon"], "--from: "), (["execution", "list", "--to", "later"], "--to: "),
            (["execution", "list", "--from", "2026-01-02", "--to", "2026-01-01"], "--from, --to: "), (["upcoming", "--from", "soon"], "--from: "),
            (["execution", "logs", execution, "--level", "WARNN"], "--level: ", "did you mean WARN?"), (["execution", "logs", "hello"], "ID: ", "execution list --task hello"),
            (["execution", "show", "hello"], "ID: "), (["command", "show", "hello"], "ID: "), (["task", "list", "--zone", "Europe/Berlim"], "--zone: ", "Europe/Berlin"),
            (["dead-letter", "list", "--reason", "undecodabel"], "--reason: ", "did you mean undecodable?"),
            (["dead-letter", "list", "--topic", "stauts"], "--topic: ", "did you mean status?"),
            (["dead-letter", "show", "status", "zero", "1"], "PARTITION: "), (["dead-letter", "show", "status", "0", "x"], "OFFSET: "),
            (["task", "pause", "hello", "--until", "2020-01-01"], "--until: ", "has passed"), (["task", "pause", "hello", "--until", "-2h"], "--until: "),
            (["task", "show", "shop~report", "--project", "shop"], "--project does not go with"),
            (["task", "trigger", "hello", "--wait", "--timeout", "0s"], "--wait does not go with"),
            (["task", "trigger", "hello", "--payload", "no command"], "--payload: ", "no command that could be run")):
        text = cronobs(*arguments, code=64)
        assert all(words in text for words in said) and not speaks_json(text), (arguments, text)


def speaks_json(text):
    return re.search(r"(^|\s)/?(schedules|calendars|labels|window)/|_ms\b|/v1/|JSON pointer|daily_from", text)


def what_the_api_finds_wrong_is_said_of_the_option():
    put = ["task", "put", "wrong"]
    for arguments, *said in (
            (["--schedule", "0 7 * * *", "--schedule", "61 * * * *"], "--schedule '61 * * * *': ", "\n  61 * * * *\n  ^"),
            (["--schedule", "0 7 * * *", "--zone", "Europe/Berlim"], "--zone: ", "Europe/Berlin"),
            (["--schedule", "0 7 * * *", "--exclude", "weekday SAT", "--only", "weekday XYZ"], "--only 'weekday XYZ': "),
            (["--schedule", "0 7 * * *", "--exclude", "weekday SAT", "--exclude", "date 2026-13-01"], "--exclude 'date 2026-13-01': "),
            (["--schedule", "0 7 * * *", "--daily", "8-18"], "--daily: "), (["--schedule", "0 7 * * *", "--daily", "08:00-25:00"], "--daily: "),
            (["--schedule", "0 7 * * *", "--daily", "08:00-18:00", "--daily-zone", "Nowhere"], "--daily-zone: "),
            (["--schedule", "0 7 * * *", "--active-from", "2028-01-01", "--active-until", "2027-01-01"], "--active-"),
            (["--schedule", "0 7 * * *", "--active-from", "soon"], "--active-from: "),
            (["--queue", "Not A Name"], "--queue: "), (["--label", "team"], "--label: "), (["--label", "a=1", "--label", "a=2"], "--label: "),
            (["--label", "a=" + "x" * 5000], "--label: "), (["--title", "x" * 501], "title (--title): "), (["--content-type", "ü"], "--content-type: "),
            (["--payload-file", "/nowhere"], "/nowhere"), (["--command", " \t"], "--command: "), (["--if-revision", "x", "--payload", "x"], "--if-revision"),
            (["--content-type", "application/vnd.cronobs.command+json", "--payload", "{}"], "--payload: ")):
        text = cronobs(*put, *arguments, code=64)
        assert all(words in text for words in said) and not speaks_json(text), (arguments, text)
    assert "TASK: " in cronobs("task", "put", "Not A Name", "--payload", "x", code=64)
    cronobs("task", "show", "wrong", code=1)  # nothing of it was saved


def a_file_keeps_its_own_names():
    path = os.path.join(stack.folder, "task.json")
    for text, said in (('{"queue": "default", "schedules": [{"expression": "61 * * * *"}]}', "schedules/0/expression: "), ('{"quue": "default"}', "did you mean"),
                       ('{"queue": "default", "content_type": "application/vnd.cronobs.command+json", "payload": "{\\"command\\": \\"\\"}"}', "is empty"),
                       ("no JSON", "")):
        with open(path, "w") as f:
            f.write(text)
        told = cronobs("task", "put", "filed", path, code=64)
        assert path in told and said in told, (text, told)


# --- what is known is shown ---

def who_paused_why_and_until_when():
    day = f"{time.gmtime().tm_year + 2}-05-06"
    cronobs("task", "pause", "hello", "--reason", "the mill is flooded", "--until", f"{day}T07:08")
    text = wait_for("the pause's command is read, too", lambda: said if "why " in (said := cronobs("task", "show", "hello")) else None, 30)
    row = {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in text.splitlines() if "  " in line}
    assert row["why"] == "the mill is flooded" and row["paused until"] == f"{day} 07:08:00" and row["paused by"] == "api", text
    listed = cronobs("task", "list", "--state", "PAUSED")
    assert f"by api until {day} 07:08:00: the mill is flooded" in listed and listed.splitlines()[0].endswith("PAUSED"), listed
    cronobs("task", "resume", "hello")
    assert "the mill is flooded" not in cronobs("task", "list")
    assert "paused until" not in cronobs("task", "show", "hello")
    assert "it is resumed" in cronobs("task", "show", "rests")


def what_was_not_fired_stands_between_the_executions():
    cronobs("task", "put", "often", "--schedule", "* * * * * *", "--command", "true")
    fired = wait_for("it fires", lambda: json.loads(cronobs("execution", "list", "--task", "often", "--json"))["items"], 30)
    cronobs("task", "pause", "often")
    before = json.loads(cronobs("execution", "list", "--task", "often", "--json"))["items"][0]["scheduled_at"]
    wait_for("some seconds pass", lambda: time.time() > time.mktime(time.strptime(before, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone + 4, 30)
    cronobs("task", "resume", "often")
    gaps = wait_for("a gap", lambda: json.loads(cronobs("task", "gaps", "often", "--json"))["items"], 30)
    assert gaps[0]["reason"] == "PAUSED" and gaps[0]["count"] >= 2, gaps
    wait_for("it fires again", lambda: json.loads(cronobs("execution", "list", "--task", "often", "--limit", "1", "--json"))["items"][0]["scheduled_at"] > gaps[0]["to_at"], 30)
    cronobs("task", "pause", "often")
    table = cronobs("execution", "list", "--task", "often", "--limit", "500").splitlines()
    at = [n for n, line in enumerate(table) if "NOT FIRED (PAUSED)" in line]
    assert len(at) == 1 and 1 < at[0] < len(table) - 1 and f"{gaps[0]['count']} instants" in table[at[0]], table
    assert [line[:19] for line in table[1:]] == sorted((line[:19] for line in table[1:]), reverse=True), table
    own = cronobs("task", "gaps", "often").splitlines()
    assert own[0].split() == ["FROM", "(AFTER)", "TO", "INSTANTS", "WHY", "REVISION"] and "PAUSED" in own[1], own
    assert cronobs("task", "gaps", "often", "--zone", "Asia/Tokyo") != "\n".join(own) + "\n"
    assert "NOT FIRED" not in cronobs("execution", "list", "--task", "often", "--status", "SUCCEEDED")
    assert "NOT FIRED" not in cronobs("execution", "list", "--task", "often", "--day", "2001-01-01")
    assert fired


# --- waiting ---

def held_up(key, *options):
    child = subprocess.Popen([stack.binary, "task", "trigger", key, "--wait", *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=stack.environment)
    first = child.stdout.readline()  # the id is there at once, also in a pipe
    assert first.startswith("triggered: execution "), (first, child.poll(), child.stderr.read() if child.poll() is not None else "")
    return child, first.split()[-1]


def waiting_goes_on_over_a_restart_of_the_server():
    stop = os.path.join(stack.folder, "stop")
    cronobs("task", "put", "long", "--command", f"echo begun; until test -e {stop}; do sleep 0.1; done; echo done")
    child, execution = held_up("long")
    follower = subprocess.Popen([stack.binary, "execution", "logs", execution, "--follow"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=stack.environment) if wait_for("it runs", lambda: "RUNNING" in run("execution", "show", execution).stdout, 30) else None
    assert follower.stdout.readline() == "begun\n"
    api.hold()
    api.kill()
    assert "waiting on" in child.stderr.readline()
    assert child.poll() is None
    api.release()
    wait_for("the API is back", stack.api_answers, 30)
    with open(stop, "w"):
        pass
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0 and out.startswith("SUCCEEDED after "), (child.returncode, out, err)
    out, err = follower.communicate(timeout=60)
    assert follower.returncode == 0 and out == "done\n", (follower.returncode, out, err)


def waiting_ends_at_its_deadline_and_the_run_goes_on():
    stop = os.path.join(stack.folder, "stop2")
    cronobs("task", "put", "longer", "--command", f"until test -e {stop}; do sleep 0.1; done")
    child, execution = held_up("longer", "--timeout", "2s")
    out, err = child.communicate(timeout=60)
    assert child.returncode == 69 and "has not ended yet" in err and f"cronobs execution show {execution}" in err, (child.returncode, out, err)
    child, execution2 = held_up("longer", "--ignore-overlap")
    child.send_signal(2)
    out, err = child.communicate(timeout=60)
    assert child.returncode == -2 and f"cronobs execution show {execution2}" in err, (child.returncode, out, err)
    with open(stop, "w"):
        pass
    wait_for("both end", lambda: all("SUCCEEDED" in cronobs("execution", "show", e) for e in (execution, execution2)), 30)


def without_a_server_nothing_is_waited_for():
    began = time.monotonic()
    text = cronobs("task", "trigger", "hello", "--wait", code=69, CRONOBS_URL=f"http://127.0.0.1:{free_port()}")
    assert "could not reach" in text and time.monotonic() - began < 30, text


def a_wait_for_a_scheduler_has_an_end():
    scheduler.hold()
    scheduler.kill()
    began = time.monotonic()
    text = cronobs("task", "pause", "fails", "--wait", "--timeout", "1s", code=69)
    assert time.monotonic() - began < 30, "the deadline is the server's too"
    assert "not carried out yet" in text and "cronobs command show " in text, text
    scheduler.release()
    command = re.search(r"command show (\S+)", text).group(1)
    assert "ACCEPTED" in cronobs("command", "show", command, "--wait")


def all_goes_down_in_order():
    stack.down()


case.run(every_option_that_asks_changes_the_answer, every_option_of_an_operator_changes_something, every_option_of_put_is_in_the_task, a_patch_changes_what_is_given_and_nothing_else,
         a_name_that_nothing_has_is_an_error_with_the_nearest, a_value_that_means_nothing_is_said_with_its_option,
         what_the_api_finds_wrong_is_said_of_the_option, a_file_keeps_its_own_names, who_paused_why_and_until_when,
         what_was_not_fired_stands_between_the_executions, waiting_goes_on_over_a_restart_of_the_server, waiting_ends_at_its_deadline_and_the_run_goes_on,
         without_a_server_nothing_is_waited_for, a_wait_for_a_scheduler_has_an_end, all_goes_down_in_order)
