/*
 * mutate.h - bytes that are nearly right: seeds with random changes, the same ones in every run.
 */
#ifndef SUPPORT_MUTATE_H
#define SUPPORT_MUTATE_H

#include <string.h>

#include "base/util.h"

enum { MUTATED_MAX = 4096 };

static inline uint32_t mutate_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Copies the seed to out (MUTATED_MAX bytes) and replaces, removes, doubles or inserts a few bytes. Returns the new length. */
static inline size_t mutate(const char *seed, size_t len, uint64_t *state, char *out)
{
    static const char spice[] = {'\0', '\r', '\n', ' ',    '%', ':', '/', '"',
                                 '{',  '[',  '\\', '\xff', '0', '9', ';', '='};
    int changes = 1 + (int)(mutate_random(state) % 4);

    len = MIN(len, (size_t)MUTATED_MAX / 2);
    memcpy(out, seed, len);
    for (int i = 0; i < changes; i++) {
        size_t at = len == 0 ? 0 : mutate_random(state) % len;
        char byte = (mutate_random(state) & 1) != 0 ? spice[mutate_random(state) % sizeof spice]
                                                    : (char)mutate_random(state);

        switch (mutate_random(state) % 4) {
        case 0:
            out[at] = byte;
            len = MAX(len, (size_t)1);
            break;
        case 1:
            if (len > 0)
                memmove(out + at, out + at + 1, --len - at);
            break;
        case 2:
            memmove(out + at + 1, out + at, len++ - at);
            out[at] = byte;
            break;
        default:
            len = at; /* cut */
        }
    }
    return len;
}

#endif
