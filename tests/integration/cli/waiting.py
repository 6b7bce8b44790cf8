"""Waiting for an execution, against a server that goes and comes back: it is a stand-in, for each answer is decided here."""
import http.server
import json
import os
import signal
import socketserver
import subprocess
import threading
import time

from support import case
from support.stack import free_port, wait_for

BINARY = os.environ["CRONOBS_TEST_BIN"]
ID = "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f"
PORT = free_port()
ENVIRONMENT = dict(os.environ, CRONOBS_URL=f"http://127.0.0.1:{PORT}")


class Answers(http.server.BaseHTTPRequestHandler):
    status, lost, keys, waits, reads = "RUNNING", 0, [], [], 0

    def log_message(self, *ignored):
        pass

    def answer(self, body):
        text = json.dumps(body).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        Answers.reads += 1
        self.answer({"execution_id": ID, "command_id": ID, "result": "PENDING", "status": Answers.status, "run_ms": 5})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Answers.keys.append(self.headers.get("Idempotency-Key"))
        Answers.waits.append(self.headers.get("Prefer"))
        if Answers.lost > 0:
            Answers.lost -= 1
            return  # taken, and never answered
        self.answer({"command_id": ID, "result": "ACCEPTED", "code": "OK", "execution_id": ID})


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    allow_reuse_address, daemon_threads, running = True, True, None

    @classmethod
    def up(cls):
        if cls.running:  # of a check that failed
            cls.running.down()
        server = cls.running = cls(("127.0.0.1", PORT), Answers)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def down(self):
        self.shutdown()
        self.server_close()
        Server.running = None


def trigger(*options, before=()):
    return subprocess.Popen([*before, BINARY, "task", "trigger", "hello", "--wait", *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=ENVIRONMENT)


def begin(status, lost=0):
    Answers.status, Answers.lost, Answers.keys, Answers.waits, Answers.reads = status, lost, [], [], 0
    return Server.up()


def ended(child, code):
    out, err = child.communicate(timeout=60)
    assert child.returncode == code, (child.returncode, out, err)
    return out, err


def a_server_that_starts_anew_is_waited_for():
    server, child = begin("RUNNING"), trigger()
    assert child.stdout.readline() == f"triggered: execution {ID}\n"  # at once, also in a pipe
    server.down()
    assert "; waiting on)" in child.stderr.readline() and child.poll() is None
    server = begin("SUCCEEDED")
    assert ended(child, 0) == ("SUCCEEDED after 5ms\n", "")
    server.down()


def a_lost_answer_is_asked_for_under_the_same_key():
    server = begin("FAILED", lost=2)
    out, err = ended(trigger(), 1)
    assert out.endswith("FAILED after 5ms\n") and err.count("waiting on") == 1, (out, err)
    assert len(Answers.keys) == 3 and len(set(Answers.keys)) == 1 and Answers.keys[0], Answers.keys
    server.down()


def a_lost_answer_is_an_error_where_nobody_waits():
    server = begin("FAILED", lost=1)
    done = subprocess.run([BINARY, "task", "trigger", "hello"], text=True, capture_output=True, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 69 and len(Answers.keys) == 1, (done, Answers.keys)
    server.down()


def the_deadline_is_one():
    server, began = begin("RUNNING"), time.monotonic()
    out, err = ended(trigger("--timeout", "1s"), 69)
    assert time.monotonic() - began >= 1 and "has not ended yet" in err and f"cronobs execution show {ID}" in err, (out, err)
    assert Answers.waits == ["wait=1"], Answers.waits  # of the server's own waiting, too
    child = trigger("--timeout", "2s")
    child.stdout.readline()
    server.down()  # for good
    out, err = ended(child, 69)
    assert f"cronobs execution show {ID}" in err, (out, err)


def whoever_ends_the_waiting_is_told_what_goes_on():
    server = begin("RUNNING")
    for number in (signal.SIGINT, signal.SIGTERM):
        child = trigger()
        child.stdout.readline()
        seen = Answers.reads
        wait_for("it waits", lambda: Answers.reads > seen, 30)  # pylint: disable=cell-var-from-loop
        child.send_signal(number)
        out, err = ended(child, -number)
        assert err == f"\n(the execution goes on: cronobs execution show {ID})\n", (out, err)
    child = trigger("--timeout", "2s", before=["sh", "-c", 'trap "" INT; exec "$@"', "sh"])
    child.stdout.readline()
    seen = Answers.reads
    wait_for("it waits", lambda: Answers.reads > seen, 30)
    child.send_signal(signal.SIGINT)  # who had it ignored before keeps that
    ended(child, 69)
    server.down()


def a_server_that_was_never_there_is_not_waited_for():
    out, err = ended(trigger(), 69)
    assert out == "" and "could not reach" in err and "waiting on" not in err, (out, err)


def other_waits_go_on_too():
    for arguments in (["command", "show", ID, "--wait"], ["execution", "logs", ID, "--follow"]):
        server = begin("RUNNING")
        child = subprocess.Popen([BINARY, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        wait_for("it has asked twice", lambda: Answers.reads > 1, 30)
        server.down()
        assert "; waiting on)" in child.stderr.readline() and child.poll() is None
        child.kill()
        child.communicate(timeout=30)


case.run(a_server_that_starts_anew_is_waited_for, a_lost_answer_is_asked_for_under_the_same_key, a_lost_answer_is_an_error_where_nobody_waits, the_deadline_is_one,
         whoever_ends_the_waiting_is_told_what_goes_on, a_server_that_was_never_there_is_not_waited_for, other_waits_go_on_too)
