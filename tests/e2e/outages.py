"""What goes away comes back, and nothing was lost: PostgreSQL, Kafka, all schedulers, a worker.

    --away S    so many seconds PostgreSQL is away (60)
"""
import argparse
import concurrent.futures
import os
import signal
import time

import psycopg

from support import case, judge
from support.driver import Driver
from support.servers import service
from support.stack import Stack, wait_for

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--away", type=int, default=60)
AWAY = options.parse_args().away

stack = Stack("outages")
stack.prepare("q")
driver = Driver(stack)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "seq", "1", "3")
TASKS = [f"t{i}" for i in range(20)]


def path(key):
    return f"/v1/tasks/default~{key}"


def put(key, wait=20, **changes):
    spec = dict({"queue": "q", "payload": "", "schedules": [{"expression": "@every 1s"}], "run_timeout_ms": 5000}, **changes)
    return driver.call("PUT", path(key), spec, {"Prefer": f"wait={wait}"} if wait else {}, timeout=90)


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def newest():
    return rows("SELECT coalesce(max(scheduled_at), to_timestamp(0)) FROM execution")[0][0]


def fires_after(moment):
    def has_fired():
        try:
            return newest().timestamp() > moment + 1
        except psycopg.OperationalError:
            return False  # it is away, which is what this is about
    wait_for("firing goes on", has_fired, 90)


def tasks_are_created_and_run():
    for key in TASKS:
        status, answer, _ = put(key)
        assert status == 201, (status, answer)
    wait_for("executions succeed", lambda: rows("SELECT count(*) FROM execution WHERE status = 5")[0][0] > 40, 60)


def postgres_away():
    """Executions go on, reports are accepted, 500 waiting requests are answered, history catches up."""
    service("stop", "postgres")
    began = time.time()

    def waiting(number):
        return driver.call("PUT", path(f"w{number % 50}"), {"queue": "q", "payload": "", "schedules": [], "title": str(number)},
                           {"Prefer": "wait=10"}, timeout=120)
    with concurrent.futures.ThreadPoolExecutor(500) as pool:
        answers = list(pool.map(waiting, range(500)))
    statuses = {s: sum(1 for a in answers if a[0] == s) for s in {a[0] for a in answers}}
    assert set(statuses) <= {200, 201, 202, 503}, statuses
    assert all("Retry-After" in a[2] for a in answers if a[0] == 503), "503 without Retry-After"
    wait_for("it was away for long enough", lambda: time.time() > began + AWAY, AWAY + 10)
    service("start", "postgres")
    back = time.time()
    fires_after(back)
    took = time.time() - back
    def of_that_time():
        return rows("SELECT count(*) FROM execution WHERE scheduled_at BETWEEN to_timestamp(%s) AND to_timestamp(%s) AND status = 5",
                    began + 2, began + AWAY - 5)[0][0]
    gap = wait_for("the executions of that time have succeeded", lambda: of_that_time() >= (AWAY - 10) * len(TASKS) and of_that_time(), 90)
    return f"500 waiting requests answered {statuses}; {gap} executions ran while it was away; caught up in {took:.1f} s"


def postgres_killed():
    service("kill", "postgres")
    fires_after(time.time())
    service("wait", "postgres")


def kafka_killed():
    began = time.time()
    service("kill", "kafka")
    service("wait", "kafka")
    fires_after(time.time())
    return f"firing again {time.time() - began:.1f} s after the kill"


def schedulers_stopped():
    """A PUT answers 202 and is applied later."""
    scheduler.hold()
    scheduler.kill()
    status, answer, sent = put("late", wait=2)
    assert status == 202 and sent["Location"].startswith("/v1/commands/"), (status, answer)
    waiting, _ = driver.must("GET", sent["Location"])
    assert waiting["result"] == "PENDING", waiting
    scheduler.release()
    wait_for("the late task exists", lambda: driver.call("GET", path("late"))[0] == 200, 60)
    wait_for("it fires", lambda: rows("SELECT count(*) FROM execution e JOIN task t USING (task_id) WHERE t.key = 'late'")[0][0] > 1, 60)


def nothing_of_a_paused_task_fires():
    status, answer, _ = driver.call("POST", path("t0") + ":pause", {}, {"Prefer": "wait=20"})
    assert status == 200, answer
    history = judge.History(stack)
    pause = [m for m in history.of("TaskRevision") if m.value["spec"]["key"] == "t0"][-1]
    mark = time.time() + 4
    fires_after(mark)  # others do
    late = [m for m in judge.History(stack).created if m.value["task_key"] == "t0" and m.at > pause.at]
    assert not late, f"{len(late)} executions after the pause was published"
    driver.must("POST", path("t0") + ":resume", {"gap": "LAST"})


def a_worker_killed_while_running_times_out_and_frees_its_slot():
    slow = stack.start_worker("slow", "sleep", "600", name="slow")
    spec = {"queue": "slow", "payload": "", "schedules": [{"expression": "@every 2s"}], "overlap": "skip", "run_timeout_ms": 6000}
    driver.must("PUT", path("slow"), spec)
    running = wait_for("it runs", lambda: rows(
        "SELECT execution_id::text FROM execution e JOIN task t USING (task_id) WHERE t.key = 'slow' AND e.status = 2"), 60)[0][0]
    slow.hold()
    slow.kill_group(signal.SIGKILL)
    wait_for("it times out", lambda: rows("SELECT 1 FROM execution WHERE execution_id = %s AND status = 7", running), 60)
    slow.release()
    wait_for("the next one runs", lambda: rows("SELECT 1 FROM execution e JOIN task t USING (task_id) "
                                               "WHERE t.key = 'slow' AND e.status = 2 AND e.execution_id > %s", running), 60)
    skipped = rows("SELECT count(*) FROM execution e JOIN task t USING (task_id) WHERE t.key = 'slow' AND e.status = 11")[0][0]
    assert skipped > 0, "nothing was skipped while it ran"
    driver.must("DELETE", path("slow"))
    slow.stop(5)
    return f"{skipped} skipped meanwhile"


def nothing_was_lost():
    for key in TASKS + ["late"] + [f"w{i}" for i in range(50)]:
        driver.call("DELETE", path(key), None, {"Prefer": "wait=30"}, timeout=60)
    wait_for("every command is decided", lambda: rows("SELECT count(*) FROM command WHERE outcome_at IS NULL")[0][0] == 0, 60)
    wait_for("nothing runs", lambda: rows("SELECT count(*) FROM execution WHERE status = 2")[0][0] == 0, 60)
    worker.stop(30)
    history = judge.History(stack)
    expected = judge.expected_instants(history)
    topic = judge.judge_topic(history, expected)
    topic.counts.pop("late", None)  # the outages themselves
    with stack.connect() as connection:
        judge.wait_until_level(connection, history, wait_for)
        verdicts = [topic, judge.judge_table(connection, expected), judge.judge_fold(history, connection),
                    judge.judge_logs(history, connection), judge.judge_commands(history, driver.entries)]
    for verdict in verdicts:
        verdict.show()
    assert all(v.is_clean() for v in verdicts)
    stack.down()


os.environ.setdefault("PYTHONUNBUFFERED", "1")
case.run(tasks_are_created_and_run, postgres_away, postgres_killed, kafka_killed, schedulers_stopped,
         nothing_of_a_paused_task_fires, a_worker_killed_while_running_times_out_and_frees_its_slot, nothing_was_lost)
