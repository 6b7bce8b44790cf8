"""When a task is due, worked out apart from the program: a walk over wall-clock minutes with zoneinfo.

Knows what the end-to-end tests use: five fields with lists, ranges and steps, and `@every`. The rules
for clock changes are the defaults of docs/design (fixed-time: once, after the gap; interval-like: the
wall clock counts). Slow on purpose: no cleverness to share a mistake with.
"""
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MICRO = 1_000_000
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LIMITS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def every_seconds(text):
    parts = re.findall(r"(\d+)([smhdw])", text)
    assert "".join(n + u for n, u in parts) == text, text
    return sum(int(n) * UNITS[u] for n, u in parts)


def field_values(text, low, high):
    values = set()
    for term in text.split(","):
        body, _, step = term.partition("/")
        if body == "*":
            first, last = low, high
        elif "-" in body:
            first, last = (int(x) for x in body.split("-"))
        else:
            first = last = int(body)
            assert not step, f"v/n is not part of the oracle: {text}"
        values.update(range(first, last + 1, int(step or 1)))
    return values


class Cron:
    def __init__(self, expression, zone):
        words = expression.split()
        assert len(words) == 5, expression
        self.zone = ZoneInfo(zone or "UTC")
        self.sets = [field_values(w, *LIMITS[i]) for i, w in enumerate(words)]
        self.day_free = words[2] == "*" or words[4] == "*"
        self.dom_free, self.dow_free = words[2] == "*", words[4] == "*"
        self.interval_like = any(w.startswith("*") for w in words[:2])

    def matches(self, wall):
        minute, hour, dom, month, dow = self.sets
        if wall.minute not in minute or wall.hour not in hour or wall.month not in month:
            return False
        weekday = wall.isoweekday() % 7
        by_dom = wall.day in dom
        by_dow = weekday in dow or (weekday == 0 and 7 in dow)
        if self.dom_free or self.dow_free:
            return by_dom and by_dow
        return by_dom or by_dow

    def between(self, after, until):
        """Instants t (microseconds UTC) with after < t <= until."""
        found = set()
        start = after // MICRO // 60 * 60 - 4 * 3600
        for second in range(start, until // MICRO + 60, 60):
            utc = datetime.fromtimestamp(second, timezone.utc)
            wall = utc.astimezone(self.zone)
            if self.matches(wall.replace(tzinfo=None)) and (wall.fold == 0 or self.interval_like):
                found.add(second)
            if not self.interval_like:
                found.update(self.moved_to(second, wall))
        return sorted(s * MICRO for s in found if after < s * MICRO <= until)

    def moved_to(self, second, wall):
        """The first instant after a gap stands in for the wall times that the gap swallowed."""
        before = datetime.fromtimestamp(second - 60, timezone.utc).astimezone(self.zone)
        jump = wall.utcoffset() - before.utcoffset()
        if timedelta(0) < jump < timedelta(hours=3):
            lost = before.replace(tzinfo=None) + timedelta(minutes=1)
            while lost < wall.replace(tzinfo=None):
                if self.matches(lost):
                    return [second]
                lost += timedelta(minutes=1)
        return []


def between(schedules, after, until):
    """Union of a task's schedules: [{expression, zone}], instants in (after, until]."""
    found = set()
    for schedule in schedules:
        words = schedule["expression"].split()
        if words[0] == "@every":
            step = every_seconds(words[1]) * MICRO
            found.update(range((after // step + 1) * step, until + 1, step))
        else:
            found.update(Cron(schedule["expression"], schedule.get("zone")).between(after, until))
    return sorted(found)
