package io.cronobs.logging;

import io.cronobs.worker.Job;
import java.io.Serializable;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.config.plugins.PluginAttribute;
import org.apache.logging.log4j.core.config.plugins.PluginElement;
import org.apache.logging.log4j.core.config.plugins.PluginFactory;
import org.slf4j.event.Level;

/**
 * For log4j 2: sends what is logged while a job runs as lines of its execution; all else is for other appenders.
 *
 * <pre>{@code
 * <Appenders><Cronobs name="cronobs"/></Appenders>
 * <Loggers><Root level="info"><AppenderRef ref="cronobs"/></Root></Loggers>
 * }</pre>
 *
 * <p>A line says when it was logged and how serious it is anyway, so unless a layout is set it is the message, and the trace of what
 * was thrown. It is not for loggers that hand on to other threads: there the job is another one, or none.
 */
@Plugin(name = "Cronobs", category = "Core", elementType = "appender", printObject = true)
public final class Log4jAppender extends AbstractAppender {
    private Log4jAppender(String name, Filter filter, Layout<? extends Serializable> layout) {
        super(name, filter, layout, false, Property.EMPTY_ARRAY);
    }

    /**
     * Of a configuration.
     *
     * @param name of the appender
     * @param filter of what it is given; null: none
     * @param layout of a line; null: none
     * @return the appender
     */
    @PluginFactory
    public static Log4jAppender createAppender(@PluginAttribute("name") String name, @PluginElement("Filter") Filter filter,
            @PluginElement("Layout") Layout<? extends Serializable> layout) {
        return new Log4jAppender(name == null ? "cronobs" : name, filter, layout);
    }

    /**
     * Puts one at the root logger, which lets INFO through then, unless the configuration has one.
     *
     * @return takes it away again
     */
    public static Runnable attach() {
        LoggerContext context = LoggerContext.getContext(false);
        if (context.getConfiguration().getAppenders().values().stream().anyMatch(Log4jAppender.class::isInstance)) {
            return () -> { };
        }
        LoggerConfig root = context.getConfiguration().getRootLogger();
        org.apache.logging.log4j.Level before = root.getLevel();
        Log4jAppender appender = createAppender(null, null, null);
        appender.start();
        root.addAppender(appender, null, null);
        if (before.isMoreSpecificThan(org.apache.logging.log4j.Level.INFO)) {
            root.setLevel(org.apache.logging.log4j.Level.INFO);
        }
        context.updateLoggers();
        return () -> {
            root.removeAppender(appender.getName());
            root.setLevel(before);
            context.updateLoggers();
        };
    }

    @Override
    public void append(LogEvent event) {
        Job job = Job.current();
        if (job != null) {
            job.log(level(event.getLevel()), text(event));
        }
    }

    private String text(LogEvent event) {
        if (getLayout() != null) {
            return getLayout().toSerializable(event).toString();
        }
        return Traces.with(event.getMessage().getFormattedMessage(), event.getThrown());
    }

    private static Level level(org.apache.logging.log4j.Level level) {
        if (level.isMoreSpecificThan(org.apache.logging.log4j.Level.ERROR)) {
            return Level.ERROR;
        }
        if (level.isMoreSpecificThan(org.apache.logging.log4j.Level.WARN)) {
            return Level.WARN;
        }
        return level.isMoreSpecificThan(org.apache.logging.log4j.Level.INFO) ? Level.INFO : Level.DEBUG;
    }
}
