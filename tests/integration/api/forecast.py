"""Forecast: firings by the minute of a day against an enumeration through /upcoming, task by task; shared, jittered and hashed tasks; clock changes."""
import datetime
import json
import subprocess
import zoneinfo

from client import Client
from support import case
from support.place import task_id
from support.stack import Stack, wait_for

stack = Stack("forecast", partitions=3)
stack.prepare("q", "other")
UTC = datetime.timezone.utc
NOW = datetime.datetime.now(UTC)
MINUTE = datetime.timedelta(minutes=1)
HOLIDAY = [{"name": "holidays", "mode": "EXCLUDE", "rules": [{"kind": "weekday", "value": day} for day in ("SAT", "SUN")]}]
SPECS = {
    "hourly": {"schedules": [{"expression": "0 * * * *"}]},
    "hourly-too": {"schedules": [{"expression": "0 * * * *"}], "queue": "other"},
    "minutely": {"schedules": [{"expression": "* * * * *", "zone": "Europe/Berlin"}]},
    "office": {"schedules": [{"expression": "*/10 8-17 * * *", "zone": "America/New_York"}], "calendars": HOLIDAY},
    "window": {"schedules": [{"expression": "*/5 * * * *"}], "window": {"daily_from": "22:00", "daily_to": "02:00", "zone": "Asia/Tokyo"}},
    "jitter-a": {"schedules": [{"expression": "0 * * * *"}], "jitter_ms": 3000000},
    "jitter-b": {"schedules": [{"expression": "0 * * * *"}], "jitter_ms": 3000000},
    "hash-a": {"schedules": [{"expression": "H H * * *"}]},
    "hash-b": {"schedules": [{"expression": "H H * * *"}], "queue": "other"},
    "both": {"schedules": [{"expression": "30 2 * * *", "zone": "Europe/Berlin"}, {"expression": "*/30 * * * *", "zone": "Europe/Berlin"}]},
    "sixty": {"schedules": [{"expression": "* 0 3 * * *"}]},
    "paused": {"schedules": [{"expression": "* * * * *"}]},
    "deleted": {"schedules": [{"expression": "* * * * *"}]},
}
STATES = {"paused": 1, "deleted": 2}


def put(connection, key, spec, project="default"):
    whole = json.dumps({"project": project, "key": key, "queue": "q", **spec})
    connection.execute("INSERT INTO task (task_id, revision, state, effective_at, received_at, project, key, queue, spec) VALUES (%s, 2, %s, '2026-01-01', '2026-01-01', %s, %s, %s, %s)",
                       (task_id(key, project), STATES.get(key, 0), project, key, spec.get("queue", "q"), whole))


with stack.connect() as writer:
    for name, spec in SPECS.items():
        put(writer, name, spec)
    put(writer, "hourly", SPECS["hourly"], "shop")
api = stack.start_api()
client = Client(stack.url)


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def day_bounds(day, tz):
    zone = zoneinfo.ZoneInfo(tz)
    return tuple(datetime.datetime.combine(d, datetime.time(0), zone).astimezone(UTC) for d in (day, day + datetime.timedelta(days=1)))


def enumerated(first, last, chosen):
    """Firings by minute, by asking each task what it is due for."""
    minutes = [0] * round((last - first) / MINUTE)
    for key in chosen:
        at = first - datetime.timedelta(microseconds=1)
        while True:
            end = (last - datetime.timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            items = client.get(f"/v1/tasks/{key}/upcoming?from={at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}&to={end}&limit=500")["items"]
            for item in items:
                minutes[(stamp(item["due_at"]) - first) // MINUTE] += 1
            if len(items) < 500:
                break
            at = stamp(items[-1]["due_at"])
    return minutes


ACTIVE = [f"default~{key}" for key in SPECS if key not in STATES] + ["shop~hourly"]


def days():
    """Two days as any, one of 23 hours and one of 25; soon after the clocks of one zone are set those of another are the next within a year."""
    ahead = [(NOW + datetime.timedelta(days=n)).date() for n in range(2, 360)]

    def next_of(hours):
        return next((d, tz) for tz in ("Europe/Berlin", "Australia/Sydney", "America/New_York") for d in ahead for a, b in [day_bounds(d, tz)] if (b - a) / MINUTE == hours * 60)
    return [(ahead[0], "UTC"), (ahead[5], "Asia/Kathmandu"), next_of(23), next_of(25)]


def every_minute_is_what_upcoming_says():
    for day, tz in days():
        answer = client.get(f"/v1/forecast?day={day}&tz={tz}")
        first, last = day_bounds(day, tz)
        assert (stamp(answer["from"]), stamp(answer["to"]), answer["since"]) == (first, last, answer["from"]), answer["from"]
        expected = enumerated(first, last, ACTIVE)
        assert answer["minutes"] == expected, [(i, a, b) for i, (a, b) in enumerate(zip(answer["minutes"], expected)) if a != b][:5]
        assert answer["firings"] == sum(expected) == sum(h["firings"] for h in answer["hours"]) and len(answer["hours"]) == len(expected) // 60
        assert (answer["tasks"], answer["paused"], answer["complete"]) == (len(ACTIVE), 1, True)
        fullest = sorted(range(len(expected)), key=lambda i: (-expected[i], i))[:10]
        assert [stamp(p["at"]) for p in answer["peaks"]] == [first + i * MINUTE for i in fullest]
        for peak in answer["peaks"]:
            assert peak["firings"] == expected[(stamp(peak["at"]) - first) // MINUTE] and stamp(peak["local"]) == stamp(peak["at"])
            assert peak["more"] or sum(p["firings"] for p in peak["by"]) == peak["firings"]
    return f"{answer['firings']} firings"


def it_is_narrowed_by_project_and_queue():
    day = days()[0][0]
    for query, chosen in (("project=shop", ["shop~hourly"]), ("queue=other", ["default~hourly-too", "default~hash-b"]), ("project=default&queue=other", ["default~hourly-too", "default~hash-b"]),
                          ("project=nobody", [])):
        answer = client.get(f"/v1/forecast?day={day}&{query}")
        assert answer["minutes"] == enumerated(*day_bounds(day, "UTC"), chosen) and answer["tasks"] == len(chosen), (query, answer["tasks"])


def tasks_that_are_due_alike_are_one_line_with_examples():
    day = days()[0][0]
    answer = client.get(f"/v1/forecast?day={day}&queue=q")
    top = client.get(f"/v1/forecast?day={day}")["peaks"][0]
    assert top["at"].endswith("T03:00:00Z") and top["by"][0]["firings"] == 60 and top["by"][0]["examples"][0]["key"] == "sixty", top
    peak = next(p for p in answer["peaks"] if any(b["schedule"].startswith("0 * * * *") and b["tasks"] == 2 for b in p["by"]))
    hourly = next(b for b in peak["by"] if b["tasks"] == 2)
    assert {(e["project"], e["key"]) for e in hourly["examples"]} == {("default", "hourly"), ("shop", "hourly")}, hourly


def quiet_slots_are_the_quietest():
    day = days()[0][0]
    answer = client.get(f"/v1/forecast?day={day}")
    quarters = [sum(answer["minutes"][i:i + 15]) for i in range(0, 1440, 15)]
    best = answer["quiet"][0]
    first = round((stamp(best["at"]) - stamp(answer["from"])) / MINUTE)
    last = round((stamp(best["to"]) - stamp(answer["from"])) / MINUTE)
    assert first % 15 == last % 15 == 0 and best["firings"] == min(quarters) * (last - first) // 15, (best, min(quarters))
    assert len(answer["quiet"]) == 5


def a_schedule_that_there_is_not_meets_others():
    day = days()[0][0]
    answer = client.get(f"/v1/forecast?day={day}&expression=0+3+*+*+*&zone=UTC")
    what = answer["what_if"]
    assert (what["minutes"], what["most"], what["most_at"][11:16]) == (1, answer["minutes"][180], "03:00"), what
    assert what["later_most"] == answer["minutes"][180 + what["later_by"]] == min(answer["minutes"][181:240]), what
    assert "what_if" not in client.get(f"/v1/forecast?day={day}").body
    assert client.get(f"/v1/forecast?day={day}&expression=0+3+1+1+*")["what_if"]["minutes"] in (0, 1)


def today_is_what_is_left_of_it():
    answer = client.get("/v1/forecast?tz=Pacific/Kiritimati")
    since = stamp(answer["since"])
    assert since > stamp(answer["from"]) and since - datetime.datetime.now(UTC) <= MINUTE
    left = round((since - stamp(answer["from"])) / MINUTE)
    assert sum(answer["minutes"][:left]) == 0 and answer["minutes"][left:] == enumerated(since, stamp(answer["to"]), ACTIVE)


def a_change_is_seen_at_once():
    day = days()[0][0]
    before = client.get(f"/v1/forecast?day={day}")
    assert client.get(f"/v1/forecast?day={day}").body == before.body
    scheduler, consumer = stack.start_scheduler(), stack.start_consumer()
    made = client.put("new", {"schedules": [{"expression": "7 7 * * *"}]})
    after = client.get(f"/v1/forecast?day={day}&after_command={made['command_id']}")
    assert after["firings"] == before["firings"] + 1 and after["minutes"][427] == before["minutes"][427] + 1
    for process in (scheduler, consumer):
        process.stop()


def what_is_wrong_is_told():
    for query, said in {"day=2020-01-01": "is over", "day=2190-01-01": "366", "day=tomorrow": "date", "tz=Mars/Base": "tz", "expression=61+*+*+*+*": "0-59", "zone=UTC": "expression",
                        "at=x": "at"}.items():
        answer = client.call("GET", f"/v1/forecast?{query}")
        assert answer.status == 400 and said in json.dumps(answer.body), (query, answer)


def many_tasks_hold_nobody_up():
    with stack.connect() as connection:
        connection.execute("""INSERT INTO task (task_id, revision, state, effective_at, received_at, project, key, queue, spec)
            SELECT gen_random_uuid(), 2, 0, '2026-01-01', '2026-01-01', 'mass', 'k' || n, 'q', json_build_object('project', 'mass', 'key', 'k' || n, 'queue', 'q', 'schedules',
                   json_build_array(json_build_object('expression', CASE WHEN n % 10 = 0 THEN 'H H * * *' ELSE (n % 60) || ' * * * *' END)))
              FROM generate_series(1, 40000) n""")
        connection.execute("UPDATE kafka_offset SET next_offset = next_offset + 1 WHERE topic = 'tasks'")
    day = days()[0][0]
    slow = client.get("/metrics").body.split("cronobs_loop_slow_callbacks_total ")[1].split()[0]
    answer = client.get(f"/v1/forecast?day={day}&project=mass")
    assert answer["firings"] == 36000 * 24 + 4000 and answer["due"] == answer["tasks"] == 40000 and answer["complete"], (answer["firings"], answer["due"])
    assert client.get("/metrics").body.split("cronobs_loop_slow_callbacks_total ")[1].split()[0] == slow


def the_command_line_draws_it():
    day, tz = days()[2]

    def cronobs(*arguments, code=0):
        done = subprocess.run([stack.binary, *arguments], text=True, capture_output=True, timeout=60, env=dict(stack.environment, TZ=tz))
        assert done.returncode == code, (arguments, done)
        return done.stdout if code == 0 else done.stdout + done.stderr
    lines = cronobs("forecast", "--day", str(day), "--project", "default").splitlines()
    bars = [line for line in lines if "#" in line]
    assert len(bars) == 23 and max(map(len, lines[:27])) <= 80 and lines[1] == "1 paused task is not counted", lines
    assert any(line.startswith("PEAK") for line in lines) and any(line.startswith("quietest: ") for line in lines), lines
    assert json.loads(cronobs("forecast", "--json", "--if", "0 3 * * *"))["what_if"]["zone"] == tz
    assert "would fire in" in cronobs("forecast", "--if", "0 3 * * *")
    assert "is over" in cronobs("forecast", "--day", "2020-01-01", code=64) and "--if: " in cronobs("forecast", "--if", "61 * * * *", code=64)
    assert "no task is, or was" in cronobs("forecast", "--project", "nobody", code=1)


case.run(every_minute_is_what_upcoming_says, it_is_narrowed_by_project_and_queue, tasks_that_are_due_alike_are_one_line_with_examples, quiet_slots_are_the_quietest,
         a_schedule_that_there_is_not_meets_others, today_is_what_is_left_of_it, a_change_is_seen_at_once, what_is_wrong_is_told, many_tasks_hold_nobody_up, the_command_line_draws_it)
