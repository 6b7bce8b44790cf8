#include "consumer/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "consumer/source.h"

enum {
    ENDS_TIMEOUT_MS = 10000,
    POLL_MS = 100,
    BATCH_RECORDS = 20000,
    BATCH_BYTES = 8 * 1024 * 1024,
    BATCH_MEMORY = 64 * 1024 * 1024,
    QUIET_POLLS = 600, /* a minute without a record or an end */
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

/* --- the ends --- */

static enum rc list_topics(struct bus *bus, const char *prefix, struct arena *memory,
                           const char ***ret, size_t *ret_count, struct error *err)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;

    TRY(bus_admin_new(bus, &admin, err));
    return bus_topic_list(admin, prefix, memory, ret, ret_count, err);
}

static enum rc add_ends(struct bus_consumer *c, const struct db_config *config, const char *topic,
                        struct rebuild_targets *t, struct error *err)
{
    int64_t ends[2];

    for (int p = 0; p < config->partitions; p++) {
        TRY(bus_query_ends(c, topic, p, ENDS_TIMEOUT_MS, ends, err));
        t->offsets[t->offset_count++] = (struct offset_row){
            .topic = topic + strlen(config->topic_prefix), .part = p, .next_offset = ends[1]};
    }
    return RC_OK;
}

enum rc replay_ends(const struct db_config *config, struct arena *memory,
                    struct rebuild_targets *ret, struct error *err)
{
    SCOPED(bus) struct bus *bus = NULL;
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct rebuild_targets t = {NULL, 0, NULL, 0};
    const char **topics = NULL;
    size_t count = 0;

    TRY(open_bus(config, &bus, &c, err));
    TRY(list_topics(bus, config->topic_prefix, memory, &topics, &count, err));
    t.offsets = arena_alloc(memory, count * (size_t)config->partitions * sizeof *t.offsets);
    for (size_t i = 0; i < count; i++) {
        enum feed feed = feed_of(topics[i] + strlen(config->topic_prefix));

        if (feed != FEED_NONE && feed != FEED_HEARTBEATS)
            TRY(add_ends(c, config, topics[i], &t, err));
    }
    *ret = t;
    return RC_OK;
}

/* --- the replay --- */

struct replay {
    const struct db_config *config;
    FILE *out;
    struct bus *bus;
    struct bus_consumer *consumer;
    struct store *store;
    struct leaf_set *leaves;
    struct positions positions; /* those with something to read */
    int64_t *targets;           /* of each position; 0 when it is reached */
    size_t left;                /* positions that are not */
    struct batch_stats stats;
    struct arena *memory;
    struct intake *items;
    size_t count, capacity, bytes;
    int quiet; /* polls since something came */
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
    return intake_take(&m, r->config->partitions, r->memory);
}

static void take_record(struct replay *r, const struct offset_row *row, const struct bus_event *e)
{
    size_t i = (size_t)(row - r->positions.rows);

    if (r->targets[i] == 0 || e->offset >= r->targets[i]) {
        reach(r, i, e->offset); /* the end lay in a hole */
        return;
    }
    r->items = array_grow(r->items, r->count, &r->capacity, sizeof *r->items);
    r->items[r->count] = intake_of(r, row, e);
    r->bytes += e->key.len + e->value.len;
    reach(r, i, r->items[r->count].last_offset + 1);
    r->count++;
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
    row = positions_find(&r->positions, e->topic + strlen(r->config->topic_prefix), e->partition);
    if (row != NULL && e->kind != BUS_EOF)
        take_record(r, row, e);
    else if (row != NULL)
        reach(r, (size_t)(row - r->positions.rows), e->offset);
    return RC_OK;
}

static bool is_full(const struct replay *r)
{
    size_t limit = r->config->batch_records > 0 ? (size_t)r->config->batch_records : BATCH_RECORDS;

    return r->count >= limit || r->bytes >= BATCH_BYTES || arena_used(r->memory) >= BATCH_MEMORY;
}

static enum rc read_all(struct replay *r, struct error *err)
{
    struct bus_event e;

    while (r->left > 0) {
        bus_poll(r->consumer, POLL_MS, &e);
        TRY(take_event(r, &e, err));
        if (is_full(r))
            TRY(store_items(r, err));
    }
    return store_items(r, err);
}

static void choose_positions(struct replay *r, const struct rebuild_targets *targets)
{
    for (size_t i = 0; i < targets->offset_count; i++)
        if (targets->offsets[i].next_offset > 0)
            positions_add(&r->positions, targets->offsets[i].topic, targets->offsets[i].part);
    positions_sort(&r->positions);
    r->targets = xcalloc(r->positions.count + 1, sizeof *r->targets);
    r->left = r->positions.count;
    for (size_t i = 0; i < targets->offset_count; i++) {
        const struct offset_row *t = &targets->offsets[i];
        const struct offset_row *row = positions_find(&r->positions, t->topic, t->part);

        if (row != NULL)
            r->targets[row - r->positions.rows] = t->next_offset;
    }
}

static enum rc begin(struct replay *r, struct error *err)
{
    const struct store_config config = {.database = r->config->database,
                                        .application = "cronobs db rebuild",
                                        .role = STORE_AS_WRITER};

    TRY(store_open(&config, &r->store, err));
    TRY(store_prepare(r->store, err));
    if (r->positions.count == 0)
        return RC_OK;
    TRY(open_bus(r->config, &r->bus, &r->consumer, err));
    TRY(store_claim(r->store, "rebuild", r->positions.rows, r->positions.count, err));
    return source_start(r->consumer, r->store, r->config->topic_prefix, &r->positions, err);
}

static void replay_clear(struct replay *r)
{
    bus_consumer_free(r->consumer);
    bus_free(r->bus);
    store_free(r->store);
    leaf_set_free(r->leaves);
    positions_clear(&r->positions);
    arena_free(r->memory);
    free(r->targets);
    free(r->items);
}

enum rc replay_run(const struct db_config *config, const struct rebuild_targets *targets, FILE *out,
                   struct error *err)
{
    struct replay r = {
        .config = config, .out = out, .leaves = leaf_set_new(), .memory = arena_new(0)};
    enum rc rc;

    choose_positions(&r, targets);
    rc = begin(&r, err);
    if (rc == RC_OK)
        rc = read_all(&r, err);
    if (rc == RC_OK)
        (void)fprintf(out, "replayed %" PRIu64 " records in %" PRIu64 " batches\n", r.stats.records,
                      r.stats.batches);
    replay_clear(&r);
    return rc;
}
