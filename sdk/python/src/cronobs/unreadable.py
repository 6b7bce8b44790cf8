"""Batches that the client cannot unpack, and where they end. Pure; who reads a topic owns one.

librdkafka tells where such a batch begins, never where it ends, and fetches the same one again for ever. A broker that is asked for an
offset answers with the whole batch that holds it: reading from inside fails with that same beginning, reading from behind it does
not. So the end is looked for by seeking further and further, and then by the middle. What comes from the partition meanwhile is
the answer to a seek and goes to nobody; no record that can be read is jumped over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Passed(NamedTuple):
    """The batch is behind us: reading goes on at `next`."""

    partition: int
    first: int
    next: int
    why: str

    @property
    def text(self) -> str:
        return f"the batch that begins at {self.first} cannot be unpacked ({self.why})"


class Search:
    """`first`: where the batch begins; `end`: of the partition, no batch reaches it."""

    def __init__(self, first: int, end: int, why: str) -> None:
        self.first, self.why = first, why
        self.outside = max(end, first + 1)  # the first offset known not to be in it
        self._inside = first  # the last known to be
        self._step, self._has_overshot = 1, False

    def next(self) -> int | None:
        """The offset to try; None: it ends before `outside`."""
        room = self.outside - self._inside
        if room <= 1:
            return None
        return self._inside + (room // 2 if self._has_overshot or self._step >= room else self._step)

    def take(self, is_inside: bool) -> None:
        """What trying it has shown."""
        tried = self.next()
        if tried is None:
            return
        if is_inside:
            self._inside = tried
        else:
            self.outside = tried
            self._has_overshot = True
        self._step *= 2


class Searches:
    """One for each partition where there is such a batch. `seek(partition, offset)` is the client's, and makes void what was queued before
    it, False: it could not; `end(partition)` is the end as the client knows it."""

    def __init__(self, seek: Callable[[int, int], bool], end: Callable[[int], int]) -> None:
        self._seek, self._end = seek, end
        self._of: dict[int, Search] = {}
        self._sought: set[int] = set()

    def forget(self) -> None:
        """Other partitions are read now."""
        self._of.clear()
        self._sought.clear()

    def begin(self) -> None:
        """Before what a call of the client has brought is taken: what it brought before a seek is none of its answers."""
        self._sought.clear()

    def take(self, partition: int, offset: int, unreadable: str | None, other: bool) -> Passed | bool:
        """Of a message, an end or an error; unreadable: why a batch is, other: it is another error. False: it is for the reader; True: for
        nobody."""
        if partition in self._sought:
            return True
        search = self._of.get(partition)
        if search is None and unreadable is None:
            return False
        if search is None:
            self._of[partition] = search = Search(offset, self._end(partition), unreadable or "")
        elif other:  # that is what matters now: the batch is met again, and nothing behind it was passed
            self._go(partition, search.first)
            del self._of[partition]
            return False
        else:
            search.take(unreadable is not None and offset == search.first)
        return self._go_on(partition, search)

    def _go_on(self, partition: int, search: Search) -> Passed | bool:
        at = search.next()
        has_gone = self._go(partition, search.outside if at is None else at)
        if at is not None and has_gone:
            return True
        del self._of[partition]
        if has_gone:
            return Passed(partition, search.first, search.outside, search.why)
        self._go(partition, search.first)  # what was tried before may lie behind the batch
        return True

    def _go(self, partition: int, offset: int) -> bool:
        self._sought.add(partition)
        return self._seek(partition, offset)
