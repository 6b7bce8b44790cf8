package io.cronobs.worker;

/** An execution that was read from the queue. The inbox owns its state. */
final class Claim {
    enum State {
        WAITING, // read, not yet claimed
        CLAIMING, // RUNNING is on its way
        CLAIMED, // the log has RUNNING; the position is to be committed
        HANDED, // its handler may run
        GONE // done, or forgotten: another worker reads it
    }

    static final long NOWHERE = -1; // an offset: it needs no commit, nobody else will read it

    final Execution execution;
    final RunKey key;
    final int partition;
    long offset;
    State state = State.WAITING;
    Run run; // the engine's

    Claim(Execution execution, int partition, long offset) {
        this.execution = execution;
        this.key = new RunKey(execution.executionId, execution.attempt);
        this.partition = partition;
        this.offset = offset;
    }
}
