#include "consumer/past.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/rfc3339.h"
#include "consumer/digest_text.h"
#include "consumer/replay.h"
#include "store/migrate.h"
#include "store/rebuild.h"
#include "store/schema.h"
#include "store/search_index.h"

static enum rc open_in(const struct db_config *config, const char *schema, struct store **ret,
                       struct error *err)
{
    const struct store_config c = {.database = config->database,
                                   .schema = schema,
                                   .application = "cronobs db rebuild",
                                   .role = STORE_AS_LOGIN};

    return store_open(&c, ret, err);
}

static const char *name_of(const struct db_config *config, struct arena *memory)
{
    struct civil c = civil_of(config->until);

    if (config->schema != NULL)
        return config->schema;
    return arena_printf(memory, "cronobs_at_%04d%02d%02dt%02d%02d%02dz", c.year, c.month, c.day,
                        c.hour, c.minute, c.second);
}

/* Names that a rebuild uses, and that of the live tables. */
static enum rc check_name(const char *name, struct error *err)
{
    static const char *const ours[] = {STORE_SCHEMA, REBUILD_SCHEMA, REPLACED_SCHEMA};

    TRY(store_check_schema_name(name, err));
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (text_equal(name, ours[i]))
            return error_set(err, RC_INVALID,
                             "schema %s is that of the live tables or of a rebuild", name);
    return RC_OK;
}

static enum rc check_free(struct store *s, const char *name, struct error *err)
{
    bool exists = false;

    TRY(store_schema_exists(s, name, &exists, err));
    if (!exists)
        return RC_OK;
    (void)error_set(err, RC_CONFLICT, "there is a schema %s already", name);
    return error_hint(err, "`cronobs db drop %s` drops it; or name another one: --schema", name);
}

static enum rc check_instant(usec_t until, struct error *err)
{
    char text[RFC3339_TEXT];

    if (until <= clock_realtime())
        return RC_OK;
    return error_set(err, RC_INVALID, "--until: %s is still to come", rfc3339_format(until, text));
}

static enum rc build(const struct db_config *config, struct arena *memory, FILE *out,
                     struct error *err)
{
    SCOPED(store) struct store *fresh = NULL;
    SCOPED(text) char *no_index = NULL; /* a search takes longer, that is all */
    struct spans spans = {.memory = memory};
    const struct replay_job job = {config, REBUILD_SCHEMA, &spans, out, config->until};
    struct store_digest d;
    uint64_t records = 0;

    TRY(replay_survey(config, memory, &spans, err));
    replay_tell_losses(&spans, out);
    TRY(open_in(config, REBUILD_SCHEMA, &fresh, err));
    TRY(store_migrate(fresh, NULL, NULL, err));
    no_index = store_search_index(fresh);
    TRY(replay_run(&job, &records, err));
    fault_point("past.replayed");
    TRY(store_schema_analyze(fresh, REBUILD_SCHEMA, err));
    TRY(store_digest_read(fresh, memory, &d, err));
    digest_print(&d, out);
    return digest_expect(&d, config->expect, err);
}

static enum rc build_and_name(const struct db_config *config, struct store *s, const char *name,
                              FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    char text[RFC3339_TEXT];

    TRY(build(config, memory, out, err));
    TRY(store_rebuild_keep_as(s, name, err));
    (void)fprintf(out,
                  "schema %s holds the tables as of %s\n"
                  "look: cronobs api --database-schema %s, or psql with SET search_path = %s\n"
                  "drop: cronobs db drop %s\n",
                  name, rfc3339_format(config->until, text), name, name, name);
    return RC_OK;
}

enum rc past_build(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(store) struct store *s = NULL;
    const char *name = name_of(config, memory);
    struct error ignored;
    enum rc rc;

    TRY(check_instant(config->until, err));
    TRY(check_name(name, err));
    TRY(open_in(config, NULL, &s, err));
    TRY(store_rebuild_lock(s, err));
    TRY(check_free(s, name, err));
    rc = build_and_name(config, s, name, out, err);
    if (rc != RC_OK)
        (void)!store_schema_drop(s, REBUILD_SCHEMA, &ignored); /* else the next one does */
    return rc;
}

enum rc past_drop(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    bool exists = false;

    TRY(check_name(config->schema, err));
    TRY(open_in(config, NULL, &s, err));
    TRY(store_schema_exists(s, config->schema, &exists, err));
    if (!exists)
        return error_set(err, RC_NOT_FOUND, "there is no schema %s", config->schema);
    TRY(store_schema_drop(s, config->schema, err));
    (void)fprintf(out, "dropped %s\n", config->schema);
    return RC_OK;
}
