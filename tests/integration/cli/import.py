"""`cronobs import crontab` against a live installation: what goes in, what stays, what vanishes, what is refused."""
import http.server
import json
import os
import subprocess
import threading
from datetime import datetime, timedelta

from client import Client
from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("import", partitions=3)
stack.prepare("other")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client = Client(stack.url)
DEMO = os.path.join(os.path.dirname(__file__), "..", "..", "..", "ops", "demo", "crontab")
CRONTAB = """MAILTO=joe
# key: nightly
30 2 * * *  /usr/bin/backup --full%all of it%
@hourly     echo "at $(date +\\%H)"
*/5 * * * * echo same
*/6 * * * * echo same
"""


def imported(text, *options, path=None, code=0, url=None, tz=None, zone="UTC"):
    """The report as JSON, of a text by standard input or of a file."""
    environment = dict(stack.environment, CRONOBS_URL=url or stack.url)
    if tz is not None:
        environment["TZ"] = tz
    done = subprocess.run([stack.binary, "import", "crontab", path or "-", "--json", *(["--zone", zone] if zone else []), *options], input=text, text=True,
                          capture_output=True, timeout=120, env=environment)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout else done.stderr


def results(report):
    return [entry["result"] for entry in report["entries"]]


def keys(report):
    return [entry["key"] for entry in report["entries"]]


def task(key, project="default"):
    return client.get(f"/v1/tasks/{project}~{key}").body


def gone(key):
    answer = client.call("GET", f"/v1/tasks/default~{key}")
    return answer.status == 404 or answer["state"] == "DELETED"


def a_dry_run_needs_no_server_and_changes_nothing():
    away = imported(CRONTAB, "--dry-run", url=f"http://127.0.0.1:{free_port()}")
    assert results(away) == ["read"] * 4 and not away["asked"], away
    here = imported(CRONTAB, "--dry-run")
    assert results(here) == ["new"] * 4 and here["asked"] and here["vanished"] == [], here
    assert gone("nightly")
    return ", ".join(keys(here))


def a_crontab_becomes_tasks():
    report = imported(CRONTAB, "--source", "web1")
    assert results(report) == ["created"] * 4 and report["refused"] == [], report
    assert [n["line"] for n in report["notes"]] == [1, 3], report
    assert report["settings"] == [{"line": 1, "name": "MAILTO", "entries": 4}], report
    assert keys(report)[3] == keys(report)[2] + "-2", report
    spec = task("nightly")["spec"]
    assert spec["schedules"][0]["expression"] == "30 2 * * *" and spec["schedules"][0]["dialect"] == "VIXIE", spec
    assert spec["labels"] == {"source": "web1"} and spec["run_timeout_ms"] == 86400000 and spec["queue"] == "default", spec
    assert spec["content_type"] == "application/vnd.cronobs.command+json", spec
    assert json.loads(spec["payload"]) == {"command": "/usr/bin/backup --full", "stdin": "all of it\n", "env": {"MAILTO": "joe"}}, spec
    hourly = json.loads(task(keys(report)[1])["spec"]["payload"])
    assert hourly["command"] == 'echo "at $(date +%H)"' and "stdin" not in hourly, hourly


def importing_it_again_changes_nothing():
    assert results(imported(CRONTAB, "--source", "web1")) == ["unchanged"] * 4
    assert task("nightly")["revision"] == 1


def what_changed_is_updated_and_what_vanished_is_listed():
    changed = CRONTAB.replace("30 2", "40 3").replace("*/6 * * * * echo same\n", "")
    report = imported(changed, "--source", "web1")
    assert results(report) == ["updated", "unchanged", "unchanged"], report
    assert [v["key"] for v in report["vanished"]] == [keys(report)[2] + "-2"] and not report["vanished"][0]["deleted"], report
    assert not gone(report["vanished"][0]["key"])
    return report["vanished"][0]["key"]


def nothing_is_pruned_while_lines_are_refused():
    wrong = CRONTAB.replace("@hourly", "@hourlyy").replace("*/6 * * * * echo same\n", "")
    report = imported(wrong, "--source", "web1", "--prune", code=1)
    assert len(report["refused"]) == 1 and report["refused"][0]["line"] == 4, report
    assert [v["deleted"] for v in report["vanished"]] == [False], report  # the refused line's own task is not even listed
    assert not gone(report["vanished"][0]["key"]) and not gone(report["refused"][0]["key"])


def what_vanished_is_pruned():
    shorter = "".join(CRONTAB.splitlines(True)[:3])
    report = imported(shorter, "--source", "web1", "--prune", "--dry-run")
    assert [v["deleted"] for v in report["vanished"]] == [False] * 3, report
    report = imported(shorter, "--source", "web1", "--prune")
    assert [v["deleted"] for v in report["vanished"]] == [True] * 3, report
    assert all(gone(v["key"]) for v in report["vanished"]) and not gone("nightly")
    assert imported(shorter, "--source", "web1", "--prune")["vanished"] == []
    back = imported(CRONTAB, "--source", "web1")
    assert results(back) == ["unchanged"] + ["created"] * 3, back


def a_refusal_that_is_known_does_not_stop_pruning():
    table = "5 1 * * * echo panel one\n6 1 * * * echo panel two\n@reboot echo panel boot\n"
    shorter = "".join(table.splitlines(True)[1:])
    assert imported(table, "--source", "panel", code=1)["counts"]["created"] == 2
    report = imported(shorter, "--source", "panel", "--prune", code=1)
    assert [v["deleted"] for v in report["vanished"]] == [False], report
    report = imported(shorter + "@reboot echo another\n", "--source", "panel", "--prune", "--ignore", "@reboot  echo panel boot", code=1)
    assert [v["deleted"] for v in report["vanished"]] == [False] and [r["line"] for r in report["refused"]] == [3], report
    report = imported("# cronobs: ignore @reboot echo panel boot\n" + shorter, "--source", "panel", "--prune")
    assert [v["deleted"] for v in report["vanished"]] == [True] and [i["line"] for i in report["ignored"]] == [3], report
    assert report["refused"] == [] and report["counts"]["ignored"] == 1, report
    theirs = "6 1 * * * echo panel two\n7 7 * * * echo own\n"
    assert results(imported(theirs, "--source", "panel2", code=1)) == ["refused", "created"]
    report = imported(theirs.replace("own", "other"), "--source", "panel2", "--prune", "--ignore", "6 1 * * * echo panel two")
    assert results(report) == ["ignored", "created"] and [v["deleted"] for v in report["vanished"]] == [True], report
    assert task(keys(report)[0])["spec"]["labels"] == {"source": "panel"}


def a_key_that_sorting_parted_from_its_line_keeps_its_task():
    imported("# key: sorted-report\n0 5 * * * echo report\n# key: sorted-cleanup\n55 23 * * * echo cleanup\n", "--source", "sorted")
    report = imported("# key: sorted-report\n# key: sorted-cleanup\n55 23 * * * echo cleanup\n0 5 * * * echo report\n",
                      "--source", "sorted", "--prune", code=1)
    assert results(report) == ["unchanged", "created"], report
    assert [(v["key"], v["deleted"]) for v in report["vanished"]] == [("sorted-report", False)] and "line 1" in report["vanished"][0]["why"], report
    assert json.loads(task("sorted-cleanup")["spec"]["payload"])["command"] == "echo cleanup"
    assert json.loads(task("sorted-report")["spec"]["payload"])["command"] == "echo report" and not gone("sorted-report")


def a_source_is_exactly_its_name():
    names = ["foo", "foo_super", "FOO", "fo%o", "foo:x", "foo,x", "foo x", "f\u00f6\u00f6", "foo&label=source:foo"]
    for number, name in enumerate(names):
        report = imported(f"@daily echo {number} of a source\n@weekly echo {number} more\n", "--source", name)
        assert results(report) == ["created"] * 2 and report["vanished"] == [], report
    for number, name in enumerate(names):
        report = imported(f"@daily echo {number} of a source\n", "--source", name, "--prune")
        assert results(report) == ["unchanged"] and [v["deleted"] for v in report["vanished"]] == [True], (name, report)
    for number, name in enumerate(names):
        report = imported(f"@daily echo {number} of a source\n", "--source", name, "--prune")
        assert results(report) == ["unchanged"] and report["vanished"] == [], (name, report)


def the_zone_is_the_one_that_date_shows():
    for tz, zone in (("Asia/Tokyo", "Asia/Tokyo"), ("", "UTC"), (":", "UTC"), ("UTC0", "UTC"), ("JST-9", "Etc/GMT-9"), ("<+03>-3", "Etc/GMT-3"),
                     (":Europe/Berlin", "Europe/Berlin"), ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin")):
        assert imported("@daily echo zone\n", "--dry-run", tz=tz, zone=None)["zone"] == zone, tz
    for tz in ("EST5EDT,M3.2.0,M11.1.0", "IST-5:30", "Mars/Base", "CET-1CEST", "/etc/passwd"):
        why = imported("@daily echo zone\n", "--dry-run", tz=tz, zone=None, code=64)
        assert "TZ" in why and "--zone" in why, (tz, why)
        assert imported("@daily echo zone\n", "--dry-run", tz=tz)["zone"] == "UTC", tz


def a_list_shows_the_times_that_date_shows():
    assert client.act("nightly", "trigger").status == 201

    def listed(tz, *options, code=0):
        done = subprocess.run([stack.binary, "execution", "list", "--task", "nightly", "--limit", "1", *options], text=True, capture_output=True,
                              timeout=60, env=dict(stack.environment, CRONOBS_URL=stack.url, TZ=tz))
        assert done.returncode == code, (tz, done.stdout, done.stderr)
        return done.stdout + done.stderr
    at = wait_for("it is there", lambda: client.get("/v1/executions?task=default~nightly").body["items"], 20)[0]["scheduled_at"]
    instant = datetime.fromisoformat(at.replace("Z", "+00:00"))
    for tz, minutes in (("JST-9", 540), ("IST-5:30", 330), ("<-02>2", -120), ("", 0), (":", 0), ("Asia/Kathmandu", 345)):
        shown = (instant + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S")
        assert shown in listed(tz), (tz, shown, listed(tz))
    why = listed("Mars/Base", code=64)
    assert "TZ" in why and "--zone" in why, why
    assert "--zone" in listed("IST-5:30", "--day", "2027-01-01", code=64)


def a_pause_until_a_wall_time_needs_a_clock():
    def pause(until, code):
        done = subprocess.run([stack.binary, "task", "pause", "nightly", "--until", until], text=True, capture_output=True, timeout=60,
                              env=dict(stack.environment, CRONOBS_URL=stack.url, TZ="Mars/Base"))
        assert done.returncode == code, (until, done.stdout, done.stderr)
        return done.stderr
    assert "TZ" in pause("2099-01-01T08:00", 64)
    pause("2099-01-01T08:00:00+01:00", 0)
    assert client.act("nightly", "resume").status == 200


def two_crontabs_do_not_take_each_others_tasks():
    theirs = imported(CRONTAB + "@daily echo mine\n", "--source", "web2", code=1)
    assert results(theirs) == ["refused"] * 4 + ["created"], theirs
    assert "belongs to the source 'web1'" in theirs["entries"][0]["why"] and "--source web1" in theirs["entries"][0]["hint"], theirs
    apart = imported(CRONTAB, "--source", "web2", "--project", "two")
    assert results(apart) == ["created"] * 4 and task("nightly", "two")["spec"]["labels"] == {"source": "web2"}, apart
    assert imported(CRONTAB, "--source", "web1")["vanished"] == []


def a_task_made_by_hand_is_not_taken():
    assert client.call("PUT", "/v1/tasks/default~by-hand", {"payload": "x"}, Prefer="wait=20").status == 201
    report = imported("# key: by-hand\n@daily a\n", code=1)
    assert results(report) == ["refused"] and "no crontab made it" in report["entries"][0]["why"], report


def queues_and_users_are_kept():
    report = imported("@daily root /usr/bin/x\n", "--system", "--source", "etc", "--queue", "other")
    spec = task(keys(report)[0])["spec"]
    assert spec["queue"] == "other" and spec["labels"] == {"source": "etc", "user": "root"}, spec
    assert imported("@daily root /usr/bin/x\n", code=1)["refused"][0]["hint"].startswith("use --system")


def more_tasks_than_a_page_are_all_seen():
    many = "".join(f"{n % 60} {n // 60} * * * echo {n}\n" for n in range(520))
    report = imported(many, "--source", "many")
    assert results(report) == ["created"] * 520, report["counts"]
    assert imported(many, "--source", "many")["counts"]["unchanged"] == 520
    report = imported("# none any more\n", "--source", "many", "--prune")
    assert len(report["vanished"]) == 520 and all(v["deleted"] for v in report["vanished"]), report["counts"]


def a_server_that_goes_away_ends_an_import_half_way():
    many = "".join(f"{n % 60} {n // 60} * * * echo half {n}\n" for n in range(400))
    running = subprocess.Popen([stack.binary, "import", "crontab", "-", "--json", "--zone", "UTC", "--source", "half"], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=stack.environment)
    running.stdin.write(many)
    running.stdin.close()
    wait_for("some are in", lambda: len(client.get("/v1/tasks?label=source:half").body["items"]) > 40, 20)
    api.hold()
    api.kill()
    report, why = json.loads(running.stdout.read()), running.stderr.read()
    api.release()
    wait_for("the API is back", stack.api_answers, 30)
    half = report["counts"]
    assert running.wait(60) == 69 and "127.0.0.1" in why, why
    assert half["created"] > 0 and half["new"] > 0 and half["created"] + half["new"] + half["unknown"] == 400, half
    rest = imported(many, "--source", "half")["counts"]
    assert rest["created"] + rest["unchanged"] == 400 and rest["created"] >= half["new"], (half, rest)
    assert rest["unchanged"] >= half["created"], (half, rest)
    return f"{half['created']} created and {half['unknown']} unknown, then {rest['created']} created"


def an_empty_text_prunes_nothing():
    imported("@daily echo kept\n", "--source", "empty")
    report = imported(" \n", "--source", "empty", "--prune", code=1)  # as `crontab -l` without a crontab prints it
    assert [v["deleted"] for v in report["vanished"]] == [False], report


def a_payload_that_is_too_large_is_refused_before_it_is_sent():
    control = "\x01" * 15000  # six bytes each in JSON
    report = imported(f"@daily echo {control}\n@daily echo small\n", "--source", "large", code=1)
    assert results(report) == ["refused", "created"] and report["entries"][0]["why"].startswith("the command, with its input"), report["entries"]
    assert "script" in report["entries"][0]["hint"], report["entries"]


def the_demonstration_goes_in_and_runs_in_its_zones():
    done = stack.run("import", "crontab", DEMO)
    assert "20 created (" in done.stdout, done.stdout
    assert task("report-mumbai")["spec"]["schedules"][0]["zone"] == "Asia/Kolkata"
    assert "20 unchanged (" in stack.run("import", "crontab", DEMO).stdout
    return done.stdout.strip().splitlines()[-1]


def a_worker_runs_what_was_imported():
    text = ("GREETING='good morning'\nSHELL=/bin/bash\n# key: run-me\n"
            "0 0 1 1 * cat; echo \"$GREETING at 100\\% of $SHELL $0 [[ok]]\"%first line%second \\% line\n")
    report = imported(text, "--source", "run", "--queue", "other")
    assert results(report) == ["created"], report
    worker = stack.start("worker", "work", "--queue", "other", "--shell")
    made = client.act("run-me", "trigger")
    assert made.status == 201, made
    path = made.headers["Location"]
    wait_for("it has run", lambda: client.call("GET", path).body.get("status") == "SUCCEEDED", 60)
    lines = wait_for("its log", lambda: client.get(path + "/logs")["items"], 20)
    worker.stop()
    said = [line["message"] for line in lines]
    assert said == ["first line", "second % line", "good morning at 100% of /bin/bash /bin/bash [[ok]]"], said


def no_scheduler_means_pending():
    scheduler.stop()
    report = imported("@daily echo later\n@daily echo later still\n", "--source", "later")
    assert results(report) == ["pending"] * 2, report


def no_server_means_69():
    why = imported(CRONTAB, code=69, url=f"http://127.0.0.1:{free_port()}")
    assert "could not reach" in why, why


def what_the_server_refuses_is_said_of_the_line():
    """A server with words for whoever writes HTTP: each answer to a PUT names a member of the JSON."""
    told = {"pointer": "/schedules/0/expression", "detail": "schedules/0/expression: it is not due in 400 years"}, {
        "pointer": "/schedules/0/zone", "detail": "/schedules/0/zone: there is no zone 'Europe/Berlin'"}, {
        "pointer": "/labels", "detail": "labels: 'source' is reserved"}, {"pointer": "/queue", "detail": "queue \"other\" does not exist"}, {
        "detail": "the command may not have reached the log", "hint": "repeat the request with the same Idempotency-Key", "hint_for": "http"}
    said = ("the schedule '0 0 1 1 *': it is not due", "the zone 'UTC': there is no zone", "--source, or the user: 'source' is", "--queue 'other': queue \"other\" does",
            "the command may not have reached the log")

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(200, {"items": []})

        def do_PUT(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            number = int(self.path.rsplit("k", 1)[1])
            self.answer(422, told[number], "application/problem+json")

        def answer(self, status, body, kind="application/json"):
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = "".join(f"# key: k{n}\n0 0 1 1 * echo {n}\n" for n in range(len(told)))
    report = imported(text, "--queue", "other", code=1, url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    for entry, words in zip(report["entries"], said):
        assert entry["why"].startswith(words), (entry, words)
        assert not any(word in json.dumps(entry) for word in ("/0/", "Idempotency", '"labels')), entry


def wrong_usage_means_64():
    for options in (["--zone", "Mars/Base"], ["--project", "Big"], ["--queue", "a b"], ["--source", ""], ["--nonsense"], ["more"]):
        imported(CRONTAB, *options, code=64)
    assert "could not open" in imported("", path="/nonexistent", code=64)


case.run(a_dry_run_needs_no_server_and_changes_nothing, a_crontab_becomes_tasks, importing_it_again_changes_nothing,
         what_changed_is_updated_and_what_vanished_is_listed, nothing_is_pruned_while_lines_are_refused, what_vanished_is_pruned,
         a_refusal_that_is_known_does_not_stop_pruning, a_key_that_sorting_parted_from_its_line_keeps_its_task,
         a_source_is_exactly_its_name, the_zone_is_the_one_that_date_shows, a_list_shows_the_times_that_date_shows,
         a_pause_until_a_wall_time_needs_a_clock, two_crontabs_do_not_take_each_others_tasks, a_task_made_by_hand_is_not_taken, queues_and_users_are_kept,
         more_tasks_than_a_page_are_all_seen, a_payload_that_is_too_large_is_refused_before_it_is_sent,
         a_server_that_goes_away_ends_an_import_half_way, an_empty_text_prunes_nothing,
         the_demonstration_goes_in_and_runs_in_its_zones, a_worker_runs_what_was_imported,
         no_scheduler_means_pending, no_server_means_69, what_the_server_refuses_is_said_of_the_line, wrong_usage_means_64)
