"""Requests to the HTTP API: kept connections, time-outs, repeats. Standard library only.

A request is sent again when its answer is 502, 503 or 504 or does not come: every request that is made here may be, since what
writes carries an Idempotency-Key, under which a repetition has no second effect and gets the first one's outcome. Between two
tries there is a pause that doubles, from 0.1 s to 2 s, each with a random part of up to a half; a Retry-After makes it longer.
Safe to be used by many threads; a forked child makes connections of its own.
"""
import base64
import collections
import http.client
import json
import os
import random
import ssl
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

AGAIN = (502, 503, 504)  # the API, or a proxy before it, is away for a moment
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds
IDLE = 30.0  # seconds after which a connection is not used again: the API closes it after 60
ANSWER = 15.0  # seconds that one try waits for a byte of the answer, beside what the API was asked to wait
SHOWN = 200  # characters of an answer that is not the API's


class ApiError(Exception):
    """What the API refused, or that it could not be asked. Its text is the API's own words.

    status   of HTTP; 0: no answer came, and `__cause__` says why
    code     the outcome's symbol where the scheduler refused a command, such as STALE_REVISION
    pointer  the JSON pointer of the member that is wrong, such as /schedules/0/expression
    column   the place in a text, from 1
    hint     the way out
    """

    def __init__(self, status: int, detail: str, *, code: str | None = None, pointer: str | None = None,
                 column: int | None = None, hint: str | None = None) -> None:
        super().__init__(detail if hint is None else f"{detail} ({hint})")
        self.status, self.detail, self.code, self.pointer, self.column, self.hint = status, detail, code, pointer, column, hint


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query, behind the URL's own path
    body: bytes | None = None  # JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: int = 0  # seconds that the API was asked to wait before it answers


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def problem(answer: Answer) -> ApiError:
    """What an answer that is no success says. Pure."""
    try:
        said = json.loads(answer.body)
        detail = str(said["detail"] if "detail" in said else said["title"])
    except (ValueError, TypeError, KeyError):
        text = answer.body[:SHOWN].decode("utf-8", "replace").strip()
        return ApiError(answer.status, f"not an answer of the API, but of status {answer.status}: {text}")
    texts = {name: str(said[name]) for name in ("code", "pointer", "hint") if said.get(name) is not None}
    column = said.get("column")
    return ApiError(answer.status, detail, column=column if isinstance(column, int) else None, **texts)


def value_of(answer: Answer) -> Any:
    """The JSON of a success. ApiError: there is none, so somebody else than the API has answered. Pure."""
    try:
        return json.loads(answer.body)
    except ValueError:
        raise problem(answer) from None


def pause_after(tries: int, retry_after: str | None, chance: float) -> float:
    """Seconds before the next try, after so many; `chance`: 0 to 1. Pure. A Retry-After that is no number is not heeded."""
    pause = min(FIRST_PAUSE * 2.0 ** min(tries - 1, 30), LONGEST_PAUSE) * (1 + chance / 2)
    return max(pause, float(retry_after)) if retry_after is not None and retry_after.isdecimal() else pause


@dataclass(frozen=True)
class Address:
    """Where the API is: an http or https URL, maybe with a user and a path of a proxy."""

    host: str
    port: int | None
    is_secure: bool
    path: str
    authorization: str | None

    @classmethod
    def parse(cls, url: str) -> "Address":
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"url: '{shown(url)}' is no address of an API; it is like http://127.0.0.1:8080")
        authorization = None
        if parts.username is not None:
            user = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
            authorization = "Basic " + base64.b64encode(user.encode()).decode()
        return cls(parts.hostname, parts.port, parts.scheme == "https", parts.path.rstrip("/"), authorization)


def shown(url: str) -> str:
    """A URL for messages: without user and password. Pure."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2] if separator else url.rpartition("@")[2]


class Transport:
    """Requests to one API; `timeout`: seconds that one may take with all its repeats, beside what it asked the API to wait."""

    def __init__(self, url: str, *, timeout: float, headers: Mapping[str, str],
                 clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._address, self._url = Address.parse(url), shown(url)
        self._timeout, self._clock, self._sleep = timeout, clock, sleep
        self._headers = dict(headers)
        if self._address.authorization is not None:
            self._headers.setdefault("Authorization", self._address.authorization)
        self._tls = ssl.create_default_context() if self._address.is_secure else None
        self._idle: collections.deque[tuple[float, http.client.HTTPConnection]] = collections.deque()
        self._process = os.getpid()

    def call(self, request: Request) -> Answer:
        """A successful answer. ApiError: what the API said instead, or, with status 0, why it said nothing in time."""
        deadline = self._clock() + self._timeout + request.wait
        tries = 0
        while True:
            tries += 1
            answer, failure = self._try(request, deadline)
            if answer is not None and answer.status not in AGAIN:
                if not 200 <= answer.status < 300:
                    raise problem(answer)
                return answer
            pause = pause_after(tries, answer.headers.get("retry-after") if answer else None, random.random())
            if self._clock() + pause >= deadline or isinstance(failure, ssl.SSLCertVerificationError):
                raise problem(answer) if answer else self._unreachable(tries, failure) from failure
            self._sleep(pause)

    def close(self) -> None:
        """Closes the connections that are kept; the next request makes new ones."""
        while self._idle:
            self._idle.pop()[1].close()

    def _try(self, request: Request, deadline: float) -> tuple[Answer | None, Exception | None]:
        seconds = max(0.01, min(deadline - self._clock(), ANSWER + request.wait))
        try:
            return self._exchange(request, seconds), None
        except (OSError, http.client.HTTPException) as failure:
            return None, failure

    def _exchange(self, request: Request, seconds: float) -> Answer:
        connection = self._connection(seconds)
        try:
            try:
                connection.request(request.method, self._address.path + request.target, request.body, {**self._headers, **request.headers})
            except (BrokenPipeError, ConnectionResetError):
                pass  # a body that is too large is refused before it was read: the answer may be there
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append((self._clock(), connection))
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        """One that is kept, the latest first, else a new one."""
        if self._process != os.getpid():  # those are the parent's
            self._process, self._idle = os.getpid(), collections.deque()
        while self._idle:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                break  # another thread has taken it
            if self._clock() - since < IDLE and connection.sock is not None:
                connection.sock.settimeout(seconds)
                return connection
            connection.close()
        host, port = self._address.host, self._address.port
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=seconds, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=seconds)

    def _unreachable(self, tries: int, failure: Exception | None) -> ApiError:
        why = str(failure) or type(failure).__name__
        return ApiError(0, f"could not ask {self._url}: {why}", hint=f"tried {tries} times; the API's address is the url, or CRONOBS_URL")
