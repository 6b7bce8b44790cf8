package io.cronobs.worker;

import java.util.ArrayList;
import java.util.List;

/**
 * One execution in this process: what is still to be published about it, in order. Pure: times are arguments, `now` in wall clock microseconds.
 *
 * <p>Its records form one queue: RUNNING, batches of log lines, the final status. At most one is on its way at a time, and the next one is made only
 * when the brokers have the one before: so whatever is sent again keeps its place, with the same bytes. Heartbeats stand outside the queue.
 */
final class Run {
    static final long RETRY = Tick.SECOND / 5; // before a record is sent again
    private static final long TIMEOUT_AFTER = Tick.SECOND; // behind the run timeout: the scheduler's TIMED_OUT comes first
    private static final long IGNORES_AFTER = 30 * Tick.SECOND; // after which one that ignores its cause is named

    enum Phase {
        CLAIMING, // RUNNING is to be published
        CLAIMED, // the brokers have it
        WORKING, // the handler has it
        ENDING, // what is left is being published
        GONE // nothing left to do
    }

    final Claim claim;
    final Execution execution;
    final Beat beat;
    final Unsent lines;
    Phase phase = Phase.CLAIMING;
    Cause cause; // why the handler was told to end
    Job job; // the handler's face of it
    long timeoutAt = Tick.NEVER;
    Attendance.Later later; // the engine's: when it will look at it; null: not before something happens
    boolean isMarked; // the engine's: it looks at it in this turn

    Writer writer; // of an observed run it comes when it is known
    private final boolean stopsWhenLost;
    private Outcome outcome;
    private Output frame; // on its way, or to be sent again
    private Unsent.Batch batch; // what is in it
    private long nextSeq = 1;
    private boolean isInFlight;
    private long retryAt = Tick.AT_ONCE;
    private long namesAt = Tick.NEVER;
    private volatile long contactUntil = Tick.NEVER; // what handlers' threads see of beat.lostAt

    Run(Claim claim, Writer writer, Room room, boolean stopsWhenLost) {
        this.claim = claim;
        this.execution = claim.execution;
        this.writer = writer;
        this.stopsWhenLost = stopsWhenLost;
        this.beat = new Beat(execution.heartbeatMs);
        this.lines = new Unsent(room);
    }

    // --- what becomes of it ---

    /** The handler has it. */
    void start(long tick) {
        phase = Phase.WORKING;
        beat.start(tick);
        contactUntil = beat.lostAt();
    }

    /** A heartbeat has come to the brokers, or will not. */
    void beatAnswered(boolean isDelivered, long tick) {
        beat.answered(isDelivered, tick);
        contactUntil = beat.lostAt();
    }

    /** Any thread: have the brokers had no heartbeat for three times as long as is asked for? */
    boolean hasLostContact(long tick) {
        return tick > contactUntil;
    }

    /** The handler is told to end. */
    void told(Cause why, long tick) {
        cause = why;
        timeoutAt = Tick.NEVER;
        namesAt = tick + IGNORES_AFTER;
        lines.stop();
    }

    /** It is over: what is left is published, then how it ended. */
    void end(Outcome how, long now, long tick) {
        outcome = how;
        phase = Phase.ENDING;
        timeoutAt = Tick.NEVER;
        namesAt = Tick.NEVER;
        lines.close(now, tick);
    }

    /** True once, when the handler was told to end and goes on. */
    boolean ignoresItsCause(long tick) {
        if (tick < namesAt) {
            return false;
        }
        namesAt = Tick.NEVER;
        return true;
    }

    boolean isOver() {
        return phase == Phase.GONE && !isInFlight && !beat.isInFlight();
    }

    // --- its queue of records ---

    /** The tick at which there is something to do for it; NEVER: not before something else happens. */
    long wake() {
        return Math.min(Math.min(recordDue(), beatDue()), Math.min(Math.min(timeoutAt, namesAt), lostAt()));
    }

    /** The tick after which the handler is to be told that nobody hears of it. */
    long lostAt() {
        return stopsWhenLost && phase == Phase.WORKING && cause == null ? beat.lostAt() : Tick.NEVER;
    }

    long beatDue() {
        return switch (phase) {
            case WORKING -> beat.wake(false);
            case ENDING -> beat.wake(true);
            default -> Tick.NEVER;
        };
    }

    private long recordDue() {
        if (isInFlight || phase == Phase.GONE) {
            return Tick.NEVER;
        }
        if (frame != null) {
            return retryAt;
        }
        return phase == Phase.CLAIMING || phase == Phase.ENDING ? Tick.AT_ONCE : lines.dueAt();
    }

    /** What to publish now, marked as on its way; null: nothing (yet). */
    Output nextRecord(long now, long tick) {
        if (isInFlight || phase == Phase.GONE || (frame != null && tick < retryAt)) {
            return null;
        }
        if (frame == null) {
            frame = make(now, tick);
        }
        isInFlight = frame != null;
        return frame;
    }

    /** The brokers have the record, or will never take it; not done: it is to be sent again. The weight of the lines that were in it. */
    long answered(boolean isDone, long tick) {
        isInFlight = false;
        if (!isDone) {
            retryAt = tick + RETRY;
            return 0;
        }
        Unsent.Batch sent = batch;
        frame = null;
        batch = null;
        if (sent != null) {
            return sent.weight();
        }
        if (phase == Phase.CLAIMING) {
            acknowledged(tick);
        } else if (phase == Phase.ENDING) {
            phase = Phase.GONE;
        }
        return 0;
    }

    private void acknowledged(long tick) {
        phase = Phase.CLAIMED;
        Long limit = execution.runTimeoutMs;
        if (limit != null && limit > 0 && cause == null) {
            timeoutAt = tick + Tick.ofMillis(limit) + TIMEOUT_AFTER;
        }
    }

    private Output make(long now, long tick) {
        if (phase == Phase.CLAIMING) {
            return status(new Outcome("RUNNING", "NONE", null), now);
        }
        if (phase == Phase.ENDING) {
            return lines.isEmpty() ? status(outcome, now) : logs(tick);
        }
        return lines.dueAt() <= tick ? logs(tick) : null;
    }

    private Output status(Outcome how, long now) {
        Status value = new Status();
        value.eventId = Ids.random();
        value.executionId = execution.executionId;
        value.taskId = execution.taskId;
        value.attempt = execution.attempt;
        value.status = how.status();
        value.reason = how.reason();
        value.occurredAt = now;
        value.worker = writer.author();
        value.message = how.message();
        value.exitCode = how.exitCode();
        value.result = how.result();
        if (execution.trigger.equals("EXTERNAL") && how.status().equals("RUNNING")) { // no ExecutionCreated tells of it
            value.trigger = execution.trigger;
            value.scheduledAt = execution.scheduledAt;
        }
        return toTask(Topic.STATUS, Codec.encode(value));
    }

    private Output logs(long tick) {
        batch = lines.take(tick);
        LogBatch value = new LogBatch();
        value.executionId = execution.executionId;
        value.taskId = execution.taskId;
        value.attempt = execution.attempt;
        value.writer = writer.author().incarnation();
        value.firstSeq = nextSeq;
        value.lines = batch.entries().stream().map(entry -> new LogLine(entry.at(), entry.level(), "LOG", entry.line().message())).toList();
        value.marks = marksOf(batch.entries());
        nextSeq += batch.entries().size();
        int partition = Placement.partitionOf(execution.executionId, writer.partitions());
        return new Output(Topic.LOGS, partition, execution.executionId, Codec.encode(value));
    }

    private static List<LogMark> marksOf(List<Unsent.Entry> entries) {
        List<LogMark> marks = new ArrayList<>();
        for (int number = 0; number < entries.size(); number++) {
            Line line = entries.get(number).line();
            if (line.unfinished() || line.escaped()) {
                marks.add(new LogMark(number + 1, line.unfinished(), line.escaped()));
            }
        }
        return marks;
    }

    Output heartbeat(long now) {
        Heartbeat value = new Heartbeat();
        value.executionId = execution.executionId;
        value.taskId = execution.taskId;
        value.attempt = execution.attempt;
        value.worker = writer.author();
        value.occurredAt = now;
        value.progress = beat.percent();
        value.message = beat.note();
        return toTask(Topic.HEARTBEATS, Codec.encode(value));
    }

    private Output toTask(Topic topic, byte[] value) {
        return new Output(topic, execution.statusPartition, execution.taskId, value);
    }
}
