"""What a program says, as the wire wants it: valid UTF-8 within the limits of its records.

Pure. Of bytes nothing is lost: those that are no UTF-8 become \\xHH, and where a text is escaped, so is what looks like an
escape in it already; so it can be undone. Strings of Python may hold lone surrogates: U+FFFD stands for each.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Final, NamedTuple

LINE_MAX: Final = 16_384  # bytes of a line of a log
MESSAGE_MAX: Final = 4_096  # bytes of what a report or a heartbeat says to people
RESULT_MAX: Final = 65_536  # bytes that come out of a run

_ESCAPED: Final = 4  # bytes of \xHH
_FORMS: Final = re.compile(r"[\0\udc80-\udcff]|\\(?=x[0-9a-fA-F]{2})")


class Line(NamedTuple):
    message: str  # at most LINE_MAX bytes, no line end; may hold NULs
    unfinished: bool  # no line end followed: the next piece is the same line
    escaped: bool  # some of its bytes were no UTF-8


def lines(text: str | bytes) -> list[Line]:
    """The lines of a text, which end at \\n or \\r\\n; a longer one comes in pieces. The last end may be left out: "" is
    one empty line, and so is "\\n"."""
    if isinstance(text, str):
        if len(text) <= LINE_MAX // 4 and text.isascii() and "\n" not in text:
            return [Line(text, False, False)]  # most of them
        text = _utf8(text)
    parts = text.removesuffix(b"\n").split(b"\n")
    ended = len(parts) - (not text.endswith(b"\n"))
    result: list[Line] = []
    for number, part in enumerate(parts):
        result += _pieces(part.removesuffix(b"\r") if number < ended else part)
    return result


def cut(text: str | bytes, limit: int = MESSAGE_MAX) -> str:
    """The start of a text of at most `limit` bytes, which ends between characters, without NULs: escaped where there are some."""
    data = _utf8(text) if isinstance(text, str) else text
    return _piece(data, limit, has_nul=False).message


def result_of(value: object) -> tuple[bytes | None, str | None]:
    """What a handler has returned: bytes, text, else JSON. None: nothing. What is too long is left out, and the message
    says so: failing would run the work twice."""
    if value is None:
        return None, None
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
    else:
        data = _utf8(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    if len(data) <= RESULT_MAX:
        return data, None
    return None, f"the result is left out: it has {len(data)} bytes, the limit is {RESULT_MAX}"


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _pieces(line: bytes) -> list[Line]:
    result: list[Line] = []
    at = 0
    while at < len(line) or not result:
        piece = _piece(line[at : at + LINE_MAX + 1], LINE_MAX)  # one more: it goes on
        at += piece.taken
        result.append(Line(piece.message, at < len(line), piece.is_escaped))
    return result


class _Piece(NamedTuple):
    message: str
    taken: int  # bytes of the text
    is_escaped: bool


def _piece(data: bytes, limit: int, has_nul: bool = True) -> _Piece:
    """The longest start that has at most `limit` bytes once it is clean, and parts no character. It may have NULs, or they are escaped."""
    try:
        message, taken = codecs.utf_8_decode(data[:limit], "strict", len(data) <= limit)
        if has_nul or "\0" not in message:
            return _Piece(message, taken, False)
    except UnicodeDecodeError:
        pass
    taken = _escaped_size(data[:limit], limit)
    return _clean(data[:taken], has_nul)


def _escaped_size(data: bytes, limit: int) -> int:
    """Of the longest start that has at most `limit` bytes when it is escaped."""
    text = data.decode("utf-8", "surrogateescape")
    forms = {match.start() for match in _FORMS.finditer(text)}
    taken = 0
    for at, char in enumerate(text):
        size = len(char.encode("utf-8", "surrogateescape"))
        limit -= _ESCAPED if at in forms else size
        if limit < 0:
            break
        taken += size
    return taken


def _clean(data: bytes, has_nul: bool) -> _Piece:
    try:
        message = data.decode()
        if has_nul or "\0" not in message:
            return _Piece(message, len(data), False)
    except UnicodeDecodeError:
        pass
    escaped = _FORMS.sub(_escape, data.decode("utf-8", "surrogateescape"))
    return _Piece(escaped, len(data), True)


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]) & 0xFF:02x}"
