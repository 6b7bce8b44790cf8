#include "consumer/digest_text.h"

#include <inttypes.h>
#include <string.h>

void digest_print(const struct store_digest *d, FILE *out)
{
    for (size_t i = 0; i < d->table_count; i++)
        (void)fprintf(out, "%-17s %s %" PRId64 "\n", d->tables[i].name, d->tables[i].digest,
                      d->tables[i].bytes);
    for (size_t i = 0; i < d->offset_count; i++)
        if (d->offsets[i].next_offset > 0)
            (void)fprintf(out, "offsets %s[%d] %" PRId64 "\n", d->offsets[i].topic,
                          d->offsets[i].part, d->offsets[i].next_offset);
    for (size_t i = 0; i < d->lost_count; i++)
        (void)fprintf(out, "lost %s[%d] %" PRId64 " %" PRId64 "\n", d->lost[i].topic,
                      d->lost[i].part, d->lost[i].first_offset, d->lost[i].next_offset);
    (void)fprintf(out, "total %s\n", d->total);
}

enum rc digest_expect(const struct store_digest *d, const char *expected, struct error *err)
{
    if (expected == NULL || strcmp(expected, d->total) == 0)
        return RC_OK;
    return error_set(err, RC_CONFLICT, "the total is %s, not the expected %s", d->total, expected);
}

size_t digest_differences(const struct store_digest *was, const struct store_digest *is,
                          bool (*except)(const char *table), FILE *out)
{
    size_t differences = 0;

    for (size_t i = 0; i < was->table_count; i++) { /* both lists are the digest's own tables */
        const struct table_digest *a = &was->tables[i], *b = &is->tables[i];

        if (strcmp(a->digest, b->digest) == 0 || (except != NULL && except(a->name)))
            continue;
        differences++;
        (void)fprintf(out, "differs: %s was %s, is %s\n", a->name, a->digest, b->digest);
    }
    return differences;
}
