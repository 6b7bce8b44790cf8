package io.cronobs.conformance;

import io.cronobs.worker.Job;
import java.util.concurrent.TimeUnit;

/** Journals the first call that waits for room, while it waits, and when it goes on. */
final class Watch {
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long NEVER = Long.MAX_VALUE;

    private final Job job;
    private volatile long since = NEVER;
    private volatile boolean wasFull;
    private boolean isTold;

    Watch(Job job) {
        this.job = job;
        Thread thread = new Thread(this::look);
        thread.setDaemon(true);
        thread.start();
    }

    void begin() {
        since = System.nanoTime();
    }

    void end() {
        since = NEVER;
        if (wasFull && !isTold && job.cause() == null) {
            isTold = true;
            Journal.write("room", job);
        }
    }

    private void look() {
        while (!wasFull) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException nobody) {
                return;
            }
            long began = since;
            if (began != NEVER && System.nanoTime() - began > LONG) {
                Journal.write("full", job);
                wasFull = true;
            }
        }
    }
}
