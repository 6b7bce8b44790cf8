"""How far a run is, from a command's descriptor to whoever looks: API, stream and command line; and a cancellation by a stranger's hand."""
import pathlib
import struct
import time

from client import Client
from confluent_kafka import Producer
from listener import Listener
from support import case
from support.stack import Stack, wait_for
from support.wire import Registry

HEARTBEAT, SIGNAL = 7, 9  # schemas
# It says what is in the file, whenever that changes, until it is told to stop.
SCRIPT = 'f=$1; while :; do n=$(cat "$f" 2>/dev/null); [ "$n" = "$o" ] || echo "$n" >&$CRONOBS_PROGRESS_FD; o=$n; sleep 0.1; done'

stack = Stack("progress", partitions=3)
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
client, registry = Client(stack.url), Registry(stack.url)
said = pathlib.Path(stack.folder, "said")
worker = stack.start("progress-worker", "work", "--queue", "q", "--heartbeat", "--concurrency", "4", "--kill-after", "500ms", "--", "sh", "-c", SCRIPT, "sh", str(said))
producer = Producer({"bootstrap.servers": stack.brokers, "log_level": 0})


def say(text):
    beside = said.with_suffix(".new")
    beside.write_text(text + "\n")
    beside.replace(said)


def write(topic, number, record, key, partition=0):
    producer.produce(stack.prefix + topic, registry.encode(number, record), key, partition)
    assert producer.flush(20) == 0


def execution(id_):
    return client.get(f"/v1/executions/{id_}").body


def started(key):
    client.put(key, {"overlap": "ALLOW"})
    made = client.act(key, "trigger")
    assert made.status == 201, made
    id_ = made.headers["Location"].rsplit("/", 1)[1]
    wait_for("it runs", lambda: (a := client.call("GET", f"/v1/executions/{id_}")).status == 200 and a["status"] == "RUNNING", 60)
    return id_


def shows(id_, percent, message):
    return (e := execution(id_)).get("progress") == percent and e.get("progress_message") == message and "heartbeat_at" in e


def what_a_command_says_is_shown_everywhere():
    say("10 % begins")
    id_ = started("far")
    wait_for("it is shown", lambda: shows(id_, 10, "begins"), 30)
    listed = client.get("/v1/executions?status=RUNNING&limit=10")["items"]
    assert [e["progress"] for e in listed if e["execution_id"] == id_] == [10], listed
    over = client.get("/v1/executions?status=RUNNING&order=over&include=usual&limit=10")["items"]
    assert [(e["progress"], e["progress_message"]) for e in over if e["execution_id"] == id_] == [(10, "begins")], over
    shown = stack.run("execution", "show", id_).stdout
    assert "10% begins" in shown and "sign of life" in shown, shown
    assert "RUNNING 10%" in stack.run("execution", "list").stdout


def who_listens_to_it_is_told_when_it_is_further():
    id_ = client.get("/v1/executions?status=RUNNING&limit=10")["items"][0]["execution_id"]
    listener = Listener(stack.port, [f"execution:{id_}"])
    began = len(listener.named("changed"))
    say("55 half")
    wait_for("it is told", lambda: len(listener.named("changed")) > began, 30)
    wait_for("and can be read", lambda: shows(id_, 55, "half"), 30)
    for n in range(56, 90):
        say(str(n))
        time.sleep(0.05)  # a command that says much; what is tested comes after
    wait_for("the last word is shown", lambda: execution(id_).get("progress") == 89, 30)
    told = listener.named("changed")
    assert all(b.at - a.at > 0.2 for a, b in zip(told, told[1:])), [e.at for e in told]
    assert "progress_message" not in execution(id_)
    listener.close()


def a_sign_of_life_of_another_attempt_or_beyond_the_limits_is_not_shown():
    id_ = client.get("/v1/executions?status=RUNNING&limit=10")["items"][0]["execution_id"]
    whole = execution(id_)
    place = next(e["kafka_partition"] for e in client.get(f"/v1/executions/{id_}/events")["items"])
    beat = {"execution_id": id_, "task_id": whole["task_id"], "attempt": 1, "worker": {"name": "w", "incarnation": id_},
            "occurred_at": int(time.time() * 1e6), "progress": 3, "message": "a stranger"}
    write("heartbeats", HEARTBEAT, {**beat, "progress": 101}, whole["task_id"], place)
    write("heartbeats", HEARTBEAT, {**beat, "attempt": 2}, whole["task_id"], place)
    wait_for("it was stored", lambda: "heartbeat_at" not in execution(id_) or execution(id_)["progress"] == 89, 30)
    assert execution(id_).get("progress") in (None, 89)
    put_aside = wait_for("the one beyond them is put aside", lambda: client.get("/v1/dead-letters?topic=heartbeats")["items"], 30)
    assert len(put_aside) == 1 and "101" in put_aside[0]["detail"], put_aside


def a_cancellation_stops_what_it_is_about_and_nothing_else():
    id_ = client.get("/v1/executions?status=RUNNING&limit=10")["items"][0]["execution_id"]
    task = execution(id_)["task_id"]
    signal = {"execution_id": id_, "task_id": task, "attempt": 1, "signal": "CANCEL", "requested_at": int(time.time() * 1e6), "actor": "me", "reason": None}
    for other in ({"attempt": 2}, {"task_id": id_}, {"execution_id": task}):
        write("control", SIGNAL, signal | other, id_)
    producer.produce(stack.prefix + "control", b"\0" + struct.pack(">I", 4711) + b"cancel", id_)
    say("90 lives")
    wait_for("it goes on", lambda: execution(id_).get("progress") == 90, 30)
    write("control", SIGNAL, signal, id_)
    ended = wait_for("it says that it was stopped", lambda: [e for e in client.get(f"/v1/executions/{id_}/events")["items"] if e["status"] == "CANCELLED"], 30)
    assert "it was cancelled" in ended[0]["message"], ended


case.run(what_a_command_says_is_shown_everywhere, who_listens_to_it_is_told_when_it_is_further,
         a_sign_of_life_of_another_attempt_or_beyond_the_limits_is_not_shown, a_cancellation_stops_what_it_is_about_and_nothing_else)
