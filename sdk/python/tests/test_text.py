"""Texts are cut and escaped as every SDK does it: sdk/conformance/texts.json."""

from typing import Any

import cases
import pytest

from cronobs import text


def units(words: str) -> bytes:
    """Hexadecimal words, each maybe with a count behind it."""
    parts = (word.partition("*") for word in words.split())
    return b"".join(bytes.fromhex(digits) * int(count or 1) for digits, _, count in parts)


def given(of: str) -> list[str | bytes]:
    """What a program may say: a text in every form that it can have in Python."""
    form, words = of.split(":", 1)
    if form == "u":
        return [units(words).decode("utf-16-be", "surrogatepass")]
    data = words.encode() if form == "t" else units(words)
    try:
        return [data, data.decode()]
    except UnicodeDecodeError:
        return [data]


def expected(of: str) -> bytes:
    form, words = of.split(":", 1)
    return words.encode() if form == "t" else units(words)


@pytest.mark.parametrize("case", cases.load("texts.json", "lines"), ids=cases.name_of)
def test_lines(case: Any) -> None:
    lines = [(expected(line[0]), "".join(line[1:]).split()) for line in case["is"]]
    for said in given(case["of"]):
        found = text.lines(said)
        marks = [[mark for mark in ("unfinished", "escaped") if getattr(line, mark)] for line in found]
        assert list(zip([line.message.encode() for line in found], marks, strict=True)) == lines


@pytest.mark.parametrize("case", cases.load("texts.json", "messages"), ids=cases.name_of)
def test_messages(case: Any) -> None:
    for said in given(case["of"]):
        assert text.cut(said).encode() == expected(case["is"])


@pytest.mark.parametrize("case", cases.load("texts.json", "results"), ids=cases.name_of)
def test_results(case: Any) -> None:
    result = expected(case["is"]) if case["is"] is not None else None
    for said in given(case["of"]):
        assert text.result_of(said) == (result, case.get("message"))


def test_a_result_is_bytes_text_or_json() -> None:
    values = (None, b"\0", bytearray(b"a"), "é", {"rows": [1, None, "é"]}, 0, False)
    results = [text.result_of(value) for value in values]
    assert results == [
        (None, None), (b"\0", None), (b"a", None), ("é".encode(), None),
        ('{"rows": [1, null, "é"]}'.encode(), None), (b"0", None), (b"false", None),
    ]  # fmt: skip
