package io.cronobs.worker;

import java.nio.charset.StandardCharsets;

/** Where a record goes: the partition of a key, as Kafka's default partitioner and librdkafka's `murmur2` choose it. Pure. */
final class Placement {
    private static final int M = 0x5bd1e995;

    private Placement() {}

    /** Of a task id or an execution id as text. */
    static int partitionOf(String key, int partitions) {
        return (murmur2(key.getBytes(StandardCharsets.US_ASCII)) & 0x7fff_ffff) % partitions;
    }

    private static int murmur2(byte[] data) {
        int h = 0x9747b28c ^ data.length;
        int whole = data.length & ~3;
        for (int at = 0; at < whole; at += 4) {
            int k = (data[at] & 0xff | (data[at + 1] & 0xff) << 8 | (data[at + 2] & 0xff) << 16 | data[at + 3] << 24) * M;
            h = h * M ^ (k ^ k >>> 24) * M;
        }
        if (whole < data.length) {
            for (int at = data.length - 1; at >= whole; at--) {
                h ^= (data[at] & 0xff) << 8 * (at - whole);
            }
            h *= M;
        }
        h = (h ^ h >>> 13) * M;
        return h ^ h >>> 15;
    }
}
