package io.cronobs.worker;

import io.cronobs.client.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/**
 * One attempt of one execution: what a handler is given. All of it may be used from any thread; after the handler's end nothing is sent any more.
 *
 * <p>A line belongs to the job in whose context it is logged: the handler's own thread, and whatever {@link #wrap(Runnable)} carries to others. There
 * slf4j's MDC has {@code execution_id}, {@code task} and {@code attempt}, too.
 */
public final class Job {
    private static final ThreadLocal<Job> CURRENT = new ThreadLocal<>();

    private final Execution execution;
    private final String queue;
    private final Voice voice;
    private final CountDownLatch told = new CountDownLatch(1);
    private volatile Cause cause;
    private volatile boolean isClosed;
    private Thread worker; // the handler's, while it is at work

    Job(Execution execution, String queue, Voice voice) {
        this.execution = execution;
        this.queue = queue;
        this.voice = voice;
    }

    /** {@return the job in whose context this code runs; null: none} */
    public static Job current() {
        return CURRENT.get();
    }

    @Override
    public String toString() {
        return "Job '" + task() + "' " + executionId() + " attempt " + attempt();
    }

    // --- facts ---

    /** {@return the execution's id: the same in every attempt and every delivery; make the work repeatable with it} */
    public String executionId() {
        return execution.executionId;
    }

    /** {@return which attempt it is: 1, 2, ... of {@link #maxAttempts}} */
    public int attempt() {
        return execution.attempt;
    }

    /** {@return how often it may be tried} */
    public int maxAttempts() {
        return execution.maxAttempts;
    }

    /** {@return the task's key} */
    public String task() {
        return execution.taskKey;
    }

    /** {@return the project's key} */
    public String project() {
        return execution.project;
    }

    /** {@return the task's id} */
    public String taskId() {
        return execution.taskId;
    }

    /** {@return the task's revision} */
    public int revision() {
        return execution.revision;
    }

    /** {@return the queue it came from} */
    public String queue() {
        return queue;
    }

    /** {@return why it was started: SCHEDULED, CATCH_UP, BACKFILL, MANUAL, RETRY, CHAIN or EXTERNAL} */
    public String trigger() {
        return execution.trigger;
    }

    /** {@return the payload; empty where there is none} */
    public byte[] payload() {
        return execution.payload == null ? new byte[0] : execution.payload.clone();
    }

    /** {@return the payload as a text, of UTF-8} */
    public String text() {
        return execution.payload == null ? "" : new String(execution.payload, StandardCharsets.UTF_8);
    }

    /** {@return the payload as JSON: maps, lists, texts, numbers, booleans, null} */
    public Object json() {
        return Json.parse(text());
    }

    /** {@return the payload's media type; null: none is told} */
    public String contentType() {
        return execution.contentType;
    }

    /** {@return the task's labels} */
    public Map<String, String> labels() {
        return Map.copyOf(execution.labels);
    }

    /** {@return the message's header {@code traceparent}, as W3C Trace Context writes it; null: there was none} */
    public String traceparent() {
        return execution.traceparent;
    }

    /** {@return the instant that the schedule names, or that of the command} */
    public Instant scheduledAt() {
        return instant(execution.scheduledAt);
    }

    /** {@return {@link #scheduledAt} with jitter} */
    public Instant dueAt() {
        return instant(execution.dueAt);
    }

    /** {@return the wall time that the schedule names in its zone; null: started by hand} */
    public LocalDateTime nominalLocal() {
        return execution.nominalLocal == null ? null : LocalDateTime.ofInstant(instant(execution.nominalLocal), ZoneOffset.UTC);
    }

    /** {@return the schedule's zone; null: none} */
    public String zone() {
        return execution.zone;
    }

    /** {@return the instant by which it had to begin; null: none} */
    public Instant startBy() {
        return execution.startBy == null ? null : instant(execution.startBy);
    }

    /** {@return the instant after which it is not tried again; null: none} */
    public Instant finishBy() {
        return execution.finishBy == null ? null : instant(execution.finishBy);
    }

    /** {@return how long it may run; null: for ever} */
    public Duration runTimeout() {
        return span(execution.runTimeoutMs);
    }

    /** {@return how often the task wants a sign of life, which the worker gives by itself; null: it wants none} */
    public Duration heartbeat() {
        return span(execution.heartbeatMs);
    }

    private static Instant instant(long microseconds) {
        return Instant.EPOCH.plus(microseconds, ChronoUnit.MICROS);
    }

    private static Duration span(Long milliseconds) {
        return milliseconds == null || milliseconds <= 0 ? null : Duration.ofMillis(milliseconds);
    }

    // --- words ---

    /**
     * Adds a line to the execution's log, at INFO.
     *
     * @param text the line, or several
     */
    public void log(String text) {
        log(Level.INFO, text);
    }

    /**
     * Adds a line to the execution's log. Waits while 16 MiB of lines are unsent.
     *
     * @param level TRACE counts as DEBUG
     * @param text the line, or several
     */
    public void log(Level level, String text) {
        if (!isClosed) {
            voice.line(nameOf(level), Text.lines(String.valueOf(text)));
        }
    }

    /**
     * Adds a line to the execution's log. Waits while 16 MiB of lines are unsent.
     *
     * @param level TRACE counts as DEBUG
     * @param text the line, or several; what is no UTF-8 becomes {@code \xHH}
     */
    public void log(Level level, byte[] text) {
        if (!isClosed) {
            voice.line(nameOf(level), Text.lines(text));
        }
    }

    private static String nameOf(Level level) {
        return level == Level.TRACE ? "DEBUG" : level.name();
    }

    /**
     * Says how far the work is. The newest is told once a second.
     *
     * @param percent 0-100
     * @param note what it is doing, up to 4 KiB; null: nothing is said of that
     */
    public void progress(int percent, String note) {
        tellProgress(Math.min(Math.max(percent, 0), 100), note);
    }

    /**
     * Says how far the work is.
     *
     * @param percent 0-100
     */
    public void progress(int percent) {
        progress(percent, null);
    }

    /**
     * Says what the work is doing; the percentage stays.
     *
     * @param note up to 4 KiB; null: nothing
     */
    public void progress(String note) {
        tellProgress(null, note);
    }

    private void tellProgress(Integer percent, String note) {
        if (!isClosed) {
            voice.progress(percent, note == null ? null : Text.cut(note, Text.MESSAGE_MAX));
        }
    }

    // --- the end ---

    /** {@return why the handler is to end early; null: it is not} */
    public Cause cause() {
        return cause;
    }

    /**
     * {@return whether the brokers have had no sign of life for three times as long as the task asks for: soon it is taken for dead, and another worker
     * may begin it. It may end again}
     */
    public boolean contactLost() {
        return voice.contactLost();
    }

    /**
     * Goes on, unless there is a cause to end.
     *
     * @throws CancelledException there is one
     */
    public void check() {
        if (cause != null) {
            throw new CancelledException(cause);
        }
    }

    /**
     * Sleeps, until there is a cause to end.
     *
     * @param time how long
     * @throws CancelledException there is a cause to end
     * @throws InterruptedException somebody else has interrupted the thread
     */
    public void sleep(Duration time) throws InterruptedException {
        check();
        try {
            told.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            check();
            throw interrupted;
        }
        check();
    }

    /**
     * Carries the job to another thread: what is logged there is its own.
     *
     * @param work what is to be done in the other thread
     * @return the same, in the job's context
     */
    public Runnable wrap(Runnable work) {
        return () -> {
            Scope before = enter();
            try {
                work.run();
            } finally {
                before.leave();
            }
        };
    }

    /**
     * Carries the job to another thread: what is logged there is its own.
     *
     * @param <T> what it gives
     * @param work what is to be done in the other thread
     * @return the same, in the job's context
     */
    public <T> Callable<T> wrap(Callable<T> work) {
        return () -> {
            Scope before = enter();
            try {
                return work.call();
            } finally {
                before.leave();
            }
        };
    }

    // --- for the worker ---

    /** What the thread was before. */
    record Scope(Job job, Map<String, String> context) {
        void leave() {
            if (job == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(job);
            }
            if (context == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(context);
            }
        }
    }

    /** From now on this thread is the job's. */
    Scope enter() {
        Scope before = new Scope(CURRENT.get(), MDC.getCopyOfContextMap());
        CURRENT.set(this);
        MDC.put("execution_id", executionId());
        MDC.put("task", task());
        MDC.put("attempt", Integer.toString(attempt()));
        return before;
    }

    /** The handler begins, in this thread: a cause interrupts it. */
    void begin() {
        synchronized (told) {
            worker = Thread.currentThread();
            if (cause != null) {
                worker.interrupt();
            }
        }
    }

    /** The handler has ended: nothing of this job interrupts the thread any more. */
    void end() {
        boolean wasTold;
        synchronized (told) {
            worker = null;
            wasTold = cause != null;
        }
        if (wasTold) {
            Thread.interrupted(); // what came too late is not the next one's; somebody else's goes on to whoever called
        }
    }

    /** It is to end; the first cause counts. */
    void tell(Cause why) {
        synchronized (told) {
            if (cause == null) {
                cause = why;
            }
            told.countDown();
            if (worker != null) {
                worker.interrupt();
            }
        }
    }

    /** It has ended: what is said from now on is for nobody. */
    void close() {
        isClosed = true;
    }
}
