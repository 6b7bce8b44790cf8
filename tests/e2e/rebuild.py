"""The database is a projection: drop it, replay the topics, get the same bytes."""
import hashlib
import subprocess
import threading

import psycopg

from support import case
from support.driver import Driver
from support.stack import Stack, free_port, wait_for

# what `cronobs db verify` digests, and each table's key
TABLES = {
    "command": "command_id, task_id", "execution": "execution_id, task_id",
    "execution_event": "execution_id, task_id, event_id, attempt, status", "execution_repeat": "execution_id, task_id, kafka_offset",
    "execution_rollup": "task_id, bucket, status", "log_batch": "execution_id, task_id, attempt, writer, first_seq, day",
    "log_writer": "execution_id, task_id, attempt, writer", "stray_execution": "execution_id, task_id", "rollup_all": "bucket, kafka_partition, status",
    "schedule_gap": "task_id, revision, from_at, reason", "task": "task_id", "task_skip": "task_id", "task_revision": "task_id, revision",
}
stack = Stack("rebuild")
stack.prepare("q")
driver = Driver(stack)
api, scheduler, consumer = stack.start_api(), stack.start_scheduler(), stack.start_consumer()
worker = stack.start_worker("q", "seq", "1", "20")


def digests():
    """Our own: COPY text ordered by primary key, hashed here."""
    found = {}
    with stack.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET bytea_output = 'hex'; SET extra_float_digits = 1")
        for table, key in TABLES.items():
            total = hashlib.sha256()
            with connection.cursor().copy(f"COPY (SELECT * FROM {table} ORDER BY {key}) TO STDOUT") as copy:
                for data in copy:
                    total.update(data)
            found[table] = total.hexdigest()
    return found


def a_history_is_made():
    for i in range(30):
        driver.must("PUT", f"/v1/tasks/default~t{i}", {"queue": "q", "payload": "x", "run_timeout_ms": 5000,
                                                       "schedules": [{"expression": "@every 1s"}], "overlap": "skip" if i % 3 else "allow"})
    with stack.connect() as connection:
        wait_for("600 successes", lambda: connection.execute("SELECT count(*) FROM execution WHERE status = 5").fetchone()[0] > 600, 90)
    for i in range(0, 30, 2):
        driver.must("POST", f"/v1/tasks/default~t{i}:pause", {})
        driver.must("POST", f"/v1/tasks/default~t{i}:trigger", {})
        driver.must("POST", f"/v1/tasks/default~t{i}:resume", {"gap": "LAST"})
    for i in range(30):
        driver.must("DELETE", f"/v1/tasks/default~t{i}", None, {"Prefer": "wait=20"})
    with stack.connect() as connection:
        wait_for("nothing runs", lambda: connection.execute("SELECT count(*) FROM execution WHERE status < 5").fetchone()[0] == 0, 60)
        return f"{connection.execute('SELECT count(*) FROM execution').fetchone()[0]} executions"


def read_without_end(paths, stop, seen):
    """Asks the API for one page after the other; keeps how many came, and what was no 200."""
    while not stop.is_set():
        for path in paths:
            status, answer, _ = driver.call("GET", path)
            seen["answers"] += 1
            if status != 200 or not answer.get("items", [answer]):
                seen["bad"].append((status, path, answer))


def reads_and_writes_go_on_while_it_is_rebuilt():
    """Scheduler, worker, consumer and API at work, readers that never rest: four rebuilds, two of them killed, no bad answer."""
    for i in range(8):
        driver.must("PUT", f"/v1/tasks/default~busy{i}", {"queue": "q", "payload": "x", "schedules": [{"expression": "@every 1s"}]})
    with stack.connect() as connection:
        done = "SELECT count(*) FROM execution JOIN task USING (task_id) WHERE key LIKE 'busy%' AND status = 5"
        wait_for("they run", lambda: connection.execute(done).fetchone()[0] > 20, 60)
        some = connection.execute("SELECT execution_id FROM execution WHERE status = 5 LIMIT 1").fetchone()[0]
    paths = ["/v1/tasks?limit=50", "/v1/executions?limit=50", "/v1/tasks/default~busy1", f"/v1/executions/{some}",
             f"/v1/executions/{some}/events", f"/v1/executions/{some}/logs", "/v1/executions?task=default~busy2"]
    stop, seen = threading.Event(), {"answers": 0, "bad": []}
    readers = [threading.Thread(target=read_without_end, args=(paths, stop, seen)) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for i in range(4):
            if i % 2 == 1:
                killed = subprocess.Popen([stack.binary, "db", "rebuild"], env=stack.environment, stdout=subprocess.DEVNULL)
                with stack.connect() as connection:
                    begun = "SELECT count(*) FROM pg_namespace WHERE nspname = 'cronobs_rebuild'"
                    wait_for("it has begun", lambda: connection.execute(begun).fetchone()[0] == 1 or killed.poll() is not None, 60)
                killed.kill()
                killed.wait()
            else:
                rebuilt = stack.run("db", "rebuild", timeout=300)
                assert "digest equal" in rebuilt.stdout, rebuilt.stdout
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not seen["bad"], seen["bad"][:3]
    for i in range(8):
        driver.must("DELETE", f"/v1/tasks/default~busy{i}", None, {"Prefer": "wait=20"})
    with stack.connect() as connection:
        wait_for("nothing runs", lambda: connection.execute("SELECT count(*) FROM execution WHERE status < 5").fetchone()[0] == 0, 60)
    return f"{seen['answers']} answers"


def the_rebuilt_database_is_the_same():
    worker.stop()
    scheduler.stop()
    consumer.stop()
    before, said = digests(), stack.run("db", "verify").stdout
    for table, digest in before.items():
        assert digest in said, f"{table}: db verify and Python disagree\n{said}\n{digest}"
    rebuilt = stack.run("db", "rebuild", timeout=300)
    assert "digest equal" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    after = digests()
    assert before == after, [t for t in before if before[t] != after[t]]
    return rebuilt.stdout.strip().splitlines()[-1]


# what is known at an instant, by the broker's time in rows that are only added; and what follows from it
KNOWN = {
    "execution_event": "SELECT execution_id, event_id, moved, received_at FROM {0}.execution_event WHERE received_at <= %(at)s ORDER BY 1, 2",
    "task_revision": "SELECT task_id, revision, received_at FROM {0}.task_revision WHERE received_at <= %(at)s ORDER BY 1, 2",
    "newest revision": "SELECT DISTINCT ON (task_id) task_id, revision, state FROM {0}.task_revision WHERE received_at <= %(at)s ORDER BY task_id, revision DESC",
    "command": "SELECT command_id, received_at FROM {0}.command WHERE received_at <= %(at)s ORDER BY 1",
    "outcome": "SELECT command_id, result, outcome_at FROM {0}.command WHERE outcome_at <= %(at)s ORDER BY 1",
    "created": "SELECT execution_id, created_at FROM {0}.execution WHERE created_at <= %(at)s ORDER BY 1",
    "log lines": "SELECT execution_id, writer, first_seq, message FROM {0}.log_batch WHERE received_at <= %(at)s ORDER BY 1, 2, 3",
    "status": "SELECT DISTINCT ON (execution_id) execution_id, status FROM {0}.execution_event WHERE moved AND received_at <= %(at)s"
              " ORDER BY execution_id, kafka_offset DESC",
}
NOW = {  # the same of tables that know nothing else
    "newest revision": "SELECT task_id, revision, state FROM {0}.task ORDER BY 1",
    "status": "SELECT e.execution_id, e.status FROM {0}.execution e WHERE EXISTS (SELECT FROM {0}.execution_event v"
              " WHERE v.execution_id = e.execution_id AND v.moved) ORDER BY 1",
}


def tables_of(said):
    """Without positions: the consumer may have been stopped before the ends (of transactions, behind all records), which the past reaches."""
    return [line for line in said.splitlines() if not line.startswith("offsets ")]


def the_past_is_what_was_known_then():
    with stack.connect() as connection:
        span = connection.execute("SELECT min(received_at), max(received_at) FROM execution_event").fetchone()
        for share in (0.1, 0.45, 0.8):
            at, name = span[0] + (span[1] - span[0]) * share, f"past_{int(share * 100)}"
            stack.run("db", "rebuild", "--until", at.isoformat(), "--schema", name)
            for what, query in KNOWN.items():
                right = connection.execute(query.format("cronobs"), {"at": at}).fetchall()
                all_of_it = NOW.get(what) or query.replace("<= %(at)s", "IS NOT NULL")
                seen = connection.execute(all_of_it.format(name)).fetchall()
                assert seen == right and right, f"{what} as of {at}: {len(seen)} rows, {len(right)} are right"
        count = connection.execute("SELECT count(*) FROM past_45.execution").fetchone()[0]
    now = stack.run("db", "rebuild", "--until", "-0s", "--schema", "past_now").stdout
    live, past = (tables_of(stack.run("db", "verify", *schema).stdout) for schema in ((), ("--database-schema", "past_now")))
    assert live[-1] in now.splitlines() and past == live, (now, past, live)
    return f"{count} executions in the middle"


def the_api_shows_the_past_and_writes_nothing():
    port = free_port()
    past = stack.start("past", "api", "--database-schema", "past_45", CRONOBS_API_LISTEN=f"127.0.0.1:{port}")
    then = Driver(stack)
    then.url = f"http://127.0.0.1:{port}"
    wait_for("it answers", lambda: then.call("GET", "/v1/tasks?limit=1")[0] == 200, 30)
    with stack.connect() as connection:
        tasks = {str(x[0]) for x in connection.execute("SELECT task_id FROM past_45.task WHERE state <> 2").fetchall()}
    assert {x["task_id"] for x in then.must("GET", "/v1/tasks?limit=100")[0]["items"]} == tasks and tasks
    assert then.must("GET", "/v1/executions?limit=5")[0]["items"]
    assert not driver.must("GET", "/v1/tasks?limit=100")[0]["items"], "all are deleted by now"
    assert then.call("DELETE", "/v1/tasks/default~t1")[0] == 405
    assert then.must("GET", "/v1/session")[0] == {"auth": "none", "can": []}
    past.stop()
    refused = stack.run("db", "rebuild", "--until", "2026-01-01T00:00:00Z", "--schema", "past_45", check=False)
    assert refused.returncode != 0 and "db drop past_45" in refused.stderr, refused.stderr
    for name in ("past_10", "past_45", "past_80", "past_now"):
        stack.run("db", "drop", name)
    for name in ("cronobs", "public", "past_45"):
        assert stack.run("db", "drop", name, check=False).returncode != 0, name
    with stack.connect() as connection:
        assert connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'past%'").fetchone()[0] == 0


def a_dropped_database_comes_back():
    before = digests()
    api.stop()
    with psycopg.connect(stack.server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{stack.name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{stack.name}" ENCODING \'UTF8\' TEMPLATE template0')
    stack.run("db", "migrate")
    stack.run("db", "rebuild", timeout=300)
    assert digests() == before
    stack.down()


case.run(a_history_is_made, reads_and_writes_go_on_while_it_is_rebuilt, the_rebuilt_database_is_the_same,
         the_past_is_what_was_known_then, the_api_shows_the_past_and_writes_nothing, a_dropped_database_comes_back)
