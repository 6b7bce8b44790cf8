package io.cronobs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cronobs.worker.Cause;
import io.cronobs.worker.Failed;
import io.cronobs.worker.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobRunnerTest {
    private static Object report(Job job) {
        for (String part : job.text().split(",")) {
            job.log("loading " + part);
            job.progress(50, part);
        }
        job.progress("done");
        return Map.of("rows", 1234);
    }

    @Test
    void saysWhatAWorkerWouldHavePublished() {
        Ran out = JobRunner.run(JobRunnerTest::report, "a,b");
        assertEquals("SUCCEEDED", out.status());
        assertEquals("NONE", out.reason());
        assertEquals("{\"rows\":1234}", out.text());
        assertEquals(Map.of("rows", 1234L), out.json());
        assertEquals(List.of(new Ran.Line("INFO", "loading a"), new Ran.Line("INFO", "loading b")), out.lines());
        assertEquals(List.of(new Ran.Progress(50, "a"), new Ran.Progress(50, "b"), new Ran.Progress(50, "done")), out.progress());
    }

    @Test
    void givesTheHandlerWhatATaskWould() {
        Ran out = JobRunner.of(job -> job.task() + job.attempt() + job.maxAttempts() + job.labels() + job.contentType() + job.traceparent() + job.json())
            .task("t").attempt(2, 3).labels(Map.of("a", "b")).contentType("application/json").traceparent("00-1-2-01").payload(List.of(1)).run();
        assertEquals("t23{a=b}application/json00-1-2-01[1]", out.text());
        assertEquals("0", JobRunner.run(job -> "" + job.payload().length, null).text());
    }

    @Test
    void aHandlerThatFailsHasFailed() {
        Ran failed = JobRunner.run(job -> {
            throw new Failed("boom", 3, "rest");
        }, null);
        assertEquals("FAILED EXIT_CODE boom 3 rest", failed.status() + " " + failed.reason() + " " + failed.message() + " " + failed.exitCode() + " " + failed.text());
        Ran thrown = JobRunner.run(job -> {
            throw new IllegalStateException("no disk");
        }, null);
        assertEquals("FAILED WORKER_ERROR IllegalStateException: no disk", thrown.status() + " " + thrown.reason() + " " + thrown.message());
        assertEquals(new Ran.Line("ERROR", "java.lang.IllegalStateException: no disk"), thrown.lines().get(0));
        assertNull(thrown.result());
    }

    @Test
    void aHandlerIsToldToEnd() {
        assertEquals("CANCELLED", JobRunner.of(job -> {
            job.sleep(Duration.ofMinutes(1));
            return null;
        }).cancelAfter(Duration.ofMillis(20)).run().status());
        Ran late = JobRunner.of(job -> {
            while (true) {
                Thread.sleep(60_000); // its interruption says it, too
            }
        }).cancelAfter(Duration.ofMillis(20)).cause(Cause.TIMEOUT).run();
        assertEquals("FAILED RUN_TIMEOUT run timeout", late.status() + " " + late.reason() + " " + late.message());
        assertTrue(!Thread.interrupted());
    }
}
