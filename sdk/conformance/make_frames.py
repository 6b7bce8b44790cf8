"""Writes frames.json: records and their bytes, by fastavro, which shares no line with any codec of ours.

    make_frames.py [--check]    --check writes nothing, and fails when the file is another one

What the file holds is told in cases.md.
"""
import copy
import io
import json
import struct
import sys
from pathlib import Path

import fastavro

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "schemas"))

import embed  # noqa: E402

SCHEMAS = {number: json.loads(text) for number, _, text in embed.read_avro(HERE.parents[1] / "schemas" / "avro")}
READ, WRITTEN = embed.READ, embed.WRITTEN
NEWER_ID = 1000
PARTITIONS = 12  # of `status`

INT, LONG = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
EXECUTION, TASK, PARENT = (
    "01a20dc8-e780-84a3-82a6-2e6896ff6f9e",
    "25863586-ab2e-5a4d-ae75-e2f830b9b6e4",
    "ffffffff-ffff-827a-bec5-691b70d21855",
)
EVENT, INCARNATION = "9a3599ee-2126-4d97-ac1d-1ff914b86200", "931c68c2-dd45-494e-8ae7-78f29a4cf900"
AT = 1_763_991_600_000_000
UNICODE = "é € 😀 ﷽ \u202e שלום"


def versions(record):
    """The ids that an SDK knows: each that it may read, the newest that it writes."""
    ids = [number for number, schema in SCHEMAS.items() if schema["name"] == record]
    return ids if record in READ else ids[-1:]


def newest(record):
    return SCHEMAS[versions(record)[-1]]


# --- bytes ---


def named_types(schema, found):
    if isinstance(schema, list):
        for branch in schema:
            named_types(branch, found)
    elif isinstance(schema, dict):
        if schema["type"] in ("record", "enum"):
            found[schema["name"]] = schema
        for field in schema.get("fields", []):
            named_types(field["type"], found)
        named_types(schema.get("items"), found)
    return found


def plain(schema):
    """Without logical types, which fastavro would turn into types of Python's own."""
    if isinstance(schema, list):
        return [plain(branch) for branch in schema]
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key not in ("logicalType", "doc", "namespace")}
    return schema


def beginning(schema, value, count):
    """The bytes of its first fields."""
    out = io.BytesIO()
    schema = plain(schema) | {"fields": plain(schema["fields"][:count])}
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


def field_bytes(schema, value):
    """Of each field."""
    ends = [len(beginning(schema, value, count)) for count in range(len(schema["fields"]) + 1)]
    whole = beginning(schema, value, len(schema["fields"]))
    return {field["name"]: whole[ends[n] : ends[n + 1]] for n, field in enumerate(schema["fields"])}


def header(number):
    return b"\0" + struct.pack(">I", number)


def frame(number, value, instead=None, schema=None):
    """`instead`: the bytes of fields that are to be other ones than those of the value."""
    return header(number) + b"".join((field_bytes(schema or SCHEMAS[number], value) | (instead or {})).values())


def zigzag(number):
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def text(data):
    return zigzag(len(data)) + data


# --- values ---


def created(**changes):
    value = {
        "execution_id": EXECUTION, "task_id": TASK, "task_key": "backup", "project": "default", "revision": 3,
        "attempt": 1, "max_attempts": 3, "trigger": "SCHEDULED", "scheduled_at": AT, "due_at": AT + 1, "nominal_local": None,
        "zone": None, "tzdata": None, "dst": "NONE", "start_by": None, "finish_by": None, "run_timeout_ms": None,
        "heartbeat_ms": None, "parent_execution_id": None, "status_partition": 2, "payload": None, "content_type": None,
        "labels": {}, "status_from": 0, "retry": None, "waited": False,
    }  # fmt: skip
    return value | changes


def created_full(**changes):
    full = {
        "trigger": "CATCH_UP", "nominal_local": AT + 3_600_000_000, "zone": "Europe/Berlin", "tzdata": "2026a", "dst": "REPEATED",
        "start_by": AT + 60, "finish_by": AT + 70, "run_timeout_ms": 86_400_000, "heartbeat_ms": 10_000,
        "parent_execution_id": PARENT, "payload": bytes(range(256)), "content_type": "application/json",
        "labels": {"team": "ops", "": "", "größe": UNICODE}, "status_from": 2**40,
        "retry": {"max_attempts": 3, "first_delay_ms": 1, "max_delay_ms": 60_000, "jitter_ms": 5, "multiplier": 1.5,
                  "on": "FAILED,LOST"},
        "waited": True,
    }  # fmt: skip
    return created(**full) | changes


def status(**changes):
    value = {
        "event_id": EVENT, "execution_id": EXECUTION, "task_id": TASK, "attempt": 1, "status": "RUNNING", "if_unclaimed": False,
        "reason": "NONE", "occurred_at": AT, "worker": None, "message": None, "exit_code": None, "result": None,
        "next_attempt_at": None, "blocked_by": None, "scheduled_at": None, "trigger": None, "revision": None, "queue": None,
    }  # fmt: skip
    return value | changes


WORKER = {"name": "host/1", "incarnation": INCARNATION}


def status_full():
    return status(
        status="FAILED", if_unclaimed=True, reason="WORKER_ERROR", worker=WORKER, message=UNICODE, exit_code=-1,
        result=b"\0\xff", next_attempt_at=AT + 5, blocked_by=PARENT, scheduled_at=AT - 5, trigger="EXTERNAL", revision=7,
        queue="reports",
    )  # fmt: skip


def heartbeat(**changes):
    value = {
        "execution_id": EXECUTION, "task_id": TASK, "attempt": 2, "worker": WORKER, "occurred_at": AT, "progress": None,
        "message": None,
    }  # fmt: skip
    return value | changes


def line(message, **changes):
    return {"at": AT, "level": "INFO", "stream": "LOG", "message": message} | changes


def mark(number, unfinished, escaped):
    return {"line": number, "unfinished": unfinished, "escaped": escaped}


def batch(*lines, marks=(), **changes):
    value = {
        "execution_id": EXECUTION, "task_id": TASK, "attempt": 1, "writer": INCARNATION, "first_seq": 1, "lines": list(lines),
        "marks": list(marks),
    }  # fmt: skip
    return value | changes


def signal(**changes):
    value = {
        "execution_id": EXECUTION, "task_id": TASK, "attempt": 1, "signal": "CANCEL", "requested_at": AT, "actor": None,
        "reason": None,
    }  # fmt: skip
    return value | changes


MINIMAL = {
    "ExecutionCreated": created(), "ExecutionStatus": status(), "Heartbeat": heartbeat(), "LogBatch": batch(),
    "ExecutionSignal": signal(),
}  # fmt: skip
FULL = {
    "ExecutionCreated": created_full(),
    "ExecutionStatus": status_full(),
    "Heartbeat": heartbeat(progress=100, message=UNICODE),
    "LogBatch": batch(
        line("one"),
        line(UNICODE, level="ERROR", stream="STDERR", at=1),
        line("", level="WARN", stream="STDOUT"),
        line("a\0b\0", level="DEBUG"),
        marks=[mark(2, True, False), mark(4, False, True)],
        first_seq=2**40,
    ),
    "ExecutionSignal": signal(actor="me@example.org", reason=UNICODE),
}


# --- cases ---


def as_json(value):
    """Bytes, and numbers that JSON readers may not keep, as objects of one member."""
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, int) and abs(value) > 2**53:
        return {"$long": str(value)}
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def readable(name, record, data, value, writes=False, leave_out=None):
    case = {"name": name, "record": record, "frame": data.hex(), "value": as_json(value)}
    if writes:
        case["writes"] = True
    if leave_out:
        case["not"] = leave_out
    return case


def defaults_of(value, number, record):
    """What a version has not is read as its default."""
    known = {field["name"] for field in SCHEMAS[number]["fields"]}
    missing = {field["name"]: field["default"] for field in newest(record)["fields"] if field["name"] not in known}
    return value | missing


def of_each_version():
    for record in (*READ, *WRITTEN):
        for count, number in enumerate(versions(record), 1):
            is_newest = number == versions(record)[-1]
            for kind, values in (("with nothing that may be absent", MINIMAL), ("with all fields", FULL)):
                value = values[record]
                yield readable(
                    f"{record} {kind}, schema id {number}", record, frame(number, value),
                    defaults_of(value, number, record), is_newest,
                )  # fmt: skip


def extremes():
    for name, whole, number in (("smallest", INT[0], LONG[0]), ("largest", INT[1], LONG[1])):
        value = created(
            revision=whole, attempt=whole, max_attempts=whole, scheduled_at=number, due_at=number, run_timeout_ms=number,
            status_partition=whole, status_from=number,
        )  # fmt: skip
        yield readable(f"the {name} numbers", "ExecutionCreated", frame(17, value), value, True)
        value = status(exit_code=whole, occurred_at=number)
        yield readable(f"the {name} numbers of a report", "ExecutionStatus", frame(6, value), value, True)
    value = created(payload=b"x" * 300, labels={f"label-{n}": "v" * n for n in range(32)})
    yield readable("lengths and counts of two bytes", "ExecutionCreated", frame(17, value), value, True)
    value = batch(*(line(str(n)) for n in range(130)))
    yield readable("a batch of 130 lines", "LogBatch", frame(16, value), value, True)


def other_blocks():
    """Avro has several ways to write the same list."""
    pairs = [text(b"a") + text(b"1"), text(b"b") + text(b"2"), text(b"c") + text(b"3")]
    labels = {"a": "1", "b": "2", "c": "3"}
    forms = {
        "a map in three blocks": b"".join(zigzag(1) + pair for pair in pairs) + zigzag(0),
        "a map in a block with its size": zigzag(-3) + zigzag(12) + b"".join(pairs) + zigzag(0),
        "a map in blocks of both kinds": zigzag(1) + pairs[0] + zigzag(-2) + zigzag(8) + pairs[1] + pairs[2] + zigzag(0),
    }
    value = created(labels=labels)
    for name, form in forms.items():
        yield readable(name, "ExecutionCreated", frame(17, value, {"labels": form}), value)
    one = zigzag(AT) + zigzag(0) + zigzag(0) + text(b"x")
    form = zigzag(1) + one + zigzag(-1) + zigzag(len(one)) + one + zigzag(0)
    value = batch(line("x"), line("x"))
    yield readable("an array in blocks of both kinds", "LogBatch", frame(16, value, {"lines": form}), value)
    long_form = bytes([0x82, 0x80, 0x80, 0x00])
    value = created(revision=1)
    yield readable("a number with more bytes than it needs", "ExecutionCreated", frame(17, value, {"revision": long_form}), value)


def of_newer_programs():
    """Fields added at the end, symbols added at the end: schemas/README.md."""
    schema = copy.deepcopy(newest("ExecutionCreated"))
    schema["fields"].append({"name": "added", "type": ["null", "string"], "default": None})
    named_types(schema, {})["Trigger"]["symbols"].append("BY_MOONLIGHT")
    named_types(schema, {})["Dst"]["symbols"].append("SKEWED")
    value = created_full(trigger="BY_MOONLIGHT", dst="SKEWED", added="x" * 40)
    read = created_full(trigger="UNKNOWN", dst="NONE")
    for number in (NEWER_ID, 2**31, 2**32 - 1):
        yield readable(f"of a newer program, schema id {number}", "ExecutionCreated", frame(number, value, schema=schema), read)
    yield readable("of a newer program, with no byte behind", "ExecutionCreated", frame(NEWER_ID, created(), schema=SCHEMAS[17]), created())
    schema = copy.deepcopy(newest("ExecutionSignal"))
    schema["fields"].append({"name": "added", "type": "long", "default": 0})
    named_types(schema, {})["Signal"]["symbols"].append("DANCE")
    value = signal(signal="DANCE", added=5)
    yield readable("a signal of a newer program", "ExecutionSignal", frame(NEWER_ID, value, schema=schema), signal(signal="UNKNOWN"))


def odd_texts():
    def with_text(name, data, read, field="task_key"):
        return readable(name, "ExecutionCreated", frame(17, created(), {field: data}), created(**{field: read}))

    yield with_text("bytes that are no UTF-8", text(b"a\xff\xc3(b"), "a\\xff\\xc3(b")
    yield with_text("a character that is cut off", text(b"a\xe2\x82"), "a\\xe2\\x82")
    yield with_text("a surrogate in UTF-8, and an overlong form", text(b"\xed\xa0\x80\xc0\x80"), "\\xed\\xa0\\x80\\xc0\\x80")
    yield with_text("what looks like an escape already", text(b"\\x41\xff"), "\\x41\\xff")
    yield with_text("an absent one that is there, and empty", b"\x02" + text(b""), "", "zone")
    upper = text(EXECUTION.upper().encode())
    yield readable("an id in capitals", "ExecutionCreated", frame(17, created(), {"execution_id": upper}), created())
    value = created(payload=b"")
    yield readable(
        "a payload that is there, and empty", "ExecutionCreated", frame(17, value), value, True,
        {"c": "does not tell it from none"},
    )  # fmt: skip


def refused():
    def case(name, data, record="ExecutionCreated"):
        return {"name": name, "record": record, "frame": data.hex()}

    def bad(name, **instead):
        return case(name, frame(17, created(), instead))

    whole = frame(17, created_full())
    yield case("nothing", b"")
    yield case("another magic byte", b"\1" + whole[1:])
    yield case("the schema id 0", header(0) + whole[5:])
    yield case("a Command in a queue", header(1) + whole[5:])
    yield case("a Heartbeat in a queue", frame(7, heartbeat()))
    yield case("an execution among signals", whole, "ExecutionSignal")
    yield case("a byte behind the end", whole + b"\0")
    yield bad("a negative length", task_key=zigzag(-1) + b"x")
    yield bad("a length beyond the end", task_key=zigzag(100_000) + b"x")
    yield bad("the largest length", task_key=zigzag(LONG[1]) + b"x")
    yield bad("the smallest length", task_key=zigzag(LONG[0]) + b"x")
    yield bad("a payload longer than the frame", payload=b"\x02" + zigzag(2**40))
    yield bad("a negative length, with which the rest could be read", project=b"\x01", revision=b"")
    yield bad("a branch that the union has not", zone=zigzag(2) + text(b"x"))
    yield bad("a branch that the union has not, and nothing in it", zone=zigzag(2))
    yield bad("a negative branch", zone=zigzag(-1))
    yield bad("a symbol that the schema has not", trigger=zigzag(8))
    yield bad("a negative symbol", trigger=zigzag(-1))
    yield case("a negative symbol of a newer program", frame(NEWER_ID, created(), {"trigger": zigzag(-1)}, schema=SCHEMAS[17]))
    yield bad("a boolean of 2", waited=b"\x02")
    yield bad("an int of 33 bits", revision=zigzag(2**31))
    yield bad("an int of 33 bits, negative", revision=zigzag(-(2**31) - 1))
    too_wide = bad("a number of 65 bits", scheduled_at=b"\xff" * 9 + b"\x03")
    yield too_wide | {"not": {"c": "avro-c drops the bits above the 64th"}}
    yield bad("a number of 11 bytes", scheduled_at=b"\x80" * 10 + b"\0")
    yield bad("an id that is none", execution_id=text(b"x" * 36))
    yield bad("an id that is too short", execution_id=text(EXECUTION[:-1].encode()))
    yield bad("a map of a billion labels", labels=zigzag(10**9) + text(b"a") + text(b"1"))
    yield bad("a map of the largest number of labels", labels=zigzag(LONG[1]) + text(b"a") + text(b"1"))
    yield bad("a block of the smallest number of labels", labels=zigzag(LONG[0]) + zigzag(4) + text(b"a") + text(b"1"))
    yield case("a batch of a billion lines", frame(16, batch(), {"lines": zigzag(10**9)}), "LogBatch")
    yield case("a bomb of a newer program", frame(NEWER_ID, created(), {"labels": zigzag(10**15)}, schema=SCHEMAS[17]))
    too_long = case("a frame of more than 1 MiB, of a newer program", frame(NEWER_ID, created(), schema=SCHEMAS[17]))
    yield too_long | {"zeros_up_to": 2**20 + 1}


def at_limits():
    """Executions that can be read, and are run (fault: null) or passed over: docs/workers.md, "What is over a limit is not run"."""

    def case(name, fault, **changes):
        return {"name": name, "record": "ExecutionCreated", "frame": frame(17, created(**changes)).hex(), "fault": fault}

    def with_payload(name, fault, size):
        """Of zeros, as is all that stands behind it."""
        whole = frame(17, created(payload=b"\0" * size))
        return {"name": name, "record": "ExecutionCreated", "frame": whole.rstrip(b"\0").hex(), "zeros_up_to": len(whole), "fault": fault}

    yield case("the last partition", None, status_partition=PARTITIONS - 1)
    yield case("a partition that does not exist", "status_partition", status_partition=PARTITIONS)
    yield case("a negative partition", "status_partition", status_partition=-1)
    yield case("the attempt 0", "attempt", attempt=0)
    yield case("the last attempt", None, attempt=32767, max_attempts=32767)
    yield case("an attempt behind it", "attempt", attempt=32768)
    yield case("no number of attempts", None, max_attempts=0)
    yield case("a negative number of attempts", "max_attempts", max_attempts=-1)
    yield case("too many attempts", "max_attempts", max_attempts=32768)
    yield with_payload("a payload of 64 KiB", None, 65_536)
    yield with_payload("a payload of a byte more", "payload", 65_537)
    for field in ("task_key", "project", "zone", "tzdata", "content_type"):
        yield case(f"{field} of 200 bytes", None, **{field: "é" * 100})
        yield case(f"{field} of 201 bytes", field, **{field: "é" * 100 + "x"})
    yield case("32 labels", None, labels={f"label-{n}": "" for n in range(32)})
    yield case("33 labels", "labels", labels={f"label-{n}": "" for n in range(33)})
    yield case("a label of 128 bytes", None, labels={"é": "x" * 126})
    yield case("a label of 129 bytes", "labels", labels={"é": "x" * 127})
    twice = zigzag(2) + 2 * (text(b"a") + text(b"1")) + zigzag(0)
    yield case("a label", None) | {"name": "a label that is there twice", "frame": frame(17, created(), {"labels": twice}).hex(),
                                   "fault": "labels"}  # fmt: skip


def cases():
    readers = (of_each_version, extremes, other_blocks, of_newer_programs, odd_texts)
    whole = [
        {"record": record, "frame": frame(number, FULL[record]).hex()}
        for record in (*READ, *WRITTEN)
        for number in versions(record)
    ]
    newer = [
        {"record": record, "frame": frame(NEWER_ID, FULL[record], schema=newest(record)).hex()} for record in READ
    ]
    return {
        "about": "Made by make_frames.py; told in cases.md.",
        "frames": [case for family in readers for case in family()],
        "refused": list(refused()),
        "refused_when_cut": [*whole, *newer],
        "at_limits": list(at_limits()),
    }


def main():
    path = HERE / "frames.json"
    made = json.dumps(cases(), indent=1, ensure_ascii=True) + "\n"
    if sys.argv[1:] == ["--check"]:
        if path.read_text(encoding="utf-8") != made:
            sys.exit(f"{path} is not what make_frames.py makes: run it")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        path.write_text(made, encoding="utf-8")


main()
