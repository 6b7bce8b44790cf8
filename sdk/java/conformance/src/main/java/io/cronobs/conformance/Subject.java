package io.cronobs.conformance;

import io.cronobs.client.Json;
import io.cronobs.worker.Job;
import io.cronobs.worker.Worker;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.event.Level;

/** The subject of the conformance suite: sdk/conformance/README.md is its contract. */
public final class Subject {
    private static final Logger LOG = Logger.getLogger("subject");
    private static final Map<Level, java.util.logging.Level> LEVELS = Map.of(Level.DEBUG, java.util.logging.Level.FINE, Level.INFO,
        java.util.logging.Level.INFO, Level.WARN, java.util.logging.Level.WARNING, Level.ERROR, java.util.logging.Level.SEVERE);

    private Subject() {}

    /**
     * Runs a mode.
     *
     * @param arguments its name, and what it takes
     */
    public static void main(String[] arguments) {
        LOG.setUseParentHandlers(false);
        LOG.setLevel(java.util.logging.Level.ALL);
        LOG.addHandler(new Lines());
        System.exit(switch (arguments[0]) {
            case "worker" -> work();
            default -> throw new IllegalArgumentException("no mode '" + arguments[0] + "'");
        });
    }

    /** By Java's own logging, with the SDK's handler for it. */
    static void log(Level level, String text) {
        LOG.log(LEVELS.get(level), text);
    }

    private static int work() {
        Worker worker = Worker.builder().kafka(kafka()).stopWhenLost("1".equals(System.getenv("CONFORMANCE_HEARTBEAT_LOST"))).build();
        String tasks = System.getenv("CONFORMANCE_TASKS");
        for (String key : (tasks == null || tasks.isEmpty() ? "*" : tasks).split(",")) {
            worker.task(key, Script::handle);
        }
        Journal.write("start", null);
        return worker.run();
    }

    private static Map<String, String> kafka() {
        Map<String, String> found = new HashMap<>();
        String given = System.getenv("CONFORMANCE_KAFKA");
        if (given != null && !given.isEmpty()) {
            ((Map<?, ?>) Json.parse(given)).forEach((name, value) -> found.put(name.toString(), value.toString()));
        }
        return found;
    }

    private static final class Lines extends Handler {
        @Override
        public void publish(LogRecord record) {
            Job job = Job.current();
            if (job != null) {
                LEVELS.forEach((level, theirs) -> {
                    if (theirs == record.getLevel()) {
                        job.log(level, record.getMessage());
                    }
                });
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
