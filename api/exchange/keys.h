/*
 * keys.h - what was asked under which Idempotency-Key lately: a key with another request is a
 * mistake of the caller's.
 *
 * Remembers the last KEYS_MAX commands by id (which holds task, actor and key) with a sum of what
 * was sent. Older ones are found in the database. Pure.
 */
#ifndef API_EXCHANGE_KEYS_H
#define API_EXCHANGE_KEYS_H

#include "base/hash.h"

enum { KEYS_MAX = 20000 };

struct keys;

enum key_state {
    KEY_NEW,   /* unknown */
    KEY_SENT,  /* the same request, but the log has not acknowledged it: send it again */
    KEY_ACKED, /* the same request, and it is in the log */
    KEY_OTHER, /* another request */
};

struct keys *keys_new(void);
void keys_free(struct keys *k); /* NULL is fine */
enum key_state keys_check(const struct keys *k, struct uuid command,
                          const uint8_t sum[SHA256_SIZE]);
/* It is on its way to the log: from now on the key is its. Not before, since what is refused must have no effect. Of one that is
   known nothing changes. */
void keys_note(struct keys *k, struct uuid command, const uint8_t sum[SHA256_SIZE]);
void keys_acked(struct keys *k, struct uuid command); /* unknown: nothing happens */
/* by the log, for good; acknowledged or unknown: nothing happens */
void keys_refused(struct keys *k, struct uuid command);

DEFINE_SCOPED(keys, struct keys, keys_free)

#endif
