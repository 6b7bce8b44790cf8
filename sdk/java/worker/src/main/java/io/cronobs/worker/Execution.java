package io.cronobs.worker;

import java.util.Map;

/**
 * What is to be run: the record ExecutionCreated, and what its message has beside it. As of all records here: instants are microseconds
 * since 1970, ids their 36 characters in lower case, symbols texts, what is absent null; {@code schemas/README.md} says what the fields mean.
 * Nobody changes it once it has been read.
 */
final class Execution {
    record Retry(int maxAttempts, long firstDelayMs, long maxDelayMs, long jitterMs, double multiplier, String on) {}

    String executionId;
    String taskId;
    String taskKey;
    String project;
    int revision;
    int attempt;
    int maxAttempts;
    String trigger;
    long scheduledAt;
    long dueAt;
    Long nominalLocal;
    String zone;
    String tzdata;
    String dst;
    Long startBy;
    Long finishBy;
    Long runTimeoutMs;
    Long heartbeatMs;
    String parentExecutionId;
    int statusPartition;
    byte[] payload;
    String contentType;
    Map<String, String> labels = Map.of();
    long statusFrom;
    Retry retry;
    boolean waited;

    /** Of the message's header; W3C Trace Context. */
    String traceparent;
}
