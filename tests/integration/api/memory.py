"""Memory that is spent is told, whenever it turns out: no request waits for an answer that never comes."""
import re
import resource
import socket
import time

from client import Client
from support import case
from support.stack import Stack, wait_for

MAX = 16 << 20
HEAD = 8000  # of a request that never ends: the most that a connection may hold of one
TASKS = 250

resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
stack = Stack("memory", partitions=3)
stack.prepare("q")
api = stack.start("api", "api", CRONOBS_API_LISTEN=f"127.0.0.1:{stack.port}", CRONOBS_API_MEMORY=str(MAX >> 20))
client = Client(stack.url)
wait_for("ready", stack.api_answers, 30)


def held():
    return int(float(re.search(r"^cronobs_http_memory_bytes (\S+)", client.get("/metrics").body, re.M)[1]))


def fill(wanted):
    """Connections with unfinished requests, until no more than one would be too much."""
    connections = []
    while (room := wanted - held()) >= HEAD:
        for _ in range(room // HEAD):
            connection = socket.create_connection(("127.0.0.1", stack.port))
            connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (HEAD - 19))
            connections.append(connection)
        time.sleep(0.1)  # what is sent is read a moment later
    return connections


def a_page_that_is_too_much_is_refused():
    with stack.connect() as connection:
        connection.execute(
            "INSERT INTO task (task_id, project, key, revision, state, effective_at, received_at, spec)"
            " SELECT gen_random_uuid(), 'default', 't' || n, 1, 0, now(), now(), format('{\"title\":\"%s\"}', repeat('x', 2400))::json"
            f" FROM generate_series(1, {TASKS}) n")
    assert client.get("/v1/upcoming").body["complete"]
    connections = fill(MAX - 200_000)  # a page of tasks takes more than that
    answer = client.call("GET", "/v1/upcoming", timeout=8)
    assert answer.status == 503 and "memory" in answer["detail"], answer
    for connection in connections:
        connection.close()
    wait_for("there is room again", lambda: held() < MAX // 2, 20)
    assert client.get("/v1/upcoming").body["complete"] and api.starts == 1
    return f"{len(connections)} connections"


case.run(a_page_that_is_too_much_is_refused)
