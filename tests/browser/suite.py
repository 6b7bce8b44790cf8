"""The web page in a real browser, against the real thing: an installation of its own, its data made once, then *.test.mjs.

    suite.py [--node PROGRAM] [--only PATTERN] [--figures] [--screenshots FOLDER] [--stay]

PATTERN chooses tests by name. --figures prints how fast the page is beside its budgets; --screenshots writes each screen in each size;
--stay keeps all running and prints the environment for tests by hand, until a line comes. The environment is that of ops/test.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

from client import Client
from data import Data
from hand import Hand
from support.stack import Stack
from topics import Topics

HERE = pathlib.Path(__file__).resolve().parent


def installation():
    stack = Stack("browser", partitions=6)
    stack.prepare("q", "history")
    stack.start_api(), stack.start_scheduler(), stack.start_consumer()
    stack.start_worker("q", "sh", "-c", "echo worked")
    return stack



def main():
    options = argparse.ArgumentParser()
    options.add_argument("--node", default="node")
    options.add_argument("--only", default="")
    options.add_argument("--figures", action="store_true")
    options.add_argument("--screenshots", default="")
    options.add_argument("--stay", action="store_true")
    options = options.parse_args()
    run = lambda *arguments: subprocess.run([options.node, *arguments], cwd=HERE, env=environment).returncode
    began, stack = time.monotonic(), installation()
    topics = Topics(stack)
    facts = Data(stack, Client(stack.url), topics).make()
    print(f"# data made in {time.monotonic() - began:.0f} s", flush=True)
    facts_path = pathlib.Path(stack.folder) / "facts.json"
    facts_path.write_text(json.dumps(facts))
    environment = dict(stack.environment, CRONOBS_HAND=Hand(stack, topics).serve(), CRONOBS_FACTS=str(facts_path),
                       CRONOBS_SEEN=stack.folder, CRONOBS_BIN=stack.binary, NODE_NO_WARNINGS="1")
    if options.stay:
        print("".join(f"export {name}='{environment[name]}'\n" for name in ("CRONOBS_URL", "CRONOBS_HAND", "CRONOBS_FACTS", "CRONOBS_SEEN", "CRONOBS_BIN")), flush=True)
        sys.stdin.readline()
        return 0
    if options.screenshots:
        return run("screenshots.mjs", options.screenshots)
    if options.figures:
        return run("figures.mjs")
    chosen = [f"--test-name-pattern={options.only}"] if options.only else []
    return run("--test", "--test-concurrency=1", "--test-reporter=spec", *chosen, *sorted(str(p) for p in HERE.glob("*.test.mjs")))


if __name__ == "__main__":
    code = main()
    sys.exit(code)
