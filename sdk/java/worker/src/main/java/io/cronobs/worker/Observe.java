package io.cronobs.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Reports a run that something else starts, such as somebody's cron: RUNNING when it begins, its lines and progress, and how it ended.
 *
 * <pre>{@code
 * Observe.run("nightly-backup", () -> backUp());
 * Observe.task("nightly-backup").ensure(Map.of("schedule", "0 3 * * *", "zone", "UTC")).run(job -> {
 *     job.progress(50);
 *     return null;
 * });
 * }</pre>
 *
 * <p>The work is done whatever the brokers do: nothing here waits for them but the end, for five seconds. What is thrown is FAILED, and goes on to
 * the caller. Settings that are not given come from the environment, as of {@link Worker}.
 */
public final class Observe {
    /**
     * The work, in the job's context.
     *
     * @param <T> what it gives
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Does it.
         *
         * @param job the run, as a handler has it
         * @return whatever the caller wants
         * @throws Exception the run has FAILED
         */
        T run(Job job) throws Exception;
    }

    private final String key;
    private final Map<String, Object> settings = new HashMap<>(Map.of("queue", "observed")); // it reads none
    private String project = "default";
    private Map<String, ?> ensure;

    private Observe(String key) {
        this.key = key;
    }

    /**
     * Does the work, and reports it as a run of the task.
     *
     * @param <T> what it gives
     * @param key of the task, in the project {@code default}
     * @param work is done in this thread
     * @return what the work gives
     * @throws Exception as the work does
     */
    public static <T> T run(String key, Callable<T> work) throws Exception {
        return task(key).run(job -> work.call());
    }

    /**
     * For a run with more than a key.
     *
     * @param key of the task
     * @return what to set, and then to run
     */
    public static Observe task(String key) {
        return new Observe(key);
    }

    /**
     * The project of the task; {@code default} unless it is given.
     *
     * @param name its key
     * @return this
     */
    public Observe project(String name) {
        project = name;
        return this;
    }

    /**
     * The task as PUT by the API before the run: the scheduler then says when a run is missing. What goes wrong with it is told, and the run
     * goes on. Mind that a schedule makes executions in its queue, too.
     *
     * @param spec as {@code PUT /v1/tasks} has it, or with {@code schedule} and {@code zone} for its one schedule
     * @return this
     */
    public Observe ensure(Map<String, ?> spec) {
        ensure = Map.copyOf(spec);
        return this;
    }

    /**
     * Addresses of Kafka.
     *
     * @param addresses HOST:PORT,...
     * @return this
     */
    public Observe brokers(String addresses) {
        return set("brokers", addresses);
    }

    /**
     * What the names of all topics begin with.
     *
     * @param prefix with its dot
     * @return this
     */
    public Observe topicPrefix(String prefix) {
        return set("topicPrefix", prefix);
    }

    /**
     * Who reports it, shown in the history.
     *
     * @param name of 200 bytes at most
     * @return this
     */
    public Observe name(String name) {
        return set("name", name);
    }

    /**
     * Further properties of the Kafka client.
     *
     * @param properties by their names
     * @return this
     */
    public Observe kafka(Map<String, String> properties) {
        return set("kafka", Map.copyOf(properties));
    }

    /**
     * The API, for {@link #ensure}.
     *
     * @param address as {@link io.cronobs.client.Client} takes it
     * @return this
     */
    public Observe url(String address) {
        return set("url", address);
    }

    private Observe set(String name, Object value) {
        settings.put(name, value);
        return this;
    }

    /**
     * Does the work, and reports it.
     *
     * @param <T> what it gives
     * @param work is done in this thread
     * @return what the work gives
     * @throws Exception as the work does
     */
    public <T> T run(Work<T> work) throws Exception {
        Observed observed = new Observed(key, project, settings, ensure);
        Done<T> done = new Done<>(work);
        observed.end(Perform.perform(observed.job(), done));
        return done.get();
    }

    /** The work as a handler, which keeps what the caller is to have. */
    private static final class Done<T> implements Handler {
        private final Work<T> work;
        private T value;
        private Exception thrown;
        private Error error;

        Done(Work<T> work) {
            this.work = work;
        }

        @Override
        public Object handle(Job job) throws Exception {
            try {
                value = work.run(job);
                return null; // it is the caller's, not a result
            } catch (Exception e) {
                thrown = e;
                throw e;
            } catch (Error e) {
                error = e;
                throw e;
            }
        }

        T get() throws Exception {
            if (error != null) {
                throw error;
            }
            if (thrown != null) {
                throw thrown;
            }
            return value;
        }
    }
}
