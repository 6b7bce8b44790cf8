"""A partition that only a person can mend stands alone, says so, and goes on after `cronobs topics skip`, in scheduler and tables."""
import json
import struct
import urllib.error
import urllib.request
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from kills import NAMESPACE, murmur2_partition
from support import case
from support.driver import Driver
from support.stack import Stack, wait_for

stack = Stack("standing", partitions=3)
stack.prepare("q")
driver = Driver(stack)
admin = AdminClient({"bootstrap.servers": stack.brokers})
watcher = Consumer({"bootstrap.servers": stack.brokers, "group.id": "unused"})
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "true")
TASKS = [f"t{i}" for i in range(9)]
PARTITION = {key: murmur2_partition(str(uuid.uuid5(uuid.uuid5(NAMESPACE, "project/default"), f"task/{key}")), 3) for key in TASKS}
BAD = PARTITION["t0"]
INSIDE = [key for key in TASKS if PARTITION[key] == BAD]
OUTSIDE = [key for key in TASKS if PARTITION[key] != BAD]


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def succeeded(keys):
    return {key: count for key, count in rows("SELECT t.key, count(*) FROM execution e JOIN task t USING (task_id) WHERE e.status = 5 AND t.key = ANY(%s) GROUP BY 1", keys)}


def go_on(what, keys, more=2):
    before = succeeded(keys)
    wait_for(f"{what}: {keys}", lambda: all(succeeded(keys).get(key, 0) >= before.get(key, 0) + more for key in keys), 60)


def send(topic, value, key=b"k", count=1):
    producer, offsets = Producer({"bootstrap.servers": stack.brokers}), []
    for _ in range(count):
        producer.produce(stack.prefix + topic, value, key, BAD, callback=lambda error, message: offsets.append(message.offset()))
    assert producer.flush(20) == 0
    return offsets


def readiness():
    try:
        with urllib.request.urlopen(stack.url + "/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def stands(topic):
    """The partition stands for both, in their logs and in /readyz; nothing else stands, nothing is started again."""
    starts = scheduler.starts, consumer.starts
    go_on("others", OUTSIDE, 5)
    if topic != "state":
        told = wait_for("it is told", lambda: readiness()[1].get("standing"), 30)
        assert [(s["topic"], s["partition"]) for s in told] == [(topic, BAD)] and f"topics skip {topic} {BAD}" in told[0]["cure"], told
        assert readiness()[0] == 503
    said = [line for line in scheduler.log_text().splitlines() if "a partition stands" in line]
    assert said and f"topics skip {topic} {BAD}" in said[-1], said
    assert (scheduler.starts, consumer.starts) == starts, "a part was started again"


def skip(topic, offset):
    done = stack.run("topics", "skip", topic, str(BAD), str(offset), "--reason", "tried by a test")
    assert ("tried by a test" in done.stdout) == (topic == "state"), done  # else the tables keep it
    go_on(f"after {done.stdout.split()}", TASKS)
    wait_for("ready", lambda: readiness()[0] == 200, 30)


def stop_both():
    for part in (scheduler, consumer):
        part.hold()
        part.kill()


def start_both():
    for part in (scheduler, consumer):
        before = part.starts
        part.release()
        wait_for("it is started", lambda: part.starts > before)


def all_go_on():
    for key in TASKS:
        driver.must("PUT", f"/v1/tasks/default~{key}", {"queue": "q", "payload": "", "schedules": [{"expression": "@every 1s"}]}, {"Prefer": "wait=30"})
    go_on("at first", TASKS)


def a_command_of_a_later_release():
    offset = rows("SELECT kafka_offset FROM command WHERE kafka_partition = %s ORDER BY kafka_offset LIMIT 1", BAD)[0][0]
    watcher.assign([TopicPartition(stack.prefix + "commands", BAD, offset)])
    known = watcher.poll(20).value()
    offset = send("commands", known[:1] + struct.pack(">I", 99) + known[5:] + b"\0more")[0]
    send("commands", b"\0" + struct.pack(">I", 99) + b"garbage")
    stands("commands")
    beyond = stack.run("topics", "skip", "commands", str(BAD), str(offset + 10**6), "--reason", "a slip", check=False)
    assert beyond.returncode == 64 and "lies behind the end of" in beyond.stderr, beyond.stderr
    assert not rows("SELECT FROM skipped_range"), "it is recorded all the same"
    skip("commands", offset + 1)


def and_a_rebuild_leaves_out_what_was_skipped():
    for part in (worker, scheduler, consumer):
        part.hold()
        part.kill()
    rebuilt = stack.run("db", "rebuild", timeout=300)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    for part in (worker, scheduler, consumer):
        part.release()
    go_on("after the rebuild", TASKS)
    return str(rows("SELECT from_offset, to_offset, reason FROM skipped_range"))


def records_deleted_before_they_were_read():
    stop_both()
    end = send("status", b"x", count=3)[-1] + 1
    for future in admin.delete_records([TopicPartition(stack.prefix + "status", BAD, end)]).values():
        future.result(30)
    start_both()
    stands("status")
    skip("status", end)


def a_watermark_and_a_task_that_cannot_be_read():
    task = f"task/{uuid.uuid5(uuid.uuid5(NAMESPACE, 'project/default'), 'task/t0')}".encode()
    for key in (b"watermark", task):
        stop_both()
        send("state", b"garbage", b"stray")
        offset = send("state", b"garbage", key)[0]
        start_both()
        stands("state")
        if key == task:
            INSIDE.remove("t0"), TASKS.remove("t0")  # it is forgotten
        skip("state", offset)


case.run(all_go_on, a_command_of_a_later_release, and_a_rebuild_leaves_out_what_was_skipped, records_deleted_before_they_were_read,
         a_watermark_and_a_task_that_cannot_be_read)
