-- A line that was sent before its end was printed: what comes next on its stream, from the same writer, is the same line.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE log_batch ADD COLUMN unfinished int[]; -- which lines (from 1) no line end followed; NULL: none

CREATE OR REPLACE VIEW log_line AS
SELECT execution_id, task_id, attempt, writer, first_seq + n - 1 AS seq, day, received_at, u.at, u.level, u.stream, u.message,
       coalesce(n = ANY (b.escaped), false) AS escaped, coalesce(n = ANY (b.unfinished), false) AS unfinished
  FROM log_batch b, unnest(b.at, b.level, b.stream, b.message) WITH ORDINALITY u(at, level, stream, message, n);
