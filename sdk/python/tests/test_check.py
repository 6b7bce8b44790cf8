"""What is run and what is passed over: the family at_limits of sdk/conformance/frames.json."""

from typing import Any

import cases
import pytest

from cronobs.check import check_created
from cronobs.codec import Malformed, decode


def look(case: Any) -> None:
    frame = bytes.fromhex(case["frame"]).ljust(case.get("zeros_up_to", 0), b"\0")
    check_created(decode(frame, case["record"]), 12)


CASES = cases.load("frames.json", "at_limits")


@pytest.mark.parametrize("case", [case for case in CASES if case["fault"] is None], ids=cases.name_of)
def test_is_run(case: Any) -> None:
    look(case)


@pytest.mark.parametrize("case", [case for case in CASES if case["fault"] is not None], ids=cases.name_of)
def test_is_passed_over_and_the_reason_is_told(case: Any) -> None:
    with pytest.raises(Malformed, match=case["fault"].rstrip("s") + "|is there twice"):
        look(case)
