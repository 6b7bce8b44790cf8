/*
 * hash.h - SHA-256 (secrets, digests), Kafka's murmur2 (placement) and a fast hash for tables in memory.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/uuid.h"

enum { SHA256_SIZE = 32, SHA256_TEXT = 65 };

struct sha256; /* a running sum */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_finish(struct sha256 *s, uint8_t digest[SHA256_SIZE]);
void sha256_free(struct sha256 *s);
const char *sha256_to_text(const uint8_t digest[SHA256_SIZE], char text[SHA256_TEXT]);

/* Java's murmur2 with Kafka's seed, as DefaultPartitioner uses it. */
uint32_t murmur2(const void *data, size_t len);

/* Partition of a task: (murmur2(text of the id) & 0x7fffffff) mod partitions. The same as Java's default for that key. */
int partition_of(struct uuid id, int partitions);

/* FNV-1a, 64 bits: hash tables, `H` in schedules, jitter. Stable for ever: replays depend on it. */
uint64_t fnv1a(const void *data, size_t len, uint64_t seed);

DEFINE_SCOPED(sha256, struct sha256, sha256_free)

#endif
