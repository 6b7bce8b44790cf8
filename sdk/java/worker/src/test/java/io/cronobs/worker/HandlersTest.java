package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** By an executor that somebody gives. */
class HandlersTest {
    private final LinkedBlockingQueue<Outcome> ended = new LinkedBlockingQueue<>();
    private final List<String> begun = new ArrayList<>();

    private Handlers handlers(Executor executor) {
        return new Handlers(Map.of("job", job -> {
            begun.add(Thread.currentThread().getName());
            return null;
        }), executor, (run, outcome) -> ended.add(outcome));
    }

    private static Run run(String task) {
        Execution execution = World.execution();
        execution.taskKey = task;
        Run run = new Run(new Claim(execution, 0, 0), new Writer("me", Ids.random(), 1), new Room(1), false);
        run.job = new Job(execution, "q", new Voice() {
            @Override
            public void line(String level, List<Line> lines) {
                // nobody reads them
            }

            @Override
            public void progress(Integer percent, String note) {
                // nobody reads it
            }

            @Override
            public boolean contactLost() {
                return false;
            }
        });
        return run;
    }

    @Test
    void theGivenExecutorDoesTheWork() throws Exception {
        ExecutorService given = Executors.newSingleThreadExecutor(work -> new Thread(work, "given"));
        handlers(given).start(run("job"));
        assertEquals("SUCCEEDED", ended.poll(20, TimeUnit.SECONDS).status());
        assertEquals(List.of("given"), begun);
        given.shutdown();
    }

    @Test
    void whatNobodyTakesHasFailed() {
        handlers(Runnable::run).start(run("other"));
        assertEquals("no handler for task 'other' (has: job)", ended.remove().message());
    }

    @Test
    void whatTheExecutorRefusesHasFailed() {
        handlers(call -> {
            throw new RejectedExecutionException("closed");
        }).start(run("job"));
        handlers(call -> {
            throw new OutOfMemoryError("unable to create native thread");
        }).start(run("job"));
        for (String why : List.of("closed", "unable to create native thread")) {
            Outcome outcome = ended.remove();
            assertEquals(List.of("FAILED", "WORKER_ERROR"), List.of(outcome.status(), outcome.reason()));
            assertTrue(outcome.message().startsWith("the executor refused it: ") && outcome.message().endsWith(why), outcome.message());
        }
        assertNull(ended.poll());
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void whatIsToldToEndWhileItWaitsForAThreadIsNotBegun(Cause cause) {
        List<Runnable> waiting = new ArrayList<>();
        Run run = run("job");
        handlers(waiting::add).start(run);
        run.job.tell(cause);
        waiting.remove(0).run();
        assertEquals(List.of(), begun);
        String reason = Map.of(Cause.CANCEL, "NONE", Cause.TIMEOUT, "RUN_TIMEOUT", Cause.SHUTDOWN, "WORKER_SHUTDOWN", Cause.LOST, "WORKER_ERROR").get(cause);
        assertEquals(reason, ended.remove().reason());
    }
}
