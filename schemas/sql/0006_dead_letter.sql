-- A dead letter keeps the beginning of what could not be used, its length and its SHA-256; or, for a batch that nobody
-- can unpack, its place alone.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE dead_letter
  ALTER COLUMN received_at DROP NOT NULL, -- a batch that cannot be unpacked does not say when it came
  ADD COLUMN last_offset bigint,          -- of such a batch, if it holds more than one record
  ADD COLUMN value_len bigint,            -- of the whole value; `value` is its first 64 KiB, `key` the first 1 KiB of the key
  ADD COLUMN value_sha256 bytea;          -- of the whole value

UPDATE dead_letter SET value_len = nullif(length(value), 0), value_sha256 = sha256(value), value = substr(value, 1, 65536), key = substr(key, 1, 1024)
 WHERE value IS NOT NULL OR length(key) > 1024;
