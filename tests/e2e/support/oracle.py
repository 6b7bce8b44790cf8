"""When a task is due, worked out apart from the program: a walk over wall-clock minutes with zoneinfo.

Knows what the end-to-end tests use: five fields with lists, ranges and steps, and `@every`; calendars of hours, a window and
jitter. The rules
for clock changes are the defaults of docs/design (fixed-time: once, after the gap; interval-like: the
wall clock counts). Slow on purpose: no cleverness to share a mistake with.
"""
import re
import uuid
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .wire import micros

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


def minute_of(text):
    return int(text[:2]) * 60 + int(text[3:])


def holds(span, minute):
    """Is the minute of the day in HH:MM-HH:MM, overnight or not?"""
    first, last = (minute_of(t) for t in span.split("-"))
    return first <= minute < last if first < last else minute >= first or minute < last


def local_minute(at, zone):
    wall = datetime.fromtimestamp(at // MICRO, timezone.utc).astimezone(ZoneInfo(zone or "UTC"))
    return wall.hour * 60 + wall.minute


def is_open(spec, zone, at):
    by_mode = {"EXCLUDE": [], "ONLY": []}
    for calendar in spec.get("calendars") or []:
        assert all(rule["kind"] == "hours" for rule in calendar["rules"]), calendar
        minute = local_minute(at, zone)
        by_mode[calendar["mode"]].append(any(holds(rule["value"], minute) for rule in calendar["rules"]))
    window = spec.get("window") or {}
    if window.get("daily_from") and not holds(f"{window['daily_from']}-{window['daily_to']}", local_minute(at, window.get("zone"))):
        return False
    if (window.get("from") and at < micros(window["from"])) or (window.get("until") and at >= micros(window["until"])):
        return False
    return not any(by_mode["EXCLUDE"]) and (not by_mode["ONLY"] or any(by_mode["ONLY"]))


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def timeline(spec, task, after, until):
    """[(scheduled, due)] of a task with after < scheduled <= until: what calendars and window leave, jittered."""
    jitter = (spec.get("jitter_ms") or 0) * 1000
    found = set()
    for schedule in spec["schedules"]:
        found.update(t for t in between([schedule], after, until + jitter) if is_open(spec, schedule.get("zone"), t))
    instants, pairs = sorted(found), []
    for i, at in enumerate(instants):
        gap = instants[i + 1] - at if i + 1 < len(instants) else jitter
        spread = min(jitter, gap)
        late = fnv1a(uuid.UUID(task).bytes + at.to_bytes(8, "big")) % spread if spread else 0
        if at <= until:
            pairs.append((at, at + late))
    return pairs
