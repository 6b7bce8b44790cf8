-- What an execution is, is told by its id and its task together: everything about a task is in one partition of the log, so only rows
-- with that key come out the same in whatever order the partitions are read. Reports on an execution that nobody made (or not
-- yet: topics are read side by side) are in a table of their own, so that lists, days and counts never see them.
--
-- What is stored already gets its task from its execution; what has none to get it from goes, as a rebuild would leave it out.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE TABLE stray_execution ( -- columns as in execution; the row moves there when somebody makes the execution
  execution_id        uuid NOT NULL,
  task_id             uuid NOT NULL,
  worker_incarnation  uuid,
  blocked_by          uuid,
  started_at          timestamptz,
  finished_at         timestamptz,
  status_at           timestamptz,
  next_attempt_at     timestamptz,
  exit_code           int,
  attempt             smallint NOT NULL,
  status              smallint NOT NULL,
  reason              smallint,
  cancel_requested    boolean NOT NULL,
  contradicted        boolean NOT NULL,
  worker              text,
  message             text,
  PRIMARY KEY (execution_id, task_id)
);
GRANT SELECT ON stray_execution TO cronobs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON stray_execution TO cronobs_writer;

ALTER TABLE execution_event ADD COLUMN task_id uuid,
  ADD COLUMN again smallint NOT NULL DEFAULT 0; -- the same report once more, which moved something: 1, 2, ...
ALTER TABLE execution_heartbeat ADD COLUMN task_id uuid;
ALTER TABLE log_writer ADD COLUMN task_id uuid;
ALTER TABLE log_batch ADD COLUMN task_id uuid;
UPDATE execution_event t SET task_id = e.task_id FROM execution e WHERE e.execution_id = t.execution_id;
UPDATE execution_heartbeat t SET task_id = e.task_id FROM execution e WHERE e.execution_id = t.execution_id;
UPDATE log_writer t SET task_id = e.task_id FROM execution e WHERE e.execution_id = t.execution_id;
UPDATE log_batch t SET task_id = e.task_id FROM execution e WHERE e.execution_id = t.execution_id;
DELETE FROM execution_event WHERE task_id IS NULL;
DELETE FROM execution_heartbeat WHERE task_id IS NULL;
DELETE FROM log_writer WHERE task_id IS NULL;
DELETE FROM log_batch WHERE task_id IS NULL;
ALTER TABLE execution_event ALTER COLUMN task_id SET NOT NULL;
ALTER TABLE execution_heartbeat ALTER COLUMN task_id SET NOT NULL;
ALTER TABLE log_writer ALTER COLUMN task_id SET NOT NULL;
ALTER TABLE log_batch ALTER COLUMN task_id SET NOT NULL;

ALTER TABLE execution DROP CONSTRAINT execution_pkey, ADD PRIMARY KEY (execution_id, task_id);
-- One event id used for two reports is two rows; the same report again is none.
ALTER TABLE execution_event DROP CONSTRAINT execution_event_pkey, ADD PRIMARY KEY (execution_id, task_id, event_id, attempt, status, again);
ALTER TABLE execution_heartbeat DROP CONSTRAINT execution_heartbeat_pkey, ADD PRIMARY KEY (execution_id, task_id);
ALTER TABLE log_writer DROP CONSTRAINT log_writer_pkey, ADD PRIMARY KEY (execution_id, task_id, attempt, writer);
ALTER TABLE log_batch DROP CONSTRAINT log_batch_pkey, ADD PRIMARY KEY (execution_id, task_id, attempt, writer, first_seq, day);

-- Neither ExecutionCreated nor a birth: nobody made it. Its counts go with it.
INSERT INTO stray_execution
SELECT execution_id, task_id, worker_incarnation, blocked_by, started_at, finished_at, status_at, next_attempt_at, exit_code, attempt, status,
       reason, cancel_requested, contradicted, worker, message
  FROM execution WHERE created_attempt IS NULL AND trigger IS NULL;
DELETE FROM execution WHERE created_attempt IS NULL AND trigger IS NULL;
CREATE VIEW stray_count AS
SELECT task_id, date_bin('15 minutes', uuid_time(execution_id), '2000-01-01 00:00Z') AS bucket, status,
       (SELECT kafka_partition FROM execution_event v WHERE v.execution_id = s.execution_id LIMIT 1) AS kafka_partition,
       CASE WHEN status >= 5 AND finished_at > started_at THEN trunc(extract(epoch FROM finished_at - started_at) * 1000)::bigint ELSE 0 END AS run_ms
  FROM stray_execution s;
UPDATE execution_rollup t SET count = t.count - m.count, run_ms = t.run_ms - m.run_ms
  FROM (SELECT task_id, bucket, status, count(*), sum(run_ms)::bigint AS run_ms FROM stray_count GROUP BY 1, 2, 3) m
 WHERE (t.task_id, t.bucket, t.status) = (m.task_id, m.bucket, m.status);
UPDATE rollup_all t SET count = t.count - m.count, run_ms = t.run_ms - m.run_ms
  FROM (SELECT kafka_partition, bucket, status, count(*), sum(run_ms)::bigint AS run_ms FROM stray_count GROUP BY 1, 2, 3) m
 WHERE (t.kafka_partition, t.bucket, t.status) = (m.kafka_partition, m.bucket, m.status);
DELETE FROM execution_rollup WHERE count = 0 AND run_ms = 0;
DELETE FROM rollup_all WHERE count = 0 AND run_ms = 0;
DROP VIEW stray_count;

DROP VIEW log_line;
CREATE VIEW log_line AS
SELECT execution_id, task_id, attempt, writer, first_seq + n - 1 AS seq, day, received_at, u.at, u.level, u.stream, u.message,
       coalesce(n = ANY (b.escaped), false) AS escaped
  FROM log_batch b, unnest(b.at, b.level, b.stream, b.message) WITH ORDINALITY u(at, level, stream, message, n);
GRANT SELECT ON log_line TO cronobs_writer, cronobs_reader;
