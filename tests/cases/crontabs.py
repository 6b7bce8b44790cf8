"""crontabs/: how each is read (readings.tsv), and what becomes of its tasks when it is imported again, re-sorted, or beside another one."""
import collections
import json
import os
import subprocess

import data
from client import Client
from support import case
from support.stack import Stack, wait_for

stack = Stack("crontabs", partitions=3)
stack.prepare("default")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
ROWS = data.table("crontabs/readings.tsv", "file options line kind place key text")
FOLDER = data.FOLDER / "crontabs"


def imported(text, *options, codes=(0,)):
    done = subprocess.run([stack.binary, "import", "crontab", "-", "--json", "--zone", "UTC", *options], input=text, text=True,
                          capture_output=True, timeout=120, env=stack.environment)
    assert done.returncode in codes, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def crontab(name):
    return (FOLDER / f"{name}.crontab").read_text()


def spec(key):
    return client.get(f"/v1/tasks/default~{key}")["spec"]


def payload(key):
    return json.loads(spec(key)["payload"])


def is_gone(key):
    answer = client.call("GET", f"/v1/tasks/default~{key}")
    return answer.status == 404 or answer["state"] == "DELETED"


# --- how they are read ---


def canonical(expression):
    if "~" in expression:
        return expression  # each task's own
    done = subprocess.run([stack.binary, "explain", "--json", "--dialect", "vixie", expression], text=True, capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)["canonical"]


def differences(name, rows):
    options = [] if rows[0].options == "-" else rows[0].options.split()
    report = imported(crontab(name), "--dry-run", *options, codes=(0, 1))
    wanted = {int(row.line): row for row in rows if row.kind != "note"}
    read = {entry["line"]: entry for entry in report["entries"]}
    refused = {entry["line"]: entry for entry in report["refused"]}
    assert sorted([*read, *refused]) == sorted(wanted), (name, sorted(read), sorted(refused))
    for line, row in wanted.items():
        if row.kind == "read" and line in read:
            found = (canonical(read[line]["schedule"]), read[line]["command"])
            if found != (row.place, row.text) or row.key not in ("-", read[line]["key"]):
                yield row, read[line]
        elif line not in refused or row.text not in refused[line]["why"] + refused[line].get("hint", "") or \
                row.place not in ("-", str(refused[line].get("column"))):
            yield row, read.get(line) or refused[line]
    notes = [(str(note["line"]), note["why"]) for note in report["notes"]]
    yield from ((row, notes) for row in rows if row.kind == "note" and not any(line == row.line and row.text in why for line, why in notes))
    keys = collections.Counter(entry["key"] for entry in report["entries"])
    assert max(keys.values(), default=1) == 1, keys


def each_line_is_read_as_crond_reads_it_or_refused():
    by_file = collections.defaultdict(list)
    for row in ROWS:
        by_file[row.file].append(row)
    wrong = [difference for name, rows in by_file.items() for difference in differences(name, rows)]
    assert not wrong, "\n".join(f"{row.file} {row.line}: {row.kind} {row.text!r}, not {found}" for row, found in wrong)
    return f"{len(ROWS)} rows of {len(by_file)} crontabs"


# --- what becomes of them ---


def settings_reach_the_shell_and_are_not_expanded_before():
    folder = os.path.join(stack.folder, "jobs dir")
    os.makedirs(folder)
    with open(os.path.join(folder, "rsync.sh"), "w") as script:
        script.write('#!/bin/sh\necho "$0 $DRIVE $FREQUENCY"\n')
    os.chmod(script.name, 0o755)
    report = imported(crontab("exports").replace("JOBS=/home/user/scripts/cronjobs", f"JOBS={folder}"), "--source", "exports")
    entries = report["entries"]
    assert len({entry["key"] for entry in entries}) == 7 and len({spec(entry["key"])["title"] for entry in entries}) == 7, entries
    for entry in entries:
        assert payload(entry["key"])["env"] == {"JOBS": folder} and folder not in payload(entry["key"])["command"], entry
    worker = stack.start("worker", "work", "--queue", "default", "--shell")
    paths = [client.act(entry["key"], "trigger").headers["Location"] for entry in entries[1:5]]
    for path, said in zip(paths, ("Speed daily", "Shared daily", "Speed weekly", "Shared weekly")):
        lines = wait_for("its line", lambda: client.call("GET", path + "/logs").status == 200 and client.get(path + "/logs")["items"], 60)
        assert [line["message"] for line in lines] == [f"{folder}/rsync.sh {said}"], lines
    worker.stop()


def what_follows_a_percent_sign_is_the_standard_input():
    keys = {entry["line"]: entry["key"] for entry in imported(crontab("rendered"), "--source", "rendered")["entries"]}
    assert "stdin" not in payload(keys[5]) and payload(keys[5])["command"].endswith("+%Y-%m-%d`"), payload(keys[5])
    assert payload(keys[6])["stdin"] == 'Y\nm\nd_\nH\nM\nS")\n', payload(keys[6])
    assert payload(keys[3])["env"].get("HOME") == "/tmp", payload(keys[3])


def a_line_that_stays_refused_leaves_the_others_alone():
    for results in (["created"] * 10, ["unchanged"] * 10):
        report = imported(crontab("panel"), "--source", "panel", codes=(1,))
        assert [entry["result"] for entry in report["entries"]] == results, report
        assert [entry["line"] for entry in report["refused"]] == [9], report


def sorted_by_another_tool_no_task_changes_its_command():
    first = {entry["key"]: payload(entry["key"])["command"] for entry in imported(crontab("keys"), "--source", "keys", codes=(1,))["entries"]}
    made = client.act("report", "trigger").headers["Location"]
    imported(crontab("keys-reordered"), "--source", "keys", "--prune")
    for key, command in first.items():
        assert is_gone(key) or payload(key)["command"] == command, (key, command, payload(key))
    assert payload("cleanup")["command"] == "/usr/local/bin/cleanup.sh -r 21"
    assert wait_for("its history stays", lambda: client.call("GET", made).status == 200, 30)


def each_source_lists_and_deletes_what_is_its_own():
    sources = ("foo", "foo_super", "foo:x", "FOO", "fo%o", "fo", "foo,bar")
    keys = {}
    for n, source in enumerate(sources):
        report = imported(f"1 2 * * * first {n}\n3 4 * * * second {n}\n", "--source", source, "--prune")
        assert report["vanished"] == [] and [entry["result"] for entry in report["entries"]] == ["created"] * 2, (source, report)
        keys[source] = [entry["key"] for entry in report["entries"]]
    for n, source in enumerate(sources):
        report = imported(f"1 2 * * * first {n}\n", "--source", source, "--prune")
        assert [gone["key"] for gone in report["vanished"]] == [keys[source][1]], (source, report)
        left = [key for pair in keys.values() for key in pair if not is_gone(key)]
        assert len(left) == 2 * len(sources) - n - 1, (source, left)


def all_goes_down_in_order():
    stack.down()


case.run(each_line_is_read_as_crond_reads_it_or_refused, settings_reach_the_shell_and_are_not_expanded_before,
         what_follows_a_percent_sign_is_the_standard_input, a_line_that_stays_refused_leaves_the_others_alone,
         sorted_by_another_tool_no_task_changes_its_command, each_source_lists_and_deletes_what_is_its_own, all_goes_down_in_order)
