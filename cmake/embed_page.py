#!/usr/bin/env python3
"""Turns the built page into C, so that the one executable needs no files.

    embed_page.py DIR OUT.c   DIR/index.html and DIR/assets/*, as the NAME.gz beside each has it (api/ui/build.mjs)

What has none, as the page that tells how to get the page, is packed here. The table is declared in api/resources/assets.h.
index.html keeps its {{base}}: the program fills it in when it starts.
"""
import gzip
import hashlib
import re
import sys
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def c_bytes(data):
    """The inside of an array of bytes, in lines of readable length."""
    return "\n".join("    " + ",".join(map(str, data[i:i + 32])) + "," for i in range(0, len(data), 32))


def packed_bytes(path):
    packed = path.with_name(path.name + ".gz")
    return packed.read_bytes() if packed.exists() else gzip.compress(path.read_bytes(), 9, mtime=0)


def main(folder, out):
    files = [folder / "index.html"] + sorted(p for p in (folder / "assets").glob("*") if p.suffix in TYPES)
    texts = ['#include "api/resources/assets.h"\n']
    rows = []
    for number, path in enumerate(files):
        texts.append(f"static const unsigned char bytes_{number}[] = {{\n{c_bytes(packed_bytes(path))}\n}};\n")
        rows.append(f'    {{"{path.name}", "{TYPES[path.suffix]}", bytes_{number}, sizeof bytes_{number}, {path.stat().st_size}}},')
    index = files[0].read_text(encoding="utf-8")
    known = re.search(r'name="cronobs-page" content="(\w+)"', index)
    build = known.group(1) if known else hashlib.sha256(index.encode()).hexdigest()[:12]
    texts.append("const struct asset page_assets[] = {\n" + "\n".join(rows) + "\n    {.name = NULL},\n};\n")
    texts.append(f'const char page_build[] = "{build}";\n')
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(texts), encoding="utf-8")


main(Path(sys.argv[1]), Path(sys.argv[2]))
