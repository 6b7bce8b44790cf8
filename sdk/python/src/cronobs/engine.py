"""What a worker does, and when: pure. No clock, no network, no thread; one thread owns it.

Whatever happens comes in as a call (a message was read, a record was acknowledged, a handler has ended); then `step` does what can
be done, by way of its `Port`. `wake` says when there is something to do without anything having happened.

The reader of the queue does one thing at a time, since librdkafka's consumer holds whoever calls it while another thread polls. So it
is told each time what to do next: to wait for messages only where nothing else can be wanted of it meanwhile. While claims are under
way, or executions wait for a place, it stands ready to commit.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, Final

from .beginnings import Beginnings
from .cause import Cause
from .check import check_created
from .codec import Malformed, decode
from .commands import Begin, Command, Leave, Limits, Locate, Message, Place, Port, Read, Store
from .inbox import Commit, Gone, Inbox
from .lines import Room
from .run import RETRY, Outcome, Phase, Run, Writer
from .settings import duration_text

IDLE: Final = 0.25  # seconds that the reader may wait for a message; so late it hears that it is to leave
AGAIN: Final = 0.02  # seconds before it looks for more, while claims are under way
ALIVE: Final = 1.0  # seconds after which the group wants to be polled
COMMIT_ANSWER: Final = 2.0  # seconds that the answer to a commit is waited for
AFTER_SHUTDOWN: Final = 3.0  # seconds from SHUTDOWN until FAILED is said
LAST_REPORTS: Final = 5.0  # seconds for what is unsent then
FEW: Final = 64  # looks ahead that are never too many


class Engine:
    def __init__(self, limits: Limits, name: str, incarnation: str, port: Port, room: Room) -> None:
        self.now, self.tick = 0, 0.0  # of this turn: wall clock microseconds, and a clock that never jumps
        self.inbox = Inbox(limits.concurrency)
        self.is_draining = self.is_broken = self.has_left = False
        self.runs: dict[tuple[str, int], Run] = {}
        self._limits, self._port, self._room = limits, port, room
        self._name, self._incarnation = name, incarnation
        self._writer = Writer(name, incarnation, 0)
        self._queue_partitions = 0
        self._beginnings = Beginnings()
        # the reader
        self._is_reading = self._is_started = False  # it is busy; it is a member of the group
        self._storing: Commit | None = None
        self._store_until = inf
        self._pause = AGAIN
        self._read_at = self._polled_at = self._store_at = self._locate_at = -inf
        self._to_locate: dict[int, bool] = {}
        self._to_begin: dict[int, int | None] = {}
        self._after_scan: dict[int, int | None] = {}
        self._scan = 0  # the number of the last one
        self._is_leaving = False  # the assignment is about to be over: nothing is claimed
        self._may_leave: Callable[[], None] | None = None  # to be called when it may
        # who is to be looked at
        self._due: deque[Run] = deque()
        self._later: list[tuple[float, int, Run]] = []
        self._order = 0
        # what cannot be used
        self._passed_over = 0
        self._told_at = -inf
        self._told_of_cancels = False
        # the end
        self._shutdown_at = self._fail_at = self._over_at = inf

    # --- the reader's answers ---

    def started(self, partitions: int, queue_partitions: int) -> None:
        """The topics are there, and the group is being joined."""
        self._writer = Writer(self._name, self._incarnation, partitions)
        self._queue_partitions = queue_partitions
        self._is_started = True

    def assigned(self, partitions: Sequence[int]) -> None:
        """Not an answer: it comes while the reader polls, and before the answer to that."""
        self._take_leave(self.inbox.assign(partitions))
        self._to_locate = dict.fromkeys(partitions, False)

    def leaving(self, may_leave: Callable[[], None]) -> None:
        """Not an answer either: the assignment is about to be over. Calls when nothing is announced any more that whoever comes next has
        to find in `status`; `revoked` follows, be it without that call."""
        self._is_leaving, self._may_leave = True, may_leave

    def revoked(self) -> None:
        """Not an answer either."""
        self._take_leave(self.inbox.revoke())

    def located(self, places: Sequence[Place]) -> None:
        self._is_reading = False
        for place in places:
            self._to_locate.pop(place.partition, None)
            self._begin_at(place)
        if self._after_scan:
            self._port.notice("INFO", self._no_position(len(self._after_scan)))
            self._scan += 1
            self._port.scan(self._scan, self._status_partitions(), max(self._backlog_start() - 60_000_000, 0))

    def _begin_at(self, place: Place) -> None:
        partition = place.partition
        if place.stored is not None:
            self.inbox.begin(partition, place.stored)
            self._to_begin[partition] = place.stored
            return
        self.inbox.begin(partition, None, self._backlog_start())
        self._beginnings.begin(partition)
        if place.oldest is None:
            self._to_begin[partition] = None  # whatever lies there is older
        else:
            self._after_scan[partition] = place.oldest

    def not_located(self, why: str) -> None:
        self._is_reading = False
        self._locate_at = self.tick + RETRY
        self._port.notice("WARN", why)

    def began(self, why: str | None, begun: Mapping[int, int | None]) -> None:
        """why: it went wrong."""
        self._is_reading = False
        if why is not None:
            self._port.notice("WARN", why)
            self._locate_at = self.tick + RETRY
            self._to_begin = {**begun, **self._to_begin}

    def fetched(self, messages: Sequence[Message], ends: Mapping[int, int]) -> None:
        """What was read, and where the end of what may be read was reached."""
        self._is_reading = False
        self._polled_at = self.tick
        self._pause = AGAIN if messages else min(2 * self._pause, IDLE)
        self._read_at = self.tick if messages else self.tick + self._pause
        for message in messages:
            self._take(message)
        for partition, offset in ends.items():
            self.inbox.end(partition, offset)

    def position_lost(self, partition: int) -> None:
        """Its records were deleted, or the topic was made anew. Not an answer."""
        self._to_locate[partition] = True

    def stored(self, outcome: str, why: str = "") -> None:
        """outcome: made, refused (nothing was committed), unanswered (it may have been)."""
        self._is_reading = False
        commit, self._storing, self._store_until = self._storing, None, inf
        if commit is None:
            return
        if outcome == "made":
            self.inbox.committed(commit)
            self._beginnings.committed(commit.positions)
            self._tell_what_was_left_out()
            return
        (self.inbox.refused if outcome == "refused" else self.inbox.unanswered)(commit)
        self._store_at = self.tick + RETRY
        self._port.notice("WARN", f"will commit the position again: {why}")

    def left(self) -> None:
        self._is_reading = False
        self.has_left = True
        self._take_leave(self.inbox.revoke())

    def broke(self, why: str) -> None:
        """The worker cannot go on: another process has its name, ..."""
        if not self.is_broken:
            self._port.notice("ERROR", why)
        self.is_broken = True
        self.drain()

    # --- other readers ---

    def reported(self, scan: int, reports: Iterable[tuple[Mapping[str, Any], int, int, int]]) -> None:
        """Of `status`: record, partition, offset, time. `scan`: as it was begun."""
        if scan != self._scan:
            return
        for report, partition, offset, at in reports:
            self._beginnings.take(report, partition, offset, at, self._writer.partitions)

    def scanned(self, scan: int) -> None:
        if scan != self._scan:
            return
        self._to_begin.update(self._after_scan)
        self._after_scan = {}

    def not_scanned(self, scan: int, why: str) -> None:
        """It is begun anew. The group is not asked again: the position that is gone may still stand there."""
        if scan != self._scan:
            return
        self._port.notice("WARN", why)
        self._to_locate.update(dict.fromkeys(self._after_scan, True))
        self._after_scan = {}
        self._locate_at = self.tick + RETRY

    def signalled(self, messages: Sequence[Message]) -> None:
        """Of `control`."""
        for message in messages:
            try:
                signal = decode(message.value or b"", "ExecutionSignal")
            except Malformed as error:
                self._pass_over(self._limits.control_topic, message, error)
                continue
            if signal["signal"] == "CANCEL":
                self._cancel(signal)

    def control_is_read(self) -> None:
        """To its end, once."""
        self.inbox.cancels_are_known()

    # --- answers of the brokers ---

    def answered(self, run: Run, error: str | None, is_hopeless: bool) -> None:
        """Of a record in a run's queue."""
        if error is not None:
            self._say_what_failed(run, error, is_hopeless)
        weight = run.answered(error is None or is_hopeless, self.tick)
        if weight:
            self._room.sent(weight)
        if run.phase is Phase.CLAIMED:
            self.inbox.announced(run.claim)
        self._look_at(run)

    def beat_answered(self, run: Run, error: str | None) -> None:
        """Of a sign of life, which is not sent again."""
        if error is not None:
            self._port.notice("WARN", f"a sign of life was lost: {error}")
        run.beat.answered(error is None, self.tick)
        self._look_at(run)

    def _say_what_failed(self, run: Run, error: str, is_hopeless: bool) -> None:
        if is_hopeless:
            self._port.notice("ERROR", f"dropped a record of execution {run.execution['execution_id']}: {error}")
        else:
            self._port.notice("WARN", f"will publish it again: {error}")

    # --- handlers ---

    def logged(self, run: Run) -> None:
        """There are lines to be sent."""
        self._look_at(run)

    def progressed(self, run: Run, percent: int | None, note: str | None) -> None:
        if run.phase is Phase.WORKING:
            run.beat.say(percent, note)
            self._look_at(run)

    def ended(self, run: Run, outcome: Outcome) -> None:
        """The handler is done."""
        self.inbox.done(run.claim)
        if run.phase is Phase.WORKING:
            self._end(run, outcome)

    def _end(self, run: Run, outcome: Outcome) -> None:
        self._port.close(run)
        run.end(outcome, self.now, self.tick)
        self._look_at(run)

    # --- the end ---

    def drain(self) -> None:
        """Claims nothing more, leaves the group, lets handlers go on for a while."""
        if self.is_draining:
            return
        self.is_draining = True
        self._shutdown_at = self.tick + self._limits.drain / 1000

    def hurry(self) -> None:
        """As if the time for handlers were over."""
        self.drain()
        self._shutdown_at = min(self._shutdown_at, self.tick)

    @property
    def is_over(self) -> bool:
        """All is reported, or the time for it is over."""
        return self.is_draining and ((self.has_left and not self.runs) or self.tick >= self._over_at)

    @property
    def unreported(self) -> int:
        return len(self.runs)

    def _shut_down(self) -> None:
        if self.tick >= self._shutdown_at:
            self._shutdown_at, self._fail_at = inf, self.tick + AFTER_SHUTDOWN
            for run in list(self.runs.values()):
                self._tell(run, Cause.SHUTDOWN)
        if self.tick >= self._fail_at or (self._fail_at < inf and not self._works()):
            self._fail_at, self._over_at = inf, self.tick + LAST_REPORTS
            for run in list(self.runs.values()):
                if run.phase is Phase.WORKING:
                    self._end(run, Outcome("FAILED", "WORKER_SHUTDOWN", "the worker was shut down"))

    def _works(self) -> bool:
        return any(run.phase is Phase.WORKING for run in self.runs.values())

    # --- a turn ---

    def step(self) -> None:
        """Does what can be done now."""
        self._shut_down()
        self._claim()
        self._commit()
        self._hand_out()
        self._claim()  # where that was the end of a turn: maybe nothing else happens for a while
        self._attend()
        self._let_go()
        self._command_reader()

    def wake(self) -> float:
        """The tick at which there is something to do."""
        wake = min(self._shutdown_at, self._fail_at, self._over_at, self._store_until)
        if self._later:
            wake = min(wake, self._later[0][0])
        if self._due:
            return -inf
        return wake if self._is_reading or self.has_left or not self._is_started else min(wake, self._reader_due())

    # --- claims ---

    def _claim(self) -> None:
        if self.is_draining or self._is_leaving:
            return
        for claim in self.inbox.claim(self.now):
            run = Run(claim, self._writer, self._room, self._limits.stop_when_lost)
            claim.job = run
            self.runs[claim.key] = run
            self._look_at(run)

    def _hand_out(self) -> None:
        ready = [claim.job for claim in self.inbox.hand_out()]
        if ready:
            self._start(ready)

    def _start(self, runs: list[Run]) -> None:
        begun = []
        for run in runs:
            run.start(self.tick)
            if run.cause is not None:
                self._cancel_unbegun(run)
            else:
                begun.append(run)
            self._look_at(run)
        if begun:
            self._port.start(begun)

    def _cancel_unbegun(self, run: Run) -> None:
        self.inbox.done(run.claim)
        self._end(run, _unbegun(run.cause))

    def _let_go(self) -> None:
        if self._may_leave is not None and not self.inbox.announces_alone:
            self._may_leave()
            self._may_leave = None

    def _take_leave(self, gone: Gone) -> None:
        """The assignment is over."""
        self._is_leaving, self._may_leave = False, None
        self._scan += 1  # whatever is under way is of no use
        self._port.stop_scan()
        for claim in gone.forgotten:
            claim.job.phase = Phase.GONE
            self._look_at(claim.job)
        self._start([claim.job for claim in gone.handed])
        self._beginnings.forget()
        self._tell_what_was_left_out()
        self._to_locate, self._to_begin, self._after_scan = {}, {}, {}

    # --- causes ---

    def _cancel(self, signal: Mapping[str, Any]) -> None:
        key = signal["execution_id"], signal["attempt"]
        self.inbox.cancel(key[0], signal["task_id"], key[1])
        run = self.runs.get(key)
        if run is not None and run.execution["task_id"] == signal["task_id"]:
            self._tell(run, Cause.CANCEL)
        if self.inbox.cancels_lost and not self._told_of_cancels:
            self._told_of_cancels = True
            self._port.notice("WARN", f"{self._limits.control_topic} holds more cancellations than are remembered: what the oldest"
                              " of them are about is run if it still waits in the queue")  # fmt: skip

    def _tell(self, run: Run, cause: Cause) -> None:
        if run.cause is not None or run.phase > Phase.WORKING:
            return
        run.told(cause, self.tick)
        if run.phase is Phase.WORKING:
            self._port.tell(run, cause)
        self._look_at(run)

    # --- messages ---

    def _take(self, message: Message) -> None:
        try:
            execution = self._execution_of(message)
        except Malformed as error:
            self._pass_over(self._limits.queue_topic, message, error)
            execution = None
        self.inbox.take(message.partition, message.offset, execution, message.at)

    def _execution_of(self, message: Message) -> dict[str, Any] | None:
        """None: it is left out. Raises Malformed: nobody can use it."""
        if message.value is None:
            raise Malformed(message.why or "no value")
        execution = decode(message.value, "ExecutionCreated")
        check_created(execution, self._writer.partitions)
        if self._beginnings.leaves_out(execution, message.partition, message.at, self._backlog_start()):
            return None
        execution["traceparent"] = message.traceparent  # of the record's header
        return execution

    def _pass_over(self, topic: str, message: Message, why: Malformed) -> None:
        """What nobody can use is counted and told, not each by itself: there may be millions."""
        self._passed_over += 1
        if self.tick < self._told_at + 10:
            return
        self._told_at = self.tick
        place = f"{topic}[{message.partition}] at {message.offset}"
        self._port.notice("ERROR", f"passed over {place}: {why} ({self._passed_over} so far)")

    # --- beginnings ---

    def _backlog_start(self) -> int:
        return max(self.now - self._limits.backlog * 1000, 0)

    def _status_partitions(self) -> list[int]:
        """Those to look through: all, where the queue's do not match them one by one."""
        match = self._queue_partitions == self._writer.partitions
        return sorted(self._after_scan) if match else list(range(self._writer.partitions))

    def _no_position(self, count: int) -> str:
        return (
            f"the group {self._limits.group} has no position in {count} partitions of {self._limits.queue_topic}: takes what came in"
            f" the last {duration_text(self._limits.backlog)}, and of that what no worker has reported on"
        )

    def _tell_what_was_left_out(self) -> None:
        known = self._beginnings
        if known:
            return
        if known.left_out:
            self._port.notice("INFO", f"left out {known.left_out} executions of {self._limits.queue_topic} that were reported on"
                              " or are older")  # fmt: skip
        if known.unknown:
            self._port.notice("WARN", f"left out {known.unknown} executions of {self._limits.queue_topic}, since reports as old as"
                              " they had no room: those still PENDING never ran (cronobs execution list, cronobs task trigger)")  # fmt: skip
        known.left_out = known.unknown = 0

    # --- records ---

    def _look_at(self, run: Run) -> None:
        self._due.append(run)

    def _attend(self) -> None:
        """To everybody who was marked, and to whose time has come."""
        while self._later and self._later[0][0] <= self.tick:
            entry = heapq.heappop(self._later)
            run = entry[2]
            if run.entry is entry:
                run.entry = None
                self._due.append(run)
        while self._due:
            run = self._due.popleft()
            self._attend_to(run)
            if run.is_over():
                self._drop(run)
                continue
            wake = run.wake()
            if wake < (inf if run.entry is None else run.entry[0]):
                self._order += 1
                run.entry = (wake, self._order, run)
                heapq.heappush(self._later, run.entry)
        self._tidy()

    def _tidy(self) -> None:
        """Whoever is looked at earlier than he said leaves an entry behind, which may be far away: most runs have a run timeout."""
        if len(self._later) > 2 * len(self.runs) + FEW:
            self._later = [entry for entry in self._later if entry is entry[2].entry]
            heapq.heapify(self._later)

    def _drop(self, run: Run) -> None:
        run.entry = None
        key = run.claim.key
        if self.runs.get(key) is run:
            del self.runs[key]

    def _attend_to(self, run: Run) -> None:
        if self.tick >= run.timeout_at:
            self._tell(run, Cause.TIMEOUT)
        if run.ignores_its_cause(self.tick):
            self._port.notice("WARN", f"execution {run.execution['execution_id']} of task '{run.execution['task_key']}' goes on 30 s"
                              f" after it was told to end ({run.cause}); it keeps its place")  # fmt: skip
        if self.tick >= run.lost_at():
            self._tell(run, Cause.LOST)
        if run.beat_due() <= self.tick:
            run.beat.sent(self.tick)
            self._port.send(run.heartbeat(self.now), run)
        self._send_next(run)

    def _send_next(self, run: Run) -> None:
        try:
            record = run.next_record(self.now, self.tick)
        except Malformed as error:
            self.answered(run, str(error), True)
            return
        if record is not None:
            self._port.send(record, run)

    # --- the reader ---

    def _commit(self) -> None:
        """Decides what is to be committed; `_command_reader` has it done."""
        if self._storing is not None:
            if self.tick >= self._store_until:
                self._store_until = inf
                self.inbox.unanswered(self._storing)
            return
        if self.tick < self._store_at or self._is_reading:
            return
        self._storing = self.inbox.commit()

    def _command_reader(self) -> None:
        if self._is_reading or self.has_left:
            return
        command = self._next_command()
        if command is not None:
            self._is_reading = True
            self._port.read(command)

    def _next_command(self) -> Command | None:
        if self.is_draining and not self.inbox.is_claiming:
            return Leave()
        if not self._is_started:
            return None
        if self._storing is not None:
            self._store_until = self.tick + COMMIT_ANSWER
            return Store(dict(self._storing.positions))
        if self._to_locate and self.tick >= self._locate_at:
            return Locate(dict(self._to_locate))
        if self._to_begin and self.tick >= self._locate_at:
            begin, self._to_begin = Begin(self._to_begin), {}
            return begin
        return self._next_read()

    def _is_idle(self) -> bool:
        """Nothing can be wanted of the reader but a message."""
        return not (
            self.inbox.is_claiming or self.inbox.waiting or self._to_locate or self._to_begin or self._after_scan
            or self.is_draining
        )  # fmt: skip

    def _next_read(self) -> Read | None:
        if self._is_idle():
            return Read(self.inbox.room, IDLE)
        if self.tick >= self._reader_due():
            return Read(max(self.inbox.room - self.inbox.waiting, 0) if self._may_read() else 0, 0.0)
        return None

    def _may_read(self) -> bool:
        return not self.inbox.is_paused and self.inbox.waiting < self.inbox.room

    def _reader_due(self) -> float:
        """The tick at which the reader is to be told something, if nothing happens before."""
        due = self._polled_at + ALIVE
        if self._to_locate or self._to_begin:
            due = min(due, self._locate_at)
        if self._store_at > self.tick:
            due = min(due, self._store_at)
        return min(due, self._read_at) if self._may_read() else due


def _unbegun(cause: Cause | None) -> Outcome:
    if cause is Cause.CANCEL:
        return Outcome("CANCELLED", message="it was cancelled before it began")
    if cause is Cause.TIMEOUT:
        return Outcome("FAILED", "RUN_TIMEOUT", "run timeout")
    return Outcome("FAILED", "WORKER_SHUTDOWN", "the worker was shut down before it began")
