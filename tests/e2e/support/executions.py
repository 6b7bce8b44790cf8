"""A queue without a scheduler: executions put into it by hand, and what workers say about them."""
import io
import json
import pathlib
import struct
import threading
import time
import uuid

import fastavro
from confluent_kafka import Consumer, Producer, TopicPartition

from . import judge, place

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "schemas" / "avro"


def schema(name):
    """The record's newest version as it is published: with each shared type in it where it is first used."""
    seen = set()

    def whole(node):
        if isinstance(node, list):
            return [whole(each) for each in node]
        if isinstance(node, dict):
            return {key: whole(value) if key in ("type", "items", "values", "fields") else value for key, value in node.items()}
        path = SCHEMAS / "types" / f"{node}.avsc"
        if node in seen or not path.exists():
            return node
        seen.add(node)
        return whole(json.loads(path.read_text()))
    versions = [json.loads(path.read_text()) for path in SCHEMAS.glob(f"{name}.*avsc")]
    return fastavro.parse_schema(whole(max(versions, key=lambda version: version["cronobs.id"])))


CREATED, STATUS = schema("ExecutionCreated"), schema("ExecutionStatus")


def invented(task):
    """An id that no schedule computes, of the form that the history takes."""
    return judge.execution_id(task, int(time.time() * 1e6), "external", str(uuid.uuid4()))


class Queue:
    """Publishes executions; knows which ones the broker has: id -> (partition, offset)."""

    def __init__(self, stack, queue):
        self.status = f"{stack.prefix}status"
        self.topic, self.group, self.brokers = f"{stack.prefix}executions.{queue}", f"{stack.name}-work-{queue}", stack.brokers
        self.partitions, self.acknowledged, self.lock = stack.partitions, {}, threading.Lock()
        self.producer = Producer({"bootstrap.servers": stack.brokers, "acks": "all", "enable.idempotence": True,
                                  "message.timeout.ms": 120000, "log_level": 0})

    def publish(self, number=None, task=None, **fields):
        task, now = task or str(uuid.uuid4()), int(time.time() * 1e6)
        number = number or invented(task)
        partition = place.partition(task, self.partitions)
        body = io.BytesIO()
        fastavro.schemaless_writer(body, CREATED, {
            "execution_id": number, "task_id": task, "task_key": "t", "project": "default", "revision": 1, "attempt": 1,
            "max_attempts": 1, "trigger": "MANUAL", "scheduled_at": now, "due_at": now, "status_partition": partition,
            "status_from": 0, **fields})

        def delivered(error, message):
            if error is None:
                with self.lock:
                    self.acknowledged[number] = (message.partition(), message.offset())
        self.producer.produce(self.topic, struct.pack(">bI", 0, CREATED["cronobs.id"]) + body.getvalue(), task, partition, on_delivery=delivered)
        return number

    def publish_all(self, count):
        numbers = [self.publish() for _ in range(count)]
        assert self.producer.flush(30) == 0
        return numbers

    def report(self, number, task, partition):
        """Says that it runs, as any writer of `status` can; answers the next offset there."""
        body, offsets = io.BytesIO(), []
        fastavro.schemaless_writer(body, STATUS, {
            "event_id": str(uuid.uuid4()), "execution_id": number, "task_id": task, "attempt": 1, "status": "RUNNING",
            "occurred_at": int(time.time() * 1e6), "worker": {"name": "somebody", "incarnation": str(uuid.uuid4())}})
        self.producer.produce(self.status, struct.pack(">bI", 0, STATUS["cronobs.id"]) + body.getvalue(), task, partition,
                              on_delivery=lambda _, message: offsets.append(message.offset()))
        assert self.producer.flush(30) == 0
        return offsets[0] + 1

    def known(self):
        with self.lock:
            return dict(self.acknowledged)

    def positions(self):
        """What the group has committed, and the end, by partition."""
        asker = Consumer({"bootstrap.servers": self.brokers, "group.id": self.group, "log_level": 0})
        try:
            all_of_it = [TopicPartition(self.topic, p) for p in range(self.partitions)]
            committed = {p.partition: p.offset for p in asker.committed(all_of_it, timeout=10)}
            return {p.partition: (committed[p.partition], asker.get_watermark_offsets(p, timeout=10)[1]) for p in all_of_it}
        finally:
            asker.close()

    def is_level(self):
        """The group's positions, if they stand at the ends."""
        positions = self.positions()
        return positions if all(committed == end for committed, end in positions.values()) else None


class Reports:
    """How often `status` says RUNNING, and something final, of each execution."""

    def __init__(self, stack):
        self.running, self.final, self.stopped = {}, {}, threading.Event()
        self.consumer = Consumer({"bootstrap.servers": stack.brokers, "group.id": "reports-reader", "enable.auto.commit": False,
                                  "log_level": 0})
        self.consumer.assign([TopicPartition(f"{stack.prefix}status", p, 0) for p in range(stack.partitions)])
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.is_set():
            for message in self.consumer.consume(500, timeout=0.5):
                if message.error() is None:
                    self.take(message.value())

    def take(self, frame):
        report = fastavro.schemaless_reader(io.BytesIO(frame[5:]), STATUS, None)
        counts = self.running if report["status"] == "RUNNING" else self.final
        number = str(report["execution_id"])
        counts[number] = counts.get(number, 0) + 1

    def stop(self):
        self.stopped.set()
        self.thread.join(10)
        self.consumer.close()
