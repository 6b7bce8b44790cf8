"""What the reads of the web page cost at volume, beside the statements that they run.

    tests/bench/reads.py [--keep NAME] [--seconds N] [--plans FOLDER] [READ...]

Two histories of three years are put into tables of their own, one with ten times the rows of the other, in monthly and weekly partitions. Each read is asked for over HTTP on four
connections that are kept. Its reference, in the same minute, is pgbench with the very statements and parameters that the API sent for it, taken from the server's log, prepared once and
run by four clients with the API's settings: what the API adds is rows to JSON, schedules to words, and the way there. CPU is that of the API and of its
sessions of PostgreSQL an answer, beside that of pgbench's sessions: on a machine with other work it says more than the clock. "Pages" and "rows" are what PostgreSQL looked at for one such read,
from EXPLAIN (ANALYZE, BUFFERS): they show the bound of a read, and no other load on the machine moves them. Caches are warm.

--keep NAME: the tables stay, and are used again by the next run with that name.  --plans FOLDER: the plans are written there.
"""
import argparse
import json
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import psycopg  # noqa: E402
from support import volume  # noqa: E402
from support.stack import Stack, wait_for  # noqa: E402

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--large", type=int, default=5_000_000, help="executions; log lines are ten times as many")
options.add_argument("--tasks", type=int, default=10_000)
options.add_argument("--days", type=int, default=1095)
options.add_argument("--seconds", type=float, default=3, help="of each measurement; 0: pages and rows alone")
options.add_argument("--keep", metavar="NAME")
options.add_argument("--plans", metavar="FOLDER")
options.add_argument("names", nargs="*", metavar="READ")
options = options.parse_args()

CLIENTS = 4
SETTINGS = "-c search_path=cronobs -c role=cronobs_reader -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off -c timezone=UTC"
LOG = os.path.join(os.environ["CRONOBS_TEST_RUN"], "log", "postgres.log")
BUSY = "billing~task0"  # of which a fiftieth of all executions is


def day(back):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - back * 86400))


class Place(Stack):
    """An installation with a history of that many executions."""

    def __init__(self, executions):
        self.executions = executions
        super().__init__("reads", partitions=12)
        self.lines, self.own, self.busy = executions * 10, min(1_000_000, executions), executions // 50
        self.prepare("q0")
        with self.connect() as connection:
            if not connection.execute("SELECT EXISTS (SELECT FROM task)").fetchone()[0]:
                took = volume.make(self.connect, executions, self.lines, self.own, options.tasks, options.days, self.busy)
                print(f"# {executions:,} executions in {took:.0f} s", flush=True)
            self.one, self.old, self.middle = volume.some(connection)
        self.start_api()

    def make_database(self):
        if options.keep is None:
            return super().make_database()
        self.name = f"{options.keep}{self.executions}"
        self.prefix = f"{self.name}."
        with psycopg.connect(self.server, autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", (self.name,)).rowcount == 0:
                return super().make_database()
        return psycopg.conninfo.make_conninfo(**dict(psycopg.conninfo.conninfo_to_dict(self.server), dbname=self.name))

    def down(self):
        if options.keep is None:
            super().down()
        for process in self.processes:
            process.stop()
        self.processes = []

    def reads(self):
        logs, old = f"/v1/executions/{self.one}/logs", f"/v1/executions/{self.old}"
        return {
            "executions, newest": "/v1/executions?limit=50",
            "executions of a task, newest": f"/v1/executions?task={BUSY}&limit=50",
            "executions of a rare task": "/v1/executions?task=billing~task4&limit=500",
            "executions of a task, deep in the past": f"/v1/executions?task={BUSY}&to={day(300)}T00:00:00Z&limit=50",
            "executions of a day, oldest first": f"/v1/executions?day={day(400)}&order=asc&limit=500",
            "failed": "/v1/executions?status=FAILED&limit=50",
            "problems and late": "/v1/executions?status=FAILED,TIMED_OUT,LOST,MISSED,LATE&limit=50",
            "late": "/v1/executions?status=LATE&limit=50",
            "running": "/v1/executions?status=RUNNING&limit=100",
            "running, over their usual": "/v1/executions?status=RUNNING&order=over&limit=10",
            "newest, with usual": "/v1/executions?include=usual&limit=50",
            "by reason and trigger, none": "/v1/executions?reason=SIGNAL&trigger=BACKFILL&limit=50",
            "one execution": f"/v1/executions/{self.middle}",
            "its events": f"/v1/executions/{self.middle}/events",
            "summary": "/v1/summary",
            "summary of a project": "/v1/summary?project=ops",
            "failing": "/v1/failing?limit=20",
            "failing, of a month": f"/v1/failing?limit=20&from={day(30)}T00:00:00Z",
            "tasks with recent, words": "/v1/tasks?include=recent,words&limit=50",
            "tasks, search": "/v1/tasks?q=task77&include=recent,words&limit=50",
            "tasks, search that most match": "/v1/tasks?q=task&limit=50",
            "days of a task, 3 months": f"/v1/tasks/{BUSY}/days?from={day(70)}&to={day(-20)}&tz=Europe/Berlin",
            "days of all, a month": f"/v1/days?from={day(30)}&tz=Europe/Berlin",
            "days of all, a year": f"/v1/days?from={day(365)}&tz=Europe/Berlin",
            "a day by quarters of an hour": f"/v1/days?unit=15m&from={day(1)}&to={day(1)}",
            "gaps of a task, a day long ago": f"/v1/tasks/{BUSY}/days?unit=15m&from={day(390)}&to={day(390)}",
            "log from a line in the middle": f"{logs}?line={self.own * 7 // 10}&limit=500",
            "log, last 500": f"{logs}?tail=500",
            "log, errors from the first": f"{logs}?line=1&level=ERROR&limit=500",
            "log writers": f"{logs}:writers?levels=true",
            "log search, 200,000 lines": f"{logs}:search?q=needle&limit=50",
            "log of an old run, from its beginning": f"{old}/logs?limit=500",
            "log of an old run, last 500": f"{old}/logs?tail=500",
            "log of an old run, as text": f"{old}/logs.txt",
            "queues": "/v1/queues",
            "system": "/v1/system",
        }


# --- processor time ---


def cpu_of(pids):
    """Milliseconds of all threads of these processes so far."""
    spent = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                spent += int(file.read().split()[0])
    return spent / 1e6


def cpu_of_ended(server):
    """Of all sessions that have ended."""
    with open(f"/proc/{server}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * 1000 / os.sysconf("SC_CLK_TCK")


def server_of(session):
    with open(f"/proc/{session}/stat", encoding="ascii") as file:
        return int(file.read().rpartition(")")[2].split()[1])


# --- over HTTP ---


class Connection:
    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = f"GET {urllib.parse.quote(path, safe='/:?=&,~-.')} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()

    def ask(self):
        self.began, self.got = time.perf_counter(), b""
        self.socket.sendall(self.request)

    def take(self):
        """True when the answer is whole."""
        self.got += self.socket.recv(1 << 20)
        head, mark, body = self.got.partition(b"\r\n\r\n")
        if not mark:
            return False
        assert head.startswith(b"HTTP/1.1 200"), self.got[:600]
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def get(port, path):
    one = Connection(port, path)
    one.ask()
    while not one.take():
        pass
    return len(one.got)


def ask_often(place, path):
    """Milliseconds of each, how many a second, and milliseconds of CPU of each."""
    processes = [place.processes[0].child.pid, *sessions_of(place, "cronobs-api")]
    spent, port = cpu_of(processes), place.port
    times, began = [], time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(CLIENTS):
            one = Connection(port, path)
            selector.register(one.socket, selectors.EVENT_READ, one)
            one.ask()
        until = began + options.seconds
        while time.perf_counter() < until:
            for key, _ in selector.select(30):
                if key.data.take():
                    times.append((time.perf_counter() - key.data.began) * 1000)
                    key.data.ask()
        took = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.fileobj.close()
    return times, len(times) / took, (cpu_of(processes) - spent) / max(1, len(times))


# --- the statements behind it ---

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


def sessions_of(place, application):
    with place.connect() as connection:
        return {str(pid) for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = %s", (place.name, application))}


def set_logging(place, statement):
    with place.connect() as connection:
        connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")
    with place.connect() as connection:
        wanted = "0" if "= 0" in statement else "-1"
        wait_for("the setting is there", lambda: connection.execute("SHOW log_min_duration_statement").fetchone()[0] == wanted, 10)


def statements_of(place, ask):
    """What the API sends: (statement, parameters)."""
    size = os.path.getsize(LOG)
    set_logging(place, "ALTER SYSTEM SET log_min_duration_statement = 0")
    time.sleep(0.3)  # until each idle session has heard of it, which nothing shows
    ask()
    sessions = sessions_of(place, "cronobs-api")
    set_logging(place, "ALTER SYSTEM RESET log_min_duration_statement")
    with open(LOG, encoding="utf-8", errors="replace") as log:
        log.seek(size)
        text = log.read()
    found, last = [], {}  # last: of each session
    for entry in entries(text):
        session, app, kind, rest = ENTRY.match(entry).groups()
        if session not in sessions or "pg_inherits" in rest:
            continue  # which months there are is asked once a second, for all reads
        executed = re.match(r"duration: [\d.]+ ms  execute \S+: (.*)", rest, re.S)
        if kind == "LOG" and executed:
            last[session] = [executed[1], {}]
            found.append(last[session])
        elif kind == "LOG":
            last.pop(session, None)  # parse and bind: the latter has its parameters, too
        elif kind == "DETAIL" and session in last and rest.startswith("parameters: "):
            last[session][1] = {int(n): None if value == "NULL" else value[1:-1].replace("''", "'") for n, value in re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", rest)}
    return found


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TYPES = [(rf"{UUID}$", "uuid"), (rf"\{{({UUID},?)*\}}$", "uuid[]"), (r"-?\d+$", "bigint"), (r"\{(-?\d+,?)+\}$", "bigint[]"), (r'\{([IDWELO],?)+\}$', '"char"[]'),
         (r'\{("[\d: +-]+",?)+\}$', "timestamptz[]"), (r"\d{4}-\d\d-\d\d \d\d:", "timestamptz")]


def type_of(value):
    return next((name for form, name in TYPES if re.match(form, value or "")), "text")


def typed(sql, parameters, name):
    """The statement with each parameter as `name` says, and its type."""
    return re.sub(r"\$(\d+)", lambda m: f"{name(m[1])}::{type_of(parameters[int(m[1])])}" if parameters.get(int(m[1])) else "''::text", sql)


def environment():
    return dict(os.environ, PGOPTIONS=SETTINGS, PATH=os.environ["PATH"] + ":/usr/lib/postgresql/15/bin:/usr/lib/postgresql/17/bin")


def pgbench(place, statements):
    """Milliseconds of each run of all of them, how many a second, and milliseconds of CPU of each."""
    script, values = "", []
    for n, (sql, parameters) in enumerate(statements):
        script += typed(sql, parameters, lambda number: f":s{n}_{number}") + ";\n"
        values += [f"s{n}_{number}={value}" for number, value in parameters.items() if value]  # pgbench knows no empty ones
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "script"), "w", encoding="utf-8") as file:
            file.write(script)
        definitions = [x for v in values for x in ("-D", v)]
        _, _, began = run_pgbench(place, folder, ["-t", "1", *definitions])  # connecting and planning
        times, rate, spent = run_pgbench(place, folder, ["-T", str(max(1, round(options.seconds))), *definitions])
        if not times:  # a time in which none of them came to its end
            times, rate, spent = run_pgbench(place, folder, ["-t", "5", *definitions])
    return times, rate, max(0, spent - began) / max(1, len(times) - CLIENTS)


def run_pgbench(place, folder, arguments):
    """Milliseconds of each run, how many a second, and milliseconds of CPU of all sessions."""
    server = server_of(min(sessions_of(place, "cronobs-api")))
    before = cpu_of_ended(server)
    command = ["pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-f", f"{folder}/script", "-l", "--log-prefix", f"{folder}/log", *arguments, place.database]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    logs = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("log")]
    if done.returncode != 0 or not logs:
        raise RuntimeError(done.stderr[-600:])
    with open(logs[0], encoding="utf-8") as file:
        times = [int(line.split()[2]) / 1000 for line in file]
    os.unlink(logs[0])
    wait_for("its sessions have ended", lambda: not sessions_of(place, "pgbench"), 10)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    return times, float(rate[1]) if rate else 0, cpu_of_ended(server) - before


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def rows_looked_at(node):
    """Of a scan of a table or index."""
    if "Relation Name" not in node:
        return 0
    return round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"])


def explain(place, read, statements):
    """(pages, rows) that all of them looked at."""
    pages = rows = 0
    with psycopg.connect(place.database, autocommit=True, options=SETTINGS) as connection:
        cursor = psycopg.ClientCursor(connection)
        for n, (sql, parameters) in enumerate(statements):
            used = [int(p) for p in dict.fromkeys(re.findall(r"\$(\d+)", sql)) if parameters.get(int(p))]
            numbers = {str(p): i + 1 for i, p in enumerate(used)}
            cursor.execute(f"PREPARE s{n} AS " + typed(sql, parameters, lambda number: f"${numbers[number]}"))
            values = [parameters[p] for p in used]
            execute = f"EXECUTE s{n}" + (f" ({', '.join(['%s'] * len(values))})" if values else "")
            top = cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}", values).fetchone()[0][0]
            pages += top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"]
            rows += sum(map(rows_looked_at, nodes(top["Plan"])))
            if options.plans:
                text = "\n".join(line for (line,) in cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS) {execute}", values))
                with open(os.path.join(options.plans, f"{place.executions} {read}".replace("/", "-")), "a", encoding="utf-8") as file:
                    file.write(f"{sql}\n{json.dumps(parameters)}\n{text}\n\n")
    return pages, rows


# --- figures ---


def quantile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def shown(ms):
    return f"{ms:.2f}" if ms < 1 else f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"


def line_of(name, place, path):
    """CPU of an answer, and what the table says of it."""
    size = get(place.port, path)  # prepared, and what it remembers is there
    statements = statements_of(place, lambda: get(place.port, path))
    looked_at = " / ".join(f"{n:,}" for n in (len(statements), *explain(place, name, statements)))
    if not options.seconds:
        return 1, f"– | – | – | – | {looked_at} | {size / 1024:,.0f}"
    times, rate, cpu = ask_often(place, path)
    beside, ratio, bare_cpu = "–", "–", 0
    if statements:
        bare, bare_rate, bare_cpu = pgbench(place, statements)
        beside, ratio = figures(bare, bare_rate), f"{rate / bare_rate:.2f}" if bare_rate else "–"
    return cpu, f"{figures(times, rate)} | {beside} | {ratio} | {shown(cpu)} / {shown(bare_cpu)} | {looked_at} | {size / 1024:,.0f}"


def figures(times, rate):
    return f"{shown(quantile(times, .5))} / {shown(quantile(times, .99))} / {rate:,.0f}"


def main():
    if options.plans:
        os.makedirs(options.plans, exist_ok=True)
    places = [Place(options.large // 10), Place(options.large)]
    for place in places:
        print(f"> {place.executions:,} executions of {options.tasks:,} tasks in {options.days} days, {place.lines:,} log lines: {place.own:,} of one run, the others 200 a run; a task with {place.busy:,} executions in 400 days", flush=True)
    print("### Reads, on four connections\n| read | executions | p50 ms / p99 ms / a second | pgbench, the same statements | of its rate | CPU ms / pgbench's | statements / pages / rows | KiB | CPU against a tenth of the rows |\n|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in places[0].reads():
        if options.names and name not in options.names:
            continue
        before = None
        for place in places:
            cpu, text = line_of(name, place, place.reads()[name])
            print(f"| {name} | {place.executions:,} | {text} | {'' if before is None else f'{cpu / before:.1f} ×'} |", flush=True)
            before = cpu


main()
