package io.cronobs.worker;

/** A sign of life of an attempt. */
final class Heartbeat {
    String executionId;
    String taskId;
    int attempt;
    Author worker;
    long occurredAt;
    Integer progress;
    String message;
}
