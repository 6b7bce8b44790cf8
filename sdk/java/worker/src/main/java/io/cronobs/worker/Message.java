package io.cronobs.worker;

/** What was read. at: microseconds, the broker's clock; value null: a tombstone; traceparent null: none. */
record Message(int partition, long offset, long at, byte[] value, String traceparent) {}
