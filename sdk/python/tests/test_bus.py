"""The reader of the queue, with a client that does as it is told. What real brokers do: sdk/conformance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from cronobs import bus
from cronobs.commands import Begin, Read, Store
from cronobs.settings import resolve


class Message:
    def __init__(self, offset: int) -> None:
        self._offset = offset

    def error(self) -> Any:
        return None

    def headers(self) -> list[tuple[str, bytes]]:
        return [("other", b""), ("traceparent", b"00-1-2-01")]

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        return 2, 5

    def value(self) -> bytes:
        return b"v"


class Client:
    """A consumer: each poll does the next thing that it was told, or gives nothing."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.polls: list[Callable[[], Message | None]] = []
        self.ready: list[Message] = []
        self.committed: list[Any] = []
        self.assigned: list[Any] = []

    def poll(self, wait: float) -> Message | None:
        return self.polls.pop(0)() if self.polls else None

    def consume(self, most: int, wait: float) -> list[Message]:
        taken, self.ready = self.ready[:most], self.ready[most:]
        return taken

    def commit(self, offsets: list[Any], asynchronous: bool) -> None:
        assert asynchronous
        self.committed += offsets

    def assign(self, places: list[Any]) -> None:
        self.assigned = places

    def seek(self, place: Any) -> None:
        self.sought = place.offset

    def get_watermark_offsets(self, place: Any, cached: bool) -> tuple[int, int]:
        return 0, 100

    def resume(self, places: list[Any]) -> None:
        pass

    def close(self) -> None:
        pass


class Heard:
    """What the engine was told: names of its methods, and what they were given."""

    def __getattr__(self, name: str) -> str:
        return name


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, told: list[Any]) -> bus.QueueReader:
    monkeypatch.setattr(bus.kafka, "Consumer", Client)
    monkeypatch.setattr(bus, "COMMIT", 0.05)
    monkeypatch.setattr(bus, "ANNOUNCE", 0.05)
    settings = resolve({"queue": "q"}, {})
    topics = bus.Topics.of("t.", "q")
    return bus.QueueReader(settings, topics, Heard(), lambda *what: told.append(what), print, lambda: None)  # type: ignore[arg-type]


def client_of(reader: bus.QueueReader) -> Client:
    client: Client = reader._consumer
    return client


def answers(reader: bus.QueueReader, error: Any = None) -> Callable[[], None]:
    def answer() -> None:
        client = client_of(reader)
        client.config["on_commit"](error, client.committed)

    return answer


def test_a_commit_is_made_when_its_answer_says_so(reader: bus.QueueReader, told: list[Any]) -> None:
    client_of(reader).polls = [answers(reader)]
    reader._store(Store({0: 7}))
    assert told == [("stored", "made", "")]
    assert [(p.topic, p.partition, p.offset) for p in client_of(reader).committed] == [("t.executions.q", 0, 7)]


def test_a_commit_without_an_answer_in_time_is_unanswered(reader: bus.QueueReader, told: list[Any]) -> None:
    reader._store(Store({0: 7}))
    assert told[0][:2] == ("stored", "unanswered")


def test_a_commit_of_an_old_generation_is_refused(reader: bus.QueueReader, told: list[Any]) -> None:
    client_of(reader).polls = [answers(reader, bus.KafkaError(bus.KafkaError.ILLEGAL_GENERATION))]
    reader._store(Store({0: 7}))
    assert told[0][:2] == ("stored", "refused")


def test_the_answer_to_an_earlier_commit_is_none_to_this_one(reader: bus.QueueReader, told: list[Any]) -> None:
    def late() -> None:
        client_of(reader).config["on_commit"](None, [bus.TopicPartition("t.executions.q", 0, 3)])

    client_of(reader).polls = [late]
    reader._store(Store({0: 7}))
    assert told[0][:2] == ("stored", "unanswered")


def test_an_assignment_that_ends_during_a_commit_is_told_behind_its_answer(reader: bus.QueueReader, told: list[Any]) -> None:
    client_of(reader).polls = [lambda: reader._on_revoke(client_of(reader), []), answers(reader)]
    reader._store(Store({0: 7}))
    assert [what[0] for what in told] == ["leaving", "stored", "revoked"]


def test_what_comes_while_a_commit_is_waited_for_is_read_next_and_in_order(reader: bus.QueueReader, told: list[Any]) -> None:
    client = client_of(reader)
    client.polls = [lambda: Message(4), answers(reader), lambda: Message(5)]
    reader._store(Store({0: 4}))
    client.ready = [Message(6), Message(7)]
    reader._read(Read(3, 0.0))
    messages = told[-1][1]
    assert [m.offset for m in messages] == [4, 5, 6] and messages[0].traceparent == "00-1-2-01" and messages[0].at == 5000


def test_messages_of_an_assignment_that_is_over_are_dropped(reader: bus.QueueReader, told: list[Any]) -> None:
    client = client_of(reader)

    def revoked() -> Message:
        reader._on_revoke(client, [])
        return Message(4)

    client.polls = [revoked]
    reader._read(Read(10, 0.25))
    assert [what[0] for what in told] == ["leaving", "revoked", "fetched"] and told[-1][1] == []


def test_an_assignment_is_over_when_the_engine_lets_it_go(monkeypatch: pytest.MonkeyPatch, reader: bus.QueueReader, told: list[Any]) -> None:
    monkeypatch.setattr(bus, "ANNOUNCE", 60)
    over = threading.Thread(target=reader._on_revoke, args=(client_of(reader), []), daemon=True)
    over.start()
    while not told:
        over.join(0.01)
        assert over.is_alive()
    over.join(0.05)
    assert over.is_alive() and [what[0] for what in told] == ["leaving"]
    told[0][1]()
    over.join(30)
    assert not over.is_alive() and [what[0] for what in told] == ["leaving", "revoked"]


def test_an_assignment_that_is_lost_is_over_at_once(reader: bus.QueueReader, told: list[Any]) -> None:
    reader._on_lost(client_of(reader), [])
    assert [what[0] for what in told] == ["revoked"]


class Unreadable(Message):
    def error(self) -> Any:
        return bus.KafkaError(bus.KafkaError._BAD_COMPRESSION)


def test_a_batch_that_cannot_be_unpacked_is_told_as_a_message_without_a_value(reader: bus.QueueReader, told: list[Any]) -> None:
    client = client_of(reader)
    client.polls = [lambda: Unreadable(4), lambda: Message(5), lambda: Message(5)]
    reader._read(Read(10, 0.25))
    assert told[-1][1] == [] and client.sought == 5
    reader._read(Read(10, 0.25))
    (passed,) = told[-1][1]
    assert (passed.offset, passed.value, passed.why) == (4, None, "the batch that begins at 4 cannot be unpacked (_BAD_COMPRESSION)")
    assert client.sought == 5, "it was the answer to a seek, and is read again"
    reader._read(Read(10, 0.25))
    assert [m.offset for m in told[-1][1]] == [5]


def test_an_assignment_reads_nothing_before_it_is_known_from_where(reader: bus.QueueReader, told: list[Any]) -> None:
    client = client_of(reader)
    client.assigned = ["something"]
    reader._on_assign(client, [bus.TopicPartition("t.executions.q", 0)])
    assert client.assigned == [] and told == [("assigned", [0])]
    reader._begin(Begin({0: None}))
    assert [(p.partition, p.offset) for p in client.assigned] == [(0, bus.kafka.OFFSET_BEGINNING)]


def test_a_reader_that_ends_by_a_fault_breaks_the_worker_off(reader: bus.QueueReader, told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> bool:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(reader, "_await_topics", fails)
    reader.run()
    assert told[0] == ("broke", "cronobs-queue ended: ZeroDivisionError: a bug") and told[-1] == ("left",)
