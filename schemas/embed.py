#!/usr/bin/env python3
"""Turns the schemas into C, so that the one executable needs no files.

    embed.py avro DIR OUT.c   DIR/*.avsc, shared types inlined from DIR/types/*.avsc
    embed.py sql  DIR OUT.c   DIR/NNNN_name.sql

An Avro file holds one named type and speaks of others by their short names. Each published text is
self-contained: a shared type stands there in full where it is first used, and by name afterwards. The
attribute "cronobs.id" is the schema's id on the wire; Record.avsc, Record.2.avsc, ... are a record's versions.
"""
import json
import re
import sys
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


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("avro", "sql"):
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    if sys.argv[1] == "avro":
        emit(sys.argv[3], "codec/schema_texts.h", "schema_text", "schema_text", read_avro(folder))
    else:
        emit(sys.argv[3], "store/sql_texts.h", "sql_text", "sql_text", read_sql(folder))


main()
