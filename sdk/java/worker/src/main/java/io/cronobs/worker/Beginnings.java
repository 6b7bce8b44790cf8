package io.cronobs.worker;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Partitions in which the group has no position: what is left out there. Pure.
 *
 * <p>Reading from the end would lose executions, from the beginning it would run finished ones again. So reading begins with the backlog, without what
 * a worker has reported on in status since then; that is looked through first. When the group gets its first position in such a partition is the
 * inbox's to say: until then whoever comes next must look through status as we did (docs/decisions/0195).
 */
final class Beginnings {
    private static final int REPORTS_MAX = 524_288; // executions that were reported on, remembered
    private static final int ATTEMPT_MAX = 32_767;
    private static final Set<String> SAID =
        Set.of("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED", "MISSED", "SKIPPED");

    /** What is said under another task's id is about nothing of ours. */
    private record Key(String executionId, String taskId) {}

    private static final class Report {
        int attempt; // the highest
        long offset; // the highest
        final long at; // when the first one was written

        Report(int attempt, long offset, long at) {
            this.attempt = attempt;
            this.offset = offset;
            this.at = at;
        }
    }

    private int leftOut;
    private int unknown;
    private final Set<Integer> partitions = new HashSet<>(); // those without a position
    private final Remembered<Key, Report> reports = new Remembered<>(REPORTS_MAX);
    private long forgotten; // when the newest report was written that had no room

    /** Executions passed over since they were reported on, or are older than the backlog. */
    int leftOut() {
        return leftOut;
    }

    /** Executions passed over since there was no room for reports as old as they are. */
    int unknown() {
        return unknown;
    }

    void clearCounts() {
        leftOut = 0;
        unknown = 0;
    }

    /** The group has no position in it. */
    void begin(int partition) {
        partitions.add(partition);
    }

    /** The group has a position in them. */
    void committed(Collection<Integer> numbers) {
        partitions.removeAll(numbers);
        if (partitions.isEmpty()) {
            forget();
        }
    }

    /** The assignment is over. The counts stay, to be told. */
    void forget() {
        partitions.clear();
        reports.clear();
        forgotten = 0;
    }

    boolean isOver() {
        return partitions.isEmpty();
    }

    // --- what status says ---

    /** A report, written at `at` by the broker's clock in a partition of status, which has so many. */
    void take(Status report, int partition, long offset, long at, int count) {
        if (!counts(report) || partition != Placement.partitionOf(report.taskId, count)) {
            return;
        }
        Key key = new Key(report.executionId, report.taskId);
        Report known = reports.get(key);
        if (known != null) {
            known.attempt = Math.max(known.attempt, report.attempt);
            known.offset = Math.max(known.offset, offset);
            return;
        }
        Report gone = reports.put(key, new Report(report.attempt, offset, at));
        if (gone != null) {
            forgotten = Math.max(forgotten, gone.at);
        }
    }

    /** Must the execution, written at `at`, be left alone? `oldest`: where the backlog begins. */
    boolean leavesOut(Execution execution, int partition, long at, long oldest) {
        if (!partitions.contains(partition)) {
            return false;
        }
        Report report = reports.get(new Key(execution.executionId, execution.taskId));
        if (at < oldest || (report != null && report.attempt >= execution.attempt && report.offset >= execution.statusFrom)) {
            leftOut++;
            return true;
        }
        if (at > forgotten) {
            return false;
        }
        unknown++;
        return true;
    }

    /** Is it a worker's, about a run, and within the limits under which it is taken in? */
    private static boolean counts(Status report) {
        return report.worker != null
            && SAID.contains(report.status)
            && report.attempt >= 1
            && report.attempt <= ATTEMPT_MAX
            && (report.message == null || report.message.getBytes(StandardCharsets.UTF_8).length <= Text.MESSAGE_MAX)
            && (report.result == null || report.result.length <= Text.RESULT_MAX);
    }
}
