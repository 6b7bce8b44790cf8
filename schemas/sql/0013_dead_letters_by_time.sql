-- Dead letters are looked at newest first; a batch that nobody can unpack does not say when it came, and stands last.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE INDEX dead_letter_newest ON dead_letter (coalesce(received_at, '1970-01-01 00:00:00+00'::timestamptz), topic, part, kafka_offset);
