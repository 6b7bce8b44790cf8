"""B4: how soon a handler runs. How late the scheduler itself is, a reader in C tells: firing.c.

The reference of the same run is a bare idempotent producer that sends as many records at each full second:
what the broker and the reader cost without a scheduler.
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from confluent_kafka import Consumer, Producer, TopicPartition

from support import wire
from support.driver import Driver
from support.stack import Stack, wait_for

TASKS, SECONDS = int(os.environ.get("BENCH_TASKS", "2000")), int(os.environ.get("BENCH_SECONDS", "60"))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def told(values):
    return f"p50 {percentile(values, 0.5):.1f} ms p99 {percentile(values, 0.99):.1f} ms max {max(values):.0f} ms (n={len(values)})"


class Reader(threading.Thread):
    """Notes when each record of a topic becomes visible to a read_committed reader."""

    def __init__(self, brokers, topic):
        super().__init__(daemon=True)
        self.seen, self.ended = [], threading.Event()
        self.consumer = Consumer({"bootstrap.servers": brokers, "group.id": "bench", "isolation.level": "read_committed",
                                  "auto.offset.reset": "latest", "enable.auto.commit": False, "fetch.wait.max.ms": 5})
        partitions = self.consumer.list_topics(topic).topics[topic].partitions
        self.consumer.assign([TopicPartition(topic, p, -1) for p in partitions])
        self.start()

    def run(self):
        while not self.ended.is_set():
            messages = self.consumer.consume(2000, 0.01)
            now = time.time()
            self.seen += [(now, m.value(), m.timestamp()[1]) for m in messages if not m.error()]
        self.consumer.close()


def bare(stack):
    """The reference: the same number of records at each full second, straight from a producer."""
    topic = stack.prefix + "executions.bare"
    reader = Reader(stack.brokers, topic)
    producer = Producer({"bootstrap.servers": stack.brokers, "enable.idempotence": True, "linger.ms": 2, "queue.buffering.max.messages": 1000000})
    for _ in range(min(SECONDS, 15)):
        due = int(time.time()) + 1
        while time.time() < due:
            producer.poll(max(0.0, min(0.05, due - time.time())))
        for n in range(TASKS):
            producer.produce(topic, str(due).encode() + b" " * 300, partition=n % stack.partitions)
        producer.flush(10)
    wait_for("the reader has all", lambda: len(reader.seen) >= min(SECONDS, 15) * TASKS, 30)
    reader.ended.set()
    return [(at - float(value)) * 1000 for at, value, _ in reader.seen]


def until_handler(stack, registry, driver):
    for n in range(20):
        driver.must("PUT", f"/v1/tasks/default~h{n}", {"queue": "handler", "payload": "", "schedules": [{"expression": "@every 1s"}]})
    stack.start_worker("handler", "true", name="handler")
    reader = Reader(stack.brokers, stack.prefix + "status")
    wait_for("600 claims", lambda: len(reader.seen) > 1400, 120)
    reader.ended.set()
    waits = []
    with stack.connect() as connection:
        due = {}
        for at, frame, _ in reader.seen:
            record = registry.decode(frame)[1]
            if record["status"] == "RUNNING":
                due[record["execution_id"]] = wire.micros(record["occurred_at"])
        for execution, moment in connection.execute("SELECT execution_id::text, (extract(epoch FROM due_at) * 1000000)::bigint FROM execution "
                                                    "WHERE execution_id = ANY(%s::uuid[])", (list(due),)).fetchall():
            waits.append((due[execution] - moment) / 1000)
    return waits[len(waits) // 4:]  # without the start of the worker


def main():
    stack = Stack("bench", keep_logs=False)
    stack.binary = os.environ.get("CRONOBS_BENCH_BIN", stack.binary)
    stack.prepare("handler", "bare")
    driver, registry = Driver(stack), wire.Registry(stack.url)
    stack.start_api(), stack.start_consumer()
    stack.start_scheduler(1)
    reference = bare(stack)
    waits = until_handler(stack, registry, driver)
    print(f"B4 due to handler in a worker: {told(waits)} | reference, bare produce to reader: {told(reference)}", flush=True)
    stack.down()


if __name__ == "__main__":
    main()
