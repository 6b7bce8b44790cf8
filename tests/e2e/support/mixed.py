"""Workers in every language whose tool chain is there: the subjects of sdk/conformance, whose payload is a script."""
import json
import os
import pathlib
import sys
from collections import Counter

from .judge import Verdict

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "sdk" / "conformance"))

from languages import LANGUAGES  # noqa: E402


def numbers(last):
    """A payload that logs the lines 1 .. last, as `seq` prints them."""
    return json.dumps([["line", "INFO", str(n)] for n in range(1, last + 1)])


def journal_of(stack):
    return os.path.join(stack.folder, "journal")


def start_all(stack, queue, concurrency):
    """One of each language, in the queue's group."""
    languages = [language for language in LANGUAGES.values() if language.only is None]
    for language in languages:
        if language.missing():
            print(f"# {language.name}: left out, it needs {' '.join(str(m) for m in language.missing())}", flush=True)
    return [stack.start_program(language.name, [*map(str, language.program), "worker"], language.folder, CRONOBS_QUEUE=queue,
                                CRONOBS_WORKER_CONCURRENCY=str(concurrency), CONFORMANCE_JOURNAL=journal_of(stack), CONFORMANCE_HANDLER=language.handler or "")
            for language in languages if not language.missing()]


def judge_handlers(stack, workers):
    """No attempt was given to a handler twice, and each language has had some."""
    verdict = Verdict("handlers")
    with open(journal_of(stack)) as f:
        lines = [json.loads(line) for line in f]
    begun = Counter((line["execution_id"], line["attempt"]) for line in lines if line["what"] == "begin")
    verdict.expected = len(begun)
    for key, times in begun.items():
        if times > 1:
            verdict.find("duplicate", f"{key}: {times} times")
    at_work = {line["pid"] for line in lines if line["what"] == "end"}
    for worker in workers:
        if not at_work & set(worker.pids):
            verdict.find("missing", f"{worker.name} has worked on none")
    return verdict
