package io.cronobs.conformance;

import io.cronobs.client.Json;
import io.cronobs.logging.JulHandler;
import io.cronobs.worker.Worker;
import java.util.HashMap;
import java.util.Map;
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
        LOG.addHandler(new JulHandler());
        System.exit(switch (arguments[0]) {
            case "worker" -> work();
            case "observe" -> Modes.observe(arguments[1], arguments[2], kafka());
            case "client" -> Modes.client(arguments[1]);
            case "testing" -> Modes.testing(arguments[1]);
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
}
