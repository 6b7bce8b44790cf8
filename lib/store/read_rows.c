#include <string.h>

#include "store/read_pool.h"

enum { COLUMNS_MAX = 64 };

/* Where each column of the type is in the result; -1: it was not asked for. */
static void find_columns(const PGresult *r, const struct row_type *type, int ret[COLUMNS_MAX])
{
    for (size_t i = 0; type->columns[i].name != NULL && i < COLUMNS_MAX; i++)
        ret[i] = PQfnumber(r, type->columns[i].name);
}

struct reader {
    const PGresult *result;
    const struct row_type *type;
    int places[COLUMNS_MAX];
    struct arena *memory;
};

static enum rc read_row(const struct reader *r, int row, void *ret, struct error *err)
{
    for (size_t i = 0; r->type->columns[i].name != NULL && i < COLUMNS_MAX; i++)
        if (r->places[i] >= 0)
            TRY(value_get(&r->type->columns[i], pg_value(r->result, row, r->places[i]), r->memory,
                          ret, err));
    return RC_OK;
}

enum rc read_rows(const PGresult *r, const struct row_type *type, struct arena *memory, void **rows,
                  size_t *count, struct error *err)
{
    struct reader reader = {.result = r, .type = type, .memory = memory};
    size_t add = (size_t)PQntuples(r);
    char *all = arena_alloc(memory, (*count + add) * type->size);

    find_columns(r, type, reader.places);
    if (*count > 0)
        memcpy(all, *rows, *count * type->size);
    for (size_t i = 0; i < add; i++)
        TRY(read_row(&reader, (int)i, all + (*count + i) * type->size, err));
    *rows = all;
    *count += add;
    return RC_OK;
}

struct simple {
    const struct row_type *type;
    size_t limit;
    struct read_reply reply;
    bool is_cut;
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
        page.rc = read_rows(r, s->type, s->reply.memory, &page.rows, &page.count, &page.err);
    }
    page.more = page.count > s->limit ||
                (s->is_cut && r != NULL && read_bytes(r, s->type) >= READ_PAGE_BYTES);
    page.count = MIN(page.count, s->limit);
    s->reply.done(s->reply.ctx, &page);
}

static void submit(struct read_pool *p, struct read_query *q, const struct simple *simple)
{
    struct simple *s = arena_memdup(simple->reply.memory, simple, sizeof *simple);

    read_submit(p, q, simple_rows, s);
}

void read_simple(struct read_pool *p, struct read_query *q, const struct row_type *type,
                 size_t limit, struct read_reply reply)
{
    submit(p, q, &(struct simple){type, limit, reply, false});
}

void read_list(struct read_pool *p, struct read_query *q, const struct row_type *type,
               const char *except, size_t limit, struct read_reply reply)
{
    query_cut(q, type, except);
    submit(p, q, &(struct simple){type, limit, reply, true});
}
