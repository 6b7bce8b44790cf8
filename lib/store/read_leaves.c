#include "store/read_leaves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rfc3339.h"

#define FRESH_FOR USEC_PER_SEC

static const char leaves_sql[] =
    "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT i.inhdetachpending";

struct asker {
    struct read_pool *pool;
    struct leaf_range range;
    struct arena *memory;
    leaves_fn fn;
    void *ctx;
    struct asker *next;
};

struct read_leaves {
    struct leaf *items; /* sorted by name: by parent, then by time */
    size_t count, capacity;
    usec_t read_at; /* 0: never */
    struct asker *waiting;
};

/* --- names --- */

static usec_t month_start(int year, int month)
{
    return civil_to_days(year + (month - 1) / 12, (month - 1) % 12 + 1, 1) * USEC_PER_DAY;
}

bool leaf_parse(const char *name, struct leaf *ret)
{
    const char *mark = strrchr(name, '_');
    size_t digits = mark == NULL ? 0 : strspn(mark + 1, "0123456789");
    int date, month;

    if ((digits != 6 && digits != 8) || mark[1 + digits] != '\0' ||
        strlen(name) >= sizeof ret->name)
        return false;
    date = (int)strtol(mark + 1, NULL, 10);
    month = (digits == 6 ? date : date / 100) % 100;
    if (month < 1 || month > 12)
        return false;
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    if (digits == 6) {
        ret->from = month_start(date / 100, month);
        ret->to = month_start(date / 100, month + 1);
    } else {
        ret->from = civil_to_days(date / 10000, month, date % 100) * USEC_PER_DAY;
        ret->to = ret->from + 7 * USEC_PER_DAY;
    }
    return true;
}

void leaf_of(const char *parent, usec_t t, struct leaf *ret)
{
    struct civil c = civil_of(t);

    ret->from = month_start(c.year, c.month);
    ret->to = month_start(c.year, c.month + 1);
    (void)snprintf(ret->name, sizeof ret->name, "%s_%04d%02d", parent, c.year, c.month);
}

static int leaf_order(const void *a, const void *b)
{
    return strcmp(((const struct leaf *)a)->name, ((const struct leaf *)b)->name);
}

/* --- the list --- */

static struct read_leaves *leaves_of(struct read_pool *p)
{
    struct read_leaves **l = read_pool_leaves(p);

    if (*l == NULL)
        *l = xcalloc(1, sizeof **l);
    return *l;
}

static bool is_leaf_of(const struct leaf *leaf, const char *parent)
{
    size_t len = strlen(parent);

    return strncmp(leaf->name, parent, len) == 0 && leaf->name[len] == '_' &&
           strchr(leaf->name + len + 1, '_') == NULL;
}

static void tell(struct read_leaves *l, const struct asker *a)
{
    struct leaf_list list = {.items = arena_alloc(a->memory, l->count * sizeof *list.items)};

    for (size_t i = 0; i < l->count; i++)
        if (is_leaf_of(&l->items[i], a->range.parent) && l->items[i].to > a->range.from &&
            l->items[i].from < a->range.to)
            list.items[list.count++] = l->items[i];
    a->fn(a->ctx, &list, NULL);
}

static void take_names(struct read_leaves *l, const PGresult *r)
{
    l->count = 0;
    for (int i = 0; i < PQntuples(r); i++) {
        l->items = array_grow(l->items, l->count, &l->capacity, sizeof *l->items);
        if (leaf_parse(PQgetvalue(r, i, 0), &l->items[l->count]))
            l->count++;
    }
    if (l->count > 0)
        qsort(l->items, l->count, sizeof *l->items, leaf_order);
}

static void leaves_rows(void *ctx, const PGresult *r, bool missing UNUSED, const struct error *err)
{
    struct read_pool *p = ctx;
    struct read_leaves *l = leaves_of(p);
    struct asker *a = TAKE(l->waiting);

    if (r != NULL) {
        take_names(l, r);
        l->read_at = read_pool_now(p);
    }
    while (a != NULL) {
        struct asker *next = a->next; /* before a's owner releases its memory */

        if (r != NULL)
            tell(l, a);
        else
            a->fn(a->ctx, NULL, err);
        a = next;
    }
}

/* Recently read, and today's leaf is known: the first row of a new month must not be missed for
   a second. */
static bool is_fresh(const struct read_pool *p, const struct read_leaves *l, const char *parent)
{
    usec_t now = clock_realtime();

    if (l->read_at == 0 || read_pool_now(p) - l->read_at >= FRESH_FOR)
        return false;
    for (size_t i = 0; i < l->count; i++)
        if (is_leaf_of(&l->items[i], parent) && l->items[i].from <= now && now < l->items[i].to)
            return true;
    return false;
}

void leaves_find(struct read_pool *p, struct leaf_range range, struct arena *memory, leaves_fn fn,
                 void *ctx)
{
    struct read_leaves *l = leaves_of(p);
    struct asker *a = arena_alloc(memory, sizeof *a);
    struct read_query q = {0};
    bool is_asked = l->waiting != NULL;

    *a = (struct asker){p, range, memory, fn, ctx, NULL};
    if (!is_asked && is_fresh(p, l, range.parent)) {
        tell(l, a);
        return;
    }
    a->next = l->waiting;
    l->waiting = a;
    if (is_asked)
        return;
    buf_add_text(&q.sql, leaves_sql);
    read_submit(p, &q, leaves_rows, p);
}

/* --- those with something open --- */

struct open_asker {
    struct asker for_whom;
    usec_t *months; /* the first instant of each that has something open */
    size_t month_count;
};

static const char open_months_sql[] =
    "SELECT DISTINCT date_trunc('month', bucket, 'UTC') FROM rollup_all WHERE status < 5";

static bool has_month(const struct open_asker *o, usec_t month)
{
    for (size_t i = 0; i < o->month_count; i++)
        if (o->months[i] == month)
            return true;
    return false;
}

static void open_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct open_asker *o = ctx;
    struct leaf_list open = {0};

    if (list != NULL) {
        open.items = list->items;
        for (size_t i = 0; i < list->count; i++)
            if (has_month(o, list->items[i].from))
                open.items[open.count++] = list->items[i];
    }
    o->for_whom.fn(o->for_whom.ctx, list != NULL ? &open : NULL, err);
}

static void open_months(void *ctx, const PGresult *r, bool missing UNUSED, const struct error *err)
{
    static const struct column column = {.name = "month", .type = COLUMN_TIME};
    struct open_asker *o = ctx;
    struct asker *a = &o->for_whom;
    struct error why;

    if (r == NULL) {
        a->fn(a->ctx, NULL, err);
        return;
    }
    o->months = arena_alloc(a->memory, (size_t)PQntuples(r) * sizeof *o->months);
    for (int i = 0; i < PQntuples(r); i++)
        if (value_get(&column, pg_value(r, i, 0), a->memory, &o->months[o->month_count], &why) ==
            RC_OK)
            o->month_count++;
    leaves_find(a->pool, a->range, a->memory, open_leaves, o);
}

void leaves_find_open(struct read_pool *p, struct leaf_range range, struct arena *memory,
                      leaves_fn fn, void *ctx)
{
    struct open_asker *o = arena_alloc(memory, sizeof *o);
    struct read_query q = {0};

    *o = (struct open_asker){.for_whom = {p, range, memory, fn, ctx, NULL}};
    buf_add_text(&q.sql, open_months_sql);
    read_submit(p, &q, open_months, o);
}

void leaves_forget(struct read_pool *p)
{
    leaves_of(p)->read_at = 0;
}

void leaves_free(struct read_leaves *l)
{
    if (l == NULL)
        return;
    free(l->items);
    free(l);
}
