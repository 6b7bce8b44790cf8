"""`cronobs run` against a live installation: the command is untouched, and its run is in the history, also when the brokers were away."""
import glob
import json
import os
import signal
import stat
import subprocess
import tempfile
import time
import urllib.request
import uuid

from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("run", partitions=3)
stack.prepare("default")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
spool = os.path.join(stack.environment["CRONOBS_STATE_DIR"], "spool")
AWAY = {"CRONOBS_BROKERS": f"127.0.0.1:{free_port()}", "CRONOBS_SEND_TIMEOUT": "300ms"}


def arguments_of(task, command, options=()):
    return [stack.binary, "run", "--task", task, *options, "--", *command]


def run(task, *command, options=(), stdin=b"", **environment):
    return subprocess.run(arguments_of(task, command, options), input=stdin, capture_output=True, timeout=120, env=dict(stack.environment, **environment))


def shell(task, script, **more):
    return run(task, "sh", "-c", script, **more)


def begin(task, script, options=(), **environment):
    return subprocess.Popen(arguments_of(task, ["sh", "-c", script], options), env=dict(stack.environment, **environment), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def cronobs(*arguments):
    return stack.run(*arguments).stdout


class Found(dict):
    def __missing__(self, name):  # what the API leaves out
        return None


def executions(task):
    return [Found(x) for x in json.loads(stack.run("execution", "list", "--task", task, "--json", check=False).stdout)["items"]]


def ended(task, count=1):
    """The runs of the task, when so many of them are over; the newest first."""
    return wait_for(f"{count} runs of {task} are over", lambda: len(found := [x for x in executions(task) if x["finished_at"]]) == count and found)


def running(task):
    return wait_for(f"a run of {task}", lambda: next((x for x in executions(task) if x["status"] == "RUNNING"), None))


def asked(execution, path):
    with urllib.request.urlopen(f"{stack.url}/v1/executions/{execution['execution_id']}/{path}", timeout=30) as answer:
        return json.load(answer)["items"]


def lines(execution, first=1):
    return [x["message"] for x in asked(execution, f"logs?line={first}&limit=500")]


def has_lines(execution, count):
    """Of one writer, each once, without a gap."""
    wait_for(f"{count} lines", lambda: [x["lines"] for x in asked(execution, "logs:writers")] == [count])
    assert len(set(x for n in range(1, count, 500) for x in lines(execution, n))) == count


def waiting(folder=spool):
    return sorted(glob.glob(f"{folder}/*.run"))


# --- the command ---


def what_goes_in_and_comes_out_is_untouched():
    script = "printf '%s|' \"$@\"; cat; printf 'no end\\377\\000' ; echo err >&2; exit 3"
    done = run("bytes", "sh", "-c", script, "name", "a b", "", "ü", stdin=b"\x00\xffin\n")
    assert done.returncode == 3, done
    assert done.stdout == "a b||ü|".encode() + b"\x00\xffin\nno end\xff\x00", done.stdout
    assert done.stderr == b"err\n", done.stderr
    found = ended("bytes")[0]
    assert (found["status"], found["trigger"], found["exit_code"], found["reason"]) == ("FAILED", "EXTERNAL", 3, "EXIT_CODE"), found
    assert "err" in lines(found), lines(found)
    assert not waiting()


def much_of_it_is_not_lost_on_the_way():
    script = "i=0; while [ $i -lt 3000 ]; do echo line $i of a command that prints a lot; i=$((i + 1)); done"
    done = shell("much", script)
    assert done.returncode == 0 and done.stdout.count(b"\n") == 3000, (done.returncode, len(done.stdout))
    has_lines(ended("much")[0], 3000)


def exit_codes_and_signals_are_kept():
    for script, code in (("exit 0", 0), ("exit 255", 255), ("kill -TERM $$", -signal.SIGTERM), ("kill -KILL $$", -signal.SIGKILL),
                         ("kill -SEGV $$", -signal.SIGSEGV)):
        assert shell("codes", script).returncode == code, script
    assert run("codes", "/nonexistent").returncode == 127
    assert run("codes", "/").returncode == 126
    found = ended("codes", 7)
    assert [x["status"] for x in found] == ["FAILED"] * 6 + ["SUCCEEDED"], found
    assert [x["exit_code"] for x in found] == [126, 127, None, None, None, 255, 0], found


def signals_are_passed_on():
    script = "trap 'echo usr1' USR1; trap 'echo term; exit 7' TERM; echo begun; while :; do sleep 0.05; done"
    child = begin("signals", script)
    assert child.stdout.readline() == b"begun\n"
    child.send_signal(signal.SIGUSR1)
    assert child.stdout.readline() == b"usr1\n"
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (7, b"term\n"), (child.returncode, out, err)
    assert ended("signals")[0]["exit_code"] == 7


def whoever_stops_reading_ends_the_command_as_without_us():
    reader = subprocess.run(["sh", "-c", '"$@" | head -c 5', "sh", *arguments_of("pipe", ["yes"])], env=stack.environment, stdin=subprocess.DEVNULL,
                            capture_output=True, timeout=60)
    assert reader.stdout == b"y\ny\ny", reader.stdout
    assert ended("pipe")[0]["reason"] == "SIGNAL"


def it_knows_which_run_it_is():
    done = shell("knows", "echo $CRONOBS_EXECUTION_ID $CRONOBS_TASK_KEY $CRONOBS_TRIGGER $CRONOBS_BROKERS")
    assert done.stdout.decode().split() == [ended("knows")[0]["execution_id"], "knows", "EXTERNAL"], done.stdout


def a_timeout_ends_it():
    done = shell("slow", "echo begun; exec sleep 60", options=["--timeout", "300ms"])
    assert done.returncode == -signal.SIGTERM and done.stdout == b"begun\n" and not done.stderr, done
    found = ended("slow")[0]
    assert (found["status"], found["reason"]) == ("FAILED", "RUN_TIMEOUT"), found


def it_says_how_far_it_is():
    child = begin("far", "echo '40 loading' >&3; exec sleep 60", ["--heartbeat", "1s"])
    wait_for("progress", lambda: running("far").get("progress") == 40)
    assert running("far")["progress_message"] == "loading"
    os.kill(child.pid, signal.SIGTERM)
    child.communicate(timeout=60)
    ended("far")


# --- the spool ---


def without_brokers_the_run_waits_and_the_next_one_sends_it():
    done = shell("away", "echo one; echo two >&2; exit 5", **AWAY)
    assert (done.returncode, done.stdout, done.stderr) == (5, b"one\n", b"two\n"), done
    assert [stat.S_IMODE(os.stat(x).st_mode) for x in (spool, *waiting())] == [0o700, 0o600], waiting()
    assert not executions("away")
    assert shell("away", "echo three").returncode == 0
    found = ended("away", 2)
    assert [x["exit_code"] for x in found] == [0, 5] and [lines(x) for x in found] == [["three"], ["one", "two"]], found
    assert not waiting()


def whoever_is_killed_while_it_sends_has_sent_nothing_twice():
    script = "i=0; while [ $i -lt 2500 ]; do echo line $i; i=$((i + 1)); done"
    for _ in range(4):
        assert shell("again", script, **AWAY).returncode == 0
    assert len(waiting()) == 4
    for n in range(8):
        child = begin("sender", "exec sleep 8")
        time.sleep(0.04 * n)  # wherever it is then
        child.kill()
        child.wait()
    assert shell("sender", "true", options=["--send-timeout", "60s"]).returncode == 0
    assert not waiting()
    for found in ended("again", 4):
        has_lines(found, 2500)
        assert not found["contradicted"], found


def a_run_that_was_killed_is_told_of_by_the_next_one():
    child = begin("killed", "echo begun; exec sleep 8")
    assert child.stdout.readline() == b"begun\n"
    run_of = running("killed")
    child.kill()
    child.wait()
    assert len(waiting()) == 1
    assert shell("other", "true").returncode == 0
    found = ended("killed")[0]
    assert (found["execution_id"], found["status"], found["reason"]) == (run_of["execution_id"], "FAILED", "WORKER_ERROR"), found
    assert "killed before it ended" in found["message"] and not waiting(), found


def what_is_broken_is_set_aside_and_stops_nothing():
    assert shell("sound", "echo sound", **AWAY).returncode == 0
    name = f"{spool}/00000000-0000-8000-8000-{uuid.uuid4().hex[:12]}.run"
    with open(name, "wb") as file:
        file.write(b"cronobs-spool 1 nonsense")
    done = shell("other", "true")
    assert done.returncode == 0 and b"set " in done.stderr and b".broken" in done.stderr, done
    assert lines(ended("sound")[0]) == ["sound"]
    assert not waiting() and os.path.exists(name + ".broken")
    os.unlink(name + ".broken")


def a_spool_that_cannot_be_used_stops_nothing():
    done = shell("nowhere", "echo hello; exit 4", CRONOBS_SPOOL="/proc/nowhere")
    assert (done.returncode, done.stdout) == (4, b"hello\n") and b"/proc/nowhere" in done.stderr, done
    assert ended("nowhere")[0]["exit_code"] == 4


def more_than_may_wait_is_left_out_and_nobody_waits():
    script = "head -c 20000000 /dev/zero | tr '\\0' x | fold -w 999"
    done = shell("flood", script, **AWAY)
    assert done.returncode == 0 and len(done.stdout) > 20000000 and not done.stderr, (done.returncode, len(done.stdout), done.stderr)
    assert os.path.getsize(waiting()[0]) < 20 << 20
    assert shell("other", "true", options=["--send-timeout", "60s"]).returncode == 0
    found = ended("flood")[0]
    last = wait_for("the last line", lambda: next((x for x in asked(found, "logs?tail=1") if x["level"] == "WARN"), None))
    assert "were left out" in last["message"], last


def a_burst_after_a_long_silence_loses_nothing():
    done = shell("burst", "sleep 6; head -c 40000000 /dev/zero | tr '\\0' x | fold -w 9999", options=["--send-timeout", "60s"])
    assert done.returncode == 0 and len(done.stdout) == 40004000, (done.returncode, len(done.stdout))
    found = ended("burst")[0]
    wait_for("all of its lines", lambda: [x["lines"] for x in asked(found, "logs:writers")] == [4001])
    assert asked(found, "logs?tail=1")[0]["level"] == "INFO"


# --- the scheduler, and people ---


def what_hangs_is_ended_by_its_task():
    stack.run("task", "put", "hangs", "--run-timeout", "2s")
    with tempfile.TemporaryDirectory() as folder:  # nobody else tells of it
        child = begin("hangs", "exec sleep 8", CRONOBS_SPOOL=folder)
        running("hangs")
        child.kill()
        child.wait()
        assert ended("hangs")[0]["status"] == "TIMED_OUT"


def whoever_falls_silent_is_lost_and_whoever_lives_is_not():
    stack.run("task", "put", "beats", "--heartbeat", "1s")
    child = begin("beats", "exec sleep 6", ["--heartbeat", "1s"])
    run_of = running("beats")
    child.communicate(timeout=60)
    assert [(x["execution_id"], x["status"]) for x in ended("beats")] == [(run_of["execution_id"], "SUCCEEDED")]
    silent = begin("beats", "exec sleep 60")
    assert {x["status"] for x in ended("beats", 2)} == {"SUCCEEDED", "LOST"}
    silent.terminate()
    silent.communicate(timeout=60)


def people_are_told_what_it_is():
    found = ended("hangs")[0]
    shown = cronobs("execution", "show", found["execution_id"])
    assert "EXTERNAL" in shown and "TIMED_OUT" in shown, shown
    why = cronobs("why", "hangs", found["scheduled_at"])
    assert "omebody else started it" in why, why


def it_puts_its_task_first():
    put = ["--ensure", "--timeout", "2h", "--heartbeat", "30s"]
    assert shell("ensured", "true", options=put).returncode == 0
    spec = json.loads(cronobs("task", "show", "ensured", "--json"))["spec"]
    assert (spec["run_timeout_ms"], spec["heartbeat_ms"], spec["schedules"]) == (7200000, 60000, []), spec
    assert shell("ensured", "true", options=[*put, "--schedule", "0 3 * * *", "--zone", "Europe/Berlin"]).returncode == 0
    task = json.loads(cronobs("task", "show", "ensured", "--json"))
    assert task["revision"] == 2 and task["spec"]["schedules"][0]["zone"] == "Europe/Berlin", task
    done = shell("ensured", "echo all the same", options=put, CRONOBS_URL=f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, done.stdout) == (0, b"all the same\n") and b"could not put the task" in done.stderr, done
    ended("ensured", 3)


case.run(what_goes_in_and_comes_out_is_untouched, much_of_it_is_not_lost_on_the_way, exit_codes_and_signals_are_kept, signals_are_passed_on,
         whoever_stops_reading_ends_the_command_as_without_us, it_knows_which_run_it_is, a_timeout_ends_it, it_says_how_far_it_is,
         without_brokers_the_run_waits_and_the_next_one_sends_it, whoever_is_killed_while_it_sends_has_sent_nothing_twice,
         a_run_that_was_killed_is_told_of_by_the_next_one, what_is_broken_is_set_aside_and_stops_nothing, a_spool_that_cannot_be_used_stops_nothing,
         more_than_may_wait_is_left_out_and_nobody_waits, a_burst_after_a_long_silence_loses_nothing, what_hangs_is_ended_by_its_task, whoever_falls_silent_is_lost_and_whoever_lives_is_not,
         people_are_told_what_it_is, it_puts_its_task_first)
