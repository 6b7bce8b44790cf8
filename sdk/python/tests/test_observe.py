"""Observed runs: their ids, and that the work is done whatever the brokers do."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from cronobs import observe
from cronobs.job import current
from cronobs.observe import _spec_of, external_id


def test_the_id_says_when_it_was() -> None:
    made = external_id(uuid.UUID(int=7), 1_800_000_000_123_456, "nonce")
    number = uuid.UUID(made).bytes
    assert int.from_bytes(number[:6], "big") == 1_800_000_000_123 and number[6] >> 4 == 8


def test_a_schedule_may_be_given_by_its_expression() -> None:
    assert _spec_of({"queue": "q", "schedule": "0 3 * * *", "zone": "UTC"}) == {
        "queue": "q", "schedules": [{"expression": "0 3 * * *", "zone": "UTC"}],
    }  # fmt: skip
    assert _spec_of({"queue": "q", "schedules": []}) == {"queue": "q", "schedules": []}


def test_the_work_is_done_though_nothing_can_be_reported(caplog: pytest.LogCaptureFixture) -> None:
    done = []

    @observe("backup", brokers="u@wrong")
    def backup(what: str) -> str:
        done.append(what)
        return what

    assert backup("a") == "a" and done == ["a"]
    assert "is not reported" in caplog.text


def test_room_for_lines_is_not_waited_for_since_the_brokers_may_be_away() -> None:
    @observe("backup", brokers="u@wrong")
    async def backup() -> None:
        job = current.get()
        assert job is not None
        for _ in range(20):
            job.log("x" * (1 << 20))
            await asyncio.wait_for(job.drained(), 10)

    asyncio.run(backup())


def test_an_exception_goes_on_to_the_caller() -> None:
    with pytest.raises(OSError, match="no disk"), observe("backup", brokers="u@wrong"):
        raise OSError("no disk")



def test_a_coroutine_is_observed_to_its_end(caplog: pytest.LogCaptureFixture) -> None:
    @observe("backup", brokers="u@wrong")
    async def backup() -> str:
        await asyncio.sleep(0)
        assert current.get() is not None
        return "done"

    assert asyncio.run(backup()) == "done"
