package io.cronobs.client;

import static io.cronobs.client.ApiSession.with;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

/** An execution by its id. */
public final class ExecutionHandle {
    private static final Set<String> OPEN = Set.of("PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "UNKNOWN");

    /** Between two looks at what goes on. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final ApiSession session;
    private final String id;
    private final String path;

    ExecutionHandle(ApiSession session, String id) {
        this.session = session;
        this.id = id;
        path = "/v1/executions/" + ApiSession.segment(id);
    }

    /**
     * Its id.
     *
     * @return a UUID
     */
    public String id() {
        return id;
    }

    /**
     * The execution as it is, with its payload and its last sign of life.
     *
     * @return the execution
     */
    public Answers.Execution get() {
        return session.read(Answers.Execution.class, path, Map.of(), null);
    }

    /**
     * Waits until it has ended and no attempt follows.
     *
     * @param timeout so long at most
     * @return the execution
     * @throws TimeoutException it goes on
     * @throws InterruptedException the thread was interrupted
     */
    public Answers.Execution await(Duration timeout) throws TimeoutException, InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        for (Answers.Execution found = get();; found = get()) {
            if (hasEnded(found)) {
                return found;
            }
            if (System.nanoTime() >= until) {
                throw new TimeoutException("execution " + id + " is still " + found.status() + " after " + timeout.toMillis() + " ms");
            }
            Thread.sleep(LOOK_AGAIN.toMillis());
        }
    }

    /** And no attempt follows. Pure. */
    private static boolean hasEnded(Answers.Execution execution) {
        return !OPEN.contains(execution.status()) && execution.nextAttemptAt() == null;
    }

    /**
     * All that was reported about it, in the order of the log.
     *
     * @return the events
     */
    public Pages<Answers.ExecutionEvent> events() {
        return session.pages(Answers.ExecutionEvent.class, path + "/events", Map.of(), null);
    }

    /**
     * Its lines in the order of their arrival.
     *
     * @return as many as there are now
     */
    public Pages<Answers.LogLine> logs() {
        return logs(Map.of());
    }

    /**
     * Some of its lines, in the order of their arrival; with {@code attempt} or {@code writer} those of one writer, by number.
     *
     * @param query {@code level} (leaves out what is less serious), {@code stream}, {@code attempt}, {@code writer}, {@code limit} (of a page)
     * @return as many as there are now
     */
    public Pages<Answers.LogLine> logs(Map<String, ?> query) {
        return new Pages<>(() -> new Lines(query, true));
    }

    /**
     * As {@link #logs(Map)}, and goes on until the execution has ended.
     *
     * @param query as there
     * @return lines; the iterator waits for the next. ApiException with status 0: the thread was interrupted
     */
    public Pages<Answers.LogLine> followLogs(Map<String, ?> query) {
        return new Pages<>(() -> new Lines(query, false));
    }

    private final class Lines implements Pages.Source<Answers.LogLine> {
        private Map<String, Object> asked;
        private boolean isOver; // no look follows once all there are were read

        Lines(Map<String, ?> query, boolean isOver) {
            asked = query.containsKey("limit") ? new TreeMap<>(query) : with(query, "limit", 500);
            this.isOver = isOver;
        }

        @Override
        public List<Answers.LogLine> next() {
            if (asked == null) {
                return null;
            }
            Answers.LogPage page = session.read(Answers.LogPage.class, path + "/logs", asked, null);
            asked.keySet().removeAll(Set.of("attempt", "writer"));
            asked.put("after", page.next());
            if (!page.more() && isOver) {
                asked = null;
            } else if (!page.more()) {
                isOver = hasEnded(get()); // the last lines may come behind the report of the end: one more look follows
                rest();
            }
            return page.items();
        }

        private void rest() {
            try {
                Thread.sleep(LOOK_AGAIN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ApiException.unreachable("interrupted while the log of " + id + " was followed", null, e);
            }
        }
    }

    /**
     * Ends it: at once while nobody has begun it, else by a signal to its worker.
     *
     * @param options how it is written
     * @return what became of the wish
     */
    public Answers.Outcome cancel(WriteOption... options) {
        return act("cancel", Map.of(), options);
    }

    /**
     * Runs one that is over again, as an execution of its own.
     *
     * @param payload as of {@link TaskHandle#trigger(Object, WriteOption...)}; null: the one that it had
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome retry(Object payload, WriteOption... options) {
        return act("retry", ApiSession.payload(payload), options);
    }

    private Answers.Outcome act(String verb, Map<String, ?> members, WriteOption... options) {
        Terms terms = Terms.of(options);
        String target = session.behindWrites(path + ":" + verb, Map.of(), null);
        return session.write("POST", target, with(members, "reason", terms.reason), terms);
    }
}
