"""What commands print, from their pipes through Kafka and the tables to `execution logs`: prompts and bars while they wait, bytes that are no text,
levels. What becomes of commands otherwise: tests/cases/commands.py."""
import json
import os
import pty
import subprocess
import threading
import time

from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("printed", partitions=3)
stack.prepare("default", "plain")
stack.start_api(), stack.start_scheduler()
consumer = stack.start_consumer()
stack.start("worker", "work", "--shell", "--concurrency", "16")
stack.start("plain", "work", "--shell", "--queue", "plain", "--levels", "stream")
client = Client(stack.url)


def start(command, queue="default"):
    """An execution of the command, under way."""
    key = f"t{start.count}"
    start.count += 1
    stack.run("task", "put", key, "--command", command, "--queue", queue)
    return json.loads(stack.run("task", "trigger", key, "--json").stdout)["execution_id"]


start.count = 1


def execution(id):
    answer = client.call("GET", f"/v1/executions/{id}")
    return answer.body if answer.status == 200 else {}


def has_ended(id):
    found = execution(id)
    return found if found.get("status") in ("SUCCEEDED", "FAILED", "TIMED_OUT", "CANCELLED", "LOST") else None


def lines(id, stream=None):
    answer = client.call("GET", f"/v1/executions/{id}/logs?limit=500")
    items = answer["items"] if answer.status == 200 else []
    return [line for line in items if stream in (None, line["stream"])]


def text(id, stream="STDOUT"):
    """The bytes that the stream had, as far as they are there."""
    return "".join(line["message"] + ("" if line.get("unfinished") else "\n") for line in lines(id, stream))


def ended(id):
    return wait_for("it has ended", lambda: has_ended(id), 60)


def printed(id, expected, stream="STDOUT"):
    """What it printed in all; the last lines may come a moment after the end."""
    ended(id)
    try:
        wait_for("all is there", lambda: text(id, stream) == expected, 30)
    except AssertionError:
        raise AssertionError((text(id, stream)[:500], expected[:500]))


def gate():
    """A name and a command that waits until there is a file of that name."""
    gate.count += 1
    name = os.path.join(stack.folder, f"gate{gate.count}")
    return name, f"while [ ! -e {name} ]; do sleep 0.05; done"


gate.count = 0


def touch(name):
    open(name, "w").close()


def a_prompt_is_read_while_its_command_waits():
    name, wait = gate()
    id = start(f"printf 'Continue? [y/N] '; {wait}; printf y; echo es; echo done")
    wait_for("it runs", lambda: execution(id).get("status") == "RUNNING", 60)
    began = time.monotonic()
    wait_for("the prompt", lambda: text(id) == "Continue? [y/N] ", 60)
    seen = time.monotonic() - began
    assert lines(id)[0]["unfinished"] is True and execution(id)["status"] == "RUNNING"
    touch(name)
    printed(id, "Continue? [y/N] yes\ndone\n")
    assert stack.run("execution", "logs", id).stdout == "Continue? [y/N] yes\ndone\n"
    return f"{seen:.1f} s after RUNNING was seen"


def a_prompt_is_followed():
    name, wait = gate()
    id = start(f"echo first; printf 'Name: '; {wait}; echo x")
    wait_for("it runs", lambda: execution(id).get("status") == "RUNNING", 60)
    child = subprocess.Popen([stack.binary, "execution", "logs", id, "--follow"], env=stack.environment, stdout=subprocess.PIPE)
    seen = []

    def read():
        while part := os.read(child.stdout.fileno(), 4096):
            seen.append(part)
    reader = threading.Thread(target=read)
    reader.start()
    wait_for("the prompt, without a line end", lambda: b"".join(seen) == b"first\nName: ", 60)
    touch(name)
    assert child.wait(60) == 0
    reader.join(10)
    assert b"".join(seen) == b"first\nName: x\n", seen


def a_bar_is_read_state_by_state():
    (one, wait_one), (two, wait_two) = gate(), gate()
    id = start(f"printf 'progress: 1 \\r'; {wait_one}; printf 'progress: 2 \\r'; {wait_two}; echo; echo end")
    wait_for("the first state", lambda: text(id) == "progress: 1 \r", 60)
    touch(one)
    wait_for("the second", lambda: text(id) == "progress: 1 \rprogress: 2 \r", 60)
    touch(two)
    printed(id, "progress: 1 \rprogress: 2 \r\nend\n")
    kept = subprocess.run([stack.binary, "execution", "logs", id], env=stack.environment, capture_output=True, check=True, timeout=60).stdout
    assert kept == b"progress: 1 \rprogress: 2 \r\nend\n", kept
    shown = on_a_terminal("execution", "logs", id)
    assert shown == "progress: 1 \\x0d\r\nprogress: 2 \\x0d\r\nend\r\n", shown


def on_a_terminal(*arguments):
    ours, theirs = pty.openpty()
    child = subprocess.Popen([stack.binary, *arguments], env=stack.environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    found = b""
    try:
        while part := os.read(ours, 4096):
            found += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert child.wait(30) == 0
    return found.decode()


def what_looks_like_half_a_letter_is_seen_as_well():
    """Of another code page, or the beginning of a sequence; that halves wait for each other as long as they may: tests/unit/cli/worker/lines_test.c."""
    (one, wait_one), (two, wait_two) = gate(), gate()
    id = start(f"printf 'Entr\\351'; {wait_one}; printf 'e: \\033['; {wait_two}; printf '31mx\\n'")
    wait_for("the letter", lambda: text(id) == "Entr\\xe9", 60)
    touch(one)
    wait_for("the sequence", lambda: text(id) == "Entr\\xe9e: \x1b[", 60)
    touch(two)
    printed(id, "Entr\\xe9e: \x1b[31mx\n")


def an_output_without_an_end_is_a_line():
    id = start("printf test")
    printed(id, "test")
    assert stack.run("execution", "logs", id).stdout == "test\n" and lines(id)[-1]["unfinished"] is True


def a_long_line_of_two_streams_is_whole():
    """Its pieces lie among the other stream's lines; each byte of another code page takes four, and none of these is parted."""
    id = start("for i in 1 2 3 4; do head -c 9999 /dev/zero | tr '\\000' '\\377'; echo other >&2; done; echo")
    printed(id, "\\xff" * 4 * 9999 + "\n")
    printed(id, "other\n" * 4, "STDERR")
    found = lines(id, "STDOUT")
    assert all(len(line["message"]) <= 16384 and len(line["message"]) % 4 == 0 for line in found) and len(found) >= 10, len(found)
    assert all(line.get("unfinished") and line.get("escaped") for line in found[:-1])
    assert stack.run("execution", "logs", id).stdout.replace("other\n", "").replace("\n", "") == "\\xff" * 4 * 9999


def bytes_that_are_no_text_are_escaped_and_marked():
    cp1250 = start("printf '\\310\\355slo;D\\341tum podania\\n'; printf 'ok\\n'")
    nul = start("printf 'a\\000b\\n'; printf 'after\\n'")
    surrogate = start("printf '\\360\\237\\230\\200 \\355\\240\\200 \\364\\220\\200\\200\\n'")
    printed(cp1250, "\\xc8\\xedslo;D\\xe1tum podania\nok\n")
    printed(nul, "a\\x00b\nafter\n")
    escape = start("printf '\\\\x41 \\377\\n\\\\x41\\n'")
    zero = start("printf '\\\\x41 \\000\\n'")
    printed(escape, "\\x5cx41 \\xff\n\\x41\n")  # what looks like an escape is escaped beside one
    printed(zero, "\\x5cx41 \\x00\n")
    printed(surrogate, "\U0001f600 \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80\n")
    for id in (cp1250, nul, surrogate, escape, zero):
        assert [line.get("escaped", False) for line in lines(id)] == [True, False][:len(lines(id))], lines(id)


def a_line_has_the_level_that_it_states():
    script = ("echo plain; echo '{\"level\":50}' ; echo 'level=warn msg=x'; echo '<7>detail'; echo 'ERROR: x' >&2; echo plain >&2; "
              "printf 'WARN: begun '; %s; echo ended; echo plain")
    name, wait = gate()
    auto, plain = start(script % wait), start(script % wait, "plain")
    wait_for("both wait", lambda: all("begun" in text(id) for id in (auto, plain)), 60)
    touch(name)
    for id in (auto, plain):
        printed(id, 'plain\n{"level":50}\nlevel=warn msg=x\n<7>detail\nWARN: begun ended\nplain\n')
        printed(id, "ERROR: x\nplain\n", "STDERR")
    levels = lambda id, stream: [line["level"] for line in lines(id, stream)]
    name, wait = gate()
    late = start(f"printf '2026-11-29 10:00:00 '; {wait}; echo ERROR x")
    wait_for("its beginning", lambda: text(late) == "2026-11-29 10:00:00 ", 60)
    touch(name)
    printed(late, "2026-11-29 10:00:00 ERROR x\n")
    assert levels(late, "STDOUT")[-1] == "ERROR", lines(late)  # stated behind the first piece
    assert levels(auto, "STDOUT") == ["INFO", "ERROR", "WARN", "DEBUG", "WARN", "WARN", "INFO"] and levels(auto, "STDERR") == ["ERROR", "INFO"], lines(auto)
    assert set(levels(plain, None)) == {"INFO"}, lines(plain)
    assert stack.run("execution", "logs", auto, "--level", "warn").stdout.count("\n") == 4  # a line in pieces is kept whole


def nothing_was_refused_and_a_rebuild_is_equal():
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM dead_letter").fetchone()[0] == 0
        marked = connection.execute("SELECT count(*) FILTER (WHERE unfinished), count(*) FILTER (WHERE escaped) FROM log_line").fetchone()
    assert min(marked) > 0, marked
    for part in list(stack.processes):
        part.stop()
    rebuilt = stack.run("db", "rebuild", timeout=120)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FILTER (WHERE unfinished), count(*) FILTER (WHERE escaped) FROM log_line").fetchone() == marked
    return f"{marked[0]} unfinished, {marked[1]} escaped"


def all_goes_down_in_order():
    stack.down()


case.run(a_prompt_is_read_while_its_command_waits, a_prompt_is_followed, a_bar_is_read_state_by_state, what_looks_like_half_a_letter_is_seen_as_well,
         an_output_without_an_end_is_a_line, a_long_line_of_two_streams_is_whole, bytes_that_are_no_text_are_escaped_and_marked,
         a_line_has_the_level_that_it_states, nothing_was_refused_and_a_rebuild_is_equal, all_goes_down_in_order)
