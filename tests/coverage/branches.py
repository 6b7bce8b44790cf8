#!/usr/bin/env python3
"""Line and branch coverage of one folder, from the counts of a build with --coverage: branches.py BUILD FOLDER.

Prints a line for each source file, then each line of code that was not run and each branch that was not taken.
Fails when there is one that the code does not justify: a comment `/* not covered: REASON */` on that line, or
alone on the line above; and when such a comment stands at a line that is covered.

gcov sees one way more out of a switch without default: past all its cases. The compiler (-Wswitch) sees to it that
the cases are all values of the enumeration, so one way that is not taken is forgiven there.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

JUSTIFIED = re.compile(r"/\* not covered: \S")


def counts_of(build: pathlib.Path, folder: str) -> dict:
    """{source: {line: (times run, [times each branch was taken])}}"""
    notes = sorted(path for path in build.rglob("*.gcno") if f"/{folder}/" in str(path))
    out = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *map(str, notes)],
                         cwd=build, check=True, capture_output=True, text=True).stdout
    counts: dict = collections.defaultdict(dict)
    for document in filter(None, out.splitlines()):
        for file in json.loads(document)["files"]:
            if f"{folder}/" not in file["file"]:
                continue
            for line in file["lines"]:
                branches = [branch["count"] for branch in line["branches"]]
                counts[file["file"]][line["line_number"]] = (line["count"], branches)
    return counts


def is_justified(text: list, number: int) -> bool:
    above = text[number - 2].strip() if number > 1 else ""
    return bool(JUSTIFIED.search(text[number - 1])) or (above.startswith("/*") and bool(JUSTIFIED.search(above)))


def ways(text: list, number: int, branches: list) -> list:
    """The branches of a line that count."""
    match = re.match(r"( *)switch \(", text[number - 1])
    if not match or 0 not in branches:
        return branches
    body = []
    for line in text[number:]:
        if line == match[1] + "}":
            break
        body.append(line)
    if match[1] + "default:" in body:
        return branches
    return sorted(branches)[1:]


class Tally:
    def __init__(self) -> None:
        self.lines = self.lines_run = self.branches = self.branches_taken = self.justified = 0

    def add(self, count: int, branches: list) -> None:
        self.lines += 1
        self.lines_run += count > 0
        self.branches += len(branches)
        self.branches_taken += sum(taken > 0 for taken in branches)

    def show(self, name: str) -> None:
        print(f"{name:28} {self.lines_run:5} of {self.lines:5} lines {self.branches_taken:5} of {self.branches:5} branches"
              f" {100 * self.branches_taken / max(self.branches, 1):6.1f} %  {self.justified:2} justified")


def judge(source: str, lines: dict, total: Tally) -> list:
    """Prints the file's line; answers its complaints."""
    text = pathlib.Path(source).read_text().splitlines()
    tally, complaints = Tally(), []
    for number, (count, branches) in sorted(lines.items()):
        branches = ways(text, number, branches)
        missing = sum(taken == 0 for taken in branches)
        covered = count > 0 and missing == 0
        justified = is_justified(text, number)
        place = f"{source}:{number}: {text[number - 1].strip()}"
        for each in (tally, total):
            each.add(count, branches)
            each.justified += justified and not covered
        if not covered and not justified:
            complaints.append(f"{place}: " + ("not run" if count == 0 else f"{missing} of {len(branches)} branches not taken"))
        if covered and JUSTIFIED.search(text[number - 1]):
            complaints.append(f"{place}: says that it is not covered, but it is")
    tally.show(pathlib.Path(source).name)
    return complaints


def main() -> int:
    counts = counts_of(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2])
    total = Tally()
    complaints = [c for source, lines in sorted(counts.items()) for c in judge(source, lines, total)]
    total.show("together")
    if not counts:
        complaints = ["no counts: was it built with COBS_COVERAGE?"]
    print(*complaints, sep="\n")
    return 1 if complaints else 0


sys.exit(main())
