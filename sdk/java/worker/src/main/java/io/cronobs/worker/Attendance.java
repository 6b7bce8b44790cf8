package io.cronobs.worker;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** The runs that the engine is to look at: those to which something has happened, and those whose time has come. */
final class Attendance {
    /** A run that is to be looked at then; it may have been looked at meanwhile. */
    private record Later(long at, Run run) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            return Long.compare(at, other.at);
        }
    }

    private final ArrayDeque<Run> due = new ArrayDeque<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>();

    /** Something has happened to it. */
    void mark(Run run) {
        if (!run.isMarked) {
            run.isMarked = true;
            due.add(run);
        }
    }

    /** Looks at everybody whose turn it is; what is marked meanwhile, too. */
    void attend(long tick, Consumer<Run> look) {
        while (!later.isEmpty() && later.peek().at <= tick) {
            Run run = later.poll().run;
            run.waitsFor = Tick.NEVER;
            mark(run);
        }
        for (Run run = due.poll(); run != null; run = due.poll()) {
            run.isMarked = false;
            look.accept(run);
        }
    }

    /** It has nothing to be done before that tick. */
    void lookAgain(Run run, long at) {
        if (at < run.waitsFor) {
            run.waitsFor = at;
            later.add(new Later(at, run));
        }
    }

    /** The tick at which there is somebody to look at. */
    long wake() {
        if (!due.isEmpty()) {
            return Tick.AT_ONCE;
        }
        return later.isEmpty() ? Tick.NEVER : later.peek().at;
    }
}
