package io.cronobs.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Ids that are computed, so that the same thing has the same id everywhere: {@code schemas/README.md}, "Identity". Pure. */
public final class TaskIds {
    private static final UUID NAMESPACE = UUID.fromString("4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11");

    private TaskIds() {}

    /**
     * The id of a task.
     *
     * @param project its project
     * @param key its key there
     * @return a UUID
     */
    public static String of(String project, String key) {
        return named(named(NAMESPACE, "project/" + project), "task/" + key).toString();
    }

    /**
     * The UUID, version 5, that a name has in a space.
     *
     * @param space the space
     * @param name the name
     * @return always the same
     */
    public static UUID named(UUID space, String name) {
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
