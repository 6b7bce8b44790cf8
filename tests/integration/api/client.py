"""One answer of the API at a time, and reports as a worker would send them."""
import base64
import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass

from confluent_kafka import Producer

from kills import blank_status, murmur2_partition
from support import wire


def forged(kind, *numbers):
    """A cursor as anybody can make one: numbers of 8 bytes and ids of 16, behind version and kind, and a check sum that is no secret."""
    data = bytes([1, kind]) + b"".join(n.to_bytes(8, "big", signed=True) if isinstance(n, int) else n for n in numbers)
    check = 0xcbf29ce484222325 ^ 0x637572736f72
    for byte in data:
        check = (check ^ byte) * 0x100000001b3 % 2**64
    return base64.urlsafe_b64encode(data + (check >> 32).to_bytes(4, "big")).decode().rstrip("=")


@dataclass
class Answer:
    status: int
    body: object
    headers: object

    def __getitem__(self, name):
        return self.body[name]


class Client:
    def __init__(self, url):
        self.url = url

    def call(self, method, path, body=None, timeout=60, **headers):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        names = {} if data is None else {"Content-Type": "application/json"}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data, names, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return self.parsed(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            return self.parsed(error.code, error.read(), error.headers)

    @staticmethod
    def parsed(status, raw, headers):
        kind = headers.get("Content-Type", "")
        return Answer(status, json.loads(raw) if "json" in kind and raw else raw.decode(), headers)

    def get(self, path, **headers):
        answer = self.call("GET", path, **headers)
        assert answer.status == 200, (path, answer)
        return answer

    def put(self, key, spec=None, **headers):
        return self.call("PUT", f"/v1/tasks/default~{key}", {"queue": "q", **(spec or {})}, **{"Prefer": "wait=20", **headers})

    def act(self, key, verb, body=None, **headers):
        return self.call("POST", f"/v1/tasks/default~{key}:{verb}", body, **{"Prefer": "wait=20", **headers})

    def pages(self, path, limit):
        """All items of a list, page by page; and how many pages that were."""
        items, cursor, count = [], "", 0
        while True:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
            items += page["items"]
            count += 1
            if "next" not in page.body:
                return items, count
            cursor = f"&cursor={page['next']}"


class Worker:
    """Speaks for executions, as stock clients would."""

    def __init__(self, stack):
        self.stack, self.registry = stack, wire.Registry(stack.url)
        self.producer = Producer({"bootstrap.servers": stack.brokers})
        self.incarnation = str(uuid.uuid4())

    def send(self, topic, schema, record, key):
        """Where the key belongs: the task's id, of log lines the execution's."""
        self.producer.produce(self.stack.prefix + topic, self.registry.encode(schema, record), key,
                              murmur2_partition(key, self.stack.partitions))

    def report(self, execution, status, **more):
        record = blank_status(execution["execution_id"], execution["task_id"], status, 1)
        record["worker"] = {"name": "tester", "incarnation": self.incarnation}
        record.update(more)
        self.send("status", 6, record, execution["task_id"])
        assert self.producer.flush(20) == 0

    def log(self, execution, first_seq, lines):
        at = int(time.time() * 1_000_000)
        record = {"execution_id": execution["execution_id"], "task_id": execution["task_id"], "attempt": 1, "writer": self.incarnation,
                  "first_seq": first_seq, "lines": [{"at": at, "level": level, "stream": stream, "message": message}
                                                    for level, stream, message in lines]}
        self.send("logs", 8, record, execution["execution_id"])
        assert self.producer.flush(20) == 0
