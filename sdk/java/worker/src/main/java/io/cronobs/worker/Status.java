package io.cronobs.worker;

/** What becomes of an attempt: the record ExecutionStatus. */
final class Status {
    String eventId;
    String executionId;
    String taskId;
    int attempt;
    String status;
    boolean ifUnclaimed;
    String reason; // null: NONE
    long occurredAt;
    Author worker; // null: no worker has said it
    String message;
    Integer exitCode;
    byte[] result;
    Long nextAttemptAt;
    String blockedBy;
    Long scheduledAt;
    String trigger;
    Integer revision;
    String queue;
}
