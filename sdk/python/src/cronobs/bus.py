"""Kafka: the one file that knows confluent-kafka. Threads that read and write, and what they say to the engine.

Nothing here decides. The queue's reader does what the engine tells it, one command after the other; two more threads read `control` and
serve the producer, a third looks through `status` where the group has no position. Each says what has happened by `post`.

Of librdkafka is known: a consumer holds whoever calls it while another thread polls it; consume(n, t) waits t for n messages, so it is
poll(t) and then consume(n, 0); a pause outlives a new assignment; commit(asynchronous=False) waits for as long as the answer does not
come, and holds up the whole group's rebalance meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final

from . import properties
from .codec import Malformed, decode
from .commands import Answers, Begin, Command, Leave, Locate, Message, Place, Read, Store, traceparent_of
from .engine import Engine
from .properties import Topics
from .run import Record, Run
from .settings import SettingError, Settings
from .unreadable import Passed, Searches

try:
    import confluent_kafka as kafka
    from confluent_kafka import KafkaError, KafkaException, TopicPartition
except ImportError as missing:
    raise SettingError("a worker needs confluent-kafka: pip install 'confluent-kafka>=2.16,<3'") from missing

Post = Callable[..., None]  # a function and its arguments, to be called by the engine's thread
Notice = Callable[[str, str], None]  # level, text

ASK: Final = 2.0  # seconds that a question to the brokers may take
START: Final = 1.0  # seconds before brokers and topics are looked for again
POLL: Final = 0.5  # seconds that a thread waits in the client
COMMIT: Final = 2.0  # seconds that the answer to a commit is waited for
ANNOUNCE: Final = 2.0  # seconds that the group's rebalance is held up by what is being announced
CLOSE: Final = 3.0  # seconds that leaving the group may take
EARLY: Final = 100  # messages that may come while a commit is waited for
BATCH: Final = 5000  # messages taken at once, of topics that are read to their ends

_REFUSED: Final = frozenset((KafkaError.ILLEGAL_GENERATION, KafkaError.UNKNOWN_MEMBER_ID, KafkaError.REBALANCE_IN_PROGRESS,
                             KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED,
                             KafkaError.OFFSET_METADATA_TOO_LARGE))  # fmt: skip
_FENCED: Final = frozenset((KafkaError.FENCED_INSTANCE_ID, KafkaError._FENCED))
_LOST: Final = frozenset((KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE))
_UNREADABLE: Final = frozenset((KafkaError._BAD_COMPRESSION, KafkaError._BAD_MSG, KafkaError._NOT_IMPLEMENTED, KafkaError.INVALID_MSG,
                                KafkaError.INVALID_MSG_SIZE, KafkaError.MSG_SIZE_TOO_LARGE))  # fmt: skip
_HOPELESS: Final = frozenset((KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._INVALID_ARG))


# --- clients ---


class _ClientLog:
    """What librdkafka would print on standard error."""

    def __init__(self, role: str, notice: Notice) -> None:
        self._role, self._notice = role, notice

    def log(self, level: int, form: str, facility: str, name: str, text: str) -> None:
        is_told = facility == "FAIL"  # a lost connection: the error's callback tells it, too
        is_of_another = facility == "CONFWARN" and "will be ignored by this" in text  # one `kafka` is given to all clients
        if not is_told and not is_of_another:
            self._notice("WARN", f"{self._role}: {facility}: {text}")


def _config(settings: Settings, role: str, notice: Notice, on_fatal: Callable[[str], None], more: Mapping[str, Any]) -> dict[str, Any]:
    def on_error(error: KafkaError) -> None:
        text = f"{role}: {error.name()}: {error.str()}"
        if error.fatal() or error.code() in _FENCED:
            on_fatal(text)
        else:
            notice("WARN", text)

    return {
        **properties.common(settings),
        **more,
        "error_cb": on_error,
        "logger": _ClientLog(role, notice),
    }


def _make(kind: Callable[[dict[str, Any]], Any], config: dict[str, Any]) -> Any:
    try:
        return kind(config)
    except (KafkaException, ValueError, TypeError) as error:
        raise SettingError(f"kafka: {_why(error)}") from None


def _why(error: BaseException) -> str:
    cause = error.args[0] if error.args else error
    return f"{cause.name()}: {cause.str()}" if isinstance(cause, KafkaError) else str(cause)


def _code(error: BaseException) -> int:
    cause = error.args[0] if error.args else None
    return cause.code() if isinstance(cause, KafkaError) else KafkaError.UNKNOWN


# --- the queue ---


class _Thread(threading.Thread):
    """One without which the worker cannot go on."""

    def __init__(self, name: str, broke: Callable[[str], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._broke = broke

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:  # whatever it was: to be started again is better than to stand
            self._broke(f"{self.name} ended: {type(error).__name__}: {_why(error)}")

    def work(self) -> None:
        raise NotImplementedError


class QueueReader(_Thread):
    """Reads the queue, as a member of the workers' group: one command of the engine after the other."""

    def __init__(self, settings: Settings, topics: Topics, engine: Engine, post: Post, notice: Notice, on_topics: Callable[[], None]) -> None:
        super().__init__("cronobs-queue", lambda why: post(engine.broke, why))
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self._topics, self._engine, self._post, self._notice = topics, engine, post, notice
        self._on_topics = on_topics
        self._backlog = settings.backlog
        self._positions: dict[int, int] = {}  # what is read, and from where next
        self._early: list[Any] = []  # items that came while a commit was waited for
        self._is_paused = self._has_changed = False
        self._storing: Mapping[int, int] | None = None
        self._stored: tuple[int | None, str] | None = None  # the answer: a code and why
        self._held: list[tuple[Any, ...]] = []  # what the engine is told behind the answer
        config = {**properties.member(settings), "on_commit": self._on_commit}
        self._consumer = _make(kafka.Consumer, _config(settings, "consumer", notice, self._broke, config))
        self._searches = _searches(self._consumer, topics.queue)

    def run(self) -> None:
        super().run()
        closing = threading.Thread(target=self._close, name="cronobs-leave", daemon=True)
        closing.start()
        closing.join(CLOSE)  # without brokers it may take long
        self._post(self._engine.left)

    def work(self) -> None:
        if self._await_topics():
            self._on_topics()
            self._consumer.subscribe([self._topics.queue], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost)
            self._serve()

    def _close(self) -> None:
        try:
            self._consumer.close()
        except (KafkaException, RuntimeError) as error:
            self._notice("WARN", f"could not leave the group: {_why(error)}")

    def _serve(self) -> None:
        while True:
            command = self.commands.get()
            match command:
                case Read():
                    self._read(command)
                case Store():
                    self._store(command)
                case Locate():
                    self._locate(command)
                case Begin():
                    self._begin(command)
                case Leave():
                    return

    # --- starting ---

    def _await_topics(self) -> bool:
        """False: the worker is to end before they were there."""
        while True:
            why = self._look_at_topics()
            if why is None:
                return True
            self._notice("WARN", why)
            try:
                self.commands.get(timeout=START)
                return False  # there is nothing else to be told yet
            except Empty:
                self._consumer.poll(0)  # for what the client has to say

    def _look_at_topics(self) -> str | None:
        counts = {}
        for topic in self._topics:
            try:
                found = self._consumer.list_topics(topic, timeout=ASK).topics[topic]
            except KafkaException as error:
                return f"waiting for the brokers: {_why(error)}"
            if found.error is not None or not found.partitions:
                return self._missing(topic, found.error)
            counts[topic] = len(found.partitions)
        self._post(self._engine.started, counts[self._topics.status], counts[self._topics.queue])
        return None

    def _missing(self, topic: str, error: KafkaError | None) -> str:
        if error is not None and error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            return f"waiting for topic {topic}: {error.name()}: {error.str()}"
        if topic == self._topics.queue:
            return f"waiting for the queue: there is no topic {topic} yet"
        return f"there is no topic {topic}: run `cronobs topics apply`"

    # --- the assignment ---

    def _on_assign(self, consumer: Any, partitions: Sequence[Any]) -> None:
        self._forget()
        consumer.assign([])  # nothing is read before it is known from where
        self._tell(self._engine.assigned, [p.partition for p in partitions])

    def _on_revoke(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """Nobody else has the partitions before this returns."""
        may_leave = threading.Event()
        self._post(self._engine.leaving, may_leave.set)
        may_leave.wait(ANNOUNCE)
        self._on_lost(consumer, partitions)

    def _on_lost(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """The session had ended: others may have them already."""
        self._forget()
        self._tell(self._engine.revoked)

    def _tell(self, *what: Any) -> None:
        """Behind the answer to the commit that is waited for."""
        if self._storing is None:
            self._post(*what)
        else:
            self._held.append(what)

    def _forget(self) -> None:
        self._positions, self._early = {}, []
        self._searches.forget()
        self._is_paused = False
        self._has_changed = True

    def _places(self, partitions: Mapping[int, int] | Sequence[int]) -> list[Any]:
        offsets = partitions if isinstance(partitions, Mapping) else dict.fromkeys(partitions, kafka.OFFSET_INVALID)
        return [TopicPartition(self._topics.queue, partition, offset) for partition, offset in offsets.items()]

    def _locate(self, command: Locate) -> None:
        try:
            asked = [partition for partition, is_lost in command.partitions.items() if not is_lost]
            stored = self._ask(self._consumer.committed, self._places(asked)) if asked else {}
            lacking = [partition for partition in command.partitions if stored.get(partition, -1) < 0]
            since = max(int(time.time() * 1000) - self._backlog, 0)
            oldest = self._ask(self._consumer.offsets_for_times, self._places(dict.fromkeys(lacking, since))) if lacking else {}
        except KafkaException as error:
            self._post(self._engine.not_located, f"could not ask for the group's positions: {_why(error)}")
            return
        self._post(
            self._engine.located,
            [Place(p, None, _offset(oldest[p])) if p in oldest else Place(p, stored[p], None) for p in command.partitions],
        )

    def _ask(self, question: Callable[..., Any], places: list[Any]) -> dict[int, int]:
        answers = question(places, timeout=ASK)
        for answer in answers:
            if answer.error is not None:
                raise KafkaException(answer.error)
        return {answer.partition: answer.offset for answer in answers}

    def _begin(self, command: Begin) -> None:
        offsets = {p: kafka.OFFSET_BEGINNING if offset is None else offset for p, offset in command.offsets.items()}
        self._positions.update(offsets)
        why = None
        try:
            self._early = []  # not in the positions: it is read again
            self._searches.forget()
            self._consumer.assign(self._places(self._positions))
            self._consumer.resume(self._places(list(self._positions)))
            self._is_paused = False
        except KafkaException as error:
            why = f"could not begin to read: {_why(error)}"
        self._post(self._engine.began, why, command.offsets)

    # --- reading ---

    def _read(self, command: Read) -> None:
        self._has_changed = False
        self._set_paused(command.room == 0)
        got = self._take(command.room, command.wait)
        if self._has_changed:
            got, self._early = [], []  # of an assignment that is over, maybe
        messages: list[Message] = []
        ends: dict[int, int] = {}
        for message in got:
            if isinstance(message, Passed):
                messages.append(Message(message.partition, message.next - 1, 0, None, None, message.text))
                self._positions[message.partition] = message.next
                continue
            error = message.error()
            if error is None:
                messages.append(_message(message))
                self._positions[messages[-1].partition] = messages[-1].offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                ends[message.partition()] = message.offset()
            else:
                self._take_error(message, error)
        self._post(self._engine.fetched, messages, ends)

    def _take(self, room: int, wait: float) -> list[Any]:
        """In their order: what comes by a poll stands behind what came early, and waits with it where there is no room."""
        first = self._consumer.poll(0 if self._early else wait)
        if first is not None:
            self._early += _sift(self._searches, [first])
        if room > len(self._early) and (first is not None or wait == 0):
            self._early += _sift(self._searches, self._consumer.consume(room - len(self._early), 0))
        got, self._early = self._early[:room], self._early[room:]
        return got

    def _set_paused(self, is_paused: bool) -> None:
        """The inbox is full, or not any more."""
        if is_paused == self._is_paused:
            return
        self._is_paused = is_paused
        try:
            (self._consumer.pause if is_paused else self._consumer.resume)(self._places(list(self._positions)))
        except KafkaException as error:
            self._notice("WARN", f"could not pause or go on: {_why(error)}")

    def _take_error(self, message: Any, error: KafkaError) -> None:
        text = f"could not read {message.topic()}[{message.partition()}] at {message.offset()}: {error.name()}: {error.str()}"
        if error.fatal() or error.code() in _FENCED or error.code() == KafkaError._FATAL:
            self._broke(text)
            return
        self._notice("WARN", text)
        if error.code() in _LOST:
            self._positions.pop(message.partition(), None)
            self._post(self._engine.position_lost, message.partition())

    def _store(self, command: Store) -> None:
        self._storing, self._stored = command.positions, None
        try:
            self._consumer.commit(offsets=self._places(command.positions), asynchronous=True)
            self._await_answer(time.monotonic() + COMMIT)
        except KafkaException as failure:
            self._stored = _code(failure), _why(failure)
        code, why = self._stored or (KafkaError._TIMED_OUT, f"no answer within {COMMIT:.0f} s")
        if code in _FENCED:
            self._broke(f"could not commit the position: {why}")
        outcome = "made" if code is None else "refused" if code in _REFUSED or code in _FENCED else "unanswered"
        self._post(self._engine.stored, outcome, why)
        held, self._held, self._storing = self._held, [], None
        for what in held:
            self._post(*what)

    def _await_answer(self, until: float) -> None:
        """The answer comes with the next poll, before all messages; so may the end of the assignment."""
        wait = 0.001
        while self._stored is None and time.monotonic() < until:
            if len(self._early) >= EARLY:
                time.sleep(wait)
            message = self._consumer.poll(wait if len(self._early) < EARLY else 0)
            if message is not None:
                self._early += _sift(self._searches, [message])
            wait = min(2 * wait, 0.004)  # the answer is a callback, by which no poll returns sooner

    def _on_commit(self, error: KafkaError | None, places: Sequence[Any]) -> None:
        if {place.partition: place.offset for place in places} != self._storing:
            return  # of an earlier one, which is not waited for any more
        error = error or next((place.error for place in places if place.error is not None), None)
        self._stored = (None, "") if error is None else (error.code(), f"{error.name()}: {error.str()}")


def _searches(consumer: Any, topic: str) -> Searches:
    def seek(partition: int, offset: int) -> bool:
        try:
            consumer.seek(TopicPartition(topic, partition, offset))
        except KafkaException:
            return False
        return True

    return Searches(seek, lambda partition: int(consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)[1]))


def _sift(searches: Searches, got: Sequence[Any]) -> list[Any]:
    """Without what answers a search; a batch that was passed is one item."""
    searches.begin()
    kept: list[Any] = []
    for message in got:
        error = message.error()
        is_unreadable = error is not None and error.code() in _UNREADABLE and message.offset() >= 0
        is_other = error is not None and not is_unreadable and error.code() != KafkaError._PARTITION_EOF
        found = searches.take(message.partition(), message.offset(), error.name() if is_unreadable else None, is_other)
        if found is not True:
            kept.append(found or message)
    return kept


def _offset(found: int) -> int | None:
    return found if found >= 0 else None


def _message(message: Any) -> Message:
    headers = message.headers()
    return Message(
        message.partition(), message.offset(), message.timestamp()[1] * 1000, message.value(), traceparent_of(headers) if headers else None
    )


# --- control, status ---


class _LoneReader(_Thread):
    """Reads a topic without a group."""

    def __init__(self, name: str, settings: Settings, topic: str, isolation: str, notice: Notice, broke: Callable[[str], None]) -> None:
        super().__init__(name, broke)
        self._topic, self._notice = topic, notice
        self._stops = threading.Event()
        self._consumer = _make(kafka.Consumer, _config(settings, name.removeprefix("cronobs-"), notice, self._failed, properties.lone(settings, isolation)))
        self._searches = _searches(self._consumer, topic)

    def stop(self) -> None:
        self._stops.set()

    def _failed(self, why: str) -> None:
        self._notice("ERROR", why)

    def _take(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Messages, ends and errors."""
        first = self._consumer.poll(POLL)
        got = [] if first is None else _sift(self._searches, [first, *self._consumer.consume(BATCH, 0)])
        messages: list[Any] = []
        ends: list[Any] = []
        errors: list[Any] = []
        for message in got:
            if isinstance(message, Passed):
                self._notice("ERROR", f"passed over {self._topic}[{message.partition}] up to {message.next - 1}: {message.text}")
                continue
            error = message.error()
            (messages if error is None else ends if error.code() == KafkaError._PARTITION_EOF else errors).append(message)
        return messages, ends, errors


class ControlReader(_LoneReader):
    """Reads what the scheduler has to say to workers, from the beginning and for as long as the worker lives."""

    def __init__(self, settings: Settings, topics: Topics, engine: Engine, post: Post, notice: Notice) -> None:
        super().__init__("cronobs-control", settings, topics.control, "read_committed", notice, lambda why: post(engine.broke, why))
        self._engine, self._post = engine, post
        self._next = kafka.OFFSET_BEGINNING

    def work(self) -> None:
        self._consumer.assign([TopicPartition(self._topic, 0, self._next)])
        is_read = False
        while not self._stops.is_set():
            messages, ends, errors = self._take()
            if messages:
                self._next = messages[-1].offset() + 1
                self._post(self._engine.signalled, [_message(message) for message in messages])
            if ends and not is_read:
                is_read = True
                self._post(self._engine.control_is_read)
            if errors:
                self._begin_anew(errors[-1].error())
        self._consumer.close()

    def _begin_anew(self, error: KafkaError) -> None:
        self._notice("WARN", f"could not read {self._topic}: {error.name()}: {error.str()}")
        self._stops.wait(START)
        if error.code() in _LOST:
            self._next = kafka.OFFSET_BEGINNING
        self._consumer.assign([TopicPartition(self._topic, 0, self._next)])


class StatusReader(_LoneReader):
    """Reads partitions of `status` from an instant to their ends, uncommitted: workers use no transactions, and somebody else's open one
    must not hide what they have said."""

    def __init__(self, settings: Settings, topics: Topics, engine: Engine, post: Post, notice: Notice, scan: int,
                 partitions: Sequence[int], since: int) -> None:  # fmt: skip
        def failed(why: str) -> None:
            post(engine.not_scanned, scan, why)

        super().__init__("cronobs-status", settings, topics.status, "read_uncommitted", notice, failed)
        self._engine, self._post, self._scan = engine, post, scan
        self._partitions, self._since = partitions, since

    def run(self) -> None:
        super().run()
        self._consumer.close()

    def work(self) -> None:
        since = [TopicPartition(self._topic, partition, self._since // 1000) for partition in self._partitions]
        places = [place for place in self._consumer.offsets_for_times(since, timeout=ASK) if place.offset >= 0]
        left = {place.partition for place in places}
        if places:
            self._consumer.assign(places)
        while left and not self._stops.is_set():
            messages, ends, errors = self._take()
            if errors:
                raise KafkaException(errors[0].error())
            self._post(self._engine.reported, self._scan, [r for r in map(_report, messages) if r is not None])
            left -= {end.partition() for end in ends}
        if not self._stops.is_set():
            self._post(self._engine.scanned, self._scan)


def _report(message: Any) -> tuple[dict[str, Any], int, int, int] | None:
    try:
        report = decode(message.value() or b"", "ExecutionStatus")
    except Malformed:
        return None
    return report, message.partition(), message.offset(), message.timestamp()[1] * 1000


# --- writing ---


class Sender(_Thread):
    """The producer, and a thread that hears the brokers' answers."""

    def __init__(self, settings: Settings, topics: Topics, engine: Answers, post: Post, notice: Notice) -> None:
        super().__init__("cronobs-sender", lambda why: post(engine.broke, why))
        self._topics = {"status": topics.status, "logs": topics.logs, "heartbeats": topics.heartbeats}
        self._engine, self._post, self._notice = engine, post, notice
        self._config = _config(settings, "producer", notice, self._failed, properties.producer())
        self._answers: list[tuple[Run, bool, KafkaError | None]] = []
        self._is_dead = False
        self._stops = threading.Event()
        self._producer = _make(kafka.Producer, self._config)

    def stop(self) -> None:
        self._stops.set()

    def count_partitions(self, timeout: float) -> int | None:
        """Of `status`; None: that is not to be learned now, and why is told."""
        try:
            topics = self._producer.list_topics(timeout=timeout).topics
        except KafkaException as error:
            self._notice("WARN", f"waiting for the brokers: {_why(error)}")
            return None
        if self._topics["status"] not in topics:
            self._notice("WARN", f"there is no topic {self._topics['status']}: run `cronobs topics apply`")
            return None
        return len(topics[self._topics["status"]].partitions)

    def send(self, record: Record, run: Run) -> None:
        """Called by the engine's thread."""
        is_beat = record.topic == "heartbeats"
        try:
            self._producer.produce(
                self._topics[record.topic], record.value, record.key, record.partition, on_delivery=partial(self._heard, run, is_beat)
            )
        except BufferError:
            self._post(self._tell, [(run, is_beat, KafkaError(KafkaError._QUEUE_FULL))])
        except KafkaException as error:
            self._is_dead = self._is_dead or _code(error) == KafkaError._FATAL
            self._post(self._tell, [(run, is_beat, error.args[0])])

    def _heard(self, run: Run, is_beat: bool, error: KafkaError | None, message: Any) -> None:
        self._answers.append((run, is_beat, error))

    def _tell(self, answers: Sequence[tuple[Run, bool, KafkaError | None]]) -> None:
        """By the engine's thread."""
        for run, is_beat, error in answers:
            why = None if error is None else f"{error.name()}: {error.str()}"
            if is_beat:
                self._engine.beat_answered(run, why)
            else:
                self._engine.answered(run, why, error is not None and error.code() in _HOPELESS)

    def _failed(self, why: str) -> None:
        self._notice("ERROR", why)
        self._is_dead = True

    def work(self) -> None:
        while not self._stops.is_set():
            self._producer.poll(POLL)
            self._hand_over()
            if self._is_dead:
                self._renew()

    def _hand_over(self) -> None:
        if self._answers:
            answers, self._answers = self._answers, []
            self._post(self._tell, answers)

    def _renew(self) -> None:
        """It has failed for good: what was on its way comes back as failed and is sent by the next one."""
        old, self._producer = self._producer, kafka.Producer(self._config)
        self._is_dead = False
        old.purge()
        old.flush(START)
        self._hand_over()
