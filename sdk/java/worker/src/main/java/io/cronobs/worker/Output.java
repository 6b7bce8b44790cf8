package io.cronobs.worker;

/** A record on its way. */
record Output(Topic topic, int partition, String key, byte[] value) {}
