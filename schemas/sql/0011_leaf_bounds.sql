-- ensure_partition takes no instant that no record can have: whoever may call it could make leaves with any bounds.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

-- Makes the leaf that holds instant t, if it is missing; true if it did. Call it outside the batch's transaction:
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, which open writers do not delay.
CREATE OR REPLACE FUNCTION ensure_partition(parent text, t timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = cronobs, pg_temp SET lock_timeout = '5s' SET timezone = 'UTC' AS $$
DECLARE
  lo timestamptz;
  hi timestamptz;
  leaf text;
  a text;
  b text;
  fill int;
BEGIN
  IF t IS NULL OR t < '2000-01-01' OR t > now() + interval '10 years' THEN
    RAISE EXCEPTION 'no partition for %: outside 2000 to ten years from now', t USING ERRCODE = 'datetime_field_overflow';
  END IF;
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
