-- When the owner of a position last said that it stores what comes: every 15 s, also when nothing comes. NULL: nobody has said so yet.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE kafka_offset ADD COLUMN well_at timestamptz;
