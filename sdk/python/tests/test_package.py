"""What is built of this folder: the same bytes each time, with everything in it that a user needs."""
import email
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

import cronobs

FOLDER = pathlib.Path(__file__).parents[1]
ROOT = FOLDER.parents[1]
BUILD = "import sys; from flit_core import buildapi as b; print(b.build_wheel(sys.argv[1])); print(b.build_sdist(sys.argv[1]))"


def build(source, into, umask):
    """Wheel and source distribution of a copy of the folder, made by whoever has this umask."""
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache"))
    for path in source.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
        os.utime(path, (umask, umask))
    into.mkdir()
    subprocess.run([sys.executable, "-c", BUILD, str(into)], cwd=source, check=True, umask=umask,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "1795000000"})
    return {path.name: path for path in into.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    return build(folder / "one", folder / "dist1", 0o022), build(folder / "another", folder / "dist2", 0o077)


def test_two_builds_are_the_same_to_the_byte(built):
    first, second = built
    names = {f"cronobs-{cronobs.__version__}-py3-none-any.whl", f"cronobs-{cronobs.__version__}.tar.gz"}
    assert first.keys() == second.keys() == names
    for name in names:
        assert first[name].read_bytes() == second[name].read_bytes(), name


def test_the_wheel_has_every_module_its_types_and_its_licence(built):
    wheel = zipfile.ZipFile(next(path for name, path in built[0].items() if name.endswith(".whl")))
    names = set(wheel.namelist())
    sources = {str(path.relative_to(FOLDER / "src")) for path in (FOLDER / "src").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert sources <= names and "cronobs/py.typed" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith("cronobs") or "pycache" in name]


def test_nothing_is_needed_without_an_extra(built):
    wheel = zipfile.ZipFile(next(path for name, path in built[0].items() if name.endswith(".whl")))
    about = email.message_from_bytes(wheel.read(next(name for name in wheel.namelist() if name.endswith("/METADATA"))))
    assert [need for need in about.get_all("Requires-Dist") if "extra ==" not in need] == []
    assert about.get_all("Provides-Extra") == ["kafka"] and about["Requires-Python"] == ">=3.11" and about["License-Expression"] == "Apache-2.0"


def test_the_source_distribution_is_whole(built):
    with tarfile.open(next(path for name, path in built[0].items() if name.endswith(".tar.gz"))) as source:
        names = {name.split("/", 1)[1] for name in source.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO", "src/cronobs/__init__.py"} <= names


def test_the_version_is_that_of_the_program():
    program = re.search(r"^project\(cronobs VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)
    assert cronobs.__version__ == program[1]


def test_the_licence_is_the_projects():
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
