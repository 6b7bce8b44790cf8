#include <stdlib.h>

#include "store/read_pool.h"

#define YEAR_1    (INT64_C(-62135596800) * USEC_PER_SEC)
#define YEAR_9999 (INT64_C(253402300799) * USEC_PER_SEC)

void query_add(struct read_query *q, enum column_type type, const void *member)
{
    struct column c = {.name = "", .type = type};

    if (q->param_count == READ_PARAMS_MAX)
        abort(); /* a statement of ours that was never tried */
    q->params[q->param_count].oid = column_pg_type(type)->oid;
    (void)buf_reserve(&q->params[q->param_count].value, 1); /* an empty text is not NULL */
    value_put_bare(&q->params[q->param_count++].value, &c, member);
}

void query_add_uuid(struct read_query *q, struct uuid id)
{
    query_add(q, COLUMN_UUID, &id);
}

void query_add_time(struct read_query *q, usec_t t)
{
    usec_t known = MAX(YEAR_1, MIN(t, YEAR_9999)); /* PostgreSQL knows no time for every number */

    query_add(q, COLUMN_TIME, &known);
}

void query_add_long(struct read_query *q, int64_t n)
{
    query_add(q, COLUMN_LONG, &n);
}

void query_add_int(struct read_query *q, int32_t n)
{
    query_add(q, COLUMN_INT, &n);
}

void query_add_text(struct read_query *q, const char *text)
{
    query_add(q, COLUMN_TEXT, &text);
}

void query_add_array(struct read_query *q, enum column_type type, const void *member, size_t count,
                     size_t stride)
{
    struct column c = {.name = "", .type = type};

    q->params[q->param_count].oid = column_pg_type(type)->array_oid;
    value_put_array(&q->params[q->param_count++].value, &c, member, count, stride);
}

void query_add_uuids(struct read_query *q, const struct uuid *ids, size_t count)
{
    query_add_array(q, COLUMN_UUID, ids, count, sizeof *ids);
}

void query_add_times(struct read_query *q, const usec_t *times, size_t count)
{
    query_add_array(q, COLUMN_TIME, times, count, sizeof *times);
}

void query_columns(struct read_query *q, const struct row_type *type, const char *except)
{
    const char *comma = "";

    for (const struct column *c = type->columns; c->name != NULL; c++) {
        if (text_equal(c->name, except))
            continue;
        buf_printf(&q->sql, "%s%s", comma, c->name);
        comma = ", ";
    }
}

void query_open_queues(struct buf *sql, const char *leaf)
{
    buf_printf(
        sql,
        "WITH RECURSIVE open_queue AS ((SELECT queue FROM %s WHERE open ORDER BY queue LIMIT 1)"
        " UNION ALL SELECT (SELECT l.queue FROM %s l WHERE l.open AND l.queue > o.queue"
        " ORDER BY l.queue LIMIT 1) FROM open_queue o WHERE o.queue IS NOT NULL)"
        " SELECT one.* FROM open_queue o, LATERAL (",
        leaf, leaf);
}

static bool has_length(enum column_type type)
{
    return type == COLUMN_TEXT || type == COLUMN_BYTES || type == COLUMN_JSON ||
           type == COLUMN_JSONB;
}

static void add_lengths(struct buf *sql, const struct row_type *type, const char *except)
{
    buf_add_text(sql, "0");
    for (const struct column *c = type->columns; c->name != NULL; c++) {
        bool is_json = c->type == COLUMN_JSON || c->type == COLUMN_JSONB;

        if (has_length(c->type) && !text_equal(c->name, except))
            buf_printf(sql, " + coalesce(octet_length(%s%s), 0)", c->name, is_json ? "::text" : "");
    }
}

void query_cut(struct read_query *q, const struct row_type *type, const char *except)
{
    query_cut_at(q, type, except, READ_PAGE_BYTES);
}

void query_cut_at(struct read_query *q, const struct row_type *type, const char *except,
                  size_t bytes)
{
    SCOPED_BUF lengths = {0};
    struct buf whole = {0};

    add_lengths(&lengths, type, except);
    buf_printf(&whole,
               "SELECT * FROM (SELECT r.*, sum(%s) OVER (ROWS UNBOUNDED PRECEDING) - (%s)"
               " AS bytes_before FROM (%s) r) c WHERE bytes_before < %zu",
               lengths.data, lengths.data, q->sql.data, bytes);
    buf_clear(&q->sql);
    q->sql = whole;
}

size_t read_bytes(const PGresult *r, const struct row_type *type)
{
    size_t bytes = 0;

    for (const struct column *c = type->columns; c->name != NULL; c++) {
        int at = has_length(c->type) ? PQfnumber(r, c->name) : -1;

        for (int row = 0; at >= 0 && row < PQntuples(r); row++)
            bytes += (size_t)PQgetlength(r, row, at);
    }
    return bytes;
}

void query_clear(struct read_query *q)
{
    buf_clear(&q->sql);
    for (int i = 0; i < q->param_count; i++)
        buf_clear(&q->params[i].value);
    q->param_count = 0;
}
