"""The table of tests/unit/cron/clock_change_test.c, worked out anew: each line by a walk over the minutes of the wall clock, and
each comment ("+1, from 29 March 01:00 UTC +2, ...") by the system's zoneinfo. cases.py TABLE"""
import re
import sys

from batch import ask, changes, iso, offset, seconds
from crond import Job

LIMIT = 3 * 3600
MONTH_NAMES = "January February March April May June July August September October November December".split()
REQUIRED = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Antarctica/Troll",
            "Europe/Dublin", "America/Sao_Paulo", "Asia/Gaza", "Asia/Pyongyang", "America/Caracas"]
LINE = re.compile(r'\{"([^"]+)", "([^"]+)", (NORMAL|SKIP|BOTH|SKIP_BOTH), "([^"]+)",\s*"([^"]+)"\}|/\*(.*?)\*/', re.S)


def table(path):
    """[(comment above, expression, zone, options, after, expected)]"""
    with open(path) as f:
        text = re.search(r"struct change_case cases\[\] = \{(.*?)\n\};", f.read(), re.S)[1]
    comment, found = "", []
    for match in LINE.finditer(text):
        if match[6] is not None:
            comment = " ".join(match[6].split())
        else:
            found.append((comment, *match.groups()[:5]))
    assert len(found) == text.count('{"'), "a line of the table was not understood"
    return found


def instants(expression, place, options, after, count):
    """The walk: whoever wants to know why reads it from top to bottom."""
    fields = expression.split()
    job = Job(" ".join(fields[-5:]))  # a second of 0 may stand before
    interval = any(part[0] == "*" for field in fields[:-3] for part in field.split(","))
    start, found = seconds(after), []
    end = start + 600 * 86400
    here = changes(place, start - 3 * 86400, end)
    edges = [start - 3 * 86400] + [at for at, _, _ in here] + [end]
    for i, (low, high) in enumerate(zip(edges, edges[1:])):
        now = offset(place, low)
        before = here[i - 1][1] if i > 0 else now
        known = set()
        if now > before and not interval and now - before < LIMIT and not options.startswith("SKIP"):
            if any(job.matches(wall // 60) for wall in range(low + before, low + now) if wall % 60 == 0):
                known.add(low)
                found.append((low, "M"))
        for t in range(low + -(low + now) % 60, high, 60):
            second_pass = t < low + before - now
            if not job.matches((t + now) // 60) or (second_pass and not interval and before - now < LIMIT and not options.endswith("BOTH")):
                continue
            if t in known:
                found.remove((t, "M"))  # due there anyway
            found.append((t, "R" if second_pass else ""))
        if len([t for t, _ in found if t > start]) > count:
            break
    return [iso(t) + mark for t, mark in sorted(found) if t > start][:count]


def offset_of(text):
    sign, *parts = re.fullmatch(r"([+-]?)(\d+)(?::(\d+))?(?::(\d+))?", text).groups()
    return (-1 if sign == "-" else 1) * sum(int(p or 0) * unit for p, unit in zip(parts, (3600, 60, 1)))


def moments(comment, year):
    """"+1, from 29 March 01:00 UTC +2" -> +1 hour, [(instant, +2 hours)]"""
    found = []
    for day, month, date, clock, after in re.findall(r"from (?:(\d+) (\w+)|(\S+)) (\S+) UTC ([+-]?\d+(?::\d\d)*)", comment):
        date = date or f"{year}-{MONTH_NAMES.index(month) + 1:02}-{int(day):02}"
        found.append((seconds(f"{date}T{clock if clock.count(':') == 2 else clock + ':00'}Z"), offset_of(after)))
    return offset_of(comment.split(",")[0]), found


def comment_is_wrong(comment, place, year):
    if not re.match(r"[+-]?\d", comment):
        return []
    before, found = moments(comment, year)
    wrong = [] if found else [f"{place}: no change in '{comment}'"]
    for at, after in found:
        if (offset(place, at - 1), offset(place, at)) != (before, after):
            wrong.append(f"{place}: '{comment}' at {iso(at)}: {offset(place, at - 1)} to {offset(place, at)}")
        before = after
    return wrong


def main(path):
    cases, wrong = table(path), []
    for comment, expression, place, options, after, expected in cases:
        words = expected.split()
        said = instants(expression, place, options, after, len(words))
        if said != words:
            wrong.append(f"'{expression}' {place} {options}: {said}, not {words}")
        wrong += comment_is_wrong(comment, place, after[:4])
    gap = {"NORMAL": "run_after", "BOTH": "run_after"}
    answers = ask([(e, z, seconds(t), len(x.split()), "auto", gap.get(o, "skip"), "both" if o.endswith("BOTH") else "first")
                   for _, e, z, o, t, x in cases])
    wrong += [f"next --batch: {case}" for case, a in zip(cases, answers) if list(map(iso, a)) != [w[:20] for w in case[5].split()]]
    missing = [place for place in REQUIRED if place not in {case[2] for case in cases}]
    for line in wrong:
        print(line)
    print(f"{len(cases)} cases of {len({case[2] for case in cases})} zones: {len(wrong)} differences; missing: {missing}")
    return 1 if wrong or missing or len(cases) < 40 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
