"""Our frames read by fastavro, and fastavro's frames read by us: wire.py CODEC_FRAMES SOURCE_DIR."""
import base64
import datetime
import io
import json
import random
import struct
import subprocess
import sys
import uuid

import fastavro

FRAMES = sys.argv[1]
EPOCH = datetime.datetime(1970, 1, 1)
WRITTEN_BY_HAND = 300  # records of each kind that fastavro encodes


def run(*arguments, stdin=""):
    done = subprocess.run([FRAMES, *arguments], input=stdin, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.split("\n")[:-1]]


def load_schemas():
    return {int(number): json.loads(text) for number, text in run("schemas")}


# --- a value of fastavro as the JSON that our record_to_json makes of it ---


def rfc3339(micros, end):
    at = EPOCH + datetime.timedelta(microseconds=micros)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at.microsecond:06d}" if at.microsecond else "") + end


def instant_of(value, end):
    if isinstance(value, datetime.datetime):
        value = (value.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)
    return rfc3339(value, end)


def scalar_to_json(schema, value):
    logical = schema.get("logicalType") if isinstance(schema, dict) else None
    if logical == "timestamp-micros":
        return instant_of(value, "Z")
    if logical == "local-timestamp-micros":
        return instant_of(value, "")
    return str(value) if logical == "uuid" else value


def put_bytes(result, name, value):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        result[name + "_base64"] = base64.b64encode(value).decode()
    else:
        result[name] = text


def body_to_json(result, names, branch, value):
    kind = branch.split(".")[-1]
    result["kind"] = "".join("_" + c if c.isupper() else c.upper() for c in kind)[1:].replace("__", "_")
    result["body"] = record_to_json(names[branch], names, value)


def record_to_json(schema, names, record):
    result = {}
    for field in schema["fields"]:
        name, kind, value = field["name"], field["type"], record[field["name"]]
        if name == "body":
            body_to_json(result, names, *value)
            continue
        if isinstance(kind, list):
            if value is None:
                continue
            kind = kind[1]
        if kind == "bytes":
            put_bytes(result, name, value)
        else:
            result[name] = value_to_json(kind, names, value)
    return result


def value_to_json(schema, names, value):
    schema = names.get(schema, schema) if isinstance(schema, str) else schema
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "record":
        return record_to_json(schema, names, value)
    if kind == "array":
        return [value_to_json(schema["items"], names, item) for item in value]
    return value if kind in ("map", "enum") else scalar_to_json(schema, value)


def named_types(schema, names):
    """Every named type of a parsed schema, under its short and its full name."""
    if isinstance(schema, list):
        for branch in schema:
            named_types(branch, names)
    elif isinstance(schema, dict):
        if schema["type"] in ("record", "enum"):
            short = schema["name"].split(".")[-1]
            names[short] = names["io.cronobs." + short] = schema
        for inner in ("items", "values", "type"):
            if isinstance(schema.get(inner), (dict, list)):
                named_types(schema[inner], names)
        for field in schema.get("fields", []):
            named_types(field["type"], names)
    return names


# --- values of our own ---


class Maker:
    def __init__(self, names, seed):
        self.names = names
        self.random = random.Random(seed)

    def text(self, with_nul=False):
        letters = "aZ09 \"\\\n\t/~äß€🕒\u007f\u2028" + ("\0" if with_nul else "")
        return "".join(self.random.choice(letters) for _ in range(self.random.randrange(12)))

    def number(self, bits):
        value = self.random.getrandbits(self.random.randrange(1, bits)) + 1
        return min(value, 2 ** (bits - 1) - 1) * self.random.choice((1, -1))

    def record(self, schema):
        return {
            field["name"]: self.value(field["type"], with_nul=schema["name"].endswith("LogLine"))
            for field in schema["fields"]
        }

    def branch(self, schema):
        if schema[0] == "null":
            return None if self.random.random() < 0.5 else self.value(schema[1], optional=True)
        chosen = self.random.choice(schema)
        name = chosen if isinstance(chosen, str) else chosen["name"]
        return (name if "." in name else "io.cronobs." + name, self.record(self.names[name]))

    def value(self, schema, optional=False, with_nul=False):
        if isinstance(schema, list):
            return self.branch(schema)
        schema = self.names.get(schema, schema) if isinstance(schema, str) else schema
        kind = schema["type"] if isinstance(schema, dict) else schema
        logical = schema.get("logicalType", "") if isinstance(schema, dict) else ""
        if kind == "record":
            return self.record(schema)
        if kind == "array":
            return [self.value(schema["items"]) for _ in range(self.random.randrange(1 if optional else 0, 20))]
        if kind == "map":
            return {f"{i}{self.text()}": self.text() for i in range(self.random.randrange(5))}
        if kind == "enum":  # the first symbol of an optional one reads as absent, as an empty list does
            return self.random.choice(schema["symbols"][1 if optional else 0 :])
        if logical == "uuid":
            return str(uuid.UUID(int=self.random.getrandbits(128)))
        if logical:
            return self.random.randrange(1, 4 * 10**15)
        return {
            "string": lambda: self.text(with_nul),
            "bytes": lambda: self.random.randbytes(self.random.randrange(40)),
            "boolean": lambda: self.random.random() < 0.5,
            "double": lambda: self.random.uniform(-1e9, 1e9),
            "int": lambda: self.number(32),
            "long": lambda: self.number(64),
        }[kind]()


# --- the two directions ---


def top_of(schemas, names, number):
    return names[number][schemas[number]["name"].split(".")[-1]]


def write_frame(schemas, number, value):
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, schemas[number], value)
    return struct.pack(">BI", 0, number) + stream.getvalue()


def read_frame(schemas, frame, reader=None):
    """By the writer's schema, or as one who knows only the schema `reader`."""
    magic, number = struct.unpack(">BI", frame[:5])
    assert magic == 0
    stream = io.BytesIO(frame[5:])
    value = fastavro.schemaless_reader(
        stream, schemas[number], reader, return_record_name=True, return_record_name_override=True
    )
    assert stream.read() == b"", "bytes are left"
    return number, value


def fastavro_reads_ours(schemas, names):
    lines = run("samples", "40")
    for frame, text in lines:
        number, value = read_frame(schemas, bytes.fromhex(frame))
        found = record_to_json(top_of(schemas, names, number), names[number], value)
        assert found == json.loads(text), f"fastavro reads {found}\nwe wrote {text}"
    return len(lines)


def make_frames(schemas, names):
    """(frame, its JSON, the frame that we make of it) of each schema; both are of the record's newest version."""
    made, newest = [], {schema["name"]: number for number, schema in sorted(schemas.items())}
    for number, schema in schemas.items():
        maker, last = Maker(names[number], seed=number), newest[schema["name"]]
        for _ in range(WRITTEN_BY_HAND):
            value = maker.record(top_of(schemas, names, number))
            frame = write_frame(schemas, number, value)
            if last != number:
                value = read_frame(schemas, frame, schemas[last])[1]
            made.append((frame, record_to_json(top_of(schemas, names, last), names[last], value), write_frame(schemas, last, value)))
    return made


def we_read_fastavros(schemas, names):
    made = make_frames(schemas, names)
    answers = run("decode", stdin="".join(frame.hex() + "\n" for frame, _, _ in made))
    assert len(answers) == len(made)
    for (_, expected, anew), answer in zip(made, answers):
        assert len(answer) == 2, f"{answer} for {expected}"
        assert json.loads(answer[0]) == expected, f"we read {answer[0]}\nfastavro wrote {expected}"
        assert bytes.fromhex(answer[1]) == anew, f"encoded anew it differs: {expected}"
    return len(made)


def main():
    texts = load_schemas()
    names = {number: named_types(schema, {}) for number, schema in texts.items()}
    schemas = {number: fastavro.parse_schema(schema, {}) for number, schema in texts.items()}
    ours, theirs = fastavro_reads_ours(schemas, names), we_read_fastavros(schemas, names)
    print(f"fastavro read {ours} of our frames, we read {theirs} of fastavro's: equal")


main()
