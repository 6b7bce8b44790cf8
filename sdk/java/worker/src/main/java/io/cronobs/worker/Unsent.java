package io.cronobs.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Lines of one execution that are to be sent: handlers' threads add, the engine takes. With the room, the only state that they share. Whoever logs
 * while 16 MiB wait is held until there is room, or until the execution is told to end: then what finds no room is left out, and counted.
 */
final class Unsent {
    static final int BATCH_LINES = 1000;
    static final int BATCH_BYTES = 256 * 1024;
    static final long BATCH_WAIT = Tick.SECOND / 5; // a line waits no longer than this for company

    private static final int BESIDE = 32; // bytes that a line takes beside its text: time, level, stream

    /** A line, and when it was logged: microseconds. */
    record Entry(long at, String level, Line line) {
        long weight() {
            return BESIDE + line.size();
        }
    }

    record Batch(List<Entry> entries, long weight) {}

    private final Room room;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long weight;
    private long since; // tick at which the oldest was added
    private int leftOut;
    private boolean isStopped;
    private boolean isClosed;

    Unsent(Room room) {
        this.room = room;
    }

    /** True: the engine is to be woken, to start a batch's clock or to send one that is full. `clock` tells the tick. */
    boolean add(String level, List<Line> lines, long at, LongSupplier clock) {
        List<Entry> added = lines.stream().map(line -> new Entry(at, level, line)).toList();
        long more = added.stream().mapToLong(Entry::weight).sum();
        room.lock.lock();
        try {
            while (!isStopped && !isClosed && !room.fits(more)) {
                room.changed.awaitUninterruptibly();
            }
            if (isClosed) {
                return false;
            }
            if (!room.fits(more)) {
                leftOut += added.size();
                return false;
            }
            return append(added, more, clock.getAsLong());
        } finally {
            room.lock.unlock();
        }
    }

    private boolean append(List<Entry> added, long more, long tick) {
        boolean wasFull = isFull();
        boolean wasEmpty = entries.isEmpty();
        if (wasEmpty) {
            since = tick;
        }
        room.unsent += more;
        weight += more;
        entries.addAll(added);
        return wasEmpty || (isFull() && !wasFull);
    }

    /** The execution is told to end: nobody waits for room any more. */
    void stop() {
        room.lock.lock();
        try {
            isStopped = true;
            room.changed.signalAll();
        } finally {
            room.lock.unlock();
        }
    }

    /** It is over: what is added from now on is for nobody. */
    void close(long at, long tick) {
        room.lock.lock();
        try {
            isClosed = true;
            if (leftOut > 0) {
                String text = leftOut + " lines were left out here: the brokers did not take those before";
                Entry entry = new Entry(at, "WARN", new Line(text, false, false, text.length()));
                append(List.of(entry), entry.weight(), tick);
            }
            room.changed.signalAll();
        } finally {
            room.lock.unlock();
        }
    }

    boolean isEmpty() {
        room.lock.lock();
        try {
            return entries.isEmpty();
        } finally {
            room.lock.unlock();
        }
    }

    /** The tick at which a batch is to be sent. */
    long dueAt() {
        room.lock.lock();
        try {
            if (entries.isEmpty()) {
                return Tick.NEVER;
            }
            return isFull() ? Tick.AT_ONCE : since + BATCH_WAIT;
        } finally {
            room.lock.unlock();
        }
    }

    private boolean isFull() {
        return entries.size() >= BATCH_LINES || weight >= BATCH_BYTES;
    }

    /** The oldest, as many as make one batch. */
    Batch take(long tick) {
        List<Entry> taken = new ArrayList<>();
        long took = 0;
        room.lock.lock();
        try {
            while (!entries.isEmpty() && taken.size() < BATCH_LINES) {
                long next = entries.peek().weight();
                if (!taken.isEmpty() && took + next > BATCH_BYTES) {
                    break;
                }
                took += next;
                taken.add(entries.poll());
            }
            weight -= took;
            since = tick;
        } finally {
            room.lock.unlock();
        }
        return new Batch(taken, took);
    }
}
