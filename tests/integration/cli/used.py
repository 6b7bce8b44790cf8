"""Every option of every command that needs no installation is used: given, it changes what is printed, or what is asked of the server.

One row an option. The server is a stand-in that answers the same to all, and remembers what it was asked."""
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading

from support import case

BINARY = os.environ["CRONOBS_TEST_BIN"]
ID = "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f"
AT = "2026-11-24T16:10:56Z"
SPEC = {"queue": "reports", "schedules": [{"expression": "30 2 * * *", "zone": "Europe/Paris", "dialect": "VIXIE"}, {"expression": "0 12 * * *"}], "labels": {"team": "web"},
        "content_type": "text/plain", "payload": "hello", "overlap": "ALLOW"}
ITEM = {"key": "hello", "project": "default", "task_id": ID, "execution_id": ID, "state": "ACTIVE", "status": "SUCCEEDED", "queue": "reports", "next_at": AT, "due_at": AT,
        "scheduled_at": AT, "at": AT, "received_at": AT, "from_at": AT, "to_at": AT, "count": 3, "reason": "PAUSED", "revision": 1, "level": "INFO", "stream": "STDOUT",
        "message": "hello", "topic": "status", "partition": 1, "offset": 7, "effective_at": AT, "name": "reports", "since": AT, "complete": True}
HELLO, COUNT, OTHER_ZONE, NOTHING = ["hello"], ["7"], ["Asia/Tokyo"], []


class Asked(http.server.BaseHTTPRequestHandler):
    requests, protocol_version = [], "HTTP/1.1"

    def log_message(self, *ignored):
        pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        heard = {name: self.headers[name] for name in ("Prefer", "If-Match", "If-None-Match", "Content-Type") if self.headers[name]}
        Asked.requests.append((self.server.server_port, self.command, self.path, "again" if self.headers["Idempotency-Key"] else "", json.dumps(heard), body))
        answer = dict(ITEM, spec=SPEC, items=[ITEM], days=[], command_id=ID, result="ACCEPTED", code="UPDATED")
        if self.path.startswith("/v1/commands/") and not self.headers["Prefer"]:
            answer["result"] = "PENDING"
        if "cronobs_gone" in self.path:
            answer["items"] = [dict(ITEM, key="gone")]
        if ":why?" in self.path:  # a range without a difference: one is exit code 1
            answer["items"] = []
        text = json.dumps(answer).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


URL, OTHER_URL = serve(), serve()
CRONTAB = "@daily echo hello\n# key: named\n30 2 * * * echo other\n"
SYSTEM = "@daily nobodyhere echo hello\n@daily root echo other\n"
REFUSED = "@daily echo hello\n@reboot echo never\n"
PAYLOAD = os.path.join(tempfile.mkdtemp(), "payload")
with open(PAYLOAD, "w") as payload_file:
    payload_file.write("from a file")

VIEW = {"--json": NOTHING, "--zone": OTHER_ZONE, "--url": [OTHER_URL]}
WRITE = {"--json": NOTHING, "--reason": ["because"], "--timeout": ["3s"], "--wait": NOTHING, "--project": ["shop"], "--url": [OTHER_URL]}
ORDER = {option: value for option, value in WRITE.items() if option != "--project"}
SCHEDULED = ["--schedule", "0 7 * * *"]
PAST = ["--from", "2026-11-01", "--to", "2026-11-02"]


class Row:
    """An option's value, what else stands beside it both times, and what is on standard input."""

    def __init__(self, value, *beside, stdin=""):
        self.value, self.beside, self.stdin = value, list(beside), stdin


def with_schedule(*value):
    return Row(list(value), *SCHEDULED)


PUT = {
    "--active-from": with_schedule("2027-01-01"), "--active-until": with_schedule("2028-01-01"), "--command": ["echo x"], "--content-type": ["text/html"],
    "--daily": with_schedule("08:00-18:00"), "--daily-zone": Row(OTHER_ZONE, *SCHEDULED, "--daily", "08:00-18:00"), "--dialect": with_schedule("vixie"),
    "--dst-gap": with_schedule("skip"), "--dst-overlap": with_schedule("both"), "--exclude": with_schedule("weekday SAT"), "--heartbeat": ["1m"],
    "--if-revision": ["3"], "--finish-by": ["2h"], "--jitter": with_schedule("5m"), "--json": NOTHING, "--label": ["team=web"], "--misfire": with_schedule("all"), "--max-concurrency": ["3"], "--misfire-after": with_schedule("5m"), "--misfire-limit": with_schedule("7"), "--misfire-window": with_schedule("2h"), "--pause-after-failures": ["3"],
    "--retry-attempts": ["3"], "--retry-delay": Row(["30s"], "--retry-attempts", "3"), "--retry-jitter": Row(["5s"], "--retry-attempts", "3"), "--retry-max-delay": Row(["2h"], "--retry-attempts", "3"),
    "--retry-multiplier": Row(["1.5"], "--retry-attempts", "3"), "--retry-on": Row(["FAILED"], "--retry-attempts", "3"),
    "--only": with_schedule("weekday MON"),
    "--overlap": ["skip"], "--patch": Row([], "--title", "x"), "--payload": ["x"], "--payload-file": [PAYLOAD], "--project": ["shop"], "--queue": ["reports"],
    "--run-timeout": ["1h"], "--schedule": ["0 7 * * *"], "--shell": Row(["/bin/bash"], "--command", "echo x"), "--start-deadline": ["1h"], "--then": ["load:failed"], "--timeout": ["3s"],
    "--title": ["A name"], "--wait": NOTHING, "--zone": with_schedule(*OTHER_ZONE), "--url": [OTHER_URL]}
ASK = {"--count": ["2"], "--dialect": Row(["quartz"], "0 0 12 ? * 2"), "--dst-gap": Row(["skip"], "30 2 * * *", "--zone", "Europe/Berlin", "--from", "2027-03-27"),
       "--dst-overlap": Row(["both"], "30 2 * * *", "--zone", "Europe/Berlin", "--from", "2027-10-30"), "--from": Row(["2031-01-01"], "0 7 * * *"), "--json": NOTHING,
       "--task": Row(["other"], "H H * * *"), "--zone": OTHER_ZONE}

COMMANDS = {  # operands, and for each option its value
    "import crontab": (["-"], {
        "--dry-run": NOTHING, "--ignore": Row(["@reboot echo never"], stdin=REFUSED), "--json": NOTHING, "--project": ["shop"],
        "--prune": Row([], "--source", "cronobs_gone"), "--queue": ["reports"], "--source": ["web1"], "--system": Row([], stdin=SYSTEM.replace("nobodyhere", "root")),
        "--user": Row(["nobodyhere"], "--system", stdin=SYSTEM), "--zone": OTHER_ZONE, "--url": [OTHER_URL]}),
    "task list": ([], dict(VIEW, **{"--label": ["team=hello"], "--limit": COUNT, "--project": ["shop"], "--queue": ["reports"], "--state": ["PAUSED"]})),
    "task show": (HELLO, dict(VIEW, **{"--project": ["shop"]})),
    "task gaps": (HELLO, dict(VIEW, **{"--project": ["shop"], "--limit": COUNT})),
    "task put": (HELLO, PUT),
    "task pause": (HELLO, dict(WRITE, **{"--until": ["2099-01-01"]})),
    "task resume": (HELLO, dict(WRITE, **{"--gap": ["all"]})),
    "task trigger": (HELLO, dict(WRITE, **{"--ignore-overlap": NOTHING, "--payload": ["x"]})),
    "task skip-next": (HELLO, WRITE),
    "task backfill": ([*HELLO, *PAST], dict(WRITE, **{"--dry-run": NOTHING, "--zone": OTHER_ZONE, "--from": None, "--to": None})),
    "task delete": (HELLO, WRITE),
    "execution list": ([], dict(VIEW, **{"--day": ["2026-11-24"], "--from": ["2026-01-01"], "--limit": COUNT, "--project": Row(["shop"], "--task", "hello"),
                                         "--queue": ["reports"], "--status": ["FAILED"], "--task": HELLO, "--to": ["2027-01-01"]})),
    "execution show": ([ID], VIEW),
    "execution logs": ([ID], dict(VIEW, **{"--follow": NOTHING, "--level": ["ERROR"], "--times": NOTHING, "--zone": Row(OTHER_ZONE, "--times")})),
    "execution cancel": ([ID], dict(ORDER, **{"--wait": None})),  # what is SUCCEEDED was not cancelled
    "execution retry": ([ID], dict(ORDER, **{"--payload": ["x"]})),
    "queue workers": (["reports"], VIEW),
    "upcoming": ([], dict(VIEW, **{"--from": ["2031-01-01"], "--limit": COUNT, "--project": ["shop"], "--task": HELLO, "--to": ["2031-01-01"]})),
    "why": (HELLO, dict(VIEW, **{"--from": ["2026-01-01"], "--project": ["shop"], "--to": Row(["2026-02-01"], "--from", "2026-01-01")})),
    "forecast": ([], dict(VIEW, **{"--day": ["2026-12-24"], "--if": ["0 3 * * *"], "--project": ["shop"], "--queue": ["reports"]})),
    "command show": ([ID], dict(VIEW, **{"--wait": NOTHING})),
    "dead-letter list": ([], dict(VIEW, **{"--from": ["2026-01-01"], "--limit": COUNT, "--partition": ["0"], "--reason": ["misplaced"], "--to": ["2027-01-01"],
                                           "--topic": ["commands"]})),
    "dead-letter show": (["status", "0", "7"], VIEW),
    "explain": ([], ASK),
    "next": ([], dict(ASK, **{"--batch": None})),
    "help": ([], {}), "completion": (["bash"], {}), "docs": (["cli"], {}),
}
DEFAULTS = {"import crontab": CRONTAB}
ELSEWHERE = {"scheduler", "consumer", "api", "work", "run", "topics plan", "topics apply", "topics skip", "db migrate", "db verify", "db rebuild", "db drop", "demo history", "demo job"}
BATCH = "0 7 * * *\tUTC\t2026-01-01T00:00:00Z\t1\n"


def options_of(command):
    """As help has them, the settings among them; --config is said in one sentence."""
    return sorted(re.findall(r"(?m)^  (--[a-z-]+)", run(["help", *command.split()])[1]))


def run(arguments, stdin=""):
    """All that can be seen of it: exit code, both outputs, and what the servers were asked."""
    Asked.requests = []
    done = subprocess.run([BINARY, *arguments], text=True, capture_output=True, timeout=60, input=stdin, env=dict(os.environ, CRONOBS_URL=URL, TZ="Europe/Berlin"))
    return done.returncode, done.stdout, done.stderr, sorted(Asked.requests)


def every_command_is_here():
    listed = set(re.findall(r"(?m)^  ([a-z][a-z -]*?)  ", run(["help"])[1]))
    assert listed == set(COMMANDS) | ELSEWHERE, listed ^ (set(COMMANDS) | ELSEWHERE)


def every_option_changes_something():
    seen = 0
    for command, (operands, options) in COMMANDS.items():
        assert options_of(command) == sorted(options), (command, set(options_of(command)) ^ set(options))
        for option, row in options.items():
            if row is None:
                continue
            row = row if isinstance(row, Row) else Row(row)
            spoken = operands if command not in ("next", "explain") or row.beside else ["0 7 * * *"]
            words, stdin = [*command.split(), *spoken, *row.beside], row.stdin or DEFAULTS.get(command, "")
            without, given = run(words, stdin), run([*words, option, *row.value], stdin)
            assert without[0] in (0, 1) and given[0] == 0, (command, option, without, given)
            assert without != given, (command, option, "changes nothing", given)
            assert run(words, stdin) == without, (command, option, "what it does without differs from time to time")
            seen += 1
    return f"{seen} options"


def a_batch_reads_standard_input():
    assert run(["next", "--batch"], BATCH)[:2] == (0, "2026-01-01T07:00:00Z\n"), run(["next", "--batch"], BATCH)


case.run(every_command_is_here, every_option_changes_something, a_batch_reads_standard_input)
