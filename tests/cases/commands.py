"""commands.tsv: what becomes of commands that a worker runs, and of what they say; by a worker, and under parts, without descriptors 0-2.

    --runs N      how often each row is run (as often as its third column says)
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess

import data
from client import Client
from support import case
from support.stack import Process, Stack, wait_for

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--runs", type=int)
options = options.parse_args()

CLOSED = {"in": "<&-", "out": ">&-", "err": "2>&-", "all": "<&- >&- 2>&-"}
OPEN_WHILE = {"progress that overwrites itself": "progress: 3", "a question that nobody answers": "Continue? [y/N] "}
PIECE = 16384

stack = Stack("commands", partitions=3)
stack.prepare("default", *CLOSED)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
worker = stack.start("worker", "work", "--queue", "default", "--shell", "--concurrency", "48")
ROWS = {row.name: row for row in data.table("commands.tsv", "name limit runs status code lines command")}
runs = collections.defaultdict(list)  # case -> where its executions are


def start_without(name, arguments, closed, **environment):
    """Process closes what is left of 0-2 itself, so a shell stands between."""
    process = Process(stack, name, ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", stack.binary, *arguments], dict(stack.environment, **environment))
    stack.processes.append(process)
    return process


def key_of(name):
    return re.sub(r"\W+", "-", name).lower()


def go_file(name):
    return os.path.join(stack.folder, key_of(name))


def begin(key, command, queue="default", limit="-", env=None, times=1):
    spec = {"queue": queue, "content_type": "application/vnd.cronobs.command+json", "payload": json.dumps({"command": command, "env": env or {}})}
    if limit != "-":
        spec["run_timeout_ms"] = int(limit)
    made = client.put(key, spec)
    assert made.status in (200, 201), made
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.act(key, "trigger"), range(times)))
    assert all(answer.status == 201 for answer in answers), answers
    return [answer.headers["Location"] for answer in answers]


def shown(path):
    answer = client.call("GET", path)
    return answer.body if answer.status == 200 else {}


def ended(path):
    return wait_for(f"{path} ends", lambda: (e := shown(path)).get("finished_at") and e, 90)


def lines(path):
    """As strict JSON; a byte that is no text would not get so far."""
    found, after = [], ""
    while True:
        page = client.get(f"{path}/logs?limit=500{after}")
        found += page["items"]
        if not page["more"]:
            return found
        after = f"&after={page['next']}"


def by_stream(path):
    """What the command said, the pieces of a line joined; the worker's own lines left aside."""
    said, goes_on = {}, {}
    for line in lines(path):
        stream = line["stream"]
        if stream == "LOG":
            continue
        told = said.setdefault(stream, [])
        if goes_on.get(stream):
            told[-1] += line["message"]
        else:
            told.append(line["message"])
        goes_on[stream] = line.get("unfinished")
    return said


def all_of_them_begin():
    def begin_row(row):
        runs[row.name] = begin(key_of(row.name), row.command, limit=row.limit, env={"GO": go_file(row.name)}, times=options.runs or int(row.runs))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(begin_row, ROWS.values()))


def what_has_no_end_yet_is_read_while_it_runs():
    for name, said in OPEN_WHILE.items():
        path = runs[name][0]
        wait_for(f"{name}: {said}", lambda: shown(path) and said in "".join(by_stream(path).get("STDOUT", [])), 90)
        assert shown(path)["status"] == "RUNNING" and lines(path)[-1]["unfinished"], shown(path)


def each_ends_as_it_did_and_says_what_it_said():
    for name in OPEN_WHILE:
        open(go_file(name), "w").close()
    for name, row in ROWS.items():
        for path in runs[name]:
            run = ended(path)
            assert run["status"] in row.status.split(","), (name, run)
            assert row.code == "-" or run["exit_code"] == int(row.code), (name, run)
            if row.lines != "-":
                wanted = json.loads(row.lines)
                try:
                    wait_for("its lines", lambda: by_stream(path) == wanted, 15)
                except AssertionError:
                    raise AssertionError(f"{name}: not {wanted} but {by_stream(path)} of {run}") from None
    return f"{len(ROWS)} commands, {sum(map(len, runs.values()))} runs"


def bytes_that_are_no_text_bear_a_mark():
    for name, marked in (("bytes of another code page", [True, False]), ("a byte 0", [True, False]), ("surrogates, and what lies beyond Unicode", [True])):
        assert [line.get("escaped", False) for line in lines(runs[name][0])] == marked, (name, lines(runs[name][0]))


def long_output_without_a_line_end_comes_in_pieces():
    for name, said in (("twenty thousand dots and no line end", "." * 20000), ("a letter on the edge of a piece", "a" * 16383 + "é"),
                       ("progress that overwrites itself", "".join(f"progress: {i} \r" for i in (1, 2, 3, 4)) + "end"),
                       ("a question that nobody answers", "Continue? [y/N] ")):
        path = runs[name][0]
        wait_for(name, lambda: "".join(by_stream(path).get("STDOUT", [])) == said, 15)
        assert all(len(line["message"].encode()) <= PIECE for line in lines(path)), name


def a_signal_is_named_and_an_exit_code_is_not_taken_for_one():
    killed, exited = ended(runs["killed by its own hand"][0]), ended(runs["an exit code that looks like a signal"][0])
    assert "SIGKILL" in killed["message"] and "exit_code" not in killed, killed
    assert "SIG" not in exited.get("message", ""), exited


def a_run_that_was_cut_off_never_succeeded_anywhere():
    """In the list, in the counts of the day, and among its events: at most one final report counts."""
    finals = {"SUCCEEDED", "FAILED", "TIMED_OUT"}
    for name, row in ROWS.items():
        if row.limit == "-":
            continue
        key = key_of(name)
        told = collections.Counter(ended(path)["status"] for path in runs[name])
        listed = collections.Counter(run["status"] for run in client.pages(f"/v1/executions?task=default~{key}", 500)[0])
        counted = collections.Counter()
        for day in client.get(f"/v1/tasks/default~{key}/days")["items"]:
            counted.update(day["counts"])
        assert told == listed == counted, (name, told, listed, counted)
        for path in runs[name]:
            counts = [event["status"] for event in client.get(path + "/events")["items"] if event["moved"] and event["status"] in finals]
            assert len(counts) == 1, (name, counts)


def how_often_streams_came_in_another_order():
    orders = [[line["message"][0] for line in lines(path)] for path in runs["out and err by turns"]]
    return f"{sum(order != list('1234') for order in orders)} of {len(orders)}"


# --- descriptors 0-2 ---


FDS = "for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12; do [ -e /proc/self/fd/$fd ] && echo $fd $(readlink /proc/self/fd/$fd); done; cat; echo got=$?; echo oops >&2"


def commands_have_pipes_whatever_the_worker_lacked():
    for name, closed in CLOSED.items():
        start_without(f"worker-{name}", ("work", "--queue", name, "--shell"), closed)
    paths = {name: begin(f"closed-{name}", FDS, queue=name)[0] for name in CLOSED}
    for name, path in paths.items():
        assert ended(path)["status"] == "SUCCEEDED", (name, shown(path))
        wait_for("its lines", lambda: by_stream(path).get("STDERR") == ["oops"] and "got=0" in by_stream(path).get("STDOUT", []), 15)
        said = dict(line.split(" ", 1) for line in by_stream(path)["STDOUT"][:-1])
        assert all(said.pop(fd).startswith("pipe:") for fd in "012"), (name, said)
        assert not any(target.startswith(("socket:", "pipe:", "anon_inode:")) or target.endswith(".log") for target in said.values()), (name, said)


def stands_for(pid):
    return [os.readlink(f"/proc/{pid}/fd/{fd}") if os.path.exists(f"/proc/{pid}/fd/{fd}") else None for fd in (0, 1, 2)]


def parts_open_what_they_lack_before_anything_else():
    """What is written to a descriptor that was closed must not come into a connection or a file of theirs."""
    scheduler.stop(), consumer.stop()
    state = stack.environment["CRONOBS_STATE_DIR"]
    parts = [start_without("scheduler-closed", ("scheduler",), CLOSED["all"], CRONOBS_SCHEDULER_INSTANCE=f"{stack.name}-s9"),
             start_without("consumer-closed", ("consumer", "--no-api"), CLOSED["all"], CRONOBS_CONSUMER_INSTANCE=f"{stack.name}-c9")]
    path, = begin("after-all", "echo done")
    assert ended(path)["status"] == "SUCCEEDED"
    for part in parts:
        assert stands_for(part.child.pid) == ["/dev/null"] * 3, (part.name, stands_for(part.child.pid))
        assert part.starts == 1, part.log_text()
    for name in os.listdir(state):
        text = open(os.path.join(state, name), errors="replace").read()
        assert "level" not in text and "started" not in text, (name, text)


def every_command_opens_what_it_lacks():
    for arguments in (("next", "0 9 * * *"), ("task", "list"), ("db", "verify"), ("topics", "plan")):
        for closed in CLOSED.values():
            done = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", stack.binary, *arguments], env=stack.environment,
                                  capture_output=True, timeout=60)
            assert done.returncode in (0, 1), (arguments, closed, done)


def the_rebuilt_tables_are_the_same():
    for part in stack.processes:
        if part is not api:
            part.stop()
    rebuilt = stack.run("db", "rebuild", timeout=120)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr


def all_goes_down_in_order():
    stack.down()


case.run(all_of_them_begin, what_has_no_end_yet_is_read_while_it_runs, each_ends_as_it_did_and_says_what_it_said,
         bytes_that_are_no_text_bear_a_mark, long_output_without_a_line_end_comes_in_pieces, a_signal_is_named_and_an_exit_code_is_not_taken_for_one,
         a_run_that_was_cut_off_never_succeeded_anywhere, how_often_streams_came_in_another_order, commands_have_pipes_whatever_the_worker_lacked,
         parts_open_what_they_lack_before_anything_else, every_command_opens_what_it_lacks, the_rebuilt_tables_are_the_same, all_goes_down_in_order)
