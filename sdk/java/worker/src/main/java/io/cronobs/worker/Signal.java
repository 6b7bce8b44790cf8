package io.cronobs.worker;

/** What {@code control} says to whoever runs an attempt: the record ExecutionSignal. */
final class Signal {
    String executionId;
    String taskId;
    int attempt;
    String signal;
    long requestedAt;
    String actor;
    String reason;
}
