package io.cronobs.worker;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What all executions of a worker may leave unsent together. Its lock is that of all their lines, too. */
final class Room {
    static final int UNSENT_MAX = 16 * 1024 * 1024;

    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    final long limit;
    long unsent;

    Room(long limit) {
        this.limit = limit;
    }

    boolean fits(long weight) {
        return unsent == 0 || unsent + weight <= limit;
    }

    void sent(long weight) {
        lock.lock();
        try {
            unsent -= weight;
            changed.signalAll(); // also where there was much room: one text may want all of it
        } finally {
            lock.unlock();
        }
    }
}
