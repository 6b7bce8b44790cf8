package io.cronobs.worker;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for handlers, made as they are needed: one for each call that is not done, so many at most. A new one begins at once with what waits, so
 * quick handlers need few, however many come together. Where the system gives no more, what waits is for those that there are. They are daemons: one
 * that hangs does not keep the process.
 */
final class Threads implements Executor {
    private static final Runnable STOP = () -> {};

    private final int most;
    private final ThreadFactory factory;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final AtomicInteger undone = new AtomicInteger(); // calls that wait or run
    private int count; // of the calling thread

    Threads(int most) {
        this(most, Thread::new);
    }

    /** factory: what makes a thread, which is not started yet. */
    Threads(int most, ThreadFactory factory) {
        this.most = most;
        this.factory = factory;
    }

    /** One thread calls it. OutOfMemoryError: there is no thread, and the system gives none. */
    @Override
    public void execute(Runnable call) {
        if (undone.incrementAndGet() > count && count < most) {
            start();
        }
        work.add(call);
    }

    private void start() {
        Thread thread = factory.newThread(this::run);
        thread.setName("cronobs-handler-" + (count + 1));
        thread.setDaemon(true);
        try {
            thread.start();
            count++;
        } catch (OutOfMemoryError none) {
            if (count == 0) {
                undone.decrementAndGet();
                throw none;
            }
        }
    }

    /** They end as they are free. */
    void stop() {
        work.add(STOP);
    }

    private void run() {
        for (Runnable call = take(); call != STOP; call = take()) {
            try {
                call.run();
            } finally {
                undone.decrementAndGet(); // before it is free for the next one: whoever counts it in finds it soon
            }
        }
        work.add(STOP); // for the next one
    }

    private Runnable take() {
        while (true) {
            try {
                return work.take();
            } catch (InterruptedException whoever) {
                continue; // nobody has a reason to: it goes on
            }
        }
    }
}
