"""Records to bytes and back: frames (0x00, schema id in four bytes, Avro), as schemas/README.md describes them.

Each schema is compiled once, into one function for each place in it. Values are plain: a record is a dict with
all its fields, an instant is microseconds since 1970, an id its 36 characters in lower case, a symbol a str, and
what is absent None. Texts are UTF-8; where foreign bytes are not, decode puts \\xHH for each that offends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from struct import Struct
from typing import Any, Final, TypeAlias

from .schemas import NEWEST_ID, SCHEMAS

FRAME_MAX: Final = 1 << 20  # bytes; no record is longer: the log's own limit for a batch

Read: TypeAlias = Callable[[bytes, int], tuple[Any, int]]  # of a place in a frame: the value, and where it ends
Write: TypeAlias = Callable[[bytearray, Any], None]
Schema: TypeAlias = Any  # JSON

_HEADER: Final = 5
_VERSIONS: Final = {
    name: [number for number, (record, _) in sorted(SCHEMAS.items()) if record == name] for name, _ in SCHEMAS.values()
}
_REQUIRED: Final = object()
_UUID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DOUBLE: Final = Struct("<d")


class Malformed(ValueError):
    """Bytes that are no record of the kind that was expected, or a value that is none."""


def decode(frame: bytes, record: str) -> dict[str, Any]:
    """The record in a frame, where only records of that name can be; what its writer did not have yet has its default.

    A schema id that is newer than this program is read as the newest version that it knows: bytes behind it are ignored,
    an unknown symbol is the enumeration's default. Raises Malformed."""
    if len(frame) > FRAME_MAX:
        raise Malformed(f"the record has {len(frame)} bytes, the limit is {FRAME_MAX}")
    if len(frame) < _HEADER or frame[0] != 0:
        raise Malformed("not a frame: no magic byte 0 and schema id")
    number = int.from_bytes(frame[1:_HEADER], "big")
    is_newer = number > NEWEST_ID
    if not is_newer and number not in _VERSIONS[record]:
        raise Malformed(f"the schema id {number} is not of {record} (those are {_VERSIONS[record]})")
    try:
        value, end = _reader(record, number if not is_newer else 0)(frame, _HEADER)
    except IndexError:
        raise Malformed(f"malformed {record}: cut off") from None
    except Malformed as error:
        raise Malformed(f"malformed {record}: {error}") from None
    if end != len(frame) and not is_newer:
        raise Malformed(f"malformed {record}: {len(frame) - end} bytes behind its end")
    return value  # type: ignore[no-any-return]


def encode(record: str, value: Mapping[str, Any]) -> bytes:
    """The frame of a record, in its newest version. A field that is not given has its default. Raises Malformed."""
    number = _VERSIONS[record][-1]
    out = bytearray(b"\0" + number.to_bytes(4, "big"))
    _writer(record)(out, value)
    return bytes(out)


@cache
def _reader(record: str, number: int) -> Read:
    """By the schema with that id. 0: by the newest of the record, of what a newer program has written."""
    newest = json.loads(SCHEMAS[_VERSIONS[record][-1]][1])
    if number == 0:
        return _read_of(newest, True)
    fields = json.loads(SCHEMAS[number][1])["fields"]
    added = [field for field in newest["fields"][len(fields) :]]
    return _read_record([*_field_reads(fields, False), *((field["name"], _constant(field["default"])) for field in added)])


@cache
def _writer(record: str) -> Write:
    return _write_of(json.loads(SCHEMAS[_VERSIONS[record][-1]][1]))


# --- reading ---


def _read_of(schema: Schema, is_newer: bool) -> Read:
    if isinstance(schema, list):
        return _read_optional(_read_of(schema[1], is_newer))
    kind = schema if isinstance(schema, str) else schema["type"]
    if kind == "string" and kind != schema and schema.get("logicalType") == "uuid":
        return _read_id
    if kind == "record":
        return _read_record(_field_reads(schema["fields"], is_newer))
    if kind == "enum":
        return _read_enum(schema["symbols"], schema["default"] if is_newer else None)
    if kind == "array":
        return _read_array(_read_of(schema["items"], is_newer))
    if kind == "map":
        return _read_map(_read_of(schema["values"], is_newer))
    return _PLAIN_READS[kind]


def _field_reads(fields: list[Schema], is_newer: bool) -> list[tuple[str, Read]]:
    return [(field["name"], _read_of(field["type"], is_newer)) for field in fields]


def _constant(default: Any) -> Read:
    text = json.dumps(default)
    return lambda frame, at: (json.loads(text), at)  # a value of its own each time


def _read_record(fields: list[tuple[str, Read]]) -> Read:
    def read(frame: bytes, at: int) -> tuple[Any, int]:
        value = {}
        for name, read_field in fields:
            value[name], at = read_field(frame, at)
        return value, at

    return read


def _read_optional(read_value: Read) -> Read:
    def read(frame: bytes, at: int) -> tuple[Any, int]:
        branch = frame[at]
        if branch == 2:
            return read_value(frame, at + 1)
        if branch == 0:
            return None, at + 1
        raise Malformed(f"a union has no branch {branch}")

    return read


def _read_enum(symbols: list[str], default: str | None) -> Read:
    def read(frame: bytes, at: int) -> tuple[Any, int]:
        number, at = _read_int(frame, at)
        if 0 <= number < len(symbols):
            return symbols[number], at
        if number < 0 or default is None:
            raise Malformed(f"there is no symbol {number}: there are {symbols}")
        return default, at

    return read


def _read_count(frame: bytes, at: int) -> tuple[int, int]:
    """Of the items in a block; where it is negative, the block's size in bytes stands behind it."""
    count, at = _read_long(frame, at)
    if count >= 0:
        return count, at
    _, at = _read_long(frame, at)
    return -count, at


def _read_array(read_item: Read) -> Read:
    def read(frame: bytes, at: int) -> tuple[Any, int]:
        value = []
        count, at = _read_count(frame, at)
        while count > 0:
            for _ in range(count):
                item, at = read_item(frame, at)
                value.append(item)
            count, at = _read_count(frame, at)
        return value, at

    return read


def _read_map(read_value: Read) -> Read:
    def read(frame: bytes, at: int) -> tuple[Any, int]:
        value = {}
        count, at = _read_count(frame, at)
        while count > 0:
            for _ in range(count):
                name, at = _read_text(frame, at)
                if name in value:
                    raise Malformed(f"'{name[:60]}' is there twice")
                value[name], at = read_value(frame, at)
            count, at = _read_count(frame, at)
        return value, at

    return read


def _read_long(frame: bytes, at: int) -> tuple[int, int]:
    byte = frame[at]
    number = byte & 0x7F
    shift = 7
    while byte > 0x7F:
        at += 1
        byte = frame[at]
        number |= (byte & 0x7F) << shift
        shift += 7
        if shift > 70:
            raise Malformed("a number has more than 10 bytes")
    if number >> 64:
        raise Malformed("a number has more than 64 bits")
    return (number >> 1) ^ -(number & 1), at + 1


def _read_int(frame: bytes, at: int) -> tuple[int, int]:
    number, at = _read_long(frame, at)
    if not -0x8000_0000 <= number <= 0x7FFF_FFFF:
        raise Malformed(f"{number} is no int")
    return number, at


def _read_bytes(frame: bytes, at: int) -> tuple[bytes, int]:
    size, at = _read_long(frame, at)
    end = at + size
    if size < 0 or end > len(frame):
        raise Malformed(f"a text or bytes of length {size}, with {len(frame) - at} bytes left")
    return frame[at:end], end


def _read_text(frame: bytes, at: int) -> tuple[str, int]:
    text, at = _read_bytes(frame, at)
    return text.decode("utf-8", "backslashreplace"), at


def _read_id(frame: bytes, at: int) -> tuple[str, int]:
    text, at = _read_text(frame, at)
    if not _UUID.fullmatch(text):
        raise Malformed(f"'{text[:60]}' is not a UUID")
    return text.lower(), at


def _read_boolean(frame: bytes, at: int) -> tuple[bool, int]:
    if frame[at] > 1:
        raise Malformed(f"{frame[at]} is no boolean")
    return frame[at] == 1, at + 1


def _read_double(frame: bytes, at: int) -> tuple[float, int]:
    if at + 8 > len(frame):
        raise IndexError
    return _DOUBLE.unpack_from(frame, at)[0], at + 8


_PLAIN_READS: Final[dict[str, Read]] = {
    "boolean": _read_boolean,
    "int": _read_int,
    "long": _read_long,
    "double": _read_double,
    "bytes": _read_bytes,
    "string": _read_text,
}


# --- writing ---


def _write_of(schema: Schema) -> Write:
    if isinstance(schema, list):
        return _write_optional(_write_of(schema[1]))
    kind = schema if isinstance(schema, str) else schema["type"]
    if kind == "record":
        fields = [(f["name"], f.get("default", _REQUIRED), _write_of(f["type"])) for f in schema["fields"]]
        return _write_record(schema["name"], fields)
    if kind == "enum":
        return _write_enum(schema["symbols"])
    if kind == "array":
        return _write_array(_write_of(schema["items"]))
    if kind == "map":
        return _write_map(_write_of(schema["values"]))
    return _PLAIN_WRITES[kind]


def _write_record(record: str, fields: list[tuple[str, Any, Write]]) -> Write:
    def write(out: bytearray, value: Mapping[str, Any]) -> None:
        for name, default, write_field in fields:
            item = value.get(name, default)
            try:
                write_field(out, item)
            except Malformed:
                raise
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                what = "is not given" if item is _REQUIRED else f"cannot be {item!r:.60}: {error}"
                raise Malformed(f"{record}.{name} {what}") from None

    return write


def _write_optional(write_value: Write) -> Write:
    def write(out: bytearray, value: Any) -> None:
        if value is None:
            out.append(0)
        else:
            out.append(2)
            write_value(out, value)

    return write


def _write_enum(symbols: list[str]) -> Write:
    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    return lambda out, value: _write_long(out, numbers[value])


def _write_array(write_item: Write) -> Write:
    def write(out: bytearray, value: list[Any]) -> None:
        if value:
            _write_long(out, len(value))
            for item in value:
                write_item(out, item)
        out.append(0)

    return write


def _write_map(write_value: Write) -> Write:
    def write(out: bytearray, value: Mapping[str, Any]) -> None:
        if value:
            _write_long(out, len(value))
            for name, item in value.items():
                _write_text(out, name)
                write_value(out, item)
        out.append(0)

    return write


def _write_long(out: bytearray, value: int) -> None:
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError("it is outside 64 bits")
    number = (value << 1) ^ (value >> 63)
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _write_int(out: bytearray, value: int) -> None:
    if not -0x8000_0000 <= value <= 0x7FFF_FFFF:
        raise ValueError("it is outside 32 bits")
    _write_long(out, value)


def _write_bytes(out: bytearray, value: bytes) -> None:
    _write_long(out, len(value))
    out += value


def _write_text(out: bytearray, value: str) -> None:
    _write_bytes(out, value.encode())


def _write_boolean(out: bytearray, value: bool) -> None:
    out.append(1 if value else 0)


_PLAIN_WRITES: Final[dict[str, Write]] = {
    "boolean": _write_boolean,
    "int": _write_int,
    "long": _write_long,
    "double": lambda out, value: out.extend(_DOUBLE.pack(value)),
    "bytes": _write_bytes,
    "string": _write_text,
}
