"""The properties of the Kafka clients. Pure; `kafka` of the settings may add others, but none of these."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from .settings import Settings

HEARTBEAT_MS: Final = 2000


class Topics(NamedTuple):
    queue: str
    status: str
    logs: str
    heartbeats: str
    control: str

    @classmethod
    def of(cls, prefix: str, queue: str) -> Topics:
        return cls(f"{prefix}executions.{queue}", f"{prefix}status", f"{prefix}logs", f"{prefix}heartbeats", f"{prefix}control")


def common(settings: Settings) -> dict[str, Any]:
    """Of all clients, with what the user gives."""
    return {
        "bootstrap.servers": settings.brokers,
        "client.id": settings.instance or settings.name,
        "log_level": 4,
        "socket.nagle.disable": True,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
        "socket.timeout.ms": 10_000,  # so long a question waits for a broker that hangs
        **settings.kafka,
    }


def reader(isolation: str, wait_ms: int) -> dict[str, Any]:
    return {
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "allow.auto.create.topics": False,
        "isolation.level": isolation,
        "fetch.wait.max.ms": wait_ms,
        "fetch.error.backoff.ms": 50,
    }


def member(settings: Settings) -> dict[str, Any]:
    static = {"group.instance.id": settings.instance} if settings.instance else {}
    return {
        **reader("read_committed", 20),
        "group.id": settings.group,
        "group.protocol": "classic",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": settings.session_timeout,
        "heartbeat.interval.ms": min(HEARTBEAT_MS, settings.session_timeout // 3),
        "auto.offset.reset": "error",  # a lost position is never guessed
        **static,
    }


def lone(settings: Settings, isolation: str) -> dict[str, Any]:
    """Of a reader without a group; librdkafka wants a name and a session that goes with the user's properties all the same."""
    return {
        **reader(isolation, 100),
        "group.id": "cronobs-reader",
        "session.timeout.ms": settings.session_timeout,
        "heartbeat.interval.ms": min(HEARTBEAT_MS, settings.session_timeout // 3),
        "auto.offset.reset": "earliest",
    }


def producer() -> dict[str, Any]:
    return {
        "enable.idempotence": True,  # acks=all with it
        "message.timeout.ms": 30_000,
        "linger.ms": 1,
        "retry.backoff.ms": 10,
        "topic.metadata.propagation.max.ms": 3000,
    }
