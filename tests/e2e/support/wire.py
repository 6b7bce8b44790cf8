"""Reads our topics with stock clients: confluent-kafka for the bytes, fastavro for the records."""
import io
import json
import struct
import time
import urllib.request
import uuid
from dataclasses import dataclass

import fastavro
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient


@dataclass
class Message:
    topic: str
    partition: int
    offset: int
    at: int  # the broker's clock, microseconds
    key: str
    name: str  # record name, None for a tombstone or bytes that are no frame of ours
    value: dict


def micros(instant):
    """fastavro gives aware datetimes for timestamp-micros; the tests reckon in microseconds."""
    if instant is None or isinstance(instant, int):
        return instant
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + instant.microsecond


def plain(value):
    """Ids as texts, whatever fastavro makes of logicalType uuid."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(v) for v in value)
    return str(value) if isinstance(value, uuid.UUID) else value


def untimed(schema):
    """Instants as the numbers that they are: Python's datetime ends with the year 9999."""
    if isinstance(schema, dict):
        return {k: untimed(v) for k, v in schema.items() if not (k == "logicalType" and v != "uuid")}
    return [untimed(s) for s in schema] if isinstance(schema, list) else schema


class Registry:
    """The schemas, by id, as any Confluent client would fetch them. lenient: reads any instant and any text."""

    def __init__(self, url, lenient=False):
        self.url, self.parsed, self.lenient = url, {}, lenient

    def schema(self, number):
        if number not in self.parsed:
            with urllib.request.urlopen(f"{self.url}/registry/schemas/ids/{number}", timeout=10) as answer:
                schema = json.loads(json.load(answer)["schema"])
                self.parsed[number] = fastavro.parse_schema(untimed(schema) if self.lenient else schema)
        return self.parsed[number]

    def encode(self, number, record):
        body = io.BytesIO(struct.pack(">bI", 0, number))
        body.seek(5)
        fastavro.schemaless_writer(body, self.schema(number), record)
        return body.getvalue()

    def decode(self, frame):
        magic, number = struct.unpack(">bI", frame[:5])
        assert magic == 0, f"frame starts with {magic}"
        schema, body = self.schema(number), io.BytesIO(frame[5:])
        record = fastavro.schemaless_reader(body, schema, None, return_record_name=True, return_record_name_override=True,
                                           handle_unicode_errors="replace" if self.lenient else "strict")
        assert not body.read(1), "bytes after the record"
        return schema["name"].rpartition(".")[2], plain(record)


def read_topic(brokers, registry, topic, isolation="read_committed", deadline=120, sealed=frozenset()):
    """Everything that a reader of `topic` sees from the beginning to its end, in offset order by partition.
    sealed: (partition, offset) of frames that are left as bytes, such as bombs that would unpack to millions of values."""
    consumer = Consumer({
        "bootstrap.servers": brokers, "group.id": "e2e-reader", "enable.auto.commit": False,
        "isolation.level": isolation, "enable.partition.eof": True, "auto.offset.reset": "earliest",
    })
    try:
        metadata = consumer.list_topics(topic, timeout=20).topics[topic]
        partitions = sorted(metadata.partitions)
        consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
        ended, messages, until = set(), [], time.monotonic() + deadline
        while len(ended) < len(partitions):
            assert time.monotonic() < until, f"{topic}: not read to its end in {deadline} s"
            for message in consumer.consume(5000, timeout=0.5):
                if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                elif message.error():
                    pass_over(consumer, message)
                else:
                    messages.append(decoded(registry, message, (message.partition(), message.offset()) in sealed))
        return sorted(messages, key=lambda m: (m.partition, m.offset))
    finally:
        consumer.close()


def pass_over(consumer, failed):
    """A batch of one record that librdkafka cannot unpack is passed over; whatever else fails, fails."""
    assert failed.error().code() == KafkaError._BAD_COMPRESSION and failed.offset() >= 0, (failed.topic(), failed.partition(), failed.error())
    consumer.seek(TopicPartition(failed.topic(), failed.partition(), failed.offset() + 1))


def decoded(registry, message, sealed=False):
    name, value = None, message.value()
    if value is not None and not sealed:
        try:
            name, value = registry.decode(value)
        except Exception:  # foreign bytes: the test that planted them knows
            pass
    key = message.key().decode(errors="replace") if message.key() else None
    return Message(message.topic(), message.partition(), message.offset(), message.timestamp()[1] * 1000, key, name, value)


def topic_names(brokers, prefix):
    topics = AdminClient({"bootstrap.servers": brokers}).list_topics(timeout=20).topics
    return sorted(t for t in topics if t.startswith(prefix))
