package io.cronobs.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cronobs.client.Json;
import io.cronobs.worker.Job;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the handlers saw, for the driver: a line a write, to a file that several processes share. */
final class Journal {
    private static final String PATH = System.getenv("CONFORMANCE_JOURNAL");

    private Journal() {}

    /** job null: it is about none. */
    static void write(String what, Job job, Map<String, ?> more) {
        if (PATH == null) {
            return;
        }
        Instant now = Instant.now();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("what", what);
        line.put("at", now.getEpochSecond() * 1_000_000 + now.getNano() / 1000);
        line.put("pid", ProcessHandle.current().pid());
        if (job != null) {
            line.put("execution_id", job.executionId());
            line.put("attempt", job.attempt());
        }
        line.putAll(more);
        append((Json.write(line) + "\n").getBytes(UTF_8));
    }

    static void write(String what, Job job) {
        write(what, job, Map.of());
    }

    private static void append(byte[] line) {
        try (OutputStream file = new FileOutputStream(PATH, true)) { // no channel: that would close when its thread is interrupted
            file.write(line);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
