"""What the reads of the web page cost, beside the statements that they run.

    tests/bench/reads.py [--executions N] [--lines N] [--tasks N] [NAME...]

A history of 90 days is put into the tables; each read is asked for over HTTP, one after the other on one connection. Its reference is pgbench with the very statements and
parameters that the API sent for it, taken from the server's log, prepared once and run one after the other in a session with the API's settings. So the difference is what the API
itself adds: rows to JSON, schedules to words, and the way there. Figures are of a warm cache.
"""
import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from support import past  # noqa: E402
from support.place import task_id  # noqa: E402
from support.stack import Stack, wait_for  # noqa: E402

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--executions", type=int, default=500_000)
options.add_argument("--lines", type=int, default=1_000_000)
options.add_argument("--tasks", type=int, default=10_000)
options.add_argument("--times", type=int, default=200)
options.add_argument("names", nargs="*")
options = options.parse_args()
SETTINGS = "-c search_path=cronobs -c role=cronobs_reader -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off -c timezone=UTC"
WRITER = "11111111-2222-4333-8444-555555555555"

stack = Stack("reads", partitions=12)
stack.prepare("q0")


def fill():
    began = time.monotonic()
    with stack.connect() as connection:
        past.make(connection, tasks=options.tasks, executions=options.executions, days=90, queues=8, opened=400)
        one, task = connection.execute("SELECT execution_id::text, task_id::text FROM execution WHERE status = 5 ORDER BY execution_id DESC LIMIT 1").fetchone()
        connection.execute("SELECT ensure_partition('log_batch', now())")
        # the one that is asked for is the last; the others make the table as large as it is
        connection.execute(
            "INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)"
            " SELECT CASE WHEN b < %(own)s THEN %(one)s::uuid ELSE md5('e' || b / 20)::uuid END, %(task)s, %(writer)s, now(), 1 + CASE WHEN b < %(own)s THEN b ELSE b %% 20 END * 500, now()::date, 1,"
            " CASE b %% 50 WHEN 7 THEN 9 ELSE 1 END, array_fill(now(), ARRAY[500]), CASE b %% 50 WHEN 7 THEN array_fill('I'::\"char\", ARRAY[499]) || 'E'::\"char\" ELSE array_fill('I'::\"char\", ARRAY[500]) END,"
            " array_fill('O'::\"char\", ARRAY[500]), (SELECT array_agg('line ' || b * 500 + k || CASE k WHEN 499 THEN ' needle in it' ELSE ' of plain text as programs print it' END) FROM generate_series(0, 499) k)"
            " FROM generate_series(0, %(batches)s - 1) b", dict(one=one, task=task, writer=WRITER, own=min(2000, options.lines // 500), batches=options.lines // 500))
        own = min(1_000_000, options.lines)
        connection.execute("INSERT INTO log_writer (execution_id, task_id, writer, next_seq, attempt, info) VALUES (%s, %s, %s, %s, 1, %s)", (one, task, WRITER, own + 1, own))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    print(f"> {options.executions:,} executions of {options.tasks:,} tasks in 90 days, {options.lines:,} log lines ({own:,} of one run), filled in {time.monotonic() - began:.0f} s", flush=True)
    return one, own


EXECUTION, OWN = fill()
TASK = f"billing~task{4 * (options.tasks // 8)}"
YESTERDAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
AHEAD = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86400))
BACK = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 70 * 86400))
LOGS = f"/v1/executions/{EXECUTION}/logs"
READS = {
    "summary": "/v1/summary",
    "summary of a project": "/v1/summary?project=ops",
    "failing": "/v1/failing?limit=20",
    "executions late": "/v1/executions?status=LATE&limit=50",
    "executions, problems": "/v1/executions?status=FAILED,TIMED_OUT,LOST,MISSED,LATE&limit=50",
    "executions by reason": "/v1/executions?reason=NO_QUEUE&trigger=MANUAL&limit=50",
    "executions of a day, oldest first": f"/v1/executions?day={YESTERDAY}&order=asc&limit=500",
    "executions with usual": "/v1/executions?include=usual&limit=50",
    "executions over their usual": "/v1/executions?status=RUNNING&order=over&limit=10",
    "tasks, search": "/v1/tasks?q=task77&include=recent,words&limit=50",
    "tasks, search that most match": "/v1/tasks?q=task&limit=50",
    "tasks with recent, words": "/v1/tasks?include=recent,words&limit=50",
    "days of a task, 3 months": f"/v1/tasks/{TASK}/days?from={BACK}&to={AHEAD}&tz=Europe/Berlin",
    "days of all, a year": f"/v1/days?from={time.strftime('%Y-%m-%d', time.gmtime(time.time() - 365 * 86400))}&tz=Europe/Berlin",
    "a day by quarters of an hour": f"/v1/days?unit=15m&from={YESTERDAY}&to={YESTERDAY}",
    "log from a line in the middle": f"{LOGS}?line={OWN * 7 // 10}&limit=500",
    "log, last 500": f"{LOGS}?tail=500",
    "log, errors from the first": f"{LOGS}?line=1&level=ERROR&limit=500",
    "log writers": f"{LOGS}:writers?levels=true",
    "log search, 200,000 lines": f"{LOGS}:search?q=needle&limit=50",
}


class Http:
    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.port)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:300])
        return len(body)


def superuser(*statements):
    with stack.connect() as connection:
        for statement in statements:
            connection.execute(statement)


LOG = os.path.join(os.environ["CRONOBS_TEST_RUN"], "log", "postgres.log")
ENTRY = re.compile(r"^\d{4}-\d\d-\d\d .*? \[(\d+)\] (.*?) ?(LOG|DETAIL|STATEMENT|ERROR):  (.*)", re.S)


def entries(text):
    one = None
    for line in text.splitlines():
        if ENTRY.match(line):
            if one is not None:
                yield one
            one = line
        elif one is not None:
            one += "\n" + line.removeprefix("\t")
    if one is not None:
        yield one


def statements_of(http_, path):
    """What the API sends for a read: (statement, parameters)."""
    http_.get(path)  # prepared, and what it remembers is there
    size = os.path.getsize(LOG)
    superuser("ALTER SYSTEM SET log_min_duration_statement = 0", "SELECT pg_reload_conf()")
    wait_for("statements are logged", lambda: logs_statements(), 10)
    http_.get(path)
    superuser("ALTER SYSTEM RESET log_min_duration_statement", "SELECT pg_reload_conf()")
    with open(LOG, encoding="utf-8", errors="replace") as log:
        log.seek(size)
        text = log.read()
    found, last = [], {}  # last: of each session
    for entry in entries(text):
        session, app, kind, rest = ENTRY.match(entry).groups()
        if not app.startswith("cronobs"):
            continue
        executed = re.match(r"duration: [\d.]+ ms  execute \S+: (.*)", rest, re.S)
        if kind == "LOG" and executed:
            last[session] = [executed[1], {}]
            found.append(last[session])
        elif kind == "LOG":
            last.pop(session, None)  # parse and bind: the latter has its parameters, too
        elif kind == "DETAIL" and session in last and rest.startswith("parameters: "):
            last[session][1] = {int(n): None if value == "NULL" else value[1:-1].replace("''", "'") for n, value in re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", rest)}
    return found


def logs_statements():
    with stack.connect() as connection:
        return connection.execute("SHOW log_min_duration_statement").fetchone()[0] == "0"


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TYPES = [(rf"{UUID}$", "uuid"), (rf"\{{({UUID},?)*\}}$", "uuid[]"), (r"-?\d+$", "bigint"), (r'\{([IDWELO],?)+\}$', '"char"[]'), (r'\{("[\d: +-]+",?)+\}$', "timestamptz[]"),
         (r"\d{4}-\d\d-\d\d \d\d:", "timestamptz")]


def type_of(value):
    return next((name for form, name in TYPES if re.match(form, value or "")), "text")


def pgbench(statements):
    """Milliseconds of each run of all of them."""
    script, values = "", []
    for n, (sql, parameters) in enumerate(statements):
        script += re.sub(r"\$(\d+)", lambda m: f":s{n}_{m[1]}::{type_of(parameters[int(m[1])])}" if parameters.get(int(m[1])) else "''::text", sql) + ";\n"
        values += [f"s{n}_{number}={value}" for number, value in parameters.items() if value]  # pgbench knows no empty ones
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "script"), "w", encoding="utf-8") as file:
            file.write(script)
        command = ["pgbench", "-n", "-M", "prepared", "-f", f"{folder}/script", "-t", str(options.times), "-l", "--log-prefix", f"{folder}/log", *[x for v in values for x in ("-D", v)], stack.database]
        done = subprocess.run(command, env=dict(os.environ, PGOPTIONS=SETTINGS, PATH=os.environ["PATH"] + ":/usr/lib/postgresql/15/bin:/usr/lib/postgresql/17/bin"), capture_output=True, text=True)
        logs = [name for name in os.listdir(folder) if name.startswith("log")]
        if done.returncode != 0 or not logs:
            raise RuntimeError(done.stderr[-600:])
        with open(os.path.join(folder, logs[0]), encoding="utf-8") as file:
            return [int(line.split()[2]) / 1000 for line in file]


def quantiles(times):
    cut = statistics.quantiles(times, n=100)
    return f"p50 {cut[49]:.1f} ms, p99 {cut[98]:.1f} ms"


def measure(http_, path):
    times = []
    for _ in range(options.times):
        began = time.monotonic()
        size = http_.get(path)
        times.append((time.monotonic() - began) * 1000)
    return times, size


api = stack.start_api()
http_ = Http()
for name, path in READS.items():
    if options.names and name not in options.names:
        continue
    statements = statements_of(http_, path)
    times, size = measure(http_, urllib.parse.quote(path, safe="/:?=&,~-."))
    print(f"B8 {name}: {quantiles(times)}, {size / 1024:.0f} KiB | {len(statements)} statements by pgbench: {quantiles(pgbench(statements))}", flush=True)
