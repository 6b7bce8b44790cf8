"""Scenarios of handlers: signs of life, causes, how they end."""
import proxy as kafka
import records
from stage import wait_for


def gaps(beats):
    """Milliseconds from one sign of life to the next, by the broker's clock."""
    at = sorted(b.at for b in beats)
    return [b - a for a, b in zip(at, at[1:])]


def heartbeats_and_progress(s):
    asked = s.put(["progress", 10, "start"], ["gate", "a"], ["progress", 90, "almost"], ["gate", "b"], heartbeat_ms=1000)
    unasked = s.put(*[["progress", n, f"step {n}"] for n in range(50)], ["gate", "b"])
    worker = s.worker()
    s.begun(asked)
    beats = s.beats(asked, 4)
    assert max(gaps(beats)) < 2500, gaps(beats)
    assert {(b.record["progress"], b.record["message"]) for b in beats[1:]} == {(10, "start")}, beats
    s.open_gate("a")
    wait_for("the newest progress", lambda: any((b.record["progress"], b.record["message"]) == (90, "almost") for b in s.heard(asked).beats))
    wait_for("progress without being asked", lambda: any(b.record["progress"] == 49 for b in s.heard(unasked).beats))
    s.open_gate("b")
    ends = [s.reports(e)[-1] for e in (asked, unasked) if s.final(e, "SUCCEEDED")]
    spent = len(s.heard(unasked).beats)
    assert spent <= 2 + (ends[1].at - s.reports(unasked)[0].at) / 1000, f"{spent} signs of life: one a second at most"
    worker.stop()
    lost_contact(s)


def lost_contact(s):
    """No sign of life arrives: a cause, where the worker wants it to be one."""
    link = s.proxy()
    worker = s.worker(brokers=link.brokers, CONFORMANCE_HEARTBEAT_LOST=1)
    unheard = s.put(["sleep", 60_000], heartbeat_ms=1000)
    s.begun(unheard)
    s.beats(unheard, 1)
    link.hold(kafka.PRODUCE)
    s.caused(unheard, "LOST")
    link.hold()
    s.final(unheard, "FAILED")
    worker.stop()


def beats_while_user_code_blocks(s):
    """Longer than the session, too: nobody may take its place in the group."""
    blocks = s.put(["block", 9000], heartbeat_ms=1000)
    worker = s.worker(concurrency=1)
    s.begun(blocks)
    waits = s.put()
    s.final(blocks, "SUCCEEDED")
    first, last = s.reports(blocks)[0].at, s.reports(blocks)[-1].at
    inside = [b for b in s.heard(blocks).beats if b.at < last]
    assert inside and max(gaps(inside) + [inside[0].at - first, last - inside[-1].at]) < 3000, f"signs of life after {[b.at - first for b in inside]} ms"
    s.final(waits, "SUCCEEDED")
    worker.stop()


def cancel_a_running_one(s):
    worker = s.worker(concurrency=8)
    obeys, other = s.put(["sleep", 60_000]), s.put(["gate", "x"])
    for execution in (obeys, other):
        s.begun(execution)
    s.cancel(other, attempt=2)
    s.cancel(other, task_id=records.task_id())
    s.cancel(obeys)
    ends_well = s.put(["stubborn", 1000], ["return", "done"])
    ignores = s.put(["stubborn", 45_000], heartbeat_ms=2000)  # it is named after thirty seconds
    for execution in (ignores, ends_well):
        s.begun(execution)
        s.cancel(execution)
    s.caused(obeys, "CANCEL")
    s.final(obeys, "CANCELLED")
    s.caused(ends_well, "CANCEL")
    s.caused(ignores, "CANCEL")
    s.final(ends_well, "SUCCEEDED")
    s.open_gate("x")
    s.final(other, "SUCCEEDED")
    s.word(worker, ignores["execution_id"])
    s.final(ignores, "SUCCEEDED")
    worker.stop()
    assert s.journal("end", obeys)[0]["how"] == "cause", s.journal(execution=obeys)


def run_timeout(s):
    """One second after the scheduler's own instant, which is the run timeout after RUNNING."""
    worker = s.worker()
    obeys = s.put(["sleep", 60_000], run_timeout_ms=1000)
    ends_well = s.put(["stubborn", 1000], ["return", "late"], run_timeout_ms=1000)
    for execution in (obeys, ends_well):
        s.begun(execution)
    told = {execution["execution_id"]: s.caused(execution, "TIMEOUT")["at"] for execution in (obeys, ends_well)}
    s.installation.has_heard_all()
    for execution in (obeys, ends_well):
        late = told[execution["execution_id"]] / 1000 - s.reports(execution)[0].at
        assert late > 1990, f"stopped {late:.0f} ms after RUNNING"
    end = s.final(obeys, "FAILED")
    assert end["reason"] == "RUN_TIMEOUT" and "run timeout" in end["message"], end
    s.final(ends_well, "SUCCEEDED")
    worker.stop()


def how_handlers_end(s):
    """Exceptions, failures that say more, results of all sizes."""
    worker = s.worker()
    fails = s.put(["log", 1], ["fail", "boom", 3, "rest"])
    short = s.put(["fail", "only words"])
    long = s.put(["fail", "é" * 4000])
    largest = s.put(["return_bytes", 65536])
    too_large = s.put(["return_bytes", 65537])
    text = s.put(["return", "ü\n"])
    values = [s.put(["return", v]) for v in (0, False, [1, "a"], {"k": 1.5})]
    end = s.final(fails, "FAILED")
    assert (end["message"], end["exit_code"], end["result"]) == ("boom", 3, b"rest"), end
    end = s.final(short, "FAILED")
    assert (end["message"], end["exit_code"], end["result"]) == ("only words", None, None), end
    assert s.final(long, "FAILED")["message"] == "é" * 2048
    assert s.final(largest, "SUCCEEDED")["result"] == b"x" * 65536
    end = s.final(too_large, "SUCCEEDED")
    assert end["result"] is None and end["message"], end
    assert s.final(text, "SUCCEEDED")["result"] == "ü\n".encode()
    results = [s.final(e, "SUCCEEDED")["result"].replace(b" ", b"") for e in values]
    assert results == [b"0", b"false", b'[1,"a"]', b'{"k":1.5}'], results
    if s.has("throw"):
        exceptions(s)
    worker.stop()


def exceptions(s):
    throws = s.put(["log", 1], ["throw", "no such part"])
    unreadable = s.make()
    unreadable["payload"] = b"{"
    s.publish([unreadable])
    end = s.final(throws, "FAILED")
    kind, colon, words = end["message"].partition(": ")
    assert end["reason"] == "WORKER_ERROR" and colon and words == "no such part" and kind, end
    lines = s.lines(throws)
    assert lines[0] == ("INFO", "line 1") and len(lines) > 1 and {level for level, _ in lines[1:]} == {"ERROR"}, lines
    assert any("no such part" in words for _, words in lines[1:]), lines
    assert s.final(unreadable, "FAILED")["reason"] == "WORKER_ERROR"
    long = s.put(["throw", "ä" * 5000])
    assert 4000 < len(s.final(long, "FAILED")["message"].encode()) <= 4096


def a_job_longer_than_the_poll_interval(s):
    """The group is polled whatever handlers do: nobody is thrown out, nothing is run twice."""
    holds = [s.put(["block", 9000]) for _ in range(2)]
    worker = s.worker(concurrency=2, CONFORMANCE_KAFKA='{"max.poll.interval.ms": 6000}')
    for execution in holds:
        s.begun(execution)
    waits = [s.put() for _ in range(8)]
    s.finals(holds + waits)
    assert not [w for w in worker.words() if "max.poll" in w.lower() or "rebalance" in w.lower()], worker.words()
    worker.stop()
