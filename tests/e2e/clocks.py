"""The scheduler's clock is set, forth and back, while it runs and before it starts, and zones change theirs under it: nothing fires early,
and each due instant is accounted for once, fired or in a gap.

    --plant BUG    one that must be found (trusts-its-clock)
"""
import argparse
import datetime
import os
import subprocess

from support import case
from support.driver import Driver
from support.stack import Stack, wait_for

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--plant")
options = options.parse_args()

HOUR = 3600
UTC = datetime.timezone.utc
stack = Stack("clocks", faults=True, partitions=2, plant=options.plant)
zones = os.path.join(stack.folder, "zoneinfo")
os.mkdir(zones)
for name in os.listdir("/usr/share/zoneinfo"):
    os.symlink(os.path.join("/usr/share/zoneinfo", name), os.path.join(zones, name))
stack.environment["TZDIR"] = zones
clock = os.path.join(stack.folder, "clock")
stack.prepare("q")
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(CRONOBS_CLOCK_FILE=clock), stack.start_consumer()
driver = Driver(stack)


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def put(key, expression, zone="UTC"):
    schedules = [{"expression": expression, "zone": zone}]
    driver.must("PUT", f"/v1/tasks/default~{key}", {"queue": "q", "schedules": schedules}, {"Prefer": "wait=30"}, statuses=(200, 201))


def fired(key):
    """Due instants, and when the broker had them."""
    return rows("SELECT scheduled_at, created_at FROM execution e JOIN task t USING (task_id) WHERE t.key = %s AND trigger IN (1, 2) ORDER BY 1", key)


def early():
    return rows("SELECT t.key, scheduled_at, created_at FROM execution e JOIN task t USING (task_id) WHERE created_at < scheduled_at ORDER BY 2")


def set_clock(seconds):
    with open(clock + ".new", "w") as f:
        f.write(f"{seconds * 1000000}\n")
    os.rename(clock + ".new", clock)


def asks(times):
    """It writes, and finds that the broker has another time; a command makes it write even where nothing is due."""
    before = scheduler.log_text().count("from the broker's")
    driver.must("POST", "/v1/tasks/default~every-five:trigger")
    wait_for(f"it has asked {times} times", lambda: scheduler.log_text().count("from the broker's") >= before + times, 60)


def goes_on():
    """What is due from now on fires: three instants that lie ahead."""
    since = datetime.datetime.now(UTC)
    wait_for("it fires", lambda: len([at for at, _ in fired("every-second") if at > since]) >= 3, 60)


def all_fires_in_time():
    put("every-second", "* * * * * *")
    put("every-five", "*/5 * * * * *")
    put("on-the-hour", "0 0 * * * *")
    goes_on()


def a_step_is_seen_and_nothing_fires():
    for seconds in (HOUR, -HOUR, 30, -30, 8 * HOUR, -20 * 60):
        before = scheduler.log_text().count("clock jumped")
        set_clock(seconds)
        wait_for(f"{seconds} s are seen", lambda: scheduler.log_text().count("clock jumped") > before, 30)
        if seconds > 0:  # else nothing is due, so there is nothing to ask for
            asks(2)
        set_clock(0)
        goes_on()
        assert not early(), early()


def a_start_under_a_wrong_clock_fires_nothing():
    for seconds in (HOUR, -HOUR):
        scheduler.hold()
        scheduler.kill()
        set_clock(seconds)
        scheduler.release()
        asks(1)
        set_clock(0)
        goes_on()
        assert not early(), early()


def make_zone(name, first, then, at):
    """A zone of its own, whose offset changes at one instant."""
    until = at.strftime("%Y %b %d %H:%M:%Su")
    source = os.path.join(stack.folder, f"{name}.zic")
    with open(source, "w") as f:
        f.write(f"Zone Test/{name} {first}:00 - AAA {until}\n\t\t{then}:00 - BBB\n")
    subprocess.run(["zic", "-b", "fat", "-d", zones, source], check=True, capture_output=True)


def daily_at(at, offset):
    local = at + datetime.timedelta(hours=offset)
    return f"{local.second} {local.minute} {local.hour} * * *"


def zones_change_their_clocks():
    second = datetime.timedelta(seconds=1)
    for attempt in range(5):  # all must be saved in time, however slow this machine is
        at = datetime.datetime.now(UTC).replace(microsecond=0) + (20 << attempt) * second
        make_zone(f"Gap{attempt}", 1, 2, at)
        make_zone(f"Overlap{attempt}", 2, 1, at)
        put("gap-second", "* * * * * *", f"Test/Gap{attempt}")
        put("gap-inside", daily_at(at + 1800 * second, 1), f"Test/Gap{attempt}")
        put("overlap-second", "* * * * * *", f"Test/Overlap{attempt}")
        put("overlap-first", daily_at(at - 5 * second, 2), f"Test/Overlap{attempt}")
        put("overlap-again", daily_at(at + 5 * second, 1), f"Test/Overlap{attempt}")
        if datetime.datetime.now(UTC) < at - 8 * second:
            break
    wait_for("the change is over", lambda: all(len([x for x, _ in fired(key) if x > at + 8 * second]) > 0 for key in ("gap-second", "overlap-second")), 400)
    assert [x for x, _ in fired("gap-inside")] == [at], (at, fired("gap-inside"))
    assert [x for x, _ in fired("overlap-first")] == [at - 5 * second], (at, fired("overlap-first"))
    assert fired("overlap-again") == [], fired("overlap-again")  # its first pass was an hour ago
    return f"attempt {attempt}"


def each_instant_is_accounted_for_once():
    assert not early(), early()
    assert rows("SELECT task_id, scheduled_at FROM execution WHERE trigger IN (1, 2) GROUP BY 1, 2 HAVING count(*) > 1") == []
    count = 0
    for key, step in (("every-second", 1), ("every-five", 5), ("gap-second", 1), ("overlap-second", 1)):
        have = [at for at, _ in fired(key)]
        gaps = rows("SELECT from_at, to_at FROM schedule_gap JOIN task t USING (task_id) WHERE t.key = %s", key)
        at = have[0]
        while at < have[-1]:
            assert at in have or any(low < at <= high for low, high in gaps), (key, at)
            at += datetime.timedelta(seconds=step)
        count += len(have)
    return f"{count} executions"


def it_is_found():
    """The planted bug: it fires what is due in an hour."""
    set_clock(HOUR)
    wait_for("something is early", early, 60)
    return f"{len(early())} early"


if options.plant:
    case.run(all_fires_in_time, it_is_found)
case.run(all_fires_in_time, a_step_is_seen_and_nothing_fires, a_start_under_a_wrong_clock_fires_nothing, zones_change_their_clocks, each_instant_is_accounted_for_once)
