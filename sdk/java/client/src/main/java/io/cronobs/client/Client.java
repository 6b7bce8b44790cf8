package io.cronobs.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The HTTP API of one installation; Java's standard library only. Any thread.
 *
 * <pre>{@code
 * Client client = new Client();
 * TaskHandle report = client.task("daily-report");
 * report.put(Map.of("queue", "reports", "schedules", List.of(Map.of("expression", "0 3 * * *", "zone", "Europe/Berlin"))));
 * ExecutionHandle run = client.execution(report.trigger(Map.of("parts", List.of("a", "b"))).executionId());
 * System.out.println(run.await(Duration.ofMinutes(5)).status());
 * }</pre>
 *
 * <p>Answers are the API's own, as records ({@link Answers}); {@code docs/http-api.md} says what they mean. What it refuses is an
 * {@link ApiException}; so is an API that does not answer (status 0).
 *
 * <p>Writes wait for their outcome, 10 s unless {@link WriteOption#waitFor} says otherwise. Each carries an Idempotency-Key, so it is sent again
 * after a broken connection or a 503 and has one effect.
 *
 * <p>Reads wait until what this client has written can be seen, 10 s at most. While nobody carries it out they are 503 therefore; another
 * client sees what there is.
 */
public final class Client {
    /** Asked where neither a URL nor CRONOBS_URL is given. */
    public static final String DEFAULT_URL = "http://127.0.0.1:8080";

    private final ApiSession session;

    /** Of the URL in CRONOBS_URL, or else {@link #DEFAULT_URL}. */
    public Client() {
        this(builder());
    }

    /**
     * Of that URL.
     *
     * @param url http or https; it may have a user and a path, of a proxy
     * @throws IllegalArgumentException it is no address of an API
     */
    public Client(String url) {
        this(builder().url(url));
    }

    private Client(Builder builder) {
        String url = builder.url != null ? builder.url : System.getenv("CRONOBS_URL");
        session = new ApiSession(new Transport(url == null || url.isEmpty() ? DEFAULT_URL : url, builder.timeout, builder.headers, builder.time));
    }

    /**
     * For a client with more than a URL.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** What a client may be told. */
    public static final class Builder {
        private String url;
        private Duration timeout = Duration.ofSeconds(30);
        private final Map<String, String> headers = new HashMap<>();
        private Transport.Time time;

        private Builder() {}

        /**
         * Where the API is.
         *
         * @param url http or https; it may have a user and a path, of a proxy. null: as if none were given
         * @return this
         */
        public Builder url(String url) {
            this.url = url;
            return this;
        }

        /**
         * How long a call may take with all its repeats, beside its wait for an outcome: 30 s unless it is given.
         *
         * @param timeout the time
         * @return this
         */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /**
         * Sent with every request, for a proxy that wants a token.
         *
         * @param name of the header
         * @param value of the header
         * @return this
         */
        public Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Builder time(Transport.Time time) {
            this.time = time;
            return this;
        }

        /**
         * Makes the client; it asks nothing yet.
         *
         * @return the client
         * @throws IllegalArgumentException the URL is no address of an API
         */
        public Client build() {
            return new Client(this);
        }
    }

    /**
     * A task, which need not be there: asks nothing.
     *
     * @param key of one in the project {@code default}, or project~key
     * @return what to call
     */
    public TaskHandle task(String key) {
        int at = key.indexOf('~');
        return at < 0 ? task("default", key) : task(key.substring(0, at), key.substring(at + 1));
    }

    /**
     * A task of a project, which need not be there: asks nothing.
     *
     * @param project its name
     * @param key of the task
     * @return what to call
     */
    public TaskHandle task(String project, String key) {
        return new TaskHandle(session, project, key);
    }

    /**
     * An execution: asks nothing.
     *
     * @param id of the execution
     * @return what to call
     */
    public ExecutionHandle execution(String id) {
        return new ExecutionHandle(session, id);
    }

    /**
     * All tasks that are active or paused, by project and key.
     *
     * @return the tasks
     */
    public Pages<Answers.Task> tasks() {
        return tasks(Map.of());
    }

    /**
     * Tasks, by project and key; active and paused ones unless {@code state} says otherwise.
     *
     * @param query {@code q}, {@code project}, {@code queue}, {@code state}, {@code label}, {@code include}, {@code limit} (of a page)
     * @return the tasks
     */
    public Pages<Answers.Task> tasks(Map<String, ?> query) {
        return session.pages(Answers.Task.class, "/v1/tasks", query, null);
    }

    /**
     * Executions, the newest first, all that there are: choose, or stop.
     *
     * @param query {@code task} (project~key), {@code queue}, {@code status}, {@code reason}, {@code trigger}, {@code day}, {@code tz},
     *     {@code from}, {@code to}, {@code order}, {@code include}, {@code limit} (of a page)
     * @return the executions
     */
    public Pages<Answers.Execution> executions(Map<String, ?> query) {
        Object task = query.get("task");
        return session.pages(Answers.Execution.class, "/v1/executions", task == null ? query : ApiSession.with(query, "task", task(task.toString())), null);
    }

    /**
     * The log of an execution, as {@link ExecutionHandle#logs()}.
     *
     * @param execution its id
     * @return as many lines as there are now
     */
    public Pages<Answers.LogLine> logs(String execution) {
        return execution(execution).logs();
    }

    /**
     * When tasks are due next.
     *
     * @param query {@code project}, {@code from}, {@code to}, {@code limit}
     * @return all of them in one list
     */
    public List<Answers.Planned> upcoming(Map<String, ?> query) {
        return session.read(Answers.Upcoming.class, "/v1/upcoming", query, null).items();
    }

    /**
     * What an expression means and when it fires, without saving anything.
     *
     * @param expression of a schedule
     * @param more {@code zone}, {@code dialect}, {@code dst_gap}, {@code dst_overlap}, {@code task}, {@code from}, {@code count}
     * @return the explanation
     */
    public Answers.Explained explain(String expression, Map<String, ?> more) {
        Map<String, Object> asked = new HashMap<>();
        more.forEach((name, value) -> asked.put(name, value == null ? null : ApiSession.parameter(value)));
        asked.values().removeIf(value -> value == null);
        return session.ask(Answers.Explained.class, "POST", "/v1/schedules:explain", ApiSession.with(asked, "expression", expression));
    }

    /**
     * What became of a write whose outcome was not known in time.
     *
     * @param id of the command
     * @return the command
     */
    public Answers.Command command(String id) {
        return Typed.read(Answers.Command.class, session.get("/v1/commands/" + ApiSession.segment(id), Map.of()));
    }

    /**
     * What is open in each queue, and who reads it.
     *
     * @return the queues
     */
    public List<Answers.Queue> queues() {
        return session.read(Answers.QueueList.class, "/v1/queues", Map.of(), null).items();
    }

    /**
     * Who works for a queue: what each worker runs, and when it was last heard of.
     *
     * @param queue its name
     * @return the workers
     */
    public Answers.QueueWorkers workers(String queue) {
        return session.read(Answers.QueueWorkers.class, "/v1/queues/" + ApiSession.segment(queue) + "/workers", Map.of(), null);
    }

    /**
     * Any other resource that answers JSON: {@code get("/v1/days", Map.of("tz", "Europe/Berlin"))}.
     *
     * @param path from /v1 on
     * @param query its parameters
     * @return as {@link Json#parse} has it
     */
    public Object get(String path, Map<String, ?> query) {
        return session.read(path, query, null);
    }
}
