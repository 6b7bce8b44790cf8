-- What the web page looks for: lines of a log by how serious they are, tasks by a part of their name, and what changed lately.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

-- Stored lines of each level, counted as they are stored; together they are next_seq - 1 less the gaps.
ALTER TABLE log_writer
  ADD COLUMN debug bigint NOT NULL DEFAULT 0,
  ADD COLUMN info  bigint NOT NULL DEFAULT 0,
  ADD COLUMN warn  bigint NOT NULL DEFAULT 0,
  ADD COLUMN error bigint NOT NULL DEFAULT 0;
UPDATE log_writer w SET debug = c.debug, info = c.info, warn = c.warn, error = c.error
  FROM (SELECT execution_id, task_id, attempt, writer,
               count(*) FILTER (WHERE l = 'D') AS debug, count(*) FILTER (WHERE l = 'I') AS info,
               count(*) FILTER (WHERE l = 'W') AS warn, count(*) FILTER (WHERE l = 'E') AS error
          FROM log_batch, unnest(level) l GROUP BY 1, 2, 3, 4) c
 WHERE (w.execution_id, w.task_id, w.attempt, w.writer) = (c.execution_id, c.task_id, c.attempt, c.writer);

-- "name:value", a line each.
CREATE FUNCTION label_text(labels jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(string_agg(l.key || ':' || l.value, E'\n' ORDER BY l.key COLLATE "C"), '') FROM jsonb_each_text(labels) l $$;

-- What a task is found by. The index over it needs the extension pg_trgm, which not everybody may make: `cronobs db migrate` makes
-- it where it can (lib/store/search_index.c), and without it a search walks the tasks.
ALTER TABLE task ADD COLUMN search text GENERATED ALWAYS AS
  (lower(key || E'\n' || coalesce(title, '') || E'\n' || label_text(labels))) STORED;

CREATE INDEX task_state ON task (project, state);
CREATE INDEX task_received ON task (received_at);
CREATE INDEX command_received ON command (received_at);
CREATE INDEX command_outcome ON command (outcome_at);
CREATE INDEX schedule_gap_task ON schedule_gap (task_id, to_at);
CREATE INDEX schedule_gap_received ON schedule_gap (received_at);
CREATE INDEX rollup_all_open ON rollup_all (status, bucket) WHERE status < 5;
