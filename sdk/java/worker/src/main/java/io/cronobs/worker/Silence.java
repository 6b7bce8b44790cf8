package io.cronobs.worker;

/** Whether the brokers still answer, by how many answers a client has had. Pure. */
final class Silence {
    static final long LONG = 12 * Tick.SECOND; // without any answer: a member of a group that works or waits has one every two seconds
    private static final long LOOK = 3 * Tick.SECOND; // that counts between two looks: nobody listened where it was more, as in a process that was stopped

    enum Word {
        NONE,
        AWAY,
        BACK // after AWAY
    }

    private double known = -1;
    private long lookedAt;
    private long silent;

    /** answers: so many came up to now. */
    Word look(double answers, long tick) {
        boolean wasAway = silent >= LONG;
        silent = answers == known ? silent + Math.min(tick - lookedAt, LOOK) : 0;
        known = answers;
        lookedAt = tick;
        return silent >= LONG ? Word.AWAY : wasAway ? Word.BACK : Word.NONE;
    }
}
