"""A log as text, whole, however long and however slowly it is read: GET /v1/executions/ID/logs.txt."""
import hashlib
import re
import socket
import time
import uuid

from client import Client, Worker
from relay import before_postgres
from support import case
from support.memory import resident
from support.stack import Stack, wait_for

LINES, FEW, BATCH = 1_000_000, 100_000, 1000
stack = Stack("downloads", partitions=3)
stack.prepare("q")
postgres, through = before_postgres(stack)
straight = stack.database
stack.environment["CRONOBS_DATABASE"] = through
api = stack.start_api()
scheduler, consumer = stack.start_scheduler(), stack.start_consumer(CRONOBS_DATABASE=straight)
client, worker = Client(stack.url), Worker(stack)


def triggered():
    made = client.act("t", "trigger")
    assert made.status == 201, made
    return wait_for("it is shown", lambda: (a := client.call("GET", made.headers["Location"])).status == 200 and a.body, 30)


def text(execution, query=""):
    return client.call("GET", f"/v1/executions/{execution['execution_id']}/logs.txt{query}")


def metric(name):
    return float(re.search(rf"^cronobs_{name} (\S+)", client.get("/metrics").body, re.M)[1])


def lines_are_as_they_were_printed():
    client.put("t")
    one = triggered()
    assert text(one).body == ""
    worker.log(one, 1, [("INFO", "STDOUT", "\x1b[32mgreen\x1b[0m"), ("ERROR", "STDERR", "red"), ("INFO", "LOG", "\u00e4 \U0001f600")])
    wait_for("it is stored", lambda: text(one).body.count("\n") == 3, 20)
    assert text(one).body == "green\nred\n\u00e4 \U0001f600\n"
    assert text(one, "?ansi=true").body == "\x1b[32mgreen\x1b[0m\nred\n\u00e4 \U0001f600\n"
    assert text(one, "?ansi=false").body.startswith("green\n")
    headers = text(one).headers
    assert headers["Content-Type"] == "text/plain; charset=utf-8" and headers["X-Content-Type-Options"] == "nosniff", headers
    assert re.fullmatch(r'attachment; filename="t_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ.txt"', headers["Content-Disposition"]), headers
    assert client.call("HEAD", f"/v1/executions/{one['execution_id']}/logs.txt").body == ""


def one_writer_or_one_attempt_can_be_asked_for():
    one = triggered()
    writers = sorted(str(uuid.uuid4()) for _ in range(2))
    with stack.connect() as connection:
        for attempt, writer, message in ((2, writers[0], "c"), (1, writers[1], "b"), (1, writers[0], "a")):
            store(connection, one, attempt, writer, f"ARRAY['{message}']", 1, 1)
    assert text(one).body == "a\nb\nc\n"
    assert text(one, "?attempt=1").body == "a\nb\n" and text(one, "?attempt=2").body == "c\n" and text(one, "?attempt=3").body == ""
    assert text(one, f"?writer={writers[0]}").body == "a\nc\n" and text(one, f"?attempt=1&writer={writers[1]}").body == "b\n"
    assert "_attempt2.txt" in text(one, "?attempt=2").headers["Content-Disposition"]


def what_makes_no_sense_is_refused():
    one = triggered()
    for query, why in (("?attempt=0", "attempt"), ("?attempt=x", "attempt"), ("?writer=x", "writer"), ("?ansi=perhaps", "ansi"), ("?level=INFO", "level")):
        answer = text(one, query)
        assert answer.status == 400 and why in answer["detail"], answer
    missing = client.call("GET", "/v1/executions/01a20dc8-e780-84a3-82a6-2e6896ff6f9e/logs.txt")
    assert missing.status == 404 and missing["detail"].startswith("there is no execution"), missing
    assert client.call("GET", "/v1/executions/x/logs.txt").status == 400


def store(connection, execution, attempt, writer, messages, first, count):
    connection.execute(
        f"""INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)
            SELECT '{execution['execution_id']}', '{execution['task_id']}', '{writer}', now(), f, (now() AT TIME ZONE 'UTC')::date, {attempt}, 1,
                   array_fill(now(), ARRAY[{min(count, BATCH)}]), array_fill('I'::"char", ARRAY[{min(count, BATCH)}]),
                   array_fill('O'::"char", ARRAY[{min(count, BATCH)}]), {messages}
              FROM generate_series({first}, {count}, {BATCH}) f""")
    connection.execute(f"""INSERT INTO log_writer (execution_id, task_id, writer, attempt, next_seq)
                           VALUES ('{execution['execution_id']}', '{execution['task_id']}', '{writer}', {attempt}, {count + 1})""")


def expected(count):
    sum_of_all = hashlib.sha256()
    for n in range(1, count + 1):
        sum_of_all.update(b"this is line %d of very many\n" % n)
    return sum_of_all.hexdigest()


def logged(count):
    execution = triggered()
    with stack.connect() as connection:
        store(connection, execution, 1, worker.incarnation, "(SELECT array_agg('this is line ' || n || ' of very many' ORDER BY n)"
              f" FROM generate_series(f, f + {BATCH - 1}) n)", 1, count)
    return execution


class Slow:
    """Reads chunks from a socket with little room, as fast as it is told."""

    def __init__(self, execution):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.socket.connect(("127.0.0.1", stack.port))
        self.socket.settimeout(60)
        self.socket.sendall(f"GET /v1/executions/{execution['execution_id']}/logs.txt HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.file = self.socket.makefile("rb", buffering=8192)
        while self.file.readline() not in (b"\r\n", b""):
            continue
        self.sum, self.bytes, self.is_over = hashlib.sha256(), 0, False

    def read(self, most):
        """Chunks until that many bytes have come, or the last one."""
        until = self.bytes + most
        while self.bytes < until:
            size = int(self.file.readline(), 16)
            if size == 0:
                self.is_over = self.file.readline() == b"\r\n"
                return
            self.sum.update(self.file.read(size))
            self.bytes += size
            assert self.file.readline() == b"\r\n"


def a_million_lines_take_no_memory():
    long = logged(LINES)
    wanted, before, began = expected(LINES), resident(api.child.pid), time.monotonic()
    readers = [Slow(long) for _ in range(4)]
    for reader in readers:
        reader.read(1 << 20)
    assert metric("http_streams") == 4
    wait_for("all that waits is bounded", lambda: metric("http_memory_bytes") < 4 << 20, 10)
    for reader in readers[1:]:
        reader.socket.close()  # in the middle
        reader.file.close()
    wait_for("they are gone", lambda: metric("http_streams") == 1, 20)
    most = 0
    while not readers[0].is_over:
        readers[0].read(4 << 20)
        most = max(most, resident(api.child.pid))
    assert readers[0].sum.hexdigest() == wanted, readers[0].bytes
    assert most - before < 16 << 20, (before, most)
    wait_for("it is over", lambda: metric("http_streams") == 0, 10)
    return f"{readers[0].bytes >> 20} MiB in {time.monotonic() - began:.1f} s, {(most - before) / 2**20:.1f} MiB more memory"


def an_old_client_gets_it_as_well():
    global few
    few = logged(FEW)
    s = socket.create_connection(("127.0.0.1", stack.port))
    s.sendall(f"GET /v1/executions/{few['execution_id']}/logs.txt HTTP/1.0\r\n\r\n".encode())
    with s.makefile("rb") as file:
        while file.readline() not in (b"\r\n", b""):
            continue
        assert hashlib.sha256(file.read()).hexdigest() == expected(FEW)


def a_database_that_comes_back_is_read_on():
    reader = Slow(few)
    reader.read(1 << 20)
    postgres.cut()
    wait_for("it is away", lambda: client.call("GET", "/v1/tasks").status == 503, 20)
    postgres.mend()
    while not reader.is_over:
        reader.read(1 << 20)
    assert reader.sum.hexdigest() == expected(FEW)


def what_ends_too_soon_has_no_last_chunk():
    reader = Slow(few)
    reader.read(1 << 20)
    api.stop()
    try:
        while not reader.is_over:
            reader.read(1 << 20)
    except (ValueError, ConnectionResetError, AssertionError):
        pass
    assert not reader.is_over and api.child.returncode == 0, (reader.bytes, api.child.returncode)


case.run(lines_are_as_they_were_printed, one_writer_or_one_attempt_can_be_asked_for, what_makes_no_sense_is_refused, a_million_lines_take_no_memory,
         an_old_client_gets_it_as_well, a_database_that_comes_back_is_read_on, what_ends_too_soon_has_no_last_chunk)
