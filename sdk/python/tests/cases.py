"""The cases that every SDK replays: sdk/conformance/cases.md."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "conformance"


def load(name: str, family: str) -> list[Any]:
    """Without those that another language alone can pass."""
    cases: list[Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))[family]
    assert len(cases) > 2
    return [case for case in cases if "python" not in case.get("not", {})]


def name_of(case: Any) -> str:
    return str(case.get("name", case.get("record")))


def to_json(value: Any) -> Any:
    """A value as it stands in a case."""
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if type(value) is int and abs(value) > 2**53:
        return {"$long": str(value)}
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items()}
    return [to_json(item) for item in value] if isinstance(value, list) else value


def from_json(value: Any) -> Any:
    if isinstance(value, dict) and "$bytes" in value:
        return bytes.fromhex(value["$bytes"])
    if isinstance(value, dict) and "$long" in value:
        return int(value["$long"])
    if isinstance(value, dict):
        return {name: from_json(item) for name, item in value.items()}
    return [from_json(item) for item in value] if isinstance(value, list) else value
