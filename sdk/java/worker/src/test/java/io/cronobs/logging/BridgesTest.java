package io.cronobs.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import io.cronobs.testing.JobRunner;
import io.cronobs.testing.Ran;
import io.cronobs.worker.Handler;
import io.cronobs.worker.Job;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What is logged in a job's context is a line of it, by whatever it is logged. */
class BridgesTest {
    /** The logging of a program: how it says something at INFO, and something that was thrown at ERROR. */
    record Logging(String name, Consumer<String> info, Consumer<Throwable> error) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Logging> each() {
        var jul = java.util.logging.Logger.getLogger("app");
        var slf4j = LoggerFactory.getLogger("app");
        var log4j = LogManager.getLogger("app");
        return Stream.of(
            new Logging("java.util.logging", jul::info, thrown -> jul.log(java.util.logging.Level.SEVERE, "broke", thrown)),
            new Logging("slf4j with logback", slf4j::info, thrown -> slf4j.error("broke", thrown)),
            new Logging("log4j", log4j::info, thrown -> log4j.error("broke", thrown)));
    }

    private static List<Ran.Line> lines(Handler handler) {
        return JobRunner.run(handler, null).lines();
    }

    @ParameterizedTest
    @MethodSource("each")
    void aLineOfAJobIsSentOnce(Logging logging) {
        logging.info.accept("before: nobody's");
        assertEquals(List.of(new Ran.Line("INFO", "one"), new Ran.Line("INFO", "two")), lines(job -> {
            logging.info.accept("one\ntwo");
            return null;
        }));
        logging.info.accept("behind: nobody's");
    }

    @ParameterizedTest
    @MethodSource("each")
    void whatWasThrownIsOnTheLinesBehind(Logging logging) {
        List<Ran.Line> lines = lines(job -> {
            logging.error.accept(new IllegalStateException("no disk"));
            return null;
        });
        assertEquals(List.of(new Ran.Line("ERROR", "broke"), new Ran.Line("ERROR", "java.lang.IllegalStateException: no disk")), lines.subList(0, 2));
        assertTrue(lines.get(2).text().startsWith("\tat io.cronobs.logging.BridgesTest"), lines.toString());
    }

    @ParameterizedTest
    @MethodSource("each")
    void aThreadIsOfTheJobThatIsWrappedAroundIt(Logging logging) {
        assertEquals(List.of(new Ran.Line("INFO", "wrapped")), lines(job -> {
            for (Runnable work : List.<Runnable>of(job.wrap(() -> logging.info.accept("wrapped")), () -> logging.info.accept("outside"))) {
                Thread thread = new Thread(work);
                thread.start();
                thread.join();
            }
            return null;
        }));
    }

    @Test
    void levelsAreThoseOfTheWire() {
        var jul = java.util.logging.Logger.getLogger("levels");
        jul.setLevel(java.util.logging.Level.ALL);
        assertEquals(List.of("DEBUG", "DEBUG", "INFO", "WARN", "ERROR"), lines(job -> {
            jul.finest("a");
            jul.config("b");
            jul.info("c");
            jul.warning("d");
            jul.severe("e");
            return null;
        }).stream().map(Ran.Line::level).toList());
        var slf4j = LoggerFactory.getLogger("levels");
        assertEquals(List.of("DEBUG", "INFO", "WARN", "ERROR"), lines(job -> {
            slf4j.debug("b");
            slf4j.info("c");
            slf4j.warn("d");
            slf4j.error("e");
            return null;
        }).stream().map(Ran.Line::level).toList());
    }

    @Test
    void aBridgeThatIsThereIsNotSetTwice() {
        var logger = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("own");
        LogbackAppender appender = new LogbackAppender();
        appender.start();
        logger.addAppender(appender);
        try {
            assertEquals(List.of(new Ran.Line("INFO", "once")), lines(job -> {
                logger.info("once");
                return null;
            }));
        } finally {
            logger.detachAppender(appender);
        }
    }

    @Test
    void log4jFindsItsAppenderByItsName() throws Exception {
        String text = "<Configuration><Appenders><Cronobs name='cronobs'/></Appenders></Configuration>";
        XmlConfiguration configuration = new XmlConfiguration(null, new ConfigurationSource(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
        configuration.initialize();
        assertEquals(Log4jAppender.class, configuration.getAppender("cronobs").getClass());
    }

    @Test
    void theContextOfTheLoggingSaysWhichJobItIs() {
        Job[] seen = new Job[1];
        Ran ran = JobRunner.of(job -> {
            seen[0] = job;
            return MDC.get("task") + " " + MDC.get("attempt") + " " + MDC.get("execution_id").equals(job.executionId());
        }).task("report").attempt(2, 3).run();
        assertEquals("report 2 true", ran.text());
        assertEquals(null, MDC.get("task"));
    }
}
