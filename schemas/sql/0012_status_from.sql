-- An execution's life begins where it is made: what was reported on it before, at lower offsets of its partition of `status`, is not
-- about it. ExecutionCreated names that offset, and may be read after such reports: they are folded again then, so whether a report
-- moved something is the one thing of it that may change. For that, every report is kept, those that come again in a table of their own:
-- execution_event has each once.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE execution ADD COLUMN status_from bigint; -- NULL: from the first one on

CREATE TABLE execution_repeat (LIKE execution_event INCLUDING COMPRESSION); -- rare: what a writer sends again
INSERT INTO execution_repeat SELECT * FROM execution_event WHERE again > 0;
ALTER TABLE execution_repeat DROP COLUMN again, ADD PRIMARY KEY (execution_id, task_id, kafka_offset);
DELETE FROM execution_event WHERE again > 0;
ALTER TABLE execution_event DROP CONSTRAINT execution_event_pkey, DROP COLUMN again, ADD PRIMARY KEY (execution_id, task_id, event_id, attempt, status);

GRANT SELECT ON execution_repeat TO cronobs_reader;
GRANT SELECT, INSERT ON execution_repeat TO cronobs_writer;
GRANT UPDATE (moved) ON execution_event, execution_repeat TO cronobs_writer;
