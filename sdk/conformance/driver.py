"""Runs SDKs on a real Kafka through the scenarios, and says which hold: README.md.

    driver.py [--only 1,8] [--jobs N] [--plant NAME|all] [--keep] [--json FILE] LANGUAGE...
    driver.py --list
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from installation import Installation  # noqa: E402
from languages import LANGUAGES  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402
from stage import Stage  # noqa: E402

# The scenario that a fault turns red, and the words by which it does, so that it is no other fault. README.md says what each is.
PLANTS = {
    "commit-first": (21, "committed before RUNNING"),
    "uncommitted": (2, "aborted transaction|CANCELLED"),
    "claim-dropped": (24, "all are begun"),
    "beats-in-handler": (8, "signs of life"),
    "line-astray": (1, "'line "),
}
LEFT_OUT = 77  # exit code: a tool chain is not there
LONGEST_FIRST = (23, 24, 9, 30, 34, 28, 21, 8, 31, 14)


class Tools:
    """What scenarios of a run share."""

    def __init__(self, languages):
        self.brokers = os.environ["CRONOBS_TEST_BROKERS"]
        base = os.environ.get("CRONOBS_TEST_RUN", tempfile.gettempdir())
        os.makedirs(base, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sdk-", dir=base))
        self.folder.chmod(0o755)
        self.binary = os.environ.get("CRONOBS_TEST_BIN")
        self.languages, self.broker, self.broker_lock = languages, None, threading.Lock()
        self.installation = Installation(self.brokers)

    def others(self, language):
        """Those whose tool chains are there, each once, whatever was asked for."""
        return [l for l in LANGUAGES.values() if l is not language and l.only is None and not l.missing()]

    def api(self):
        """The real one, with a scheduler and a consumer, for the scenario that needs it."""
        from support.stack import Stack
        stack = Stack("sdkapi", partitions=4, keep_logs=False)
        stack.prepare("q")
        stack.start_api(), stack.start_scheduler(), stack.start_consumer()
        return stack

    def close(self, keep):
        self.installation.drop()
        if self.broker:
            self.broker.order("stop")
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def run(scenario, language, tools, plant):
    """None where it is left out, else (seconds, text, None or what went wrong)."""
    if scenario.needs & language.lacks or (language.only and scenario.number not in language.only):
        return None
    began = time.monotonic()
    stage = Stage(scenario.number, language, tools.installation, tools.folder / f"{language.name}-{scenario.number}", plant, tools)
    stage.queue = f"{language.name}-{stage.queue}"
    fault = text = None
    try:
        stage.installation.add_queue(stage.queue)
        text = scenario.run(stage)
        stage.check()
    except Exception as error:  # whatever it was: the others go on
        fault = f"{error or type(error).__name__}"
        (stage.folder / "fault").write_text(traceback.format_exc())
    finally:
        stage.close()
    return time.monotonic() - began, text, fault


def run_all(numbers, languages, tools, jobs, plants):
    """plants: of a scenario its fault, where there is one."""
    order = sorted(numbers, key=lambda n: LONGEST_FIRST.index(n) if n in LONGEST_FIRST else len(LONGEST_FIRST) + n)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        asked = {pool.submit(run, SCENARIOS[n], language, tools, plants.get(n)): (n, language.name) for n in order for language in languages}
        for done in concurrent.futures.as_completed(asked):
            number, name = asked[done]
            results[number, name] = found = done.result()
            if found is not None:
                tell(number, name, *found)
    return results


def tell(number, name, seconds, text, fault):
    mark = "FAIL" if fault else "ok  "
    print(f"{mark} {name} {number} {SCENARIOS[number].name} ({seconds:.1f} s){': ' + (fault or text) if fault or text else ''}", flush=True)


def table(results, numbers, languages):
    width = max(len(SCENARIOS[n].name) for n in numbers)
    print(f"\n{'':{width + 4}}" + "".join(f"{language.name:>14}" for language in languages))
    for n in sorted(numbers):
        cells = [cell(results[n, language.name]) for language in languages]
        print(f"{n:>2}  {SCENARIOS[n].name:{width}}" + "".join(f"{c:>14}" for c in cells))


def cell(result):
    return "-" if result is None else "FAILED" if result[2] else f"{result[0]:.1f} s"


def report(results, numbers, languages, seconds):
    """Prints it; how many failed."""
    table(results, numbers, languages)
    failed = 0
    for language in languages:
        own = [results[n, language.name] for n in numbers]
        wrong, out = sum(r is not None and r[2] is not None for r in own), sum(r is None for r in own)
        failed += wrong
        left = f", {out} left out: it has no {', no '.join(sorted(language.lacks))}" if out and language.lacks else f", {out} left out" if out else ""
        print(f"{language.name}: {len(own)} scenarios: {len(own) - wrong - out} passed, {wrong} failed{left}")
    print(f"in {seconds:.0f} s")
    return failed


def is_seen(plant, fault):
    return fault is not None and re.search(PLANTS[plant][1], fault) is not None


def as_json(results):
    return [{"scenario": n, "name": SCENARIOS[n].name, "language": name, "seconds": r and round(r[0], 2), "text": r and r[1], "fault": r and r[2]}
            for (n, name), r in sorted(results.items())]


def chosen_languages(names):
    """Those that can run here; the others are named."""
    found = []
    for name in names:
        if name not in LANGUAGES:
            sys.exit(f"driver.py: '{name}' is none of: {' '.join(LANGUAGES)}")
        if missing := LANGUAGES[name].missing():
            print(f"{name}: left out, it needs {' '.join(str(m) for m in missing)}")
            sys.exit(LEFT_OUT)
        found.append(LANGUAGES[name])
    return found


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=" ".join(LANGUAGES))
    parser.add_argument("--only", help="numbers of scenarios, with commas")
    parser.add_argument("--jobs", type=int, default=12, help="scenarios at a time; most of their time they wait")
    parser.add_argument("--plant", choices=[*PLANTS, "all"], help="the fault must turn its scenario red")
    parser.add_argument("--keep", action="store_true", help="keep what the programs wrote")
    parser.add_argument("--json", metavar="FILE", help="the results as JSON, too")
    parser.add_argument("--list", action="store_true", help="the scenarios and their rules")
    asked = parser.parse_args()
    if not asked.languages and not asked.list:
        parser.error("no language")
    return asked


def main():
    asked = parse()
    if asked.list:
        for s in SCENARIOS.values():
            print(f"{s.number:>2}  {s.name:50} {s.rules}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    languages = chosen_languages(asked.languages)
    plants = {n: name for name, (n, _) in PLANTS.items() if asked.plant in (name, "all")}
    numbers = [int(n) for n in asked.only.split(",")] if asked.only else list(plants or SCENARIOS)
    began, tools = time.monotonic(), Tools(languages)
    failed = None
    try:
        results = run_all(numbers, languages, tools, asked.jobs, plants)
        failed = report(results, numbers, languages, time.monotonic() - began)
    finally:
        tools.close(asked.keep or failed != 0)
    if failed:
        print(f"what they wrote: {tools.folder}")
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(as_json(results), indent=1))
    if asked.plant:
        unseen = [f"{plants[n]} in {name}" for (n, name), r in sorted(results.items()) if r and not is_seen(plants[n], r[2])]
        print(f"planted faults: {len(results) - len(unseen)} seen" + (f", NOT SEEN: {', '.join(unseen)}" if unseen else ""))
        return 1 if unseen else 0
    return 1 if failed else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # not held up by what listens
