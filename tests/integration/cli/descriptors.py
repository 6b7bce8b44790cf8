"""Started without standard input, output or error: what the program opens itself never takes their places.

Brokers, database and API are a listener that answers nothing, so every command that talks to something can be looked at while it waits.
"""
import os
import resource
import select
import socket
import subprocess
import tempfile

from support import case
from support.stack import free_port

PROGRAM = os.environ["CRONOBS_TEST_BIN"]
CLOSED = ((0,), (1,), (2,), (0, 1, 2))
ID = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e"
folder = tempfile.TemporaryDirectory()
crontab = os.path.join(folder.name, "crontab")
with open(crontab, "w") as file:
    file.write("0 1 * * * true\n")

TALKS = {  # command -> what it is called with; all of these wait for an answer
    "scheduler": [], "consumer": [], "api": [], "work": ["--", "true"], "run": ["--task", "k", "--", "true"], "import crontab": [crontab, "--source", "s"],
    "task list": [], "task show": ["k"], "task put": ["k", "--schedule", "@daily", "--zone", "UTC"], "task pause": ["k"], "task resume": ["k"],
    "task trigger": ["k"], "task skip-next": ["k"], "task backfill": ["k", "--from", "2026-01-01", "--to", "2026-01-02"], "task delete": ["k"], "execution list": [], "execution show": [ID], "execution logs": [ID], "execution cancel": [ID],
    "execution retry": [ID], "queue workers": ["q"], "upcoming": [],
    "why": ["k"], "forecast": [], "command show": [ID], "task gaps": ["k"], "dead-letter list": [], "dead-letter show": ["status", "0", "1"],
    "topics plan": [], "topics apply": [], "topics skip": ["status", "0", "1", "--reason", "r"], "db migrate": [],
    "db verify": [], "db rebuild": [], "db drop": ["cronobs_was"], "demo history": [],
}
ANSWERS = {"explain": ["@daily"], "next": ["@daily", "--count", "1"], "help": [], "completion": ["bash"], "docs": ["cli"]}  # by itself, at once


def command_names():
    listed = subprocess.run([PROGRAM, "help"], text=True, capture_output=True, check=True).stdout
    return [line[2:20].strip() for line in listed.splitlines() if line.startswith("  ")]


def environment_of(port):
    address = f"127.0.0.1:{port}"
    return dict(os.environ, CRONOBS_BROKERS=address, CRONOBS_URL=f"http://{address}", CRONOBS_DATABASE=f"postgresql://u:p@{address}/d?connect_timeout=60",
                CRONOBS_API_LISTEN=f"127.0.0.1:{free_port()}", CRONOBS_STATE_DIR=folder.name, TZ="UTC")


def start(name, arguments, closed, port=1, **options):
    def close():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for fd in closed:
            os.close(fd)
    return subprocess.Popen([PROGRAM, *name.split(), *arguments], env=environment_of(port), preexec_fn=close, text=True, stdin=subprocess.DEVNULL,
                            stdout=options.pop("stdout", subprocess.DEVNULL), stderr=options.pop("stderr", subprocess.DEVNULL), **options)


def streams_of(name, arguments, closed):
    """What its streams are when it talks to somebody; None when it ends without having done so."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        child = start(name, arguments, closed, silent.getsockname()[1])
        try:
            while child.poll() is None:
                if select.select([silent], [], [], 0.05)[0]:
                    return [os.readlink(f"/proc/{child.pid}/fd/{fd}") for fd in range(3)]
            return None
        finally:
            child.kill()
            child.wait()


def the_table_above_has_every_command():
    known = set(TALKS) | set(ANSWERS) | {"demo job"}  # which is nothing but in a run
    assert set(command_names()) == known, set(command_names()) ^ known


def whoever_opens_connections_has_its_three_streams_first():
    for name, arguments in TALKS.items():
        for closed in CLOSED:
            found = streams_of(name, arguments, closed)
            assert found == ["/dev/null"] * 3, (name, closed, found)


def what_cannot_be_printed_is_an_error():
    for name, arguments in ANSWERS.items():
        for closed, code in (((0,), 0), ((1,), 1), ((2,), 0), ((0, 1, 2), 1)):
            assert start(name, arguments, closed).wait(60) == code, (name, closed)


def help_ends_alike_for_all_of_them():
    for name in command_names():
        for closed, code in (((0,), 0), ((1,), 1), ((2,), 0), ((0, 1, 2), 1)):
            assert start(name, ["--help"], closed).wait(60) == code, (name, closed)


def a_standard_input_that_is_not_there_is_not_an_empty_one():
    """Nothing is imported, and nothing pruned, for a file that could not be read."""
    for name, arguments in (("import crontab", ["-", "--source", "s", "--prune"]), ("task put", ["k", "-"]), ("next", ["--batch"])):
        done = start(name, arguments, (0,), stderr=subprocess.PIPE)
        _, said = done.communicate(timeout=60)
        assert done.returncode not in (0, 69) and "Bad file descriptor" in said, (name, done.returncode, said)


case.run(the_table_above_has_every_command, whoever_opens_connections_has_its_three_streams_first, what_cannot_be_printed_is_an_error,
         help_ends_alike_for_all_of_them, a_standard_input_that_is_not_there_is_not_an_empty_one)
