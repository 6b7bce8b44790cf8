package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class NoticesTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("cronobs");
    private final Notices notices = new Notices();
    private Appender<ILoggingEvent> appender;

    private <A extends Appender<ILoggingEvent>> A attach(A given) {
        given.start();
        logger.addAppender(given);
        appender = given;
        return given;
    }

    @AfterEach
    void detach() {
        logger.detachAppender(appender);
    }

    @Test
    void theSameIsSaidOnceInAWhile() {
        ListAppender<ILoggingEvent> words = attach(new ListAppender<ILoggingEvent>());
        notices.say(Level.WARN, "one");
        notices.say(Level.WARN, "two");
        notices.say(Level.WARN, "one");
        assertEquals(List.of("one", "two"), words.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void loggingThatThrowsHoldsNobodyUp() {
        attach(new ListAppender<ILoggingEvent>() {
            @Override
            public void doAppend(ILoggingEvent event) {
                throw new IllegalStateException("no disk");
            }
        });
        notices.say(Level.WARN, "one");
        notices.defect("two", new IllegalStateException());
    }
}
