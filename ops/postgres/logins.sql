-- The roles that the tables know, and a login for each that uses them; to be run as a superuser, as often as one likes.
-- Passwords follow: they may not come to stand in the server's log.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
SET client_min_messages = 'warning';

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY '{cronobs_owner,cronobs_writer,cronobs_reader,cronobs_operator,cronobs_consumer}'::text[] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I', wanted);
    END IF;
  END LOOP;
END $$;

ALTER ROLE cronobs_owner NOLOGIN;
ALTER ROLE cronobs_writer NOLOGIN;
ALTER ROLE cronobs_reader NOLOGIN;
ALTER ROLE cronobs_operator LOGIN;
ALTER ROLE cronobs_consumer LOGIN;

GRANT cronobs_owner, cronobs_writer, cronobs_reader TO cronobs_operator;
GRANT cronobs_writer, cronobs_reader TO cronobs_consumer;
