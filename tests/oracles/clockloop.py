"""crond's clock loop (crond.py) against `next`, over changes of the clock: clockloop.py [COUNT [SEED]].

Dialects vixie and auto. Where crond and we mean to differ, the difference is predicted to the instant: the fields are
rewritten to say what crond reads in them, or what crond does at the change is changed to what we do, each under a name; every
such name must be seen to explain something. Nothing is left out.
"""
import datetime
import functools
import random
import re
import sys

from batch import EPOCH, ask, changes, field, hours, iso, month, term, weekday, zone
from crond import MEDIUM, Job, starts, wakeups

# zone, year: every change of its clock in that year.
PLACES = [
    ("Europe/Berlin", 2026), ("Europe/Berlin", 2150), ("America/New_York", 2026), ("Europe/London", 1995), ("Europe/Dublin", 2026),
    ("Australia/Lord_Howe", 2026), ("Pacific/Apia", 2011), ("Africa/Casablanca", 2026), ("Antarctica/Troll", 2026),
    ("America/Sao_Paulo", 2018), ("America/Sao_Paulo", 2019), ("Asia/Gaza", 2026), ("Asia/Gaza", 2027), ("Africa/Cairo", 2026),
    ("America/Havana", 2026), ("America/Santiago", 2026), ("Asia/Beirut", 2026), ("America/St_Johns", 2005), ("Pacific/Chatham", 2026),
    ("Asia/Pyongyang", 2015), ("Asia/Pyongyang", 2018), ("America/Caracas", 2007), ("America/Caracas", 2016), ("Europe/Samara", 2010),
    ("Europe/Samara", 2011), ("Europe/Moscow", 2011), ("Europe/Moscow", 2014), ("Asia/Kathmandu", 1985), ("Asia/Singapore", 1981),
    ("Africa/Monrovia", 1972), ("Pacific/Norfolk", 2015), ("Asia/Kolkata", 2026), ("Antarctica/Casey", 2018), ("Antarctica/Casey", 2023),
    ("Antarctica/Rothera", 1976), ("Antarctica/Vostok", 1994), ("Antarctica/Vostok", 2023), ("Pacific/Kwajalein", 1993),
    ("Pacific/Kiritimati", 1994), ("America/Scoresbysund", 2024), ("America/Nuuk", 2023), ("Asia/Ust-Nera", 1981),
]
BEFORE, AFTER = 8 * 3600, 16 * 3600


# --- what crond reads in the fields --------------------------------------------------------------

def spread(text, low, high):
    """The same values without a term that is or begins with a star."""
    return ",".join(re.sub(r"^\*", f"{low}-{high}", part) for part in text.split(","))


def by_first_character(fields):
    """Interval-like if the minute or hour field BEGINS with a star; we look at every term."""
    if fields[0].startswith("*") or fields[1].startswith("*"):
        return fields
    return [spread(fields[0], 0, 59), spread(fields[1], 0, 23)] + fields[2:]


def days_by_first_character(fields):
    """Auto: a day field with a bare star after its first term is a restricted one for crond."""
    dom, dow = fields[2], fields[4]
    return fields[:2] + [dom if dom[0] == "*" else spread(dom, 1, 31), fields[3], dow if dow[0] == "*" else spread(dow, 0, 6)]


def stepped_days_anded(fields):
    """Auto: `*/2` beside a restricted day field is ANDed by crond, ORed by us (with a lint)."""
    dom, dow = fields[2], fields[4]
    if "*" not in (*dom.split(","), *dow.split(",")) and "*" in (dom[0], dow[0]):
        return fields[:4] + ["+" + dow]
    return fields


READINGS = {"vixie": [by_first_character], "auto": [by_first_character, days_by_first_character, stepped_days_anded]}


# --- what crond does at a change -----------------------------------------------------------------

def once_after_a_gap(job, change, found):
    """crond starts a job for each skipped minute that it has, and once more if it is due at the end; we once."""
    return sorted(set(found))


def repeated_after_three_hours(job, change, found):
    """Back by 3 hours (and up to a minute more): crond still holds fixed-time jobs back, for us the wall clock counts."""
    at, before, after = change
    passes = range(at + after - before, at, 60)  # of what is shown twice, the first pass
    if job.wild or not 10800 <= before - after <= (MEDIUM + 1) * 60:
        return found
    return sorted(found + [t + before - after for t in passes if job.matches((t + before) // 60)])


def cut_minute(job, change, found):
    """A change within a minute: crond runs wildcard jobs in what is left of it, for us that minute lies in the gap."""
    at, before, after = change
    return [t for t in found if not (job.wild and after > before and (at + after) % 60 and t == at)]


DEEDS = [once_after_a_gap, repeated_after_three_hours, cut_minute]


class Change:
    """A window around one change of a clock (or none), and what crond's loop does in it."""

    def __init__(self, place, at, before, after):
        self.place, self.at, self.change = place, at, (at, before, after)
        self.start, self.end = at - BEFORE, at + AFTER
        self.start -= (self.start + before) % 60
        self.end -= (self.end + after) % 60
        self.turns = [(t, passed) for t, passed in wakeups(place, self.start, self.end) if t <= self.end]

    def crond(self, job, found, without=None):
        """What crond started, turned into what we do."""
        for deed in DEEDS:
            found = found if deed is without else deed(job, self.change, found)
        return found

    def __str__(self):
        at, before, after = self.change
        return f"{self.place} {iso(at)} {(after - before) / 3600:+g} h"


@functools.cache
def all_changes():
    found = []
    for place, year in PLACES:
        first = int((datetime.datetime(year, 1, 1) - EPOCH).total_seconds())
        here = changes(place, first, first + 366 * 86400)
        for at, before, after in here or [(first + 90 * 86400, 0, 0)]:
            found.append(Change(place, at, before, after))
    return found


def random_fields(rng, change):
    """Half of the hours near the change, few days restricted: most jobs are due within the window."""
    at, before, after = change.change
    near = [(at + o) // 3600 % 24 for o in (before, after, before - 3600, after - 3600)]
    minute = rng.choice(["0", "30", "15,45", "59", "5-10", "0-59"]) if rng.random() < 0.3 else field(rng, 0, 59)
    hour = rng.choice([str(rng.choice(near)), f"{near[0]},{near[1]}", "*", "*/2", "0-23"]) if rng.random() < 0.6 else hours(rng)
    if rng.random() < 0.1:
        minute = f"{rng.randint(0, 59)},{term(rng, 0, 59, 1)}"
    dom, dow = "*" if rng.random() < 0.6 else field(rng, 1, 31, 0.4), "*" if rng.random() < 0.6 else weekday(rng, 0.4)
    return [minute, hour, dom, month(rng) if rng.random() < 0.1 else "*", dow]


def question(change, fields, dialect, count, without=None):
    for reading in READINGS[dialect]:
        fields = fields if reading is without else reading(fields)
    return " ".join(fields), change.place, change.start, count, dialect, "run_after", "first"


def within(answer, change):
    return answer if isinstance(answer, str) else [t for t in answer if t <= change.end]


def plain_fields(change):
    """For every change: jobs of every minute, hour and day, and at the wall times on both of its sides."""
    at, before, after = change.change
    walls = [datetime.datetime.fromtimestamp(at + o, datetime.timezone.utc) for o in (before - 60, before, after - 60, after)]
    texts = ["* * * * *", "*/30 * * * *", "0 * * * *", "0 0 * * *", "0-59 * * * *"] + [f"{w.minute} {w.hour} * * *" for w in walls]
    return [text.split() for text in texts]


def compare(dialect, cases):
    jobs = [Job(" ".join(fields)) for _, fields in cases]
    started = [starts(job, change.turns) for (change, _), job in zip(cases, jobs)]
    theirs = [change.crond(job, found) for (change, _), job, found in zip(cases, jobs, started)]
    questions = [question(change, fields, dialect, len(t) + 2) for (change, fields), t in zip(cases, theirs)]
    answers = [within(a, change) for (change, _), a in zip(cases, ask(questions))]
    wrong = [f"{dialect} '{' '.join(fields)}' (as '{q[0]}') {change}: crond alone {without(t, a)}, we alone {without(a, t)}"
             for (change, fields), q, t, a in zip(cases, questions, theirs, answers) if t != a]
    for reading in READINGS[dialect]:
        otherwise = [question(*case, dialect, q[3], reading) for case, q in zip(cases, questions)]
        touched = [i for i, q in enumerate(otherwise) if q != questions[i]]
        raw = ask([otherwise[i] for i in touched])
        seen = sum(within(a, cases[i][0]) != answers[i] for i, a in zip(touched, raw))
        wrong += explained(f"{dialect}: {reading.__name__}", len(touched), seen)
    for deed in DEEDS:
        raw = [change.crond(job, found, deed) for (change, _), job, found in zip(cases, jobs, started)]
        wrong += explained(f"{dialect}: {deed.__name__}", len(cases), sum(r != a for r, a in zip(raw, answers)))
    print(f"  {dialect}: {len(cases)} jobs, {sum(map(len, theirs))} starts, {len(wrong)} differences")
    return wrong


def explained(name, touched, seen):
    print(f"  {name}: of {touched} jobs it explains {seen}")
    return [] if seen else [f"{name} explains nothing"]


def without(a, b):
    return a if isinstance(a, str) else " ".join(iso(t) for t in a if t not in b)[:100] if isinstance(b, list) else "all"


def offsets_read_by_flag():
    """
    cronie and ISC cron read their offset anew only when the summer-time flag changes: a change that leaves it alone
    passes them by until they are restarted. Such changes, and only those, must be invisible to a loop that does so.
    """
    wrong, unseen = [], 0
    for change in all_changes():
        at, before, after = change.change
        flags = [bool(datetime.datetime.fromtimestamp(t, zone(change.place)).dst()) for t in (at - 1, at)]
        turns = wakeups(change.place, change.start, change.end, caches_offset=True)
        blind = all(len(passed) == 1 and passed[0][1:] == (True, True) and passed[0][0] * 60 == t + before for t, passed in turns)
        if before != after:
            unseen += blind
            if blind != (flags[0] == flags[1]):
                wrong.append(f"{change}: flags {flags}, seen by cronie: {not blind}")
    print(f"  changes that cronie does not see: {unseen}")
    return wrong if unseen else wrong + ["no change that cronie does not see"]


def main(count=6000, seed=4):
    rng, wrong = random.Random(seed), offsets_read_by_flag()
    cases = [(change, fields) for change in all_changes() for fields in plain_fields(change)]
    cases += [(change, random_fields(rng, change)) for change in (rng.choice(all_changes()) for _ in range(int(count)))]
    kinds = {(change.place, change.at) for change, _ in cases}
    for dialect in READINGS:
        wrong += compare(dialect, cases)
    for line in wrong[:30]:
        print(line)
    print(f"{len(cases)} jobs at {len(kinds)} changes of {len({place for place, _ in kinds})} zones, two dialects: {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
