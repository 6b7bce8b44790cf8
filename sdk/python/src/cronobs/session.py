"""What all calls of the API share: JSON, parameters, pages, the conditions of a write, and reading what oneself has written."""
import base64
import datetime
import json
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from cronobs.answers import Outcome
from cronobs.transport import Request, Transport, value_of
from cronobs.unseen import Unseen

Payload = bytes | str | Mapping[str, object] | Sequence[object]
Instant = str | datetime.datetime
Words = str | Sequence[str]


class WriteOptions(TypedDict, total=False):
    """What every write takes.

    wait             seconds to wait for its outcome, 60 at most; 0: not at all
    if_match         the revision that the task must be at: else 412
    idempotency_key  200 characters at most: the same write under the same key has one effect
    """

    wait: int
    if_match: int
    idempotency_key: str


@dataclass(frozen=True)
class Terms:
    """The options of one write, with their defaults."""

    wait: int = 10
    if_match: int | None = None
    idempotency_key: str = field(default_factory=lambda: str(uuid.uuid4()))

    def headers(self) -> dict[str, str]:
        found = {"Idempotency-Key": self.idempotency_key}
        if self.wait > 0:
            found["Prefer"] = f"wait={self.wait}"
        if self.if_match is not None:
            found["If-Match"] = f'"{self.if_match}"'
        return found


def instant_text(value: Instant) -> str:
    """One without a time zone is a wall time, which the API takes where it knows the zone, and refuses elsewhere. Pure."""
    return value if isinstance(value, str) else value.isoformat()


def parameter(value: object) -> str:
    """As the API takes it: lists between commas, instants in RFC 3339, booleans as words. Pure."""
    if isinstance(value, datetime.datetime):
        return instant_text(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(parameter, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def target_of(path: str, query: Mapping[str, object]) -> str:
    """What is None is left out; `from_` is the parameter `from`, which is a word of Python. Pure."""
    pairs = [(name.rstrip("_"), parameter(value)) for name, value in query.items() if value is not None]
    return path + ("?" + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote) if pairs else "")


def segment(text: str) -> str:
    """A name as a part of a path. Pure."""
    return urllib.parse.quote(text, safe="~")


def members_of(**members: object) -> dict[str, object]:
    """The members of a body; as of target_of. Pure."""
    return {name.rstrip("_"): instant_text(value) if isinstance(value, datetime.datetime) else value
            for name, value in members.items() if value is not None}


def payload_members(payload: Payload | None) -> dict[str, object]:
    """Bytes and texts as they are, anything else as JSON. Pure."""
    if payload is None:
        return {}
    if isinstance(payload, bytes):
        return {"payload_base64": base64.b64encode(payload).decode()}
    return {"payload": payload if isinstance(payload, str) else json.dumps(payload, allow_nan=False)}


class Session:
    """Safe to be used by many threads."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self._unseen = transport, Unseen()

    def close(self) -> None:
        self._transport.close()

    def get(self, path: str, query: Mapping[str, object]) -> Any:
        """As things are: whatever has been written may not be seen yet."""
        return value_of(self._transport.call(Request("GET", target_of(path, query))))

    def read(self, path: str, query: Mapping[str, object] | None = None, *, task: str | None = None) -> Any:
        """Behind what was written here to the task with this id; without one, to whatever task."""
        command = self._unseen_of(task)
        value = self.get(path, {**(query or {}), "after_command": command})
        if command is not None:
            self._unseen.saw(command)
        return value

    def items(self, path: str, query: Mapping[str, object], page: int, *, task: str | None = None) -> Iterator[Any]:
        """All of a list, `page` at a time; each page is asked for when it is needed."""
        asked = {**query, "limit": page}
        while True:
            got = self.read(path, asked, task=task)
            yield from got["items"]
            if "next" not in got:
                return
            asked["cursor"] = got["next"]

    def ask(self, method: str, target: str, members: Mapping[str, object]) -> Any:
        """What has a body and changes nothing."""
        return value_of(self._transport.call(self._request(method, target, members, {})))

    def write(self, method: str, target: str, members: Mapping[str, object] | None, terms: Terms, **headers: str) -> Outcome:
        """What its answer says: carried out, or PENDING. ApiError: it was refused, or is not known to be in the log."""
        request = self._request(method, target, members, terms.headers() | headers, terms.wait)
        outcome = cast(Outcome, value_of(self._transport.call(request)))
        self._unseen.wrote(outcome["task_id"], outcome["command_id"])
        return outcome

    def behind_writes(self, path: str, query: Mapping[str, object] | None = None, *, task: str | None = None) -> str:
        """Where to send what looks at a task, or at whatever there is, before it answers or writes."""
        return target_of(path, {**(query or {}), "after_command": self._unseen_of(task)})

    def _unseen_of(self, task: str | None) -> str | None:
        """The command to wait for. Of whatever task it is the latest: a request waits for one, so the others are waited for here."""
        if task is not None:
            return self._unseen.of(task)
        commands = self._unseen.all()
        for command in commands[:-1]:
            self.get(f"/v1/commands/{command}", {"after_command": command})
            self._unseen.saw(command)
        return commands[-1] if commands else None

    @staticmethod
    def _request(method: str, target: str, members: Mapping[str, object] | None, headers: Mapping[str, str], wait: int = 0) -> Request:
        if members is None:
            return Request(method, target, headers=headers, wait=wait)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return Request(method, target, json.dumps(members, allow_nan=False).encode(), {**headers, "Content-Type": kind}, wait)
