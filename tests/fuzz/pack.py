#!/usr/bin/env python3
"""Inputs of a fuzz target as lines of text, and back: pack.py unpack FILE FOLDER, pack.py pack FOLDER > FILE.

A line is one input. Bytes that are not printable ASCII, and the backslash, are written \\xNN; replay.c reads the same.
"""

import hashlib
import pathlib
import re
import sys


def escape(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02x}" for b in data)


def unescape(line: str) -> bytes:
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), line.encode())


def unpack(path: str, folder: str) -> None:
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for line in pathlib.Path(path).read_text().splitlines():
        data = unescape(line)
        pathlib.Path(folder, hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(folder: str) -> None:
    inputs = {path.read_bytes() for path in pathlib.Path(folder).iterdir()}
    for data in sorted(inputs - {b""}, key=lambda data: (len(data), data)):
        print(escape(data))


if sys.argv[1] == "unpack":
    unpack(*sys.argv[2:])
else:
    pack(*sys.argv[2:])
