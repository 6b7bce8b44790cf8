/*
 * consumer.c - one loop: what the bus says goes into a batch, a full or old batch goes into the database.
 *
 * Whatever goes wrong with the database has one answer: forget the batch, read nothing (an empty assignment keeps the
 * membership), open a new connection after a while, claim the positions again. The database's positions then also
 * tell whether a commit whose answer was lost has happened.
 */
#include "consumer/consumer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/seldom.h"
#include "consumer/batch.h"
#include "consumer/source.h"
#include "store/migrate.h"

enum {
    BATCH_BYTES = 8 * 1024 * 1024,
    BATCH_MEMORY = 64 * 1024 * 1024,
    BATCH_MS = 50,
    IDLE_MS = 200,
    BACK_OFF_FIRST_MS = 100,
    BACK_OFF_MAX_MS = 5000,
    STATEMENT_TIMEOUT_MS = 60000,
    MENTION_MS = 10000,
    TRY_AGAIN_MS = 10000,  /* what stands: a person may have mended it */
    FENCED_MS = 2000,      /* the group says soon who the owner is */
    WELL_MS = 15000,       /* how often it says that it stores what comes */
    SETTLED_MS = 5000,     /* nothing has come for so long: nothing waits to be stored */
    NAME_TAKEN_MS = 10000, /* an earlier process of the same name may take that long to go away */
};

struct consumer {
    const struct consumer_config *config;
    char *instance;
    struct bus *bus;
    struct bus_consumer *bus_consumer;
    struct store *store;
    struct leaf_set *leaves;
    struct positions positions; /* assigned */
    bool claimed;               /* they are ours in the database, and being read */
    bool away;                  /* the database was, when it was last tried */
    bool has_stored;            /* a batch, since the claim */
    usec_t claimed_at, well_at; /* monotonic; well_at: it was said last */
    usec_t retry_at;            /* monotonic */
    bool is_again;              /* it is claimed only to see what stands */
    usec_t try_again_at;        /* monotonic: those that stand; USEC_MAX: none does */
    int64_t back_off_ms;
    struct batch_stats stats;
    uint64_t buried; /* dead letters that the log knows of */
    usec_t buried_at;
    struct seldom unreadable; /* batches that could not be unpacked, as the log tells of them */

    struct arena *memory; /* of the batch */
    struct intake *items;
    size_t count, capacity, bytes;
    usec_t opened_at; /* when its first record came, monotonic */
};

static void drop_batch(struct consumer *c)
{
    c->count = c->bytes = 0;
    arena_reset(c->memory);
}

/* --- the database comes and goes --- */

static enum rc connect_store(struct consumer *c, struct error *err)
{
    const struct store_config config = {
        .database = c->config->database,
        .application = c->instance,
        .role = STORE_AS_WRITER,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };

    if (c->store != NULL)
        return RC_OK;
    TRY(store_open(&config, &c->store, err));
    TRY(store_lock_instance(c->store, c->instance, err));
    TRY(store_check_schema(c->store, err));
    return store_prepare(c->store, err);
}

static void disconnect_store(struct consumer *c)
{
    store_free(c->store);
    c->store = NULL;
    leaf_set_forget(c->leaves);
}

/* Reads nothing until positions are claimed again; stays in the group. */
static enum rc let_go(struct consumer *c, struct error *err)
{
    drop_batch(c);
    if (!c->claimed)
        return RC_OK;
    c->claimed = false;
    return bus_assign(c->bus_consumer, NULL, 0, err);
}

/* RC_OK: goes on later; what a person or a restart must mend comes back as it is. */
static enum rc recover(struct consumer *c, enum rc rc, struct error *err)
{
    struct error why = *err;

    if (rc == RC_OK ||
        (rc != RC_RETRY && rc != RC_FENCED && rc != RC_CONFLICT && rc != RC_NOT_FOUND))
        return rc;
    if (!c->away)
        log_warn("could not store, trying again", "rc=%s why=\"%s\"", rc_name(rc), why.text);
    c->away = true;
    disconnect_store(c);
    c->retry_at = clock_monotonic() + (rc == RC_FENCED ? FENCED_MS : c->back_off_ms) * USEC_PER_MS;
    c->back_off_ms = MIN(c->back_off_ms * 2, BACK_OFF_MAX_MS);
    return let_go(c, err);
}

static enum rc claim_and_read(struct consumer *c, struct error *err)
{
    TRY(connect_store(c, err));
    TRY(store_claim(c->store, c->instance, c->positions.rows, c->positions.count, err));
    TRY(source_start(c->bus_consumer, c->store, c->config->topic_prefix, &c->positions, err));
    c->claimed = true;
    c->has_stored = false;
    c->claimed_at = clock_monotonic();
    return RC_OK;
}

static enum rc claim_when_due(struct consumer *c, struct error *err)
{
    if (c->claimed || c->positions.count == 0 || clock_monotonic() < c->retry_at)
        return RC_OK;
    TRY(recover(c, claim_and_read(c, err), err));
    if (!c->claimed)
        return RC_OK;
    if (!c->is_again)
        log_info("reading", "partitions=%zu owner=%s", c->positions.count, c->instance);
    c->is_again = false;
    return RC_OK;
}

/* --- what the bus says --- */

static void take_assignment(struct consumer *c, const struct bus_event *e)
{
    const char *prefix = c->config->topic_prefix;

    positions_clear(&c->positions);
    for (size_t i = 0; i < e->position_count; i++)
        if (text_starts(e->positions[i].topic, prefix))
            positions_add(&c->positions, e->positions[i].topic + strlen(prefix),
                          e->positions[i].partition);
    positions_sort(&c->positions);
    c->claimed = false;
    c->retry_at = 0;
    drop_batch(c);
}

static void take_revocation(struct consumer *c, const struct bus_event *e)
{
    log_info("partitions revoked", "count=%zu lost=%s", c->positions.count, e->lost ? "yes" : "no");
    positions_clear(&c->positions);
    c->claimed = false;
    drop_batch(c);
}

/* NULL: not ours to read (any more). */
static const struct offset_row *position_of(const struct consumer *c, const struct bus_event *e)
{
    const char *topic = e->topic + strlen(c->config->topic_prefix);

    return c->claimed ? positions_find(&c->positions, topic, e->partition) : NULL;
}

static void add_item(struct consumer *c, const struct intake *item)
{
    if (c->count == 0)
        c->opened_at = clock_monotonic();
    c->items = array_grow(c->items, c->count, &c->capacity, sizeof *c->items);
    c->items[c->count++] = *item;
}

static void take_unreadable(struct consumer *c, const struct bus_event *e)
{
    const struct offset_row *row = position_of(c, e);
    struct message m;
    struct intake item;
    uint64_t left_out;

    if (row == NULL || row->stands || e->next <= row->next_offset)
        return;
    m = (struct message){
        .topic = row->topic, .partition = e->partition, .offset = MAX(e->offset, row->next_offset)};
    item = intake_unreadable(&m, e->next - 1, e->code);
    add_item(c, &item);
    if (seldom_is_due(&c->unreadable, e->topic, e->partition, clock_monotonic(), &left_out))
        log_error("a batch that cannot be unpacked goes to dead_letter",
                  "topic=%s partition=%d from=%jd to=%jd code=%s left_out=%ju", e->topic,
                  e->partition, (intmax_t)m.offset, (intmax_t)e->next, e->code,
                  (uintmax_t)left_out);
}

/* --- storing --- */

static bool is_full(const struct consumer *c)
{
    return c->count >= (size_t)c->config->batch_records || c->bytes >= BATCH_BYTES ||
           arena_used(c->memory) >= BATCH_MEMORY;
}

static bool is_due(const struct consumer *c)
{
    return is_full(c) ||
           (c->count > 0 && clock_monotonic() - c->opened_at >= BATCH_MS * USEC_PER_MS);
}

static void mention_dead_letters(struct consumer *c)
{
    if (c->stats.dead_letters == c->buried ||
        clock_monotonic() < c->buried_at + MENTION_MS * USEC_PER_MS)
        return;
    log_warn("records went to dead_letter", "new=%ju all=%ju",
             (uintmax_t)(c->stats.dead_letters - c->buried), (uintmax_t)c->stats.dead_letters);
    c->buried = c->stats.dead_letters;
    c->buried_at = clock_monotonic();
}

static enum rc store_batch(struct consumer *c, struct error *err)
{
    struct batch_writer w = {c->store, &c->positions, c->leaves, &c->stats, c->memory};

    TRY(recover(c, batch_store(&w, c->items, c->count, err), err));
    if (!c->claimed)
        return RC_OK;
    mention_dead_letters(c);
    if (c->away)
        log_info("storing again", "records=%zu", c->count);
    c->away = false;
    c->has_stored = true;
    c->back_off_ms = BACK_OFF_FIRST_MS;
    source_hint(c->bus_consumer, c->config->topic_prefix, &c->positions);
    drop_batch(c);
    return RC_OK;
}

/* --- what stands --- */

/* Nothing more is read of that position; the others go on. What came before it is stored first. */
static enum rc stand(struct consumer *c, const struct bus_event *e, const char *why,
                     struct error *err)
{
    const char *topic = e->topic + strlen(c->config->topic_prefix);
    struct offset_row *row;

    if (c->count > 0)
        TRY(store_batch(c, err));
    row = c->claimed ? positions_find(&c->positions, topic, e->partition) : NULL;
    if (row == NULL)
        return RC_OK; /* it will be met again */
    row->stands = true;
    c->try_again_at = clock_monotonic() + TRY_AGAIN_MS * USEC_PER_MS;
    if (!row->was_told)
        log_error("a partition stands: nothing of it is stored until somebody mends it",
                  "topic=%s partition=%d offset=%jd why=\"%s\" cure=\"cronobs topics skip %s %d "
                  "OFFSET --reason TEXT\"",
                  topic, e->partition, (intmax_t)row->next_offset, why, topic, e->partition);
    row->was_told = true;
    TRY(recover(c, store_note_standing(c->store, row, why, err), err));
    return c->claimed ? recover(c,
                                source_start(c->bus_consumer, c->store, c->config->topic_prefix,
                                             &c->positions, err),
                                err)
                      : RC_OK;
}

static enum rc try_again(struct consumer *c, struct error *err)
{
    if (c->try_again_at == USEC_MAX || clock_monotonic() < c->try_again_at)
        return RC_OK;
    c->try_again_at = USEC_MAX;
    if (c->count > 0)
        TRY(store_batch(c, err));
    for (size_t i = 0; i < c->positions.count; i++)
        c->positions.rows[i].stands = false;
    c->is_again = true;
    return let_go(c, err);
}

static enum rc take_message(struct consumer *c, const struct bus_event *e, struct error *err)
{
    const struct offset_row *row = position_of(c, e);
    struct message m;
    struct intake item;

    if (row == NULL || row->stands || e->offset < row->next_offset)
        return RC_OK; /* from before an assignment */
    m = (struct message){row->topic, e->partition, e->offset, e->timestamp, e->key, e->value};
    item = intake_take(&m, c->config->partitions, c->memory);
    if (intake_must_stop(&item))
        return stand(c, e, "a later release has written what comes next: upgrade this one", err);
    add_item(c, &item);
    c->bytes += e->key.len + e->value.len;
    return RC_OK;
}

static enum rc take_lost(struct consumer *c, const struct bus_event *e, struct error *err)
{
    struct error why = {.rc = RC_OK};
    enum rc rc;

    if (position_of(c, e) == NULL)
        return RC_OK;
    rc = source_explain_lost(c->bus_consumer, c->config->topic_prefix, &c->positions, e, &why);
    if (rc == RC_NOT_FOUND)
        return stand(c, e, why.text, err);
    *err = why;
    return recover(c, rc, err);
}

static enum rc take_failure(struct consumer *c, const struct bus_event *e, struct error *err)
{
    *err = e->err;
    if (e->err.rc == RC_NOT_FOUND)
        return take_lost(c, e, err);
    if (e->err.rc != RC_RETRY)
        return e->err.rc;
    log_debug("broker trouble", "why=\"%s\"", e->err.text);
    return RC_OK;
}

static enum rc take_event(struct consumer *c, const struct bus_event *e, struct error *err)
{
    switch (e->kind) {
    case BUS_ASSIGNED:
        take_assignment(c, e);
        return RC_OK;
    case BUS_REVOKED:
        take_revocation(c, e);
        return RC_OK;
    case BUS_MESSAGE:
        return take_message(c, e, err);
    case BUS_UNREADABLE:
        take_unreadable(c, e);
        return RC_OK;
    case BUS_FAILED:
        return take_failure(c, e, err);
    default:
        return RC_OK;
    }
}

static int poll_ms(const struct consumer *c)
{
    usec_t left = c->opened_at + BATCH_MS * USEC_PER_MS - clock_monotonic();

    if (c->count == 0)
        return IDLE_MS;
    return (int)MAX(0, MIN(left / USEC_PER_MS + 1, BATCH_MS));
}

/* Whatever keeps it from storing, it cannot say so then: its silence tells the API. */
static enum rc say_well(struct consumer *c, struct error *err)
{
    usec_t now = clock_monotonic();
    bool is_idle = c->count == 0 && now - c->claimed_at >= SETTLED_MS * USEC_PER_MS;

    if (!c->claimed || (!c->has_stored && !is_idle) || now - c->well_at < WELL_MS * USEC_PER_MS)
        return RC_OK;
    c->well_at = now;
    return recover(c, store_note_well(c->store, c->positions.rows, c->positions.count, err), err);
}

/* One turn: claim what is assigned, take what has come, store what is due. */
static enum rc consumer_step(struct consumer *c, struct error *err)
{
    struct bus_event e;

    TRY(try_again(c, err));
    TRY(claim_when_due(c, err));
    TRY(say_well(c, err));
    bus_poll(c->bus_consumer, poll_ms(c), &e);
    TRY(take_event(c, &e, err));
    return c->claimed && is_due(c) ? store_batch(c, err) : RC_OK;
}

/* --- beginning and end --- */

static enum rc open_bus(struct consumer *c, const volatile sig_atomic_t *stop, struct error *err)
{
    const struct bus_config config = {
        .brokers = c->config->brokers,
        .instance = c->instance,
        .session_timeout_ms = (int)c->config->session_timeout_ms,
        .on_notice = source_notice,
    };

    TRY(bus_kafka_new(&config, &c->bus, err));
    return source_check_topics(c->bus, c->config->topic_prefix, c->config->partitions, stop, err);
}

/* A name that is taken is a wrong setting: starting again does not help. */
static enum rc give_up_waiting(struct error *err)
{
    if (err != NULL)
        (void)snprintf(err->hint, sizeof err->hint,
                       "give each process a name of its own (consumer.instance)");
    (void)error_prefix(err, "could not start");
    return RC_INVALID;
}

/* Before the group is joined: a second process of our name would throw the first one out. */
static enum rc wait_for_store(struct consumer *c, const volatile sig_atomic_t *stop,
                              struct error *err)
{
    usec_t begun = clock_monotonic();
    enum rc rc = connect_store(c, err);

    while (!*stop && (rc == RC_RETRY || rc == RC_CONFLICT || rc == RC_NOT_FOUND)) {
        if (rc == RC_CONFLICT && clock_monotonic() - begun > NAME_TAKEN_MS * USEC_PER_MS)
            return give_up_waiting(err);
        if (!c->away)
            log_warn("waiting for the database", "rc=%s why=\"%s\"", rc_name(rc), err->text);
        c->away = true;
        disconnect_store(c);
        (void)poll(NULL, 0, IDLE_MS);
        rc = connect_store(c, err);
    }
    c->away = false;
    return *stop ? RC_OK : rc;
}

static void consumer_clear(struct consumer *c)
{
    bus_consumer_free(c->bus_consumer); /* stays a member: it comes back */
    bus_free(c->bus);
    store_free(c->store);
    leaf_set_free(c->leaves);
    positions_clear(&c->positions);
    seldom_clear(&c->unreadable);
    arena_free(c->memory);
    free(c->items);
    free(c->instance);
}

static char *default_instance(void)
{
    char host[256] = "";

    (void)gethostname(host, sizeof host - 1);
    return xasprintf("%s-1", host[0] == '\0' ? "localhost" : host);
}

static enum rc run(struct consumer *c, const volatile sig_atomic_t *stop, struct error *err)
{
    TRY(open_bus(c, stop, err));
    TRY(wait_for_store(c, stop, err));
    TRY(source_open(c->bus, c->config->topic_prefix, &c->bus_consumer, err));
    log_info("consumer started", "instance=%s partitions=%d prefix=%s", c->instance,
             c->config->partitions, c->config->topic_prefix);
    while (!*stop)
        TRY(consumer_step(c, err));
    return RC_OK;
}

enum rc consumer_run(const struct consumer_config *config, const volatile sig_atomic_t *stop,
                     struct error *err)
{
    struct consumer c = {
        .config = config,
        .instance = config->instance != NULL ? xstrdup(config->instance) : default_instance(),
        .memory = arena_new(0),
        .leaves = leaf_set_new(),
        .back_off_ms = BACK_OFF_FIRST_MS,
        .try_again_at = USEC_MAX,
    };
    struct error why = {.rc = RC_OK};
    enum rc rc = run(&c, stop, &why);

    log_info("consumer ends", "rc=%s records=%ju batches=%ju dead_letters=%ju", rc_name(rc),
             (uintmax_t)c.stats.records, (uintmax_t)c.stats.batches,
             (uintmax_t)c.stats.dead_letters);
    consumer_clear(&c);
    if (err != NULL)
        *err = why;
    return rc == RC_CONFLICT ? RC_FATAL : rc; /* of the group: starting again helps */
}
