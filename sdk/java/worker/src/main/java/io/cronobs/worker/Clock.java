package io.cronobs.worker;

import java.time.Instant;

/** The wall clock, for what is reported. */
final class Clock {
    private Clock() {}

    static long microseconds() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }
}
