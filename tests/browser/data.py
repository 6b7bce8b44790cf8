"""What the browser tests look at, made once: through the API and the topics, nothing by hand. `FACTS` tells the tests what there is."""
import concurrent.futures
import datetime
import http.client
import json
import os
import time
import zoneinfo

from support import judge
from support.stack import wait_for

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
TASKS, RUNS, DAYS = 10_000, 100_000, 400
LINES = int(os.environ.get("CRONOBS_BROWSER_LINES", "1000000"))
TICKS = int(os.environ.get("CRONOBS_BROWSER_TICKS", "20000"))
# Of all that a text can be: markup, templates, other directions, what cannot be seen, pictures of several, accents heaped up, a word without an end.
HOSTILE = ("<script>alert(1)</script><img src=x onerror=alert(2)>\"'`${7*7}{{7*7}} \u202egnp.exe \u200b\u2066 "
           "javascript:alert(3) ../../etc/passwd ' OR 1=1-- \u0416\u00e4\u4e2d\U0001f9e8 " + "W" * 400)
SHORT = "\u202egnp\u2066 </script>{{7*7}} \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f468\u200d\U0001f469\u200d\U0001f467 e" + "\u0301" * 12 + "\u200b"


def now():
    return int(time.time() * 1e6)


def quiet_hour(n):
    """Of a day, in UTC: not within two hours of now, so that nothing of it is due while tests run."""
    return (time.gmtime().tm_hour + 3 + n % 18) % 24


class Data:
    def __init__(self, stack, client, topics):
        self.stack, self.client, self.topics, self.facts = stack, client, topics, {"lines": LINES, "runs": RUNS, "tasks": TASKS}

    def make(self):
        self.named_tasks()
        with self.topics.in_the_past("status", "executions.history"), concurrent.futures.ThreadPoolExecutor(2) as pool:
            for made in [pool.submit(self.bulk), pool.submit(self.histories)]:
                made.result()
        self.wait_until_shown()
        return self.facts

    # --- tasks ---

    def put(self, key, spec=None, **headers):
        answer = self.client.put(key, {"queue": "history", "schedules": [{"expression": f"5 {quiet_hour(0)} * * *", "zone": "UTC"}], **(spec or {})}, **headers)
        assert answer.status in (200, 201), answer

    def named_tasks(self):
        for key, title in (("big", "Ledger sync"), ("ticks", "Every second of an afternoon"), ("longlog", "A log of a million lines"),
                           ("lanes", "Runs that overlap"), ("odd", "Odd runs"), ("live", "Runs that tests report")):
            self.put(key, {"title": title, "labels": {"team": "ledger", "tier": "1"}})
        self.put("failing", {"title": "Fails each time"})
        self.put("berlin", {"schedules": [{"expression": f"30 {quiet_hour(2)} * * *", "zone": "Europe/Berlin"}]})
        self.put("lordhowe", {"schedules": [{"expression": "0 12 * * MON", "zone": "Australia/Lord_Howe"}]})
        self.put("hostile", {"title": HOSTILE[:200], "description": HOSTILE, "payload": HOSTILE, "labels": {"a-b": HOSTILE[:60], "W" * 60: "x" * 40, "c": SHORT},
                             "schedules": [{"expression": f"5 {quiet_hour(0)} * * *", "zone": "UTC"}], "calendars": [{"name": SHORT, "mode": "EXCLUDE", "rules": [{"kind": "date", "value": "2037-12-25"}]}]})
        self.put("w" * 200, {"title": "W" * 200})
        self.put("hostile-paused", {"title": SHORT})
        answer = self.client.call("POST", "/v1/tasks/default~hostile-paused:pause", {"reason": HOSTILE[:200]}, Prefer="wait=20")
        assert answer.status == 200, answer

    def bulk(self):
        """Ten thousand, in a project of their own."""
        def some(numbers):
            line = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=60)
            for n in numbers:
                spec = {"title": f"Report {n}", "queue": "q", "schedules": [{"expression": f"{n % 60} {quiet_hour(n)} * * *", "zone": "UTC"}]}
                line.request("PUT", f"/v1/tasks/bulk~t{n:05d}", json.dumps(spec), {"Content-Type": "application/json"})
                answer = line.getresponse()
                body = answer.read()
                assert answer.status in (200, 201, 202), body
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(some, range(first, TASKS, 4)) for first in range(4)]:
                done.result()

    # --- histories ---

    def histories(self):
        for each in (self.years, self.ticks, self.long_log, self.clock_changes, self.lanes, self.hostile, self.odd_runs):
            each()

    def ran(self, key, at, status="SUCCEEDED", took=6 * SECOND, nonce="", message=None, **fields):
        number = self.topics.run(key, at, nonce=nonce, **fields)
        if status == "MISSED":
            self.topics.report(key, number, status, at + SECOND, None, reason="START_DEADLINE")
            return number
        self.topics.report(key, number, "RUNNING", at + SECOND)
        if status in ("TIMED_OUT", "LOST"):
            self.topics.report(key, number, status, at + SECOND + took, None, reason={"TIMED_OUT": "RUN_TIMEOUT", "LOST": "HEARTBEAT"}[status])
        elif status != "RUNNING":
            failed = status == "FAILED"
            self.topics.report(key, number, status, at + SECOND + took, reason="EXIT_CODE" if failed else "NONE", exit_code=2 if failed else 0,
                               message=message or ("exit code 2" if failed else None))
        return number

    def years(self):
        """A hundred thousand runs in four hundred days."""
        until = now() // MINUTE * MINUTE - 10 * MINUTE
        step = DAYS * DAY // RUNS
        for n in range(RUNS):
            status = "FAILED" if n % 50 == 7 else "TIMED_OUT" if n % 211 == 5 else "MISSED" if n % 333 == 9 else "SUCCEEDED"
            number = self.ran("big", (until - n * step) // SECOND * SECOND, status, took=(4 + n % 9) * SECOND)
            if n in (7, 9):
                self.facts["bigRun" if n == 7 else "bigMissed"] = number

    def ticks(self):
        """One every second, one of them failed."""
        until = now() // SECOND * SECOND - HOUR
        for n in range(TICKS):
            self.ran("ticks", until - n * SECOND, "FAILED" if n == 5000 else "SUCCEEDED", took=300_000)
        self.facts["ticks"] = {"from": until - (TICKS - 1) * SECOND, "to": until, "failed_at": until - 5000 * SECOND}

    def long_log(self):
        at = now() - 2 * HOUR
        number = self.ran("longlog", at, "FAILED", took=1800 * SECOND)
        for first in range(1, LINES + 1, 500):
            self.topics.log("longlog", number, first, [self.line(n, at) for n in range(first, min(first + 500, LINES + 1))])
        self.facts["longlog"] = number

    @staticmethod
    def line(n, at):
        level = "ERROR" if n % 100_000 == 50_000 else "WARN" if n % 10_000 == 1 else "INFO"
        return {"at": at + n * 1500, "level": level, "stream": "STDERR" if n % 7 == 0 else "STDOUT", "message": f"line {n}: copied {n * 7919 % 4096} files" + (" needle" if n % 25_000 == 0 else "")}

    def clock_changes(self):
        """A run each half hour of the days on which the clocks were set last."""
        for key, name in (("berlin", "Europe/Berlin"), ("lordhowe", "Australia/Lord_Howe")):
            days = self.facts.setdefault("changes", {}).setdefault(name, {})
            for day, length in self.last_changes(zoneinfo.ZoneInfo(name)):
                start = int(datetime.datetime.combine(day, datetime.time(), zoneinfo.ZoneInfo(name)).timestamp()) * SECOND
                for at in range(start, start + length, 30 * MINUTE):
                    self.ran(key, at, "FAILED" if (at - start) // HOUR == 4 else "SUCCEEDED", zone=name)
                days[str(day)] = {"hours": length / HOUR, "runs": -(-length // (30 * MINUTE))}

    @staticmethod
    def last_changes(zone):
        """The newest day shorter than 24 hours, and the newest longer one, at least two days ago."""
        found, day = {}, datetime.datetime.now(zone).date() - datetime.timedelta(2)
        while len(found) < 2:
            start, end = (datetime.datetime.combine(d, datetime.time(), zone).timestamp() for d in (day, day + datetime.timedelta(1)))
            if end - start != 86400:
                found.setdefault(end - start < 86400, (day, int(end - start) * SECOND))
            day -= datetime.timedelta(1)
        return found.values()

    def lanes(self):
        """Yesterday, from 10:00 UTC: three at a time."""
        day = now() // DAY * DAY - DAY + 10 * HOUR
        for n in range(6):
            self.ran("lanes", day + n * 10 * MINUTE, took=25 * MINUTE)
        self.facts["lanes"] = time.strftime("%Y-%m-%d", time.gmtime(day / SECOND))
        for n in range(6, 0, -1):
            self.facts["failing"] = self.ran("failing", now() // MINUTE * MINUTE - n * 20 * MINUTE, "FAILED", message="disk full")

    def hostile(self):
        at = now() - 3 * HOUR
        number = self.topics.run("hostile", at, payload=HOSTILE.encode(), content_type="text/html")
        self.topics.report("hostile", number, "RUNNING", at, worker=HOSTILE[:120])
        lines = ["<script>alert(1)</script>", "\x1b[31mred\x1b[0m and \x1b]52;c;aGk=\x07 clipboard", "\x1b]8;;https://example.org/x\x1b\\a link\x1b]8;;\x1b\\ and \x1b]8;;javascript:alert(1)\x1b\\none\x1b]8;;\x1b\\",
                 "right to left \u202egnp.exe, nothing \u200b wide", "10 %\r50 %\r100 %", "bytes \\xFF\\xFE here", "{\"json\": {\"a\": [1, 2]}}", "W" * 6000, "\x1b[2J\x1b[H cleared", HOSTILE, "tab\there"]
        self.topics.log("hostile", number, 1, [("ERROR" if "red" in text else "INFO", "STDOUT", text) for text in lines], marks=[{"line": 6, "escaped": True}])
        self.topics.report("hostile", number, "FAILED", at + MINUTE, worker=SHORT, message=HOSTILE + "M" * 3500, result=HOSTILE.encode(), exit_code=1, reason="EXIT_CODE")
        self.facts["hostile"] = number
        lasts = self.topics.run("hostile", now() - HOUR, nonce="lasts")
        self.topics.report("hostile", lasts, "RUNNING", now() - HOUR, worker=SHORT, message=HOSTILE + "M" * 3500)
        self.topics.log("hostile", lasts, 1, [("INFO", "STDOUT", SHORT)], writer="11111111-1111-4111-8111-111111111111")
        self.topics.log("hostile", lasts, 1, [("INFO", "STDOUT", HOSTILE)], writer="22222222-2222-4222-8222-222222222222")
        self.facts["hostileLive"] = lasts

    def odd_runs(self):
        """Contradicted, known by a report alone, bytes of every kind, two writers of one log."""
        at, ids, topics = now() // MINUTE * MINUTE - 30 * MINUTE, {}, self.topics
        ids["contradicted"] = self.ran("odd", at, nonce="contradicted")
        topics.report("odd", ids["contradicted"], "FAILED", at + MINUTE, worker="worker-2", message="no, it failed")
        ids["stub"] = judge.execution_id(self.task("odd"), at + SECOND, "external", "stub")
        topics.report("odd", ids["stub"], "RUNNING", at + SECOND, scheduled_at=at + SECOND, trigger="EXTERNAL", queue="history")
        for name, payload in (("binary", bytes(range(256))), ("empty", b""), ("large", b"0123456789abcdef" * 4096)):
            ids[name] = topics.run("odd", at + 2 * SECOND, nonce=name, payload=payload)
            topics.report("odd", ids[name], "RUNNING", at + 2 * SECOND)
            topics.report("odd", ids[name], "SUCCEEDED", at + 3 * SECOND, result=payload)
        ids["writers"] = self.ran("odd", at + 4 * SECOND, nonce="writers")
        first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
        topics.log("odd", ids["writers"], 1, [("INFO", "STDOUT", f"first {n}") for n in range(1, 11)], writer=first)
        topics.log("odd", ids["writers"], 16, [("INFO", "STDOUT", f"first {n}") for n in range(16, 21)], writer=first)
        topics.log("odd", ids["writers"], 1, [("WARN", "STDERR", f"second {n}") for n in range(1, 6)], writer=second)
        self.facts["odd"] = ids

    @staticmethod
    def task(key):
        from support import place
        return place.task_id(key)

    def wait_until_shown(self):
        with self.stack.connect() as connection:
            def value(statement):
                return connection.execute(statement).fetchone()[0]
            wait_for("all tasks are in the tables", lambda: value("SELECT count(*) FROM task") >= TASKS, 180, 0.2)
            wait_for("all runs have ended", lambda: value(f"SELECT count(*) FROM execution WHERE task_id = '{self.task('big')}' AND status >= 5") >= RUNS, 240, 0.5)
            wait_for("the ticks, too", lambda: value(f"SELECT count(*) FROM execution WHERE task_id = '{self.task('ticks')}' AND status >= 5") >= TICKS, 120, 0.5)
            wait_for("and the log", lambda: (value(f"SELECT max(next_seq) - 1 FROM log_writer WHERE execution_id = '{self.facts['longlog']}'") or 0) >= LINES, 240, 0.5)
            wait_for("and what is odd", lambda: value(f"SELECT count(*) FROM execution WHERE execution_id = ANY('{{{','.join(self.facts['odd'].values())}}}')") == len(self.facts["odd"]), 60)
