-- What ExecutionCreated says of further attempts: whether another one follows a failure is decided by the failure, out of this, by
-- scheduler and history alike (docs/decisions/0150). NULL: there is one attempt.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

ALTER TABLE execution
  ADD COLUMN retry_on         smallint, -- bits: 1 << status
  ADD COLUMN retry_multiplier int,      -- in thousandths
  ADD COLUMN retry_first_ms   bigint,
  ADD COLUMN retry_max_ms     bigint,
  ADD COLUMN retry_jitter_ms  bigint;
