package io.cronobs.worker;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The worker's own words, to the logger {@code cronobs}: each text once in ten seconds. Where the program's logging throws they are lost: the worker goes on. Any thread. */
final class Notices {
    private static final long SAME_AFTER = 10 * Tick.SECOND;
    private static final int REMEMBERED = 64; // texts

    private final Logger logger = LoggerFactory.getLogger("cronobs");
    private final Map<String, Long> said = new LinkedHashMap<>();

    void say(Level level, String text) {
        if (isNews(text, System.nanoTime())) {
            carefully(() -> logger.makeLoggingEventBuilder(level).log(text));
        }
    }

    /** A defect of ours, with its trace. */
    void defect(String text, Throwable thrown) {
        carefully(() -> logger.error(text, thrown));
    }

    private static void carefully(Runnable log) {
        try {
            log.run();
        } catch (RuntimeException broken) {
            return; // there is nobody else to tell
        }
    }

    private synchronized boolean isNews(String text, long time) {
        Long last = said.get(text);
        if (last != null && time - last < SAME_AFTER) {
            return false;
        }
        said.remove(text);
        said.put(text, time);
        if (said.size() > REMEMBERED) {
            Iterator<String> oldest = said.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return true;
    }
}
