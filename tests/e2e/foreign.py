"""Stock clients check our wire: the schema registry client, kcat, and the worker of docs/workers.md."""
import os
import re
import subprocess
import sys
import time

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from kills import murmur2_partition
from support import case, wire
from support.driver import Driver
from support.stack import Stack, wait_for

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
stack = Stack("foreign", partitions=4)
stack.prepare("q", "python")
driver = Driver(stack)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "sh", "-c", "echo out; echo err >&2; exit 3")


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def a_worker_in_twenty_lines_of_python_works_on_a_queue():
    with open(os.path.join(ROOT, "docs", "workers.md")) as page:
        program = re.search(r"```python\n(.*?)```", page.read(), re.S).group(1)
    lines = [line for line in program.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 24, f"{len(lines)} lines"
    path = os.path.join(stack.folder, "worker.py")
    with open(path, "w") as f:
        f.write(program)
    with open(os.path.join(stack.folder, "worker.py.log"), "w") as log:
        child = subprocess.Popen([sys.executable, path, "python"], env=stack.environment, stdout=log, stderr=log)
    try:
        spec = {"queue": "python", "payload": "hello", "schedules": [{"expression": "@every 1s"}]}
        driver.must("PUT", "/v1/tasks/default~snake", spec, {"Prefer": "wait=20"})
        wait_for("its executions succeed", lambda: rows("SELECT count(*) FROM execution e JOIN task t USING (task_id) "
                                                        "WHERE t.key = 'snake' AND e.status = 5")[0][0] > 3, 60)
        wait_for("it logs", lambda: rows("SELECT count(*) FROM log_line l JOIN execution e USING (execution_id, task_id) "
                                         "JOIN task t USING (task_id) WHERE t.key = 'snake'")[0][0] > 0, 30)
    finally:
        child.terminate()
        child.wait(20)
    return f"{len(lines)} lines"


def every_topic_is_decoded_through_the_registry():
    driver.must("PUT", "/v1/tasks/default~fails", {"queue": "q", "payload": "", "schedules": [{"expression": "@every 1s"}]})
    wait_for("a failure with its lines", lambda: rows("SELECT 1 FROM log_line l JOIN execution e USING (execution_id, task_id) "
                                                      "WHERE e.exit_code = 3 LIMIT 1"), 60)
    client = SchemaRegistryClient({"url": stack.url + "/registry"})
    decode, seen = AvroDeserializer(client), {}
    for topic in wire.topic_names(stack.brokers, stack.prefix):
        seen[topic[len(stack.prefix):]] = read_all(topic, decode)
    for topic in ("commands", "tasks", "executions.q", "status", "logs", "state"):
        assert seen[topic] > 0, seen
    subjects = client.get_subjects()
    assert f"{stack.prefix}commands-value" in subjects and f"{stack.prefix}tasks-TaskRevision" in subjects, subjects
    latest = client.get_latest_version(f"{stack.prefix}status-value")
    found = client.lookup_schema(f"{stack.prefix}status-value", latest.schema)
    assert found.schema_id == latest.schema_id
    return str(seen)


def read_all(topic, decode):
    consumer_ = Consumer({"bootstrap.servers": stack.brokers, "group.id": "foreign", "isolation.level": "read_committed",
                          "enable.partition.eof": True, "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer_.assign([TopicPartition(topic, p, 0) for p in consumer_.list_topics(topic).topics[topic].partitions])
    count, left, until = 0, len(consumer_.assignment()), time.monotonic() + 60
    while left:
        assert time.monotonic() < until, topic
        message = consumer_.poll(1)
        if message is None:
            continue
        if message.error():
            left -= 1
        elif message.value() is not None:
            assert decode(message.value(), SerializationContext(topic, MessageField.VALUE)) is not None
            count += 1
    consumer_.close()
    return count


def kcat_sees_keys_and_partitions():
    done = subprocess.run(["kcat", "-b", stack.brokers, "-C", "-t", stack.prefix + "executions.q", "-o", "beginning", "-e", "-q",
                           "-X", "isolation.level=read_committed", "-f", "%k %p\n"], text=True, capture_output=True, timeout=60)
    pairs = {tuple(line.split()) for line in done.stdout.splitlines()}
    task = rows("SELECT task_id::text FROM task WHERE key = 'fails'")[0][0]
    partition = str(murmur2_partition(task, 4))
    assert pairs == {(task, partition)}, (pairs, task, partition)
    default = subprocess.run(["kcat", "-b", stack.brokers, "-C", "-t", stack.prefix + "commands", "-o", "beginning", "-e", "-q", "-f", "%k %p\n"],
                             text=True, capture_output=True, timeout=60)
    assert (task, partition) in {tuple(line.split()) for line in default.stdout.splitlines()}


def all_goes_down_in_order():
    stack.down()


case.run(a_worker_in_twenty_lines_of_python_works_on_a_queue, every_topic_is_decoded_through_the_registry, kcat_sees_keys_and_partitions,
         all_goes_down_in_order)
