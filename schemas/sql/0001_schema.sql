-- Roles, the schema and what every later file rests on.
--
-- Roles belong to the whole cluster: two databases may meet here at the same moment, so an existing one is fine.
-- owner: owns everything, cannot log in; writer: the consumer; reader: the API and people.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY '{cronobs_owner,cronobs_writer,cronobs_reader}'::text[] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I %s', wanted, CASE WHEN wanted = 'cronobs_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database was first
    END;
    IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN -- never true for a superuser
      EXECUTE format('GRANT %I TO %I', wanted, current_user);
    END IF;
  END LOOP;
END $$;

CREATE SCHEMA cronobs AUTHORIZATION cronobs_owner;
GRANT USAGE ON SCHEMA cronobs TO cronobs_writer, cronobs_reader;

SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

-- Leaves of partitioned tables too: reads name them.
ALTER DEFAULT PRIVILEGES IN SCHEMA cronobs GRANT SELECT ON TABLES TO cronobs_writer, cronobs_reader;

CREATE TABLE schema_migration (
  version     int PRIMARY KEY,
  name        text NOT NULL,
  checksum    text NOT NULL, -- SHA-256 of the file
  applied_at  timestamptz NOT NULL DEFAULT now()
);

-- The smallest execution id of an instant, and the instant of an execution id (both to the millisecond).
CREATE FUNCTION uuid_floor(t timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT (lpad(to_hex(floor(extract(epoch FROM t) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid $$;
CREATE FUNCTION uuid_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) $$;
