-- An execution's life begins where it is made: what was reported on it before, at lower offsets of its partition of `status`, is not
-- about it. ExecutionCreated names that offset, and may be read after such reports: they are folded again then, so whether a report
-- moved something is the one thing of it that may change. For that, every report is kept, those that come again in a table of their own:
-- execution_event has each once.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE execution ADD COLUMN status_from bigint; -- NULL: from the first one on

CREATE TABLE execution_repeat ( -- columns as in execution_event; rare: what a writer sends again
  execution_id        uuid NOT NULL,
  task_id             uuid NOT NULL,
  event_id            uuid NOT NULL,
  worker_incarnation  uuid,
  blocked_by          uuid,
  received_at         timestamptz NOT NULL,
  occurred_at         timestamptz,
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
  PRIMARY KEY (execution_id, task_id, kafka_offset)
);
INSERT INTO execution_repeat
SELECT execution_id, task_id, event_id, worker_incarnation, blocked_by, received_at, occurred_at, next_attempt_at, kafka_offset, kafka_partition,
       exit_code, attempt, status, reason, if_unclaimed, moved, worker, message, result
  FROM execution_event WHERE again > 0;
DELETE FROM execution_event WHERE again > 0;
ALTER TABLE execution_event DROP CONSTRAINT execution_event_pkey, DROP COLUMN again, ADD PRIMARY KEY (execution_id, task_id, event_id, attempt, status);

GRANT SELECT ON execution_repeat TO cronobs_reader;
GRANT SELECT, INSERT ON execution_repeat TO cronobs_writer;
GRANT UPDATE (moved) ON execution_event, execution_repeat TO cronobs_writer;
