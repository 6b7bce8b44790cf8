"""Records as a scheduler and a worker put them on the wire, by fastavro and the schemas of the tree: no code of an SDK."""
import copy
import io
import pathlib
import struct
import sys
import time
import uuid

import fastavro

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from support import executions, place, wire  # noqa: E402

NEWEST = {name: fastavro.parse_schema(wire.untimed(executions.schema(name)))
          for name in ("ExecutionCreated", "ExecutionSignal", "ExecutionStatus", "Heartbeat", "LogBatch")}
BY_ID = {schema["cronobs.id"]: (name, schema) for name, schema in NEWEST.items()}
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


def now():
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def frame(name, record):
    return frame_of(NEWEST[name], NEWEST[name]["cronobs.id"], record)


def frame_of(schema, number, record):
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema, record)
    return struct.pack(">bI", 0, number) + body.getvalue()


def decoded(value):
    """Name and record of a frame; a worker writes the newest versions, and nothing behind a record."""
    magic, number = struct.unpack(">bI", value[:5])
    assert magic == 0 and number in BY_ID, f"a frame of schema {number}: a worker writes {sorted(BY_ID)}"
    name, schema = BY_ID[number]
    body = io.BytesIO(value[5:])
    record = wire.plain(fastavro.schemaless_reader(body, schema, None))
    assert not body.read(1), f"bytes behind a {name}"
    return name, record


def task_id():
    return str(uuid.uuid4())


def task_for_each(partitions):
    found = {}
    while len(found) < partitions:
        task = task_id()
        found.setdefault(place.partition(task, partitions), task)
    return found.values()


def execution(partitions, payload, task=None, **fields):
    """A new ExecutionCreated; `task` is an id: whatever has the same one lies in one partition, in order."""
    task = task or task_id()
    return {
        "execution_id": executions.invented(task), "task_id": task, "task_key": "job", "project": "default", "revision": 1, "attempt": 1,
        "max_attempts": 3, "trigger": "MANUAL", "scheduled_at": now(), "due_at": now(), "status_partition": place.partition(task, partitions),
        "payload": payload, **fields}


def signal(of, signal="CANCEL", **fields):
    return {"execution_id": of["execution_id"], "task_id": of["task_id"], "attempt": of["attempt"], "signal": signal,
            "requested_at": now(), **fields}


def grown(name, added_to=None):
    """A schema of a newer release: a field more and, in the enumeration of that field, a symbol FUTURE more."""
    schema = copy.deepcopy(executions.schema(name))
    schema = wire.untimed(schema)
    schema.pop("__fastavro_parsed__", None)
    schema.pop("__named_schemas", None)
    for field in schema["fields"]:
        if field["name"] == added_to:
            field["type"]["symbols"] = [*field["type"]["symbols"], "FUTURE"]
    schema["fields"].append({"name": "added", "type": "string", "default": ""})
    return fastavro.parse_schema(schema)
