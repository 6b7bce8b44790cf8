-- Who had an instant skipped, or a task deleted, is asked for by task, whenever that was.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE INDEX command_wishes ON command (task_id) WHERE kind IN (1, 5); -- DELETE_TASK, SKIP_NEXT
