package io.cronobs.worker;

/**
 * A line of a log, or a piece of one.
 *
 * @param message at most {@link Text#LINE_MAX} bytes, no line end; may hold NULs
 * @param unfinished no line end followed: the next piece is the same line
 * @param escaped some of its bytes were no UTF-8
 * @param size bytes of the message
 */
record Line(String message, boolean unfinished, boolean escaped, int size) {}
