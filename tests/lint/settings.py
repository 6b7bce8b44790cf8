#!/usr/bin/env python3
"""Fails where a setting is taken and never looked at: settings.py, in the source folder.

- A member that a table of settings fills is read by some code.
- The common settings that a command takes are read by the functions that it runs.
"""
import pathlib
import re
import sys

SOURCES = [p for folder in ("lib", "api", "scheduler", "consumer", "cli") for p in sorted(pathlib.Path(folder).rglob("*.[ch]"))]
TEXTS = {p: p.read_text() for p in SOURCES}
TABLE = re.compile(r"const struct setting \w+\[\] = \{\n.*?^\};", re.S | re.M)
MEMBER = re.compile(r'\.name = "([\w.]+)".*?\.offset = (?:AT|offsetof)\((?:[\w ]+, )?(\w+)\)', re.S)
FUNCTION = re.compile(r"^(?:static )?[a-z][\w *]*?(\w+)\([^;{]*?\)\n\{\n(.*?)^\}", re.S | re.M)


def members():
    """Of all tables: the setting's name, the member that it fills, and where."""
    return [(name, member, p) for p, text in TEXTS.items() for table in TABLE.findall(text) for name, member in MEMBER.findall(table)]


def read_members(code):
    """All that is looked at; what is only written to is nobody's."""
    return set(re.findall(r"(?:->|(?<=[\w)\]])\.)(\w+)\b(?!\s*=[^=])", code))


def functions():
    """By file and name; a name that is static may be there several times."""
    return {(p, name): body for p, text in TEXTS.items() if p.parts[:1] == ("cli",) and p.parts[1] != "program" for name, body in FUNCTION.findall(text)}


def calls(known):
    """Of each function, those of the command line that it names: of its own file first."""
    names = {}
    for key in known:
        names.setdefault(key[1], []).append(key)
    return {key: [called for name in set(re.findall(r"\w+", body)) & set(names)
                  for called in ([(key[0], name)] if (key[0], name) in known else names[name])] for key, body in known.items()}


def body_from(start, known, called):
    """Of a function and all that it calls."""
    seen, waiting = set(), [key for key in known if key[1] == start]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += called[key]
    return "\n".join(known[key] for key in seen)


def commands():
    """Name, names of common settings, function, use of signals."""
    text = TEXTS[pathlib.Path("cli/program/commands.c")]
    macros = dict(re.findall(r'#define (KAFKA|DATABASE)\s+"([^"]*)"', text))
    for entry in re.findall(r"^    \{\n(.*?)^    \},", text, re.S | re.M):
        common = re.search(r"\.common =(.*?),\n", entry, re.S)[1]
        words = " ".join(macros.get(word, word.strip('"')) for word in re.findall(r'"[^"]*"|KAFKA|DATABASE', common))
        yield re.search(r'\.name = "([^"]*)"', entry)[1], set(words.split()), re.search(r"\.run = (\w+)", entry)[1], "SIGNALS" in entry


def main():
    code, failed = "\n".join(TABLE.sub("", text) for text in TEXTS.values()), False
    found, known = members(), functions()
    read, common = read_members(code), {name: member for name, member, p in found if p.parts[:2] == ("lib", "base")}
    for name, member, p in found:
        if member not in read:
            print(f"{p}: {name} fills `{member}`, which nothing reads")
            failed = True
    listed, called = list(commands()), calls(known)
    for command, takes, run, lasts in listed:
        body = body_from(run, known, called)
        reads = {name for name, member in common.items() if re.search(rf"\bcommon\.{member}\b", body)}
        reads |= {"log.level"} if lasts else set()  # program/dispatch.c, of those that log
        if takes - reads:
            print(f"cronobs {command}: takes in vain {sorted(takes - reads)}")
            failed = True
    if len(found) < 100 or len(listed) < 25:
        print(f"only {len(found)} settings and {len(listed)} commands were found: has the form of the tables changed?")
        failed = True
    return 1 if failed else 0


sys.exit(main())
