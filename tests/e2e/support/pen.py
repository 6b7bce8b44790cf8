"""Writes lies into the log in every way that Kafka takes: all codecs, all kinds of transactions, batches that nobody can unpack.

A ledger keeps what was written where: in memory by (topic, partition, offset), and as lines of JSON beside the logs.
"""
import json
import os
import random
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Producer

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
WAYS = CODECS * 2 + ("committed", "committed", "aborted", "interleaved", "open")
OPEN_AT_ONCE = 3
BOMBS = (  # codec, bytes unpacked, topics: zstd beyond what librdkafka unpacks, gzip far beyond what a record of ours may be
    ("zstd", 150_000_000, ("status", "executions.q0", "commands", "logs", "tasks", "heartbeats", "state")),
    ("gzip", 64_000_000, ("logs", "status", "commands", "tasks", "heartbeats", "executions.q1")))


@dataclass
class Written:
    kind: str
    way: str
    chapter: int


class Ledger:
    def __init__(self, folder):
        self.at, self.refused = {}, 0
        self.file = open(os.path.join(folder, "lies.jsonl"), "w")

    def note(self, prefix, written):
        def delivered(error, message):
            if error is not None:
                self.refused += 1  # Kafka did not take it
                return
            place = (message.topic()[len(prefix):], message.partition(), message.offset())
            self.at[place] = written
            self.file.write(json.dumps([*place, written.kind, written.way, written.chapter]) + "\n")
        return delivered


class Pen:
    def __init__(self, stack, seed, ledger):
        self.brokers, self.prefix, self.seed, self.ledger = stack.brokers, stack.prefix, seed, ledger
        self.plain, self.transactional, self.left_open, self.numbered = {}, [], [], 0
        self.stack = stack

    def producer(self, **settings):
        return Producer({"bootstrap.servers": self.brokers, "message.max.bytes": 1_000_000_000, "queue.buffering.max.kbytes": 2_000_000,
                         "linger.ms": 20, "log_level": 0, **{k.replace("_", "."): v for k, v in settings.items()}})

    def of_codec(self, codec):
        if codec not in self.plain:
            self.plain[codec] = self.producer(compression_type=codec)
        return self.plain[codec]

    def in_transactions(self, timeout_ms=60_000):
        self.numbered += 1
        producer = self.producer(transactional_id=f"{self.prefix}liar-{self.numbered}", transaction_timeout_ms=timeout_ms)
        producer.init_transactions(30)
        return producer

    def two(self):
        while len(self.transactional) < 2:
            self.transactional.append(self.in_transactions())
        return self.transactional

    # --- chapters ---

    def write(self, number, lies):
        r = random.Random(f"{self.seed}/{number}/way")
        way = r.choice(WAYS)
        if way == "open" and len(self.left_open) >= OPEN_AT_ONCE:
            self.end_oldest()
        (self.write_plain if way in CODECS else getattr(self, f"write_{way}"))(number, lies, way, r)

    def put(self, producer, lie, way, number):
        try:
            producer.produce(self.prefix + lie.topic, lie.value, lie.key, lie.partition,
                             on_delivery=self.ledger.note(self.prefix, Written(lie.kind, way, number)))
        except KafkaException as error:  # a record before it was not taken: its transaction takes no more
            if error.args[0].code() != KafkaError._STATE:
                raise
            self.ledger.refused += 1
        producer.poll(0)

    def write_plain(self, number, lies, way, r):
        for lie in lies:
            self.put(self.of_codec(way), lie, way, number)
        self.of_codec(way).flush(30)

    def write_committed(self, number, lies, way, r):
        self.transaction(self.two()[0], number, lies, way, True)

    def write_aborted(self, number, lies, way, r):
        self.transaction(self.two()[0], number, lies, way, False)

    def transaction(self, producer, number, lies, way, stays):
        producer.begin_transaction()
        for lie in lies:
            self.put(producer, lie, way, number)
        self.finish(producer, stays)

    def finish(self, producer, stays):
        producer.flush(30)
        try:
            (producer.commit_transaction if stays else producer.abort_transaction)(30)
        except KafkaException as error:  # a record that Kafka did not take (too large): it can only be aborted
            if error.args[0].fatal():  # the broker has ended it: such a producer writes no more
                self.transactional.remove(producer)
            else:
                producer.abort_transaction(30)

    def write_interleaved(self, number, lies, way, r):
        """Two transactions at once, their records side by side in the same partitions; one of them comes to nothing."""
        both = self.two()
        for producer in both:
            producer.begin_transaction()
        for i, lie in enumerate(lies):
            self.put(both[i % 2], lie, way, number)
            if i % 4 == 3:
                both[0].flush(10), both[1].flush(10)
        for producer, stays in r.sample(list(zip(both, (True, False))), 2):
            self.finish(producer, stays)

    def write_open(self, number, lies, way, r):
        """Left open: until the broker's limit, or until the liar's end."""
        producer = self.in_transactions(r.choice((5_000, 120_000)))
        producer.begin_transaction()
        for lie in lies[:4]:
            if lie.topic != "state":  # the scheduler's alone: docs/hardening.md
                self.put(producer, lie, way, number)
        producer.flush(30)
        self.left_open.append(producer)

    def end_oldest(self):
        try:
            self.left_open.pop(0).abort_transaction(30)
        except KafkaException:
            pass  # the broker was first

    # --- batches beyond measure ---

    def bomb(self, codec, size, topic, partition):
        lie = Written(f"{codec} bomb", codec, -1)
        producer = self.producer(compression_type=codec)
        producer.produce(self.prefix + topic, b"\0" * size, b"bomb", partition, on_delivery=self.ledger.note(self.prefix, lie))
        assert producer.flush(120) == 0, f"{codec} bomb: not written"

    def close(self):
        while self.left_open:
            self.end_oldest()
        self.ledger.file.flush()
