#include "store/read_leaves.h"
#include "store/read_log_lines.h"

#define AT(member) offsetof(struct log_worker, member)

/* clang-format off */
static const struct column worker_columns[] = {
    {"writer", COLUMN_UUID, AT(writer), GROUP_KEY,  false},
    {"worker", COLUMN_TEXT, AT(worker), GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type worker_type = {"execution_event", worker_columns,
                                            sizeof(struct log_worker)};

/* "<columns> FROM <leaf> WHERE execution_id = $1 AND task_id = (the one that was made)" */
static void add_of_made(struct read_query *q, const char *parent, struct uuid execution)
{
    struct leaf leaf;

    leaf_of(parent, execution_id_ms(execution) * USEC_PER_MS, &leaf);
    buf_printf(&q->sql, " FROM %s WHERE execution_id = $1 AND task_id = ", leaf.name);
    query_made_task(&q->sql, execution);
    query_add_uuid(q, execution);
}

void read_log_writers(struct read_pool *p, const struct log_name *name, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT ");
    query_columns(&q, &log_writer_type, NULL);
    add_of_made(&q, "log_writer", name->execution);
    buf_printf(&q.sql,
               " AND ($2 = 0 OR attempt = $2) AND ($3 = $4 OR writer = $3)"
               " ORDER BY attempt DESC, next_seq DESC, writer LIMIT %d",
               LOG_WRITERS_MAX);
    query_add_int(&q, name->attempt);
    query_add_uuid(&q, name->writer);
    query_add_uuid(&q, UUID_NIL);
    read_simple(p, &q, &log_writer_type, LOG_WRITERS_MAX, reply);
}

void read_log_workers(struct read_pool *p, struct uuid execution, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT worker_incarnation AS writer, min(worker) AS worker");
    add_of_made(&q, "execution_event", execution);
    buf_printf(&q.sql,
               " AND worker_incarnation IS NOT NULL AND worker IS NOT NULL GROUP BY 1 LIMIT %d",
               LOG_WRITERS_MAX);
    read_simple(p, &q, &worker_type, LOG_WRITERS_MAX, reply);
}
