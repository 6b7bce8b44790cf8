package io.cronobs.worker;

import io.cronobs.worker.Claim.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Executions that were read and not yet handed out, and how far each partition's position may go. Pure: no clock, no network, no lock; the
 * engine's thread owns it. Times are wall clock microseconds and arguments.
 *
 * <p>An execution is claimed in three steps that each wait for the one before: RUNNING is in the log; the group's position is past the execution;
 * the handler has it. Killed between the first two, the execution is run by whoever reads it next; killed after them, it is one that was RUNNING
 * when its worker died. Claims go in turns: as many as there are free places, all acknowledgements, one commit, hand out.
 *
 * <p>Invariant: the position to commit in a partition is the offset of its first execution that is not announced or, when there is none, the
 * offset to read next. So what was not announced is read again by whoever owns the partition next, and what was is not. A commit that was refused
 * counts for nothing: it is made again, and when the assignment goes, so do its claims. One without an answer may have been made: when the
 * assignment goes, its claims are handed out all the same. They may run twice, but nobody else might run them at all.
 *
 * <p>A partition of which the group has no position gets its first one when all that lay there is settled: until then whoever comes next must look
 * through status as we did, so what is announced there is handed out without a commit. From when the first one is asked for it may stand, and be read
 * from: hand-out waits for it as for any other, unless it is refused. Where the partition goes meanwhile, what is announced is handed out all the same.
 *
 * <p>Who was frozen may be out of the group without knowing it, and a commit in that state often ends without an answer. So nothing is claimed until
 * the group has taken the positions that it has once more: they move nothing, so it does not matter what becomes of that commit.
 */
final class Inbox {
    static final int ROOM = 500; // executions read ahead, not yet claimed
    static final int SEEN_MAX = 16_384; // executions that were taken on, remembered with their highest attempt
    static final int CANCELS_MAX = 524_288; // cancellations that are remembered

    private static final long UNKNOWN = -1;

    /** What became of the claims of an assignment that is over. Claims that stay need no commit: those still being announced where there was no position. */
    record Gone(List<Claim> handed, List<Claim> forgotten) {}

    private record CancelKey(String executionId, String taskId, int attempt) {}

    private static final class Partition {
        long next = UNKNOWN; // to be read next; unknown: not known yet
        long committed = UNKNOWN; // what the group's position is known to be
        long maybe = UNKNOWN; // what it may be: the commit had no answer
        long end = UNKNOWN; // where what lay there ended, when its end was reached for the first time
        boolean hasNoPosition; // the group knows none, or one that is gone
        long oldest; // with it: what is older is passed over

        boolean mayStand(long position) {
            return !hasNoPosition || (end != UNKNOWN && position >= end);
        }
    }

    private final int concurrency; // places: claims that were begun and are not done
    private final int room;
    private int cancelsLost;
    private boolean isPaused;
    private boolean knowsCancels;
    private boolean isDoubted; // the assignment, since a freeze
    private Map<Integer, Partition> partitions = new TreeMap<>();
    private final ArrayDeque<Claim> waiting = new ArrayDeque<>(); // in the order they were read
    private List<Claim> turn = new ArrayList<>(); // claiming and claimed
    private final Map<RunKey, Claim> running = new HashMap<>(); // from the claim until it is done
    private Commit pending; // asked for, without an answer
    private final Remembered<String, Integer> seen = new Remembered<>(SEEN_MAX);
    private final Remembered<CancelKey, Boolean> cancelled = new Remembered<>(CANCELS_MAX);

    Inbox(int concurrency, int room) {
        this.concurrency = concurrency;
        this.room = room;
    }

    // --- the assignment ---

    /** A new assignment, with positions that nobody knows yet; the one before is over. */
    Gone assign(Collection<Integer> numbers) {
        Gone gone = revoke();
        for (int number : numbers) {
            partitions.put(number, new Partition());
        }
        return gone;
    }

    /** The assignment is over, or the client starts anew. */
    Gone revoke() {
        if (pending != null) {
            unanswered(pending);
        }
        for (Partition p : partitions.values()) {
            p.committed = Math.max(p.committed, p.maybe);
        }
        turn.stream().filter(this::isAlone).forEach(claim -> claim.offset = Claim.NOWHERE);
        List<Claim> handed = handOut();
        List<Claim> forgotten = new ArrayList<>();
        List<Claim> staying = new ArrayList<>();
        for (Claim claim : turn) {
            if (claim.offset == Claim.NOWHERE) {
                staying.add(claim);
            } else {
                claim.state = State.GONE;
                running.remove(claim.key);
                forgotten.add(claim);
            }
        }
        turn = staying;
        waiting.clear();
        partitions = new TreeMap<>();
        isPaused = false;
        isDoubted = false;
        return new Gone(handed, forgotten);
    }

    /**
     * The group's position in a partition of ours. stored null: it has none, or one that is gone from the topic; reading begins with the backlog,
     * and what is older than that is passed over.
     */
    void begin(int number, Long stored, long oldest) {
        Partition p = partitions.get(number);
        if (p == null) {
            return;
        }
        if (stored == null) {
            p = new Partition();
            p.next = 0;
            p.hasNoPosition = true;
            p.oldest = oldest;
            partitions.put(number, p);
        } else {
            p.next = stored;
            p.committed = stored;
        }
        leaveBehind(number);
    }

    /** What was read there before its position was gone is to be committed no more. */
    private void leaveBehind(int number) {
        waiting.stream().filter(claim -> claim.partition == number).forEach(claim -> claim.offset = Claim.NOWHERE);
        turn.stream().filter(claim -> claim.partition == number).forEach(claim -> claim.offset = Claim.NOWHERE);
        if (pending != null) {
            pending.positions.remove(number);
        }
    }

    // --- reading ---

    /**
     * A message was read, written at `at` by the broker's clock; execution null: nobody can use it. False: the partition is not ours (any more), or
     * where to begin is not known yet.
     */
    boolean take(int number, long offset, Execution execution, long at) {
        Partition p = partitions.get(number);
        if (p == null || p.next == UNKNOWN) {
            return false;
        }
        p.next = offset + 1;
        if (execution != null && !(p.hasNoPosition && at < p.oldest)) {
            waiting.add(new Claim(execution, number, offset));
            lookForRoom();
        }
        return true;
    }

    /** The end of what may be read was reached: the next message will have that offset or a higher one. */
    void end(int number, long offset) {
        Partition p = partitions.get(number);
        if (p == null || p.next == UNKNOWN) {
            return;
        }
        p.next = Math.max(p.next, offset);
        if (p.end == UNKNOWN) {
            p.end = p.next;
        }
    }

    /** Full: nothing more is to be read. An assignment begins unpaused. */
    boolean isPaused() {
        return isPaused;
    }

    private void lookForRoom() {
        if (waiting.size() >= room) {
            isPaused = true;
        } else if (waiting.size() <= room / 2) {
            isPaused = false;
        }
    }

    // --- cancellations ---

    /** An attempt is cancelled: it is not claimed any more. The claim when it has one, whose handler is to be told. */
    Claim cancel(String executionId, String taskId, int attempt) {
        if (cancelled.put(new CancelKey(executionId, taskId, attempt), true) != null) {
            cancelsLost++;
        }
        Claim claim = running.get(new RunKey(executionId, attempt));
        return claim != null && claim.execution.taskId.equals(taskId) ? claim : null;
    }

    /** Cancellations that are not remembered any more. */
    int cancelsLost() {
        return cancelsLost;
    }

    /** Control was read to its end once: nothing is claimed before. */
    void cancelsAreKnown() {
        knowsCancels = true;
    }

    // --- claims ---

    /** Places that are taken. */
    int busy() {
        return running.size();
    }

    int waiting() {
        return waiting.size();
    }

    int room() {
        return room;
    }

    /** A turn is under way: claims that are neither handed out nor forgotten. */
    boolean isClaiming() {
        return !turn.isEmpty();
    }

    /** RUNNING is on its way for claims whose partition has no position: whoever has it next must find that in status. */
    boolean isAnnouncingWithoutPosition() {
        return turn.stream().anyMatch(claim -> claim.state == State.CLAIMING && isAlone(claim));
    }

    /** Begins a turn: those for which RUNNING is to be published. None while another one is under way. */
    List<Claim> claim(long now) {
        if (isClaiming() || !knowsCancels || isDoubted) {
            return List.of();
        }
        while (!waiting.isEmpty() && busy() < concurrency) {
            Claim claim = waiting.poll();
            if (mustSkip(claim, now)) {
                claim.state = State.GONE;
                continue;
            }
            claim.state = State.CLAIMING;
            turn.add(claim);
            running.put(claim.key, claim);
        }
        lookForRoom();
        return List.copyOf(turn);
    }

    private boolean mustSkip(Claim claim, long now) {
        Execution execution = claim.execution;
        Integer highest = seen.get(execution.executionId);
        return (execution.startBy != null && execution.startBy < now)
            || running.containsKey(claim.key)
            || (highest != null && highest >= execution.attempt)
            || cancelled.has(new CancelKey(execution.executionId, execution.taskId, execution.attempt));
    }

    /** The log has its RUNNING. False: it was forgotten meanwhile. */
    boolean announced(Claim claim) {
        if (claim.state != State.CLAIMING) {
            return false;
        }
        claim.state = State.CLAIMED;
        return true;
    }

    /** Announced ones that the group's position is past, or that need no commit: their handlers may run. */
    List<Claim> handOut() {
        if (turn.isEmpty()) {
            return List.of();
        }
        List<Claim> ready = new ArrayList<>();
        List<Claim> rest = new ArrayList<>();
        for (Claim claim : turn) {
            (isReady(claim) ? ready : rest).add(claim);
        }
        for (Claim claim : ready) {
            claim.state = State.HANDED;
            note(claim.key.executionId(), claim.key.attempt());
        }
        turn = rest;
        return ready;
    }

    private boolean isReady(Claim claim) {
        if (claim.state != State.CLAIMED) {
            return false;
        }
        if (claim.offset == Claim.NOWHERE) {
            return true;
        }
        Partition p = partitions.get(claim.partition);
        return p.committed > claim.offset || (p.hasNoPosition && !mayHaveOne(claim.partition));
    }

    /** Once it is announced, whoever has the partition next may leave it alone, and nobody else run it. */
    private boolean isAlone(Claim claim) {
        return claim.offset == Claim.NOWHERE || partitions.get(claim.partition).hasNoPosition;
    }

    /** A first position was asked for and not refused: whoever has the partition next may read from there, whatever status says. */
    private boolean mayHaveOne(int number) {
        return (pending != null && pending.positions.containsKey(number)) || partitions.get(number).maybe != UNKNOWN;
    }

    /** Its handler has ended: the place is free. */
    void done(Claim claim) {
        claim.state = State.GONE;
        running.remove(claim.key, claim); // another one of that name: it was forgotten, and maybe read again
    }

    /** That attempt, and those before it, are not taken on again. */
    void note(String executionId, int attempt) {
        Integer highest = seen.get(executionId);
        seen.put(executionId, highest == null ? attempt : Math.max(attempt, highest));
    }

    // --- positions ---

    /** The assignment may be over: asks before anything new is claimed or committed. */
    void doubt() {
        isDoubted = !known().isEmpty();
    }

    private Map<Integer, Long> known() {
        Map<Integer, Long> found = new TreeMap<>();
        partitions.forEach((number, p) -> {
            if (p.committed != UNKNOWN) {
                found.put(number, p.committed);
            }
        });
        return found;
    }

    /** Positions that are to be committed now, to be answered by one of the three below; null: none, or one has no answer yet. */
    Commit commit() {
        if (pending != null || !(isDoubted || mayCommit())) {
            return null;
        }
        if (isDoubted) {
            pending = new Commit(known());
            return pending;
        }
        Map<Integer, Long> moved = positions();
        moved.entrySet().removeIf(moving -> moving.getValue() <= partitions.get(moving.getKey()).committed);
        pending = moved.isEmpty() ? null : new Commit(moved);
        return pending;
    }

    private boolean mayCommit() {
        if (isClaiming()) {
            return turn.stream().allMatch(claim -> claim.state == State.CLAIMED);
        }
        return partitions.values().stream().anyMatch(p -> p.hasNoPosition && p.end != UNKNOWN);
    }

    /** To be committed, moved or not. Where a first one would stand before the end of what lay there, there is none. */
    private Map<Integer, Long> positions() {
        Map<Integer, Long> found = new TreeMap<>();
        partitions.forEach((number, p) -> {
            if (p.next != UNKNOWN) {
                found.put(number, p.next);
            }
        });
        waiting.forEach(claim -> holdBack(found, claim));
        turn.forEach(claim -> holdBack(found, claim));
        found.entrySet().removeIf(moving -> !partitions.get(moving.getKey()).mayStand(moving.getValue()));
        return found;
    }

    private static void holdBack(Map<Integer, Long> positions, Claim claim) {
        if (claim.offset != Claim.NOWHERE && claim.state != State.CLAIMED) {
            positions.merge(claim.partition, claim.offset, Math::min);
        }
    }

    void committed(Commit commit) {
        if (isAnswer(commit)) {
            isDoubted = false;
            commit.positions.forEach((number, position) -> {
                Partition p = partitions.get(number);
                p.committed = position;
                p.hasNoPosition = false;
            });
        }
    }

    /**
     * A rebalance is going on, the generation is an older one, the group does not know us: nothing was committed. Commit again after a while; the
     * client will say soon that the assignment is over.
     */
    void refused(Commit commit) {
        isAnswer(commit);
    }

    /** It may have been made. Commit again after a while. */
    void unanswered(Commit commit) {
        if (isAnswer(commit)) {
            commit.positions.forEach((number, position) -> {
                Partition p = partitions.get(number);
                p.maybe = Math.max(p.maybe, position);
            });
        }
    }

    private boolean isAnswer(Commit commit) {
        boolean isOurs = commit == pending;
        if (isOurs) {
            pending = null;
        }
        return isOurs;
    }
}
