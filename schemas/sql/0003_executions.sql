-- Executions: one row each, its events, counts for calendars. Monthly leaves by execution id, whose first 48 bits are
-- scheduled_at in Unix milliseconds: "by day" and "newest first" are ranges of the primary key.
--
-- Status codes as on the wire, ordered: open ones < 5, SUCCEEDED = 5, all other final ones > 5.
-- No index, INCLUDE or predicate may name status, status_at, started_at, finished_at, worker, next_attempt_at, attempt,
-- reason, exit_code, message or contradicted: updates must stay HOT (leaves have fillfactor 50 for the same reason).
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE TABLE execution (
  execution_id         uuid NOT NULL,
  task_id              uuid NOT NULL,
  parent_execution_id  uuid,
  worker_incarnation   uuid,
  blocked_by           uuid,
  created_at           timestamptz, -- broker time of ExecutionCreated; NULL: only statuses have been read
  scheduled_at         timestamptz,
  due_at               timestamptz,
  started_at           timestamptz, -- broker time of the RUNNING that moved something last, in this attempt
  finished_at          timestamptz,
  status_at            timestamptz,
  next_attempt_at      timestamptz,
  start_by             timestamptz,
  finish_by            timestamptz,
  run_timeout_ms       bigint,
  heartbeat_ms         bigint,
  nominal_local        timestamp,
  revision             int,
  exit_code            int,
  attempt              smallint NOT NULL DEFAULT 1, -- opened by RETRYING, never by ExecutionCreated
  created_attempt      smallint, -- of the ExecutionCreated that described the row: the lowest one seen
  max_attempts         smallint,
  status               smallint NOT NULL DEFAULT 0,
  trigger              smallint,
  reason               smallint,
  dst                  smallint,
  cancel_requested     boolean NOT NULL DEFAULT false, -- CANCELLING was reached: no retry any more
  contradicted         boolean NOT NULL DEFAULT false, -- a worker reported on it after a final status
  queue                text,
  zone                 text,
  tzdata               text,
  worker               text,
  message              text,
  content_type         text,
  labels               text, -- a JSON object
  payload              bytea COMPRESSION lz4,
  open                 boolean GENERATED ALWAYS AS (CASE WHEN status < 5 THEN true END) STORED,
  mark                 smallint GENERATED ALWAYS AS (CASE WHEN status > 5 THEN status END) STORED, -- NULL while open and when succeeded
  PRIMARY KEY (execution_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX execution_task ON execution (task_id, execution_id);
CREATE INDEX execution_mark ON execution (mark, execution_id) WHERE mark IS NOT NULL;
CREATE INDEX execution_task_mark ON execution (task_id, mark, execution_id) WHERE mark IS NOT NULL;
CREATE INDEX execution_open ON execution (queue, execution_id) WHERE open;

CREATE TABLE execution_event ( -- every status report, in the order of the log; those that moved nothing too
  execution_id        uuid NOT NULL,
  event_id            uuid NOT NULL,
  worker_incarnation  uuid,
  blocked_by          uuid,
  received_at         timestamptz NOT NULL,
  occurred_at         timestamptz, -- the reporter's clock
  next_attempt_at     timestamptz,
  kafka_offset        bigint NOT NULL,
  kafka_partition     int NOT NULL,
  exit_code           int,
  attempt             smallint NOT NULL,
  status              smallint NOT NULL,
  reason              smallint,
  if_unclaimed        boolean NOT NULL,
  moved               boolean NOT NULL,
  worker              text,
  message             text,
  result              bytea COMPRESSION lz4,
  PRIMARY KEY (execution_id, event_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX execution_event_position ON execution_event (kafka_partition, kafka_offset); -- live streams

CREATE TABLE execution_heartbeat ( -- the last sign of life; no part of the digest, since its topic is short-lived
  execution_id        uuid NOT NULL,
  worker_incarnation  uuid,
  received_at         timestamptz NOT NULL,
  occurred_at         timestamptz,
  attempt             smallint NOT NULL,
  progress            smallint,
  worker              text,
  message             text,
  PRIMARY KEY (execution_id)
) PARTITION BY RANGE (execution_id);

-- Executions by 15 minutes of their execution id's time and by status, the open ones too. A row that comes to 0 goes away.
CREATE TABLE execution_rollup (
  task_id  uuid NOT NULL,
  bucket   timestamptz NOT NULL,
  count    bigint NOT NULL,
  run_ms   bigint NOT NULL, -- sum of finished_at - started_at
  status   smallint NOT NULL,
  PRIMARY KEY (task_id, bucket, status)
) PARTITION BY RANGE (bucket);

CREATE TABLE rollup_all ( -- all tasks of one Kafka partition: never two writers on one row
  bucket           timestamptz NOT NULL,
  count            bigint NOT NULL,
  run_ms           bigint NOT NULL,
  kafka_partition  smallint NOT NULL,
  status           smallint NOT NULL,
  PRIMARY KEY (bucket, kafka_partition, status)
) WITH (fillfactor = 50);

GRANT INSERT ON execution_event TO cronobs_writer;
GRANT INSERT, UPDATE ON execution, execution_heartbeat TO cronobs_writer;
GRANT INSERT, UPDATE, DELETE ON execution_rollup, rollup_all TO cronobs_writer;
