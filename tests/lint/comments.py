#!/usr/bin/env python3
"""Fails where a comment behind a statement has broken it over lines: comments.py FOLDER...

clang-format counts the comment as part of the line, and breaks what would fit without it:

    bool import_may_prune(
        const struct import *i); /* all lines are understood */

Such a comment belongs above the statement.
"""
import pathlib
import re
import sys

COLUMNS = 100
TRAILING = re.compile(r"^(\s*\S.*?)\s*/\*(?:(?!\*/).)*\*/$")
LITERAL = re.compile(r"'(?:[^'\\]|\\.)'|\"(?:[^\"\\]|\\.)*\"")


def code_of(line):
    """The line without a comment behind it; a comment of its own is no code."""
    if line.lstrip().startswith(("/*", "*", "//", "#")):
        return ""
    found = TRAILING.match(line)
    return (found[1] if found else line).rstrip()


def indent_of(line):
    return len(line) - len(line.lstrip())


def depth_of(code):
    bare = LITERAL.sub("", code)
    return sum(bare.count(c) for c in "([{") - sum(bare.count(c) for c in ")]}")


def goes_on(above, code):
    """Is `code` the rest of what the line above it begins?"""
    if code.lstrip().startswith("<<"):
        return True
    if above.endswith((";", "{", "}", ":", ")")) or re.search(r"\b(else|do)$", above):
        return False
    if above.endswith(","):
        return indent_of(code) > indent_of(above)
    return True


def joined(codes):
    text = codes[0]
    for code in codes[1:]:
        text += ("" if text.endswith(("(", "*", "{")) else " ") + code.lstrip()
    return text


def start_of(codes, end):
    """Where the statement that ends in the line `end` begins."""
    first, depth = end, depth_of(codes[end])
    while first > 0 and codes[first - 1] != "" and (depth < 0 or goes_on(codes[first - 1], codes[first])):
        first -= 1
        depth += depth_of(codes[first])
    return first


def broken(lines):
    """(first, last) of each statement that only a comment behind it has broken; lines from 0."""
    codes = [code_of(line) for line in lines]
    formatted = True
    for end, line in enumerate(lines):
        if "clang-format o" in line:
            formatted = "clang-format on" in line
        if not formatted or codes[end] == "" or codes[end] == line.rstrip():
            continue
        first = start_of(codes, end)
        if first == end:
            continue
        if codes[first].strip() == "{" or any(codes[i] != lines[i].rstrip() for i in range(first, end)):
            continue
        whole = joined(codes[first : end + 1])
        is_whole = depth_of(whole.lstrip(" }")) == (1 if whole.endswith("{") else 0)
        if is_whole and len(whole) <= COLUMNS and '" "' not in whole:  # texts in pieces stay so
            yield first, end


EXAMPLES = (  # text, the lines that begin what is broken
    ("bool f(\n    int a); /* x */", [0]),
    ("const char *\n    f(void); /* x */", [0]),
    ("struct\n    s { /* x */\n    int a; /* y */\n};", [0]),
    ("int a,\n    b; /* x */", [0]),
    ("enum { A,\n       B\n}; /* x */", [0]),
    ("if (a ==\n    b) { /* x */", [0]),
    ("int a; /* x */\nint\n    b; /* y */", [1]),
    ("} else if (a &&\n           b) { /* x */", [0]),
    ("/* x */\nbool f(int a);", []),
    ("if (a)\n    return; /* x */", []),
    ("else\n    f(); /* x */", []),
    ("enum {\n    A, /* x */\n    B, /* y */\n};", []),
    ('{"a", 1},\n{"b", 2}, /* x */', []),
    ("void f(int " + "a" * 50 + ",\n       int " + "b" * 50 + "); /* x */", []),
)


def main(folders):
    for text, lines in EXAMPLES:
        assert [first for first, _ in broken(text.split("\n"))] == lines, text
    hits = 0
    for path in sorted(p for f in folders for p in pathlib.Path(f).rglob("*.[ch]")):
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        for first, _ in broken(lines):
            print(f"{path}:{first + 1}: broken over lines by the comment behind it: put that above")
            hits += 1
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
