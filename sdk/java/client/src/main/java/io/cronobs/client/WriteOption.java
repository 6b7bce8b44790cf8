package io.cronobs.client;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** What a call that changes something may be told besides. */
public final class WriteOption {
    private final Consumer<Terms> change;

    private WriteOption(Consumer<Terms> change) {
        this.change = change;
    }

    void apply(Terms terms) {
        change.accept(terms);
    }

    /**
     * Waits so long for the outcome, which is PENDING where it is not known by then; 10 s unless it is given.
     *
     * @param time 60 s at most, in whole seconds; 0: not at all
     * @return the option
     */
    public static WriteOption waitFor(Duration time) {
        return new WriteOption(terms -> terms.wait = time.truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * The task must be at that revision, else 412.
     *
     * @param revision of the task as it was read
     * @return the option
     */
    public static WriteOption ifMatch(long revision) {
        return new WriteOption(terms -> terms.ifMatch = revision);
    }

    /**
     * 412 where the task is there.
     *
     * @return the option
     */
    public static WriteOption onlyNew() {
        return new WriteOption(terms -> terms.onlyNew = true);
    }

    /**
     * The same write under the same key has one effect, also over a restart of your program.
     *
     * @param key 200 characters at most
     * @return the option
     */
    public static WriteOption idempotencyKey(String key) {
        return new WriteOption(terms -> terms.key = key);
    }

    /**
     * The reason that the history shows.
     *
     * @param reason any text
     * @return the option
     */
    public static WriteOption because(String reason) {
        return new WriteOption(terms -> terms.reason = reason);
    }
}
