#include "api/exchange/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

struct key {
    struct uuid command;
    uint8_t sum[SHA256_SIZE];
    bool is_acked;
};

struct keys {
    struct key *ring; /* KEYS_MAX of them; the oldest is overwritten */
    size_t next;
    struct map by_command;
};

struct keys *keys_new(void)
{
    struct keys *k = xcalloc(1, sizeof *k);

    k->ring = xcalloc(KEYS_MAX, sizeof *k->ring);
    return k;
}

void keys_free(struct keys *k)
{
    if (k == NULL)
        return;
    map_clear(&k->by_command);
    free(k->ring);
    free(k);
}

enum key_state keys_check(const struct keys *k, struct uuid command, const uint8_t sum[SHA256_SIZE])
{
    const struct key *key = map_find(&k->by_command, command);

    if (key == NULL)
        return KEY_NEW;
    if (memcmp(key->sum, sum, SHA256_SIZE) != 0)
        return KEY_OTHER;
    return key->is_acked ? KEY_ACKED : KEY_SENT;
}

void keys_note(struct keys *k, struct uuid command, const uint8_t sum[SHA256_SIZE])
{
    struct key *key = &k->ring[k->next];

    if (map_find(&k->by_command, command) != NULL)
        return;
    k->next = (k->next + 1) % KEYS_MAX;
    if (!uuid_is_nil(key->command))
        (void)map_remove(&k->by_command, key->command);
    key->command = command;
    memcpy(key->sum, sum, SHA256_SIZE);
    key->is_acked = false;
    map_put(&k->by_command, command, key);
}

void keys_acked(struct keys *k, struct uuid command)
{
    struct key *key = map_find(&k->by_command, command);

    if (key != NULL)
        key->is_acked = true;
}

void keys_refused(struct keys *k, struct uuid command)
{
    struct key *key = map_find(&k->by_command, command);

    if (key == NULL || key->is_acked)
        return;
    (void)map_remove(&k->by_command, command);
    key->command = UUID_NIL;
}
