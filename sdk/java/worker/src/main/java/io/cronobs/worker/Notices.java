package io.cronobs.worker;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The worker's own words, to the logger {@code cronobs}: each text once in ten seconds. Any thread. */
final class Notices {
    private static final long SAME_AFTER = 10 * Tick.SECOND;
    private static final int REMEMBERED = 64; // texts

    private final Logger logger = LoggerFactory.getLogger("cronobs");
    private final Map<String, Long> said = new LinkedHashMap<>();

    void say(Level level, String text) {
        if (isNews(text, System.nanoTime())) {
            logger.makeLoggingEventBuilder(level).log(text);
        }
    }

    /** A defect of ours, with its trace. */
    void defect(String text, Throwable thrown) {
        logger.error(text, thrown);
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
