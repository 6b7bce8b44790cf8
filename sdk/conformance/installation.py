"""The topics of an installation without a scheduler: executions and signals put into them, and all that workers say.

Whatever is written goes in transactions, with an aborted one behind each; what stood in that one must never be heard of again.
"""
import collections
import contextlib
import json
import secrets
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupState, ConsumerGroupTopicPartitions, IsolationLevel, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

import records
from records import place

PATIENCE = 90.0  # seconds for what is to come soon: how fast is not asked, and the machine may be busy with something else
TOPICS = ("status", "logs", "heartbeats")
Said = collections.namedtuple("Said", "at partition offset key record")  # at: the broker's clock, ms


class Heard:
    """Of one execution, in the order of the topics."""

    def __init__(self):
        self.status, self.batches, self.beats = [], [], []


class Installation:
    def __init__(self, brokers, partitions=4):
        self.brokers, self.partitions, self.prefix = brokers, partitions, f"conf{secrets.token_hex(3)}."
        self.admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
        self.places = [TopicPartition(self.prefix + name, p, 0) for name in TOPICS for p in range(partitions)]
        self.heard, self.heard_to, self.faults, self.aborted = {}, {}, [], set()
        self.make_topics({**dict.fromkeys(TOPICS, partitions), "control": 1})
        self.lock, self.is_over = threading.Lock(), threading.Event()
        self.producer = Producer({"bootstrap.servers": brokers, "transactional.id": self.prefix, "linger.ms": 0, "log_level": 0})
        self.producer.init_transactions(60)
        self.ear = threading.Thread(target=self.listen, daemon=True)
        self.ear.start()

    # --- topics ---

    def make_topics(self, counts, timestamps="LogAppendTime"):
        wanted = [NewTopic(self.prefix + name, num_partitions=count, replication_factor=1, config={"message.timestamp.type": timestamps})
                  for name, count in counts.items()]
        for asked in self.admin.create_topics(wanted).values():
            asked.result(60)

    def add_queue(self, queue, timestamps="LogAppendTime"):
        self.make_topics({f"executions.{queue}": self.partitions}, timestamps)

    def drop(self):
        self.is_over.set()
        self.ear.join()
        names = [t for t in self.admin.list_topics(timeout=20).topics if t.startswith(self.prefix)]
        for asked in self.admin.delete_topics(names).values():
            asked.result(60)

    # --- writing ---

    def publish(self, queue, executions, traceparent=None):
        topic = f"{self.prefix}executions.{queue}"
        headers = [("traceparent", traceparent.encode())] if traceparent else []
        self.write([(topic, e["status_partition"], e["task_id"], records.frame("ExecutionCreated", e), headers) for e in executions],
                   [(topic, e["status_partition"], e["task_id"], records.frame("ExecutionCreated", self.never(e)), []) for e in executions[-4:]])

    def never(self, like):
        """Another execution beside that one, for a transaction that is aborted."""
        other = records.execution(self.partitions, b"[]", like["task_id"])
        self.aborted.add(other["execution_id"])
        return other

    def send_signal(self, of, **fields):
        self.write([self.signal_message(of, **fields)])

    def signal_message(self, of, **fields):
        return f"{self.prefix}control", 0, of["execution_id"], records.frame("ExecutionSignal", records.signal(of, **fields)), []

    def write(self, messages, aborted=(), timestamp=0):
        """Messages: (topic, partition, key, value, headers)."""
        with self.lock:
            if messages:
                until_it_holds(lambda: self.transaction(messages, timestamp, self.producer.commit_transaction), self.producer)
            if aborted:
                until_it_holds(lambda: self.transaction(aborted, timestamp, self.producer.abort_transaction), self.producer)

    def transaction(self, messages, timestamp, end):
        self.producer.begin_transaction()
        self.produce(messages, timestamp)
        end(60)

    @contextlib.contextmanager
    def open_transaction(self, messages):
        """Another producer, whose transaction with the messages is open until the block ends, if it does not end it before."""
        producer = Producer({"bootstrap.servers": self.brokers, "transactional.id": f"{self.prefix}{secrets.token_hex(3)}", "log_level": 0})
        producer.init_transactions(60)
        producer.begin_transaction()
        for topic, partition, key, value, headers in messages:
            producer.produce(topic, value, key, partition, headers=headers)
        producer.flush(60)
        try:
            yield producer
        finally:
            with contextlib.suppress(KafkaException):  # it is ended already
                producer.abort_transaction(60)

    def produce(self, messages, timestamp):
        for topic, partition, key, value, headers in messages:
            while True:
                try:
                    self.producer.produce(topic, value, key, partition, timestamp=timestamp, headers=headers)
                    break
                except BufferError:
                    self.producer.poll(0.05)
        self.producer.flush(60)

    # --- listening ---

    def listen(self):
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": "driver", "enable.auto.commit": False, "log_level": 0,
                             "isolation.level": "read_committed", "fetch.wait.max.ms": 20, "reconnect.backoff.max.ms": 500})
        consumer.assign(self.places)
        while not self.is_over.is_set():
            for message in consumer.consume(1000, 0.05):
                if message.error() is None:
                    self.take(message)
        consumer.close()

    def has_heard_all(self):
        """Waits until all has been heard that stands in the topics now. It is read in no order over partitions: lines may come after the end that follows them."""
        ends = wait_for("the ends of the topics", self.ends)
        wait_for("the driver has heard all", lambda: all(self.heard_to.get(where, 0) >= end for where, end in ends.items()))

    def ends(self):
        try:
            found = self.admin.list_offsets({place: OffsetSpec.latest() for place in self.places})
            return {(p.topic, p.partition): asked.result(20).offset for p, asked in found.items()}
        except KafkaException:  # the broker has come and gone: a client that found no leader then looks for none again
            self.admin = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})
            return None

    def take(self, message):
        self.heard_to[message.topic(), message.partition()] = message.offset() + 1
        where = f"{message.topic()}[{message.partition()}] at {message.offset()}"
        try:
            name, record = records.decoded(message.value())
        except Exception as error:  # whatever it is, it is no record
            self.faults.append(f"{where}: {error}")
            return
        said = Said(message.timestamp()[1], message.partition(), message.offset(), message.key().decode(), record)
        self.faults += [f"{where}: {fault}" for fault in misplaced(message.topic()[len(self.prefix):], name, said, self.partitions)]
        heard = self.of(record)
        {"ExecutionStatus": heard.status, "LogBatch": heard.batches, "Heartbeat": heard.beats}[name].append(said)

    def of(self, execution):
        return self.heard.setdefault(execution["execution_id"], Heard())

    # --- groups ---

    def group(self, queue):
        return f"{self.prefix.rstrip('.')}-work-{queue}"

    def members(self, queue):
        """How many the group has; -1 while they share out the partitions anew: until that is over those of before go on with what was theirs."""
        group = self.group(queue)
        try:
            found = self.admin.describe_consumer_groups([group])[group].result(20)
        except KafkaException:  # nobody has heard of it yet
            return 0
        return -1 if found.state in (ConsumerGroupState.PREPARING_REBALANCING, ConsumerGroupState.COMPLETING_REBALANCING) else len(found.members)

    def positions(self, queue):
        """The group's, by partition; none where there is none."""
        group = self.group(queue)
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(f"{self.prefix}executions.{queue}", p) for p in range(self.partitions)])
        found = self.admin.list_consumer_group_offsets([asked])[group].result(20).topic_partitions
        return {p.partition: p.offset for p in found if p.offset >= 0}

    def standing(self, queue):
        """For whoever looks for the reason why nothing happens: the group's positions, and the ends of what may be read."""
        places = {TopicPartition(f"{self.prefix}executions.{queue}", p): OffsetSpec.latest() for p in range(self.partitions)}
        try:
            asked = self.admin.list_offsets(places, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=10)
            return f"positions {self.positions(queue)} of {({p.partition: found.result(10).offset for p, found in asked.items()})}"
        except (KafkaException, TimeoutError) as error:
            return f"positions unknown: {error}"


def until_it_holds(transaction, producer, times=5):
    """A transaction that the brokers refuse (they come and go) is made again."""
    for left in reversed(range(times)):
        try:
            return transaction()
        except KafkaException as error:
            if not left or not error.args[0].txn_requires_abort():
                raise
            producer.abort_transaction(60)


def misplaced(topic, name, said, partitions):
    """What is wrong with where and under which key it was said, and with what every record has."""
    record = said.record
    expected = {"ExecutionStatus": "status", "LogBatch": "logs", "Heartbeat": "heartbeats"}.get(name)
    by = record["execution_id"] if topic == "logs" else record["task_id"]
    if topic != expected:
        yield f"a {name}"
    if said.key != by:
        yield f"key {said.key}, not {by}"
    if said.partition != place.partition(by, partitions):
        yield f"not in the partition of {by}"
    if topic != "logs" and abs(record["occurred_at"] // 1000 - said.at) > 600_000:  # the brokers may have been away meanwhile
        yield f"said at {record['occurred_at']}, written at {said.at} ms"


def wait_for(what, condition, deadline=PATIENCE):
    """The truth that condition() has become. what: a text, or a function that says at the end what was seen."""
    until = time.monotonic() + deadline
    while True:
        began = time.monotonic()
        if answer := condition():
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"not within {deadline:.0f} s: {what() if callable(what) else what}")
        time.sleep(max(0.02, 3 * (time.monotonic() - began)))  # a look that takes long leaves most of the time to others


def never(what, condition, seconds):
    """For so long it must not become true; what must not happen can only be watched for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert not condition(), what
        time.sleep(0.02)


def payload(steps):
    return json.dumps(steps, ensure_ascii=True).encode()
