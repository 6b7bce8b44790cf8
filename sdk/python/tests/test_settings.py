"""The settings: argument, else environment, else default; errors that say the way out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cronobs.settings import SettingError, duration_text, parse_duration, resolve


def test_an_argument_counts_before_the_environment_and_that_before_the_default() -> None:
    assert resolve({"queue": "q"}, {}).concurrency == 16
    env = {"CRONOBS_QUEUE": "e", "CRONOBS_WORKER_CONCURRENCY": "4", "CRONOBS_WORKER_DRAIN": "250ms"}
    given = resolve({"concurrency": 8}, env)
    assert (given.queue, given.concurrency, given.drain) == ("e", 8, 250)


def test_an_empty_variable_is_none() -> None:
    assert resolve({"queue": "q"}, {"CRONOBS_WORKER_INSTANCE": "", "CRONOBS_WORKER_DRAIN": ""}).drain == 25_000


def test_the_group_and_topics_follow_the_prefix_and_the_queue() -> None:
    assert resolve({"queue": "q", "topic_prefix": "a.b."}, {}).group == "a.b-work-q"


def test_durations_may_be_texts_seconds_and_timedeltas() -> None:
    for given, meant in (("1h30m", 5_400_000), (1.5, 1500), (timedelta(minutes=1), 60_000), ("0", 0)):
        assert resolve({"queue": "q", "drain": given}, {}).drain == meant
    assert parse_duration("1x") is parse_duration("") is parse_duration("5") is parse_duration("-1s") is None
    assert duration_text(93_784_005) == "1d2h3m4s5ms" and duration_text(0) == "0s"


def test_properties_of_the_client_come_from_the_environment_too() -> None:
    env = {"CRONOBS_KAFKA_SASL_USERNAME": "u", "CRONOBS_KAFKA_SASL_PASSWORD": "secret", "CRONOBS_KAFKA_SESSION_TIMEOUT": "6s"}
    given = resolve({"queue": "q", "kafka": {"sasl.username": "me", "ssl.ca.location": "/ca"}}, env)
    assert given.kafka == {"sasl.username": "me", "sasl.password": "secret", "ssl.ca.location": "/ca"}
    assert given.session_timeout == 6000 and "secret" not in repr(given)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ({}, {}, ["queue: none given", "CRONOBS_QUEUE"]),
        ({"queue": "Q"}, {}, ["queue: 'Q'", "a-z"]),
        ({"queue": "q" * 101}, {}, ["101", "100"]),
        ({"queue": 7}, {}, ["queue: 7 is not a text"]),
        ({"queue": "q", "concurrency": 0}, {}, ["concurrency: 0 is outside 1-1000"]),
        ({"queue": "q"}, {"CRONOBS_WORKER_CONCURRENCY": "many"}, ["CRONOBS_WORKER_CONCURRENCY: 'many'", "1 to 1000"]),
        ({"queue": "q", "concurrency": True}, {}, ["concurrency"]),
        ({"queue": "q", "drain": "soon"}, {}, ["drain: 'soon'", "90s"]),
        ({"queue": "q", "drain": "2d"}, {}, ["drain: 2d is outside 0s-1d"]),
        ({"queue": "q", "brokers": "u:p@h:1"}, {}, ["sasl.password"]),
        ({"queue": "q", "name": "ü" * 101}, {}, ["name: has 202 bytes", "200"]),
        ({"queue": "q", "kafka": {"acks": 1}}, {}, ["'acks' may not be set"]),
        ({"queue": "q", "kafka": {"group.id": "g"}}, {}, ["'group.id'", "setting group"]),
        ({"queue": "q"}, {"CRONOBS_KAFKA_ISOLATION_LEVEL": "read_uncommitted"}, ["'isolation.level' may not be set"]),
        ({"queue": "q", "kafka": ["a"]}, {}, ["kafka: is not a map"]),
        ({"queue": "q", "kafka": {"error_cb": print}}, {}, ["error_cb"]),
    ],
)
def test_a_wrong_setting_is_told_with_its_name_its_value_and_the_way_out(
    arguments: dict[str, Any], environment: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(SettingError) as error:
        resolve(arguments, environment)
    assert all(word in str(error.value) for word in words), error.value
