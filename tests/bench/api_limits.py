"""What hostile requests cost the API: the most memory (RSS), and the longest time in which it answered nobody else.

    CRONOBS_TEST_BIN=build/release/cronobs tests/bench/api_limits.py [CASE...]

Every case is an API of its own, which reads tables that were filled beforehand. Beside the attack somebody asks /healthz every 5 ms: "held"
is the longest of its answers, "slow" the longest callback that the API itself logged (0: none above 50 ms); both grow with whatever else the
machine does. "CPU" does not: what the loop's thread computed for the whole case.
"""
import http.client
import json
import os
import re
import socket
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from support.stack import Stack, free_port, wait_for  # noqa: E402

stack = Stack("limits", partitions=3)
stack.prepare("q")
NOW = "now() - interval '1 hour'"
RULES = [{"kind": "date", "value": f"{2030 + n // 336}-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}"} for n in range(1000)]


def spec(payload="x", schedules=1, rules=0):
    made = {"queue": "q", "payload": payload, "schedules": [{"expression": f"{n} * * * *", "zone": "UTC"} for n in range(schedules)]}
    return made | ({"calendars": [{"name": "c", "mode": "EXCLUDE", "rules": RULES[:rules]}]} if rules else {})


def fill_tasks(project, count, **shape):
    with stack.connect() as connection:
        text = json.dumps(spec(**shape))
        connection.cursor().executemany(
            f"INSERT INTO task (task_id, revision, state, effective_at, received_at, project, key, queue, spec) VALUES (%s, 1, 0, {NOW}, {NOW}, %s, %s, 'q', %s)",
            [(str(uuid.uuid4()), project, f"k{n:05d}", text) for n in range(count)])
        connection.execute("ANALYZE task")


def fill_executions(count, size):
    task = str(uuid.uuid4())
    with stack.connect() as connection:
        connection.execute("SELECT ensure_partition('execution', now())")
        names = connection.execute("SELECT column_name FROM information_schema.columns WHERE table_schema = 'cronobs' AND table_name = 'execution'").fetchall()
        made = ", made" if ("made",) in names else ""
        for n in range(count):
            at = int(time.time() * 1000) - n
            one = uuid.UUID(bytes=at.to_bytes(6, "big") + b"\x80" + os.urandom(9))
            connection.execute(f"INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, status, trigger, queue, message{made}) "
                               f"VALUES (%s, %s, now(), now(), 6, 0, 'q', %s{', true' if made else ''})", (str(one), task, "m" * size))
    return task


class Api:
    def __init__(self, name):
        self.port = free_port()
        self.process = stack.start(name, "api", CRONOBS_API_LISTEN=f"127.0.0.1:{self.port}")
        wait_for("it answers", self.answers, 30)
        self.rss, self.held, self.is_over = 0, 0.0, False
        self.watchers = [threading.Thread(target=self.watch_memory), threading.Thread(target=self.watch_loop)]
        for thread in self.watchers:
            thread.start()

    def get(self, path, timeout=120, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request("PUT" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def answers(self):
        try:
            return self.get("/readyz") == 200
        except OSError:
            return False

    def cpu(self):
        with open(f"/proc/{self.process.child.pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e6

    def watch_memory(self):
        while not self.is_over:
            with open(f"/proc/{self.process.child.pid}/status") as file:
                self.rss = max(self.rss, int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) // 1024)
            time.sleep(0.02)

    def watch_loop(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.is_over:
            began = time.monotonic()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            self.held = max(self.held, time.monotonic() - began)
            time.sleep(0.005)

    def end(self):
        self.is_over = True
        for thread in self.watchers:
            thread.join()
        slow = [int(ms) for ms in re.findall(r"held up.* ms=(\d+)", self.process.log_text())]
        self.process.stop()
        return max(slow, default=0)


def at_once(count, do):
    threads = [threading.Thread(target=do) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def unfinished_bodies(api):
    open_ones = []
    for _ in range(600):
        s = socket.create_connection(("127.0.0.1", api.port), 20)
        open_ones.append(s)
        try:
            s.sendall(b"PUT /v1/tasks/default~x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1048000\r\n\r\n" + b" " * 1047999)
        except OSError:
            pass  # refused
    time.sleep(1)
    for s in open_ones:
        s.close()


def readers_that_never_read(api, path):
    open_ones = [socket.create_connection(("127.0.0.1", api.port), 20) for _ in range(30)]
    for s in open_ones:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    time.sleep(12)
    for s in open_ones:
        s.close()


def big_body(api, body):
    for _ in range(5):
        api.get("/v1/tasks/default~x", body=body)


def many_members():
    return ("{" + ",".join(f'"m{n}":{n}' for n in range(75000)) + "}").encode()


def prepare():
    fill_tasks("long", 500, payload="x" * 65000)
    fill_tasks("ruled", 200, schedules=16, rules=1000)
    fill_tasks("many", 10000)
    return fill_executions(200, 900000)


CASES = {
    "600 bodies of 1 MB, a byte short": unfinished_bodies,
    "500 tasks of 65 kB, a page of 500, once": lambda api: api.get("/v1/tasks?limit=500&project=long"),
    "the same by 30 that never read": lambda api: readers_that_never_read(api, "/v1/tasks?limit=500&project=long"),
    "upcoming of them, 20 at a time": lambda api: at_once(20, lambda: api.get("/v1/upcoming?limit=500&project=long")),
    "upcoming of 10,000 tasks, 20 at a time": lambda api: at_once(20, lambda: api.get("/v1/upcoming?limit=500&project=many")),
    "200 executions with a message of 900 kB, 4 at a time": lambda api: at_once(4, lambda: api.get(f"/v1/executions?task={task}&limit=500")),
    "200 tasks, 16 schedules, 1,000 rules, a page": lambda api: api.get("/v1/tasks?limit=500&project=ruled"),
    "upcoming of them": lambda api: api.get("/v1/upcoming?limit=500&project=ruled"),
    "JSON of 1 MB: 75,000 members": lambda api: big_body(api, many_members()),
    "JSON of 1 MB: 500,000 items": lambda api: big_body(api, b"[" + b"1," * 500000 + b"1]"),
    "JSON of 1 MB: one text": lambda api: big_body(api, b'"' + b"x" * 1040000 + b'"'),
}

task = prepare()
print("| attack | RSS MB | held ms | slow ms | CPU ms |\n|---|---|---|---|---|", flush=True)
for number, (what, attack) in enumerate(CASES.items()):
    if sys.argv[1:] and not any(word in what for word in sys.argv[1:]):
        continue
    one = Api(f"api-{number}")
    before = one.cpu()
    attack(one)
    cpu = one.cpu() - before
    slowest = one.end()
    print(f"| {what} | {one.rss} | {one.held * 1000:.0f} | {slowest} | {cpu:.0f} |", flush=True)
