package io.cronobs.logging;

import io.cronobs.worker.Job;
import java.util.Collections;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.event.Level;

/**
 * For java.util.logging: sends what is logged while a job runs as lines of its execution; all else is for other handlers. {@code SEVERE} is
 * ERROR, what is less serious than {@code INFO} DEBUG. A line says when it was logged and how serious it is anyway, so its own format has
 * the message alone, and the trace of what was thrown.
 */
public final class JulHandler extends Handler {
    /** One that takes all levels. */
    public JulHandler() {
        setFormatter(new OneLine());
    }

    /**
     * Puts one at the root logger, unless there is one at any logger.
     *
     * @return takes it away again
     */
    public static Runnable attach() {
        Logger root = Logger.getLogger("");
        if (Collections.list(LogManager.getLogManager().getLoggerNames()).stream().anyMatch(JulHandler::isAt)) {
            return () -> { };
        }
        JulHandler handler = new JulHandler();
        root.addHandler(handler);
        return () -> root.removeHandler(handler);
    }

    private static boolean isAt(String name) {
        Logger logger = LogManager.getLogManager().getLogger(name);
        if (logger != null) {
            for (Handler handler : logger.getHandlers()) {
                if (handler instanceof JulHandler) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void publish(LogRecord record) {
        Job job = Job.current();
        if (job != null && isLoggable(record)) {
            job.log(level(record.getLevel().intValue()), getFormatter().format(record));
        }
    }

    private static Level level(int number) {
        if (number >= java.util.logging.Level.SEVERE.intValue()) {
            return Level.ERROR;
        }
        if (number >= java.util.logging.Level.WARNING.intValue()) {
            return Level.WARN;
        }
        return number >= java.util.logging.Level.INFO.intValue() ? Level.INFO : Level.DEBUG;
    }

    @Override
    public void flush() {
        // the worker does it
    }

    @Override
    public void close() {
        // nothing is open
    }

    private static final class OneLine extends Formatter {
        private final Formatter whole = new SimpleFormatter();

        @Override
        public String format(LogRecord record) {
            return Traces.with(whole.formatMessage(record), record.getThrown());
        }
    }
}
