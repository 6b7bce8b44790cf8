#include <string.h>

#include "store/read_pool.h"

enum { COLUMNS_MAX = 64 };

/* Where each column of the type is in the result; -1: it was not asked for. */
static void find_columns(const PGresult *r, const struct row_type *type, int ret[COLUMNS_MAX])
{
    for (size_t i = 0; type->columns[i].name != NULL && i < COLUMNS_MAX; i++)
        ret[i] = PQfnumber(r, type->columns[i].name);
}

static enum rc read_row(const PGresult *r, int row, const struct row_type *type,
                        const int places[COLUMNS_MAX], struct arena *memory, void *ret,
                        struct error *err)
{
    for (size_t i = 0; type->columns[i].name != NULL && i < COLUMNS_MAX; i++)
        if (places[i] >= 0)
            TRY(value_get(&type->columns[i], pg_value(r, row, places[i]), memory, ret, err));
    return RC_OK;
}

enum rc read_rows(const PGresult *r, const struct row_type *type, struct arena *memory, void **rows,
                  size_t *count, struct error *err)
{
    size_t add = (size_t)PQntuples(r);
    char *all = arena_alloc(memory, (*count + add) * type->size);
    int places[COLUMNS_MAX];

    find_columns(r, type, places);
    if (*count > 0)
        memcpy(all, *rows, *count * type->size);
    for (size_t i = 0; i < add; i++)
        TRY(read_row(r, (int)i, type, places, memory, all + (*count + i) * type->size, err));
    *rows = all;
    *count += add;
    return RC_OK;
}

struct simple {
    const struct row_type *type;
    size_t limit;
    struct arena *memory;
    read_done_fn done;
    void *ctx;
};

static void simple_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct simple *s = ctx;
    struct read_page page = {0};

    if (missing) {
        page.rc = RC_OK; /* no such leaf, so no such row */
    } else if (r == NULL) {
        page.err = *err;
        page.rc = RC_RETRY;
    } else {
        page.rc = read_rows(r, s->type, s->memory, &page.rows, &page.count, &page.err);
    }
    page.more = page.count > s->limit;
    page.count = MIN(page.count, s->limit);
    s->done(s->ctx, &page);
}

void read_simple(struct read_pool *p, struct read_query *q, const struct row_type *type,
                 size_t limit, struct arena *memory, read_done_fn done, void *ctx)
{
    struct simple *s = arena_alloc(memory, sizeof *s);

    *s = (struct simple){type, limit, memory, done, ctx};
    read_submit(p, q, simple_rows, s);
}
