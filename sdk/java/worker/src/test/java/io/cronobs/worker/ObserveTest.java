package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ObserveTest {
    private final ListAppender<ILoggingEvent> words = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("cronobs");

    @BeforeEach
    void listen() {
        words.start();
        logger.addAppender(words);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(words);
    }

    /** Nothing can be reported with these settings. */
    private static Observe mute() {
        return Observe.task("backup").brokers("u@wrong");
    }

    @Test
    void theWorkIsDoneThoughNothingCanBeReported() throws Exception {
        assertEquals("done", mute().run(job -> {
            assertSame(job, Job.current());
            assertEquals("EXTERNAL backup", job.trigger() + " " + job.task());
            job.log("a line");
            job.progress(50);
            return "done";
        }));
        assertNull(Job.current());
        String said = words.list.get(0).getFormattedMessage();
        assertTrue(said.startsWith("the run of 'backup' is not reported: brokers: "), said);
        assertEquals(1, words.list.size());
    }

    @Test
    void aPropertyThatTheClientRefusesIsNamedAtOnce() throws Exception {
        Observe.task("backup").kafka(Map.of("fetch.max.wait.ms", "soon")).run(job -> null);
        String said = words.list.get(0).getFormattedMessage();
        assertTrue(said.startsWith("the run of 'backup' is not reported: kafka: Invalid value soon for configuration fetch.max.wait.ms"), said);
        assertEquals(1, words.list.size());
    }

    @Test
    void whatIsThrownGoesOnToTheCaller() {
        Exception thrown = new Exception("no disk");
        assertSame(thrown, assertThrows(Exception.class, () -> mute().run(job -> {
            throw thrown;
        })));
        Error error = new AssertionError("broken");
        assertSame(error, assertThrows(Error.class, () -> mute().run(job -> {
            throw error;
        })));
    }

    @Test
    void whoeverWasInterruptedMeanwhileIsSoAfterwards() throws Exception {
        mute().run(job -> {
            Thread.currentThread().interrupt();
            return null;
        });
        assertTrue(Thread.interrupted());
    }

    @Test
    void aScheduleMayBeGivenByItsExpression() {
        assertEquals(Map.of("queue", "q", "schedules", List.of(Map.of("expression", "0 3 * * *", "zone", "UTC"))),
            Observed.specOf(Map.of("queue", "q", "schedule", "0 3 * * *", "zone", "UTC")));
        assertEquals(Map.of("queue", "q", "schedules", List.of()), Observed.specOf(Map.of("queue", "q", "schedules", List.of())));
    }

    @Test
    void aTaskThatCannotBePutIsToldAndTheRunGoesOn() throws Exception {
        mute().ensure(Map.of("queue", "q")).url("no address").run(job -> null);
        assertTrue(words.list.get(0).getFormattedMessage().startsWith("could not put the task 'backup': url: 'no address'"), words.list.toString());
    }
}
