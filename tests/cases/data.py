"""The tables beside this file: a line a case, columns with tabs between, `#` at the beginning of what is no case."""
import json
import pathlib
from collections import namedtuple

FOLDER = pathlib.Path(__file__).resolve().parent


def table(name, columns):
    row = namedtuple("Row", columns)
    lines = [line for line in (FOLDER / name).read_text().splitlines() if line and not line.startswith("#")]
    return [row(*line.split("\t")) for line in lines]


def cases(name):
    """Of a file of JSON lines: by the case's name."""
    every = [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]
    return {case.pop("case"): case for case in every}
