"""Partitions in which the group has no position: what is left out there. Pure.

Reading from the end would lose executions, from the beginning it would run finished ones again. So reading begins with the backlog,
without what a worker has reported on in `status` since then; that is looked through first. When the group gets its first position in
such a partition is the inbox's to say: until then whoever comes next must look through `status` as we did (docs/decisions/0195).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .placement import partition_of
from .text import MESSAGE_MAX, RESULT_MAX

REPORTS_MAX: Final = 524_288  # executions that were reported on, remembered
ATTEMPT_MAX: Final = 32_767
_SAID: Final = frozenset(("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED", "MISSED", "SKIPPED"))

_Key = tuple[str, str]  # execution id, task id: what is said under another task's id is about nothing of ours


@dataclass(slots=True)
class _Report:
    attempt: int  # the highest
    offset: int  # the highest
    at: int  # when the first one was written


@dataclass(slots=True)
class Beginnings:
    left_out: int = 0  # executions passed over since they were reported on, or are older than the backlog
    unknown: int = 0  # ... since there was no room for reports as old as they are
    _partitions: set[int] = field(default_factory=set)  # those without a position
    _reports: OrderedDict[_Key, _Report] = field(default_factory=OrderedDict)
    _forgotten: int = 0  # when the newest report was written that had no room

    def begin(self, partition: int) -> None:
        """The group has no position in it."""
        self._partitions.add(partition)

    def committed(self, partitions: Iterable[int]) -> None:
        """The group has a position in them."""
        self._partitions.difference_update(partitions)
        if not self._partitions:
            self.forget()

    def forget(self) -> None:
        """The assignment is over. The counts stay, to be told."""
        self._partitions.clear()
        self._reports.clear()
        self._forgotten = 0

    def __bool__(self) -> bool:
        return bool(self._partitions)

    # --- what `status` says ---

    def take(self, report: Mapping[str, Any], partition: int, offset: int, at: int, partitions: int) -> None:
        """A report, written at `at` by the broker's clock in a partition of `status`, which has so many."""
        if not _counts(report) or partition != partition_of(report["task_id"], partitions):
            return
        key = report["execution_id"], report["task_id"]
        known = self._reports.get(key)
        if known is None:
            self._reports[key] = _Report(report["attempt"], offset, at)
            if len(self._reports) > REPORTS_MAX:
                self._forgotten = max(self._forgotten, self._reports.popitem(last=False)[1].at)
        else:
            known.attempt = max(known.attempt, report["attempt"])
            known.offset = max(known.offset, offset)

    def leaves_out(self, execution: Mapping[str, Any], partition: int, at: int, oldest: int) -> bool:
        """Must the execution, written at `at`, be left alone? `oldest`: where the backlog begins."""
        if partition not in self._partitions:
            return False
        report = self._reports.get((execution["execution_id"], execution["task_id"]))
        if at < oldest or (report is not None and report.attempt >= execution["attempt"] and report.offset >= execution["status_from"]):
            self.left_out += 1
            return True
        if at > self._forgotten:
            return False
        self.unknown += 1
        return True


def _counts(report: Mapping[str, Any]) -> bool:
    """Is it a worker's, about a run, and within the limits under which it is taken in?"""
    return (
        report["worker"] is not None
        and report["status"] in _SAID
        and 1 <= report["attempt"] <= ATTEMPT_MAX
        and len((report["message"] or "").encode()) <= MESSAGE_MAX
        and len(report["result"] or b"") <= RESULT_MAX
    )
