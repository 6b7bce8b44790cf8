"""`cronobs next` and `explain` as programs: needing no server, asked line by line or all at once, by people and by machines."""
import json
import os
import subprocess
import time

from support import case

BINARY = os.environ["CRONOBS_TEST_BIN"]
QUESTION = "30 2 * * *\tEurope/Berlin\t2027-03-27T12:00:00Z\t2\n"
ANSWER = "2027-03-28T01:00:00Z 2027-03-29T00:30:00Z\n"


def cronobs(*arguments, code=0, given="", **more):
    done = subprocess.run([BINARY, *arguments], input=given, text=True, capture_output=True, timeout=60, **more)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stdout + done.stderr


def ask(text):
    done = subprocess.run([BINARY, "next", "--batch"], input=text, capture_output=True, timeout=60, check=True)
    assert done.stderr == b"", done.stderr
    return done.stdout


def the_next_instants_are_told():
    asked = ("next", "--zone", "Europe/Berlin", "--from", "2027-03-27T12:00", "--count", "2")
    told = "2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30 does not exist, runs at 03:00\n2027-03-29T02:30:00+02:00  Mon\n"
    assert cronobs(*asked, "30 2 * * *") == told
    assert cronobs(*asked, "30", "2", "*", "*", "*", cwd="/proc/sys") == told  # quotes forgotten, and no file of such a name
    assert [one["dst"] for one in json.loads(cronobs(*asked, "--json", "30 2 * * *"))] == ["MOVED", "NONE"]
    assert len(cronobs("next", "--count", "10000", "* * * * *").splitlines()) == 10000


def what_is_wrong_is_told_with_an_exit_code():
    assert cronobs("next", "0 0 30 2 *", code=1) == "none\n"
    assert cronobs("next", "--json", "0 0 30 2 *", code=1) == "[]\n"
    assert cronobs("next", "0 24 * * *", code=64) == "cronobs next: hour: 24 is outside 0-23\n  0 24 * * *\n    ^\n"
    assert "an expression is missing" in cronobs("next", code=64)
    assert "names have three letters" in cronobs("explain", "0 9 * * MONDAY", code=64)
    assert "did you mean Europe/Berlin" in cronobs("explain", "--zone", "Europa/Berlin", "0 9 * * *", code=64)
    assert "is the name of a file here" in cronobs("next", "0", "9", "cwd", "*", "*", code=64, cwd="/proc/self")
    assert "is not one of" in cronobs("next", "--dialect", "cron", "0 9 * * *", code=64)
    assert "--zone does not go with --batch" in cronobs("next", "--batch", "--zone", "UTC", code=64)
    assert "--count does not go with --batch" in cronobs("next", "--batch", "--count", "3", code=64)
    assert "EXPR does not go with --batch" in cronobs("next", "--batch", "0 9 * * *", code=64)


def the_clock_is_utcs_and_says_so():
    def told(tz, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "TZ"} | ({} if tz is None else {"TZ": tz})
        done = subprocess.run([BINARY, *arguments], text=True, capture_output=True, timeout=60, env=environment, check=True)
        return done.stdout, done.stderr
    asked = ("next", "--from", "2027-01-01", "--count", "1", "0 9 * * *")
    for tz in ("JST-9", "EST5EDT,M3.2.0,M11.1.0", "IST-5:30", "Mars/Base", "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo"):
        out, why = told(tz, *asked)
        assert out == "2027-01-01T09:00:00+00:00  Fri\n" and "TZ" in why and "--zone" in why, (tz, out, why)
        assert told(tz, *asked[:-1], "TZ=Asia/Tokyo 0 9 * * *") == ("2027-01-01T09:00:00+09:00  Fri\n", ""), tz
        assert told(tz, *asked, "--zone", "Asia/Tokyo") == ("2027-01-01T09:00:00+09:00  Fri\n", ""), tz
        assert "--zone" in told(tz, "explain", "0 9 * * *")[1], tz
    for tz in ("", ":", "UTC0", "UTC", "Etc/UTC"):
        assert told(tz, *asked) == ("2027-01-01T09:00:00+00:00  Fri\n", ""), tz


def an_explanation_has_all_parts():
    text = cronobs("explain", "--zone", "Europe/Berlin", "30 2 * * *")
    for line in ("meaning       at 02:30 every day, Europe/Berlin\n", "class         fixed-time\n", "does not exist, runs at 03:00\n"):
        assert line in text, text
    told = json.loads(cronobs("explain", "--json", "@every 90m"))
    assert list(told) == ["expression", "canonical", "description", "zone", "class", "lints", "clock_changes", "frequency", "next"], told
    assert told["canonical"] == "@every 1h30m" and told["class"] == "INTERVAL" and len(told["next"]) == 5, told


def a_program_may_ask_line_by_line():
    with subprocess.Popen([BINARY, "next", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asked:
        for _ in range(1000):  # one that waits for more lines than come hangs here, until the test's time is over
            asked.stdin.write(QUESTION)
            asked.stdin.flush()
            assert asked.stdout.readline() == ANSWER
        asked.stdin.write(QUESTION.strip())
        asked.stdin.close()
        assert asked.stdout.read() == ANSWER


def every_line_has_one_answer():
    lines = [QUESTION.encode(), b"\n", b"\r\n", b"\0\n", b"\xff\t\t\t\n", QUESTION.replace("\n", "\r\n").encode(), b"x" * 200000 + b"\n", b"60 * * * *\t\t2027-01-01T00:00:00Z\t1"]
    answers = ask(b"".join(lines)).decode().split("\n")
    assert len(answers) == len(lines) + 1 and answers[-1] == "", answers
    assert answers[0] == answers[5] == ANSWER.strip() and answers[6].startswith("error 0 the line has more than"), answers
    assert [answer.split()[:2] for answer in answers[1:5]] == [["error", "0"]] * 4 and answers[7].startswith("error 1 "), answers
    assert ask(b"") == b""


def many_lines_take_a_second_and_no_memory():
    expressions = ("*/5 * * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 12 LW * *", "@every 90m", "61 * * * *", "cron(0 12 ? * 6#3 *)", "0 0 13 * +FRI")
    zones = ("", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
    text = "".join(f"{expressions[i % 8]}\t{zones[i % 5]}\t20{10 + i % 50}-{1 + i % 12:02}-01T00:00:00Z\t{1 + i % 5}\n" for i in range(100000))
    before = time.monotonic()
    answers = ask(text.encode())
    seconds = time.monotonic() - before
    print(f"100,000 lines: {seconds:.2f} s")
    assert answers.count(b"\n") == 100000 and answers.count(b"error ") == 12500
    assert seconds < 10, seconds  # ten times what a busy machine needs


def endless_input_needs_no_more_memory():
    with subprocess.Popen([BINARY, "next", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asked:
        for _ in range(30):
            asked.stdin.write("@every 1s\t\t2027-01-01T00:00:00Z\t10000\n")
            asked.stdin.flush()
            assert asked.stdout.readline().endswith("Z\n")
        peaks = [line for line in open(f"/proc/{asked.pid}/status") if line.startswith("VmHWM")]
        asked.stdin.close()
    assert int(peaks[0].split()[1]) < 400000, peaks  # kB; sanitizers need most of it


def a_reader_that_goes_away_ends_it():
    with subprocess.Popen([BINARY, "next", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as asked:
        asked.stdout.close()
        try:
            for _ in range(100000):
                asked.stdin.write(QUESTION.encode())
        except BrokenPipeError:
            pass
        assert asked.wait(timeout=60) != 0
        try:
            asked.stdin.close()
        except BrokenPipeError:
            pass
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "next", "--batch"], input=QUESTION, text=True, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and "could not write the output" in done.stderr, done


case.run(the_next_instants_are_told, what_is_wrong_is_told_with_an_exit_code, the_clock_is_utcs_and_says_so, an_explanation_has_all_parts,
         a_program_may_ask_line_by_line, every_line_has_one_answer, many_lines_take_a_second_and_no_memory, endless_input_needs_no_more_memory, a_reader_that_goes_away_ends_it)
