-- A partition that the projection cannot read on by itself, and the ranges that a person has decided to leave out.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE kafka_offset ADD COLUMN stands text; -- why nothing is read any more from next_offset on; NULL: it is read

-- Offsets [from_offset, to_offset) that were not stored, by `cronobs topics skip`: a rebuild leaves them out, too. to_offset may lie
-- before from_offset, in a topic that was made anew: then nothing is left out.
CREATE TABLE skipped_range (
  topic        text NOT NULL, -- without the prefix
  part         int NOT NULL,
  from_offset  bigint NOT NULL,
  to_offset    bigint NOT NULL,
  reason       text NOT NULL,
  skipped_by   text,
  skipped_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, part, from_offset, to_offset)
);
GRANT INSERT ON skipped_range TO cronobs_writer;
