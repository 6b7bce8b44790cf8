"""What a worker is told: one table, from which the arguments' checks, their errors and the page's table come.

An argument counts before the environment, and that before the default; an empty variable is none. Durations are texts such as
`250ms`, `90s`, `1h30m` or `1d`; as an argument also a number of seconds or a timedelta.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

QUEUE_NAME_MAX: Final = 100
NAME_MAX_BYTES: Final = 200

_UNITS: Final = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PART: Final = re.compile("([0-9]+)(ms|[wdhms])")
_QUEUE: Final = re.compile("[a-z0-9][a-z0-9._-]*")


class SettingError(ValueError):
    """A setting is wrong: the text names it, its value, the limit and the way out."""


@dataclass(frozen=True)
class Setting:
    name: str  # of the argument
    variable: str  # of the environment
    kind: str  # text, number, duration (milliseconds) or map
    default: str | None  # as it would stand in the environment; None: there is none
    help: str
    low: int = 0
    high: int = 0


SETTINGS: Final = (
    Setting("queue", "CRONOBS_QUEUE", "text", None, "The queue to work on. Required."),
    Setting("brokers", "CRONOBS_BROKERS", "text", "127.0.0.1:9092", "Addresses of Kafka, HOST:PORT,..."),
    Setting("topic_prefix", "CRONOBS_TOPIC_PREFIX", "text", "cronobs.", "What the names of all topics begin with."),
    Setting("concurrency", "CRONOBS_WORKER_CONCURRENCY", "number", "16", "How many executions run at a time.", 1, 1000),
    Setting("group", "CRONOBS_WORKER_GROUP", "text", None,
            "Consumer group; `<prefix less its dot>-work-<queue>` where none is given. All workers of a queue share it."),
    Setting("name", "CRONOBS_WORKER_NAME", "text", None, "Who the worker is, shown in the history; `<host>/<process id>` where none is given."),
    Setting("instance", "CRONOBS_WORKER_INSTANCE", "text", None,
            "A name that stays the same over restarts: a static member of the group, which no second process may be."),
    Setting("drain", "CRONOBS_WORKER_DRAIN", "duration", "25s", "How long running handlers may go on after the first signal.",
            0, 86_400_000),
    Setting("backlog", "CRONOBS_WORKER_BACKLOG", "duration", "1d",
            "Where the group has no position, executions older than this are left alone.", 0, 36_600 * 86_400_000),
    Setting("session_timeout", "CRONOBS_KAFKA_SESSION_TIMEOUT", "duration", "10s",
            "How long a silent worker keeps its partitions.", 1_000, 1_800_000),
    Setting("kafka", "CRONOBS_KAFKA_...", "map", None,
            "Further properties of the client: `security.protocol`, `sasl.*`, `ssl.*`; `CRONOBS_KAFKA_SASL_USERNAME` is `sasl.username`."),
    Setting("url", "CRONOBS_URL", "text", "http://127.0.0.1:8080", "The API, for `observe(ensure=...)`."),
)  # fmt: skip

_FIXED: Final = {  # property of `kafka` -> the setting that says it; "": nothing may
    **dict.fromkeys(("bootstrap.servers", "metadata.broker.list"), "brokers"),
    **dict.fromkeys(("group.id",), "group"),
    **dict.fromkeys(("group.instance.id",), "instance"),
    **dict.fromkeys(("client.id",), "name"),
    **dict.fromkeys(("session.timeout.ms",), "session_timeout"),
    **dict.fromkeys(
        ("isolation.level", "enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms", "enable.auto.offset.store",
         "auto.offset.reset", "allow.auto.create.topics", "enable.partition.eof", "group.protocol", "group.remote.assignor",
         "partition.assignment.strategy", "heartbeat.interval.ms", "enable.idempotence", "acks", "request.required.acks",
         "transactional.id", "partitioner", "message.timeout.ms", "delivery.timeout.ms", "logger", "log_cb", "error_cb",
         "rebalance_cb", "on_commit", "on_delivery", "dr_cb", "dr_msg_cb"),
        ""),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings of one worker, checked. Durations are milliseconds."""

    queue: str
    brokers: str
    topic_prefix: str
    concurrency: int
    group: str
    name: str
    instance: str | None
    drain: int
    backlog: int
    session_timeout: int
    url: str
    kafka: dict[str, str] = field(repr=False)  # may hold a password


def parse_duration(text: str) -> int | None:
    """Milliseconds; None: it is no duration."""
    if text == "0":
        return 0
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def duration_text(milliseconds: int) -> str:
    """The shortest text that means the same, up to days."""
    text = ""
    for unit in ("d", "h", "m", "s", "ms"):
        number, milliseconds = divmod(milliseconds, _UNITS[unit])
        text += f"{number}{unit}" if number else ""
    return text or "0s"


def resolve(arguments: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a worker. Raises SettingError."""
    env = os.environ if environment is None else environment
    values = {s.name: _value_of(s, arguments.get(s.name), env) for s in SETTINGS if s.kind != "map"}
    values["kafka"] = _kafka_of(arguments.get("kafka"), env)
    _check_queue(values["queue"])
    _check_brokers(values["brokers"])
    if values["group"] is None:
        values["group"] = f"{values['topic_prefix'].removesuffix('.')}-work-{values['queue']}"
    if values["name"] is None:
        values["name"] = f"{socket.gethostname() or 'localhost'}/{os.getpid()}"
    _check_name(values["name"])
    return Settings(**values)


def _value_of(setting: Setting, argument: Any, env: Mapping[str, str]) -> Any:
    given, where = argument, setting.name
    if given is None:
        given, where = env.get(setting.variable) or None, setting.variable
    if given is None:
        given, where = setting.default, setting.name
    if given is None:
        return None
    return _READERS[setting.kind](setting, given, where)


def _text(setting: Setting, given: Any, where: str) -> str:
    if not isinstance(given, str):
        raise SettingError(f"{where}: {given!r} is not a text")
    return given


def _number(setting: Setting, given: Any, where: str) -> int:
    try:
        number = int(given) if isinstance(given, str) else given
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(number, bool):
        raise SettingError(f"{where}: '{given}' is not a whole number; give one from {setting.low} to {setting.high}")
    if not setting.low <= number <= setting.high:
        raise SettingError(f"{where}: {number} is outside {setting.low}-{setting.high}")
    return number


def _duration(setting: Setting, given: Any, where: str) -> int:
    if isinstance(given, timedelta):
        given = given.total_seconds()
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        value: int | None = int(given * 1000) if abs(given) < 1e12 else -1
    else:
        value = parse_duration(given) if isinstance(given, str) else None
    if value is None:
        raise SettingError(f"{where}: '{given}' is not a duration like 250ms, 90s, 1h30m or 1d")
    if not setting.low <= value <= setting.high:
        raise SettingError(f"{where}: {given} is outside {duration_text(setting.low)}-{duration_text(setting.high)}")
    return value


_READERS: Final = {"text": _text, "number": _number, "duration": _duration}


def _kafka_of(argument: Any, env: Mapping[str, str]) -> dict[str, str]:
    known = {s.variable for s in SETTINGS}
    found = {
        name.removeprefix("CRONOBS_KAFKA_").lower().replace("_", "."): value
        for name, value in env.items()
        if name.startswith("CRONOBS_KAFKA_") and name not in known and value
    }
    if argument is not None and not isinstance(argument, Mapping):
        raise SettingError("kafka: is not a map of client properties, such as {'security.protocol': 'SSL'}")
    for name, value in (argument or {}).items():
        if not isinstance(name, str) or not isinstance(value, (str, int, float)):
            raise SettingError(f"kafka: the property {name!r} has no text or number as its value")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    for name in found:
        _check_property(name)
    return found


def _check_property(name: str) -> None:
    if name not in _FIXED:
        return
    instead = _FIXED[name]
    way_out = f"give the setting {instead}" if instead else "leave it out: all workers of a queue depend on it"
    raise SettingError(f"kafka: the property '{name}' may not be set; {way_out}")


def _check_queue(queue: str | None) -> None:
    if queue is None:
        raise SettingError("queue: none given; set CRONOBS_QUEUE, or Worker('reports')")
    if len(queue) > QUEUE_NAME_MAX:
        raise SettingError(f"queue: '{queue[:40]}...' has {len(queue)} characters, the limit is {QUEUE_NAME_MAX}")
    if not _QUEUE.fullmatch(queue):
        raise SettingError(f"queue: '{queue}' must be of a-z 0-9 . _ - and begin with a-z or 0-9")


def _check_brokers(brokers: str) -> None:
    if "@" in brokers or "=" in brokers:
        raise SettingError("brokers: names and passwords do not belong there; give sasl.username and sasl.password in kafka")


def _check_name(name: str) -> None:
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > NAME_MAX_BYTES:
        raise SettingError(f"name: has {size} bytes, the limit is {NAME_MAX_BYTES}")
