"""What a record must keep to be run: of anything else nobody would take in what is said about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .codec import Malformed

_TEXTS: Final = ("task_key", "project", "zone", "tzdata", "content_type")
TEXT_MAX: Final = 200  # bytes
PAYLOAD_MAX: Final = 65_536
LABELS_MAX: Final = 32
LABEL_MAX: Final = 128  # bytes, name and value together
ATTEMPT_MAX: Final = 32_767


def check_created(execution: Mapping[str, Any], partitions: int) -> None:
    """Raises Malformed, with the reason. `partitions`: of `status`."""
    partition = execution["status_partition"]
    if not 0 <= partition < partitions:
        raise Malformed(f"its status_partition {partition} does not exist")
    _check("attempt", execution["attempt"], 1, ATTEMPT_MAX)
    _check("max_attempts", execution["max_attempts"], 0, ATTEMPT_MAX)
    _check("payload bytes", len(execution["payload"] or b""), 0, PAYLOAD_MAX)
    for name in _TEXTS:
        text = execution[name]
        if text is not None and len(text) * 4 > TEXT_MAX:
            _check(f"{name} bytes", len(text.encode()), 0, TEXT_MAX)
    if execution["labels"]:
        _check_labels(execution["labels"])


def _check_labels(labels: Mapping[str, str]) -> None:
    _check("labels", len(labels), 0, LABELS_MAX)
    for name, value in labels.items():
        _check(f"bytes of label '{name[:40]}'", len(name.encode()) + len(value.encode()), 0, LABEL_MAX)


def _check(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise Malformed(f"{what}: {value} is outside {low}-{high}")
