package io.cronobs.worker;

/** stream: LOG, STDOUT or STDERR. */
record LogLine(long at, String level, String stream, String message) {}
