"""Scenarios of what is claimed, and what is passed over."""
import json
import time

import proxy as kafka
import records
from installation import Installation
from publishing import whose_lines
from records import now
from stage import never, until, wait_for

SECOND = 1_000_000


def plain_with_lines(s):
    """Two side by side, each with its own lines; what the execution says of itself reaches the handler."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    first = s.put(["log", 1], ["gate", "first"], ["log", 2], ["return", {"rows": 1}], traceparent=trace,
                  task_key="first", labels={"team": "data"}, content_type="application/json")
    worker = s.worker()
    begun = s.begun(first)
    second = s.put(["gate", "second"], ["log", 2], ["line", "WARN", "careful"], ["return", "ok"])
    nothing = s.put()
    empty = s.begun(second), s.final(nothing, "SUCCEEDED")
    s.open_gate("first")
    end = s.final(first, "SUCCEEDED")
    s.open_gate("second")
    assert s.final(second, "SUCCEEDED")["result"] == b"ok"
    worker.stop()
    assert json.loads(end["result"]) == {"rows": 1} and end["message"] is None and end["exit_code"] is None, end
    assert empty[1]["result"] is None, empty[1]
    for execution in (first, second):
        assert s.statuses(execution) == ["RUNNING", "SUCCEEDED"], s.statuses(execution)
    assert s.lines(first) == [("INFO", f"line {n}") for n in (1, 2, 3)], s.lines(first)
    assert s.lines(second) == [("INFO", "line 1"), ("INFO", "line 2"), ("WARN", "careful")], s.lines(second)
    assert begun["traceparent"] == trace and empty[0]["traceparent"] is None, begun
    assert (begun["task"], begun["bytes"], begun["labels"], begun["content_type"]) == (
        "first", len(first["payload"]), {"team": "data"}, "application/json"), begun
    whose_lines(s)
    names = {(r.record["worker"]["name"], r.record["worker"]["incarnation"]) for e in (first, second) for r in s.reports(e)}
    assert len(names) == 1, names


def aborted_transactions_are_never_seen(s):
    """Behind each of them in its partition there is one that counts: an execution, and a signal."""
    worker = s.worker(concurrency=1)
    tasks = [records.task_id() for _ in range(6)]
    for task in tasks * 2:
        s.put(task=task)
    held = s.put(["gate", "x"], ["return", "well"])
    s.begun(held)
    control = s.installation.signal_message
    s.installation.write([], [control(held)])
    s.installation.write([control(held, signal="UNKNOWN")])
    last = [s.put(task=task) for task in tasks]
    s.open_gate("x")
    s.finals(s.published)
    worker.stop()
    return f"{len(last) + 13} run, {len(s.installation.aborted)} aborted beside them"


def what_is_past_its_start_deadline(s):
    """Passed over in silence, also where it has waited for a place since."""
    task = records.task_id()
    late = s.put(task=task, start_by=now() - SECOND)
    held = s.put(["gate", "x"], task=task, start_by=now() + 3600 * SECOND)
    worker = s.worker(concurrency=1)
    s.begun(held)
    deadline = time.time() + 1.5
    waits = s.put(task=task, start_by=int(deadline * SECOND))
    last = s.put(task=task)
    until(deadline + 0.1)
    s.open_gate("x")
    s.final(last, "SUCCEEDED")
    worker.stop()
    for execution in (late, waits):
        assert not s.statuses(execution) and not s.journal(execution=execution), s.state(execution)


def second_delivery_and_second_attempt(s):
    task = records.task_id()
    first = s.put(["gate", "x"], task=task)
    worker = s.worker()
    s.begun(first)
    s.publish([first])  # while it runs
    again = dict(first, attempt=2)
    other = s.put(task=task)
    s.final(other, "SUCCEEDED")
    s.open_gate("x")
    s.final(first, "SUCCEEDED")
    s.publish([first, again, again, first])
    s.final(again, "SUCCEEDED", attempt=2)
    s.final(s.put(task=task), "SUCCEEDED")
    worker.stop()
    assert [line["attempt"] for line in s.journal("begin", first)] == [1, 2], s.journal(execution=first)
    assert s.statuses(first) == s.statuses(first, 2) == ["RUNNING", "SUCCEEDED"]


def garbage_and_tombstones(s):
    """One notice names the place; what lies behind is run."""
    task = records.task_id()
    place = records.place.partition(task, s.installation.partitions)
    topic, control = (f"{s.installation.prefix}{name}" for name in (f"executions.{s.queue}", "control"))
    garbage = [None, b"", b"{}", b"\0\0\0\0\5", b"\0\0\0\0\x11\2", b"\0\xff\xff\xff\xff\xff\xff", b"\0\0\0\0\x06" + bytes(64)]
    worker = s.worker(concurrency=1)
    held = s.put(["gate", "x"])
    s.begun(held)
    s.installation.write([(topic, place, task, g, []) for g in garbage] + [(control, 0, task, g, []) for g in garbage])
    nowhere = [s.make(task=task, status_partition=p) for p in (-1, s.installation.partitions)]
    s.installation.write([(topic, place, task, records.frame("ExecutionCreated", e), []) for e in nowhere])
    last = s.put(["sleep", 60_000], task=task)
    s.cancel(held)
    s.caused(held, "CANCEL")
    s.begun(last)
    s.cancel(last)
    s.final(last, "CANCELLED")
    worker.stop()
    assert not any(s.statuses(e) for e in nowhere), "an execution whose reports have no place was run"
    told = [w for w in worker.words() if topic in w or control in w]
    assert told and len(told) <= len(garbage), worker.words()
    assert any(f"{topic}" in w and str(place) in w for w in told) or any(control in w for w in told), told


def newer_records(s):
    """Of ids that nobody knows yet: with fields behind those that are known, and an unknown symbol."""
    created, signal = records.grown("ExecutionCreated", "trigger"), records.grown("ExecutionSignal")
    worker = s.worker()
    newer = s.make(["sleep", 60_000], trigger="FUTURE", added="?" * 99)
    topic = f"{s.installation.prefix}executions.{s.queue}"
    s.installation.write([(topic, newer["status_partition"], newer["task_id"], records.frame_of(created, 99, newer), [])])
    s.published.append(newer)
    s.begun(newer)
    control = s.installation.prefix + "control"
    for number, what in ((9, "UNKNOWN"), (98, "CANCEL")):
        schema = signal if number == 98 else records.NEWEST["ExecutionSignal"]
        value = records.frame_of(schema, number, records.signal(newer, what, added="!"))
        s.installation.write([(control, 0, newer["execution_id"], value, [])])
    s.final(newer, "CANCELLED")
    worker.stop()


def cancelled_before_it_began(s):
    """While it waits for a place, and before the worker is there: passed over in silence."""
    behind_an_open_transaction(s)
    task = records.task_id()
    held = s.put(["sleep", 60_000], task=task)
    early, waits, other = s.put(task=task), s.put(task=task), s.put(task=task)
    s.cancel(early)
    s.cancel(other, attempt=2)  # of another attempt, which is not this one
    worker = s.worker(concurrency=1)
    s.begun(held)
    s.cancel(waits)
    s.cancel(held)  # what stands before it in control is read with it
    s.final(held, "CANCELLED")
    s.final(other, "SUCCEEDED")
    worker.stop()
    for execution in (early, waits):
        assert not s.statuses(execution) and not s.journal(execution=execution), s.state(execution)


def behind_an_open_transaction(s):
    """The last that may be read of control when a worker starts is of an aborted transaction, whose end lies behind an open one: nobody waits for that."""
    with s.apart(Installation(s.installation.brokers)):
        execution = s.make()
        with s.installation.open_transaction([s.installation.signal_message(execution)]) as aborted, \
                s.installation.open_transaction([s.installation.signal_message(execution)]):
            aborted.abort_transaction(60)
            worker = s.worker()
            s.publish([execution])
            s.final(execution, "SUCCEEDED")
            worker.stop()


def no_handler(s):
    known = s.put(task_key="b")
    unknown = s.put(task_key="x")
    worker = s.worker(CONFORMANCE_TASKS="a,b")
    s.final(known, "SUCCEEDED")
    end = s.final(unknown, "FAILED")
    assert end["reason"] == "WORKER_ERROR" and end["message"] == "no handler for task 'x' (has: a, b)", end
    assert s.statuses(unknown) == ["RUNNING", "FAILED"]
    worker.stop()


def a_queue_that_is_made_later(s):
    s.queue += "later"
    worker = s.worker()
    s.word(worker, f"{s.installation.prefix}executions.{s.queue}|'{s.queue}'")
    s.installation.add_queue(s.queue)
    s.final(s.put(), "SUCCEEDED")
    worker.stop()


def no_position(s):
    """The backlog of a day is run, what is older is not; the next start goes on where this one ended."""
    taken_away_while_announced(s)
    s.queue += "old"
    s.installation.add_queue(s.queue, timestamps="CreateTime")
    topic, task = f"{s.installation.prefix}executions.{s.queue}", records.task_id()

    def put(hours):
        execution = s.make(task=task)
        s.installation.write([(topic, execution["status_partition"], task, records.frame("ExecutionCreated", execution), [])],
                             timestamp=int((time.time() - hours * 3600) * 1000))
        s.published.append(execution)
        return execution

    old, young = put(48), put(23)
    worker = s.worker()
    s.final(young, "SUCCEEDED")
    worker.stop()
    assert not s.statuses(old), s.state(old)
    next_one = put(1)
    worker = s.worker()
    s.final(next_one, "SUCCEEDED")
    worker.stop()
    assert not s.statuses(old) and len(s.journal("begin", young)) == 1, s.state(young)


def taken_away_while_announced(s):
    """Where there is no position, whoever comes next looks through `status`: not before all that is on its way there has arrived."""
    link = s.proxy()
    link.hold(kafka.PRODUCE)
    announced = [s.make(task=task) for task in records.task_for_each(s.installation.partitions)]
    s.publish(announced)
    first = s.worker(brokers=link.brokers)
    wait_for("RUNNING is on its way", lambda: link.counts["held"] > 0)
    other = s.worker()
    wait_for("the first one hears of the other one", link.rebalances.is_set)
    never("another one had it before RUNNING was there", lambda: s.journal("begin"), 0.7)  # two seconds are the most that it is waited for
    link.hold()
    s.finals(announced)
    first.stop()
    other.stop()
    s.check()


def one_partition_and_fifty(s):
    for partitions in (1, 50):
        with s.apart(Installation(s.installation.brokers, partitions)):
            worker = s.worker(concurrency=16)
            s.publish([s.make(["log", 2], ["return", n]) for n in range(60)])
            s.finals(s.published)
            assert all(len(s.texts(e)) == 2 for e in s.published)
            worker.stop()
