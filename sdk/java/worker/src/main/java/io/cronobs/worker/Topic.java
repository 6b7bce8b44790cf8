package io.cronobs.worker;

/** Where a worker writes. */
enum Topic {
    STATUS,
    LOGS,
    HEARTBEATS
}
