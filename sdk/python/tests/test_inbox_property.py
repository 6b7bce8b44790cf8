"""Whatever goes wrong between workers of a group, each execution is run, or its worker has died over it. What one that dies has begun
nobody begins again."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cronobs.inbox import Claim, Inbox

PARTITIONS = 3
EXECUTIONS = 100  # in each


def execution(partition: int, offset: int) -> dict[str, Any]:
    return {"execution_id": f"{partition}-{offset}", "task_id": "task", "attempt": 1, "start_by": None}


class Worker:
    """One that does as the inbox says, with the random mishaps of a network."""

    def __init__(self, group: "Group") -> None:
        self.group = group
        self.inbox = Inbox(concurrency=4, room=8)
        self.inbox.cancels_are_known()
        self.reported: dict[int, set[str]] = {}  # where there is no position: what `status` knew when we looked
        self.next: dict[int, int] = {}
        self.claims: list[Claim] = []
        self.announced: set[str] = set()
        self.running: list[Claim] = []
        self.unanswered: Callable[[], None] | None = None

    def assign(self, partitions: list[int]) -> None:
        self.run(self.inbox.assign(partitions).handed)
        self.reported, self.next = {}, {}
        for partition in partitions:
            stored = self.group.positions.get(partition)
            if stored is None:
                self.reported[partition] = set(self.group.announced)
            self.inbox.begin(partition, stored)
            self.next[partition] = stored or 0

    def read(self) -> None:
        partition = self.group.random.choice([*self.next, None])
        for _ in range(self.group.random.randint(1, 20)):
            if partition is not None and not self.inbox.is_paused:
                self.read_one(partition)

    def read_one(self, partition: int) -> None:
        offset = self.next[partition]
        if offset == self.group.written[partition]:
            self.inbox.end(partition, offset)
            self.group.written[partition] = min(offset + self.group.random.randint(1, 8), EXECUTIONS)
            return
        found = execution(partition, offset)
        is_done = found["execution_id"] in self.reported.get(partition, ())
        assert self.inbox.take(partition, offset, None if is_done else found)
        self.next[partition] += 1

    def claim(self) -> None:
        self.claims += self.inbox.claim(0)

    def announce(self) -> None:
        if self.claims:
            claim = self.claims.pop(self.group.random.randrange(len(self.claims)))
            is_ours = self.inbox.announced(claim)
            if is_ours:
                self.announced.add(claim.key[0])
            if is_ours or self.group.random.random() < 0.5:  # a forgotten one may have been on its way
                self.group.announced.add(claim.key[0])

    def commit(self) -> None:
        if self.unanswered is not None:
            self.unanswered()
            self.unanswered = None
        commit = self.inbox.commit()
        if commit is None:
            return
        outcome = self.group.random.choice(("committed", "refused", "unanswered"))
        if outcome == "committed" or (outcome == "unanswered" and self.group.random.random() < 0.5):
            self.group.positions |= commit.positions
        self.unanswered = partial(getattr(self.inbox, outcome), commit)  # something else may happen before

    def hand_out(self) -> None:
        self.run(self.inbox.hand_out())

    def run(self, claims: list[Claim]) -> None:
        self.running += claims
        self.group.ran += [claim.key[0] for claim in claims]

    def end(self) -> None:
        if self.running:
            self.inbox.done(self.running.pop())


class Group:
    def __init__(self, seed: int, workers: int) -> None:
        self.random = random.Random(seed)
        self.written = [self.random.randrange(EXECUTIONS) for _ in range(PARTITIONS)]  # so far
        self.positions: dict[int, int] = {0: 0}  # of the others there is none
        self.announced: set[str] = set()
        self.ran: list[str] = []
        self.died_with: set[str] = set()  # announced by a worker that was killed before it could run them
        self.workers = [Worker(self) for _ in range(workers)]

    def rebalance(self) -> None:
        shares: list[list[int]] = [[] for _ in self.workers]
        for partition in range(PARTITIONS):
            self.random.choice(shares).append(partition)
        for worker, share in zip(self.workers, shares, strict=True):
            worker.assign(share)

    def kill_one(self) -> None:
        number = self.random.randrange(len(self.workers))
        self.died_with |= self.workers[number].announced - set(self.ran)
        self.workers[number] = Worker(self)
        self.rebalance()

    def kill_one_and_forget(self) -> None:
        """The group is deleted, or has expired, before its next member comes."""
        if self.random.random() < 0.5:
            self.positions.clear()
        self.kill_one()

    def turn(self, mishap: Callable[[], None] | None = None) -> None:
        worker = self.random.choice(self.workers)
        steps = (worker.read, worker.claim, worker.announce, worker.commit, worker.hand_out, worker.end)
        for step in self.random.choices(steps, k=6):
            step()
        if mishap is not None and self.random.random() < 0.03:
            mishap()

    def missing(self) -> set[str]:
        return {f"{p}-{n}" for p in range(PARTITIONS) for n in range(EXECUTIONS)} - set(self.ran) - self.died_with


@pytest.mark.parametrize("seed", range(40))
def test_every_execution_is_run(seed: int) -> None:
    group = Group(seed, workers=3)
    group.rebalance()
    for _ in range(1000):
        group.turn(lambda: group.random.choice((group.rebalance, group.rebalance, group.kill_one))())
    for _ in range(3000):
        group.turn()
    assert not group.missing()
    assert not any(worker.inbox.is_claiming or worker.inbox.waiting for worker in group.workers)


@pytest.mark.parametrize("seed", range(40))
def test_what_a_worker_has_begun_is_not_begun_again_when_it_is_killed(seed: int) -> None:
    group = Group(seed, workers=1)
    group.rebalance()
    for _ in range(1000):
        group.turn(group.kill_one_and_forget)
    for _ in range(3000):
        group.turn()
    assert not group.missing()
    assert len(group.ran) == len(set(group.ran)), sorted(name for name in set(group.ran) if group.ran.count(name) > 1)
