#include "store/params.h"

#include <assert.h>

void params_clear(struct params *p)
{
    for (int i = 0; i < p->count; i++)
        buf_clear(&p->items[i]);
}

bool column_takes_part(const struct column *c, int groups)
{
    return groups == 0 || ((int)c->group & groups) != 0;
}

void params_add_rows(struct params *p, const struct row_type *type, int groups, const void *rows,
                     size_t count)
{
    for (const struct column *c = type->columns; c->name != NULL; c++)
        if (column_takes_part(c, groups)) {
            assert(p->count < MOST_PARAMS);
            value_put_array(&p->items[p->count++], c, rows, count, type->size);
        }
}

void params_add(struct params *p, enum column_type type, const void *value)
{
    const struct column c = {.name = "", .type = type};

    value_put_bare(&p->items[p->count], &c, value);
    (void)buf_reserve(&p->items[p->count++], 1); /* an empty text is not NULL */
}

enum rc params_run(struct store *s, const char *name, const struct params *p, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    return pg_run(s, name, p->items, p->count, &r, err);
}
