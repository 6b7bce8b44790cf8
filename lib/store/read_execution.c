/*
 * read_execution.c - executions by their ids: an id tells its leaf, so there is nothing to look for.
 */
#include <stdlib.h>

#include "store/read_executions.h"
#include "store/read_leaves.h"

/* Of several that are made under one id, which the scheduler never does: its own, then the one of the lowest task. */
static void add_made_first(struct buf *sql)
{
    buf_printf(sql, " ORDER BY created_attempt IS NULL, trigger = %d, task_id LIMIT 1",
               TRIGGER_EXTERNAL);
}

void query_made_task(struct buf *sql, struct uuid id)
{
    struct leaf leaf;

    leaf_of("execution", execution_id_ms(id) * USEC_PER_MS, &leaf);
    buf_printf(sql, "(SELECT task_id FROM %s WHERE execution_id = $1", leaf.name);
    add_made_first(sql);
    buf_add_char(sql, ')');
}

/* The statement "SELECT <all of type> FROM <leaf> WHERE execution_id = $1". */
static void select_by_id(struct read_query *q, const struct row_type *type, struct uuid id)
{
    struct leaf leaf;

    leaf_of(type->table, execution_id_ms(id) * USEC_PER_MS, &leaf);
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, type, NULL);
    buf_printf(&q->sql, " FROM %s WHERE execution_id = $1", leaf.name);
    query_add_uuid(q, id);
}

/* Those of the made execution: the same id under another task is another one. */
static void select_of_made(struct read_query *q, const struct row_type *type, struct uuid id)
{
    select_by_id(q, type, id);
    buf_add_text(&q->sql, " AND task_id = ");
    query_made_task(&q->sql, id);
}

void read_execution(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_by_id(&q, &execution_type, id);
    add_made_first(&q.sql);
    read_simple(p, &q, &execution_type, 1, reply);
}

void read_heartbeat(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_of_made(&q, &heartbeat_type, id);
    read_simple(p, &q, &heartbeat_type, 1, reply);
}

void read_events(struct read_pool *p, struct uuid id, int64_t after_offset, size_t limit,
                 struct read_reply reply)
{
    struct read_query q = {0};

    select_of_made(&q, &event_type, id);
    buf_add_text(&q.sql, " AND kafka_offset > $2 UNION ALL SELECT ");
    query_columns(&q, &event_type, NULL);
    buf_add_text(&q.sql, " FROM execution_repeat WHERE execution_id = $1 AND task_id = ");
    query_made_task(&q.sql, id);
    buf_add_text(&q.sql, " AND kafka_offset > $2 AND moved ORDER BY kafka_offset LIMIT $3");
    query_add_long(&q, after_offset);
    query_add_long(&q, (int64_t)limit + 1);
    read_list(p, &q, &event_type, NULL, limit, reply);
}

/* --- several --- */

static int newest_first(const void *a, const void *b)
{
    return uuid_order(*(const struct uuid *)b, *(const struct uuid *)a);
}

/* Those of these ids, leaf by leaf from the newest; ids: sorted like that. */
static void select_of(struct read_query *q, const struct row_type *type, const char *except,
                      const struct uuid *ids, size_t count)
{
    struct leaf leaf = {.from = USEC_MAX};
    size_t leaves = 0;

    for (size_t i = 0; i < count && leaves < EXECUTION_LEAVES_MAX; i++) {
        if (execution_id_ms(ids[i]) * USEC_PER_MS >= leaf.from)
            continue;
        leaf_of(type->table, execution_id_ms(ids[i]) * USEC_PER_MS, &leaf);
        buf_printf(&q->sql, "%sSELECT ", leaves == 0 ? "" : " UNION ALL ");
        query_columns(q, type, except);
        buf_printf(&q->sql, " FROM %s WHERE execution_id = ANY ($1)", leaf.name);
        leaves++;
    }
    query_add_uuids(q, ids, count);
}

void read_executions_of(struct read_pool *p, const struct uuid *ids, size_t count,
                        struct read_reply reply)
{
    struct uuid *sorted = arena_memdup(reply.memory, ids, count * sizeof *ids);
    struct read_query q = {0};

    qsort(sorted, count, sizeof *sorted, newest_first);
    select_of(&q, &execution_type, "payload", sorted, count);
    read_simple(p, &q, &execution_type, count, reply);
}

void read_heartbeats_of(struct read_pool *p, const struct uuid *ids, size_t count,
                        struct read_reply reply)
{
    struct uuid *sorted = arena_memdup(reply.memory, ids, count * sizeof *ids);
    struct read_query q = {0};

    qsort(sorted, count, sizeof *sorted, newest_first);
    select_of(&q, &heartbeat_type, NULL, sorted, count);
    buf_printf(&q.sql, " LIMIT %d", READ_HEARTBEATS_MAX + 1);
    read_simple(p, &q, &heartbeat_type, READ_HEARTBEATS_MAX, reply);
}
