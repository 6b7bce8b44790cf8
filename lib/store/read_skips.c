#include "store/read_skips.h"

#include "store/read_pool.h"

#define AT(member) offsetof(struct skip_wish, member)

/* clang-format off */
static const struct column skip_wish_columns[] = {
    {"task_id",    COLUMN_UUID, AT(task_id),    GROUP_KEY,  false},
    {"skip_until", COLUMN_TIME, AT(skip_until), GROUP_REST, false},
    {"command_id", COLUMN_UUID, AT(command_id), GROUP_REST, true},
    {"at",         COLUMN_TIME, AT(at),         GROUP_REST, true},
    {"by",         COLUMN_TEXT, AT(by),         GROUP_REST, true},
    {"reason",     COLUMN_TEXT, AT(reason),     GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

const struct row_type skip_wish_type = {"task_skip", skip_wish_columns, sizeof(struct skip_wish)};

void read_skips(struct read_pool *p, const struct skips_ask *ask, struct read_reply reply)
{
    struct read_query q = {0};

    /* the kind and what came of it as numbers, for the index of what is wished for */
    buf_printf(&q.sql,
               "SELECT s.task_id, s.skip_until, c.command_id, c.at, c.\"by\", c.reason"
               " FROM task_skip s LEFT JOIN LATERAL (SELECT command_id, received_at AS at,"
               " actor AS \"by\", reason, outcome_offset FROM command WHERE task_id = s.task_id"
               " AND kind = %d AND code = %d AND NOT outcome_misplaced"
               " ORDER BY outcome_offset DESC LIMIT $2) c ON true WHERE s.skip_until > $1%s"
               " ORDER BY s.task_id, c.outcome_offset DESC LIMIT %d",
               COMMAND_SKIP_NEXT, CODE_OK, ask->tasks != NULL ? " AND s.task_id = ANY ($3)" : "",
               READ_SKIPS_MAX + 1);
    query_add_time(&q, ask->after);
    query_add_long(&q, (int64_t)ask->each);
    if (ask->tasks != NULL)
        query_add_uuids(&q, ask->tasks, ask->count);
    read_simple(p, &q, &skip_wish_type, READ_SKIPS_MAX, reply);
}
