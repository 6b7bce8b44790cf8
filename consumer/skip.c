#include "consumer/skip.h"

#include <inttypes.h>
#include <string.h>

#include "consumer/intake.h"
#include "store/migrate.h"

bool skip_concerns_tables(const char *topic)
{
    return feed_of(topic) != FEED_NONE;
}

enum rc skip_in_tables(const char *database, const struct skip *skip, bool *ret_is_repeated,
                       FILE *out, struct error *err)
{
    const struct store_config config = {
        .database = database, .application = "cronobs topics skip", .role = STORE_AS_WRITER};
    SCOPED(store) struct store *s = NULL;
    struct skip_effect effect;

    TRY(store_open(&config, &s, err));
    TRY(store_check_schema(s, err));
    TRY(store_skip(s, skip, &effect, err));
    *ret_is_repeated = effect.is_repeated;
    if (effect.is_repeated)
        (void)fprintf(out,
                      "tables: %s[%d] went on from %" PRId64 " before, and is at %" PRId64 "\n",
                      skip->topic, (int)skip->part, skip->to, effect.from);
    else
        (void)fprintf(out, "tables: %s[%d] from %" PRId64 " to %" PRId64 "\n", skip->topic,
                      (int)skip->part, effect.from, skip->to);
    return RC_OK;
}

bool skip_leaves_out(const struct skipped_range *ranges, size_t count, const char *topic, int part,
                     int64_t offset)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].part == part && offset >= ranges[i].from && offset < ranges[i].to &&
            strcmp(ranges[i].topic, topic) == 0)
            return true;
    return false;
}
