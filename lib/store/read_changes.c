#include "store/read_changes.h"

#include "store/read_leaves.h"

#define PLACE(member) offsetof(struct place_row, member)
#define MOVED(member) offsetof(struct moved_row, member)
#define TOLD(member)  offsetof(struct told_row, member)

/* clang-format off */
static const struct column place_columns[] = {
    {"topic",       COLUMN_TEXT, PLACE(topic),       GROUP_KEY,  false},
    {"part",        COLUMN_INT,  PLACE(part),        GROUP_KEY,  false},
    {"next_offset", COLUMN_LONG, PLACE(next_offset), GROUP_REST, false},
    {.name = NULL},
};
static const struct column moved_columns[] = {
    {"execution_id", COLUMN_UUID, MOVED(execution_id), GROUP_KEY,  false},
    {"task_id",      COLUMN_UUID, MOVED(task_id),      GROUP_REST, false},
    {.name = NULL},
};
static const struct column told_columns[] = {
    {"kind",         COLUMN_INT,  TOLD(kind),         GROUP_KEY,  false},
    {"task_id",      COLUMN_UUID, TOLD(task_id),      GROUP_KEY,  false},
    {"command_id",   COLUMN_UUID, TOLD(command_id),   GROUP_REST, true},
    {"execution_id", COLUMN_UUID, TOLD(execution_id), GROUP_REST, true},
    {"at",           COLUMN_TIME, TOLD(at),           GROUP_REST, false},
    {"from_at",      COLUMN_TIME, TOLD(from_at),      GROUP_REST, true},
    {"revision",     COLUMN_INT,  TOLD(revision),     GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type place_type = {"kafka_offset", place_columns, sizeof(struct place_row)};
static const struct row_type moved_type = {"execution_event", moved_columns,
                                           sizeof(struct moved_row)};
static const struct row_type told_type = {"task", told_columns, sizeof(struct told_row)};

void read_places(struct read_pool *p, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT topic, part, next_offset FROM kafka_offset"
        " WHERE topic IN ('status', 'tasks', 'logs', 'heartbeats') OR topic LIKE 'executions.%'"
        " ORDER BY topic, part");
    read_simple(p, &q, &place_type, SIZE_MAX / 2, reply);
}

/* --- executions --- */

struct moved {
    struct read_pool *pool;
    struct moved_filter filter; /* spans: of the caller's memory */
    struct read_reply reply;
};

static void add_table(struct buf *sql, const char *table, const char *which)
{
    buf_printf(
        sql,
        "%s(SELECT e.execution_id, e.task_id FROM unnest($1, $2, $3) s(part, a, b), LATERAL"
        " (SELECT execution_id, task_id FROM %s WHERE kafka_partition = s.part"
        " AND kafka_offset >= s.a AND kafka_offset < s.b%s ORDER BY kafka_offset LIMIT %d) e LIMIT %d)",
        sql->len == 0 ? "" : " UNION ALL ", table, which, READ_CHANGES_MAX + 1,
        READ_CHANGES_MAX + 1);
}

static void moved_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct moved *m = ctx;
    const struct place_span *spans = m->filter.spans;
    struct read_page page = {.rc = RC_OK};
    struct read_query q = {0};

    if (list == NULL || list->count == 0) {
        if (list == NULL)
            page = (struct read_page){.rc = RC_RETRY, .err = *err};
        m->reply.done(m->reply.ctx, &page);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        add_table(&q.sql, list->items[i].name, "");
    add_table(&q.sql, "execution_repeat", " AND moved");
    buf_printf(&q.sql, " LIMIT %d", READ_CHANGES_MAX + 1);
    query_add_array(&q, COLUMN_INT, &spans[0].part, m->filter.count, sizeof *spans);
    query_add_array(&q, COLUMN_LONG, &spans[0].from, m->filter.count, sizeof *spans);
    query_add_array(&q, COLUMN_LONG, &spans[0].to, m->filter.count, sizeof *spans);
    read_simple(m->pool, &q, &moved_type, READ_CHANGES_MAX, m->reply);
}

void read_moved(struct read_pool *p, const struct moved_filter *filter, struct read_reply reply)
{
    struct moved *m = arena_alloc(reply.memory, sizeof *m);

    *m = (struct moved){p, *filter, reply};
    leaves_find(p, (struct leaf_range){"execution_event", filter->from, filter->to}, reply.memory,
                moved_leaves, m);
}

/* --- tasks --- */

/* The newest ones of each kind that came at most 10 s before the newest of all: which clock is whose does not matter. */
static const char told_sql[] =
    "WITH since AS (SELECT greatest((SELECT max(received_at) FROM task), (SELECT max(received_at) FROM schedule_gap),"
    " (SELECT max(outcome_at) FROM command)) - interval '10 s' AS at)"
    " (SELECT %d AS kind, task_id, NULL::uuid AS command_id, NULL::uuid AS execution_id, received_at AS at,"
    " NULL::timestamptz AS from_at, revision FROM task"
    " WHERE received_at >= (SELECT at FROM since) ORDER BY received_at DESC LIMIT %d)"
    " UNION ALL (SELECT %d, task_id, NULL, NULL, received_at, from_at, revision FROM schedule_gap"
    " WHERE received_at >= (SELECT at FROM since) ORDER BY received_at DESC LIMIT %d)"
    " UNION ALL (SELECT %d, task_id, command_id, execution_id, outcome_at, NULL, revision FROM command"
    " WHERE outcome_at >= (SELECT at FROM since) ORDER BY outcome_at DESC LIMIT %d) LIMIT %d";

void read_told(struct read_pool *p, struct read_reply reply)
{
    const int most = READ_CHANGES_MAX + 1;
    struct read_query q = {0};

    buf_printf(&q.sql, told_sql, TOLD_REVISION, most, TOLD_GAP, most, TOLD_OUTCOME, most, most);
    read_simple(p, &q, &told_type, READ_CHANGES_MAX, reply);
}
