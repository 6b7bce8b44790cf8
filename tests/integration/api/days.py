"""Days and quarters of an hour: counts, what is to come, what was passed over, against Python's own calendar."""
import datetime
import json
import zoneinfo

from client import Client
from support import case, past
from support.place import task_id
from support.stack import Stack

stack = Stack("days", partitions=3)
stack.prepare("q")
UTC = datetime.timezone.utc
NOW = datetime.datetime.now(UTC)
DAY, QUARTER = datetime.timedelta(days=1), datetime.timedelta(minutes=15)


def put(connection, key, expressions, state=0):
    """Revisions 1, 2, ... of a task, the last one is what it is."""
    specs = [json.dumps({"project": "default", "key": key, "queue": "q", "schedules": [{"expression": e, "zone": "UTC"}]}) for e in expressions]
    for revision, spec in enumerate(specs, 1):
        connection.execute("INSERT INTO task_revision (task_id, revision, state, effective_at, received_at, spec) VALUES (%s, %s, 0, '2026-01-01', '2026-01-01', %s)",
                           (task_id(key), revision, spec))
    connection.execute("INSERT INTO task (task_id, revision, state, effective_at, received_at, project, key, queue, spec) VALUES (%s, %s, %s, '2026-01-01', '2026-01-01', 'default', %s, 'q', %s)",
                       (task_id(key), len(specs), state, key, specs[-1]))


with stack.connect() as writer:
    past.make(writer, tasks=8, executions=4000, days=70)
    put(writer, "twenty", ["0 * * * *", "*/20 * * * *"])
    put(writer, "second", ["* * * * * *"])
    put(writer, "paused", ["*/20 * * * *"], state=1)
    put(writer, "deleted", ["*/20 * * * *"], state=2)
    put(writer, "gappy", ["0 * * * *", "*/20 * * * *"])
api = stack.start_api()
client = Client(stack.url)
with stack.connect() as reader:
    NAMES = ["PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED", "MISSED", "SKIPPED"]
    ROWS = [(project + "~" + key, at.astimezone(UTC), NAMES[status], ms) for project, key, at, status, ms in reader.execute(
        "SELECT project, key, scheduled_at, status, trunc(extract(epoch FROM finished_at - started_at) * 1000)::bigint FROM execution JOIN task USING (task_id)")]
    FIRST_MONTH = min(at for _, at, _, _ in ROWS).replace(day=1, hour=0, minute=0, second=0)


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def counts(rows):
    found = {}
    for _, _, status, _ in rows:
        found[status] = found.get(status, 0) + 1
    return found


def days_are_those_of_the_rows_in_every_zone():
    for tz in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"):
        zone, by_day = zoneinfo.ZoneInfo(tz), {}
        for row in ROWS:
            by_day.setdefault(str(row[1].astimezone(zone).date()), []).append(row)
        for path, task in (("/v1/days", None), (f"/v1/tasks/{ROWS[5][0]}/days", ROWS[5][0])):
            answer = client.get(f"{path}?tz={tz}&from={(NOW - 80 * DAY).date()}&to={(NOW + 2 * DAY).date()}")
            assert answer["unit"] == "day" and answer["tz"] == tz and len(answer["items"]) == 83
            first = FIRST_MONTH.astimezone(zone)
            whole = first.date() if first.time() == datetime.time(0) else first.date() + DAY
            assert answer["kept_from"] == str(whole), (answer["kept_from"], first)
            for item in answer["items"]:
                mine = [r for r in by_day.get(item["day"], []) if task in (None, r[0])]
                assert item["counts"] == counts(mine) and item["total"] == len(mine) and item["run_ms"] == sum(r[3] or 0 for r in mine), (tz, item)


def quarters_of_an_hour_add_up_to_days():
    for tz in ("UTC", "Asia/Kathmandu"):
        for back in (1, 3, 40):
            day = (NOW - back * DAY).date()
            whole = client.get(f"/v1/days?tz={tz}&from={day}&to={day}")["items"][0]
            steps = client.get(f"/v1/days?tz={tz}&from={day}&to={day}&unit=15m")
            assert steps["unit"] == "15m" and sum(s["total"] for s in steps["items"]) == whole["total"] and all("day" not in s for s in steps["items"])
            for step in steps["items"]:
                mine = [r for r in ROWS if stamp(step["from"]) <= r[1] < stamp(step["from"]) + QUARTER]
                assert step["counts"] == counts(mine) and stamp(step["to"]) - stamp(step["from"]) == QUARTER and mine, step
    assert client.get("/v1/days?tz=Pacific/Apia&from=2011-12-30&to=2011-12-30&unit=15m")["items"] == []
    assert client.get("/v1/days?tz=Pacific/Apia&from=2011-12-29&to=2011-12-31")["items"][1]["total"] == 0
    assert len(client.get("/v1/days?unit=15m")["items"]) <= 96


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def multiples(first, last, minutes):
    """Instants of every `minutes` past the hour in [first, last)."""
    step = datetime.timedelta(minutes=minutes)
    return -(-(last - EPOCH) // step) - -(-(first - EPOCH) // step)


def what_is_to_come_is_counted_by_day():
    for tz in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        before = datetime.datetime.now(UTC)
        answer = client.get(f"/v1/tasks/default~twenty/days?tz={tz}&from={(NOW - 2 * DAY).date()}&to={(NOW + 362 * DAY).date()}")
        after, spans = datetime.datetime.now(UTC), set()
        for item in answer["items"]:
            start, end = stamp(item["from"]), stamp(item["to"])
            spans.add((end - start) / datetime.timedelta(hours=1))
            if end <= before:
                assert "planned" not in item, item
            elif start > after:
                assert item["planned"] == multiples(start, end, 20), (tz, item)
            elif end > after:  # else it ended meanwhile
                assert abs(item["planned"] - multiples(max(start, before), end, 20)) <= 1, item
        midnights = [datetime.datetime.combine((NOW + n * DAY).date(), datetime.time(0), zoneinfo.ZoneInfo(tz)).astimezone(UTC) for n in range(-2, 364)]
        assert spans == {(end - start) / datetime.timedelta(hours=1) for start, end in zip(midnights, midnights[1:])} and (tz == "UTC" or len(spans) > 1), spans
    ahead = (NOW + 2 * DAY).date()  # a whole day, also when NOW was yesterday
    steps = client.get(f"/v1/tasks/default~twenty/days?from={ahead}&to={ahead}&unit=15m")["items"]
    assert sum(s["planned"] for s in steps) == 72 and all(s["planned"] > 0 for s in steps)
    many = client.get(f"/v1/tasks/default~second/days?from={ahead}&to={ahead}")["items"][0]
    assert many["planned"] == 10000, many
    for key in ("paused", "deleted"):
        assert all("planned" not in i for i in client.get(f"/v1/tasks/default~{key}/days?to={(NOW + DAY).date()}")["items"]), key
    assert all("planned" not in i for i in client.get("/v1/days")["items"])


def what_was_passed_over_lies_where_its_instants_were():
    def gap(revision, since, until, reason, count, more=False):
        connection.execute("INSERT INTO schedule_gap (task_id, revision, from_at, to_at, reason, received_at, count, more) VALUES (%s, %s, %s, %s, %s, now(), %s, %s)",
                           (task_id("gappy"), revision, since, until, reason, count, more))
    base = (NOW - 20 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    with stack.connect() as connection:
        gap(2, base + 3 * DAY, base + 3 * DAY + 40 * datetime.timedelta(minutes=1), 4, 2)  # within a day: PAUSED
        gap(2, base + 5 * DAY - datetime.timedelta(hours=1), base + 7 * DAY + datetime.timedelta(minutes=20), 6, 150)  # over days: MISFIRE
        gap(1, base + 9 * DAY - 6 * datetime.timedelta(hours=1), base + 9 * DAY + 6 * datetime.timedelta(hours=1), 4, 12)  # of the revision before, hourly
        gap(7, base + 11 * DAY, base + 13 * DAY + 3 * datetime.timedelta(hours=1), 4, 5)  # of one that nobody knows
        gap(2, base - 30 * DAY, base + 1 * DAY, 22, 2232)  # since before the days: EDITED

    def told(day):
        items = client.get(f"/v1/tasks/default~gappy/days?from={base.date()}&to={(base + 15 * DAY).date()}&tz=UTC")["items"]
        return items[day].get("gaps", {})
    assert told(3) == {"PAUSED": 2}
    assert [told(n).get("MISFIRE") for n in (4, 5, 6, 7)] == [2, 72, 72, 2], [told(n) for n in (4, 5, 6, 7)]
    assert [told(n).get("PAUSED") for n in (8, 9)] == [5, 7], [told(n) for n in (8, 9)]
    assert [told(n).get("PAUSED") for n in (11, 12, 13)] == [None, None, 5]
    assert told(0) == {"EDITED": 72} and told(1) == {"EDITED": 1} and told(2) == {}, [told(n) for n in (0, 1, 2)]
    steps = client.get(f"/v1/tasks/default~gappy/days?from={(base + 3 * DAY).date()}&to={(base + 3 * DAY).date()}&unit=15m")["items"]
    assert [(s["from"][11:16], s["gaps"]) for s in steps] == [("00:15", {"PAUSED": 1}), ("00:30", {"PAUSED": 1})], steps


def what_is_wrong_is_told():
    for query, said in {"unit=hour": "unit", "unit=15m&from=2026-01-01&to=2026-02-01": "31", "from=2026-01-01&to=2027-01-02": "366", "from=2026-02-01&to=2026-01-01": "from", "tz=Mars/Base": "tz",
                        "from=yesterday": "from"}.items():
        for path in ("/v1/days", "/v1/tasks/default~twenty/days"):
            answer = client.call("GET", f"{path}?{query}")
            assert answer.status == 400 and said in answer["detail"], (query, answer)
    assert client.call("GET", "/v1/tasks/default~nobody/days").status == 404


case.run(days_are_those_of_the_rows_in_every_zone, quarters_of_an_hour_add_up_to_days, what_is_to_come_is_counted_by_day, what_was_passed_over_lies_where_its_instants_were, what_is_wrong_is_told)
