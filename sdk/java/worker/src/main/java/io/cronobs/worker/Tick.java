package io.cronobs.worker;

/** Ticks are nanoseconds of a clock that never jumps, since the worker began: small numbers, which may be added to. */
final class Tick {
    static final long NEVER = Long.MAX_VALUE;
    static final long AT_ONCE = Long.MIN_VALUE;
    static final long SECOND = 1_000_000_000L;

    private static final long LONGEST_MS = 1_000_000_000_000L;

    private Tick() {}

    /** Milliseconds of the wire, which may be more than a tick holds. */
    static long ofMillis(long milliseconds) {
        return Math.min(milliseconds, LONGEST_MS) * 1_000_000;
    }
}
