package io.cronobs.worker;

import io.cronobs.client.TaskIds;
import java.util.UUID;

/** Ids, as texts. */
final class Ids {
    private Ids() {}

    static String random() {
        return UUID.randomUUID().toString();
    }

    /** Of the task {@code key} in a project. Pure. */
    static String taskId(String project, String key) {
        return TaskIds.of(project, key);
    }

    /** Of an execution that somebody else has started, at that instant in microseconds: {@code schemas/README.md}, "Identity". Pure. */
    static String externalId(String taskId, long scheduledAt, String nonce) {
        UUID made = TaskIds.named(UUID.fromString(taskId), scheduledAt + "/external/" + nonce);
        long high = made.getMostSignificantBits();
        return new UUID(scheduledAt / 1000 << 16 | high & 0x0fff | 0x8000, made.getLeastSignificantBits()).toString();
    }
}
