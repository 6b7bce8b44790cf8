"""The codec reads and writes what fastavro has written: sdk/conformance/frames.json."""

from typing import Any

import cases
import pytest

from cronobs import codec

READ = cases.load("frames.json", "frames")


@pytest.mark.parametrize("case", READ, ids=cases.name_of)
def test_reads_a_frame(case: Any) -> None:
    assert cases.to_json(codec.decode(bytes.fromhex(case["frame"]), case["record"])) == case["value"]


@pytest.mark.parametrize("case", [case for case in READ if case.get("writes")], ids=cases.name_of)
def test_writes_the_same_bytes(case: Any) -> None:
    assert codec.encode(case["record"], cases.from_json(case["value"])).hex() == case["frame"]


@pytest.mark.parametrize("case", cases.load("frames.json", "refused"), ids=cases.name_of)
def test_refuses_what_is_no_record(case: Any) -> None:
    frame = bytes.fromhex(case["frame"])
    with pytest.raises(codec.Malformed):
        codec.decode(frame.ljust(case.get("zeros_up_to", 0), b"\0"), case["record"])


@pytest.mark.parametrize("case", cases.load("frames.json", "refused_when_cut"), ids=cases.name_of)
def test_refuses_a_frame_that_is_cut_anywhere(case: Any) -> None:
    frame = bytes.fromhex(case["frame"])
    codec.decode(frame, case["record"])
    for length in range(len(frame)):
        with pytest.raises(codec.Malformed):
            codec.decode(frame[:length], case["record"])


def test_what_is_not_given_has_its_default() -> None:
    ids = dict.fromkeys(("execution_id", "task_id", "writer"), "01a20dc8-e780-84a3-82a6-2e6896ff6f9e")
    frame = codec.encode("LogBatch", {**ids, "attempt": 1, "first_seq": 1})
    assert codec.decode(frame, "LogBatch") == {**ids, "attempt": 1, "first_seq": 1, "lines": [], "marks": []}


def test_defaults_are_values_of_their_own() -> None:
    frame = bytes.fromhex(next(case["frame"] for case in READ if case["name"].endswith("id 5")))
    codec.decode(frame, "ExecutionCreated")["labels"]["a"] = "b"
    assert "a" not in codec.decode(frame, "ExecutionCreated")["labels"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"attempt": 2**31}, "Heartbeat.attempt cannot be 2147483648: it is outside 32 bits"),
        ({"occurred_at": 2**63}, "Heartbeat.occurred_at cannot be 9223372036854775808: it is outside 64 bits"),
        ({"occurred_at": 1.5}, "Heartbeat.occurred_at"),
        ({"worker": None}, "Heartbeat.worker"),
        ({"worker": {"name": "w"}}, "Worker.incarnation is not given"),
        ({"message": "\ud800"}, "Heartbeat.message"),
        ({"message": b"bytes"}, "Heartbeat.message"),
    ],
)
def test_a_value_that_is_none_is_named(change: dict[str, Any], field: str) -> None:
    heartbeat = next(cases.from_json(case["value"]) for case in READ if case["record"] == "Heartbeat")
    with pytest.raises(codec.Malformed) as error:
        codec.encode("Heartbeat", heartbeat | change)
    assert str(error.value).startswith(field)


def test_a_symbol_that_is_none_is_named() -> None:
    status = next(cases.from_json(case["value"]) for case in READ if case["record"] == "ExecutionStatus")
    with pytest.raises(codec.Malformed, match="ExecutionStatus.status cannot be 'DANCING'"):
        codec.encode("ExecutionStatus", status | {"status": "DANCING"})
