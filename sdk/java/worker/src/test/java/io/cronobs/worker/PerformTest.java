package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PerformTest {
    private final List<String> lines = new ArrayList<>();
    private final Job job = new Job(World.execution(), "q", new Voice() {
        @Override
        public void line(String level, List<Line> said) {
            said.forEach(line -> lines.add(level + " " + line.message()));
        }

        @Override
        public void progress(Integer percent, String note) {
            lines.add(percent + " " + note);
        }

        @Override
        public boolean contactLost() {
            return false;
        }
    });

    @Test
    void whatIsReturnedIsTheResult() {
        Outcome outcome = Perform.perform(job, one -> Map.of("rows", 1));
        assertEquals("SUCCEEDED", outcome.status());
        assertEquals("{\"rows\":1}", new String(outcome.result(), StandardCharsets.UTF_8));
    }

    @Test
    void whatIsThrownIsFailedWithItsTrace() {
        Outcome outcome = Perform.perform(job, one -> {
            throw new IllegalStateException("boom");
        });
        assertEquals(List.of("FAILED", "WORKER_ERROR", "IllegalStateException: boom"), List.of(outcome.status(), outcome.reason(), outcome.message()));
        assertEquals("ERROR java.lang.IllegalStateException: boom", lines.get(0));
        assertTrue(lines.get(1).contains("PerformTest"), lines.get(1));
    }

    @Test
    void anErrorIsFailedToo() {
        Outcome outcome = Perform.perform(job, one -> {
            throw new StackOverflowError();
        });
        assertEquals("StackOverflowError", outcome.message());
    }

    @Test
    void anExceptionWhoseTextIsBrokenIsToldAllTheSame() {
        Outcome outcome = Perform.perform(job, one -> {
            throw new RuntimeException() {
                private static final long serialVersionUID = 1;

                @Override
                public String getMessage() {
                    throw new IllegalStateException();
                }
            };
        });
        assertTrue(outcome.message().contains("no text"), outcome.message());
    }

    @Test
    void anExceptionThatThrowsErrorsItselfIsToldByItsName() {
        Outcome outcome = Perform.perform(job, one -> {
            throw new Unspeakable();
        });
        assertEquals(List.of("FAILED", "WORKER_ERROR", Unspeakable.class.getName()), List.of(outcome.status(), outcome.reason(), outcome.message()));
    }

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new StackOverflowError();
        }
    }

    @Test
    void causesThatGoRoundInACircleHaveAnEnd() {
        job.tell(Cause.CANCEL);
        RuntimeException one = new IllegalStateException("one");
        RuntimeException two = new IllegalStateException("two", one);
        one.initCause(two);
        Outcome outcome = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> Perform.perform(job, given -> {
            throw two;
        }));
        assertEquals(List.of("CANCELLED", "IllegalStateException: two"), List.of(outcome.status(), outcome.message()));
    }

    @Test
    void aResultThatThrowsIsLeftOut() {
        Iterable<Object> broken = () -> {
            throw new AssertionError();
        };
        Outcome outcome = Perform.perform(job, one -> broken);
        assertEquals(List.of("SUCCEEDED", "the result is left out: AssertionError"), List.of(outcome.status(), outcome.message()));
    }

    @Test
    void failedSaysAllOfIt() {
        Outcome outcome = Perform.perform(job, one -> {
            throw new Failed("disk full", 3, "part");
        });
        assertEquals(List.of("FAILED", "EXIT_CODE", "disk full", 3), List.of(outcome.status(), outcome.reason(), outcome.message(), outcome.exitCode()));
        assertEquals("part", new String(outcome.result(), StandardCharsets.UTF_8));
        assertTrue(lines.isEmpty());
    }

    @Test
    void aCauseInterruptsTheHandlerAndEndsIt() throws Exception {
        CompletableFuture<Void> isThere = new CompletableFuture<>();
        CompletableFuture<Outcome> ended = CompletableFuture.supplyAsync(() -> Perform.perform(job, one -> {
            isThere.complete(null);
            Thread.sleep(60_000);
            return null;
        }));
        isThere.get();
        job.tell(Cause.TIMEOUT);
        Outcome outcome = ended.get();
        assertEquals(List.of("FAILED", "RUN_TIMEOUT", "run timeout"), List.of(outcome.status(), outcome.reason(), outcome.message()));
    }

    @Test
    void whatEndsWellAllTheSameHasSucceeded() {
        job.tell(Cause.CANCEL);
        assertEquals("SUCCEEDED", Perform.perform(job, one -> null).status());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void sleepEndsByTheCause() {
        job.tell(Cause.CANCEL);
        Outcome outcome = Perform.perform(job, one -> {
            one.sleep(Duration.ofMinutes(1));
            return null;
        });
        assertEquals("CANCELLED", outcome.status());
        assertNull(outcome.message());
    }

    @Test
    void aLineIsOfTheJobInWhoseContextItIsLogged() {
        assertNull(Job.current());
        Perform.perform(job, one -> {
            Job.current().log("inside");
            Thread carried = new Thread(one.wrap(() -> Job.current().log("carried")));
            carried.start();
            carried.join();
            return null;
        });
        job.close();
        job.log("late");
        assertNull(Job.current());
        assertEquals(List.of("INFO inside", "INFO carried"), lines);
    }
}
