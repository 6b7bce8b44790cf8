"""The web page in a real browser, against the real thing: an installation of its own, its data made once, then *.test.mjs.

    suite.py [--node PROGRAM] [--only PATTERN] [--midnight MINUTES] [--figures] [--tabs MINUTES] [--screenshots FOLDER] [--stay]

PATTERN chooses tests by name. --figures prints how fast the page is beside its budgets; --tabs watches eight tabs of a busy installation, without
the data of the tests; --screenshots writes each screen in each size; --midnight looks at all in a zone whose day began so many minutes ago (less
than none: begins in so many);
--stay keeps all running and prints the environment for tests by hand, until a line comes. The environment is that of ops/test.
"""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import zoneinfo

from client import Client
from data import Data
from hand import Hand
from support.stack import Stack
from topics import Topics

HERE = pathlib.Path(__file__).resolve().parent
# Tests that mostly wait, for schedulers, deadlines, databases: one after another, but beside all the others.
BESIDE = ("waits.test.mjs", "why.test.mjs")
# Of those that browsers know, the zone with the longest name: here its clocks stand where a test wants them.
ZONE = "America/North_Dakota/New_Salem"


def whole_day():
    """Where tests look at what they have just made run, on the day that it is: Berlin, unless that day ends while they do."""
    here = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin"))
    return "Europe/Berlin" if (here + datetime.timedelta(minutes=20)).date() == here.date() else "Asia/Tokyo"


def zones_with(folder, midnight):
    """A TZDIR in which the day of ZONE began `midnight` minutes ago, whatever the hour: what depends on the hour is so seen at each."""
    system = next(p for p in zoneinfo.TZPATH if os.path.isdir(p))
    zones = shutil.copytree(system, os.path.join(folder, "zoneinfo"), symlinks=True)
    ahead = (midnight - int(time.time()) // 60 + 720) % 1440 - 720
    source = pathlib.Path(folder, "zone.zic")
    source.write_text(f"Zone {ZONE} {'-' if ahead < 0 else ''}{abs(ahead) // 60}:{abs(ahead) % 60:02} - OWN\n")
    pathlib.Path(zones, ZONE).unlink(missing_ok=True)
    subprocess.run(["zic", "-b", "fat", "-d", zones, str(source)], check=True, capture_output=True, timeout=60)
    return zones


def installation(midnight):
    stack = Stack("browser", partitions=6)
    stack.environment = {name: value for name, value in stack.environment.items() if not name.startswith("CRONOBS_BROWSER_")}  # no settings of programs
    stack.environment["TZDIR"] = zones_with(stack.folder, midnight)
    stack.prepare("q", "history")
    stack.start_api(), stack.start_scheduler(), stack.start_consumer()
    stack.start_worker("q", "sh", "-c", "echo worked")
    return stack


def busy(stack):
    """Traffic that does not end: twenty tasks each five seconds, one in twenty runs fails, and a run that prints five lines a second."""
    client = Client(stack.url)
    stack.run("topics", "apply", "--queue", "busy")
    stack.start("busy", "work", "--queue", "busy", "--shell")
    for n in range(20):
        payload = "echo one; echo two >&2; test $(($(date +%s) / 5 % 20)) != " + str(n)
        answer = client.put(f"busy{n:02}", {"queue": "busy", "title": f"Busy {n}", "payload": payload, "schedules": [{"expression": "*/5 * * * * *", "zone": "UTC"}]})
        assert answer.status in (200, 201), answer
    answer = client.put("prints", {"queue": "busy", "title": "Prints", "payload": "n=0; while :; do n=$((n + 1)); echo line $n of many; sleep 0.2; done"})
    assert answer.status in (200, 201), answer
    return {"task": "default~busy00", "execution": client.act("prints", "trigger", {})["execution_id"]}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--node", default="node")
    options.add_argument("--only", default="")
    options.add_argument("--midnight", type=int, metavar="MINUTES")
    options.add_argument("--figures", action="store_true")
    options.add_argument("--tabs", type=float, default=0, metavar="MINUTES")
    options.add_argument("--screenshots", default="")
    options.add_argument("--stay", action="store_true")
    options = options.parse_args()
    run = lambda *arguments: subprocess.run([options.node, *arguments], cwd=HERE, env=environment).returncode
    began, stack = time.monotonic(), installation(1 if options.midnight is None else options.midnight)
    topics = Topics(stack)
    facts = busy(stack) if options.tabs else Data(stack, Client(stack.url), topics).make()
    print(f"# data made in {time.monotonic() - began:.0f} s", flush=True)
    facts["newDay"] = ZONE
    facts_path = pathlib.Path(stack.folder) / "facts.json"
    facts_path.write_text(json.dumps(facts))
    environment = dict({**os.environ, **stack.environment}, CRONOBS_HAND=Hand(stack, topics).serve(), CRONOBS_FACTS=str(facts_path),
                       CRONOBS_SEEN=stack.folder, CRONOBS_BIN=stack.binary, NODE_NO_WARNINGS="1",
                       CRONOBS_BROWSER_ZONE=whole_day() if options.midnight is None else ZONE,
                       CRONOBS_API_PID=str(next(p for p in stack.processes if p.name == "api").child.pid))
    if options.stay:
        names = ("CRONOBS_URL", "CRONOBS_HAND", "CRONOBS_FACTS", "CRONOBS_SEEN", "CRONOBS_BIN", "CRONOBS_BROWSER_ZONE")
        print("".join(f"export {name}='{environment[name]}'\n" for name in names), flush=True)
        sys.stdin.readline()
        return 0
    if options.tabs:
        return run("tabs.mjs", str(options.tabs))
    if options.screenshots:
        return run("screenshots.mjs", options.screenshots)
    if options.figures:
        return run("figures.mjs")
    chosen = [f"--test-name-pattern={options.only}"] if options.only else []
    test = [options.node, "--test", "--test-concurrency=1", "--test-reporter=spec", *chosen]
    with open(pathlib.Path(stack.folder) / "beside.log", "w+") as said:
        beside = subprocess.Popen([*test, *BESIDE], cwd=HERE, env=environment, stdout=said, stderr=subprocess.STDOUT)
        code = run(*test[1:], *sorted(p.name for p in HERE.glob("*.test.mjs") if p.name not in BESIDE))
        code = beside.wait() or code
        said.seek(0)
        print(said.read(), flush=True)
    return code


if __name__ == "__main__":
    code = main()
    sys.exit(code)
