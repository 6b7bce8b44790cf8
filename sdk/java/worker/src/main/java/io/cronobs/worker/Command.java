package io.cronobs.worker;

import java.util.Map;

/** What the reader of the queue is to do next. It does one after the other, and answers each with one call of {@link Engine}. */
sealed interface Command {
    /** Where is reading to begin? True: the group's position is gone from the topic. `located` answers. */
    record Locate(Map<Integer, Boolean> partitions) implements Command {}

    /** Read these partitions, too; null: from the first message. `began` answers. */
    record Begin(Map<Integer, Long> offsets) implements Command {}

    /** Read so many messages at most, waiting so many milliseconds for the first. Room 0: only poll. `fetched` answers. */
    record Read(int room, long waitMs) implements Command {}

    /** Commit the positions. `stored` answers. */
    record Store(Map<Integer, Long> positions) implements Command {}

    /** Leave the group. `left` answers. */
    record Leave() implements Command {}
}
