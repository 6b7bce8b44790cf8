-- What a projection at migration 5 may hold, for upgrade_test.c: four months of executions in every status, made and not made, with
-- all that hangs on them; half a fleet of writers; counts as the projection kept them, of stubs too.
SET search_path = cronobs;
SET timezone = 'UTC';

CREATE TEMP TABLE x AS -- n, its status 0 to 11, of one of five tasks; each seventh was made by nobody
SELECT n, at, (left(uuid_floor(at)::text, 14) || '8000-8000-' || lpad(n::text, 12, '0'))::uuid AS id,
       ('00000000-0000-8000-8000-00000000000' || n % 5)::uuid AS task, (n % 12)::smallint AS status, n % 7 = 0 AS stub
  FROM (SELECT n, timestamptz '2026-08-03 00:00Z' + n * interval '3 hours' AS at FROM generate_series(1, 900) n) s;

SELECT ensure_partition(p, m) FROM unnest('{execution,execution_event,execution_heartbeat,log_writer,execution_rollup}'::text[]) p,
       generate_series(timestamptz '2026-08-01 00:00Z', '2026-11-30', '1 month') m;
SELECT ensure_partition('log_batch', w) FROM generate_series(timestamptz '2026-08-03 00:00Z', '2026-11-30', '7 days') w;

INSERT INTO execution (execution_id, task_id, created_at, scheduled_at, due_at, started_at, finished_at, status_at, attempt, created_attempt,
                       status, trigger, queue, labels, payload, cancel_requested)
SELECT id, task, CASE WHEN NOT stub THEN at END, CASE WHEN NOT stub THEN at END, CASE WHEN NOT stub THEN at END,
       CASE WHEN status IN (2, 3, 5, 6, 7) THEN at + interval '1 s' END, CASE WHEN status >= 5 THEN at + interval '1 s' + n * interval '1 ms' END,
       at + interval '2 s', 1 + n % 3, CASE WHEN NOT stub AND n % 2 = 0 THEN 1 END, status,
       CASE WHEN NOT stub THEN CASE WHEN n % 2 = 0 THEN 1 ELSE 7 END END, 'default', '{"team": "a"}', convert_to('payload ' || n, 'UTF8'), status = 3
  FROM x;

INSERT INTO execution_event (execution_id, event_id, received_at, kafka_offset, kafka_partition, attempt, status, if_unclaimed, moved, worker, result)
SELECT id, (left(id::text, 34) || lpad(k::text, 2, '0'))::uuid, at + k * interval '1 s', n * 2 + k, n % 5 % 4, 1 + n % 3,
       CASE k WHEN 0 THEN 2 ELSE status END, false, true, 'w' || n % 3, CASE WHEN k = 1 THEN 'result'::bytea END
  FROM x, generate_series(0, 1) k;

INSERT INTO execution_heartbeat (execution_id, received_at, attempt, progress, worker) SELECT id, at, 1, 50, 'w' FROM x WHERE n % 3 = 0;
INSERT INTO execution_heartbeat (execution_id, received_at, attempt) -- read before the execution it belongs to
SELECT (left(uuid_floor('2026-11-20')::text, 24) || 'ffffffffffff')::uuid, '2026-11-20', 1;

INSERT INTO log_batch (execution_id, writer, received_at, first_seq, day, attempt, levels, at, level, stream, message)
SELECT id, task, at + k * interval '1 s', 1 + 2 * k, (at + k * interval '1 s')::date, 1, CASE n % 4 WHEN 0 THEN 12 ELSE 3 END, ARRAY[at, at], (CASE n % 4 WHEN 0 THEN '{E,W}' ELSE '{I,D}' END)::"char"[], '{O,E}', ARRAY['line ' || n, 'more']
  FROM x, generate_series(0, 1) k WHERE n % 2 = 0;
INSERT INTO log_writer (execution_id, writer, next_seq, attempt, gaps)
SELECT id, task, 5, 1, CASE WHEN n % 4 = 0 THEN '{[1,2)}'::int8multirange END FROM x WHERE n % 2 = 0;

INSERT INTO execution_rollup (task_id, bucket, count, run_ms, status)
SELECT task_id, date_bin('15 minutes', uuid_time(execution_id), '2000-01-01 00:00Z'), count(*),
       sum(CASE WHEN status >= 5 AND finished_at > started_at THEN trunc(extract(epoch FROM finished_at - started_at) * 1000) ELSE 0 END), status
  FROM execution GROUP BY 1, 2, 5;
INSERT INTO rollup_all (bucket, count, run_ms, kafka_partition, status)
SELECT bucket, sum(count), sum(run_ms), right(task_id::text, 1)::int % 4, status FROM execution_rollup GROUP BY 1, 4, 5;

INSERT INTO task (task_id, revision, state, received_at, project, key, queue, spec)
SELECT task, 2, 0, timestamptz '2026-08-02', 'default', right(task::text, 1), 'default', '{"a": 1}'::json FROM (SELECT DISTINCT task FROM x) t;
INSERT INTO task_revision (task_id, revision, state, received_at, spec) SELECT task_id, r, 0, received_at, spec FROM task, generate_series(1, 2) r;
INSERT INTO command (command_id, task_id, kind, received_at, kafka_partition, kafka_offset, result, outcome_at, outcome_partition, outcome_offset)
SELECT (left(id::text, 35) || 'c')::uuid, task, CASE WHEN n % 3 <> 1 THEN 1 END, at, 0, n, CASE WHEN n % 3 <> 2 THEN n % 2 END, at, 0, n FROM x WHERE n < 30;
INSERT INTO schedule_gap (task_id, revision, from_at, reason, to_at, received_at, count, more)
SELECT task_id, 1, '2026-08-02', 6, '2026-08-03', '2026-08-03', 7, false FROM task;

INSERT INTO dead_letter (topic, part, kafka_offset, received_at, reason, key, value) VALUES
  ('status', 0, 1, '2026-08-03', 'undecodable', repeat('k', 5000)::bytea, repeat('v', 100000)::bytea),
  ('status', 0, 2, '2026-08-03', 'undecodable', NULL, 'short'),
  ('status', 0, 3, '2026-08-03', 'undecodable', 'k', NULL),
  ('logs', 1, 3, '2026-08-03', 'undecodable', NULL, '');
INSERT INTO lost_log_range (topic, part, from_offset, to_offset) VALUES ('logs', 1, 0, 20);
INSERT INTO kafka_offset (topic, part, next_offset, epoch, owner)
SELECT t, p, 5000, 3, 'before' FROM unnest('{commands,tasks,status,heartbeats,logs,executions.default,executions.slow}'::text[]) t, generate_series(0, 3) p;
