package io.cronobs.worker;

/**
 * The signs of life of one execution: when the next is due, and what it says. Pure. One at a time is on its way, so that none heap up while the
 * brokers are away (the last word waits for none); one that gets lost is not repeated, but what is known of the progress is in the next.
 */
final class Beat {
    private static final long SHORTEST = Tick.SECOND; // whatever an execution asks for
    private static final long LONGEST = 86_400 * Tick.SECOND;
    private static final long NEWS = Tick.SECOND; // progress is told so often
    private static final int LOST_AFTER = 3; // intervals; the scheduler waits for four

    private final long every; // 0: only when there is news
    private final long lostAfter; // 0: nobody asks for them
    private Integer percent;
    private String note;
    private long nextAt = Tick.NEVER;
    private long newsAt; // not before
    private long toldAt; // when the brokers had the last one; at first when it began
    private int inFlight; // one, and the last one beside it
    private boolean hasNews;
    private boolean isFresh; // the news were never sent

    /** For an execution that asks for one every so many milliseconds (null: for none). It goes twice as often: a late one is not a missed one. */
    Beat(Long heartbeatMs) {
        if (heartbeatMs == null || heartbeatMs <= 0) {
            every = 0;
            lostAfter = 0;
            return;
        }
        long interval = Math.min(Math.max(Tick.ofMillis(heartbeatMs), SHORTEST), LONGEST);
        every = interval / 2;
        lostAfter = LOST_AFTER * interval;
    }

    Integer percent() {
        return percent;
    }

    String note() {
        return note;
    }

    boolean isInFlight() {
        return inFlight > 0;
    }

    /** From now on. */
    void start(long tick) {
        toldAt = tick;
        nextAt = after(tick);
    }

    private long after(long tick) {
        return every == 0 ? Tick.NEVER : tick + every;
    }

    /** How far it is. percent null: as it was said last. */
    void say(Integer newPercent, String newNote) {
        if (newPercent != null) {
            percent = newPercent;
        }
        note = newNote;
        hasNews = true;
        isFresh = true;
    }

    /** The tick at which one is due. The last word is not held back. */
    long wake(boolean isEnding) {
        if (isFresh && isEnding) {
            return Tick.AT_ONCE;
        }
        if (inFlight > 0) {
            return Tick.NEVER; // the answer wakes us
        }
        return hasNews ? Math.min(nextAt, newsAt) : nextAt;
    }

    void sent(long tick) {
        inFlight++;
        hasNews = false;
        isFresh = false;
        nextAt = after(tick);
        newsAt = tick + NEWS;
    }

    void answered(boolean isDelivered, long tick) {
        inFlight--;
        if (isDelivered) {
            toldAt = tick;
        } else if (percent != null || note != null) {
            hasNews = true;
        }
    }

    /** The tick at which the brokers will have had none for three times as long as is asked for. */
    long lostAt() {
        return lostAfter == 0 ? Tick.NEVER : toldAt + lostAfter;
    }
}
