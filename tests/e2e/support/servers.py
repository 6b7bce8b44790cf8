"""Takes the shared Kafka or PostgreSQL away for a while, through the same script that ops/ uses."""
import os
import subprocess

SERVICE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "ops", "service")


def service(action, name, timeout=330):
    done = subprocess.run([SERVICE, "--run", os.environ["CRONOBS_TEST_RUN"], action, name], text=True, capture_output=True, timeout=timeout)
    assert done.returncode == 0, f"ops/service {action} {name}: {done.stdout}{done.stderr}"
    return done.stdout
