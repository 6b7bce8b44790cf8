-- Tasks, what they were, what was asked of them, and what their schedules passed over.
-- Codes (smallint) are the numbers of lib/model/enums.h. `received_at` is the broker's clock, never ours.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

-- The newest revision of each task. A deleted task stays, with state 2.
CREATE TABLE task (
  task_id       uuid PRIMARY KEY,
  revision      int NOT NULL,
  state         smallint NOT NULL, -- 0 active, 1 paused, 2 deleted
  effective_at  timestamptz,
  received_at   timestamptz NOT NULL,
  project       text NOT NULL,
  key           text NOT NULL,
  title         text,
  queue         text,
  labels        jsonb,
  spec          json NOT NULL
);
CREATE INDEX task_key ON task (project, key);

CREATE TABLE task_revision (
  task_id       uuid NOT NULL,
  revision      int NOT NULL,
  state         smallint NOT NULL,
  effective_at  timestamptz,
  received_at   timestamptz NOT NULL,
  command_id    uuid, -- NULL: the scheduler itself decided
  actor         text,
  reason        text,
  spec          json NOT NULL,
  PRIMARY KEY (task_id, revision)
);

-- A command (topic commands) and its outcome (topic tasks), whichever comes first. A repeated command id keeps what has
-- the lowest position, so that the order of reading does not matter.
CREATE TABLE command (
  command_id         uuid PRIMARY KEY,
  task_id            uuid NOT NULL,
  kind               smallint, -- NULL: only the outcome has been read
  expected_revision  int,
  received_at        timestamptz,
  kafka_partition    int,
  kafka_offset       bigint,
  actor              text,
  reason             text,
  body               json, -- the record as it was sent
  result             smallint, -- NULL: not decided yet; 0 accepted, 1 rejected
  code               smallint,
  revision           int,
  execution_id       uuid,
  outcome_at         timestamptz,
  outcome_partition  int,
  outcome_offset     bigint,
  message            text
);

CREATE TABLE schedule_gap ( -- scheduled instants in (from_at, to_at] that did not fire, and why
  task_id      uuid NOT NULL,
  revision     int NOT NULL,
  from_at      timestamptz NOT NULL,
  reason       smallint NOT NULL,
  to_at        timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  count        int NOT NULL,
  more         boolean NOT NULL, -- counting stopped at `count`
  PRIMARY KEY (task_id, revision, from_at, reason)
);

GRANT INSERT, UPDATE ON task, command TO cronobs_writer;
GRANT INSERT ON task_revision, schedule_gap TO cronobs_writer;
