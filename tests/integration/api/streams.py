"""What changes, as it changes: GET /v1/stream."""
import json
import re
import signal
import socket
import threading
import time

from client import Client, Worker
from listener import Listener
from relay import before_postgres
from support import case
from support.stack import Process, Stack, free_port, wait_for

stack = Stack("streams", partitions=3)
stack.prepare("q")
postgres, database = before_postgres(stack)
stack.environment["CRONOBS_DATABASE"] = database  # of the API alone; the consumer goes straight
direct = dict(CRONOBS_DATABASE=stack.database)
api = stack.start_api()
scheduler, consumer = stack.start_scheduler(), stack.start_consumer(**direct)
client, worker = Client(stack.url), Worker(stack)
TOO_MUCH = "log:01a20dc8-e780-84a3-82a6-2e6896ff6f9e:1:01a20dc8-e780-84a3-82a6-2e6896ff6f9e:1"


def metric(name):
    return float(re.search(rf"^cronobs_{name} (\S+)", client.get("/metrics").body, re.M)[1])


def triggered(key):
    made = client.act(key, "trigger")
    assert made.status == 201, made
    return wait_for("it is shown", lambda: (a := client.call("GET", made.headers["Location"])).status == 200 and a.body, 30)


def status_of(execution):
    with stack.connect() as connection:
        return connection.execute("SELECT status FROM execution WHERE execution_id = %s", [execution["execution_id"]]).fetchone()[0]


def it_says_hello():
    listener = Listener(stack.port, [])
    hello = listener.named("hello")[0].data
    assert set(hello) == {"boot", "now", "version", "ui"} and hello["ui"] and hello["version"], hello
    again = Listener(stack.port, ["summary"])
    assert again.named("hello")[0].data["boot"] == hello["boot"]
    assert {"Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no"} <= set(again.head), again.head
    for one in (listener, again):
        one.close()
    assert client.call("HEAD", "/v1/stream").status == 200
    wait_for("they are gone", lambda: metric("streams") == 0 and metric("http_streams") == 0, 10)
    looks, began = metric("stream_looks_total"), time.monotonic()
    wait_for("1 s", lambda: time.monotonic() - began > 1, 20)
    assert metric("stream_looks_total") == looks  # nobody listens, nobody looks


def what_is_no_topic_is_refused():
    for topics, why in (("nothing", "nothing"), ("task:", "task:"), ("execution:x", "execution:x"), ("log:x:1", "log:x:1"), (TOO_MUCH + ":1", "log"),
                        (",".join(f"task:p~k{n}" for n in range(33)), "more than 32")):
        answer = client.call("GET", f"/v1/stream?topics={topics}")
        assert answer.status == 400 and why in answer["detail"], (topics, answer)
    assert client.call("GET", "/v1/stream?topic=summary").status == 400


def a_run_is_followed_from_pending_to_its_end():
    client.put("run")
    everything = Listener(stack.port, ["summary", "tasks", "days", "task:default~run"])
    began = time.monotonic()
    execution = triggered("run")
    for topic in ("summary", "tasks", "days", "task:default~run"):
        everything.hears(topic, began, 2 + time.monotonic() - began)
    slowest = 0
    one = Listener(stack.port, [f"execution:{execution['execution_id']}", f"task:{execution['task_id']}", "task:default~other"])
    for status, code in (("RUNNING", 2), ("SUCCEEDED", 5)):
        began = time.monotonic()
        worker.report(execution, status)
        wait_for(status, lambda: status_of(execution) == code, 30, 0.01)
        stored = time.monotonic()
        heard = [listener.hears(topic, began, 2 + stored - began) for listener, topic in (
            (one, f"execution:{execution['execution_id']}"), (one, f"task:{execution['task_id']}"), (everything, "summary"), (everything, "task:default~run"))]
        slowest = max(slowest, *(h - (stored - began) for h in heard))
    assert not one.changes("task:default~other"), one.events
    for one in (everything, one):
        one.close()
    return f"{slowest:.2f} s after it was stored, at most"


def what_nobody_reports_on_is_told_as_well():
    """Executions that wait for a worker have no report."""
    listener = Listener(stack.port, ["task:default~each", "summary"])
    client.put("each", {"schedules": [{"expression": "* * * * * *"}]})
    began = time.monotonic()
    for _ in range(3):
        listener.hears("task:default~each", time.monotonic(), 4)
    wait_for("4 s", lambda: time.monotonic() - began > 4, 10)
    count = len(listener.changes("task:default~each", began))
    assert count <= (time.monotonic() - began) * 1.1 + 2, f"{count} in {time.monotonic() - began:.1f} s"  # one in a second at most
    client.act("each", "pause")
    listener.close()


def commands_are_told_by_task():
    listener = Listener(stack.port, ["tasks", "task:default~edited"])
    for act in (lambda: client.put("edited"), lambda: client.act("edited", "pause"), lambda: client.act("edited", "resume"),
                lambda: client.call("DELETE", "/v1/tasks/default~edited", Prefer="wait=20")):
        began = time.monotonic()
        assert act().status < 300
        done = time.monotonic() - began
        listener.hears("task:default~edited", began, 2 + done)
        listener.hears("tasks", began, 2 + done)
    listener.close()


def log_topic(execution, line):
    return f"log:{execution['execution_id']}:1:{worker.incarnation}:{line}"


def lines_come_without_hole_or_double_at_1000_in_a_second():
    global logged
    logged = execution = triggered("run")
    early, late = Listener(stack.port, [log_topic(execution, 1)]), Listener(stack.port, [log_topic(execution, 2501), "summary"])
    began = time.monotonic()
    for batch in range(50):  # 100 lines each, ten times in a second
        worker.log(execution, 1 + 100 * batch, [("INFO", "STDOUT", f"line {1 + 100 * batch + i}") for i in range(100)])
        wait_for("it is time", lambda: time.monotonic() - began >= 0.1 * (batch + 1), 30, 0.01)
    for listener, first in ((early, 1), (late, 2501)):
        wait_for("all lines", lambda: listener.lines()[-1:] == [(5000, "line 5000")], 20)
        assert listener.lines() == [(n, f"line {n}") for n in range(first, 5001)]
        listener.close()
    last = early.named("log")[-1]
    assert last.data["topic"] == log_topic(execution, 1) and last.data["more"] is False, last
    return f"{time.monotonic() - began:.1f} s for 5,000 lines"


def a_late_reader_gets_all_of_it_in_pieces():
    reader = Listener(stack.port, [log_topic(logged, 1)])
    wait_for("all lines", lambda: len(reader.lines()) >= 5000, 20)
    assert reader.lines() == [(n, f"line {n}") for n in range(1, 5001)]
    pieces = reader.named("log")
    assert len(pieces) > 5 and all(len(json.dumps(p.data)) < 80_000 for p in pieces), len(pieces)
    assert [p.data["more"] for p in pieces] == [True] * (len(pieces) - 1) + [False]
    worker.log(logged, 5011, [("ERROR", "STDERR", "behind a hole"), ("WARN", "LOG", "\x1b[1mlast")])
    piece = wait_for("the next piece", lambda: [p.data for p in reader.named("log") if p.data["from"] > 5000], 20)[0]
    assert piece["from"] == 5011 and [(x["seq"], x["level"], x["stream"], x["message"]) for x in piece["lines"]] == [
        (5011, "ERROR", "STDERR", "behind a hole"), (5012, "WARN", "LOG", "\x1b[1mlast")], piece
    reader.close()


def a_log_that_has_not_begun_is_awaited():
    execution = triggered("run")
    reader = Listener(stack.port, [log_topic(execution, 1), TOO_MUCH])
    worker.log(execution, 1, [("INFO", "STDOUT", "first")])
    wait_for("the line", lambda: reader.lines() == [(1, "first")], 20)
    reader.close()


def three_hundred_cost_what_one_costs():
    listeners = [Listener(stack.port, ["summary", f"task:default~t{n}", f"task:default~u{n}"], greeted=False) for n in range(300)]
    wait_for("all are greeted", lambda: all(one.named("hello") for one in listeners), 30)
    looks, began = metric("stream_looks_total"), time.monotonic()
    wait_for("6 s", lambda: time.monotonic() - began > 6, 20)
    made, took = metric("stream_looks_total") - looks, time.monotonic() - began
    assert 1 <= made <= took * 4 + 2, (made, took)
    began = time.monotonic()
    client.put("t7")
    listeners[7].hears("task:default~t7", began, 5)
    for one in listeners:
        one.close()
    wait_for("they are gone", lambda: metric("streams") <= 2, 20)
    return f"{made:.0f} looks in {took:.1f} s"


def with_the_database_away_it_stays():
    listener = Listener(stack.port, ["summary", "task:default~away"])
    postgres.cut()
    wait_for("it is away", lambda: client.call("GET", "/v1/tasks").status == 503, 20)
    away = time.monotonic()
    newcomer = Listener(stack.port, ["task:default~away"])  # is greeted all the same
    sent = client.put("away", Prefer="")
    assert sent.status == 202, sent
    with stack.connect() as connection:  # the consumer is not cut off
        wait_for("it is stored", lambda: connection.execute("SELECT 1 FROM task WHERE key = 'away'").fetchone(), 30)
    began = time.monotonic()
    assert not listener.is_over and not listener.changes("task:default~away", away)
    postgres.mend()
    for one in (listener, newcomer):
        one.hears("task:default~away", began, 15)
        assert not one.is_over
        one.close()


def those_who_park_have_a_limit():
    port = free_port()
    small = Process(stack, "small", ["sh", "-c", f"ulimit -n 300; exec {stack.binary} api"], dict(stack.environment, CRONOBS_API_LISTEN=f"127.0.0.1:{port}"))
    stack.processes.append(small)
    other = Client(f"http://127.0.0.1:{port}")
    wait_for("it is ready", lambda: answers(other, "/readyz"), 30)
    listeners = []
    while (answer := probe(port)) is not None:
        listeners.append(answer)
        assert len(listeners) < 150
    refused = other.call("GET", "/v1/stream")
    assert refused.status == 503 and refused.headers["Retry-After"] and "streams" in refused["detail"], refused
    assert other.call("GET", f"/v1/tasks?after_command={TOO_MUCH[4:40]}").status == 503
    assert other.get("/healthz") and other.get("/v1/tasks")
    listeners.pop().close()
    wait_for("there is a place again", lambda: (p := probe(port)) and listeners.append(p) is None, 10)
    for one in listeners:
        one.close()
    small.stop()
    return f"{len(listeners)} streams"


def answers(other, path):
    try:
        return other.call("GET", path).status == 200
    except OSError:
        return False


def probe(port):
    """A connection with a stream on it, or None."""
    s = socket.create_connection(("127.0.0.1", port), 10)
    s.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if s.recv(12) == b"HTTP/1.1 200":
        return s
    s.close()
    return None


class Deaf(threading.Thread):
    """Asks for as much as can be asked for, and takes next to nothing of it."""

    def __init__(self):
        super().__init__(daemon=True)
        keys = [f"{n:03d}" + "x" * 190 for n in range(32)]
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", stack.port))
        self.ended, self.data = False, b""
        self.socket.sendall(f"GET /v1/stream?topics={','.join('task:default~' + key for key in keys)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        for n in range(8):  # in every partition one, most likely: it moves all tasks there
            client.put(f"each{n}", {"schedules": [{"expression": "* * * * * *"}]})

        self.start()

    def run(self):
        while not metric("stream_overflows_total"):
            self.data += self.socket.recv(100)
            time.sleep(1)  # it is slow on purpose
        self.socket.settimeout(30)
        while chunk := self.socket.recv(65536):
            self.data += chunk
        self.ended = True


def who_does_not_take_what_it_is_told_is_ended():
    wait_for("it is ended", lambda: deaf.ended, 240, 0.5)
    assert metric("stream_overflows_total") == 1 and metric("http_streams_cut_total") == 0 and metric("http_memory_bytes") < 1 << 20
    assert b"event: overflow\ndata: {}\n\n" in deaf.data and deaf.data.endswith(b"0\r\n\r\n"), deaf.data[-200:]
    comments = [event.at for event in quiet.named("")]
    assert len(comments) >= 2 and all(b - a < 20 for a, b in zip(comments, comments[1:])), comments
    quiet.close()
    return f"{len(deaf.data) >> 10} KiB, {len(comments)} comments to one who is told nothing else"


def a_killed_server_is_another_one():
    listener = Listener(stack.port, ["summary"])
    before = listener.named("hello")[0].data["boot"]
    api.kill()
    wait_for("it is over", lambda: listener.is_over, 20)
    assert not listener.is_whole
    wait_for("the API is ready", stack.api_answers, 30)
    again = Listener(stack.port, ["summary"])
    assert again.named("hello")[0].data["boot"] != before
    again.close()


def it_says_bye_when_it_stops():
    listeners = [Listener(stack.port, topics) for topics in ([], ["summary", "tasks"], [log_topic(logged, 1)])]
    api.stopped = True
    api.child.send_signal(signal.SIGTERM)
    assert api.child.wait(20) == 0, api.log_path
    for one in listeners:
        wait_for("it is over", lambda: one.is_over, 10)
        assert one.events[-1].name == "bye" and one.events[-1].data["retry_ms"] > 0 and one.is_whole, one.events[-1:]


deaf = quiet = None


def somebody_listens_and_hardly_reads():
    """While other things are looked at."""
    global deaf, quiet
    deaf, quiet = Deaf(), Listener(stack.port, ["execution:" + TOO_MUCH[4:40]])


case.run(it_says_hello, what_is_no_topic_is_refused, a_run_is_followed_from_pending_to_its_end, what_nobody_reports_on_is_told_as_well, commands_are_told_by_task,
         somebody_listens_and_hardly_reads, lines_come_without_hole_or_double_at_1000_in_a_second, a_late_reader_gets_all_of_it_in_pieces, a_log_that_has_not_begun_is_awaited,
         three_hundred_cost_what_one_costs, with_the_database_away_it_stays, those_who_park_have_a_limit,
         who_does_not_take_what_it_is_told_is_ended, a_killed_server_is_another_one, it_says_bye_when_it_stops)
