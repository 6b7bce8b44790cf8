#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

struct sha256 {
    EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *s = xcalloc(1, sizeof *s);

    s->ctx = EVP_MD_CTX_new();
    if (s->ctx == NULL || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1)
        abort();
    return s;
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
    if (len > 0 && EVP_DigestUpdate(s->ctx, data, len) != 1)
        abort();
}

void sha256_finish(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
    if (EVP_DigestFinal_ex(s->ctx, digest, NULL) != 1)
        abort();
}

void sha256_free(struct sha256 *s)
{
    if (s == NULL)
        return;
    EVP_MD_CTX_free(s->ctx);
    free(s);
}

const char *sha256_to_text(const uint8_t digest[SHA256_SIZE], char text[SHA256_TEXT])
{
    for (int i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(text + (size_t)i * 2, 3, "%02x", digest[i]);
    return text;
}

uint32_t murmur2(const void *data, size_t len)
{
    const uint8_t *at = data;
    const uint32_t m = 0x5bd1e995;
    uint32_t h = 0x9747b28cu ^ (uint32_t)len;

    for (; len >= 4; at += 4, len -= 4) {
        uint32_t k =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;

        k *= m;
        k ^= k >> 24;
        k *= m;
        h = (h * m) ^ k;
    }
    for (size_t i = len; i > 0; i--)
        h ^= (uint32_t)at[i - 1] << (8 * (i - 1));
    if (len > 0)
        h *= m;
    h ^= h >> 13;
    h *= m;
    return h ^ h >> 15;
}

int partition_of(struct uuid id, int partitions)
{
    char text[UUID_TEXT];

    (void)uuid_to_text(id, text);
    return (int)((murmur2(text, UUID_TEXT - 1) & 0x7fffffff) % (uint32_t)partitions);
}

uint64_t fnv1a(const void *data, size_t len, uint64_t seed)
{
    const uint8_t *at = data;
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

    for (size_t i = 0; i < len; i++) {
        h ^= at[i];
        h *= UINT64_C(0x100000001b3);
    }
    return h;
}
