-- How far the projection has come, what it could not use, and the leaves it needs.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE TABLE kafka_offset (
  topic        text NOT NULL, -- without the prefix: 'status', 'executions.default'
  part         int NOT NULL,
  next_offset  bigint NOT NULL,
  epoch        bigint NOT NULL, -- + 1 with every assignment: an older owner finds no row and drops its batch
  owner        text,
  PRIMARY KEY (topic, part)
) WITH (fillfactor = 20);

CREATE TABLE dead_letter ( -- records that could not be used, with their bytes
  topic         text NOT NULL,
  part          int NOT NULL,
  kafka_offset  bigint NOT NULL,
  received_at   timestamptz NOT NULL,
  reason        text NOT NULL, -- 'undecodable', 'bad execution id', 'misplaced', 'over limits', 'unexpected record', 'data error'
  detail        text,
  key           bytea,
  value         bytea,
  PRIMARY KEY (topic, part, kafka_offset)
);

CREATE TABLE lost_log_range ( -- offsets [from_offset, to_offset) that retention removed before they were read
  topic        text NOT NULL,
  part         int NOT NULL,
  from_offset  bigint NOT NULL,
  to_offset    bigint NOT NULL,
  noticed_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, part, from_offset)
);

-- Filled while `cronobs db rebuild` is under way: where the replay ends, and the digests it must reach. While there is
-- a row no consumer starts.
CREATE TABLE rebuild_target (
  topic        text NOT NULL,
  part         int NOT NULL,
  next_offset  bigint NOT NULL,
  PRIMARY KEY (topic, part)
);
CREATE TABLE rebuild_digest (
  name    text PRIMARY KEY,
  digest  text NOT NULL
);

-- Makes the leaf that holds instant t, if it is missing; true if it did. Call it outside the batch's transaction:
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, which open writers do not delay.
CREATE FUNCTION ensure_partition(parent text, t timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = cronobs, pg_temp SET lock_timeout = '5s' SET timezone = 'UTC' AS $$
DECLARE
  lo timestamptz;
  hi timestamptz;
  leaf text;
  a text;
  b text;
  fill int;
BEGIN
  IF parent IN ('execution', 'execution_event', 'execution_heartbeat', 'log_writer', 'execution_rollup') THEN
    lo := date_trunc('month', t);
    hi := lo + interval '1 month';
    leaf := parent || to_char(lo, '"_"YYYYMM');
  ELSIF parent = 'log_batch' THEN
    lo := date_trunc('week', t);
    hi := lo + interval '7 days';
    leaf := parent || to_char(lo, '"_"YYYYMMDD');
  ELSE
    RAISE EXCEPTION 'no partitions on demand for "%"', parent;
  END IF;

  -- Looked up in the catalogue's tables: to_regclass may answer from a cache that has not heard of another session's leaf.
  IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE c.relname = leaf AND c.relnamespace = 'cronobs'::regnamespace) THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('cronobs.' || leaf, 0));
  IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE c.relname = leaf AND c.relnamespace = 'cronobs'::regnamespace) THEN RETURN false; END IF;

  IF parent = 'log_batch' THEN
    a := lo::date;
    b := hi::date;
  ELSIF parent = 'execution_rollup' THEN
    a := lo;
    b := hi;
  ELSE
    a := uuid_floor(lo);
    b := uuid_floor(hi);
  END IF;
  fill := CASE parent WHEN 'execution' THEN 50 WHEN 'execution_rollup' THEN 80 WHEN 'execution_heartbeat' THEN 50 ELSE 100 END;
  EXECUTE format('CREATE TABLE cronobs.%I (LIKE cronobs.%I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING COMPRESSION INCLUDING STORAGE) WITH (fillfactor = %s)', leaf, parent, fill);
  IF parent = 'execution' THEN
    EXECUTE format('ALTER TABLE cronobs.%I SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000)', leaf);
  END IF;
  EXECUTE format('ALTER TABLE cronobs.%I ATTACH PARTITION cronobs.%I FOR VALUES FROM (%L) TO (%L)', parent, leaf, a, b);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION ensure_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partition TO cronobs_writer;

GRANT INSERT, UPDATE ON kafka_offset TO cronobs_writer;
GRANT INSERT ON dead_letter, lost_log_range TO cronobs_writer;
