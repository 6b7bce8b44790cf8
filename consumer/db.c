#include "consumer/db.h"

#include <inttypes.h>
#include <string.h>

#include "consumer/replay.h"
#include "store/migrate.h"
#include "store/rebuild.h"

static enum rc open_as(const struct db_config *config, enum store_role role, struct store **ret,
                       struct error *err)
{
    const struct store_config c = {
        .database = config->database, .application = "cronobs db", .role = role};

    return store_open(&c, ret, err);
}

/* --- migrate --- */

static void say_applied(void *ctx, int version, const char *name)
{
    (void)fprintf(ctx, "applied %04d_%s\n", version, name);
}

enum rc db_migrate(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    enum rc rc = open_as(config, STORE_AS_LOGIN, &s, err);

    if (rc == RC_NOT_FOUND) {
        TRY(store_create_database(config->database, err));
        (void)fprintf(out, "created the database\n");
        rc = open_as(config, STORE_AS_LOGIN, &s, err);
    }
    TRY(rc);
    TRY(store_migrate(s, say_applied, out, err));
    (void)fprintf(out, "the tables are up to date\n");
    return RC_OK;
}

/* --- verify --- */

static void print_digest(FILE *out, const struct store_digest *d)
{
    for (size_t i = 0; i < d->table_count; i++)
        (void)fprintf(out, "%-17s %s %" PRId64 "\n", d->tables[i].name, d->tables[i].digest,
                      d->tables[i].bytes);
    for (size_t i = 0; i < d->offset_count; i++)
        if (d->offsets[i].next_offset > 0)
            (void)fprintf(out, "offsets %s[%d] %" PRId64 "\n", d->offsets[i].topic,
                          d->offsets[i].part, d->offsets[i].next_offset);
    (void)fprintf(out, "total %s\n", d->total);
}

static enum rc compare_total(const struct db_config *config, const struct store_digest *d,
                             struct error *err)
{
    if (config->expect == NULL || strcmp(config->expect, d->total) == 0)
        return RC_OK;
    return error_set(err, RC_CONFLICT, "the total is %s, not the expected %s", d->total,
                     config->expect);
}

enum rc db_verify(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct store_digest d;

    TRY(open_as(config, STORE_AS_LOGIN, &s, err));
    TRY(store_check_schema(s, err));
    TRY(store_digest_read(s, memory, &d, err));
    print_digest(out, &d);
    return compare_total(config, &d, err);
}

/* --- rebuild --- */

struct rebuild {
    const struct db_config *config;
    FILE *out;
    struct store *store; /* as owner; holds the lock that keeps consumers away */
    struct arena *memory;
    struct rebuild_targets targets;
};

static bool has_rows(const struct store_digest *d)
{
    int64_t next = 0;

    for (size_t i = 0; i < d->offset_count; i++)
        next |= d->offsets[i].next_offset;
    return next > 0;
}

/* What to reach: as the tables are now; in an empty database what the topics hold. */
static enum rc choose_targets(struct rebuild *r, struct error *err)
{
    struct store_digest d;

    TRY(store_digest_read(r->store, r->memory, &d, err));
    if (has_rows(&d)) {
        r->targets = (struct rebuild_targets){d.offsets, d.offset_count, d.tables, d.table_count};
        (void)fprintf(r->out, "the tables hold %s: rebuilding them\n", d.total);
    } else {
        TRY(replay_ends(r->config, r->memory, &r->targets, err));
        (void)fprintf(r->out, "the tables are empty: reading the topics to their ends\n");
    }
    return store_rebuild_begin(r->store, &r->targets, err);
}

static enum rc find_targets(struct rebuild *r, struct error *err)
{
    enum rc rc = store_rebuild_read(r->store, r->memory, &r->targets, err);

    if (rc == RC_NOT_FOUND)
        return choose_targets(r, err);
    if (rc == RC_OK)
        (void)fprintf(r->out, "going on with the rebuild that was not finished\n");
    return rc;
}

static const struct table_digest *find_table(const struct store_digest *d, const char *name)
{
    for (size_t i = 0; i < d->table_count; i++)
        if (strcmp(d->tables[i].name, name) == 0)
            return &d->tables[i];
    return NULL;
}

static size_t count_differences(const struct rebuild *r, const struct store_digest *d)
{
    size_t differences = 0;

    for (size_t i = 0; i < r->targets.table_count; i++) {
        const struct table_digest *was = &r->targets.tables[i], *is = find_table(d, was->name);

        if (is != NULL && strcmp(was->digest, is->digest) == 0)
            continue;
        differences++;
        (void)fprintf(r->out, "differs: %s was %s, is %s\n", was->name, was->digest,
                      is != NULL ? is->digest : "no table of ours");
    }
    return differences;
}

static enum rc judge(struct rebuild *r, struct error *err)
{
    struct store_digest d;
    size_t differences;

    TRY(store_digest_read(r->store, r->memory, &d, err));
    TRY(store_rebuild_end(r->store, err));
    print_digest(r->out, &d);
    differences = count_differences(r, &d);
    if (differences > 0)
        return error_set(err, RC_CONFLICT, "%zu of %zu tables came out different", differences,
                         r->targets.table_count);
    TRY(compare_total(r->config, &d, err));
    if (r->targets.table_count > 0 || r->config->expect != NULL)
        (void)fprintf(r->out, "digest equal\n");
    return RC_OK;
}

static enum rc run_rebuild(struct rebuild *r, struct error *err)
{
    TRY(store_check_schema(r->store, err));
    TRY(store_lock_projection(r->store, true, err));
    TRY(find_targets(r, err));
    TRY(store_rebuild_empty(r->store, err));
    TRY(replay_run(r->config, &r->targets, r->out, err));
    return judge(r, err);
}

enum rc db_rebuild(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct rebuild r = {.config = config, .out = out, .memory = memory};

    TRY(db_migrate(config, out, err));
    TRY(open_as(config, STORE_AS_OWNER, &s, err));
    r.store = s;
    return run_rebuild(&r, err);
}
