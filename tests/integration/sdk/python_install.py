"""The Python package as a user installs it from a checkout, in an environment of its own."""
import os
import pathlib
import subprocess
import sys
import tempfile

from support import case

ROOT = pathlib.Path(__file__).parents[3]
PLACE = tempfile.TemporaryDirectory(prefix="install-", dir=os.environ.get("CRONOBS_TEST_RUN"))
PYTHON = f"{PLACE.name}/venv/bin/python3"


def run(*command):
    """From the checkout, without what may be set for tests: what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def the_client_needs_no_other_package():
    subprocess.run([sys.executable, "-m", "venv", f"{PLACE.name}/venv"], check=True)
    run(PYTHON, "-m", "pip", "install", "--quiet", "./sdk/python")
    packages = {line.split("==")[0] for line in run(PYTHON, "-m", "pip", "freeze", "--exclude", "setuptools").splitlines()}
    assert {name.split(" ")[0] for name in packages} == {"cronobs"}, packages
    return run(PYTHON, "-c", "import cronobs; cronobs.Client('http://127.0.0.1:1'); print(cronobs.__version__)")


def the_extra_brings_what_a_worker_needs():
    run(PYTHON, "-m", "pip", "install", "--quiet", "./sdk/python[kafka]")
    run(PYTHON, "-m", "pip", "check")
    version = run(PYTHON, "-c", "import cronobs, confluent_kafka; print(confluent_kafka.__version__)")
    assert (2, 16) <= tuple(map(int, version.split(".")[:2])) < (3, 0), version
    return version


def the_checkout_is_left_as_it_was():
    assert not [path for path in (ROOT / "sdk/python").iterdir() if path.name in ("build", "dist") or path.suffix == ".egg-info"]


case.run(the_client_needs_no_other_package, the_extra_brings_what_a_worker_needs, the_checkout_is_left_as_it_was)
