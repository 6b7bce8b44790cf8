#!/usr/bin/env python3
"""Turns the schemas into C, so that the one executable needs no files, and into the languages of the SDKs.

    embed.py avro DIR OUT.c   DIR/*.avsc, shared types inlined from DIR/types/*.avsc
    embed.py sql  DIR OUT.c   DIR/NNNN_name.sql
    embed.py sdk  DIR ROOT    what a worker needs of DIR/*.avsc, for each SDK in ROOT; these files are committed
    embed.py sdk  DIR ROOT --check   writes nothing, and fails where such a file is not what would be written

An Avro file holds one named type and speaks of others by their short names. Each published text is
self-contained: a shared type stands there in full where it is first used, and by name afterwards. The
attribute "cronobs.id" is the schema's id on the wire; Record.avsc, Record.2.avsc, ... are a record's versions.
"""
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}


def fail(path, what):
    sys.exit(f"{path}: {what}")


def load(path):
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        fail(path, f"is not JSON: {error}")
    for field in schema.get("fields", []):
        if not field.get("doc"):
            fail(path, f"field {field['name']} has no doc")
    if not schema.get("doc"):
        fail(path, "has no doc")
    return schema


def inline(schema, types, seen, path):
    """The schema with each type of `types` in full at its first use; `seen` collects their names."""
    if isinstance(schema, list):
        return [inline(branch, types, seen, path) for branch in schema]
    if isinstance(schema, str):
        if schema in PRIMITIVES or schema in seen:
            return schema
        if schema not in types:
            fail(path, f"nobody defines the type {schema}")
        return inline(types[schema], types, seen, path)
    if schema["type"] in ("record", "enum"):
        seen.add(schema["name"])
    result = dict(schema)
    for key in ("items", "values"):
        if key in schema:
            result[key] = inline(schema[key], types, seen, path)
    if "fields" in schema:
        result["fields"] = [
            dict(field, type=inline(field["type"], types, seen, path)) for field in schema["fields"]
        ]
    return result


def c_string(text):
    """A C string literal, cut into lines of readable length."""
    pieces = [text[at : at + 100] for at in range(0, len(text), 100)] or [""]
    return "\n        ".join(json.dumps(piece, ensure_ascii=False) for piece in pieces)


def check_versions(schemas, paths):
    """A record's files are numbered in the order of their ids: so the codec counts its versions."""
    counts = {}
    for number, name, _ in schemas:
        counts[name] = counts.get(name, 0) + 1
        expected = name if counts[name] == 1 else f"{name}.{counts[name]}"
        if paths[number].stem != expected:
            fail(paths[number], f"has the id of {expected}.avsc")


def read_avro(folder):
    """[(id, name, text)], ids 1, 2, ... without a hole: a published one never goes away."""
    types = {path.stem: load(path) for path in sorted((folder / "types").glob("*.avsc"))}
    schemas, paths = [], {}
    for path in sorted(folder.glob("*.avsc")):
        schema = load(path)
        text = json.dumps(inline(schema, types, set(), path), separators=(",", ":"))
        schemas.append((schema["cronobs.id"], schema["name"], text))
        paths[schema["cronobs.id"]] = path
    schemas.sort()
    if [number for number, _, _ in schemas] != list(range(1, len(schemas) + 1)):
        fail(folder, f"ids are not 1, 2, ...: {[number for number, _, _ in schemas]}")
    check_versions(schemas, paths)
    return schemas


def read_sql(folder):
    """[(number, name, text)] in the order of their numbers."""
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", path.stem)
        if not match:
            fail(path, "is not called NNNN_name.sql")
        migrations.append((int(match[1]), match[2], path.read_text(encoding="utf-8")))
    numbers = [number for number, _, _ in migrations]
    if len(set(numbers)) != len(numbers):
        fail(folder, f"a number is taken twice: {numbers}")
    return migrations


def emit(out, include, struct, variable, rows):
    lines = [f"/* Made by schemas/embed.py. */", f'#include "{include}"', ""]
    lines.append(f"const struct {struct} {variable}s[] = {{")
    for number, name, text in rows:
        lines.append(f'    {{{number}, "{name}",\n        {c_string(text)}}},')
    lines.append("};")
    lines.append(f"const int {variable}_count = {len(rows)};")
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- for the SDKs ---

# What a worker reads, in each version, and what it writes, in the newest one.
READ, WRITTEN = ("ExecutionCreated", "ExecutionSignal"), ("ExecutionStatus", "Heartbeat", "LogBatch")

@dataclass(frozen=True)
class Form:
    """How a language writes a table of texts."""

    head: str
    row: str
    tail: str
    join: str  # between the pieces of a text
    quote: str = "'"  # around a piece


# A line for each SDK.
SDK_FILES = {
    "sdk/python/src/cronobs/schemas.py": Form(
        head='"""Made by schemas/embed.py: the records that a worker reads and writes."""\n\n'
        "from typing import Final\n\n"
        "NEWEST_ID: Final = {newest}  # of any record, when this was made\n\n"
        "SCHEMAS: Final = {{  # id: record, schema\n",
        row='    {id}: (\n        "{name}",\n        {text},\n    ),\n',
        tail="}}\n",
        join="\n        ",
    ),
    "sdk/node/src/schemas.js": Form(
        head="// Made by schemas/embed.py: the records that a worker reads and writes.\n\n"
        "/** Of any record, when this was made. */\nexport const NEWEST_ID = {newest}\n\n"
        "/** @type {{Map<number, [record: string, schema: string]>}} */\nexport const SCHEMAS = new Map([\n",
        row="  [{id}, ['{name}',\n    {text}]],\n",
        tail="])\n",
        join=" +\n    ",
    ),
    "sdk/go/schemas.go": Form(
        head="// Code generated by schemas/embed.py; DO NOT EDIT.\n\npackage cronobs\n\n"
        "// newestID is the highest schema id of any record, when this was made.\nconst newestID = {newest}\n\n"
        "// schemaTexts are the records that a worker reads and writes.\n"
        "var schemaTexts = []struct {{\n\tid           int\n\trecord, text string\n}}{{\n",
        row='\t{{{id}, "{name}",\n\t\t{text}}},\n',
        tail="}}\n",
        join=" +\n\t\t\t",
        quote="`",
    ),
    "sdk/java/worker/src/main/java/io/cronobs/worker/Schemas.java": Form(
        head="// Made by schemas/embed.py.\npackage io.cronobs.worker;\n\nimport java.util.List;\n\n"
        "/** The records that a worker reads and writes. */\nfinal class Schemas {{\n"
        "    /** Of any record, when this was made. */\n    static final int NEWEST_ID = {newest};\n\n"
        "    record Schema(int id, String record, String text) {{}}\n\n    static final List<Schema> ALL = List.of(\n",
        row='        new Schema({id}, "{name}",\n            {text}){comma}\n',
        tail="    );\n\n    private Schemas() {{}}\n}}\n",
        join="\n                + ",
        quote='"',
    ),
}


def bare(schema):
    """What a codec needs of a schema."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items() if key not in ("doc", "namespace", "cronobs.id")}
    return schema


def worker_schemas(schemas):
    """[(id, name, text)] of the records that a worker needs."""
    newest = {name: number for number, name, _ in schemas}
    return [
        (number, name, json.dumps(bare(json.loads(text)), separators=(",", ":")))
        for number, name, text in schemas
        if name in READ or (name in WRITTEN and number == newest[name])
    ]


def literal(text, form):
    """Of a text without quotes but JSON's own, in pieces that end at commas."""
    pieces = re.findall(r".{1,96}(?:,|$)", text)
    if "".join(pieces) != text or "\\" in text or "'" in text or "`" in text:
        fail("schemas", f"no literal can be made of {text}")
    if form.quote == '"':
        pieces = [piece.replace('"', '\\"') for piece in pieces]
    return form.join.join(f"{form.quote}{piece}{form.quote}" for piece in pieces)


def sdk_file(form, schemas):
    rows = worker_schemas(schemas)
    texts = [
        form.row.format(id=number, name=name, text=literal(text, form), comma="," if number != rows[-1][0] else "")
        for number, name, text in rows
    ]
    return form.head.format(newest=schemas[-1][0]) + "".join(texts) + form.tail.format()


def emit_sdks(root, schemas, is_check):
    """Of those languages whose folder is there."""
    for name, form in SDK_FILES.items():
        path, text = root / name, sdk_file(form, schemas)
        if not path.parent.is_dir():
            continue
        if not is_check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            fail(path, "is not what schemas/embed.py makes: run `schemas/embed.py sdk schemas/avro .`")


def main():
    kind, *arguments = sys.argv[1:] or [""]
    is_check = kind == "sdk" and arguments[2:] == ["--check"]
    if kind not in ("avro", "sql", "sdk") or len(arguments) != 2 + is_check:
        sys.exit(__doc__)
    folder, out = Path(arguments[0]), arguments[1]
    if kind == "avro":
        emit(out, "codec/schema_texts.h", "schema_text", "schema_text", read_avro(folder))
    elif kind == "sql":
        emit(out, "store/sql_texts.h", "sql_text", "sql_text", read_sql(folder))
    else:
        emit_sdks(Path(out), read_avro(folder), is_check)


if __name__ == "__main__":
    main()
