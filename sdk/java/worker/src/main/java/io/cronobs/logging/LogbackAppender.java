package io.cronobs.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.cronobs.worker.Job;
import java.util.Iterator;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * For logback: sends what is logged while a job runs as lines of its execution; all else is for other appenders.
 *
 * <pre>{@code
 * <appender name="CRONOBS" class="io.cronobs.logging.LogbackAppender"/>
 * <root level="INFO"><appender-ref ref="CRONOBS"/></root>
 * }</pre>
 *
 * <p>A line says when it was logged and how serious it is anyway, so unless a layout is set it is the message, and the trace of what
 * was thrown. It is not to stand behind an appender that hands on to other threads: there the job is another one, or none.
 */
public final class LogbackAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private Layout<ILoggingEvent> layout; // null: none

    /** One without a layout. */
    public LogbackAppender() {}

    /**
     * Puts one at the root logger, unless there is one at any logger.
     *
     * @return takes it away again; what logs by anything else than logback is left alone
     */
    public static Runnable attach() {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context) || context.getLoggerList().stream().anyMatch(LogbackAppender::isAt)) {
            return () -> { };
        }
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        LogbackAppender appender = new LogbackAppender();
        appender.setContext(context);
        appender.start();
        root.addAppender(appender);
        return () -> root.detachAppender(appender);
    }

    private static boolean isAt(Logger logger) {
        for (Iterator<Appender<ILoggingEvent>> each = logger.iteratorForAppenders(); each.hasNext();) {
            if (each.next() instanceof LogbackAppender) {
                return true;
            }
        }
        return false;
    }

    /**
     * Says how a line looks.
     *
     * @param layout of a line
     */
    public void setLayout(Layout<ILoggingEvent> layout) {
        this.layout = layout;
    }

    @Override
    protected void append(ILoggingEvent event) {
        Job job = Job.current();
        if (job != null) {
            job.log(level(event.getLevel()), layout == null ? text(event) : layout.doLayout(event));
        }
    }

    private static String text(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null ? event.getFormattedMessage() : event.getFormattedMessage() + "\n" + ThrowableProxyUtil.asString(thrown).stripTrailing();
    }

    private static Level level(ch.qos.logback.classic.Level level) {
        if (level.isGreaterOrEqual(ch.qos.logback.classic.Level.ERROR)) {
            return Level.ERROR;
        }
        if (level.isGreaterOrEqual(ch.qos.logback.classic.Level.WARN)) {
            return Level.WARN;
        }
        return level.isGreaterOrEqual(ch.qos.logback.classic.Level.INFO) ? Level.INFO : Level.DEBUG;
    }
}
