"""crond's clock loop, re-enacted: what vixie-cron, cronie and Debian's cron do minute by minute when the clock changes.

crond wakes once a minute and compares the wall clock, in minutes, with its virtual time, the last minute whose jobs it
has run. "Wildcard" jobs are those whose minute or hour field begins with `*`, all others have fixed times.

    difference         crond's word      what runs
    1                  (the usual case)  all jobs of the minute
    2 to 5             small             all jobs of each minute passed
    6 to 180           medium            wildcard jobs of the minute shown now; fixed jobs of each minute passed, this one too
    0 to -180          negative          wildcard jobs of the minute shown now; virtual time stands still
    beyond             large             all jobs of the minute shown now; virtual time jumps there

Between two minutes passed it starts what it found and, if that was anything, sleeps 10 seconds, so that the starts of one turn are
10 seconds apart; here they take no time. Debian's cron looks up its offset from UTC each time, cronie and ISC cron only when
the summer-time flag has changed. Debian's 3.0pl1-162 itself, run with a clock of its own over 31 changes and
1,860 jobs, started all of them when this does.
"""
import datetime

from batch import DAYS, MONTHS, zone

SMALL, MEDIUM = 5, 180
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def numbers(text, low, high, names, base):
    found = set()
    for part in text.split(","):
        body, _, step = part.partition("/")
        a, _, b = (f"{low}-{high}" if body == "*" else body).partition("-")
        a, b = (names.index(v.upper()) + base if v.upper() in names else int(v) for v in (a, b or a))
        found.update(range(a, b + 1, int(step or 1)))
    return found


class Job:
    """One line of a crontab: 5 fields."""

    def __init__(self, text):
        fields = text.split()
        names = [[], [], [], MONTHS, DAYS]
        self.minutes, self.hours, self.days, self.months, self.weekdays = (
            numbers(f, *bounds, n, 1 if n is MONTHS else 0) for f, bounds, n in zip(fields, BOUNDS, names))
        self.weekdays = {v % 7 for v in self.weekdays}
        self.wild = fields[0].startswith("*") or fields[1].startswith("*")
        self.both_days = fields[2].startswith("*") or fields[4].startswith("*")
        self.known_days = {}

    def on_day(self, day):
        if day not in self.known_days:
            d = datetime.date.fromordinal(day + 719163)
            a, b = d.day in self.days, d.isoweekday() % 7 in self.weekdays
            self.known_days[day] = d.month in self.months and (a and b if self.both_days else a or b)
        return self.known_days[day]

    def matches(self, minute):
        """Minutes of the wall clock since 1970."""
        return minute % 60 in self.minutes and minute // 60 % 24 in self.hours and self.on_day(minute // 1440)


class Clock:
    """The wall clock of a zone as crond sees it: whole minutes, by the offset of the time that it last looked it up."""

    def __init__(self, place, start, caches_offset):
        self.place, self.caches, self.flag = zone(place), caches_offset, None
        self.look(start)

    def look(self, t):
        now = datetime.datetime.fromtimestamp(t, self.place)
        flag = bool(now.dst())
        if flag != self.flag or not self.caches:
            self.flag, self.offset = flag, int(now.utcoffset().total_seconds())
        return (t + self.offset) // 60


def wakeups(place, start, end, caches_offset=False):
    """
    The turns of the loop as if starting jobs took no time: [(instant, [(minute of the wall clock, wildcard jobs?, fixed jobs?)])].
    They are the same for all jobs.
    """
    clock = Clock(place, start, caches_offset)
    virtual = clock.look(start)
    t, turns = start - (start + clock.offset) % 60, []
    while t < end:
        t += 60 - (t + clock.offset) % 60
        now = clock.look(t)
        passed, virtual = turn(now, virtual)
        turns.append((t, passed))
    return turns


def turn(now, virtual):
    """What runs in one turn and the virtual time after it."""
    difference = now - virtual
    if 0 < difference <= SMALL:
        return [(m, True, True) for m in range(virtual + 1, now + 1)], now
    if SMALL < difference <= MEDIUM:
        return [(now, True, False)] + [(m, False, True) for m in range(virtual + 1, now + 1)], now
    if -MEDIUM <= difference <= 0:
        return [(now, True, False)], virtual
    return [(now, True, True)], now


def starts(job, turns):
    """When the job is started, once for each start."""
    return [t for t, passed in turns for m, wild, fixed in passed if (wild if job.wild else fixed) and job.matches(m)]


