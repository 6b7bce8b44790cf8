"""Years of history put straight into the tables, for benchmarks: that of past.py, with events, logs, gaps, commands and revisions. Month by month, by several sessions at once."""
import concurrent.futures
import datetime
import time

import psycopg

from . import past
from .place import task_id

WRITER = "11111111-2222-4333-8444-555555555555"
RUN_LINES, OWN_LINES = 200, 500  # lines: of most runs, in two batches; in a batch of the run with a large log
SESSIONS = 4

FAST = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET max_wal_size = '16GB'", "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()")
SAFE = ("ALTER SYSTEM RESET fsync", "ALTER SYSTEM RESET max_wal_size", "ALTER SYSTEM RESET autovacuum", "SELECT pg_reload_conf()", "CHECKPOINT")

# what programs print; the same batches again and again, for it is the size that counts
TEMPLATES = """
CREATE TEMP TABLE template AS
SELECT t, array_agg(CASE WHEN n = 7 AND t %% 8 = 3 THEN 'E' WHEN n %% 40 = 11 THEN 'W' ELSE 'I' END::"char" ORDER BY n) AS level,
       array_agg('request ' || left(md5(t || '.' || n), 12) || ' of customer ' || t * 7919 + n * 104729 || ' answered 200 in ' || n * t %% 900 || ' ms' ORDER BY n) AS message
  FROM generate_series(0, 63) t, generate_series(0, 99) n GROUP BY t"""

LOGS = """
CREATE TEMP TABLE printed AS
SELECT *, row_number() OVER () AS n FROM (SELECT execution_id, task_id, finished_at FROM execution_{month}
 WHERE status = 5 AND get_byte(uuid_send(execution_id), 15) * 256 + get_byte(uuid_send(execution_id), 14) < 65536 * %(share)s) e;
INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)
SELECT p.execution_id, p.task_id, %(writer)s, p.finished_at, 1 + b * 100, (p.finished_at AT TIME ZONE 'UTC')::date, 1, CASE WHEN t %% 8 = 3 THEN 13 ELSE 5 END,
       array_fill(p.finished_at, ARRAY[100]), level, array_fill('O'::"char", ARRAY[100]), message
  FROM printed p, generate_series(0, 1) b, template WHERE t = (p.n * 2 + b) %% 64;
INSERT INTO log_writer (execution_id, task_id, writer, next_seq, attempt, info) SELECT execution_id, task_id, %(writer)s, 201, 1, 200 FROM printed;
DROP TABLE printed;
VACUUM ANALYZE execution_{month};
VACUUM ANALYZE execution_rollup_{month}"""

LARGE_LOG = """
INSERT INTO log_batch (execution_id, task_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)
SELECT %(one)s, %(task)s, %(writer)s, now(), 1 + b * 500, now()::date, 1, CASE b %% 50 WHEN 7 THEN 9 ELSE 1 END, array_fill(now(), ARRAY[500]),
       array_fill('I'::"char", ARRAY[499]) || CASE b %% 50 WHEN 7 THEN 'E' ELSE 'I' END::"char", array_fill('O'::"char", ARRAY[500]),
       (SELECT array_agg('line ' || b * 500 + k || CASE k WHEN 499 THEN ' needle in it' ELSE ' of plain text as programs print it, hour after hour' END) FROM generate_series(0, 499) k)
  FROM generate_series(0, %(own)s / 500 - 1) b;
INSERT INTO log_writer (execution_id, task_id, writer, next_seq, attempt, info) VALUES (%(one)s, %(task)s, %(writer)s, %(own)s + 1, 1, %(own)s)
    ON CONFLICT (execution_id, task_id, attempt, writer) DO UPDATE SET next_seq = EXCLUDED.next_seq, info = EXCLUDED.info"""

# the final report of each of the last months, at positions of the log that go on without holes over all partitions
REST = """
CREATE TEMP SEQUENCE position CACHE 1000;
INSERT INTO execution_event (execution_id, task_id, event_id, worker_incarnation, received_at, occurred_at, kafka_offset, kafka_partition, attempt, status, reason,
                             if_unclaimed, moved, worker)
SELECT execution_id, task_id, md5(execution_id::text)::uuid, %(writer)s, status_at, status_at, nextval('position'), get_byte(uuid_send(task_id), 0) %% 12, 1, status, reason, false, true, worker
  FROM execution WHERE status >= 5 AND execution_id >= uuid_floor(now() - interval '100 days');
INSERT INTO kafka_offset (topic, part, next_offset, epoch, owner) SELECT 'status', n, currval('position') + 1, 1, 'nobody' FROM generate_series(0, 11) n;
INSERT INTO task_revision (task_id, revision, state, effective_at, received_at, actor, spec) SELECT task_id, 1, state, effective_at, received_at, 'import', spec FROM task;
INSERT INTO command (command_id, task_id, kind, received_at, kafka_partition, kafka_offset, actor, result, code, revision, execution_id, outcome_at, misplaced, outcome_misplaced)
SELECT md5('c' || execution_id)::uuid, task_id, 4, created_at, 0, 0, 'somebody', 0, 0, 1, execution_id, created_at, false, false FROM execution WHERE trigger = 4
   AND get_byte(uuid_send(execution_id), 15) < 16;
INSERT INTO schedule_gap (task_id, revision, from_at, reason, to_at, received_at, count, more)
SELECT task_id, 1, scheduled_at - interval '10 min', 6, scheduled_at - interval '5 min', created_at, 1, false FROM execution
 WHERE get_byte(uuid_send(execution_id), 15) < CASE WHEN task_id = %(busy)s THEN 64 ELSE 4 END ON CONFLICT DO NOTHING;
VACUUM ANALYZE"""


def each(connection, script, **values):
    cursor = psycopg.ClientCursor(connection)  # a table cannot be made of a query with parameters apart
    for statement in script.split(";"):
        cursor.execute(statement, values)


def months_of(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    at = (now - datetime.timedelta(days=days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while at <= now:
        behind = (at + datetime.timedelta(days=32)).replace(day=1)
        yield at, behind
        at = behind


def make_month(connect, month, histories, share):
    """histories: values of past.EXECUTIONS."""
    since, until = month
    name = since.strftime("%Y%m")
    with connect() as connection:
        connection.execute("SET work_mem = '256MB'")
        each(connection, TEMPLATES)
        for history in histories:
            step = history["days"] * 86400 / history["executions"]
            ago = [(history["now"] - at).total_seconds() / step for at in month]
            first, last = max(1, int(ago[1]) - 1), min(history["executions"], int(ago[0]) + 2)
            connection.execute(past.EXECUTIONS, dict(history, first=first, last=last, since=since, until=until))
        each(connection, past.ROLLUPS.format(month=f"_{name}").replace("%", "%%"))
        each(connection, LOGS.format(month=name), share=share, writer=WRITER)


def make(connect, executions, lines, own, tasks, days, busy):
    """connect(): a superuser's session; the server is less careful meanwhile. lines: of all logs; own: of one run's. busy: executions of the first task, within 400 days.
    Answers how many seconds it took."""
    began = time.monotonic()
    now = datetime.datetime.now(datetime.timezone.utc)
    most = past.values_of(tasks, executions - busy, days, queues=8, opened=400, now=now, stuck=False)
    of_one = dict(most, ids=most["ids"][:1], tasks=1, executions=busy, days=min(days, 400), open=0, seed="busy")
    share = (lines - own) / RUN_LINES / (0.88 * executions)
    with connect() as connection:
        for statement in FAST:
            connection.execute(statement)
        past.make_leaves(connection, days)
        connection.execute("SELECT ensure_partition('log_batch', d) FROM generate_series(now() - %s * interval '1 day', now() + interval '7 days', '7 days') d", (days + 7,))
        connection.execute(past.TASKS, most)
        with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
            list(pool.map(lambda month: make_month(connect, month, (most, of_one), share), months_of(days)))
        one, task = connection.execute("SELECT execution_id::text, task_id::text FROM execution WHERE status = 5 ORDER BY execution_id DESC LIMIT 1").fetchone()
        each(connection, LARGE_LOG, one=one, task=task, own=own, writer=WRITER)
        each(connection, REST, busy=task_id("task0", past.PROJECTS[0]), writer=WRITER)
        for statement in SAFE:
            connection.execute(statement)
    return time.monotonic() - began


def some(connection):
    """The ids of the run with the large log, of the oldest with one, and of one from the middle of the history."""
    return [connection.execute("SELECT execution_id::text FROM " + rest).fetchone()[0] for rest in (
        "log_writer ORDER BY next_seq DESC LIMIT 1", "log_writer ORDER BY execution_id LIMIT 1",
        "execution WHERE status = 5 AND execution_id > uuid_floor(now() - interval '500 days') ORDER BY execution_id LIMIT 1")]
