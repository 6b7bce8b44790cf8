#include "crontab/keys.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "crontab/words.h"

enum { HASH_CHARS = 8 };

struct claim {    /* one key */
    int line;     /* of the entry that has it */
    size_t asked; /* how many entries would have it, were it free */
};

struct keys {
    struct map claims;
    struct arena *memory;
};

static struct claim *find_claim(struct keys *k, const char *key)
{
    return map_find(&k->claims, uuid_named(UUID_NIL, key));
}

static void add_claim(struct keys *k, const char *key, int line)
{
    struct claim *claim = arena_alloc(k->memory, sizeof *claim);

    *claim = (struct claim){.line = line, .asked = 1};
    map_put(&k->claims, uuid_named(UUID_NIL, key), claim);
}

static const char *base_key(const struct crontab_entry *e, struct arena *memory)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];

    sha256_add(sum, e->text, strlen(e->text));
    sha256_finish(sum, digest);
    return arena_printf(memory, "%s-%.*s", command_program(e->command, memory), HASH_CHARS,
                        sha256_to_text(digest, hex));
}

/* The number goes on from the last one asked for: many equal lines take no longer than others. */
static const char *make_key(struct keys *k, const struct crontab_entry *e)
{
    const char *base = base_key(e, k->memory), *key = base;
    struct claim *claim = find_claim(k, base);

    if (claim == NULL) {
        add_claim(k, base, e->line);
        return base;
    }
    do
        key = arena_printf(k->memory, "%s-%zu", base, ++claim->asked);
    while (find_claim(k, key) != NULL);
    add_claim(k, key, e->line);
    return key;
}

static void give_key(struct keys *k, struct draft *d)
{
    const struct claim *claim = find_claim(k, d->given_key);

    if (claim == NULL)
        add_claim(k, d->given_key, d->entry.line);
    else if (!d->is_refused) {
        d->taken_by = claim->line;
        return;
    }
    d->entry.key = d->given_key;
}

static void give_some(struct keys *k, struct draft *drafts, size_t count, bool are_refused)
{
    for (size_t i = 0; i < count; i++)
        if (drafts[i].given_key != NULL && drafts[i].is_refused == are_refused)
            give_key(k, &drafts[i]);
}

static void make_some(struct keys *k, struct draft *drafts, size_t count, bool are_refused)
{
    for (size_t i = 0; i < count; i++)
        if (drafts[i].given_key == NULL && drafts[i].is_refused == are_refused)
            drafts[i].entry.key = make_key(k, &drafts[i].entry);
}

void crontab_give_keys(struct draft *drafts, size_t count, struct arena *memory)
{
    struct keys k = {.memory = memory};

    give_some(&k, drafts, count, false);
    give_some(&k, drafts, count, true);
    make_some(&k, drafts, count, false);
    make_some(&k, drafts, count, true);
    map_clear(&k.claims);
}
