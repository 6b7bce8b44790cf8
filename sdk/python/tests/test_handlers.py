"""How handlers end, what they are given, and the helper that tests them."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Any

import pytest

from cronobs import Cancelled, Cause, Failed, Job, LogHandler, Worker
from cronobs.testing import run_job


def test_what_is_returned_is_the_result() -> None:
    for value in ({"rows": 1}, [1, "a"], "text", b"bytes", 0, False):
        out = run_job(lambda job, value=value: value)  # type: ignore[misc]
        assert (out.status, out.result) == ("SUCCEEDED", value)
    assert run_job(lambda job: None).result_bytes is None
    assert run_job(lambda job: "ü").result_bytes == "ü".encode()


def test_a_result_that_cannot_be_sent_is_left_out_and_the_work_is_done_all_the_same() -> None:
    for value in (b"x" * 65_537, object(), {1, 2}):
        out = run_job(lambda job, value=value: value)  # type: ignore[misc]
        assert out.status == "SUCCEEDED" and out.result is None and "left out" in (out.message or "")


def test_an_exception_is_failed_with_its_trace_from_the_handler_on() -> None:
    def broken(job: Job) -> None:
        raise KeyError("no such part")

    out = run_job(broken)
    assert (out.status, out.reason, out.message) == ("FAILED", "WORKER_ERROR", "KeyError: 'no such part'")
    assert {level for level, _ in out.lines} == {"ERROR"} and "broken" in out.lines[1][1] and out.lines[-1][1].startswith("KeyError")


def test_exit_and_broken_exceptions_end_the_handler_only() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    def exits(job: Job) -> None:
        raise SystemExit(3)

    def mute(job: Job) -> None:
        raise Mute

    assert run_job(exits).message == "SystemExit: 3"
    assert (run_job(mute).message or "").startswith("Mute")


@pytest.mark.parametrize("exit_code", ["3", 1.5, 2**31, float("nan"), [1]])
def test_an_exit_code_that_no_report_can_have_is_left_out(exit_code: Any) -> None:
    def fails(job: Job) -> None:
        raise Failed("boom", exit_code)

    out = run_job(fails)
    assert (out.status, out.reason, out.exit_code) == ("FAILED", "WORKER_ERROR", None)
    assert out.message == f"boom (the exit code is left out: {exit_code} is no whole number of 32 bits)"


@pytest.mark.parametrize("message", [ValueError("no disk"), 42, None])
def test_a_message_that_is_no_text_is_told_as_text(message: Any) -> None:
    def fails(job: Job) -> None:
        raise Failed(message)

    async def fails_too(job: Job) -> None:
        raise Failed(message)

    assert run_job(fails).message == run_job(fails_too).message == str(message)


def test_a_value_whose_own_code_fails_is_left_out() -> None:
    class Odd(dict[str, int]):
        def items(self) -> Any:
            raise LookupError("gone")

    assert run_job(lambda job: Odd(a=1)).message == "the result is left out: gone"


def test_failed_sets_all() -> None:
    def fails(job: Job) -> None:
        raise Failed("no disk", 3, {"free": 0})

    out = run_job(fails)
    assert (out.status, out.reason, out.message, out.exit_code, out.result) == ("FAILED", "EXIT_CODE", "no disk", 3, {"free": 0})
    assert not out.lines


@pytest.mark.parametrize(
    ("cause", "status", "reason", "message"),
    [
        (Cause.CANCEL, "CANCELLED", "NONE", None),
        (Cause.TIMEOUT, "FAILED", "RUN_TIMEOUT", "run timeout"),
        (Cause.SHUTDOWN, "FAILED", "WORKER_SHUTDOWN", "the worker was shut down"),
    ],
)
def test_causes_are_told_apart(cause: Cause, status: str, reason: str, message: str | None) -> None:
    def waits(job: Job) -> None:
        job.wait(60)

    async def sleeps(job: Job) -> None:
        await asyncio.sleep(60)

    for handler in (waits, sleeps):
        out = run_job(handler, cancel_after=0.01, cause=cause)
        assert (out.status, out.reason, out.message) == (status, reason, message)


def test_what_ends_well_in_spite_of_a_cause_has_succeeded() -> None:
    def finishes(job: Job) -> str:
        try:
            job.wait(60)
        except Cancelled as cancelled:
            return f"saved what there was ({cancelled.cause})"
        return ""

    out = run_job(finishes, cancel_after=0.01)
    assert (out.status, out.result) == ("SUCCEEDED", "saved what there was (CANCEL)")


def test_an_exception_after_a_cause_is_by_the_cause_and_says_what() -> None:
    def breaks(job: Job) -> None:
        try:
            job.wait(60)
        except Cancelled:
            raise OSError("connection closed") from None

    assert run_job(breaks, cancel_after=0.01).message == "OSError: connection closed"
    out = run_job(breaks, cancel_after=0.01, cause=Cause.TIMEOUT)
    assert (out.reason, out.message) == ("RUN_TIMEOUT", "run timeout: OSError: connection closed")


def test_cancelled_is_no_exception_that_a_loop_over_parts_could_swallow() -> None:
    def careless(job: Job) -> None:
        for _ in range(3):
            try:
                job.check()
            except Exception:
                pass

    assert not issubclass(Cancelled, Exception)
    assert run_job(careless, cancel_after=0).status == "CANCELLED"


def test_lines_of_logging_are_the_jobs_and_those_of_other_threads_are_not() -> None:
    log = logging.getLogger("test.lines")

    def logs(job: Job) -> None:
        log.info("one %s", "way")
        log.debug("too fine")
        job.log("another\nway", "WARN")
        for target in (lambda: log.info("outside"), job.wrap(lambda: log.error("carried"))):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()

    assert run_job(logs).lines == [("INFO", "one way"), ("WARN", "another"), ("WARN", "way"), ("ERROR", "carried")]


def test_basic_config_sets_the_log_handler_no_formatter() -> None:
    handler = LogHandler()
    root = logging.getLogger("test.formatter")
    root.addHandler(handler)
    try:
        assert handler.formatter is not None
        out = run_job(lambda job: root.warning("plain"))
        assert out.lines == [("WARN", "plain")]
    finally:
        root.removeHandler(handler)


def test_a_payload_may_be_json_text_or_bytes() -> None:
    assert run_job(lambda job: job.json(), payload={"a": [1]}).result == {"a": [1]}
    assert run_job(lambda job: job.text(), payload="ü").result == "ü"
    assert run_job(lambda job: job.payload, payload=b"\xff").result == b"\xff"
    assert run_job(lambda job: job.payload).result == b""


def test_progress_is_kept_within_0_and_100() -> None:
    def tells(job: Job) -> None:
        job.progress(40.7, "loading")
        job.progress(None, "more")
        job.progress(250)

    assert run_job(tells).progress == [(40, "loading"), (40, "more"), (100, None)]


def test_a_level_that_there_is_not_is_refused() -> None:
    out = run_job(lambda job: job.log("x", "LOUD"))
    assert "'LOUD' is none of" in (out.message or "")


def test_a_handler_stays_what_it_is_and_a_key_has_one() -> None:
    worker = Worker("q")

    def handler(job: Job) -> int:
        return 1

    assert worker.task("a")(handler) is handler
    with pytest.raises(ValueError, match="has a handler already"):
        worker.task("a")(handler)
    with pytest.raises(TypeError):
        worker.task("b")(7)  # type: ignore[type-var]


def test_wrong_settings_are_told_and_the_exit_code_is_64(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delenv("CRONOBS_QUEUE", raising=False)
    assert Worker().run() == 64
    assert "queue: none given" in caplog.text


def test_quick_handlers_need_few_threads_and_slow_ones_get_them() -> None:
    from cronobs.runner import _Pool

    pool = _Pool(50)
    gate, count = threading.Event(), threading.Semaphore(0)

    def waits() -> None:
        count.release()
        gate.wait(10)

    pool.start([waits] * 50)
    assert all(count.acquire(timeout=10) for _ in range(50))
    gate.set()
    pool.stop()


def test_waiting_in_a_test_takes_no_longer_than_the_cause() -> None:
    began = time.monotonic()
    run_job(lambda job: job.wait(60), cancel_after=0.05)
    assert time.monotonic() - began < 5


def test_facts_are_as_python_has_them() -> None:
    def facts(job: Job) -> dict[str, Any]:
        return {"tz": str(job.scheduled_at.tzinfo), "timeout": job.run_timeout, "labels": dict(job.labels), "trace": job.traceparent}

    out = run_job(facts, labels={"a": "b"}, traceparent="00-1-2-01")
    assert out.result == {"tz": "UTC", "timeout": None, "labels": {"a": "b"}, "trace": "00-1-2-01"}
