-- A command is told by its id and its task, as the scheduler tells it: an id used for two tasks is two commands. What was found outside
-- its task's partition gives way to what lies there. And a task is what its last revision says, whatever number that claims to have.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE command DROP CONSTRAINT command_pkey, ADD PRIMARY KEY (command_id, task_id),
  ADD COLUMN misplaced boolean, -- NULL: only the outcome has been read
  ADD COLUMN outcome_misplaced boolean;
UPDATE command SET misplaced = CASE WHEN kind IS NOT NULL THEN false END, outcome_misplaced = CASE WHEN result IS NOT NULL THEN false END;

ALTER TABLE task ADD COLUMN kafka_offset bigint; -- of the revision in tasks; NULL: stored before the column was there
