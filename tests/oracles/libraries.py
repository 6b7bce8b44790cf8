"""Random expressions against other libraries where the rules are the same: libraries.py [COUNT [SEED]].

croniter (days ORed, 5 to 7 fields), cronsim (Debian's cron, clock changes and all), APScheduler (days ANDed). Where one of
them is known to mean something else, an Exception_ says why and translates: its `rewrite` gives the fields that say to us what
the library understands, the answers must then agree, and without it some must differ. What cannot be
translated is pinned, one line a case, with both answers.
"""
import datetime
import random
import re
import sys

from apscheduler.triggers.cron import CronTrigger
from croniter import CroniterBadCronError, CroniterBadDateError, croniter
from cronsim import CronSim, CronSimError

from batch import DAYS, UTC, ask, changes, field, hours, iso, month, seconds, weekday, zone

STEADY = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/Phoenix", "Pacific/Marquesas", "Etc/GMT+12", "Pacific/Kiritimati"]
CHANGING = ["Europe/Berlin", "America/New_York", "Europe/Dublin", "Africa/Casablanca", "Asia/Gaza", "America/Havana",
            "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Pacific/Auckland", "America/St_Johns", "Pacific/Norfolk"]
# Clocks that went back at 00:01, where cronsim finds no way out of the hour, or by 30 minutes, which it passes in steps of an hour.
CRONSIM_FAILS = ["America/St_Johns", "Asia/Gaza", "Pacific/Norfolk"]
FIRST, LAST = 946684800, 2524608000  # 2000 to 2050
REFUSED = ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
           "1,,2 * * * *", ",1 * * * *", "1, * * * *", "1- * * * *", "-1 * * * *", "*-3 * * * *", "1-2-3 * * * *", "5/ * * * *",
           "a * * * *", "* * * foo *", "* * * * foo", "* * * * 1#0", "* * * * 1#6", "1.5 * * * *", "+1 * * * *", "60 * * * * *",
           "* * L * * * * *"]


class Case:
    """Fields in our order (second first where there is one, year last), a zone, the instant to start after."""

    def __init__(self, fields, place, start):
        self.fields, self.place, self.start = fields, place, start

    def __str__(self):
        return f"'{' '.join(self.fields)}' {self.place} {iso(self.start)}"


def at(fields):
    """Index of the minute."""
    return 0 if len(fields) == 5 else 1


def stars(text):
    return any(t == "*" or t.startswith("*/") for t in text.split(","))


def without_stars(text, low, high):
    """The same values, without a star."""
    return ",".join(re.sub(r"^\*", f"{low}-{high}", t) for t in text.split(","))


def values(text, low, high):
    """What the terms stand for; as days of the week (0-6), 7 is 0."""
    found, text = set(), re.sub("[A-Z]{3}", lambda name: str(DAYS.index(name[0])), text)
    for t in text.split(","):
        body, _, step = t.partition("/")
        a, _, b = (f"{low}-{high}" if body == "*" else body).partition("-")
        found.update(range(int(a), int(b or a) + 1, int(step or 1)))
    return {v % 7 for v in found} if high == 6 else found


def is_full(text, low, high):
    return not re.search(r"L|W$|#", text) and values(text, low, high) >= set(range(low, high + 1))


def random_start(rng, place):
    """Half of them within the two days before a change of the clock, where there are any; never in an hour shown twice."""
    start = rng.randint(FIRST, LAST)
    if place in CHANGING and rng.random() < 0.5:
        start = rng.choice(changes(place, FIRST, LAST))[0] - rng.randint(3 * 3600, 2 * 86400)
    return start - start % 60


def day_fields(rng, monthdays, weekdays):
    """One of the special forms of one day field, or plain fields."""
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(monthdays)(rng), "*"
    if kind < 0.2:
        return "*", rng.choice(weekdays)(rng)
    return ("*" if rng.random() < 0.5 else field(rng, 1, 31, 0.2)), ("*" if rng.random() < 0.5 else weekday(rng))


# --- croniter ------------------------------------------------------------------------------------

def croniter_case(rng):
    dom, dow = day_fields(rng, [lambda r: "L", lambda r: f"{r.randint(1, 28)}W", lambda r: "31W",
                                lambda r: f"{r.randint(1, 30)}-L", lambda r: f"{r.randint(1, 30)}-L/{r.randint(1, 15)}"],
                          [lambda r: f"{r.randint(0, 6)}#{r.randint(1, 5)}", lambda r: f"L{r.randint(0, 6)}"])
    fields = [field(rng, 0, 59), hours(rng), dom, month(rng), dow]
    if rng.random() < 0.1:
        v = rng.randint(0, 23)
        fields[rng.choice([0, 1])] = f"{v}-{v}"
    if rng.random() < 0.05:
        fields[2], fields[4] = "1-31", rng.choice(["*/2", "*", "1,*/3", "MON"])
    if rng.random() < 0.25:
        fields.insert(0, field(rng, 0, 59))
        if rng.random() < 0.4:
            fields.append(rng.choice(["*", "2000-2099/3", "2024,2030-2040", "2000-2050"]))
    place = rng.choice(STEADY + CHANGING)
    return Case(fields, place, random_start(rng, place))


def croniter_answers(case, count):
    begin = datetime.datetime.fromtimestamp(case.start, zone(case.place))
    it, found = croniter(" ".join(case.fields), begin, ret_type=float, second_at_beginning=True), []
    try:
        for _ in range(count):
            found.append(int(it.get_next()))
    except CroniterBadDateError:
        pass
    return found


def whole_cycle(fields):
    def widen(text, low, high):
        return ",".join(f"{low}-{high}" if re.fullmatch(r"(\d+)-\1", t) else t for t in text.split(","))
    i = at(fields)
    return fields[:i] + [widen(fields[i], 0, 59), widen(fields[i + 1], 0, 23)] + fields[i + 2:]


def full_beside_star(fields):
    fields, i = list(fields), at(fields) + 2
    if "*" in fields[i + 2] and is_full(fields[i], 1, 31):
        fields[i] = "*"
    elif "*" in fields[i] and is_full(fields[i + 2], 0, 6):
        fields[i + 2] = "*"
    return fields


def last_weekday_first(fields):
    i = at(fields) + 4
    return fields[:i] + [re.sub(r"^L(\d)$", r"\1L", fields[i])] + fields[i + 1:]


def clamped_weekday(fields):
    i = at(fields) + 2
    return fields[:i] + ["LW" if fields[i] == "31W" else fields[i]] + fields[i + 1:]


def fixed_by_hour(fields):
    if len(fields) > 5:
        fields = [without_stars(fields[0], 0, 59)] + fields[1:]
    i = at(fields)
    hour = "*" if is_full(fields[i + 1], 0, 23) else without_stars(fields[i + 1], 0, 23)
    return fields[:i] + [without_stars(fields[i], 0, 59), hour] + fields[i + 2:]


# --- Debian's cron, as cronsim has it ------------------------------------------------------------

def cronsim_case(rng):
    dom, dow = day_fields(rng, [lambda r: "L", lambda r: "LW"],
                          [lambda r: f"{r.randint(0, 7)}#{r.randint(1, 5)}", lambda r: f"{r.randint(0, 6)}L"])
    fields = [field(rng, 0, 59), hours(rng), dom, month(rng), dow]
    place = rng.choice([p for p in STEADY + CHANGING if p not in CRONSIM_FAILS])
    return Case(fields, place, random_start(rng, place))


def cronsim_answers(case, count):
    found = []
    try:
        it = CronSim(" ".join(case.fields), datetime.datetime.fromtimestamp(case.start, zone(case.place)))
        for _ in range(count):
            found.append(int(next(it).timestamp()))
    except (CronSimError, StopIteration):
        pass  # it refuses dates that never come, and gives up after 50 years
    return found


def first_character(fields):
    """Fixed-time unless the minute or hour field begins with a star."""
    if fields[0].startswith("*") or fields[1].startswith("*"):
        return fields
    return [without_stars(fields[0], 0, 59), without_stars(fields[1], 0, 23)] + fields[2:]


# --- APScheduler ---------------------------------------------------------------------------------

def apscheduler_case(rng):
    dom, dow = day_fields(rng, [lambda r: "L"], [lambda r: f"{r.randint(0, 6)}#{r.randint(1, 5)}", lambda r: f"{r.randint(0, 6)}L"])
    fields = [field(rng, 0, 59), field(rng, 0, 59), hours(rng), dom, month(rng), dow, rng.choice(["*", "*", "2000-2099/3", "2020-2040"])]
    return Case(fields, rng.choice(STEADY), rng.randint(FIRST, LAST))


def in_reach(text, low, high):
    """It refuses a step larger than its range: such a term is its first value."""
    terms = []
    for t in text.split(","):
        match = re.fullmatch(r"(?:\*|(\d+)-(\d+))/(\d+)", t)
        a, b = (int(match[1] or low), int(match[2] or high)) if match else (0, 0)
        terms.append(str(a) if match and int(match[3]) > b - a else t)
    return ",".join(terms)


def apscheduler_fields(case):
    bounds = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6), (1970, 2199)]
    second, minute, hour, dom, mon, dow, year = (in_reach(text, *b) for text, b in zip(case.fields, bounds))
    match = re.fullmatch(r"(\d)(?:#(\d)|L)", dow)
    if match:
        nth = ["1st", "2nd", "3rd", "4th", "5th"][int(match[2]) - 1] if match[2] else "last"
        days = {"day": f"{nth} {DAYS[int(match[1])].lower()}"}
    else:
        names = dow if dow == "*" else ",".join(DAYS[v] for v in sorted(values(dow, 0, 6)))
        days = {"day": "last" if dom == "L" else dom, "day_of_week": names}
    return dict(second=second, minute=minute, hour=hour, month=mon, year=year, **days)


def apscheduler_answers(case, count):
    place, found = zone(case.place), []
    trigger = CronTrigger(timezone=place, end_date=datetime.datetime(2190, 1, 1, tzinfo=UTC), **apscheduler_fields(case))
    last = datetime.datetime.fromtimestamp(case.start, place)
    for _ in range(count):
        last = trigger.get_next_fire_time(last, last)
        if last is None:
            break
        found.append(int(last.timestamp()))
    return found


# --- the comparison ------------------------------------------------------------------------------

class Exception_:
    def __init__(self, reason, rewrite):
        self.reason, self.rewrite = reason, rewrite


class Library:
    def __init__(self, name, make, answers, dialect, overlap, exceptions, spurious=None):
        self.name, self.make, self.answers, self.dialect, self.overlap = name, make, answers, dialect, overlap
        self.exceptions, self.spurious = exceptions, spurious

    def question(self, case, without=None):
        fields = case.fields
        for exception in self.exceptions:
            fields = fields if exception is without else exception.rewrite(fields)
        special = re.search("[L#]", " ".join(fields[2:]).replace("JUL", ""))
        dialect = "auto" if special and self.dialect == "vixie" else self.dialect
        return " ".join(fields), case.place, case.start, INSTANTS, dialect, "run_after", self.overlap


INSTANTS = 3


def both_restricted(fields):
    return fields[:5] + ["+" + fields[5]] + fields[6:] if fields[3] != "*" and fields[5] != "*" else fields


def in_midnight_gap(case, t):
    """On a day whose 00:00 is skipped cronsim still starts there: interval-like jobs come at the change or miss an hour."""
    return (case.fields[0].startswith("*") or case.fields[1].startswith("*")) and any(
        at <= t < at + 86400 and (at + before) % 86400 == 0 and after > before for at, before, after in changes(case.place, FIRST, LAST))


def beside_croniter(case, t):
    """croniter leaves a gap minute by minute, so that the second of the skipped time stays; it loses the second pass of an
    hour where the time that comes next has the offset of the first pass."""
    return any((len(case.fields) > 5 and at <= t < at + 60) if after > before else at <= t < at + before - after
               for at, before, after in changes(case.place, FIRST, LAST))


LIBRARIES = [
    Library("croniter", croniter_case, croniter_answers, "auto", "both", [
        Exception_("a range of one value is the whole cycle", whole_cycle),
        Exception_("a day field that names every day is `*` beside a field with a star", full_beside_star),
        Exception_("31W is clamped to the end of a shorter month, where we skip it", clamped_weekday),
        Exception_("the last Friday is written L5", last_weekday_first),
        Exception_("only a full hour field makes a job interval-like, and both passes of a repeated hour run", fixed_by_hour),
    ], beside_croniter),
    Library("cronsim", cronsim_case, cronsim_answers, "vixie", "first", [
        Exception_("interval-like by the first character, as in crond", first_character),
    ], in_midnight_gap),
    Library("APScheduler", apscheduler_case, apscheduler_answers, "auto", "first", [
        Exception_("the two day fields are ANDed", both_restricted),
    ]),
]
# library, why, expression, zone, after, their next instants, ours
PINNED = [
    ("croniter", "the second stays", "15 30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
     "2026-03-29T01:00:15Z 2026-03-30T00:30:15Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:15Z"),
    ("croniter", "a lost second pass", "32 1,2 * 3,11 */15", "Africa/Casablanca", "2022-03-25T03:07:00Z",
     "2022-03-27T00:32:00Z 2022-03-27T01:32:00Z 2022-11-06T00:32:00Z", "2022-03-27T00:32:00Z 2022-03-27T01:32:00Z 2022-03-27T02:32:00Z"),
    ("croniter", "no limit of 3 hours", "30 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z",
     "2011-12-29T22:30:00Z 2011-12-30T10:00:00Z 2011-12-30T22:30:00Z", "2011-12-29T22:30:00Z 2011-12-30T22:30:00Z 2011-12-31T22:30:00Z"),
    ("cronsim", "no limit of 3 hours", "0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z",
     "2011-12-29T22:00:00Z 2011-12-30T10:00:00Z 2011-12-30T22:00:00Z", "2011-12-29T22:00:00Z 2011-12-30T22:00:00Z 2011-12-31T22:00:00Z"),
    ("cronsim", "no limit of 3 hours", "0 1 * * *", "Antarctica/Casey", "2018-03-10T00:00:00Z",
     "2018-03-10T14:00:00Z 2018-03-11T17:00:00Z", "2018-03-10T14:00:00Z 2018-03-10T17:00:00Z 2018-03-11T17:00:00Z"),
    ("cronsim", "a skipped midnight", "* 1-2 * * 5L", "Africa/Cairo", "2032-04-29T14:32:00Z",
     "2032-04-29T23:00:00Z 2032-04-29T23:01:00Z", "2032-04-29T22:00:00Z 2032-04-29T22:01:00Z"),
]


def nearly(library, case, theirs, ours):
    """Equal as far as both go, but for what is spurious at a change of the clock."""
    if library.spurious is None or not theirs or not ours or isinstance(ours, str):
        return False
    end = min(theirs[-1], ours[-1])
    a, b = ([t for t in instants if t < end and not library.spurious(case, t)] for instants in (theirs, ours))
    return a == b and any(library.spurious(case, t) for t in set(theirs) ^ set(ours))


def told(answer):
    return answer if isinstance(answer, str) else " ".join(map(iso, answer))


def compare(library, count, rng):
    cases = [library.make(rng) for _ in range(count)]
    theirs = [library.answers(case, INSTANTS) for case in cases]
    questions = [library.question(case) for case in cases]
    ours = ask(questions)
    apart = [(c, q, t, o) for c, q, t, o in zip(cases, questions, theirs, ours) if t != o]
    known = [(c, q, t, o) for c, q, t, o in apart if nearly(library, c, t, o)]
    wrong = [f"{library.name}: {c} (asked as '{q[0]}'): {told(t)}, ours {told(o)}" for c, q, t, o in apart if (c, q, t, o) not in known]
    if len(known) > count / 400:
        wrong.append(f"{library.name}: {len(known)} cases are spurious, that is too many: {known[0][0]}")
    for exception in library.exceptions:
        touched = [i for i, c in enumerate(cases) if library.question(c, exception) != questions[i]]
        raw = ask([library.question(cases[i], exception) for i in touched])
        seen = sum(answer != theirs[i] for i, answer in zip(touched, raw))
        print(f"  {library.name}: {exception.reason}: touches {len(touched)}, changes {seen}")
        if seen == 0:
            wrong.append(f"{library.name}: '{exception.reason}' explains nothing")
    print(f"  {library.name}: {count} expressions, {sum(map(len, theirs))} instants, {len(known)} spurious at a change, "
          f"{len(wrong)} differences")
    return wrong


def pinned():
    wrong = []
    libraries = {library.name: library for library in LIBRARIES}
    for name, why, expression, place, after, theirs, ours in PINNED:
        case = Case(expression.split(), place, seconds(after))
        n = len(ours.split())
        said = " ".join(map(iso, libraries[name].answers(case, len(theirs.split()))))
        answer = " ".join(map(iso, ask([libraries[name].question(case)[:3] + (n,) + libraries[name].question(case)[4:]])[0]))
        if said != theirs or answer != ours:
            wrong.append(f"{name}, {why}: {case}: {said}, ours {answer}")
    return wrong


def refused():
    """What every one of them calls an error is one for us."""
    wrong, begin = [], datetime.datetime(2026, 1, 1, tzinfo=UTC)
    for text, answer in zip(REFUSED, ask([(text, "UTC", 0, 1, "auto", "run_after", "first") for text in REFUSED])):
        for parse, error in ((croniter, CroniterBadCronError), (CronSim, CronSimError)):
            try:
                parse(text, begin)
                wrong.append(f"'{text}' is fine for {parse.__name__}")
            except error:
                pass
        if not isinstance(answer, str):
            wrong.append(f"'{text}' is not refused")
    return wrong


def main(count=20000, seed=4):
    wrong = pinned() + refused()
    for library in LIBRARIES:
        wrong += compare(library, int(count), random.Random(f"{library.name} {seed}"))
    for line in wrong[:30]:
        print(line)
    print(f"{len(LIBRARIES)} libraries, {count} expressions each: {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
