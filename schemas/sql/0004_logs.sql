-- Log lines, in batches as they were sent. Weekly leaves by the broker's clock.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE TABLE log_batch (
  execution_id  uuid NOT NULL,
  writer        uuid NOT NULL,
  received_at   timestamptz NOT NULL,
  first_seq     bigint NOT NULL,
  day           date NOT NULL, -- of received_at, UTC
  attempt       smallint NOT NULL,
  levels        smallint NOT NULL, -- bit set of the levels inside (1 << code): a filtered page skips whole batches
  escaped       int[], -- which lines (from 1) held NUL or invalid UTF-8, written here as \xHH; NULL: none
  at            timestamptz[] COMPRESSION lz4 NOT NULL,
  level         "char"[] COMPRESSION lz4 NOT NULL, -- 'I' 'D' 'W' 'E'
  stream        "char"[] COMPRESSION lz4 NOT NULL, -- 'L' log, 'O' stdout, 'E' stderr
  message       text[] COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (execution_id, attempt, writer, first_seq, day)
) PARTITION BY RANGE (day);

CREATE VIEW log_line AS
SELECT execution_id, attempt, writer, first_seq + n - 1 AS seq, day, received_at, u.at, u.level, u.stream, u.message,
       coalesce(n = ANY (b.escaped), false) AS escaped
  FROM log_batch b, unnest(b.at, b.level, b.stream, b.message) WITH ORDINALITY u(at, level, stream, message, n);

-- How far each writer has come: a line below next_seq is a repetition, unless it lies in a gap.
CREATE TABLE log_writer (
  execution_id  uuid NOT NULL,
  writer        uuid NOT NULL,
  next_seq      bigint NOT NULL,
  attempt       smallint NOT NULL,
  gaps          int8multirange, -- NULL: none
  PRIMARY KEY (execution_id, attempt, writer)
) PARTITION BY RANGE (execution_id);

GRANT INSERT ON log_batch TO cronobs_writer;
GRANT INSERT, UPDATE ON log_writer TO cronobs_writer;
