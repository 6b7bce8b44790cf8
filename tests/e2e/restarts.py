"""The broker is stopped and killed again and again while executions come in: no partition of a queue is left unread.

No scheduler and no database: executions are published straight to the queue, two `cronobs work` run them, and a
reader of `status` says what became of each. After every few restarts all that the broker had acknowledged must have
been announced and finished, and the group's positions must stand at the ends of all partitions.

    --rounds N    restarts and kills (8)
    --minutes M   ends after so long, whatever the rounds
    --rate R      executions a second (40)
    --seed S
"""
import argparse
import io
import json
import pathlib
import random
import struct
import threading
import time
import uuid

import fastavro
from confluent_kafka import Consumer, Producer, TopicPartition

from support import case
from support.servers import service
from support.stack import Stack, wait_for

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--rounds", type=int, default=8)
options.add_argument("--minutes", type=float, default=24 * 60)
options.add_argument("--rate", type=float, default=40)
options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
options = options.parse_args()

PARTITIONS, QUEUE = 12, "q"
LEVEL_AFTER = 90  # seconds that the workers have, once the broker answers, to be level: a session is 10
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "avro"


def schema(name):
    """The record as it is published: with each shared type in it where it is first used."""
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
    return fastavro.parse_schema(whole(json.loads((SCHEMAS / f"{name}.avsc").read_text())))


CREATED, STATUS = schema("ExecutionCreated"), schema("ExecutionStatus")


class Load:
    """Publishes executions, slower while the broker is away; knows which ones the broker has."""

    def __init__(self, stack, rate):
        self.stack, self.rate, self.stopped = stack, rate, threading.Event()
        self.acknowledged, self.lock = {}, threading.Lock()
        self.producer = Producer({"bootstrap.servers": stack.brokers, "acks": "all", "enable.idempotence": True,
                                  "message.timeout.ms": 120000, "log_level": 0})
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def execution(self):
        partition = random.randrange(PARTITIONS)
        number, task, now = str(uuid.uuid4()), str(uuid.uuid4()), int(time.time() * 1e6)
        body = io.BytesIO()
        fastavro.schemaless_writer(body, CREATED, {
            "execution_id": number, "task_id": task, "task_key": "t", "project": "default", "revision": 1, "attempt": 1,
            "max_attempts": 1, "trigger": "MANUAL", "scheduled_at": now, "due_at": now, "status_partition": partition})
        return number, task, partition, struct.pack(">bI", 0, 5) + body.getvalue()

    def publish(self):
        number, task, partition, frame = self.execution()

        def delivered(error, message):
            if error is None:
                with self.lock:
                    self.acknowledged[number] = (message.partition(), message.offset())
        self.producer.produce(f"{self.stack.prefix}executions.{QUEUE}", frame, task, partition, on_delivery=delivered)

    def run(self):
        while not self.stopped.wait(1 / self.rate):
            if len(self.producer) < 1000:
                self.publish()
            self.producer.poll(0)
        self.producer.flush(60)

    def known(self):
        with self.lock:
            return dict(self.acknowledged)

    def stop(self):
        self.stopped.set()
        self.thread.join(70)


class Reports:
    """What `status` says of each execution."""

    def __init__(self, stack):
        self.running, self.final, self.stopped = {}, {}, threading.Event()
        self.consumer = Consumer({"bootstrap.servers": stack.brokers, "group.id": "restarts-reader", "enable.auto.commit": False,
                                  "log_level": 0})
        self.consumer.assign([TopicPartition(f"{stack.prefix}status", p, 0) for p in range(PARTITIONS)])
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


def positions(stack):
    """What the group has committed, and the ends, of all partitions."""
    topic = f"{stack.prefix}executions.{QUEUE}"
    asker = Consumer({"bootstrap.servers": stack.brokers, "group.id": f"{stack.name}-work-{QUEUE}", "log_level": 0})
    try:
        committed = {p.partition: p.offset for p in asker.committed([TopicPartition(topic, p) for p in range(PARTITIONS)], timeout=10)}
        return {p: (committed[p], asker.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1]) for p in range(PARTITIONS)}
    finally:
        asker.close()


stack = Stack("restarts", partitions=PARTITIONS, keep_logs=True)
stack.run("topics", "apply", "--queue", QUEUE)
workers = [stack.start_worker(QUEUE, "true", name=f"worker{i}", concurrency=4) for i in range(2)]
load, reports = Load(stack, options.rate), Reports(stack)
random.seed(options.seed)
seen = {"stops": 0, "kills": 0, "worker kills": 0, "slowest": 0.0}


def stop_and_start():
    seen["stops"] += 1
    service("restart", "kafka")


def kill():
    seen["kills"] += 1
    service("kill", "kafka")
    service("wait", "kafka")


def kill_a_worker():
    seen["worker kills"] += 1
    random.choice(workers).kill_group()


def flows():
    """The broker takes executions again, and a worker announces some: else it would be down before anybody came back."""
    known, announced = len(load.known()), len(reports.running)
    try:
        wait_for("flow", lambda: len(load.known()) > known + options.rate and len(reports.running) > announced + 5, LEVEL_AFTER)
    except AssertionError:
        raise AssertionError(f"nothing flows {LEVEL_AFTER} s after a restart: {stuck()}") from None


def unread():
    """By partition: executions that the broker has and nobody announced."""
    left = {}
    for number, (partition, offset) in load.known().items():
        if number not in reports.running:
            left.setdefault(partition, []).append(offset)
    return {p: (len(offsets), min(offsets)) for p, offsets in left.items()}


def stuck():
    return (f"not announced, by partition (how many, first offset): {unread()}; (committed, end): {positions(stack)}; "
            f"logs in {stack.folder}")


def level():
    """All that was acknowledged until now is announced."""
    expected, began = load.known(), time.monotonic()
    try:
        wait_for("announced", lambda: all(n in reports.running for n in expected), LEVEL_AFTER, 0.2)
    except AssertionError:
        raise AssertionError(f"not level after {LEVEL_AFTER} s: {stuck()}") from None
    seen["slowest"] = max(seen["slowest"], time.monotonic() - began)


def restarts_and_kills_leave_nothing_unread():
    until, done = time.monotonic() + options.minutes * 60, 0
    print(f"# seed {options.seed}", flush=True)
    flows()
    while done < options.rounds and time.monotonic() < until:
        random.choice((stop_and_start, stop_and_start, kill))()
        done += 1
        flows()
        if random.random() < 0.2:
            kill_a_worker()
        if done % 4 == 0:
            level()
            print(f"# {time.strftime('%H:%M:%S')} round {done}: {len(load.known())} executions, {json.dumps(seen)}", flush=True)
    level()
    return f"{done} rounds, {json.dumps(seen)}"


def all_is_finished_and_the_positions_stand_at_the_ends():
    load.stop()
    level()
    ends = wait_for("the group's positions", lambda: (p := positions(stack)) and all(c == e for c, e in p.values()) and p, 60, 0.5)
    known = load.known()
    wait_for("final reports", lambda: sum(n not in reports.final for n in known) <= 4 * seen["worker kills"], 60)
    twice = sum(1 for n in known if reports.running.get(n, 0) > 1)
    again = stack.count_in_logs("starts anew")
    reports.stop()
    for worker in workers:
        worker.stop()
    stack.down()
    return f"{sum(e for _, e in ends.values())} records, {len(known)} known to us, {twice} announced twice, {again} times a worker started anew"


case.run(restarts_and_kills_leave_nothing_unread, all_is_finished_and_the_positions_stand_at_the_ends)
