"""A history put straight into the tables, for reads: tasks, executions of many days in every status, their counts, their log lines.

Everything follows from `seed` and the numbers, so a test can compute what a read has to answer from the tables alone.
"""
from .place import task_id

PROJECTS = ["billing", "ops", "default", "web"]  # of task n: number n % 4

TASKS = """
INSERT INTO task (task_id, revision, state, effective_at, received_at, project, key, title, queue, labels, spec)
SELECT (%(ids)s::uuid[])[1 + n], 1, (ARRAY[0, 0, 0, 0, 0, 0, 0, 0, 1, 2])[1 + n %% 10], now() - interval '400 days', now() - interval '400 days',
       (ARRAY['billing', 'ops', 'default', 'web'])[1 + n %% 4], 'task' || n, CASE WHEN n %% 3 > 0 THEN 'Title of ' || n END, 'q' || n %% %(queues)s,
       jsonb_build_object('team', 'team' || n %% 7),
       json_build_object('project', (ARRAY['billing', 'ops', 'default', 'web'])[1 + n %% 4], 'key', 'task' || n, 'queue', 'q' || n %% %(queues)s,
                         'schedules', json_build_array(json_build_object('expression', n %% 60 || ' * * * *', 'zone', 'UTC')))
  FROM generate_series(0, %(tasks)s - 1) n"""

# status: 90 % succeeded, 1 % each failed, timed out, lost, missed, 2 % skipped, cancelled; of the last hours some are open, a few from long ago
EXECUTIONS = """
INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, due_at, started_at, finished_at, status_at, revision, attempt, created_attempt,
                       max_attempts, status, trigger, reason, queue, zone, worker, message)
SELECT (left(uuid_floor(at)::text, 13) || '-8' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-' || substr(h, 7, 12))::uuid, (%(ids)s::uuid[])[1 + task::int],
       at, at, at + (n %% 3) * interval '1 s',
       CASE WHEN status IN (2, 3, 4, 5, 6, 7, 8) THEN at + interval '2 s' END,
       CASE WHEN status IN (5, 6, 7, 8) THEN at + interval '2 s' + ((1000 + (task * 7919 + n::bigint * 104729) %% 60000) || ' ms')::interval END,
       at + interval '3 s', 1, 1, 1, 1, status, (ARRAY[1, 1, 1, 1, 2, 4])[1 + n %% 6],
       CASE status WHEN 6 THEN 15 WHEN 7 THEN 11 WHEN 8 THEN 13 WHEN 10 THEN (ARRAY[7, 8])[1 + n %% 2] WHEN 11 THEN 9 WHEN 9 THEN 14 END,
       'q' || task %% %(queues)s, 'UTC', CASE WHEN status BETWEEN 2 AND 8 THEN 'worker-' || n %% 5 END, CASE WHEN status IN (6, 7) THEN 'it said ' || n END
  FROM (SELECT n, (n::bigint * 31 + n / 97) %% %(tasks)s AS task, md5(n || %(seed)s) AS h, date_trunc('second', %(now)s::timestamptz - n * (%(days)s * interval '1 day' / %(executions)s)) AS at,
               CASE WHEN n < %(open)s THEN (ARRAY[0, 2, 0, 3, 4, 1, 2, 0])[1 + n %% 8] WHEN %(stuck)s AND n %% 20011 = 7 THEN (ARRAY[0, 2])[1 + n %% 2]
                    ELSE (ARRAY[6, 7, 8, 10, 11, 11, 9, 9])[1 + ('x' || substr(md5(n || 's' || %(seed)s), 1, 4))::bit(16)::int / 655] END AS chosen
          FROM generate_series(%(last)s::int, %(first)s, -1) n) e, -- oldest first, as they come
       LATERAL (SELECT coalesce(chosen, 5) AS status) s WHERE at >= %(since)s AND at < %(until)s"""

ROLLUPS = """
INSERT INTO execution_rollup (task_id, bucket, status, count, run_ms)
SELECT task_id, date_bin('15 minutes', uuid_time(execution_id), '2000-01-01 00:00Z'), status, count(*),
       coalesce(sum(trunc(extract(epoch FROM finished_at - started_at) * 1000)), 0) FROM execution{month} GROUP BY 1, 2, 3 ORDER BY 2, 1, 3;
INSERT INTO rollup_all (bucket, status, kafka_partition, count, run_ms)
SELECT bucket, status, ('x' || left(task_id::text, 2))::bit(8)::int % 12, sum(count), sum(run_ms) FROM execution_rollup{month} GROUP BY 1, 2, 3 ORDER BY 1, 3, 2"""
LEAVES = ("execution", "execution_event", "execution_heartbeat", "log_writer", "execution_rollup")


def values_of(tasks, executions, days, queues=3, opened=60, seed=1, now="now", stuck=True):
    """What the statements above take: all of that history. stuck: some have been open for long."""
    ids = [task_id(f"task{n}", PROJECTS[n % 4]) for n in range(tasks)]
    return dict(ids=ids, tasks=tasks, executions=executions, days=days, queues=queues, open=opened, seed=str(seed), now=now, stuck=stuck,
                first=1, last=executions, since="-infinity", until="infinity")


def make_leaves(connection, days, now="now"):
    for parent in LEAVES:
        connection.execute(
            "SELECT ensure_partition(%s, m) FROM generate_series(date_trunc('month', %s::timestamptz - %s * interval '1 day', 'UTC'), %s::timestamptz + interval '1 day', '1 month') m",
            (parent, now, days, now))


def make(connection, tasks=40, executions=5000, days=70, queues=3, opened=60, seed=1, now="now", stuck=True):
    """`connection`: with rights to write, search_path at the tables. The newest execution is scheduled at `now`."""
    values = values_of(tasks, executions, days, queues, opened, seed, now, stuck)
    make_leaves(connection, days, now)
    connection.execute(TASKS, values)
    connection.execute(EXECUTIONS, values)
    for statement in ROLLUPS.format(month="").split(";"):
        connection.execute(statement)
    connection.execute("ANALYZE")
