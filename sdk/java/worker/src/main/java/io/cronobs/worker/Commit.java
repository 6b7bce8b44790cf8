package io.cronobs.worker;

import java.util.Map;

/** Positions to commit: of a partition the offset to be read next. Belongs to one assignment: for a later one it is no answer. */
final class Commit {
    final Map<Integer, Long> positions;

    Commit(Map<Integer, Long> positions) {
        this.positions = positions;
    }
}
