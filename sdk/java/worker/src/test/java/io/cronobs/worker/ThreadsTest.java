package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private final AtomicInteger made = new AtomicInteger();
    private Threads threads;

    /** The system gives so many threads, and no more. */
    private void give(int most) {
        threads = new Threads(4, work -> made.incrementAndGet() <= most ? new Thread(work) : new Refused());
    }

    private static final class Refused extends Thread {
        @Override
        public void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    @AfterEach
    void stop() {
        threads.stop();
    }

    @Test
    void whatFindsNoNewThreadIsDoneByThoseThatThereAre() throws Exception {
        give(1);
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<Void> second = new CompletableFuture<>();
        threads.execute(() -> await(gate));
        threads.execute(() -> second.complete(null));
        assertEquals(2, made.get());
        gate.countDown();
        second.get(20, TimeUnit.SECONDS);
    }

    @Test
    void withoutAnyThreadItIsRefusedAndNotDoneLater() throws Exception {
        give(0);
        AtomicInteger done = new AtomicInteger();
        assertThrows(OutOfMemoryError.class, () -> threads.execute(done::incrementAndGet));
        made.set(-1); // there are some again
        CompletableFuture<Void> next = new CompletableFuture<>();
        threads.execute(() -> next.complete(null));
        next.get(20, TimeUnit.SECONDS);
        assertEquals(0, done.get());
    }

    /** It need not wait for one that is at work, also not where that has been taken just now. */
    @Test
    void eachCallHasAThread() throws Exception {
        for (int round = 0; round < 2000; round++) {
            give(4);
            CountDownLatch gate = new CountDownLatch(1);
            CompletableFuture<Boolean> first = new CompletableFuture<>();
            threads.execute(() -> first.complete(await(gate)));
            threads.execute(gate::countDown);
            assertTrue(first.get(30, TimeUnit.SECONDS));
            threads.stop();
            made.set(0);
        }
    }

    private static boolean await(CountDownLatch gate) {
        try {
            return gate.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException nobody) {
            throw new IllegalStateException(nobody);
        }
    }
}
