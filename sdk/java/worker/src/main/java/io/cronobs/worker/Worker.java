package io.cronobs.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.event.Level;

/**
 * Runs the executions of one queue in this process.
 *
 * <pre>{@code
 * try (Worker worker = Worker.builder().queue("reports").build()) {
 *     System.exit(worker.task("daily-report", Main::dailyReport).run());
 * }
 * }</pre>
 *
 * <p>What the worker has to say goes to the logger {@code cronobs} of slf4j; what Kafka's client says goes to loggers of its own, below
 * {@code org.apache.kafka}.
 */
public final class Worker implements AutoCloseable {
    /** What {@link #run} and {@link #finish} answer: all is reported. */
    public static final int DONE = 0;
    /** ... something was not reported to its end. */
    public static final int LEFT = 1;
    /** ... a setting is wrong. */
    public static final int WRONG = 64;
    /** ... the worker was broken off: start it again. */
    public static final int BROKEN = 75;

    private final Map<String, Object> arguments;
    private final Executor executor; // null: threads of its own
    private final boolean stopWhenLost;
    private final Map<String, Handler> handlers = new HashMap<>();
    private final Notices notices = new Notices();
    private Life life;
    private int earlySignals; // while it was being started

    private Worker(Builder builder) {
        arguments = Map.copyOf(builder.arguments);
        executor = builder.executor;
        stopWhenLost = builder.stopWhenLost;
    }

    /** {@return what makes a worker} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Registers a handler.
     *
     * @param key the task's key; {@code *} takes all that have none
     * @param handler what does its work
     * @return this
     */
    public synchronized Worker task(String key, Handler handler) {
        if (handler == null) {
            throw new NullPointerException("task '" + key + "': the handler is null");
        }
        if (life != null) {
            throw new IllegalStateException("task '" + key + "': register handlers before the worker starts");
        }
        if (handlers.putIfAbsent(key, handler) != null) {
            throw new IllegalStateException("task '" + key + "' has a handler already");
        }
        return this;
    }

    /**
     * Works until SIGTERM or SIGINT. The first takes nothing new and leaves the group at once; handlers go on for the setting {@code drain}, then they are
     * told to end, and three seconds later FAILED is said for what still runs. The second skips the wait, the third ends at once. What was set for
     * these signals before is set again at the end.
     *
     * @return the exit code: 0 all is reported, 1 something is left, 64 a setting is wrong, 75 the worker was broken off: start it again
     */
    public int run() {
        Signals signals = listen();
        try {
            return begin().await();
        } catch (SettingException wrong) {
            notices.say(Level.ERROR, wrong.getMessage());
            return WRONG;
        } finally {
            if (signals != null) {
                signals.close();
            }
        }
    }

    /** null: there are no signals. */
    private Signals listen() {
        try {
            return new Signals(this::signalled);
        } catch (ReflectiveOperationException | RuntimeException without) {
            notices.say(Level.WARN, "this Java has no signals for run(): SIGTERM ends it at once, without the setting drain (" + without + ")");
            return null;
        }
    }

    private synchronized void signalled() {
        if (life == null) {
            earlySignals++;
        } else {
            life.signalled();
        }
    }

    /**
     * Begins to work, beside your program; no signals are touched. Does not wait for the brokers.
     *
     * @return this
     * @throws SettingException a setting is wrong
     */
    public Worker start() {
        begin();
        return this;
    }

    /** Takes nothing new, leaves the group, lets handlers go on for the setting {@code drain}. Does not wait. */
    public void drain() {
        Life begun = begun();
        if (begun != null) {
            begun.drain();
        }
    }

    /**
     * Drains, and waits until all is reported or the time for it is over.
     *
     * @return as {@link #run} does
     */
    public int finish() {
        Life begun = begun();
        if (begun == null) {
            return DONE;
        }
        begun.drain();
        return begun.await();
    }

    /** As {@link #finish}. */
    @Override
    public void close() {
        finish();
    }

    private synchronized Life begun() {
        return life;
    }

    private synchronized Life begin() {
        if (life != null) {
            throw new IllegalStateException("the worker was started already: make another one");
        }
        Settings settings = Settings.resolve(arguments, System.getenv());
        Clients.check(settings);
        life = new Life(settings, Map.copyOf(handlers), executor, stopWhenLost, notices);
        for (; earlySignals > 0; earlySignals--) {
            life.signalled();
        }
        return life;
    }

    /** Settings of a worker. What is not set comes from the environment, else it has its default: docs/workers/java.md lists them. */
    public static final class Builder {
        private final Map<String, Object> arguments = new HashMap<>();
        private Executor executor;
        private boolean stopWhenLost;

        private Builder() {}

        private Builder set(String name, Object value) {
            if (value == null) {
                arguments.remove(name);
            } else {
                arguments.put(name, value);
            }
            return this;
        }

        /**
         * The queue to work on: CRONOBS_QUEUE.
         *
         * @param name null: as it is by default, as of all settings
         * @return this
         */
        public Builder queue(String name) {
            return set("queue", name);
        }

        /**
         * Addresses of Kafka: CRONOBS_BROKERS, else 127.0.0.1:9092.
         *
         * @param addresses HOST:PORT,...
         * @return this
         */
        public Builder brokers(String addresses) {
            return set("brokers", addresses);
        }

        /**
         * What the names of all topics begin with: CRONOBS_TOPIC_PREFIX, else {@code cronobs.}
         *
         * @param prefix with its dot
         * @return this
         */
        public Builder topicPrefix(String prefix) {
            return set("topicPrefix", prefix);
        }

        /**
         * How many executions run at a time: CRONOBS_WORKER_CONCURRENCY, else 16.
         *
         * @param places 1-1,000
         * @return this
         */
        public Builder concurrency(int places) {
            return set("concurrency", places);
        }

        /**
         * The consumer group, which all workers of a queue share: CRONOBS_WORKER_GROUP, else it is made of the prefix and the queue.
         *
         * @param name the group
         * @return this
         */
        public Builder group(String name) {
            return set("group", name);
        }

        /**
         * Who the worker is, shown in the history: CRONOBS_WORKER_NAME, else host/process.
         *
         * @param shown up to 200 bytes
         * @return this
         */
        public Builder name(String shown) {
            return set("name", shown);
        }

        /**
         * A name that stays the same over restarts: CRONOBS_WORKER_INSTANCE. It makes the worker a static member of the group, which no second process may be.
         *
         * @param name the same at each start
         * @return this
         */
        public Builder instance(String name) {
            return set("instance", name);
        }

        /**
         * How long handlers may go on after the first signal: CRONOBS_WORKER_DRAIN, else 25 s.
         *
         * @param time up to a day
         * @return this
         */
        public Builder drain(Duration time) {
            return set("drain", time);
        }

        /**
         * Where the group has no position, executions older than this are left alone: CRONOBS_WORKER_BACKLOG, else a day.
         *
         * @param time up to a hundred years
         * @return this
         */
        public Builder backlog(Duration time) {
            return set("backlog", time);
        }

        /**
         * How long a silent worker keeps its partitions: CRONOBS_KAFKA_SESSION_TIMEOUT, else 10 s.
         *
         * @param time 1 s to 30 min; the brokers have limits, too
         * @return this
         */
        public Builder sessionTimeout(Duration time) {
            return set("sessionTimeout", time);
        }

        /**
         * Further properties of Kafka's clients, such as {@code security.protocol}, {@code sasl.*} and {@code ssl.*}; they may come from the environment, too:
         * CRONOBS_KAFKA_SASL_USERNAME is {@code sasl.username}.
         *
         * @param properties what all workers of a queue depend on is refused
         * @return this
         */
        public Builder kafka(Map<String, String> properties) {
            return set("kafka", properties);
        }

        /**
         * Where handlers run, instead of threads of the worker's own; {@code Executors.newVirtualThreadPerTaskExecutor()} for one. It must not run them in the
         * calling thread. What it has not begun when it is told to end is not begun, what it refuses has FAILED. You close it.
         *
         * @param where at most so many at a time as there are places
         * @return this
         */
        public Builder executor(Executor where) {
            executor = where;
            return this;
        }

        /**
         * Ends a handler ({@link Cause#LOST}) when no sign of life of it has reached the brokers for three heartbeats.
         *
         * @param stops false by default
         * @return this
         */
        public Builder stopWhenLost(boolean stops) {
            stopWhenLost = stops;
            return this;
        }

        /** {@return a worker; its settings are checked when it starts} */
        public Worker build() {
            return new Worker(this);
        }
    }
}
