"""The page's types (api/ui/src/answers.ts), read by a few rules of their own, and values held to them."""
import os
import re

FILE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "api", "ui", "src", "answers.ts")
FORMS = {
    "Id": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "Instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z",
    "OffsetTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?[+-]\d\d:\d\d(:\d\d)?",
    "LocalTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?",
}


class Types:
    def __init__(self):
        text = open(FILE, encoding="utf-8").read()
        self.symbols = {m[1]: set(re.findall(r"'([^']*)'", m[2])) for m in re.finditer(r"^export type (\w+) = ('.*);$", text, re.M)}
        self.interfaces = {m[1]: self.members(m[2]) for m in re.finditer(r"^export interface (\w+) \{\n(.*?)^\}", text, re.M | re.S)}
        self.answers = {name: kind for name, (kind, _) in self.interfaces.pop("Answers").items()}
        self.seen = set()

    @staticmethod
    def members(text):
        return {m[1]: (m[3], m[2] == "?") for m in re.finditer(r"^  '?([^'\n:?]+(?::[^'\n]+)?)'?(\??): (.*);$", text, re.M)}

    def complaint(self, kind, value, at):
        """What is wrong with a value of this type; None: nothing."""
        if " | " in kind:
            found = [self.complaint(one, value, at) for one in kind.split(" | ")]
            return None if None in found else " or ".join(found)
        if kind.endswith("[]"):
            if not isinstance(value, list):
                return f"{at} is no list"
            return next((c for n, item in enumerate(value) if (c := self.complaint(kind[:-2], item, f"{at}[{n}]"))), None)
        if kind in self.interfaces:
            return self.of_interface(kind, value, at)
        if kind.startswith("Partial<Record<"):
            names = self.symbols[kind[len("Partial<Record<"):].split(",")[0]]
            return None if isinstance(value, dict) and value.keys() <= names and all(isinstance(v, int) for v in value.values()) else f"{at}: {value} are no counts"
        return None if self.is_plain(kind, value) else f"{at}: {value!r} is no {kind}"

    def is_plain(self, kind, value):
        if kind in self.symbols:
            return value in self.symbols[kind]
        if kind in FORMS:
            return isinstance(value, str) and re.fullmatch(FORMS[kind], value) is not None
        if kind.startswith("'"):
            return value == kind[1:-1]
        return {"string": lambda: isinstance(value, str), "number": lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
                "boolean": lambda: isinstance(value, bool), "unknown": lambda: True,
                "Record<string, string>": lambda: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
                "[number, number]": lambda: isinstance(value, list) and [type(v) for v in value] == [int, int]}[kind]()

    def of_interface(self, kind, value, at):
        if not isinstance(value, dict):
            return f"{at} is no {kind}"
        known = self.interfaces[kind]
        for name in value.keys() - known.keys():
            return f"{at}.{name} is not in {kind}"
        for name, (_, optional) in known.items():
            if name not in value and not optional:
                return f"{at}.{name} of {kind} is missing"
        self.seen |= {(kind, name) for name in value}
        return next((c for name in value if (c := self.complaint(known[name][0], value[name], f"{at}.{name}"))), None)

    def never_seen(self):
        return sorted(f"{kind}.{name}" for kind, members in self.interfaces.items() for name in members if (kind, name) not in self.seen)
