package io.cronobs.worker;

/** What is odd about a line of a batch, counted from 1. */
record LogMark(int line, boolean unfinished, boolean escaped) {}
