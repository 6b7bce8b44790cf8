#!/usr/bin/env python3
"""Builds the subject of the conformance suite, and the one with the planted faults: build.py FOLDER

The second has files of plants/ laid over the SDK and the subject: what they replace is renamed, as the compiler reads it; no line of it is in
the SDK.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SDK = HERE.parent
REPLACED = {  # file: functions, as they are declared
    SDK / "inbox.go": ("func (b *inbox) commit(", "func (b *inbox) unanswered("),
    SDK / "bus_read.go": ("func readerOptions(",),
    SDK / "run.go": ("func (r *run) beatDue(",),
    SDK / "job.go": ("func newJob(", "func (j *Job) Log("),
    HERE / "script.go": ("func (s *script) block(",),
}
ADDED = {SDK / "plants.go": HERE / "plants/sdk.go", HERE / "plants.go": HERE / "plants/subject.go"}


def renamed(path, functions):
    text = path.read_text(encoding="utf-8")
    for declared in functions:
        if text.count(declared) != 1:
            sys.exit(f"{path} has '{declared}' {text.count(declared)} times")
        name = re.search(r"(\w+)\($", declared)[1]
        text = text.replace(declared, declared.removesuffix(name + "(") + "genuine" + name[0].upper() + name[1:] + "(")
    return text


def overlay(folder):
    """The file that `go build -overlay` reads."""
    laid = {str(path): str(instead) for path, instead in ADDED.items()}
    for number, (path, functions) in enumerate(REPLACED.items()):
        instead = folder / f"{number}-{path.name}"
        instead.write_text(renamed(path, functions), encoding="utf-8")
        laid[str(path)] = str(instead)
    file = folder / "overlay.json"
    file.write_text(json.dumps({"Replace": laid}))
    return file


def build(out, *options):
    subprocess.run(["go", "build", "-buildvcs=false", "-o", str(out), *options, "./conformance"], cwd=SDK, check=True)


def main(folder):
    out = pathlib.Path(folder).resolve()
    out.mkdir(parents=True, exist_ok=True)
    build(out / "subject")
    with tempfile.TemporaryDirectory() as laid:
        build(out / "planted", "-tags", "planted", "-overlay", str(overlay(pathlib.Path(laid))))


if __name__ == "__main__":
    main(*sys.argv[1:])
