"""Where a batch ends that cannot be unpacked."""

from __future__ import annotations

import pytest

from cronobs.unreadable import Passed, Searches

BAD = "_BAD_COMPRESSION"


class Partition:
    """Holds one batch that cannot be unpacked, and then so many records."""

    def __init__(self, first: int, size: int, behind: int) -> None:
        self.first, self.after = first, first + size
        self.end = self.after + behind
        self.at = first
        self.seeks = 0
        self.searches = Searches(self.seek, lambda _: self.end)

    def seek(self, partition: int, offset: int) -> bool:
        self.at, self.seeks = offset, self.seeks + 1
        return True

    def read(self) -> Passed | bool:
        """What a poll brings from where it stands."""
        self.searches.begin()
        is_inside = self.first <= self.at < self.after
        return self.searches.take(0, self.first if is_inside else self.at, BAD if is_inside else None, False)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("behind", [0, 1, 5, 4000])
def test_reading_goes_on_right_behind_it(size: int, behind: int) -> None:
    partition = Partition(40, size, behind)
    found = partition.read()
    while found is True:
        found = partition.read()
    assert found == Passed(0, 40, 40 + size, BAD) and partition.at == 40 + size
    assert partition.seeks < 30
    assert partition.read() is False, "what comes now is for the reader"


def test_what_came_before_a_seek_is_none_of_its_answers() -> None:
    partition = Partition(0, 1, 9)
    partition.searches.begin()
    assert partition.searches.take(0, 0, BAD, False) is True
    assert partition.searches.take(0, 0, BAD, False) is True, "the same error once more: it says nothing about where we are now"
    assert partition.searches.take(1, 5, None, False) is False, "another partition"
    assert partition.seeks == 1


def test_another_error_meanwhile_is_told_and_the_batch_is_met_again() -> None:
    partition = Partition(3, 10, 5)
    assert partition.read() is True and partition.at > 3
    partition.searches.begin()
    assert partition.searches.take(0, -1001, None, True) is False
    assert partition.at == 3


def test_where_the_client_cannot_seek_the_batch_is_met_again() -> None:
    partition = Partition(3, 10, 5)
    partition.searches = Searches(lambda partition, offset: False, lambda _: 18)
    assert partition.read() is True
    assert partition.read() is True, "begun anew, not ended"


def test_partitions_that_are_gone_are_forgotten() -> None:
    partition = Partition(3, 10, 5)
    assert partition.read() is True
    partition.searches.forget()
    partition.searches.begin()
    assert partition.searches.take(0, 20, None, False) is False
