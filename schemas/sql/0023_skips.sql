-- What of a task is to be skipped: the mark of the newest outcome of its commands that has one. No row: nothing is.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE TABLE task_skip (
  task_id        uuid PRIMARY KEY,
  skip_until     timestamptz NOT NULL, -- instants of its schedules up to here that are not decided yet
  outcome_offset bigint NOT NULL
);
CREATE INDEX task_skip_until ON task_skip (skip_until);
GRANT SELECT ON task_skip TO cronobs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON task_skip TO cronobs_writer;

CREATE OR REPLACE VIEW task_words AS
SELECT t.task_id, t.project, t.key, t.title, t.queue, task_state_word(t.state) AS state, t.revision, t.effective_at, t.received_at, t.labels, t.spec, s.skip_until
  FROM task t LEFT JOIN task_skip s USING (task_id);
