package io.cronobs.testing;

import io.cronobs.client.Json;
import io.cronobs.logging.Bridges;
import io.cronobs.worker.Cause;
import io.cronobs.worker.Handler;
import io.cronobs.worker.Trial;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Handlers in tests: calls one as a worker would, without Kafka.
 *
 * <pre>{@code
 * Ran out = JobRunner.run(Reports::dailyReport, "a,b");
 * assertEquals("SUCCEEDED", out.status());
 * assertEquals(List.of(new Ran.Line("INFO", "loading a"), new Ran.Line("INFO", "loading b")), out.lines());
 * assertEquals("CANCELLED", JobRunner.of(Reports::slow).cancelAfter(Duration.ofMillis(50)).run().status());
 * }</pre>
 *
 * <p>What is logged is seen where the program logs by logback, log4j or java.util.logging: for the time of the run each root logger has its
 * bridge, unless one is set already.
 */
public final class JobRunner {
    private final Handler handler;
    private Object payload;
    private String task = "test";
    private int attempt = 1;
    private int maxAttempts = 1;
    private String contentType;
    private Map<String, String> labels = Map.of();
    private String traceparent;
    private Duration cancelAfter;
    private Cause cause = Cause.CANCEL;

    private JobRunner(Handler handler) {
        this.handler = handler;
    }

    /**
     * Runs a handler to its end.
     *
     * @param handler what is tried
     * @param payload as of {@link #payload}
     * @return what a worker would have published
     */
    public static Ran run(Handler handler, Object payload) {
        return of(handler).payload(payload).run();
    }

    /**
     * For a run with more than a payload.
     *
     * @param handler what is tried
     * @return the runner
     */
    public static JobRunner of(Handler handler) {
        return new JobRunner(handler);
    }

    /**
     * What it is to work on.
     *
     * @param given bytes as they are, a text as UTF-8, null as nothing, all else as JSON
     * @return this
     */
    public JobRunner payload(Object given) {
        payload = given;
        return this;
    }

    /**
     * The key of the task; {@code test} unless it is given.
     *
     * @param key of the task
     * @return this
     */
    public JobRunner task(String key) {
        task = key;
        return this;
    }

    /**
     * Which attempt it is; 1 of 1 unless it is given.
     *
     * @param number from 1
     * @param most how many there may be
     * @return this
     */
    public JobRunner attempt(int number, int most) {
        attempt = number;
        maxAttempts = most;
        return this;
    }

    /**
     * The media type of the payload.
     *
     * @param type null: none
     * @return this
     */
    public JobRunner contentType(String type) {
        contentType = type;
        return this;
    }

    /**
     * The labels of the task.
     *
     * @param given by their names
     * @return this
     */
    public JobRunner labels(Map<String, String> given) {
        labels = Map.copyOf(given);
        return this;
    }

    /**
     * The header of the message.
     *
     * @param header as W3C Trace Context writes it; null: none
     * @return this
     */
    public JobRunner traceparent(String header) {
        traceparent = header;
        return this;
    }

    /**
     * Tells the handler to end, after so long.
     *
     * @param time from its beginning
     * @return this
     */
    public JobRunner cancelAfter(Duration time) {
        cancelAfter = time;
        return this;
    }

    /**
     * By which cause it is told to end; CANCEL unless it is given.
     *
     * @param why the cause
     * @return this
     */
    public JobRunner cause(Cause why) {
        cause = why;
        return this;
    }

    /**
     * Runs the handler to its end, in this thread.
     *
     * @return what a worker would have published
     */
    public Ran run() {
        Runnable detach = Bridges.attachAll();
        try {
            Trial.Facts facts = new Trial.Facts(task, attempt, maxAttempts, bytes(payload), contentType, labels, traceparent);
            return ranOf(Trial.run(handler, facts, cancelAfter == null ? null : (Long) cancelAfter.toNanos(), cause));
        } finally {
            detach.run();
        }
    }

    private static byte[] bytes(Object payload) {
        if (payload == null || payload instanceof byte[]) {
            return (byte[]) payload;
        }
        return (payload instanceof CharSequence ? payload.toString() : Json.write(payload)).getBytes(StandardCharsets.UTF_8);
    }

    private static Ran ranOf(Trial trial) {
        List<Ran.Line> lines = trial.lines().stream().map(line -> new Ran.Line(line.getKey(), line.getValue())).toList();
        List<Ran.Progress> progress = new ArrayList<>();
        for (int i = 0; i < trial.percents().size(); i++) {
            progress.add(new Ran.Progress(trial.percents().get(i), trial.notes().get(i)));
        }
        return new Ran(trial.status(), trial.reason(), trial.message(), trial.exitCode(), trial.result(), lines, progress);
    }
}
