"""Batches that nobody can unpack, and values far longer than any record, in every topic: what lies behind them goes on."""
import collections
import hashlib
import re

from confluent_kafka import Producer

from support import case
from support.driver import Driver
from support.stack import Stack, wait_for

stack = Stack("unreadable", partitions=3)
stack.prepare("q")
driver = Driver(stack)
TOPICS = ["commands", "tasks", "executions.q", "status", "logs", "heartbeats", "state", "control"]
PROJECTED = TOPICS[:6]
BOMB = 110_000_000  # librdkafka unpacks up to 100 MB of zstd
sent = {topic: 0 for topic in TOPICS}


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def send(topic, partition, size, codec, records=1, transaction=None):
    """One batch of so many records that all together unpack to `size` bytes."""
    settings = {"bootstrap.servers": stack.brokers, "compression.type": codec, "message.max.bytes": 10**9, "batch.size": 2**31 - 1,
                "batch.num.messages": 10**6, "linger.ms": 20_000, "queue.buffering.max.kbytes": 2**21 - 1, "queue.buffering.max.messages": 10**6}
    if transaction:
        settings["transactional.id"] = f"{stack.prefix}{topic}"
    producer, offsets = Producer(settings), []
    if transaction:
        producer.init_transactions(30)
        producer.begin_transaction()
    for _ in range(records):
        producer.produce(stack.prefix + topic, b"\0" * (size // records), partition=partition,
                         callback=lambda error, message: offsets.append(error or message.offset()))
    assert producer.flush(60) == 0
    if transaction:
        getattr(producer, f"{transaction}_transaction")(30)
    sent[topic] += 1
    return offsets[0], offsets[-1]


def spoil(*topics, partitions=(0,)):
    for topic in topics:
        for partition in (0,) if topic == "control" else partitions:
            send(topic, partition, BOMB, "zstd")


def does_its_work(key, n=6):
    """Tasks that are made now, in all partitions, fire, run, log and end; a run that is cancelled is told."""
    for i in range(n):
        driver.must("PUT", f"/v1/tasks/default~{key}{i}", {"queue": "q", "payload": "", "schedules": [{"expression": "@every 1s"}]}, {"Prefer": "wait=30"})
    wait_for(f"two successes of each {key}", lambda: len(rows(
        "SELECT t.key FROM execution e JOIN task t USING (task_id) WHERE t.key LIKE %s AND e.status = 5 AND EXISTS "
        "(SELECT FROM log_batch l WHERE l.execution_id = e.execution_id) GROUP BY t.key HAVING count(*) >= 2", key + "%")) == n, 60)
    for i in range(n):
        driver.must("DELETE", f"/v1/tasks/default~{key}{i}", None, {"Prefer": "wait=30"})


def every_reader_starts_behind_them():
    global scheduler, consumer, worker
    spoil(*TOPICS, partitions=range(stack.partitions))
    stack.start_api()
    scheduler, consumer = stack.start_scheduler(), stack.start_consumer()
    worker = stack.start_worker("q", "echo", "hello")
    does_its_work("first")


def every_reader_goes_on_behind_them():
    spoil(*TOPICS)
    does_its_work("second")
    assert scheduler.starts == consumer.starts == worker.starts == 1, "a part was started again"


def one_of_many_records_several_in_a_row_in_transactions_and_the_last_of_all():
    first, last = send("status", 0, BOMB, "zstd", records=20_000)
    assert last - first == 19_999, "it is one batch"
    spoil("status", "status", "commands")
    for outcome in ("abort", "commit"):
        send("status", 1, BOMB, "zstd", transaction=outcome)
        send("commands", 1, BOMB, "zstd", transaction=outcome)
    does_its_work("third")
    found = rows("SELECT last_offset FROM dead_letter WHERE topic = 'status' AND part = 0 AND kafka_offset = %s", first)
    assert found == [(last,)], found
    spoil("status", "commands", "state", "executions.q")
    scheduler.kill(), consumer.kill(), worker.kill()
    wait_for("all are started again", lambda: min(p.starts for p in (scheduler, consumer, worker)) == 2)
    does_its_work("fourth")


def of_many_the_logs_tell_one_a_minute():
    for part, phrase in ((scheduler, "is passed over"), (consumer, "goes to dead_letter")):
        told = re.findall(r"(\S+) error .*a batch that cannot be unpacked " + phrase + r" topic=(\S+) partition=(\d+) ", part.log_text())
        by_minute = collections.Counter((at[:16], topic, partition) for at, topic, partition in told)
        # a part that was started again tells anew
        assert told and max(by_minute.values()) <= 1 + part.starts, by_minute


def each_is_one_dead_letter_without_bytes():
    wait_for("all of them", lambda: rows("SELECT count(*) FROM dead_letter WHERE reason = 'unreadable batch'")[0][0]
             == sum(sent[topic] for topic in PROJECTED), 30)
    for topic in PROJECTED:
        found = rows("SELECT count(*), count(value), count(key), min(detail), max(detail) FROM dead_letter WHERE topic = %s AND reason = 'unreadable batch'", topic)[0]
        assert found == (sent[topic], 0, 0, "_BAD_COMPRESSION", "_BAD_COMPRESSION"), (topic, found)


def a_value_of_megabytes_is_kept_by_its_beginning_and_its_sum():
    size = 30_000_000
    for topic in PROJECTED:
        send(topic, 2, size, "gzip")
    does_its_work("fifth")
    want = ("over limits", 65536, size, hashlib.sha256(b"\0" * size).hexdigest())
    for topic in PROJECTED:
        found = wait_for(topic, lambda: rows("SELECT reason, length(value), value_len, encode(value_sha256, 'hex') FROM dead_letter "
                                             "WHERE topic = %s AND value_len > 1000000", topic), 30)
        assert found == [want], (topic, found)


def the_rebuilt_database_is_the_same():
    worker.stop(), scheduler.stop(), consumer.stop()
    stack.run("db", "verify")
    rebuilt = stack.run("db", "rebuild", timeout=300)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    stack.down()


case.run(every_reader_starts_behind_them, every_reader_goes_on_behind_them,
         one_of_many_records_several_in_a_row_in_transactions_and_the_last_of_all, of_many_the_logs_tell_one_a_minute, each_is_one_dead_letter_without_bytes,
         a_value_of_megabytes_is_kept_by_its_beginning_and_its_sum, the_rebuilt_database_is_the_same)
