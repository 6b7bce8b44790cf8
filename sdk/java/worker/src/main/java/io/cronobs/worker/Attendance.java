package io.cronobs.worker;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The runs that the engine is to look at: those to which something has happened, and those whose time has come. One that is over is forgotten at
 * once, however far away its time is: there may be millions within one run timeout.
 */
final class Attendance {
    /** A run that is to be looked at then. number: no two have the same. */
    record Later(long at, long number, Run run) implements Comparable<Later> {
        private static final Comparator<Later> ORDER = Comparator.comparingLong(Later::at).thenComparingLong(Later::number);

        @Override
        public int compareTo(Later other) {
            return ORDER.compare(this, other);
        }
    }

    private final ArrayDeque<Run> due = new ArrayDeque<>();
    private final TreeSet<Later> later = new TreeSet<>(); // one of a run at most
    private long count;

    /** Something has happened to it. */
    void mark(Run run) {
        if (!run.isMarked) {
            run.isMarked = true;
            due.add(run);
        }
    }

    /** Looks at everybody whose turn it is; what is marked meanwhile, too. */
    void attend(long tick, Consumer<Run> look) {
        while (!later.isEmpty() && later.first().at <= tick) {
            Run run = later.first().run;
            forget(run);
            mark(run);
        }
        for (Run run = due.poll(); run != null; run = due.poll()) {
            run.isMarked = false;
            look.accept(run);
        }
    }

    /** It has nothing to be done before that tick. */
    void lookAgain(Run run, long at) {
        if (at == Tick.NEVER || (run.later != null && run.later.at <= at)) {
            return;
        }
        forget(run);
        run.later = new Later(at, ++count, run);
        later.add(run.later);
    }

    /** Its time comes no more. */
    void forget(Run run) {
        if (run.later != null) {
            later.remove(run.later);
            run.later = null;
        }
    }

    /** The tick at which there is somebody to look at. */
    long wake() {
        if (!due.isEmpty()) {
            return Tick.AT_ONCE;
        }
        return later.isEmpty() ? Tick.NEVER : later.first().at;
    }
}
