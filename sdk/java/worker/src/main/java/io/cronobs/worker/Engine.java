package io.cronobs.worker;

import io.cronobs.worker.Run.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.slf4j.event.Level;

/**
 * What a worker does, and when: pure. No clock, no network, no lock; one thread owns it.
 *
 * <p>Whatever happens comes in as a call (a message was read, a record was acknowledged, a handler has ended); then `step` does what can be done, by way
 * of its port. `wake` says when there is something to do without anything having happened. What it reads, and when, is the {@link Reading}'s.
 */
final class Engine {
    private static final long AFTER_SHUTDOWN = 3 * Tick.SECOND; // from SHUTDOWN until FAILED is said
    private static final long LAST_REPORTS = 5 * Tick.SECOND; // for what is unsent then
    private static final long LET_GO = 2 * Tick.SECOND; // that the group may wait for us
    private static final long TELL_AGAIN = 10 * Tick.SECOND; // of what is passed over
    private static final long SCAN_BEFORE = 60_000_000; // microseconds before the backlog that status is read from

    final Inbox inbox;
    long now; // of this turn: wall clock microseconds,
    long tick; // and a clock that never jumps

    private final Limits limits;
    private final Port port;
    private final Room room;
    private final Reading reading;
    private final Beginnings beginnings = new Beginnings();
    private final Attendance attendance = new Attendance();
    private final Map<RunKey, Run> runs = new HashMap<>();
    private Writer writer;
    private int queuePartitions;
    private boolean isDraining;
    private boolean isBroken;
    private Runnable revoking; // to be called when the assignment is over; null: nobody waits for that
    private long revokeUntil = Tick.NEVER;
    private int scan; // the number of the last one
    private long steppedAt;

    private int passedOver; // what cannot be used
    private long toldAt = Tick.AT_ONCE;
    private boolean toldOfCancels;

    private long shutdownAt = Tick.NEVER;
    private long failAt = Tick.NEVER;
    private long overAt = Tick.NEVER;

    Engine(Limits limits, String name, String incarnation, Port port, Room room) {
        this.limits = limits;
        this.port = port;
        this.room = room;
        this.writer = new Writer(name, incarnation, 0);
        this.inbox = new Inbox(limits.concurrency(), Inbox.ROOM);
        this.reading = new Reading(inbox, port);
    }

    // --- the group ---

    /** The topics are there, and the group is being joined. */
    void started(int statusPartitions, int queuePartitionCount) {
        writer = new Writer(writer.author(), statusPartitions);
        queuePartitions = queuePartitionCount;
        reading.started();
    }

    /** Not an answer: it comes while the reader polls, and before the answer to that. */
    void assigned(Collection<Integer> partitions) {
        takeLeave(inbox.assign(partitions));
        reading.assigned(partitions);
    }

    /**
     * Not an answer either: the assignment is about to be over, and is when `letGo` is called. That waits for RUNNING of what will have no position, which
     * the next owner looks for in status; for two seconds at most.
     */
    void revoking(Runnable letGo) {
        revoking = letGo;
        revokeUntil = tick + LET_GO;
    }

    private void finishRevoking() {
        if (revoking == null || (tick < revokeUntil && inbox.isAnnouncingWithoutPosition())) {
            return;
        }
        takeLeave(inbox.revoke());
    }

    /** The assignment is over: others have it. */
    void lost() {
        takeLeave(inbox.revoke());
    }

    private void takeLeave(Inbox.Gone gone) {
        scan++; // whatever is under way is of no use
        port.stopScan();
        for (Claim claim : gone.forgotten()) {
            claim.run.phase = Phase.GONE;
            attendance.mark(claim.run);
        }
        startRuns(gone.handed());
        beginnings.forget();
        tellWhatWasLeftOut();
        reading.forget();
        if (revoking != null) {
            revoking.run();
            revoking = null;
            revokeUntil = Tick.NEVER;
        }
    }

    void left() {
        reading.left();
        takeLeave(inbox.revoke());
    }

    /** The worker cannot go on: another process has its name, ... */
    void broke(String why) {
        if (!isBroken) {
            port.notice(Level.ERROR, why);
        }
        isBroken = true;
        drain();
    }

    boolean isBroken() {
        return isBroken;
    }

    // --- where to begin ---

    void located(Collection<Spot> spots) {
        reading.located(spots);
        spots.forEach(this::beginAt);
        if (!reading.waitsForScan()) {
            return;
        }
        port.notice(Level.INFO, "the group " + limits.group() + " has no position in " + reading.afterScan().size() + " partitions of "
            + limits.queueTopic() + ": takes what came in the last " + Durations.text(limits.backlog())
            + ", and of that what no worker has reported on");
        scan++;
        port.scan(scan, statusPartitions(), Math.max(backlogStart() - SCAN_BEFORE, 0));
    }

    private void beginAt(Spot spot) {
        if (spot.stored() != null) {
            inbox.begin(spot.partition(), spot.stored(), 0);
            reading.begin(spot.partition(), spot.stored());
            return;
        }
        inbox.begin(spot.partition(), null, backlogStart());
        beginnings.begin(spot.partition());
        if (spot.oldest() == null) {
            reading.begin(spot.partition(), null); // whatever lies there is older
        } else {
            reading.beginAfterScan(spot.partition(), spot.oldest());
        }
    }

    void notLocated(String why) {
        reading.notLocated(tick);
        port.notice(Level.WARN, why);
    }

    /** why null: these partitions are read. */
    void began(String why, Map<Integer, Long> begun) {
        reading.began(why != null, begun, tick);
        if (why != null) {
            port.notice(Level.WARN, why);
        }
    }

    /** Its records were deleted, or the topic was made anew. Not an answer. */
    void positionLost(int partition) {
        reading.positionLost(partition);
    }

    private long backlogStart() {
        return Math.max(now - limits.backlog() * 1000, 0);
    }

    /** Those to look through: all, where the queue's do not match them one by one. */
    private Collection<Integer> statusPartitions() {
        return queuePartitions == writer.partitions()
            ? List.copyOf(reading.afterScan().keySet())
            : IntStream.range(0, writer.partitions()).boxed().toList();
    }

    /** A record of status, and where and when it was written. */
    record Reported(Status status, int partition, long offset, long at) {}

    /** Of status. scanned: as it was begun. */
    void reported(int scanned, List<Reported> reports) {
        if (scanned == scan) {
            reports.forEach(r -> beginnings.take(r.status(), r.partition(), r.offset(), r.at(), writer.partitions()));
        }
    }

    void scanned(int scanned) {
        if (scanned == scan) {
            reading.scanned();
        }
    }

    /** It is begun anew. The group is not asked again: the position that is gone may still stand there. */
    void notScanned(int scanned, String why) {
        if (scanned == scan) {
            port.notice(Level.WARN, why);
            reading.notScanned(tick);
        }
    }

    private void tellWhatWasLeftOut() {
        if (!beginnings.isOver()) {
            return;
        }
        if (beginnings.leftOut() > 0) {
            port.notice(Level.INFO, "left out " + beginnings.leftOut() + " executions of " + limits.queueTopic()
                + " that were reported on or are older");
        }
        if (beginnings.unknown() > 0) {
            port.notice(Level.WARN, "left out " + beginnings.unknown() + " executions of " + limits.queueTopic()
                + ", since reports as old as they had no room: those still PENDING never ran (cronobs execution list, cronobs task trigger)");
        }
        beginnings.clearCounts();
    }

    // --- reading ---

    /** What was read, and where the end of what may be read was reached. */
    void fetched(List<Message> messages, Map<Integer, Long> ends) {
        reading.fetched(!messages.isEmpty(), tick);
        messages.forEach(this::take);
        ends.forEach(inbox::end);
    }

    private void take(Message message) {
        Execution execution = null;
        try {
            execution = executionOf(message);
        } catch (Malformed unusable) {
            passOver(limits.queueTopic(), message, unusable);
        }
        inbox.take(message.partition(), message.offset(), execution, message.at());
    }

    /** null: it is left out. */
    private Execution executionOf(Message message) throws Malformed {
        Execution execution = Codec.decodeCreated(message.value());
        Check.check(execution, writer.partitions());
        if (beginnings.leavesOut(execution, message.partition(), message.at(), backlogStart())) {
            return null;
        }
        execution.traceparent = message.traceparent();
        return execution;
    }

    /** What nobody can use is counted and told, not each by itself: there may be millions. */
    private void passOver(String topic, Message message, Malformed why) {
        passedOver++;
        if (toldAt != Tick.AT_ONCE && tick < toldAt + TELL_AGAIN) {
            return;
        }
        toldAt = tick;
        port.notice(Level.ERROR, "passed over " + topic + "[" + message.partition() + "] at " + message.offset() + ": " + why.getMessage()
            + " (" + passedOver + " so far)");
    }

    /** Of control. */
    void signalled(List<Message> messages) {
        for (Message message : messages) {
            try {
                Signal signal = Codec.decodeSignal(message.value());
                if (signal.signal.equals("CANCEL")) {
                    cancel(signal);
                }
            } catch (Malformed unusable) {
                passOver(limits.controlTopic(), message, unusable);
            }
        }
    }

    private void cancel(Signal signal) {
        inbox.cancel(signal.executionId, signal.taskId, signal.attempt);
        Run run = runs.get(new RunKey(signal.executionId, signal.attempt));
        if (run != null && run.execution.taskId.equals(signal.taskId)) {
            tell(run, Cause.CANCEL);
        }
        if (inbox.cancelsLost() > 0 && !toldOfCancels) {
            toldOfCancels = true;
            port.notice(Level.WARN, limits.controlTopic()
                + " holds more cancellations than are remembered: what the oldest of them are about is run if it still waits in the queue");
        }
    }

    /** To its end, once. */
    void controlIsRead() {
        inbox.cancelsAreKnown();
    }

    // --- answers of the brokers ---

    /** To the commit that was asked for. */
    void stored(Stored how, String why) {
        Commit commit = reading.stored(how, tick);
        switch (how) {
            case MADE -> {
                inbox.committed(commit);
                beginnings.committed(commit.positions.keySet());
                tellWhatWasLeftOut();
            }
            case REFUSED -> inbox.refused(commit);
            case UNANSWERED -> inbox.unanswered(commit);
        }
        if (how != Stored.MADE) {
            port.notice(Level.WARN, "will commit the position again: " + why);
        }
    }

    /** What became of a commit: refused, nothing was committed; unanswered, it may have been. */
    enum Stored {
        MADE,
        REFUSED,
        UNANSWERED
    }

    /** Of a record in a run's queue; error null: the brokers have it. */
    void answered(Run run, String error, boolean isHopeless) {
        if (error != null && isHopeless) {
            port.notice(Level.ERROR, "dropped a record of execution " + run.execution.executionId + ": " + error);
        } else if (error != null) {
            port.notice(Level.WARN, "will publish it again: " + error);
        }
        long weight = run.answered(error == null || isHopeless, tick);
        if (weight > 0) {
            room.sent(weight);
        }
        if (run.phase == Phase.CLAIMED) {
            inbox.announced(run.claim);
        }
        attendance.mark(run);
    }

    /** Of a sign of life, which is not sent again. */
    void beatAnswered(Run run, String error) {
        if (error != null) {
            port.notice(Level.WARN, "a sign of life was lost: " + error);
        }
        run.beatAnswered(error == null, tick);
        attendance.mark(run);
    }

    // --- handlers ---

    /** There are lines to be sent. */
    void logged(Run run) {
        attendance.mark(run);
    }

    void progressed(Run run, Integer percent, String note) {
        if (run.phase == Phase.WORKING) {
            run.beat.say(percent, note);
            attendance.mark(run);
        }
    }

    /** The handler is done. */
    void ended(Run run, Outcome outcome) {
        inbox.done(run.claim);
        if (run.phase == Phase.WORKING) {
            end(run, outcome);
        }
    }

    private void end(Run run, Outcome outcome) {
        port.close(run);
        run.end(outcome, now, tick);
        attendance.mark(run);
    }

    private void tell(Run run, Cause cause) {
        if (run.cause != null || run.phase.compareTo(Phase.WORKING) > 0) {
            return;
        }
        run.told(cause, tick);
        if (run.phase == Phase.WORKING) {
            port.tell(run);
        }
        attendance.mark(run);
    }

    // --- the end ---

    /** Claims nothing more, leaves the group, lets handlers go on for a while. */
    void drain() {
        if (!isDraining) {
            isDraining = true;
            shutdownAt = tick + limits.drain() * 1_000_000;
        }
    }

    /** As if the time for handlers were over. */
    void hurry() {
        drain();
        shutdownAt = Math.min(shutdownAt, tick);
    }

    /** All is reported, or the time for it is over. */
    boolean isOver() {
        return isDraining && ((hasLeft() && runs.isEmpty()) || tick >= overAt);
    }

    boolean hasLeft() {
        return reading.hasLeft();
    }

    int unreported() {
        return runs.size();
    }

    private void shutDown() {
        if (tick >= shutdownAt) {
            shutdownAt = Tick.NEVER;
            failAt = tick + AFTER_SHUTDOWN;
            List.copyOf(runs.values()).forEach(run -> tell(run, Cause.SHUTDOWN));
        }
        boolean works = runs.values().stream().anyMatch(run -> run.phase == Phase.WORKING);
        if (failAt == Tick.NEVER || (tick < failAt && works)) {
            return;
        }
        failAt = Tick.NEVER;
        overAt = tick + LAST_REPORTS;
        for (Run run : runs.values()) {
            if (run.phase == Phase.WORKING) {
                end(run, new Outcome("FAILED", "WORKER_SHUTDOWN", Perform.SHUT_DOWN));
            }
        }
    }

    // --- a turn ---

    /** Does what can be done now. */
    void step() {
        doubtAfterAFreeze();
        if (isDraining) {
            shutDown();
        }
        finishRevoking();
        claim();
        reading.commit(tick);
        startRuns(inbox.handOut());
        claim(); // where that was the end of a turn: maybe nothing else happens for a while
        attendance.attend(tick, this::attendTo);
        reading.commandReader(tick, isDraining);
    }

    /** The group counts from our last sign of life, up to a third of a session before a freeze: others may have taken over meanwhile. */
    private void doubtAfterAFreeze() {
        if (tick - steppedAt > limits.session() * 1_000_000 / 2) {
            inbox.doubt();
        }
        steppedAt = tick;
    }

    /** The tick at which there is something to do. */
    long wake() {
        long wake = Math.min(Math.min(shutdownAt, failAt), Math.min(overAt, revokeUntil));
        return Math.min(Math.min(wake, attendance.wake()), reading.wake(tick));
    }

    private void claim() {
        if (isDraining || revoking != null) {
            return;
        }
        for (Claim claim : inbox.claim(now)) {
            claim.run = new Run(claim, writer, room, limits.stopWhenLost());
            runs.put(claim.key, claim.run);
            attendance.mark(claim.run);
        }
    }

    private void startRuns(List<Claim> claims) {
        List<Run> begun = new ArrayList<>();
        for (Claim claim : claims) {
            Run run = claim.run;
            run.start(tick);
            attendance.mark(run);
            if (run.cause == null) {
                begun.add(run);
            } else {
                inbox.done(claim);
                end(run, Perform.unbegun(run.cause));
            }
        }
        if (!begun.isEmpty()) {
            port.start(begun);
        }
    }

    // --- records ---

    private void attendTo(Run run) {
        if (tick >= run.timeoutAt) {
            tell(run, Cause.TIMEOUT);
        }
        if (run.ignoresItsCause(tick)) {
            port.notice(Level.WARN, "execution " + run.execution.executionId + " of task '" + run.execution.taskKey
                + "' goes on 30 s after it was told to end (" + run.cause + "); it keeps its place");
        }
        if (tick >= run.lostAt()) {
            tell(run, Cause.LOST);
        }
        if (run.beatDue() <= tick) {
            run.beat.sent(tick);
            port.send(run.heartbeat(now), run);
        }
        Output output = run.nextRecord(now, tick);
        if (output != null) {
            port.send(output, run);
        }
        if (run.isOver()) {
            runs.remove(run.claim.key, run);
            attendance.forget(run);
        } else {
            attendance.lookAgain(run, run.wake());
        }
    }
}
