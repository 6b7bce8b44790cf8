"""expressions.tsv: the instants of each row, to the byte the same whatever the zone of the process is; and what a process without a usable zone says."""
import datetime
import json
import os
import subprocess
import time

import data
from support import case

BINARY = os.environ["CRONOBS_TEST_BIN"]
ROWS = data.table("expressions.tsv", "expression zone start count dialect expected")
MACHINES = (None, "Australia/Sydney", "America/New_York")
POSIX_ZONES = ("JST-9", "UTC0", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30")
UTC_LINES = ("59 0 * * *", "0 1 * * *", "1 1 * * *", "30 1 * * *", "59 1 * * *", "0 2 * * *")


def cronobs(zone, *arguments, given=""):
    """As on a machine with that zone; None: without TZ."""
    environment = {name: value for name, value in os.environ.items() if name != "TZ"} | ({} if zone is None else {"TZ": zone})
    return subprocess.run([BINARY, *arguments], input=given, text=True, capture_output=True, timeout=60, env=environment)


def answers(zone):
    asked = "".join("\t".join((row.expression, row.zone, row.start, row.count, row.dialect)) + "\n" for row in ROWS)
    done = cronobs(zone, "next", "--batch", given=asked)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout.splitlines()


def every_row_has_its_instants_on_every_machine():
    for zone in MACHINES:
        for row, answer in zip(ROWS, answers(zone), strict=True):
            found = " ".join(answer.split()[:2]) if answer.startswith("error") else answer
            assert found == row.expected, (zone, row, answer)
    assert answers(None) == answers(MACHINES[1]) == answers(MACHINES[2])
    return f"{len(ROWS)} rows under {len(MACHINES)} zones"


def asked_one_by_one_it_is_the_same():
    for zone in MACHINES:
        for row in ROWS[:12]:
            done = cronobs(zone, "next", "--json", "--zone", row.zone, "--from", row.start, "--count", row.count, "--dialect", row.dialect, row.expression)
            assert " ".join(one["at"] for one in json.loads(done.stdout)) == row.expected, (zone, row, done)


def imported(zone, text):
    done = cronobs(zone, "import", "crontab", "-", "--dry-run", "--json", given=text)
    return done, json.loads(done.stdout) if done.stdout else {}


def a_line_keeps_the_zone_above_it_on_any_machine():
    text = "CRON_TZ=UTC\n" + "".join(f"{line} true {n}\n" for n, line in enumerate(UTC_LINES))
    for zone in ("Europe/London", "Australia/Sydney", None):
        done, report = imported(zone, text)
        assert [(e["schedule"], e["zone"]) for e in report["entries"]] == [(line, "UTC") for line in UTC_LINES], (zone, done)


def local_clock(zone, instant):
    """As the C library has it."""
    os.environ["TZ"] = zone
    time.tzset()
    return time.strftime("%H:%M", time.localtime(datetime.datetime.fromisoformat(instant).timestamp()))


def a_zone_that_only_the_c_library_knows_is_its_clock_or_refused():
    """And never another one without a word."""
    for zone in POSIX_ZONES:
        done, report = imported(zone, "5 4 * * * true\n")
        if done.returncode == 0:
            assert [local_clock(zone, e["next_at"]) for e in report["entries"]] == ["04:05"], (zone, done)
        else:
            assert not report.get("entries") and "TZ" in done.stderr and "--zone" in done.stderr, (zone, done)
        done, report = imported(zone, "CRON_TZ=Asia/Tokyo\n5 4 * * * true\n")
        assert [e["zone"] for e in report.get("entries", [])] in ([], ["Asia/Tokyo"]), (zone, done)


def an_empty_zone_is_utc_and_a_file_is_what_it_links_to():
    done, report = imported("", "5 4 * * * true\n")
    assert [e["zone"] for e in report["entries"]] in (["UTC"], ["Etc/UTC"]), done
    done, report = imported(":Asia/Tokyo", "5 4 * * * true\n")
    assert [e["zone"] for e in report.get("entries", [])] in ([], ["Asia/Tokyo"]), done
    done, report = imported(":/usr/share/zoneinfo/Asia/Tokyo", "5 4 * * * true\n")
    assert [e["zone"] for e in report.get("entries", [])] in ([], ["Asia/Tokyo"]), done


def a_schedule_without_a_zone_is_in_utc_on_every_machine():
    for zone in (*MACHINES, *POSIX_ZONES, "", ":"):
        done = cronobs(zone, "next", "--count", "1", "--from", "2027-01-01T00:00:00Z", "0 9 * * *")
        assert done.returncode == 0 and done.stdout.startswith("2027-01-01T09:00:00+00:00"), (zone, done)


def what_is_never_due_is_said():
    for expression in ("@at 2020-01-01T00:00:00Z", "0 0 0 1 1 +THU 2027"):
        done = cronobs(None, "next", "--from", "2026-06-01T00:00:00Z", expression)
        assert (done.returncode, done.stdout) == (1, "none\n"), done
        told = json.loads(cronobs(None, "explain", "--json", "--from", "2026-06-01T00:00:00Z", expression).stdout)
        assert told["lints"] and told["next"] == [], told


case.run(every_row_has_its_instants_on_every_machine, asked_one_by_one_it_is_the_same, a_line_keeps_the_zone_above_it_on_any_machine,
         a_zone_that_only_the_c_library_knows_is_its_clock_or_refused, an_empty_zone_is_utc_and_a_file_is_what_it_links_to,
         a_schedule_without_a_zone_is_in_utc_on_every_machine, what_is_never_due_is_said)
