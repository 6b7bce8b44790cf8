"""Executions that were read and not yet handed out, and how far each partition's position may go.

Pure: no clock, no network, no thread; the caller's one polling thread owns it. Times are wall clock
microseconds and arguments.

An execution is claimed in three steps that each wait for the one before: RUNNING is in the log; the group's
position is past the execution; the handler has it. Killed between the first two, the execution is run by whoever
reads it next; killed after them, it is one that was RUNNING when its worker died. Claims go in turns: as many as
there are free places, all acknowledgements, one commit, hand out.

Invariant: the position to commit in a partition is the offset of its first execution that is not announced or,
when there is none, the offset to read next. So what was not announced is read again by whoever owns the partition
next, and what was is not. A commit that was refused counts for nothing: it is made again, and when the assignment
goes, so do its claims. One without an answer may have been made: when the assignment goes, its claims are handed
out all the same. They may run twice, but nobody else might run them at all.

A partition of which the group has no position gets its first one when all that lay there is settled: until then whoever comes next
must look through `status` as we did, so what is announced there is handed out without a commit. From when the first one is asked for it may
stand, and be read from: hand-out waits for it as for any other, unless it is refused. Where the partition goes meanwhile, what is announced is handed
out all the same. Such a partition is let go only when no RUNNING for it is on its way (`announces_alone`), for who looks before it has arrived
does not find it.

    inbox.assign([0, 1])                     # the client says so
    inbox.begin(0, 17); inbox.begin(1, None, oldest)   # ... positions of the group, or none
    inbox.take(0, 17, execution, at)         # a message was read
    for claim in inbox.claim(now): ...       # publish RUNNING for each, then inbox.announced(claim)
    if commit := inbox.commit(): ...         # commit commit.positions, then committed/refused/unanswered(commit)
    for claim in inbox.hand_out(): ...       # start its handler, then inbox.done(claim)
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

ROOM = 500  # executions read ahead, not yet claimed
SEEN_MAX = 16_384  # executions that were taken on, remembered with their highest attempt
CANCELS_MAX = 524_288  # cancellations that are remembered

Key = tuple[str, int]  # execution id, attempt


class State(Enum):
    WAITING = "waiting"  # read, not yet claimed
    CLAIMING = "claiming"  # RUNNING is on its way
    CLAIMED = "claimed"  # the log has RUNNING; the position is to be committed
    HANDED = "handed"  # its handler may run
    GONE = "gone"  # done, or forgotten: another worker reads it


@dataclass(eq=False, slots=True)
class Claim:
    """An execution that was read from the queue; `execution` is the record as codec.decode made it."""

    execution: Mapping[str, Any]
    partition: int
    offset: int | None  # None: it needs no commit, nobody else will read it
    state: State = State.WAITING
    job: Any = None  # the caller's

    @property
    def key(self) -> Key:
        return self.execution["execution_id"], self.execution["attempt"]


@dataclass(frozen=True, slots=True)
class Commit:
    """Positions to commit: partition -> the offset to be read next. Of one assignment: for a later one it is no answer."""

    generation: int
    positions: dict[int, int]


class Gone(NamedTuple):
    """What became of the claims of an assignment that is over. Those that are still being announced where there was no position
    stay, for they need no commit any more."""

    handed: list[Claim]  # to be run: nobody else might
    forgotten: list[Claim]  # others read them; whoever waits for one is to be woken


@dataclass(slots=True)
class _Partition:
    next: int | None = None  # to be read next; None: not known yet
    committed: int = -1  # what the group's position is known to be
    maybe: int = -1  # what it may be: the commit had no answer
    end: int | None = None  # where what lay there ended, when its end was reached for the first time
    has_no_position: bool = False  # the group knows none, or one that is gone
    oldest: int = 0  # with it: what is older is passed over


@dataclass(slots=True)
class Inbox:
    concurrency: int  # places: claims that were begun and are not done
    room: int = ROOM
    generation: int = 0  # one more with each assignment, and when one goes
    cancels_lost: int = 0  # cancellations that are not remembered any more
    is_paused: bool = False  # full: nothing more is to be read. An assignment begins unpaused
    _knows_cancels: bool = False
    _partitions: dict[int, _Partition] = field(default_factory=dict)
    _waiting: deque[Claim] = field(default_factory=deque)  # in the order they were read
    _turn: list[Claim] = field(default_factory=list)  # CLAIMING and CLAIMED
    _running: dict[Key, Claim] = field(default_factory=dict)  # from the claim until it is done
    _commit: Commit | None = None  # asked for, without an answer
    _seen: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _cancelled: OrderedDict[tuple[str, str, int], None] = field(default_factory=OrderedDict)

    # --- the assignment ---

    def assign(self, partitions: Iterable[int]) -> Gone:
        """A new assignment, with positions that nobody knows yet; the one before is over."""
        gone = self.revoke()
        self._partitions = {partition: _Partition() for partition in partitions}
        return gone

    def revoke(self) -> Gone:
        """The assignment is over, or the client starts anew."""
        if self._commit is not None:
            self.unanswered(self._commit)
        for p in self._partitions.values():
            p.committed = max(p.committed, p.maybe)
        for claim in self._turn:
            if self._is_alone(claim):
                claim.offset = None
        handed = self.hand_out()
        forgotten = [claim for claim in self._turn if claim.offset is not None]
        for claim in forgotten:
            self._forget(claim)
        self._turn = [claim for claim in self._turn if claim.offset is None]
        self._waiting.clear()
        self._partitions = {}
        self.generation += 1
        self.is_paused = False
        return Gone(handed, forgotten)

    def begin(self, partition: int, stored: int | None, oldest: int = 0) -> None:
        """The group's position in a partition of ours. None: it has none, or one that is gone from the topic: reading
        begins with the backlog, and what is older than `oldest` is passed over."""
        p = self._partitions.get(partition)
        if p is None:
            return
        if stored is None:
            self._partitions[partition] = _Partition(next=0, has_no_position=True, oldest=oldest)
        else:
            p.next = p.committed = stored
        self._leave_behind(partition)

    # --- reading ---

    def take(self, partition: int, offset: int, execution: Mapping[str, Any] | None, at: int = 0) -> bool:
        """A message was read, written at `at` by the broker's clock; execution None: nobody can use it.
        False: the partition is not ours (any more), or where to begin is not known yet."""
        p = self._partitions.get(partition)
        if p is None or p.next is None:
            return False
        p.next = offset + 1
        if execution is not None and not (p.has_no_position and at < p.oldest):
            self._waiting.append(Claim(execution, partition, offset))
            self._look_for_room()
        return True

    def end(self, partition: int, offset: int) -> None:
        """The end of what may be read was reached: the next message will have that offset or a higher one."""
        p = self._partitions.get(partition)
        if p is None or p.next is None:
            return
        p.next = max(p.next, offset)
        if p.end is None:
            p.end = p.next

    # --- cancellations ---

    def cancel(self, execution_id: str, task_id: str, attempt: int) -> Claim | None:
        """An attempt is cancelled: it is not claimed any more. The claim when it has one, whose handler is to be told."""
        self._cancelled[execution_id, task_id, attempt] = None
        if len(self._cancelled) > CANCELS_MAX:
            self._cancelled.popitem(last=False)
            self.cancels_lost += 1
        claim = self._running.get((execution_id, attempt))
        return claim if claim is not None and claim.execution["task_id"] == task_id else None

    def cancels_are_known(self) -> None:
        """`control` was read to its end once: nothing is claimed before."""
        self._knows_cancels = True

    # --- claims ---

    @property
    def busy(self) -> int:
        """Places that are taken."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def is_claiming(self) -> bool:
        """A turn is under way: claims that are neither handed out nor forgotten."""
        return bool(self._turn)

    @property
    def announces_alone(self) -> bool:
        """RUNNING is on its way for claims whose partition has no position: whoever has it next must find that in `status`."""
        return any(claim.state is State.CLAIMING and self._is_alone(claim) for claim in self._turn)

    def claim(self, now: int) -> list[Claim]:
        """Begins a turn: those for which RUNNING is to be published. Empty while another one is under way."""
        if self._turn or not self._knows_cancels:
            return []
        while self._waiting and self.busy < self.concurrency:
            claim = self._waiting.popleft()
            if self._must_skip(claim, now):
                claim.state = State.GONE
                continue
            claim.state = State.CLAIMING
            self._turn.append(claim)
            self._running[claim.key] = claim
        self._look_for_room()
        return list(self._turn)

    def announced(self, claim: Claim) -> bool:
        """The log has its RUNNING. False: it was forgotten meanwhile."""
        if claim.state is not State.CLAIMING:
            return False
        claim.state = State.CLAIMED
        return True

    def hand_out(self) -> list[Claim]:
        """Announced ones that the group's position is past, or that need no commit: their handlers may run."""
        ready = [claim for claim in self._turn if self._is_ready(claim)]
        for claim in ready:
            claim.state = State.HANDED
            self.note(*claim.key)
        self._turn = [claim for claim in self._turn if claim.state is not State.HANDED]
        return ready

    def done(self, claim: Claim) -> None:
        """Its handler has ended: the place is free."""
        claim.state = State.GONE
        if self._running.get(claim.key) is claim:  # else it was forgotten, and maybe read again
            del self._running[claim.key]

    def note(self, execution_id: str, attempt: int) -> None:
        """That attempt, and those before it, are not taken on again."""
        self._seen[execution_id] = max(attempt, self._seen.get(execution_id, 0))
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)

    # --- positions ---

    def commit(self) -> Commit | None:
        """Positions that are to be committed now; to be answered by one of the three below."""
        if self._commit is not None or not self._may_commit():
            return None
        moved = {n: at for n, at in self._positions().items() if at > self._partitions[n].committed}
        if not moved:
            return None
        self._commit = Commit(self.generation, moved)
        return self._commit

    def committed(self, commit: Commit) -> None:
        if self._is_answer(commit):
            for partition, position in commit.positions.items():
                p = self._partitions[partition]
                p.committed, p.has_no_position = position, False

    def refused(self, commit: Commit) -> None:
        """A rebalance is going on, the generation is an older one, the group does not know us: nothing was committed. Commit again after
        a while; the client will say soon that the assignment is over."""
        self._is_answer(commit)

    def unanswered(self, commit: Commit) -> None:
        """It may have been made. Commit again after a while."""
        if self._is_answer(commit):
            for partition, position in commit.positions.items():
                p = self._partitions[partition]
                p.maybe = max(p.maybe, position)

    # --- inside ---

    def _leave_behind(self, partition: int) -> None:
        """What was read there before its position was gone, and is to be committed no more."""
        for claim in [*self._waiting, *self._turn]:
            if claim.partition == partition:
                claim.offset = None
        if self._commit is not None:
            self._commit.positions.pop(partition, None)

    def _look_for_room(self) -> None:
        if len(self._waiting) >= self.room:
            self.is_paused = True
        elif len(self._waiting) <= self.room // 2:
            self.is_paused = False

    def _must_skip(self, claim: Claim, now: int) -> bool:
        execution_id, attempt = claim.key
        start_by = claim.execution["start_by"]
        return (
            (start_by is not None and start_by < now)
            or claim.key in self._running
            or self._seen.get(execution_id, 0) >= attempt
            or (execution_id, claim.execution["task_id"], attempt) in self._cancelled
        )

    def _forget(self, claim: Claim) -> None:
        claim.state = State.GONE
        del self._running[claim.key]

    def _is_ready(self, claim: Claim) -> bool:
        if claim.state is not State.CLAIMED:
            return False
        if claim.offset is None:
            return True
        p = self._partitions[claim.partition]
        return p.committed > claim.offset or (p.has_no_position and not self._may_have_one(claim.partition))

    def _is_alone(self, claim: Claim) -> bool:
        """Once it is announced, whoever has the partition next may leave it alone, and nobody else run it."""
        return claim.offset is None or self._partitions[claim.partition].has_no_position

    def _may_have_one(self, partition: int) -> bool:
        """A first position was asked for and not refused: whoever has the partition next may read from there, whatever `status` says."""
        is_asked_for = self._commit is not None and partition in self._commit.positions
        return is_asked_for or self._partitions[partition].maybe >= 0

    def _may_commit(self) -> bool:
        if self._turn:
            return all(claim.state is State.CLAIMED for claim in self._turn)
        return any(p.has_no_position and p.end is not None for p in self._partitions.values())

    def _positions(self) -> dict[int, int]:
        """To be committed, moved or not. Where a first one would stand before the end of what lay there, there is none."""
        positions = {n: p.next for n, p in self._partitions.items() if p.next is not None}
        for claim in [*self._waiting, *self._turn]:
            if claim.offset is not None and claim.state is not State.CLAIMED:
                positions[claim.partition] = min(positions[claim.partition], claim.offset)
        return {n: at for n, at in positions.items() if self._may_stand(self._partitions[n], at)}

    def _may_stand(self, p: _Partition, position: int) -> bool:
        return not p.has_no_position or (p.end is not None and position >= p.end)

    def _is_answer(self, commit: Commit) -> bool:
        is_ours = commit is self._commit
        if is_ours:
            self._commit = None
        return is_ours
