-- A word of the scheduler that changed nothing when it was first said may hold when it comes again, as CANCELLED when the grace is over: lists and streams show it.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

CREATE INDEX execution_repeat_moved ON execution_repeat (kafka_partition, kafka_offset) WHERE moved; -- live streams

CREATE OR REPLACE VIEW execution_event_words AS
SELECT v.execution_id, v.task_id, t.project, t.key, v.event_id, v.received_at, v.occurred_at, v.attempt, status_word(v.status) AS status,
       reason_word(v.reason) AS reason, v.moved, v.worker, v.exit_code, v.message, v.result, v.next_attempt_at, v.kafka_partition, v.kafka_offset
  FROM execution_event v LEFT JOIN task t USING (task_id)
 UNION ALL
SELECT v.execution_id, v.task_id, t.project, t.key, v.event_id, v.received_at, v.occurred_at, v.attempt, status_word(v.status),
       reason_word(v.reason), v.moved, v.worker, v.exit_code, v.message, v.result, v.next_attempt_at, v.kafka_partition, v.kafka_offset
  FROM execution_repeat v LEFT JOIN task t USING (task_id) WHERE v.moved;
