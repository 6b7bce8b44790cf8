"""SIGTERM while requests wait for a database or a broker that says nothing: each is answered, nothing is used after it is gone, the API
ends with 0. The dev build crashes at every use after the end."""
import os
import signal
import socket
import subprocess
import time

from client import Client
from relay import before_postgres
from support import case
from support.stack import Stack, free_port, wait_for

stack = Stack("stopping", partitions=3)
stack.prepare("q")
postgres, database = before_postgres(stack)
KAFKA = os.path.join(os.environ["CRONOBS_TEST_RUN"], "pid", "kafka")
ID = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e"
X = "/v1/tasks/default~x"
READS = [X, "/v1/tasks", X + "/revisions", X + "/gaps", X + "/upcoming", X + "/days", "/v1/upcoming", "/v1/days", "/v1/executions", f"/v1/executions/{ID}",
         f"/v1/executions/{ID}/events", f"/v1/executions/{ID}/logs", f"/v1/executions/{ID}/logs.txt", "/v1/stream", f"/v1/commands/{ID}", "/readyz", "/metrics"]
WRITES = [("PUT", X, '{"queue":"q","payload":"x"}'), ("PUT", X, '{"queue":"new","payload":"x"}'), ("DELETE", X, ""), ("POST", X + ":pause", "{}"),
          ("POST", X + ":resume", "{}"), ("POST", X + ":trigger", "{}")]
# how a write may wait: for nothing but the log, for its outcome, for what is known of its key
WAYS = ["", "Prefer: wait=50\r\n", "Idempotency-Key: k%d\r\n", "Idempotency-Key: l%d\r\nPrefer: wait=50\r\n"]


def requests():
    for path in READS:
        yield f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        if path.startswith("/v1"):
            yield f"GET {path}?after_command={ID} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=50\r\n\r\n"
    yield f"GET /v1/commands/{ID} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=50\r\n\r\n"
    for number, (method, path, body) in enumerate(WRITES):
        for way in WAYS:
            extra = way % number if "%d" in way else way
            yield f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"


UNFINISHED = ["", "GET /v1/ta", "PUT /v1/tasks/default~x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"]


class Api:
    def __init__(self):
        self.port = free_port()
        self.log = open(os.path.join(stack.folder, f"api-{self.port}.log"), "wb")
        environment = dict(stack.environment, CRONOBS_DATABASE=database, CRONOBS_API_LISTEN=f"127.0.0.1:{self.port}")
        self.child = subprocess.Popen([stack.binary, "api"], env=environment, stdout=self.log, stderr=self.log)
        client = Client(f"http://127.0.0.1:{self.port}")
        wait_for("the API is ready", lambda: self.says(client, "/readyz") == 200, 30)
        self.client = client

    def says(self, client, path):
        assert self.child.poll() is None, f"the API ended: {self.log.name}"
        try:
            return client.call("GET", path).status
        except OSError:
            return None

    def send(self, text):
        s = socket.create_connection(("127.0.0.1", self.port), 30)
        s.settimeout(30)
        s.sendall(text.encode())
        return s

    def stop(self):
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(40)
        return code, time.monotonic() - began


def rest_of(s):
    data = b""
    with s:
        while chunk := s.recv(65536):
            data += chunk
    return data.decode()


def stops_with_all_of_it_waiting(hold, let_go):
    api = Api()
    hold()
    try:
        texts = list(requests())
        waiting = [(text, api.send(text)) for text in texts]
        unfinished = [api.send(text) for text in UNFINISHED]
        for _ in range(3):  # the one loop has seen all of it
            assert api.client.get("/healthz").status == 200
        code, took = api.stop()
        answers = [(text, rest_of(s)) for text, s in waiting]
    finally:
        let_go()
    for s in unfinished:
        rest_of(s)
    assert code == 0, f"it ended with {code}: {api.log.name}"
    silent = [text for text, answer in answers if not answer.startswith("HTTP/1.1 ")]
    assert not silent, f"{len(silent)} of {len(answers)} got no answer: {silent[:3]}"
    assert took < 25, took
    return f"{len(answers)} requests answered, {took:.1f} s"


def with_the_database_silent():
    def hold():
        postgres.is_frozen = True

    def let_go():
        postgres.cut()
        postgres.mend()

    return stops_with_all_of_it_waiting(hold, let_go)


def with_the_broker_silent():
    with open(KAFKA) as file:
        pid = int(file.read().split()[0])  # and when it began
    return stops_with_all_of_it_waiting(lambda: os.kill(pid, signal.SIGSTOP), lambda: os.kill(pid, signal.SIGCONT))


def with_all_well():
    """And nothing held: a few hundred requests are under way, whatever they are at."""
    return stops_with_all_of_it_waiting(lambda: None, lambda: None)


case.run(with_the_database_silent, with_all_well, with_the_broker_silent)
