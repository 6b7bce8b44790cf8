"""Computed ids, against the cases that all implementations share."""
import json
import pathlib

import pytest

from cronobs.ids import task_id

VECTORS = json.loads((pathlib.Path(__file__).parents[3] / "schemas/vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["tasks"], ids=lambda case: f"{case['project']}~{case['key']}")
def test_the_id_of_a_task_is_computed_as_everywhere(case):
    assert str(task_id(case["project"], case["key"])) == case["task_id"]
