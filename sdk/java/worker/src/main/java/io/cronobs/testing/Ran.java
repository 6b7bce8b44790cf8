package io.cronobs.testing;

import io.cronobs.client.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a worker would have published.
 *
 * @param status SUCCEEDED, FAILED or CANCELLED
 * @param reason NONE, WORKER_ERROR, EXIT_CODE, RUN_TIMEOUT or WORKER_SHUTDOWN
 * @param message null: none
 * @param exitCode null: none
 * @param result as it is published; null: none
 * @param lines of its log; a line over 16 KiB comes in pieces
 * @param progress what was said about it, all of it
 */
public record Ran(String status, String reason, String message, Integer exitCode, byte[] result, List<Line> lines, List<Progress> progress) {
    /**
     * A line.
     *
     * @param level DEBUG, INFO, WARN or ERROR
     * @param text without its end
     */
    public record Line(String level, String text) {}

    /**
     * How far it is.
     *
     * @param percent 0-100; null: not said yet
     * @param note null: none
     */
    public record Progress(Integer percent, String note) {}

    /** {@return the result as a text; null: none} */
    public String text() {
        return result == null ? null : new String(result, StandardCharsets.UTF_8);
    }

    /** {@return the result as JSON: maps, lists, texts, numbers, booleans, null} */
    public Object json() {
        return result == null ? null : Json.parse(text());
    }
}
