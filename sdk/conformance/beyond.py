"""Scenarios beyond the worker: runs that somebody else starts, the client of the API, the helper for tests."""
import base64
import json
import time

import records
from front import Front
from stage import wait_for

MINUTES = "*/5 * * * *"
SECOND = 1_000_000  # microseconds


def objects(subject):
    return [json.loads(line) for line in subject.output.read_text().splitlines()]


# --- observed runs ---

def observe(s):
    """Started by whoever starts it, told as any other; without brokers it runs all the same and ends soon after."""
    key = f"observed-{s.queue}"
    for steps, code, status in (([["log", 3], ["progress", 50, "half"], ["gate", "x"], ["log", 1]], 0, "SUCCEEDED"), ([["log", 1], ["throw", "no disk"]], 1, "FAILED")):
        run = s.start("observe", key, json.dumps(steps))
        shown = wait_for(lambda: f"its id: {run.tail()}", lambda: objects(run))[0]
        execution = {"execution_id": shown["execution_id"]}
        wait_for("it is announced", lambda: s.statuses(execution) == ["RUNNING"] or code)
        s.open_gate("x")
        end = s.final(execution, status)
        run.ends(code)
        check_observed(s, execution, key, end)
        assert s.texts(execution)[:1] == ["line 1"], s.texts(execution)
    link = s.proxy()
    link.away()
    begun_alone(s, key, link)
    link.away()
    for steps, code in (([["log", 3], ["return", 1]], 0), ([["throw", "no disk"]], 1)):
        alone = s.start("observe", key, json.dumps(steps), CRONOBS_BROKERS=link.brokers)
        alone.ends(code, deadline=40)


def begun_alone(s, key, link):
    """The brokers come while it runs: it has begun when it began, all the same."""
    run = s.start("observe", key, json.dumps([["log", 1], ["gate", "came"]]), CRONOBS_BROKERS=link.brokers)
    shown = wait_for(lambda: f"its id: {run.tail()}", lambda: objects(run))[0]
    execution, until = {"execution_id": shown["execution_id"]}, time.monotonic() + 3
    wait_for("a while", lambda: time.monotonic() > until)
    link.away(False)
    wait_for(lambda: f"it is announced: {run.tail()}", lambda: s.statuses(execution) == ["RUNNING"])
    s.open_gate("came")
    end = s.final(execution, "SUCCEEDED")
    run.ends(0)
    check_observed(s, execution, key, end)


def check_observed(s, execution, key, end):
    began = s.reports(execution)[0].record
    assert began["trigger"] == "EXTERNAL" and began["status"] == "RUNNING", began
    assert began["task_id"] == records.place.task_id(key), f"{began['task_id']} is not the id of task {key}"
    assert abs(began["occurred_at"] - began["scheduled_at"]) < SECOND, f"begun {began['scheduled_at']}, said to be {began['occurred_at']}"
    number = bytes.fromhex(execution["execution_id"].replace("-", ""))
    assert int.from_bytes(number[:6], "big") == began["scheduled_at"] // 1000 and number[6] >> 4 == 8, execution
    assert end["worker"] == began["worker"], (began, end)


# --- the client ---

def client(s):
    """Against the real API, through a front that answers 503 and breaks connections when told to."""
    stack = s.tools.api()
    front = Front(stack.url)
    try:
        use_client(s, front)
    finally:
        front.close()
        stack.down()


def use_client(s, front):

    def call(*calls, **settings):
        run = s.start("client", json.dumps(calls), CRONOBS_URL=front.url, **settings)
        run.ends(0)
        return objects(run)

    spec = {"queue": "q", "payload": "hello", "schedules": [{"expression": MINUTES}]}
    made, again, stale, absent = call(["put", "client", spec, None], ["put", "client", {**spec, "title": "t"}, 1],
                                      ["put", "client", spec, 1], ["get", "no-such-task"])
    assert made["ok"]["key"] == "client" and again["ok"]["title"] == "t", (made, again)
    assert stale["error"]["status"] == 412 and absent["error"]["status"] == 404 and absent["error"]["hint"], (stale, absent)
    wrong, = call(["put", "wrong", {**spec, "schedules": [{"expression": "61 * * * *"}]}, None])
    assert wrong["error"]["status"] in (400, 422) and wrong["error"]["pointer"], wrong
    pages(call)
    repeats(call, front)
    paused, resumed, upcoming, explained = call(["pause", "client"], ["resume", "client"], ["upcoming", "client"], ["explain", MINUTES, "Europe/Berlin"])
    assert "ok" in paused and "ok" in resumed and explained["ok"] and isinstance(upcoming["ok"], list) and upcoming["ok"], (paused, upcoming, explained)
    gone, = call(["delete", "client"])
    assert "ok" in gone, gone


def pages(call):
    spec = {"queue": "q", "payload": ""}
    puts = call(*[["put", f"page-{n:02d}", spec, None] for n in range(25)])
    assert all("ok" in p for p in puts), puts
    found, = call(["tasks", 10])
    assert found["ok"]["count"] == 26, found
    triggers = call(*[["trigger", "page-00", "x"] for _ in range(12)])
    assert all("ok" in t for t in triggers), triggers
    for _ in range(50):  # what is triggered shows when the projection has it
        found, = call(["executions", "page-00", 5])
        if found["ok"]["count"] == 12:
            return
    raise AssertionError(f"12 executions were triggered, the pages have {found}")


def repeats(call, front):
    """A write that had no answer is sent again under the same key: it is done once."""
    front.answer_503(2)
    made, = call(["trigger", "page-01", "x"])
    front.break_answers(1)
    also, = call(["trigger", "page-01", "y"])
    assert "ok" in made and "ok" in also, (made, also)
    keys = front.keys("page-01")
    assert len(keys) >= 5 and len(set(keys)) == 2 and None not in keys, keys
    for _ in range(50):
        found, = call(["executions", "page-01", 5])
        if found["ok"]["count"] >= 2:
            break
    assert found["ok"]["count"] == 2, found


# --- the helper for tests ---

SCRIPTS = (
    [["log", 2], ["line", "WARN", "careful"], ["progress", 10, "a"], ["progress", 20, None], ["return", {"rows": 1}]],
    [["line", "INFO", "one\ntwo"], ["return", "text"]],
    [["fail", "boom", 3, "rest"]],
    [["log", 1], ["throw", "no such part"]],
    [["return_bytes", 65537]],
    [],
)


def testing_helper(s):
    """The same script by the helper and by a worker: the same end, lines and result."""
    worker = s.worker()
    for steps in SCRIPTS:
        real = s.put(*steps)
        end = s.final(real)
        helped = s.start("testing", json.dumps(steps))
        helped.ends(0)
        out = objects(helped)[0]
        assert (out["status"], out["reason"], out["message"], out["exit_code"]) == (end["status"], end["reason"], end["message"], end["exit_code"]), (out, end)
        result = None if end["result"] is None else base64.b64encode(end["result"]).decode()
        assert out["result"] == result, (out, end)
        thrown = any(step[0] == "throw" for step in steps)  # its trace names where it was run
        lines = [list(line) for line in s.lines(real)]
        assert out["lines"][:1] == lines[:1] if thrown else out["lines"] == lines, (out["lines"], lines)
        assert out["progress"] == [[step[1], step[2]] for step in steps if step[0] == "progress"], out
    worker.stop()
