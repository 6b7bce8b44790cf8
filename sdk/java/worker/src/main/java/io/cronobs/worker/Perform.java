package io.cronobs.worker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.ClosedByInterruptException;
import java.util.Collection;
import java.util.TreeSet;
import org.slf4j.event.Level;

/** Runs a handler, and what its end means. The worker and the testing helper share it. */
final class Perform {
    static final String SHUT_DOWN = "the worker was shut down";
    private static final String TIMED_OUT = "run timeout";

    private static final int CAUSES_MAX = 100; // that are looked at; they may go round in a circle

    private Perform() {}

    /** Calls the handler in the job's context, in this thread. Throws nothing, whatever the handler does: else its place would stay taken. */
    static Outcome perform(Job job, Handler handler) {
        Job.Scope before = job.enter();
        job.begin();
        try {
            return returned(handler.handle(job));
        } catch (Throwable thrown) { // an Error of the handler ends the handler, not the worker
            return ended(job, thrown);
        } finally {
            job.end();
            before.leave();
        }
    }

    private static Outcome returned(Object value) {
        Text.Result result = Text.resultOf(value);
        return new Outcome("SUCCEEDED", "NONE", result.message(), null, result.bytes());
    }

    private static Outcome ended(Job job, Throwable thrown) {
        try {
            return thrown(job, thrown);
        } catch (Throwable worse) { // there is no memory left to tell of it, or its own methods throw Errors
            Cause cause = job.cause();
            return cause == null ? new Outcome("FAILED", "WORKER_ERROR", thrown.getClass().getName()) : byCause(cause, null);
        }
    }

    private static Outcome thrown(Job job, Throwable thrown) {
        Cause cause = job.cause();
        if (thrown instanceof Failed failed) {
            return failed(cause, failed);
        }
        if (cause != null) {
            return byCause(cause, isOfTheCause(thrown) ? null : say(thrown));
        }
        job.log(Level.ERROR, traceOf(thrown));
        return new Outcome("FAILED", "WORKER_ERROR", cut(say(thrown)));
    }

    private static Outcome failed(Cause cause, Failed failed) {
        Text.Result result = Text.resultOf(failed.result());
        String said = result.message() == null ? say(failed, "") : say(failed, "") + " (" + result.message() + ")";
        String status = cause == null ? "FAILED" : byCause(cause, null).status();
        String reason = cause != null ? byCause(cause, null).reason() : failed.exitCode() == null ? "WORKER_ERROR" : "EXIT_CODE";
        return new Outcome(status, reason, cut(said), failed.exitCode(), result.bytes());
    }

    /** How one ends that was told to before its handler had it. */
    static Outcome unbegun(Cause cause) {
        return switch (cause) {
            case CANCEL -> new Outcome("CANCELLED", "NONE", "it was cancelled before it began");
            case SHUTDOWN -> new Outcome("FAILED", "WORKER_SHUTDOWN", SHUT_DOWN + " before it began");
            case TIMEOUT, LOST -> byCause(cause, null);
        };
    }

    /** more: what it says beside; null: nothing. */
    private static Outcome byCause(Cause cause, String more) {
        return switch (cause) {
            case CANCEL -> new Outcome("CANCELLED", "NONE", more == null ? null : cut(more));
            case TIMEOUT -> new Outcome("FAILED", "RUN_TIMEOUT", joined(TIMED_OUT, more));
            case SHUTDOWN -> new Outcome("FAILED", "WORKER_SHUTDOWN", joined(SHUT_DOWN, more));
            case LOST -> new Outcome("FAILED", "WORKER_ERROR", joined("no sign of life reached the brokers", more));
        };
    }

    private static String joined(String text, String more) {
        return more == null ? text : cut(text + ": " + more);
    }

    /** Is it how Java tells that the thread was interrupted? */
    private static boolean isOfTheCause(Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < CAUSES_MAX; depth++, at = at.getCause()) {
            if (at instanceof CancelledException || at instanceof InterruptedException || at instanceof ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }

    private static String say(Throwable thrown) {
        return say(thrown, thrown.getClass().getSimpleName());
    }

    /** name "": the text alone. */
    private static String say(Throwable thrown, String name) {
        String text;
        try {
            text = thrown.getMessage();
        } catch (RuntimeException broken) { // its own getMessage is
            text = "(no text: " + broken.getClass().getSimpleName() + ")";
        }
        if (text == null || text.isEmpty()) {
            return name;
        }
        return name.isEmpty() ? text : name + ": " + text;
    }

    private static String traceOf(Throwable thrown) {
        StringWriter text = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(text, true));
        } catch (RuntimeException broken) { // its own toString is
            text.append(thrown.getClass().getName());
        }
        return text.toString().stripTrailing();
    }

    private static String cut(String text) {
        return Text.cut(text, Text.MESSAGE_MAX);
    }

    static Outcome noHandler(String key, Collection<String> keys) {
        String has = keys.isEmpty() ? "none" : String.join(", ", new TreeSet<>(keys));
        return new Outcome("FAILED", "WORKER_ERROR", cut("no handler for task '" + key + "' (has: " + has + ")"));
    }
}
