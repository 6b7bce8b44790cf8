#include "consumer/rebuild.h"

#include <inttypes.h>

#include "base/fault.h"
#include "consumer/digest_text.h"
#include "consumer/past.h"
#include "consumer/replay.h"
#include "store/migrate.h"
#include "store/rebuild.h"
#include "store/schema.h"
#include "store/search_index.h"
#include "store/write.h"

enum {
    ROUNDS_MAX = 10,  /* of catching up, before the writers have to wait */
    ROUND_FEW = 2000, /* records: short enough to let them wait for */
};

struct rebuild {
    const struct db_config *config;
    FILE *out;
    struct store *live, *fresh; /* as who migrates */
    struct arena *memory;
    struct store_digest before; /* of the live tables */
    size_t differences;         /* tables that came out otherwise, at the same positions */
    bool has_lost;              /* the topics hold less than was read from them */
    bool carries_logs;
};

static bool is_empty(const struct store_digest *d)
{
    for (size_t i = 0; i < d->offset_count; i++)
        if (d->offsets[i].next_offset > 0)
            return false;
    return true;
}

static enum rc open_in(const struct db_config *config, const char *schema, struct store **ret,
                       struct error *err)
{
    const struct store_config c = {.database = config->database,
                                   .schema = schema,
                                   .application = "cronobs db rebuild",
                                   .role = STORE_AS_LOGIN};

    return store_open(&c, ret, err);
}

/* --- reading --- */

static void judge_losses(struct rebuild *r, const struct spans *spans)
{
    bool is_log;

    for (size_t i = 0; i < spans->count; i++) {
        is_log = text_equal(spans->items[i].topic, "logs");
        if (!span_has_lost(&spans->items[i]))
            continue;
        r->has_lost |= !is_log;
        r->carries_logs |= is_log && !is_empty(&r->before);
    }
}

static enum rc replay(struct rebuild *r, const struct spans *spans, uint64_t *ret_records,
                      struct error *err)
{
    const struct replay_job job = {r->config, REBUILD_SCHEMA, spans, r->out, 0};

    return replay_run(&job, ret_records, err);
}

/* Up to where the live tables stand now. */
static enum rc catch_up(struct rebuild *r, uint64_t *ret_records, struct error *err)
{
    struct offset_row *offsets = NULL;
    size_t count = 0;
    struct spans spans;

    TRY(store_offsets_read(r->live, r->memory, &offsets, &count, err));
    TRY(replay_survey(r->config, r->memory, &spans, err));
    spans_to_tables(&spans, offsets, count);
    return replay(r, &spans, ret_records, err);
}

static enum rc build(struct rebuild *r, struct spans *spans, struct error *err)
{
    uint64_t records = 0;

    if (is_empty(&r->before)) {
        (void)fprintf(r->out, "the tables are empty: reading the topics to their ends\n");
        spans_to_ends(spans);
    } else {
        (void)fprintf(r->out, "the tables hold %s: rebuilding beside them\n", r->before.total);
        spans_to_tables(spans, r->before.offsets, r->before.offset_count);
    }
    judge_losses(r, spans);
    replay_tell_losses(spans, r->out);
    if (r->carries_logs) {
        (void)fprintf(r->out, "log lines are carried over: their topic has lost its beginning\n");
        TRY(store_rebuild_carry_logs(r->live, err));
    }
    fault_point("rebuild.begun");
    TRY(replay(r, spans, &records, err));
    fault_point("rebuild.replayed");
    return store_schema_analyze(r->fresh, REBUILD_SCHEMA, err);
}

/* --- comparing --- */

static enum rc compare_digests(struct rebuild *r, struct error *err)
{
    struct store_digest d;

    TRY(store_digest_read(r->fresh, r->memory, &d, err));
    digest_print(&d, r->out);
    TRY(digest_expect(&d, r->config->expect, err));
    if (!is_empty(&r->before))
        r->differences =
            digest_differences(&r->before, &d, r->carries_logs ? store_is_log_table : NULL, r->out);
    if (r->differences == 0 && (!is_empty(&r->before) || r->config->expect != NULL))
        (void)fprintf(r->out, "digest equal\n");
    return RC_OK;
}

static enum rc refuse_loss(int64_t missing, int64_t changed, struct error *err)
{
    (void)error_set(err, RC_CONFLICT,
                    "the rebuilt tables would be without %" PRId64 " rows, and %" PRId64
                    " would be otherwise: nothing was changed",
                    missing, changed);
    return error_hint(err,
                      "restore the topics; or give --accept-loss, and the rebuilt tables "
                      "take their place all the same");
}

/* Only at equal positions: frozen. */
static enum rc judge_rows(struct rebuild *r, struct error *err)
{
    struct table_loss *losses = NULL;
    int64_t missing = 0, changed = 0;
    size_t count = 0;

    if (r->differences == 0)
        return RC_OK;
    TRY(store_rebuild_compare(r->live, !r->carries_logs, r->memory, &losses, &count, err));
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(r->out, "%s: %" PRId64 " rows missing, %" PRId64 " otherwise\n",
                      losses[i].name, losses[i].missing, losses[i].changed);
        missing += losses[i].missing;
        changed += losses[i].changed;
    }
    if (r->config->accept_loss || (missing == 0 && (changed == 0 || !r->has_lost)))
        return RC_OK;
    return refuse_loss(missing, changed, err);
}

/* --- taking their place --- */

static enum rc take_the_place(struct rebuild *r, struct error *err)
{
    uint64_t records = ROUND_FEW;

    for (int i = 0; i < ROUNDS_MAX && records >= ROUND_FEW; i++)
        TRY(catch_up(r, &records, err));
    TRY(store_rebuild_freeze(r->live, err));
    fault_point("rebuild.frozen");
    TRY(catch_up(r, &records, err));
    TRY(judge_rows(r, err));
    TRY(store_rebuild_swap(r->live, err));
    fault_point("rebuild.swapped");
    (void)fprintf(r->out, "the rebuilt tables are live\n");
    return RC_OK;
}

static enum rc prepare(struct rebuild *r, struct error *err)
{
    SCOPED(text) char *no_index = NULL; /* `db migrate` has said so */

    TRY(store_rebuild_lock(r->live, err));
    TRY(open_in(r->config, REBUILD_SCHEMA, &r->fresh, err));
    TRY(store_migrate(r->fresh, NULL, NULL, err));
    no_index = store_search_index(r->fresh);
    TRY(store_rebuild_check(r->live, err));
    return store_rebuild_prepare(r->live, err);
}

static enum rc run(struct rebuild *r, struct error *err)
{
    struct spans spans;

    TRY(prepare(r, err));
    TRY(store_digest_read(r->live, r->memory, &r->before, err));
    /* after: a topic never ends before what was read of it */
    TRY(replay_survey(r->config, r->memory, &spans, err));
    TRY(build(r, &spans, err));
    TRY(compare_digests(r, err));
    return take_the_place(r, err);
}

/* What is left over goes at once if it can, else with the next rebuild. The lock is still ours, unless the connection is gone. */
static void clean(struct rebuild *r)
{
    struct error ignored;

    store_rollback(r->live);
    if (store_rebuild_lock(r->live, &ignored) != RC_RETRY)
        return;
    store_free(TAKE(r->live));
    if (open_in(r->config, NULL, &r->live, &ignored) == RC_OK)
        (void)!store_rebuild_lock(r->live, &ignored);
}

static enum rc conclude(const struct rebuild *r, struct error *err)
{
    if (r->differences == 0 || r->config->accept_loss)
        return RC_OK;
    return error_set(err, RC_CONFLICT, "%zu of %zu tables came out different, and are live now",
                     r->differences, r->before.table_count);
}

enum rc db_rebuild(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct rebuild r = {.config = config, .out = out, .memory = memory};
    enum rc rc;

    if (config->until != 0)
        return past_build(config, out, err);
    TRY(db_migrate(config, out, err));
    TRY(open_in(config, NULL, &r.live, err));
    rc = run(&r, err);
    store_free(r.fresh);
    clean(&r);
    store_free(r.live);
    return rc == RC_OK ? conclude(&r, err) : rc;
}
