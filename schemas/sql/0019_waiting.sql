-- An execution that waits for others begins with its report WAITING, which counts at its status_from and nowhere else
-- (docs/decisions/0151).
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE execution ADD COLUMN waited boolean NOT NULL DEFAULT false;
