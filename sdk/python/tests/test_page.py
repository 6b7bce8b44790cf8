"""docs/workers/python.md: its examples run as they stand there, and its table is the settings' own."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from cronobs.settings import SETTINGS

SDK = pathlib.Path(__file__).parents[1]
PAGE = (SDK.parents[1] / "docs" / "workers" / "python.md").read_text()


def test_the_page_has_the_table_of_settings() -> None:
    for s in SETTINGS:
        default = f"`{s.default}`" if s.default else ""
        assert f"| `{s.name}` | `{s.variable}` | {default} | {s.help} |" in PAGE, s.name


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """The worker of the page as reports.py, and its test."""
    worker, test = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[:2]
    (tmp_path / "reports.py").write_text(worker)
    (tmp_path / "test_reports.py").write_text(test)
    return tmp_path


def run(folder: pathlib.Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SDK / "src"), "MYPYPATH": str(SDK / "src")}
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_passes_its_own_test(folder: pathlib.Path) -> None:
    run(folder, "pytest", "-q", "-p", "no:cacheprovider", "test_reports.py")


def test_the_example_is_typed_strictly(folder: pathlib.Path) -> None:
    run(folder, "mypy", "--strict", "--cache-dir", os.devnull, "reports.py")
