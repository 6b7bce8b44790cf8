"""How fast the web page is and how large: tests/browser/figures.mjs, on the data of the browser tests. Its references are its budgets."""
import os
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]


def run(*arguments):
    path = os.pathsep.join(str(TESTS / folder) for folder in ("e2e", "integration/api"))
    return subprocess.run([sys.executable, TESTS / "browser/suite.py", *arguments], env=dict(os.environ, PYTHONPATH=path, PYTHONUNBUFFERED="1")).returncode


if __name__ == "__main__":
    sys.exit(run("--figures"))
