package io.cronobs.client;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The options of one write, with their defaults. */
final class Terms {
    Duration wait = Duration.ofSeconds(10);
    Long ifMatch;
    boolean onlyNew;
    String key = UUID.randomUUID().toString();
    String reason;

    static Terms of(WriteOption... options) {
        Terms terms = new Terms();
        for (WriteOption option : options) {
            option.apply(terms);
        }
        return terms;
    }

    Map<String, String> headers() {
        Map<String, String> found = new TreeMap<>();
        found.put("Idempotency-Key", key);
        if (wait.toSeconds() > 0) {
            found.put("Prefer", "wait=" + wait.toSeconds());
        }
        if (ifMatch != null) {
            found.put("If-Match", "\"" + ifMatch + "\"");
        }
        if (onlyNew) {
            found.put("If-None-Match", "*");
        }
        return found;
    }
}
