#include "consumer/replay.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "consumer/skip.h"
#include "consumer/source.h"

enum {
    ENDS_TIMEOUT_MS = 10000,
    SURVEY_MS = 30000, /* for one partition */
    POLL_MS = 100,
    BATCH_RECORDS = 20000,
    BATCH_BYTES = 8 * 1024 * 1024,
    BATCH_MEMORY = 64 * 1024 * 1024,
    QUIET_POLLS = 600, /* a minute without a record or an end */
    PROGRESS_MS = 10000,
};

static enum rc open_bus(const struct db_config *config, struct bus **ret_bus,
                        struct bus_consumer **ret, struct error *err)
{
    static const struct bus_consumer_config reader = {.isolation = BUS_COMMITTED};
    const struct bus_config c = {
        .brokers = config->brokers,
        .instance = "cronobs-db",
        .session_timeout_ms = 10000,
        .on_notice = source_notice,
    };

    TRY(bus_kafka_new(&c, ret_bus, err));
    return bus_consumer_new(*ret_bus, &reader, ret, err);
}

/* --- what the topics hold --- */

static enum rc list_topics(struct bus *bus, const char *prefix, struct arena *memory,
                           const char ***ret, size_t *ret_count, struct error *err)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;

    TRY(bus_admin_new(bus, &admin, err));
    return bus_topic_list(admin, prefix, memory, ret, ret_count, err);
}

/* A topic that was listed is there: what is not known yet, or cannot be asked now, is asked again. */
static enum rc ask_ends(struct bus_consumer *c, const char *topic, int partition, int64_t ret[2],
                        struct error *err)
{
    usec_t deadline = clock_monotonic() + SURVEY_MS * USEC_PER_MS;
    enum rc rc = bus_query_ends(c, topic, partition, ENDS_TIMEOUT_MS, ret, err);

    while ((rc == RC_NOT_FOUND || rc == RC_RETRY) && clock_monotonic() < deadline) {
        (void)poll(NULL, 0, POLL_MS);
        rc = bus_query_ends(c, topic, partition, ENDS_TIMEOUT_MS, ret, err);
    }
    return rc;
}

static enum rc survey_topic(struct bus_consumer *c, const struct db_config *config,
                            const char *topic, struct spans *spans, struct error *err)
{
    int64_t ends[2];

    for (int p = 0; p < config->partitions; p++) {
        TRY(ask_ends(c, topic, p, ends, err));
        spans_add(spans, topic + strlen(config->topic_prefix), p, ends[0], ends[1]);
    }
    return RC_OK;
}

enum rc replay_survey(const struct db_config *config, struct arena *memory, struct spans *ret,
                      struct error *err)
{
    SCOPED(bus) struct bus *bus = NULL;
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct spans spans = {.memory = memory};
    const char **topics = NULL;
    size_t count = 0;

    TRY(open_bus(config, &bus, &c, err));
    TRY(list_topics(bus, config->topic_prefix, memory, &topics, &count, err));
    for (size_t i = 0; i < count; i++) {
        enum feed feed = feed_of(topics[i] + strlen(config->topic_prefix));

        if (feed != FEED_NONE && feed != FEED_HEARTBEATS)
            TRY(survey_topic(c, config, topics[i], &spans, err));
    }
    *ret = spans;
    return RC_OK;
}

void replay_tell_losses(const struct spans *spans, FILE *out)
{
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *s = &spans->items[i];

        if (!span_has_lost(s))
            continue;
        if (s->low > 0)
            (void)fprintf(out, "%s[%d] begins at %" PRId64 ": what was before is lost\n", s->topic,
                          s->part, s->low);
        if (s->tables > s->high)
            (void)fprintf(out, "%s[%d] ends at %" PRId64 ", the tables stand at %" PRId64 "\n",
                          s->topic, s->part, s->high, s->tables);
    }
}

/* --- the replay --- */

struct replay {
    const struct replay_job *job;
    struct bus *bus;
    struct bus_consumer *consumer;
    struct store *store;
    struct leaf_set *leaves;
    struct skipped_range *skipped; /* left out by the tables, too */
    size_t skipped_count;
    struct arena *names;
    struct positions positions; /* those with something to read */
    int64_t *targets;           /* of each position; 0 when it is reached */
    int64_t *ends;              /* the same, but they stay; 0 also where it must stop */
    size_t left;                /* positions that are not */
    struct batch_stats stats;
    struct arena *memory;
    struct intake *items;
    size_t count, capacity, bytes;
    int quiet;     /* polls since something came */
    int64_t total; /* records to read, about */
    usec_t told_at;
};

static enum rc store_items(struct replay *r, struct error *err)
{
    struct batch_writer w = {r->store, &r->positions, r->leaves, &r->stats, r->memory};

    if (r->count == 0)
        return RC_OK;
    TRY(batch_store(&w, r->items, r->count, err));
    r->count = r->bytes = 0;
    arena_reset(r->memory);
    return RC_OK;
}

static void reach(struct replay *r, size_t i, int64_t next)
{
    if (r->targets[i] == 0 || next < r->targets[i])
        return;
    r->targets[i] = 0;
    r->left--;
}

/* As the consumer takes it, whatever it is. */
static struct intake intake_of(struct replay *r, const struct offset_row *row,
                               const struct bus_event *e)
{
    const struct message m = {row->topic, e->partition, e->offset, e->timestamp, e->key, e->value};

    if (e->kind == BUS_UNREADABLE)
        return intake_unreadable(&m, e->next - 1, e->code);
    return intake_take(&m, r->job->config->partitions, r->memory);
}

static void take_record(struct replay *r, const struct offset_row *row, const struct bus_event *e)
{
    size_t i = (size_t)(row - r->positions.rows);
    struct intake item;

    if (r->job->until != 0 && e->timestamp > r->job->until) {
        r->ends[i] = MIN(r->ends[i], e->offset); /* nothing is known of what comes from here on */
        reach(r, i, INT64_MAX);
        bus_assign_remove(r->consumer, e->topic, e->partition);
        return;
    }
    if (r->targets[i] == 0 || e->offset >= r->targets[i]) {
        reach(r, i, e->offset); /* the end lay in a hole */
        return;
    }
    if (skip_leaves_out(r->skipped, r->skipped_count, row->topic, row->part, e->offset)) {
        reach(r, i, (e->kind == BUS_UNREADABLE ? e->next : e->offset + 1));
        return;
    }
    item = intake_of(r, row, e);
    if (intake_must_stop(&item)) { /* as the consumer does: it will say why */
        r->ends[i] = 0;
        reach(r, i, INT64_MAX);
        return;
    }
    r->items = array_grow(r->items, r->count, &r->capacity, sizeof *r->items);
    r->items[r->count++] = item;
    r->bytes += e->key.len + e->value.len;
    reach(r, i, item.last_offset + 1);
}

static enum rc take_event(struct replay *r, const struct bus_event *e, struct error *err)
{
    const struct offset_row *row;

    r->quiet = e->kind == BUS_NOTHING ? r->quiet + 1 : 0;
    if (r->quiet > QUIET_POLLS)
        return error_set(err, RC_RETRY, "could not read on: nothing came for a minute");
    if (e->kind == BUS_FAILED) {
        *err = e->err;
        return e->err.rc == RC_RETRY ? RC_OK : e->err.rc;
    }
    if (e->kind != BUS_MESSAGE && e->kind != BUS_UNREADABLE && e->kind != BUS_EOF)
        return RC_OK;
    row = positions_find(&r->positions, e->topic + strlen(r->job->config->topic_prefix),
                         e->partition);
    if (row != NULL && e->kind != BUS_EOF)
        take_record(r, row, e);
    else if (row != NULL)
        reach(r, (size_t)(row - r->positions.rows), e->offset);
    return RC_OK;
}

static bool is_full(const struct replay *r)
{
    int wanted = r->job->config->batch_records;
    size_t limit = wanted > 0 ? (size_t)wanted : BATCH_RECORDS;

    return r->count >= limit || r->bytes >= BATCH_BYTES || arena_used(r->memory) >= BATCH_MEMORY;
}

static void tell_progress(struct replay *r)
{
    usec_t now = clock_monotonic();

    if (now < r->told_at + PROGRESS_MS * USEC_PER_MS)
        return;
    r->told_at = now;
    (void)fprintf(r->job->out, "stored %" PRIu64 " of about %" PRId64 " records (%d %%)\n",
                  r->stats.records, r->total,
                  (int)(100 * (double)r->stats.records / (double)MAX(r->total, 1)));
    (void)fflush(r->job->out);
}

static enum rc read_all(struct replay *r, struct error *err)
{
    struct bus_event e;

    while (r->left > 0) {
        bus_poll(r->consumer, POLL_MS, &e);
        TRY(take_event(r, &e, err));
        if (is_full(r))
            TRY(store_items(r, err));
        tell_progress(r);
    }
    return store_items(r, err);
}

/* Where the last that the log holds was left out, or lay in a hole, no record has moved the position. */
static enum rc advance_to_ends(struct replay *r, struct error *err)
{
    for (size_t i = 0; i < r->positions.count; i++) {
        struct offset_row *row = &r->positions.rows[i];

        if (row->next_offset >= r->ends[i])
            continue;
        row->next_offset = r->ends[i];
        TRY(store_begin(r->store, row, 1, err));
        TRY(store_commit(r->store, err));
        row->first_offset = row->next_offset;
    }
    return RC_OK;
}

/* --- where it begins --- */

static void choose_positions(struct replay *r)
{
    const struct spans *spans = r->job->spans;

    for (size_t i = 0; i < spans->count; i++)
        if (spans->items[i].end > 0)
            positions_add(&r->positions, spans->items[i].topic, spans->items[i].part);
    positions_sort(&r->positions);
    r->targets = xcalloc(r->positions.count + 1, sizeof *r->targets);
    r->ends = xcalloc(r->positions.count + 1, sizeof *r->ends);
}

/* Passes over what is gone; then there may be something to read. */
static enum rc begin_at(struct replay *r, const struct span *span, struct error *err)
{
    struct offset_row *row = positions_find(&r->positions, span->topic, span->part);

    if (row == NULL)
        return RC_OK;
    if (row->next_offset < span->low)
        TRY(store_skip_lost(r->store, row, span->low, err));
    if (row->next_offset >= span->end)
        return RC_OK;
    r->targets[row - r->positions.rows] = r->ends[row - r->positions.rows] = span->end;
    r->total += span->end - row->next_offset;
    r->left++;
    return RC_OK;
}

static enum rc open_tables(struct replay *r, struct error *err)
{
    const struct store_config config = {.database = r->job->config->database,
                                        .schema = r->job->schema,
                                        .application = "cronobs db rebuild",
                                        .role = STORE_AS_WRITER};

    TRY(store_open(&config, &r->store, err));
    TRY(store_prepare(r->store, err));
    TRY(store_read_skipped(r->store, r->names, &r->skipped, &r->skipped_count, err));
    if (r->positions.count == 0)
        return RC_OK;
    TRY(store_claim(r->store, "rebuild", r->positions.rows, r->positions.count, err));
    for (size_t i = 0; i < r->job->spans->count; i++)
        TRY(begin_at(r, &r->job->spans->items[i], err));
    return RC_OK;
}

static enum rc start_reading(struct replay *r, struct error *err)
{
    struct bus_position *starts = arena_alloc(r->memory, (r->left + 1) * sizeof *starts);
    size_t count = 0;

    for (size_t i = 0; i < r->positions.count; i++) {
        const struct offset_row *row = &r->positions.rows[i];

        if (r->targets[i] == 0)
            continue;
        starts[count].topic =
            arena_printf(r->memory, "%s%s", r->job->config->topic_prefix, row->topic);
        starts[count].partition = row->part;
        starts[count++].offset = row->next_offset;
    }
    TRY(open_bus(r->job->config, &r->bus, &r->consumer, err));
    TRY(bus_assign(r->consumer, starts, count, err));
    arena_reset(r->memory);
    r->told_at = clock_monotonic();
    return read_all(r, err);
}

static void replay_clear(struct replay *r)
{
    bus_consumer_free(r->consumer);
    bus_free(r->bus);
    store_free(r->store);
    leaf_set_free(r->leaves);
    positions_clear(&r->positions);
    arena_free(r->memory);
    arena_free(r->names);
    free(r->ends);
    free(r->targets);
    free(r->items);
}

enum rc replay_run(const struct replay_job *job, uint64_t *ret_records, struct error *err)
{
    struct replay r = {
        .job = job, .leaves = leaf_set_new(), .memory = arena_new(0), .names = arena_new(0)};
    enum rc rc;

    choose_positions(&r);
    rc = open_tables(&r, err);
    if (rc == RC_OK && r.left > 0)
        rc = start_reading(&r, err);
    if (rc == RC_OK)
        rc = advance_to_ends(&r, err);
    *ret_records = r.stats.records;
    if (rc == RC_OK && r.stats.records > 0)
        (void)fprintf(job->out, "replayed %" PRIu64 " records in %" PRIu64 " batches\n",
                      r.stats.records, r.stats.batches);
    replay_clear(&r);
    return rc;
}
