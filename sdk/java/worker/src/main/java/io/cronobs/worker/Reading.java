package io.cronobs.worker;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the reader of the queue is told to do next, and when: pure. It does one thing at a time, since a consumer of Kafka serves one thread. So it may
 * wait for messages only where nothing else can be wanted of it meanwhile; while claims are under way, or executions wait for a place, it stands
 * ready to commit.
 */
final class Reading {
    private static final long IDLE = Tick.SECOND / 4; // that the reader may wait for a message; so late it hears that it is to leave
    private static final long AGAIN = Tick.SECOND / 50; // before it looks for more, while claims are under way
    private static final long ALIVE = Tick.SECOND / 5; // after which the client wants to be polled: it does the group's work in there
    private static final long COMMIT_ANSWER = 2 * Tick.SECOND; // that the answer to a commit is waited for

    private final Inbox inbox;
    private final Port port;
    private boolean isStarted; // a member of the group
    private boolean isBusy; // the reader has a command
    private boolean hasLeft;
    private Commit storing; // not answered, maybe not begun
    private long storeUntil = Tick.NEVER;
    private long pause = AGAIN;
    private long readAt = Tick.AT_ONCE;
    private long polledAt; // when it was polled
    private long storeAt = Tick.AT_ONCE;
    private long locateAt = Tick.AT_ONCE;
    private final Map<Integer, Boolean> toLocate = new TreeMap<>();
    private final Map<Integer, Long> toBegin = new TreeMap<>();
    private final Map<Integer, Long> afterScan = new TreeMap<>();

    Reading(Inbox inbox, Port port) {
        this.inbox = inbox;
        this.port = port;
    }

    // --- what has happened ---

    void started() {
        isStarted = true;
    }

    void left() {
        isBusy = false;
        hasLeft = true;
    }

    boolean hasLeft() {
        return hasLeft;
    }

    /** The assignment is over. */
    void forget() {
        toLocate.clear();
        toBegin.clear();
        afterScan.clear();
    }

    void assigned(Collection<Integer> partitions) {
        partitions.forEach(partition -> toLocate.put(partition, false));
    }

    void positionLost(int partition) {
        toLocate.put(partition, true);
    }

    void located(Collection<Spot> spots) {
        isBusy = false;
        spots.forEach(spot -> toLocate.remove(spot.partition()));
    }

    void notLocated(long tick) {
        isBusy = false;
        locateAt = tick + Run.RETRY;
    }

    /** A partition is to be read; null: from its first message. */
    void begin(int partition, Long offset) {
        toBegin.put(partition, offset);
    }

    void beginAfterScan(int partition, long offset) {
        afterScan.put(partition, offset);
    }

    /** Partitions that wait for what status says, and where they begin. */
    Map<Integer, Long> afterScan() {
        return afterScan;
    }

    boolean waitsForScan() {
        return !afterScan.isEmpty();
    }

    void scanned() {
        toBegin.putAll(afterScan);
        afterScan.clear();
    }

    void notScanned(long tick) {
        afterScan.keySet().forEach(partition -> toLocate.put(partition, true));
        afterScan.clear();
        locateAt = tick + Run.RETRY;
    }

    void began(boolean isWrong, Map<Integer, Long> begun, long tick) {
        isBusy = false;
        if (isWrong) {
            locateAt = tick + Run.RETRY;
            begun.forEach(toBegin::putIfAbsent);
        }
    }

    void fetched(boolean hasMessages, long tick) {
        isBusy = false;
        polledAt = tick;
        pause = hasMessages ? AGAIN : Math.min(2 * pause, IDLE);
        readAt = hasMessages ? tick : tick + pause;
    }

    /** The commit that is answered. */
    Commit stored(Engine.Stored how, long tick) {
        isBusy = false;
        polledAt = tick;
        Commit commit = storing;
        storing = null;
        storeUntil = Tick.NEVER;
        if (how != Engine.Stored.MADE) {
            storeAt = tick + Run.RETRY;
        }
        return commit;
    }

    // --- what is to be done ---

    /** Decides what is to be committed; `commandReader` has it done. */
    void commit(long tick) {
        if (storing == null && tick >= storeAt && !isBusy) {
            storing = inbox.commit();
        } else if (tick >= storeUntil) {
            storeUntil = Tick.NEVER;
            inbox.unanswered(storing);
        }
    }

    void commandReader(long tick, boolean isDraining) {
        if (isBusy || hasLeft) {
            return;
        }
        Command command = next(tick, isDraining);
        if (command != null) {
            isBusy = true;
            port.read(command);
        }
    }

    private Command next(long tick, boolean isDraining) {
        if (isDraining && !inbox.isClaiming()) {
            return new Command.Leave();
        }
        if (!isStarted) {
            return null;
        }
        if (storing != null) {
            storeUntil = tick + COMMIT_ANSWER;
            return new Command.Store(Map.copyOf(storing.positions));
        }
        if (!toLocate.isEmpty() && tick >= locateAt) {
            return new Command.Locate(Map.copyOf(toLocate));
        }
        if (!toBegin.isEmpty() && tick >= locateAt) {
            Command begin = new Command.Begin(new TreeMap<>(toBegin)); // has nulls
            toBegin.clear();
            return begin;
        }
        return nextRead(tick, isDraining);
    }

    private Command nextRead(long tick, boolean isDraining) {
        if (isIdle() && !isDraining) {
            return new Command.Read(inbox.room(), IDLE / 1_000_000);
        }
        if (tick < due(tick)) {
            return null;
        }
        return new Command.Read(mayRead() ? inbox.room() - inbox.waiting() : 0, 0);
    }

    /** Nothing can be wanted of the reader but a message. */
    private boolean isIdle() {
        return !inbox.isClaiming() && inbox.waiting() == 0 && toLocate.isEmpty() && toBegin.isEmpty() && afterScan.isEmpty();
    }

    private boolean mayRead() {
        return !inbox.isPaused() && inbox.waiting() < inbox.room();
    }

    /** The tick at which there is something to do for the reader, or about it. */
    long wake(long tick) {
        return isBusy || hasLeft || !isStarted ? storeUntil : Math.min(storeUntil, due(tick));
    }

    private long due(long tick) {
        long due = polledAt + ALIVE;
        if (!toLocate.isEmpty() || !toBegin.isEmpty()) {
            due = Math.min(due, locateAt);
        }
        if (storeAt > tick) {
            due = Math.min(due, storeAt);
        }
        return mayRead() ? Math.min(due, readAt) : due;
    }
}
