#!/usr/bin/env python3
"""Writes the types of the API's answers in the languages of the SDKs: answers.py [--write]

They come from api/ui/src/answers.ts, which the API's own tables write, so a member is said once. Without --write: fails,
and names the file, when one is not as it would be written.

    sdk/python/src/cronobs/answers.py    a TypedDict each
"""
import keyword
import pathlib
import re
import sys

SDK = pathlib.Path(__file__).parent
SOURCE = SDK.parent / "api/ui/src/answers.ts"
PYTHON = SDK / "python/src/cronobs/answers.py"
FRACTIONS = {("Retry", "multiplier")}  # TypeScript has one kind of numbers: all others are whole

HEAD = '''"""What the API answers, as types. Written by sdk/answers.py --write; docs/http-api.md says what the members mean.

A member that is NotRequired may be missing, and then is not known, or nothing. A newer server may say more than is here.
"""
from typing import Literal, NotRequired, TypedDict

'''


def read(text):
    """Aliases [(name, type, comment)] and records [(name, [(member, type, is_optional)])], in the order of the file."""
    alias = re.compile(r"^(?:/\*\* (.*) \*/\n)?export type (\w+) = (.*);$", re.M)
    record = re.compile(r"^export interface (\w+) \{\n(.*?)^\}", re.M | re.S)
    member = re.compile(r"^  (\w+)(\??): (.*);$", re.M)
    aliases = [(m[2], m[3], m[1]) for m in alias.finditer(text)]
    records = [(m[1], [(f[1], f[3], f[2] == "?") for f in member.finditer(m[2])]) for m in record.finditer(text)]
    return aliases, [(name, members) for name, members in records if name != "Answers"]


def inner_first(records):
    """The same, each behind those that its members are."""
    left, ordered = dict(records), []

    def take(name):
        members = left.pop(name, None)
        for word in re.findall(r"\w+", " ".join(kind for _, kind, _ in members or [])):
            take(word)
        if members is not None:
            ordered.append((name, members))

    for name, _ in records:
        take(name)
    return ordered


def python_type(kind):
    if kind.endswith("[]"):
        return f"list[{python_type(kind[:-2])}]"
    if " | " in kind:
        parts = kind.split(" | ")
        symbols = [part.replace("'", '"') for part in parts if part.startswith("'")]
        others = [python_type(part) for part in parts if not part.startswith("'")]
        return " | ".join(others + ([f"Literal[{', '.join(symbols)}]"] if symbols else []))
    if kind.startswith("'"):
        return f"Literal[{kind.replace(chr(39), chr(34))}]"
    if counts := re.fullmatch(r"Partial<Record<(\w+), number>>", kind):
        return f"dict[{counts[1]}, int]"
    plain = {"string": "str", "number": "int", "boolean": "bool", "unknown": "object",
             "Record<string, string>": "dict[str, str]", "[number, number]": "list[int]"}
    return plain.get(kind, kind)


def python_record(name, members):
    """A class; a call where a member is a word of the language."""
    typed = []
    for member, kind, is_optional in members:
        kind = "float" if (name, member) in FRACTIONS else python_type(kind)
        typed.append((member, f"NotRequired[{kind}]" if is_optional else kind))
    if any(keyword.iskeyword(member) for member, _ in typed):
        lines = [f'    "{member}": {kind},' for member, kind in typed]
        return "\n".join([f'{name} = TypedDict("{name}", {{', *lines, "})"])
    return "\n".join([f"class {name}(TypedDict):", *(f"    {member}: {kind}" for member, kind in typed)])


def python_text(aliases, records):
    first = []
    for name, kind, comment in aliases:
        first += [f"#: {comment}"] if comment else []
        first.append(f"{name} = {python_type(kind)}")
    return HEAD + "\n".join(first) + "\n\n\n" + "\n\n\n".join(python_record(*record) for record in inner_first(records)) + "\n"


def main(arguments):
    text = python_text(*read(SOURCE.read_text(encoding="utf-8")))
    if arguments == ["--write"]:
        PYTHON.write_text(text, encoding="utf-8")
    elif not PYTHON.exists() or PYTHON.read_text(encoding="utf-8") != text:
        sys.exit(f"{PYTHON} is stale: run sdk/answers.py --write")


if __name__ == "__main__":
    main(sys.argv[1:])
