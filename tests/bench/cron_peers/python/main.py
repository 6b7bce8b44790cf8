"""Measures croniter: `python main.py next CASES`."""
import platform
import re
import statistics
import sys
import time
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from croniter import croniter

START, SPAN, STEP = 1704067200, 315360000, 194903201  # as in cron/cases.h
MOST, ROUNDS, ROUND_SECONDS = 200, 3, 0.008
ZONES = ["Europe/Berlin", "America/New_York", "UTC"]
INSTANTS = [START + i * STEP % SPAN for i in range(MOST)]


def measure(call):
    """Nanoseconds a call: the median of the rounds, each of the first calls that take about ROUND_SECONDS."""
    count, begun = 0, time.process_time()
    while count < 5 or (count < MOST and time.process_time() - begun < ROUND_SECONDS):
        call(count)
        count += 1
    figures = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for i in range(count):
            call(i)
        figures.append((time.process_time() - begun) / count * 1e9)
    return statistics.median(figures)


def next_of(iterator, start):
    try:
        return iterator.get_next(datetime, start_time=start)
    except ValueError:  # it gave up
        return None


def measure_case(number, expression):
    text = re.sub(r"(\d)L$", r"L\1", expression)  # its way to write 5L
    make = lambda start: croniter(text, start, second_at_beginning=True)
    try:
        make(0)
    except (ValueError, KeyError):
        return
    for zone, name in enumerate(ZONES):
        starts = [datetime.fromtimestamp(at, ZoneInfo(name)) for at in INSTANTS]
        iterator = make(starts[0])
        ns = measure(lambda i: next_of(iterator, starts[i]))
        answers = [next_of(iterator, start) for start in starts[:20]]
        words = ["-" if answer is None else str(int(answer.timestamp())) for answer in answers]
        print("next", number, zone, f"{ns:.1f}", ",".join(words), sep="\t", flush=True)
    print("parse", number, f"{measure(lambda _: make(START)):.1f}", sep="\t", flush=True)


def main():
    print("version", f"croniter {version('croniter')}, Python {platform.python_version()}", sep="\t")
    with open(sys.argv[2], encoding="utf-8") as file:
        cases = [line.split("\t") for line in file if not line.startswith("#")]
    for number, columns in enumerate(cases):
        measure_case(number, columns[1])


main()
