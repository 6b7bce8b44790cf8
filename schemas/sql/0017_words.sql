-- Words for the codes, for people with SQL and for dashboards: docs/postgres.md lists the views, and promises them. When an enumeration
-- of lib/model/enums.c grows, a later migration replaces its function; tests/unit/store/words_test.c says with what.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE FUNCTION status_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['PENDING','WAITING','RUNNING','CANCELLING','RETRYING','SUCCEEDED','FAILED','TIMED_OUT','LOST','CANCELLED','MISSED','SKIPPED','UNKNOWN'])[code + 1], 'UNKNOWN') END $$;
CREATE FUNCTION trigger_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['UNKNOWN','SCHEDULED','CATCH_UP','BACKFILL','MANUAL','RETRY','CHAIN','EXTERNAL'])[code + 1], 'UNKNOWN') END $$;
CREATE FUNCTION reason_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['NONE','CALENDAR','WINDOW','DELETED','PAUSED','SKIP_NEXT','MISFIRE','START_DEADLINE','NO_QUEUE','OVERLAP','QUEUE_FULL','RUN_TIMEOUT','FINISH_BY','HEARTBEAT','CANCEL_REQUESTED','EXIT_CODE','SIGNAL','WORKER_SHUTDOWN','WORKER_ERROR','RETRY','RELEASED','TZDATA','EDITED','UNKNOWN'])[code + 1], 'UNKNOWN') END $$;
CREATE FUNCTION dst_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['NONE','MOVED','REPEATED'])[code + 1], 'NONE') END $$;
CREATE FUNCTION task_state_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['ACTIVE','PAUSED','DELETED','UNKNOWN'])[code + 1], 'UNKNOWN') END $$;
CREATE FUNCTION command_kind_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['PUT_TASK','DELETE_TASK','PAUSE_TASK','RESUME_TASK','TRIGGER_TASK','SKIP_NEXT','CANCEL_EXECUTION','RETRY_EXECUTION','BACKFILL','PUT_OBJECT','DELETE_OBJECT'])[code + 1], 'PUT_TASK') END $$;
CREATE FUNCTION outcome_result_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['ACCEPTED','REJECTED','UNKNOWN'])[code + 1], 'UNKNOWN') END $$;
CREATE FUNCTION outcome_code_word(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY['OK','CREATED','UPDATED','UNCHANGED','NOT_FOUND','DELETED','STALE_REVISION','INVALID_SPEC','NO_QUEUE','MISPLACED','UNSUPPORTED','OVERLAP','NOT_PAUSED','UNKNOWN'])[code + 1], 'UNKNOWN') END $$;

CREATE VIEW task_words AS
SELECT task_id, project, key, title, queue, task_state_word(state) AS state, revision, effective_at, received_at, labels, spec
  FROM task;

CREATE VIEW task_revision_words AS
SELECT r.task_id, t.project, t.key, r.revision, task_state_word(r.state) AS state, r.effective_at, r.received_at, r.command_id, r.actor, r.reason, r.spec
  FROM task_revision r LEFT JOIN task t USING (task_id);

CREATE VIEW command_words AS
SELECT c.command_id, c.task_id, t.project, t.key, command_kind_word(c.kind) AS kind, c.received_at, c.actor, c.reason, c.expected_revision, c.body,
       outcome_result_word(c.result) AS result, outcome_code_word(c.code) AS code, c.message, c.revision, c.execution_id, c.outcome_at
  FROM command c LEFT JOIN task t USING (task_id);

CREATE VIEW schedule_gap_words AS
SELECT g.task_id, t.project, t.key, g.revision, g.from_at, g.to_at, reason_word(g.reason) AS reason, g.count, g.more, g.received_at
  FROM schedule_gap g LEFT JOIN task t USING (task_id);

CREATE VIEW execution_words AS
SELECT e.execution_id, e.task_id, t.project, t.key, t.title, e.queue, status_word(e.status) AS status, reason_word(e.reason) AS reason,
       trigger_word(e.trigger) AS trigger, e.scheduled_at, e.due_at, e.started_at, e.finished_at, e.status_at,
       (extract(epoch FROM e.started_at - e.due_at) * 1000)::bigint AS wait_ms, (extract(epoch FROM e.finished_at - e.started_at) * 1000)::bigint AS run_ms,
       e.attempt, e.max_attempts, e.next_attempt_at, e.exit_code, e.worker, e.message, coalesce(e.open, false) AS open, e.cancel_requested, e.contradicted,
       e.revision, e.start_by, e.finish_by, e.zone, dst_word(e.dst) AS dst, e.labels::jsonb AS labels
  FROM execution e LEFT JOIN task t USING (task_id);

CREATE VIEW execution_event_words AS
SELECT v.execution_id, v.task_id, t.project, t.key, v.event_id, v.received_at, v.occurred_at, v.attempt, status_word(v.status) AS status,
       reason_word(v.reason) AS reason, v.moved, v.worker, v.exit_code, v.message, v.result, v.next_attempt_at, v.kafka_partition, v.kafka_offset
  FROM execution_event v LEFT JOIN task t USING (task_id);

CREATE VIEW execution_rollup_words AS
SELECT r.task_id, t.project, t.key, r.bucket, status_word(r.status) AS status, r.count, r.run_ms
  FROM execution_rollup r LEFT JOIN task t USING (task_id);

CREATE VIEW rollup_all_words AS
SELECT bucket, status_word(status) AS status, sum(count)::bigint AS count, sum(run_ms)::bigint AS run_ms
  FROM rollup_all GROUP BY bucket, rollup_all.status;

CREATE VIEW log_line_words AS
SELECT l.execution_id, l.task_id, t.project, t.key, l.attempt, l.writer, l.seq, l.at, l.received_at, l.day,
       CASE l.level WHEN 'D' THEN 'DEBUG' WHEN 'I' THEN 'INFO' WHEN 'W' THEN 'WARN' WHEN 'E' THEN 'ERROR' END AS level,
       CASE l.stream WHEN 'L' THEN 'LOG' WHEN 'O' THEN 'STDOUT' WHEN 'E' THEN 'STDERR' END AS stream, l.message
  FROM log_line l LEFT JOIN task t USING (task_id);
