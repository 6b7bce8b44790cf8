package io.cronobs.conformance;

import io.cronobs.client.Json;
import io.cronobs.worker.CancelledException;
import io.cronobs.worker.Failed;
import io.cronobs.worker.Job;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.event.Level;

/** Interprets one payload: a list of steps, as sdk/conformance/README.md tells them. */
final class Script {
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Path GATES = Path.of(System.getenv().getOrDefault("CONFORMANCE_GATES", "."));

    private final Job job;
    private final boolean byMethod; // every second one logs by the job's own call
    private int count;
    private boolean isCaused;
    private Object result;
    private boolean hasReturned;

    private Script(Job job, boolean byMethod) {
        this.job = job;
        this.byMethod = byMethod;
    }

    /** The handler: journals how it begins and ends. */
    static Object handle(Job job) throws Exception {
        Map<String, Object> facts = new HashMap<>();
        facts.put("task", job.task());
        facts.put("bytes", job.payload().length);
        facts.put("traceparent", job.traceparent());
        facts.put("content_type", job.contentType());
        facts.put("labels", job.labels());
        Journal.write("begin", job, facts);
        Script script = of(job);
        String how = "threw";
        try {
            Object value = script.run(job.json());
            how = "returned";
            return value;
        } catch (CancelledException told) {
            script.cause();
            how = "cause";
            throw told;
        } catch (Failed failed) {
            how = "failed";
            throw failed;
        } finally {
            Journal.write("end", job, Map.of("how", how));
        }
    }

    static Script of(Job job) {
        return new Script(job, Character.digit(job.executionId().charAt(job.executionId().length() - 1), 16) % 2 == 1);
    }

    Object run(Object script) throws Exception {
        for (Object step : (List<?>) script) {
            List<?> parts = (List<?>) step;
            take((String) parts.get(0), new ArrayList<>(parts.subList(1, parts.size())));
            if (hasReturned) {
                break;
            }
        }
        return result;
    }

    private void take(String name, List<?> arguments) throws Exception {
        switch (name) {
            case "log" -> log(number(arguments));
            case "line" -> say(Level.valueOf(text(arguments, 0)), text(arguments, 1));
            case "raw" -> job.log(Level.valueOf(text(arguments, 0)), Base64.getDecoder().decode(text(arguments, 1)));
            case "fill" -> fill(number(arguments));
            case "sleep" -> job.sleep(Duration.ofMillis(number(arguments)));
            case "gate" -> gate(text(arguments, 0));
            case "stubborn" -> stubborn(number(arguments));
            case "block" -> block(number(arguments));
            case "progress" -> progress((Number) arguments.get(0), text(arguments, 1));
            case "watch_contact" -> watchContact(number(arguments));
            case "fail" -> fail(arguments);
            case "throw" -> throw new RuntimeException(text(arguments, 0));
            case "return" -> give(arguments.get(0));
            case "return_bytes" -> give(filled((int) number(arguments)));
            case "late" -> late(number(arguments), text(arguments, 1));
            case "thread" -> inThread(job.wrap(() -> sayAll((List<?>) arguments.get(0), this)));
            case "outside" -> inThread(() -> sayAll((List<?>) arguments.get(0), new Script(job, false)));
            default -> throw new IllegalArgumentException("no step '" + name + "'");
        }
    }

    private static long number(List<?> arguments) {
        return ((Number) arguments.get(0)).longValue();
    }

    private static String text(List<?> arguments, int at) {
        return (String) arguments.get(at);
    }

    // --- lines ---

    private void say(Level level, String text) {
        if (byMethod) {
            job.log(level, text);
        } else {
            Subject.log(level, text);
        }
    }

    private void log(long lines) {
        for (long n = 0; n < lines; n++) {
            count++;
            say(Level.INFO, "line " + count);
        }
    }

    private void fill(long lines) {
        Watch watch = new Watch(job);
        for (long n = 0; n < lines; n++) {
            watch.begin();
            String number = String.format("%08d", n);
            say(Level.INFO, number + ".".repeat(1024 - number.length()));
            watch.end();
            job.check();
        }
    }

    private void late(long milliseconds, String text) {
        new Thread(() -> {
            rest(milliseconds);
            job.log(text);
            Journal.write("said", job);
        }).start();
    }

    private static void sayAll(List<?> steps, Script by) {
        try {
            by.run(steps);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        Journal.write("said", by.job);
    }

    private static void inThread(Runnable work) throws InterruptedException {
        Thread thread = new Thread(work);
        thread.start();
        thread.join();
    }

    // --- steps that wait ---

    private void cause() {
        if (job.cause() != null && !isCaused) {
            isCaused = true;
            Journal.write("cause", job, Map.of("cause", job.cause().name()));
        }
    }

    private void gate(String name) throws InterruptedException {
        while (!Files.exists(GATES.resolve(name))) {
            job.sleep(LOOK);
        }
    }

    private void stubborn(long milliseconds) {
        while (job.cause() == null) {
            rest(LOOK.toMillis());
        }
        cause();
        rest(milliseconds);
    }

    private void block(long milliseconds) {
        boolean isPlanted = "beats-in-handler".equals(System.getenv("CONFORMANCE_PLANT"));
        String name = "conformance.blocked." + job.executionId(); // what is planted looks at it
        if (isPlanted) {
            System.setProperty(name, "");
        }
        rest(milliseconds);
        if (isPlanted) {
            System.clearProperty(name);
        }
    }

    /** Whatever interrupts it. */
    private static void rest(long milliseconds) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        boolean wasInterrupted = false;
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.sleep(left);
            } catch (InterruptedException told) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void progress(Number percent, String note) {
        if (percent == null) {
            job.progress(note);
        } else {
            job.progress(percent.intValue(), note);
        }
    }

    private void watchContact(long milliseconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        boolean isLost = false;
        while (System.nanoTime() < until) {
            if (job.contactLost() != isLost) {
                isLost = !isLost;
                Journal.write("contact", job, Map.of("lost", isLost));
            }
            job.sleep(LOOK);
        }
    }

    // --- ends ---

    private static void fail(List<?> arguments) {
        Number code = arguments.size() > 1 ? (Number) arguments.get(1) : null;
        throw new Failed(text(arguments, 0), code == null ? null : (Integer) code.intValue(), arguments.size() > 2 ? arguments.get(2) : null);
    }

    private void give(Object value) {
        result = value;
        hasReturned = true;
    }

    private static byte[] filled(int bytes) {
        byte[] value = new byte[bytes];
        Arrays.fill(value, "x".getBytes(StandardCharsets.US_ASCII)[0]);
        return value;
    }

    /** Of a text that was not read from a message. */
    static Object parse(String script) {
        return Json.parse(script);
    }
}
