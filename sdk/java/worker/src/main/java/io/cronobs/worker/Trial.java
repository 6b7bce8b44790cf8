package io.cronobs.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A handler's run without Kafka: what {@code io.cronobs.testing.JobRunner} stands on. Not for programs. */
public final class Trial {
    /**
     * What the handler is given.
     *
     * @param task its key
     * @param attempt which one it is
     * @param maxAttempts how many there may be
     * @param payload null: none
     * @param contentType null: none
     * @param labels of the task
     * @param traceparent null: none
     */
    public record Facts(String task, int attempt, int maxAttempts, byte[] payload, String contentType, Map<String, String> labels, String traceparent) {}

    private final List<Map.Entry<String, String>> lines = new ArrayList<>();
    private final List<Integer> percents = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Outcome outcome;

    private Trial() {}

    /**
     * Runs a handler to its end, in this thread.
     *
     * @param handler what is tried
     * @param facts what it is given
     * @param nanos after which it is told to end; null: it is not
     * @param cause by which it is told then
     * @return what came of it
     */
    public static Trial run(Handler handler, Facts facts, Long nanos, Cause cause) {
        Trial trial = new Trial();
        Job job = new Job(execution(facts), "test", trial.new Recorder());
        ScheduledExecutorService clock = nanos == null ? null : Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "cronobs-trial");
            thread.setDaemon(true);
            return thread;
        });
        if (clock != null) {
            clock.schedule(() -> job.tell(cause), nanos, TimeUnit.NANOSECONDS);
        }
        try {
            trial.outcome = Perform.perform(job, handler);
        } finally {
            job.close();
            if (clock != null) {
                clock.shutdownNow();
            }
        }
        return trial;
    }

    private static Execution execution(Facts facts) {
        Execution made = new Execution();
        made.executionId = Ids.random();
        made.taskId = Ids.taskId("default", facts.task);
        made.taskKey = facts.task;
        made.project = "default";
        made.revision = 1;
        made.attempt = facts.attempt;
        made.maxAttempts = facts.maxAttempts;
        made.trigger = "MANUAL";
        made.scheduledAt = Clock.microseconds();
        made.dueAt = made.scheduledAt;
        made.payload = facts.payload;
        made.contentType = facts.contentType;
        made.labels = facts.labels;
        made.traceparent = facts.traceparent;
        return made;
    }

    private synchronized void addLines(String level, List<Line> said) {
        said.forEach(line -> lines.add(Map.entry(level, line.message())));
    }

    private synchronized void addProgress(Integer percent, String note) {
        Integer last = percents.isEmpty() ? null : percents.get(percents.size() - 1);
        percents.add(percent == null ? last : percent);
        notes.add(note);
    }

    private final class Recorder implements Voice {
        @Override
        public void line(String level, List<Line> said) {
            addLines(level, said);
        }

        @Override
        public void progress(Integer percent, String note) {
            addProgress(percent, note);
        }

        @Override
        public boolean contactLost() {
            return false;
        }
    }

    /** {@return SUCCEEDED, FAILED or CANCELLED} */
    public String status() {
        return outcome.status();
    }

    /** {@return NONE, WORKER_ERROR, EXIT_CODE, RUN_TIMEOUT or WORKER_SHUTDOWN} */
    public String reason() {
        return outcome.reason();
    }

    /** {@return null: none} */
    public String message() {
        return outcome.message();
    }

    /** {@return null: none} */
    public Integer exitCode() {
        return outcome.exitCode();
    }

    /** {@return as it is published; null: none} */
    public byte[] result() {
        return outcome.result();
    }

    /** {@return level and text of each line} */
    public synchronized List<Map.Entry<String, String>> lines() {
        return List.copyOf(lines);
    }

    /** {@return of what was said about the progress, the percentages; null: none yet} */
    public synchronized List<Integer> percents() {
        return new ArrayList<>(percents);
    }

    /** {@return of what was said about the progress, the notes; null: none} */
    public synchronized List<String> notes() {
        return new ArrayList<>(notes);
    }
}
