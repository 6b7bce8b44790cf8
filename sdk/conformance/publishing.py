"""Scenarios of lines: order, bytes, room, whose they are."""
import base64

import proxy as kafka
from stage import wait_for


def fifty_thousand_lines(s):
    worker = s.worker()
    many = s.put(["log", 50_000])
    few = s.put(["log", 3])
    s.final(few, "SUCCEEDED")
    s.final(many, "SUCCEEDED")
    assert s.texts(many) == [f"line {n}" for n in range(1, 50_001)]
    for said in s.heard(many).batches:
        size = sum(len(line["message"]) + 32 for line in said.record["lines"])
        assert size <= 256 * 1024 or len(said.record["lines"]) == 1, f"a batch of {size} bytes"
    worker.stop()
    return f"{len(s.heard(many).batches)} batches"


def odd_bytes(s):
    """At the cut of 16 KiB, NUL, what is no UTF-8, lines in one call."""
    at_the_cut = "a" * 16383 + "é" + "b" * 20_000 + "🚀" * 1000
    steps = [["line", "INFO", at_the_cut], ["line", "DEBUG", "a\0b"], ["line", "ERROR", ""], ["line", "WARN", "ü"]]
    expected = [("INFO", at_the_cut), ("DEBUG", "a\0b"), ("ERROR", ""), ("WARN", "ü")]
    if s.has("raw"):
        steps += [["raw", "INFO", base64.b64encode(b"\xff\xfe abc \xc3").decode()], ["raw", "INFO", base64.b64encode("schön".encode()).decode()]]
        expected += [("INFO", "\\xff\\xfe abc \\xc3"), ("INFO", "schön")]
    if s.has("split"):
        steps.append(["line", "INFO", "one\ntwo\r\n\nfour\n"])
        expected += [("INFO", "one"), ("INFO", "two"), ("INFO", ""), ("INFO", "four")]
    if s.has("surrogates"):
        steps.append(["line", "INFO", "lone \ud800."])
        expected.append(("INFO", "lone �."))
    worker = s.worker()
    odd = s.put(*steps)
    s.final(odd, "SUCCEEDED")
    worker.stop()
    for found, wanted in zip(s.lines(odd), expected):
        assert found == wanted, f"{found[0]} {found[1][:60]!r}, not {wanted[0]} {wanted[1][:60]!r}"
    assert len(s.lines(odd)) == len(expected), s.lines(odd)[len(expected):]


def full_buffer(s):
    """16 MiB that the brokers do not take: who logs more waits, until there is room or a cause; no line is lost."""
    link = s.proxy()
    fills = s.put(["gate", "x"], ["fill", 20_000], ["return", "all"])
    ends = s.put(["gate", "y"], ["fill", 1_000_000], run_timeout_ms=8000)
    worker = s.worker(brokers=link.brokers)
    s.begun(fills), s.begun(ends)
    link.hold(kafka.PRODUCE)
    s.open_gate("x")
    wait_for(lambda: f"no room: {s.state(fills)}", lambda: s.journal("full", fills))
    s.open_gate("y")
    s.caused(ends, "TIMEOUT")
    assert not s.journal("room", fills), "16 MiB wait, and there was room"
    link.hold()
    s.final(fills, "SUCCEEDED")
    s.final(ends, "FAILED")
    assert s.journal("room", fills), s.journal(execution=fills)
    assert s.texts(fills) == [f"{n:08d}" + "." * 1016 for n in range(20_000)]
    worker.stop()


def whose_lines(s):
    """Threads of a job, threads of nobody, and what comes after the end."""
    if not any(s.has(what) for what in ("thread", "outside", "late")):
        return
    if s.has("thread"):
        threads = s.put(["log", 1], ["thread", [["log", 2]]], ["log", 1])
    if s.has("outside"):
        outside = s.put(["log", 1], ["outside", [["log", 2]]], ["log", 1])
    if s.has("late"):
        late = s.put(["log", 1], ["late", 300, "too late"])
    worker = s.worker()
    if s.has("thread"):
        s.final(threads, "SUCCEEDED")
        assert s.texts(threads) == [f"line {n}" for n in (1, 2, 3, 4)], s.texts(threads)
    if s.has("outside"):
        s.final(outside, "SUCCEEDED")
        assert len(s.texts(outside)) == 2, s.texts(outside)
    if s.has("late"):
        s.final(late, "SUCCEEDED")
        wait_for("it logs after its end", lambda: s.journal("said", late))
        s.final(s.put(["log", 1]), "SUCCEEDED")
        assert s.texts(late) == ["line 1"], s.texts(late)
    worker.stop()
