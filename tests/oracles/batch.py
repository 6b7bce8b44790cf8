"""What the oracles share: asking `cronobs next --batch`, the system's zones, random fields of an expression."""
import datetime
import functools
import os
import subprocess
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
FOLDER = "/usr/share/zoneinfo"
PROGRAM = os.environ["CRONOBS_TEST_BIN"]
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
DAYS = "SUN MON TUE WED THU FRI SAT".split()


def iso(t):
    return (EPOCH + datetime.timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")


@functools.cache
def midnight(day):
    return (datetime.date.fromisoformat(day).toordinal() - EPOCH.toordinal()) * 86400


def seconds(text):
    assert len(text) == 20 and text[10] == "T" and text[19] == "Z", text
    return midnight(text[:10]) + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])


@functools.cache
def zone(name):
    """From the system's files, as cronobs reads them."""
    with open(os.path.join(FOLDER, name), "rb") as f:
        return zoneinfo.ZoneInfo.from_file(f, key=name)


def offset(name, t):
    return int(datetime.datetime.fromtimestamp(t, zone(name)).utcoffset().total_seconds())


@functools.cache
def changes(name, first, last):
    """[(instant, offset before, offset after)] of [first, last]: steps of 4 hours, then halving."""
    found, before = [], offset(name, first)
    for t in range(first, last, 4 * 3600):
        low, high = t, t + 4 * 3600
        while offset(name, high) != before:
            a, b = low, high
            while b - a > 1:
                middle = (a + b) // 2
                a, b = (middle, b) if offset(name, middle) == before else (a, middle)
            after = offset(name, b)
            found.append((b, before, after))
            low, before = b, after
    return found


def ask(questions):
    """[(expression, zone, from, count, dialect, gap, overlap)] -> for each a list of instants, or the text of the error."""
    text = "".join(f"{e}\t{z}\t{iso(t)}\t{n}\t{d}\t{g}\t{o}\n" for e, z, t, n, d, g, o in questions)
    run = subprocess.run([PROGRAM, "next", "--batch"], input=text, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    assert len(lines) == len(questions), f"{len(lines)} answers to {len(questions)} questions; {run.stderr[:500]}"
    return [read(line) for line in lines]


def read(line):
    if line.startswith("error"):
        return line
    return [] if line == "none" else [seconds(word) for word in line.split(" ")]


def names_of(values, names, base):
    return [str(v) if v - base >= len(names) else names[v - base] for v in values]


def term(rng, low, high, star):
    """`*`, `*/n`, a value, a range, a stepped range: what every cron understands."""
    kind = rng.random()
    if kind < star:
        return "*" if rng.random() < 0.5 else f"*/{rng.choice([2, 3, 5, 7, 10, 15, 20, 30])}"
    if kind < star + (1 - star) * 0.6:
        return str(rng.randint(low, high))
    a, b = sorted(rng.sample(range(low, high + 1), 2))
    return f"{a}-{b}" if rng.random() < 0.6 else f"{a}-{b}/{rng.randint(2, 9)}"


def field(rng, low, high, star=0.3):
    return ",".join(term(rng, low, high, star) for _ in range(rng.choice([1, 1, 1, 1, 2, 3])))


def month(rng):
    if rng.random() < 0.6:
        return "*"
    if rng.random() < 0.3:
        return ",".join(rng.sample(MONTHS, rng.choice([1, 2, 3])))
    return field(rng, 1, 12, 0.2)


def weekday(rng, star=0.2):
    kind = rng.random()
    if kind < 0.25:
        return ",".join(rng.sample(DAYS, rng.choice([1, 2, 3])))
    if kind < 0.4:
        a, b = sorted(rng.sample(range(7), 2))
        return f"{DAYS[a]}-{DAYS[b]}"
    return field(rng, 0, 7, star)


def hours(rng, star=0.3):
    """Half of them in the night, when clocks change."""
    if rng.random() < 0.5:
        return rng.choice(["0", "1", "2", "3", "0-3", "2,3", "1-2", "1,2", "23", "0-23/2", "*/2", "0,12", "22-23", "2-4/2"])
    return field(rng, 0, 23, star)
