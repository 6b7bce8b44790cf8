"""Lines: what fits into a batch, who waits for room, what is left out."""

from __future__ import annotations

import threading
from math import inf

import pytest

from cronobs.lines import Lines, Room
from cronobs.text import Line


def line(text: str = "x") -> list[Line]:
    return [Line(text, False, False)]


def test_a_batch_is_due_when_it_is_full_or_old() -> None:
    lines = Lines(Room())
    assert lines.due_at() == inf
    assert lines.add("INFO", line(), 1, 5.0)
    assert lines.due_at() == 5.2
    assert not lines.add("INFO", line(), 1, 5.1), "the clock runs already"
    assert [lines.add("INFO", line(), 1, 5.1) for _ in range(998)][-1], "full"
    assert lines.due_at() == -inf
    assert len(lines.take(5.1).entries) == 1000 and lines.due_at() == inf


def test_a_batch_has_at_most_256_kib() -> None:
    lines = Lines(Room())
    for _ in range(20):
        lines.add("INFO", line("x" * 16_384), 1, 0.0)
    batch = lines.take(0.0)
    assert len(batch.entries) == 15 and batch.weight == 15 * 16_416


@pytest.mark.parametrize(("limit", "before", "more"), [(100, 60, 60), (1000, 300, 900)])  # also for all of it at once, beside little
def test_who_logs_waits_until_there_is_room(limit: int, before: int, more: int) -> None:
    room = Room(limit=limit)
    lines = Lines(room)
    lines.add("INFO", line("x" * before), 1, 0.0)
    waits = threading.Thread(target=lines.add, args=("INFO", line("y" * more), 1, 0.0), daemon=True)
    waits.start()
    waits.join(0.05)
    assert waits.is_alive()
    room.sent(lines.take(0.0).weight)
    waits.join(5)
    assert not waits.is_alive() and lines.take(0.0).entries[0].line.message == "y" * more


def test_who_is_told_to_stop_waits_no_more_and_what_is_left_out_is_counted() -> None:
    lines = Lines(Room(limit=100))
    lines.add("INFO", line("x" * 60), 1, 0.0)
    waits = threading.Thread(target=lines.add, args=("INFO", line("y" * 60), 1, 0.0), daemon=True)
    waits.start()
    lines.stop()
    waits.join(5)
    assert not waits.is_alive() and lines.left_out == 1
    lines.close(2, 0.0)
    last = lines.take(0.0).entries[-1]
    assert last.level == "WARN" and last.line.message.startswith("1 lines were left out")


def test_after_the_end_nothing_is_taken() -> None:
    lines = Lines(Room())
    lines.close(1, 0.0)
    assert not lines.add("INFO", line(), 1, 0.0) and not lines.is_waiting()


def test_who_cannot_be_held_goes_on_to_four_times_as_much_and_the_rest_is_left_out() -> None:
    room = Room(limit=100)
    lines = Lines(room)
    for _ in range(5):
        lines.add("INFO", line("x" * 68), 1, 0.0, may_wait=False)
    assert room.unsent == 400 and lines.left_out == 1 and room.is_full
