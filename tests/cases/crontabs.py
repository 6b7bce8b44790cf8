"""crontabs/: as the program reads them each line becomes what outcomes.txt says; and what becomes of its tasks when it is imported again, re-sorted, or beside another one."""
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
FOLDER = data.FOLDER / "crontabs"
ACCOUNTS = ("deploy", "python3")  # that outcomes.txt takes for granted


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

def outcomes():
    """Of each section its file, its options, and what is said of its lines."""
    for section in (FOLDER / "outcomes.txt").read_text().split("\n== ")[1:]:
        title, *said = section.splitlines()
        name, *options = title.removesuffix(" ").split()
        yield name.removesuffix(".crontab"), options, [line.split("\t") for line in said if line]


def wanted_of(said):
    """As (line, what became of it, ...), of entries, refusals and notes."""
    for line, kind, *rest in said:
        if kind == "ok":
            key, schedule, *more = [text for text in rest if not text.startswith(("zone ", "user ", "title ", "stdin "))]
            yield int(line), kind, key, schedule, "\t".join(more)
        elif kind in ("refused", "ignored", "note"):
            column, text = rest
            yield int(line), kind, int(column), text


def found_of(report):
    for entry in report["entries"]:
        yield entry["line"], "ok", entry["key"], entry["schedule"], entry["command"]
    for kind, items in (("refused", report["refused"]), ("ignored", report.get("ignored", [])), ("note", report["notes"])):
        for item in items:
            yield item["line"], kind, item.get("column", 0), item["why"] + (f" | {item['hint']}" if item.get("hint") else "")


def each_line_is_read_as_crond_reads_it_or_refused():
    wrong, compared = [], 0
    for name, options, said in outcomes():
        accounts = [word for account in ACCOUNTS for word in ("--user", account)]
        found = set(found_of(imported(crontab(name), "--dry-run", *options, *accounts, codes=(0, 1))))
        wanted = set(wanted_of(said))
        wrong += [f"{name} {options}: not {one}" for one in sorted(wanted - found, key=str)] + [f"{name} {options}: but {one}" for one in sorted(found - wanted, key=str)]
        compared += len(wanted)
    assert not wrong, "\n".join(wrong)
    assert {name for name, _, _ in outcomes()} == {path.stem for path in FOLDER.glob("*.crontab")}
    return f"{compared} lines and notes of {len(list(outcomes()))} readings"


# --- what becomes of them ---


def settings_reach_the_shell_and_are_not_expanded_before():
    folder = os.path.join(stack.folder, "jobs dir")
    os.makedirs(folder)
    with open(os.path.join(folder, "rsync.sh"), "w") as script:
        script.write('#!/bin/sh\necho "$0 $DRIVE $FREQUENCY"\n')
    os.chmod(script.name, 0o755)
    report = imported(crontab("b2-exports").replace("JOBS=/home/user/scripts/cronjobs", f"JOBS={folder}"), "--source", "exports")
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
    keys = {entry["line"]: entry["key"] for entry in imported(crontab("b3-rendered"), "--source", "rendered")["entries"]}
    assert "stdin" not in payload(keys[5]) and payload(keys[5])["command"].endswith("+%Y-%m-%d`"), payload(keys[5])
    assert payload(keys[6])["stdin"] == 'Y\nm\nd_\nH\nM\nS")\n', payload(keys[6])
    assert payload(keys[3])["env"].get("HOME") == "/tmp", payload(keys[3])


def a_line_that_stays_refused_leaves_the_others_alone():
    for results in (["created"] * 10, ["unchanged"] * 10):
        report = imported(crontab("b1-panel"), "--source", "panel", codes=(1,))
        assert [entry["result"] for entry in report["entries"]] == results, report
        assert [entry["line"] for entry in report["refused"]] == [9], report


def once_it_is_accepted_what_is_gone_is_pruned():
    lines = crontab("b1-panel").splitlines(True)
    shorter, stays = "".join(lines[:2] + lines[3:]), lines[8].strip()
    report = imported(shorter, "--source", "panel", "--prune", codes=(1,))
    assert [gone["deleted"] for gone in report["vanished"]] == [False], report
    for accepted in (f"# cronobs: ignore {stays}\n{shorter}", shorter):
        report = imported(accepted, "--source", "panel", "--prune", *([] if accepted != shorter else ["--ignore", stays]))
        assert [entry["result"] for entry in report["entries"]] == ["unchanged"] * 9, report
    assert not client.get("/v1/tasks?label=source:panel&limit=500").body.get("next") and len(client.get("/v1/tasks?label=source:panel")["items"]) == 9


def what_must_stay_is_not_pruned():
    text = "1 2 * * * one x\n3 4 * * * two x\n5 6 * * * two x\n# key: stays\n7 8 * * * three x\n"
    keys = {entry["key"]: payload(entry["key"]) for entry in imported(text, "--source", "stays")["entries"]}
    slips = {"": None, "\ufeff": None, "\ufeff\r\n": None, " \n\t\n": None,
             "1 2 * * * one x\n61 4 * * * two x\n": "61 4 * * * two x",
             "1 2 * * * one x\nCRON_TZ=Mars/Base\n": "CRON_TZ=Mars/Base",
             "no crontab for joe\n": "no crontab for joe",
             "# key: stays\n{{ minute }} 8 * * * three x\n": "{{ minute }} 8 * * * three x",
             "1 2 * * * one x\nA=\"open\n": 'A="open'}
    for slip in slips:
        report = imported(slip, "--source", "stays", "--prune", codes=(1,))
        assert not any(gone["deleted"] for gone in report["vanished"]), (slip, report["vanished"])
    for path, code in (("/nowhere/there", 64), ("/", 64)):
        done = subprocess.run([stack.binary, "import", "crontab", path, "--source", "stays", "--prune"], capture_output=True, timeout=60, env=stack.environment)
        assert done.returncode == code, done
    reversed_lines = "# key: stays\n7 8 * * * three x\n3 4 * * * two x\n1 2 * * * one x\n5 6 * * * two x\n"
    assert imported(reversed_lines, "--source", "stays", "--prune")["vanished"] == []
    assert {key: payload(key) for key in keys} == keys
    for slip, line in slips.items():  # and once it is known, pruning goes on
        imported(text, "--source", "stays")
        if line is not None:
            gone = imported(slip, "--source", "stays", "--prune", "--ignore", line)["vanished"]
            assert gone and all(one["deleted"] for one in gone), (slip, gone)


def sorted_by_another_tool_no_task_changes_its_command():
    first = {entry["key"]: payload(entry["key"])["command"] for entry in imported(crontab("b9-keys"), "--source", "keys", codes=(1,))["entries"]}
    made = client.act("report", "trigger").headers["Location"]
    report = imported(crontab("b9-reordered"), "--source", "keys", "--prune", codes=(1,))
    kept = [gone for gone in report["vanished"] if not gone["deleted"]]
    assert [gone["key"] for gone in kept] == ["report"] and "line 1" in kept[0]["why"], "a comment still names it"
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
         what_follows_a_percent_sign_is_the_standard_input, what_must_stay_is_not_pruned, a_line_that_stays_refused_leaves_the_others_alone, once_it_is_accepted_what_is_gone_is_pruned,
         sorted_by_another_tool_no_task_changes_its_command, each_source_lists_and_deletes_what_is_its_own, all_goes_down_in_order)
