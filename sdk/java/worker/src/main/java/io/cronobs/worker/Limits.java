package io.cronobs.worker;

/** Those settings that the engine goes by. Times in milliseconds. */
record Limits(String queueTopic, String controlTopic, String group, int concurrency, long backlog, long drain, long session,
    boolean stopWhenLost) {}
