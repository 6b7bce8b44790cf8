package io.cronobs.worker;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for handlers, made as they are needed, so many at most. A new one begins at once with what waits, so quick handlers need few, however many
 * come together. They are daemons: one that hangs does not keep the process.
 */
final class Threads implements Executor {
    private static final Runnable STOP = () -> {};

    private final int most;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final AtomicInteger idle = new AtomicInteger();
    private int count; // of the calling thread

    Threads(int most) {
        this.most = most;
    }

    /** One thread calls it. */
    @Override
    public void execute(Runnable call) {
        work.add(call);
        if (work.size() > idle.get() && count < most) {
            count++;
            Thread thread = new Thread(this::run, "cronobs-handler-" + count);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** They end as they are free. */
    void stop() {
        work.add(STOP);
    }

    private void run() {
        for (Runnable call = take(); call != STOP; call = take()) {
            call.run();
        }
        work.add(STOP); // for the next one
    }

    private Runnable take() {
        idle.incrementAndGet();
        try {
            return work.take();
        } catch (InterruptedException whoever) {
            return () -> {}; // nobody has a reason to: it goes on
        } finally {
            idle.decrementAndGet();
        }
    }
}
