#include "consumer/leaf_set.h"

#include <stdlib.h>

#include "base/rfc3339.h"

#define AHEAD (2 * USEC_PER_DAY)

struct period_set { /* numbers of months or weeks; few, so searched from the newest */
    int64_t *items;
    size_t count, capacity;
};

struct leaf_set {
    struct period_set months, weeks;
    usec_t ahead_day; /* the last day for which leaves were made ahead */
};

static const char *const monthly[] = {"execution", "execution_event", "execution_heartbeat",
                                      "log_writer", "execution_rollup"};
static const char *const weekly[] = {"log_batch"};

struct leaf_set *leaf_set_new(void)
{
    return xcalloc(1, sizeof(struct leaf_set));
}

void leaf_set_free(struct leaf_set *s)
{
    if (s == NULL)
        return;
    free(s->months.items);
    free(s->weeks.items);
    free(s);
}

void leaf_set_forget(struct leaf_set *s)
{
    s->months.count = s->weeks.count = 0;
    s->ahead_day = 0;
}

static bool contains(const struct period_set *s, int64_t number)
{
    for (size_t i = s->count; i > 0; i--)
        if (s->items[i - 1] == number)
            return true;
    return false;
}

static int64_t month_of(usec_t at)
{
    struct civil c = civil_of(at);

    return (int64_t)c.year * 12 + c.month;
}

static int64_t week_of(usec_t at)
{
    return (at / USEC_PER_DAY + 3) / 7; /* 1970-01-01 was a Thursday; weeks begin on Monday */
}

struct leaf_kind {
    struct period_set *known;
    const char *const *parents;
    size_t parent_count;
    int64_t number;
};

static enum rc ensure(const struct leaf_kind *k, struct store *store, usec_t at, struct error *err)
{
    if (contains(k->known, k->number))
        return RC_OK;
    for (size_t i = 0; i < k->parent_count; i++)
        TRY(store_make_leaf(store, (struct leaf){k->parents[i], at}, err));
    k->known->items =
        array_grow(k->known->items, k->known->count, &k->known->capacity, sizeof *k->known->items);
    k->known->items[k->known->count++] = k->number;
    return RC_OK;
}

static enum rc ensure_month(struct leaf_set *s, struct store *store, usec_t at, struct error *err)
{
    const struct leaf_kind kind = {&s->months, monthly, ARRAY_LEN(monthly), month_of(at)};

    return ensure(&kind, store, at, err);
}

static enum rc ensure_week(struct leaf_set *s, struct store *store, usec_t at, struct error *err)
{
    const struct leaf_kind kind = {&s->weeks, weekly, ARRAY_LEN(weekly), week_of(at)};

    return ensure(&kind, store, at, err);
}

static enum rc ensure_ahead(struct leaf_set *s, struct store *store, usec_t now, struct error *err)
{
    if (now / USEC_PER_DAY <= s->ahead_day)
        return RC_OK;
    TRY(ensure_month(s, store, now + AHEAD, err));
    TRY(ensure_week(s, store, now + AHEAD, err));
    s->ahead_day = now / USEC_PER_DAY;
    return RC_OK;
}

/* The instant in an item's execution id; 0 when it has none. */
static usec_t id_time(const struct intake *in)
{
    switch (in->kind) {
    case RECORD_EXECUTION_CREATED:
        return execution_id_ms(((const struct execution_created *)in->record)->execution_id) *
               USEC_PER_MS;
    case RECORD_EXECUTION_STATUS:
        return execution_id_ms(((const struct execution_status *)in->record)->execution_id) *
               USEC_PER_MS;
    case RECORD_HEARTBEAT:
        return execution_id_ms(((const struct heartbeat *)in->record)->execution_id) * USEC_PER_MS;
    case RECORD_LOG_BATCH:
        return execution_id_ms(((const struct log_batch *)in->record)->execution_id) * USEC_PER_MS;
    default:
        return 0;
    }
}

enum rc leaf_set_ensure(struct leaf_set *s, struct store *store, const struct intake *items,
                        size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        usec_t at = items[i].refusal == REFUSED_NOT ? id_time(&items[i]) : 0;

        if (at == 0)
            continue;
        TRY(ensure_month(s, store, at, err));
        if (items[i].kind == RECORD_LOG_BATCH)
            TRY(ensure_week(s, store, items[i].message.timestamp, err));
        TRY(ensure_ahead(s, store, items[i].message.timestamp, err));
    }
    return RC_OK;
}
