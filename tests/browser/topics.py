"""Records as a scheduler without a clock and a worker without work would write them: whatever the page is to show, through the topics alone."""
import contextlib
import io
import struct
import time
import uuid

import fastavro
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from support import judge, place
from support.executions import CREATED, STATUS, schema

LOG = schema("LogBatch")
BEAT = schema("Heartbeat")
INCARNATION = str(uuid.uuid5(place.NAMESPACE, "browser tests"))


def frame(kind, record):
    body = io.BytesIO(struct.pack(">bI", 0, kind["cronobs.id"]))
    body.seek(5)
    fastavro.schemaless_writer(body, kind, record)
    return body.getvalue()


class Topics:
    def __init__(self, stack):
        self.brokers, self.prefix, self.partitions, self.places = stack.brokers, stack.prefix, stack.partitions, {}
        self.producer = Producer({"bootstrap.servers": stack.brokers, "linger.ms": 20, "compression.type": "lz4", "log_level": 0,
                                  "queue.buffering.max.messages": 200000, "queue.buffering.max.kbytes": 524288})

    def place(self, text):
        if text not in self.places:
            self.places[text] = place.partition(text, self.partitions)
        return self.places[text]

    @contextlib.contextmanager
    def in_the_past(self, *topics):
        """Within it the broker takes instants from who writes instead of from its clock: so runs of last year began and ended last year."""
        self.stamped_by("CreateTime", topics)
        yield
        self.flush()
        self.stamped_by("LogAppendTime", topics)

    def stamped_by(self, clock, topics):
        admin = AdminClient({"bootstrap.servers": self.brokers})
        entry = ConfigEntry("message.timestamp.type", clock, incremental_operation=AlterConfigOpType.SET)
        resources = [ConfigResource(ResourceType.TOPIC, self.prefix + topic, incremental_configs=[entry]) for topic in topics]
        for future in admin.incremental_alter_configs(resources).values():
            future.result(20)

    def send(self, topic, kind, record, key, at=0):
        """at: microseconds; the broker heeds it within `in_the_past`."""
        value, where = frame(kind, record), self.place(key)
        while True:
            try:
                self.producer.produce(self.prefix + topic, value, key, where, timestamp=(at or int(time.time() * 1e6)) // 1000)
                self.producer.poll(0)
                return
            except BufferError:
                self.producer.poll(0.1)

    def flush(self):
        assert self.producer.flush(120) == 0

    @staticmethod
    def id_of(key, at, nonce="", project="default"):
        return judge.execution_id(place.task_id(key, project), at, "external", nonce)

    def run(self, key, at, queue="history", project="default", nonce="", **fields):
        """An execution of a task, due at `at` (microseconds); answers its id."""
        task = place.task_id(key, project)
        number = self.id_of(key, at, nonce, project)
        self.send(f"executions.{queue}", CREATED, {
            "execution_id": number, "task_id": task, "task_key": key, "project": project, "revision": 1, "attempt": 1, "max_attempts": 1,
            "trigger": "SCHEDULED", "scheduled_at": at, "due_at": at, "zone": "UTC", "status_partition": self.place(task), "status_from": 0, **fields}, task, at)
        return number

    def report(self, key, number, status, at=None, worker="worker-1", attempt=1, project="default", incarnation=INCARNATION, **fields):
        """worker None: the scheduler says it."""
        task = place.task_id(key, project)
        event = str(uuid.uuid4()) if worker else str(uuid.uuid5(uuid.UUID(number), f"{attempt}/{status}"))
        self.send("status", STATUS, {
            "event_id": event, "execution_id": number, "task_id": task, "attempt": attempt, "status": status,
            "occurred_at": at or int(time.time() * 1e6), "worker": worker and {"name": worker, "incarnation": incarnation}, **fields}, task, at or 0)

    def beat(self, key, number, progress, message, worker="worker-1", attempt=1, project="default", incarnation=INCARNATION):
        task = place.task_id(key, project)
        self.send("heartbeats", BEAT, {"execution_id": number, "task_id": task, "attempt": attempt, "occurred_at": int(time.time() * 1e6),
                                       "worker": {"name": worker, "incarnation": incarnation}, "progress": progress, "message": message}, task)

    def log(self, key, number, first, lines, writer=INCARNATION, attempt=1, project="default", marks=()):
        """lines: [(level, stream, message)] or whole records."""
        at = int(time.time() * 1e6)
        whole = [line if isinstance(line, dict) else {"at": at, "level": line[0], "stream": line[1], "message": line[2]} for line in lines]
        self.send("logs", LOG, {"execution_id": number, "task_id": place.task_id(key, project), "attempt": attempt, "writer": writer,
                                "first_seq": first, "lines": whole, "marks": list(marks)}, number)
