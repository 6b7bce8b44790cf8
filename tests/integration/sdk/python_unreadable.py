"""A Python worker on a queue and a `control` with batches that nobody can unpack: what lies between and behind them is done. By means of
the driver of all SDKs (sdk/conformance), for other clients unpack what librdkafka does not."""
import pathlib

import records
from confluent_kafka import Producer
from driver import Tools
from languages import LANGUAGES
from stage import Stage
from support import case

BOMB = 110_000_000  # bytes: librdkafka unpacks up to 100 MB of zstd
tools = Tools([LANGUAGES["python"]])
s = Stage(1, LANGUAGES["python"], tools.installation, pathlib.Path(tools.folder) / "python", tools=tools)
s.installation.add_queue(s.queue)
task = records.task_id()
place = records.place.partition(task, s.installation.partitions)
queue = f"executions.{s.queue}"


def spoil(topic, partition, count):
    """One batch of so many records."""
    producer = Producer({"bootstrap.servers": s.installation.brokers, "compression.type": "zstd", "message.max.bytes": 10**9, "batch.size": 2**31 - 1,
                         "linger.ms": 20_000, "queue.buffering.max.kbytes": 2**21 - 1, "log_level": 0})
    for _ in range(count):
        producer.produce(s.installation.prefix + topic, b"\0" * (BOMB // count), partition=partition)
    assert producer.flush(60) == 0


def what_waits_between_them_is_run():
    for count in (1, 37):
        s.put(task=task)
        spoil(queue, place, count)
        s.put(task=task)
    spoil("control", 0, 3)
    worker = s.worker(concurrency=2)
    s.finals(s.published)
    s.word(worker, rf"ERROR passed over \S+{queue}\[{place}\] .*cannot be unpacked")
    s.word(worker, r"ERROR passed over \S+control\[0\] .*cannot be unpacked")


def a_worker_that_lives_goes_on_behind_them():
    held = s.put(["sleep", 60_000], task=task)
    s.begun(held)
    spoil(queue, place, 5)
    spoil("control", 0, 4)
    s.cancel(held)
    s.final(held, "CANCELLED")
    s.final(s.put(task=task), "SUCCEEDED")


def it_ends_in_order():
    s.subjects[0].stop()
    s.check()


try:
    case.run(what_waits_between_them_is_run, a_worker_that_lives_goes_on_behind_them, it_ends_in_order)
finally:
    s.close()
    tools.close(False)
