"""Command lines as people type them in a hurry: each is done, or says what is wrong and how it is meant. No server is there."""
import os
import subprocess

from support import case
from support.stack import free_port

BINARY = os.environ["CRONOBS_TEST_BIN"]
ID = "0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f"
ENVIRONMENT = {"PATH": os.environ["PATH"], "CRONOBS_URL": f"http://127.0.0.1:{free_port()}", "CRONOBS_BROKERS": f"127.0.0.1:{free_port()}", "TZ": "UTC"}

REFUSED = [  # arguments, and what is said on standard error
    (["tasks", "list"], "did you mean cronobs task list?"), (["task", "ls"], "after 'task' comes one of list"), (["version"], "cronobs --version"), (["-V"], "cronobs --version"),
    (["-v"], "cronobs --version"), (["--verbose", "task", "list"], "a command comes first"), (["help", "tsak"], "did you mean cronobs task?"), (["help", ""], "COMMAND is empty"),
    (["task", "put", "x", ""], "FILE is empty"), (["task", "show", ""], "TASK is empty"), (["task", "show", "a", "b"], "unexpected 'b'"),
    (["task", "show", "--json=hello"], "'hello' is neither yes nor no"), (["next", "@daily", "--count="], "'' is not a whole number"),
    (["next", "@daily", "--count", "-1"], "out of range"), (["next", "@daily", "--count", "9" * 30], "out of range"), (["next", "@daily", "--count", "1e3"], "not a whole number"),
    (["next", "@daily", "--count", "3", "--count=3"], "is given twice"), (["next", "@daily", "-n", "3"], "options are long"), (["next", "@daily", "--Count", "3"], "--count?"),
    (["next", "--", "@daily", "--count", "1"], "unexpected '--count'"), (["next", "@every 5"], "90s"), (["next", " "], "an expression is missing"),
    (["next", b"\xff * * * *"], "'\\xff'"), (["next", "@daily", "--zone", b"\xff"], "'\\xff' is not UTF-8"), (["next", "@daily", "--zone", "a\x1b[31m"], "'a\\x1b[31m'"),
    (["next", "@daily", "--zone", "+02:00"], "Etc/GMT-2"), (["next", "@daily", "--zone", "UTC-5"], "Etc/GMT+5"),
    (["task", "put", "x", "--title", b"caf\xe9"], "'caf\\xe9' is not UTF-8"), (["task", "put", "x", "--command", b"rm caf\xe9"], "is not UTF-8"),
    (["task", "trigger", "x", "--reason", b"\xe9"], "is not UTF-8"), (["task", "put", "x", "--run-timeout", "5"], "15m"), (["task", "put", "x", "--run-timeout", "-5s"], "15m"),
    (["task", "put", "x", "--payload-file", "/"], "could not read /"), (["task", "put", ID, "--payload", "x"], "by its key"), (["execution", "logs", "hello"], "--task hello"),
    (["topics", "plan", "--queue", "A B"], "--queue: "), (["topics", "apply", "--queue", "Reports"], "--queue: "),
    (["topics", "skip", "status", "0", "5"], "--reason: "), (["topics", "skip", "status", "0", "5", "--reason", " "], "--reason: "),
    (["completion", "BASH"], "did you mean bash?"), (["docs", "clo"], "did you mean cli?"), (["import", "crontab"], "FILE|- is missing"),
]
PRINTS = [["--version"], ["--help"], ["-h"], ["task", "--help"], ["task", "list", "--help"], ["help"], ["help", "task"], ["help", "task", "put"], ["completion", "bash"],
          ["docs", "cli"], ["next", "@daily"], ["explain", "@daily"], ["next", "@daily", "--json"]]


def run(arguments, **options):
    return subprocess.run([BINARY, *arguments], capture_output=True, timeout=60, stdin=subprocess.DEVNULL, env=ENVIRONMENT, **options)


def each_slip_is_an_error_with_a_way_out():
    for arguments, said in REFUSED:
        done = run(arguments)
        assert done.returncode == 64 and done.stdout == b"" and said in done.stderr.decode(), (arguments, done)
    return f"{len(REFUSED)} lines"


def no_message_moves_the_cursor():
    for arguments, _ in REFUSED:
        done = run(arguments)
        assert not [c for c in done.stderr.decode() if ord(c) < 32 and c != "\n"], (arguments, done.stderr)


def what_cannot_be_written_is_an_error():
    for arguments in PRINTS:
        assert run(arguments).returncode == 0, arguments
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        assert done.returncode == 1 and b"could not write the output: No space left" in done.stderr, (arguments, done)


def every_word_of_help_has_help():
    groups = set()
    for line in run(["help"]).stdout.decode().splitlines():
        if not line.startswith("  "):
            continue
        words = line[2:].split("  ")[0].split()
        groups.add(words[0])
        for asked in (["help", *words], [*words, "--help"], [*words, "-h"]):
            done = run(asked)
            assert done.returncode == 0 and done.stdout.startswith(f"usage: cronobs {' '.join(words)}".encode()), (asked, done)
    for group in groups:
        assert run(["help", group]).returncode == 0, group


case.run(each_slip_is_an_error_with_a_way_out, no_message_moves_the_cursor, what_cannot_be_written_is_an_error, every_word_of_help_has_help)
