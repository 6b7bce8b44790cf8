"""Runs that are cut off by their run timeout, however the command answers SIGTERM: with a scheduler, and without."""
from support import case
from support.driver import Driver
from support.stack import Stack, wait_for

COUNT, LIMIT_MS = 50, 1500
FAILED, TIMED_OUT = 6, 7
COMMANDS = ("trap 'echo bye; exit 0' TERM; sleep 60 & wait", "trap 'exit 7' TERM; sleep 60 & wait", "trap '' TERM; sleep 60 & wait", "exec sleep 60")

stack = Stack("limits")
stack.prepare(*(f"q{i}" for i in range(len(COMMANDS))))
driver = Driver(stack)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
workers = [stack.start("w" + str(i), "work", "--queue", f"q{i}", "--concurrency", "32", "--kill-after", "500ms", "--", "sh", "-c", command)
           for i, command in enumerate(COMMANDS)]


def rows(query, *values):
    with stack.connect() as connection:
        return connection.execute(query, values).fetchall()


def begin(prefix, count, run_timeout_ms):
    for i in range(count):
        key = f"{prefix}{i}"
        driver.must("PUT", f"/v1/tasks/default~{key}", {"queue": f"q{i % len(COMMANDS)}", "payload": "", "run_timeout_ms": run_timeout_ms},
                    {"Prefer": "wait=20"})
        driver.must("POST", f"/v1/tasks/default~{key}:trigger", {}, {"Prefer": "wait=20"})


def all_of(prefix, *columns):
    return rows(f"SELECT {', '.join('e.' + c for c in columns)} FROM execution e JOIN task t USING (task_id) WHERE t.key LIKE %s", prefix + "%")


def with_a_scheduler_they_are_timed_out():
    begin("with", COUNT, LIMIT_MS)
    wait_for("all have ended", lambda: sum(s >= 5 for s, in all_of("with", "status")) == COUNT, 60)
    wait_for("the workers have had their say", lambda: rows(
        "SELECT count(*) FROM execution_event v JOIN execution e USING (execution_id, task_id) JOIN task t ON t.task_id = e.task_id "
        "WHERE t.key LIKE 'with%%' AND v.status = %s", FAILED)[0][0] == COUNT, 60)
    found = {}
    for status, in all_of("with", "status"):
        found[status] = found.get(status, 0) + 1
    assert found == {TIMED_OUT: COUNT}, found
    assert not any(c for c, in all_of("with", "contradicted")), "the workers said the same"
    return f"{COUNT} of {COUNT} are TIMED_OUT"


def without_one_they_have_failed_by_it():
    begin("without", 8, 6000)
    wait_for("all run", lambda: [s for s, in all_of("without", "status")] == [2] * 8, 30)
    scheduler.hold()
    scheduler.kill()
    wait_for("all have ended", lambda: all(s >= 5 for s, in all_of("without", "status")), 60)
    found = all_of("without", "status", "reason", "message")
    assert all(status == FAILED and "its run timeout is over" in message for status, _, message in found), found
    assert len({reason for _, reason, _ in found}) == 1, found
    scheduler.release()
    for worker in workers:
        worker.stop()
    stack.down()


case.run(with_a_scheduler_they_are_timed_out, without_one_they_have_failed_by_it)
