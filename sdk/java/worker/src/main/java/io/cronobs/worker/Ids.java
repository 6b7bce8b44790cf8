package io.cronobs.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Ids that are computed, so that the same thing has the same id everywhere: {@code schemas/README.md}, "Identity". Pure. */
final class Ids {
    private static final UUID NAMESPACE = UUID.fromString("4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11");

    private Ids() {}

    static String random() {
        return UUID.randomUUID().toString();
    }

    /** Of the task {@code key} in a project. */
    static String taskId(String project, String key) {
        return named(named(NAMESPACE, "project/" + project), "task/" + key).toString();
    }

    /** Of an execution that somebody else has started, at that instant in microseconds. */
    static String externalId(String taskId, long scheduledAt, String nonce) {
        UUID made = named(UUID.fromString(taskId), scheduledAt + "/external/" + nonce);
        long high = made.getMostSignificantBits();
        return new UUID(scheduledAt / 1000 << 16 | high & 0x0fff | 0x8000, made.getLeastSignificantBits()).toString();
    }

    /** Version 5. */
    private static UUID named(UUID space, String name) {
        byte[] bytes = name.getBytes(UTF_8);
        ByteBuffer whole = ByteBuffer.allocate(16 + bytes.length);
        whole.putLong(space.getMostSignificantBits()).putLong(space.getLeastSignificantBits()).put(bytes);
        ByteBuffer sum = ByteBuffer.wrap(sha1(whole.array()));
        return new UUID(sum.getLong() & ~0xf000L | 0x5000, sum.getLong() & ~(3L << 62) | 1L << 63);
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
