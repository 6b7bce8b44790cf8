"""Eight tabs of the web page on a busy installation, for an hour (or so many minutes): tests/browser/tabs.mjs. Its references are its own first minutes."""
import sys

from page import run

if __name__ == "__main__":
    sys.exit(run("--tabs", *(sys.argv[1:] or ["60"])))
