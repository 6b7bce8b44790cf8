"""Runs SDKs on a real Kafka through the scenarios, and says which hold: README.md.

    driver.py [--only 1,8] [--jobs N] [--plant NAME|all] [--and-plants] [--keep] [--json FILE] all|LANGUAGE...
    driver.py --list
"""
import argparse
import collections
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
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from broker import Company  # noqa: E402
from installation import Installation  # noqa: E402
from languages import LANGUAGES, Language  # noqa: E402
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
        """Those that were asked for, without their variants; beside a single one all whose tool chains are there."""
        asked = whole(self.languages)
        return [l for l in (asked if len(asked) > 1 else whole(LANGUAGES.values())) if l is not language and not l.missing()]

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


@dataclass(frozen=True)
class Case:
    """A scenario for a language, with a fault or none."""
    number: int
    language: Language
    plant: str = None

    @property
    def name(self):
        return f"{self.language.name}-{self.number}" + (f"-{self.plant}" if self.plant else "")


@dataclass(frozen=True)
class Result:
    seconds: float
    text: str = None
    fault: str = None


def run(case, tools, company):
    began = time.monotonic()
    stage = Stage(case.number, case.language, tools.installation, tools.folder / case.name, case.plant, tools)
    stage.queue, stage.company = case.name, company
    fault = text = None
    try:
        stage.installation.add_queue(stage.queue)
        text = SCENARIOS[case.number].run(stage)
        stage.check()
        stage.leave()
    except Exception as error:  # whatever it was: the others go on
        fault = f"{error or type(error).__name__}"
        (stage.folder / "fault").write_text(traceback.format_exc())
    finally:
        stage.close()
        company.leave()
    return Result(time.monotonic() - began, text, fault)


def cases_of(languages, numbers, plants):
    """Those that run, the longest first; plants: names of faults."""
    def has(language, number):
        return not SCENARIOS[number].needs & language.lacks and number in (language.only or SCENARIOS)
    cases = [Case(n, language) for n in numbers for language in languages if has(language, n)]
    cases += [Case(PLANTS[plant][0], language, plant) for plant in plants for language in languages if not language.only]
    return sorted(cases, key=lambda c: (LONGEST_FIRST + (c.number,)).index(c.number))


def whole(languages):
    """Without variants."""
    return [language for language in languages if language.only is None]


def runs_of(cases):
    """Lists of cases that are one run, by the first of them: all languages of a mixed scenario, else each case alone."""
    runs = {}
    for case in cases:
        runs.setdefault(case.number if SCENARIOS[case.number].is_mixed and not case.plant else case, []).append(case)
    return list(runs.values())


def run_all(cases, tools, jobs):
    """The result of each case."""
    runs = runs_of(cases)
    together = collections.Counter((first.number, first.plant) for first, *_ in runs)
    companies = {which: Company(count, tools) for which, count in together.items()}
    results = {}
    with concurrent.futures.ThreadPoolExecutor(max(jobs, *together.values())) as pool:  # a company needs all of its members
        asked = {pool.submit(run, those[0], tools, companies[those[0].number, those[0].plant]): those for those in runs}
        for done in concurrent.futures.as_completed(asked):
            those = asked[done]
            results.update(dict.fromkeys(those, done.result()))
            tell(those[0], "+".join(case.language.name for case in those), done.result())
    return results


def tell(case, names, result):
    mark = "seen" if case.plant and is_seen(case, result) else "FAIL" if case.plant or result.fault else "ok  "
    words = result.fault or result.text
    print(f"{mark} {names} {case.number} {case.plant or SCENARIOS[case.number].name} ({result.seconds:.1f} s){f': {words}' if words else ''}", flush=True)


def is_seen(case, result):
    return result.fault is not None and re.search(PLANTS[case.plant][1], result.fault) is not None


def table(results, numbers, languages):
    width = max(len(SCENARIOS[n].name) for n in numbers)
    print(f"\n{'':{width + 4}}" + "".join(f"{language.name:>14}" for language in languages))
    for n in sorted(numbers):
        cells = [cell(results.get(Case(n, language))) for language in languages]
        print(f"{n:>2}  {SCENARIOS[n].name:{width}}" + "".join(f"{c:>14}" for c in cells))


def cell(result):
    return "-" if result is None else "FAILED" if result.fault else f"{result.seconds:.1f} s"


def report(results, numbers, languages):
    """Prints the honest ones; how many failed."""
    table(results, numbers, languages)
    failed = 0
    for language in languages:
        own = [results.get(Case(n, language)) for n in numbers]
        wrong, out = sum(r is not None and r.fault is not None for r in own), own.count(None)
        failed += wrong
        why = f": it has no {', no '.join(sorted(language.lacks))}" if out and language.lacks else ""
        print(f"{language.name}: {len(own)} scenarios: {len(own) - wrong - out} passed, {wrong} failed" + (f", {out} left out{why}" if out else ""))
    return failed


def report_plants(results):
    """How many have not turned their scenario red."""
    planted = {case: result for case, result in results.items() if case.plant}
    unseen = [f"{case.plant} in {case.language.name}" for case, result in planted.items() if not is_seen(case, result)]
    print(f"planted faults: {len(planted) - len(unseen)} seen" + (f", NOT SEEN: {', '.join(unseen)}" if unseen else ""))
    return len(unseen)


def as_json(results):
    return [{"scenario": case.number, "name": SCENARIOS[case.number].name, "language": case.language.name, "plant": case.plant,
             "seconds": round(result.seconds, 2), "text": result.text, "fault": result.fault} for case, result in results.items()]


def chosen_languages(names):
    """Those that can run here; of `all`, the others are named."""
    if "all" in names:
        names = list(LANGUAGES)
    elif unknown := [name for name in names if name not in LANGUAGES]:
        sys.exit(f"driver.py: '{unknown[0]}' is none of: all {' '.join(LANGUAGES)}")
    found = [LANGUAGES[name] for name in names if not LANGUAGES[name].missing()]
    for name in names:
        if missing := LANGUAGES[name].missing():
            print(f"{name}: left out, it needs {' '.join(str(m) for m in missing)}")
    return found


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"{' '.join(LANGUAGES)}; all: those whose tool chains are there")
    parser.add_argument("--only", help="numbers of scenarios, with commas")
    parser.add_argument("--jobs", type=int, default=12, help="scenarios at a time; most of their time they wait")
    parser.add_argument("--plant", choices=[*PLANTS, "all"], help="only scenarios with this fault, which must turn them red")
    parser.add_argument("--and-plants", action="store_true", help="all faults, too, beside the scenarios")
    parser.add_argument("--keep", action="store_true", help="keep what the programs wrote")
    parser.add_argument("--json", metavar="FILE", help="the results as JSON, too")
    parser.add_argument("--list", action="store_true", help="the scenarios and their rules")
    asked = parser.parse_args()
    if not asked.languages and not asked.list:
        parser.error("no language")
    return asked


def work(asked, languages):
    """How many results are not as they must be."""
    plants = [name for name in PLANTS if asked.and_plants or asked.plant in (name, "all")]
    numbers = [] if asked.plant else [int(n) for n in asked.only.split(",")] if asked.only else list(SCENARIOS)
    began, tools = time.monotonic(), Tools(languages)
    wrong = None
    try:
        results = run_all(cases_of(languages, numbers, plants), tools, asked.jobs)
        wrong = (report(results, numbers, languages) if numbers else 0) + (report_plants(results) if plants else 0)
        print(f"in {time.monotonic() - began:.0f} s")
    finally:
        tools.close(asked.keep or wrong != 0)
    if wrong:
        print(f"what they wrote: {tools.folder}")
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(as_json(results), indent=1))
    return wrong


def main():
    asked = parse()
    if asked.list:
        for s in SCENARIOS.values():
            print(f"{s.number:>2}  {s.name:50} {s.rules}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    languages = chosen_languages(asked.languages)
    if not languages or (len(languages) < len(asked.languages) and "all" not in asked.languages):
        return LEFT_OUT
    return 1 if work(asked, languages) else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # not held up by what listens
