package io.cronobs.worker;

/** An attempt of an execution. */
record RunKey(String executionId, int attempt) {}
