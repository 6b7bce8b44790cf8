#include "store/read_why.h"

#include "store/read_pool.h"

#define AT(member) offsetof(struct command_place, member)

enum { COMMANDS_MAX = 20 };

/* clang-format off */
static const struct column place_columns[] = {
    {"command_id",        COLUMN_UUID,  AT(command_id),        GROUP_KEY,  false},
    {"kind",              COLUMN_SMALL, AT(kind),              GROUP_REST, false},
    {"received_at",       COLUMN_TIME,  AT(received_at),       GROUP_REST, true},
    {"outcome_at",        COLUMN_TIME,  AT(outcome_at),        GROUP_REST, true},
    {"kafka_partition",   COLUMN_INT,   AT(kafka_partition),   GROUP_REST, false},
    {"outcome_partition", COLUMN_INT,   AT(outcome_partition), GROUP_REST, false},
    {"kafka_offset",      COLUMN_LONG,  AT(kafka_offset),      GROUP_REST, false},
    {"outcome_offset",    COLUMN_LONG,  AT(outcome_offset),    GROUP_REST, false},
    {"actor",             COLUMN_TEXT,  AT(actor),             GROUP_REST, true},
    {"reason",            COLUMN_TEXT,  AT(reason),            GROUP_REST, true},
    {"until",             COLUMN_TEXT,  AT(until),             GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type place_type = {"command", place_columns, sizeof(struct command_place)};

static void select_revisions(struct read_query *q, const char *except)
{
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, &task_revision_type, except);
    buf_add_text(&q->sql, " FROM task_revision WHERE task_id = $1");
}

void read_revisions_about(struct read_pool *p, struct uuid task, const struct why_range *range,
                          struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT * FROM ((");
    select_revisions(&q, NULL);
    buf_printf(&q.sql, " AND effective_at < $2 ORDER BY revision DESC LIMIT %d) UNION ALL (",
               READ_REVISIONS_BEFORE);
    select_revisions(&q, NULL);
    buf_add_text(&q.sql,
                 " AND effective_at >= $2 AND effective_at < $3 ORDER BY revision LIMIT $4)) r"
                 " ORDER BY revision");
    query_add_uuid(&q, task);
    query_add_time(&q, range->from);
    query_add_time(&q, range->to);
    query_add_long(&q, (int64_t)range->limit + 1);
    read_list(p, &q, &task_revision_type, NULL, range->limit + READ_REVISIONS_BEFORE, reply);
}

void read_pause_start(struct read_pool *p, struct uuid task, int32_t revision,
                      struct read_reply reply)
{
    struct read_query q = {0};

    select_revisions(&q, "spec");
    buf_add_text(&q.sql,
                 " AND revision > (SELECT coalesce(max(revision), 0) FROM task_revision"
                 " WHERE task_id = $1 AND revision < $2 AND state <> $3)"
                 " ORDER BY revision LIMIT 1");
    query_add_uuid(&q, task);
    query_add_int(&q, revision);
    query_add_int(&q, TASK_PAUSED);
    read_simple(p, &q, &task_revision_type, 1, reply);
}

void read_gaps_over(struct read_pool *p, struct uuid task, const struct why_range *range,
                    struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT * FROM (SELECT ");
    query_columns(&q, &gap_type, NULL);
    buf_add_text(&q.sql,
                 " FROM schedule_gap WHERE task_id = $1 AND to_at >= $2 ORDER BY to_at LIMIT $4) g"
                 " WHERE from_at < $3 ORDER BY from_at, to_at, revision, reason");
    query_add_uuid(&q, task);
    query_add_time(&q, range->from);
    query_add_time(&q, range->to);
    query_add_long(&q, (int64_t)range->limit + 1);
    read_simple(p, &q, &gap_type, range->limit, reply);
}

/* By the index of what is wished for, kind by kind; a revision names its command. An edit moves what was to be skipped and is still to
   come then: what an accepted SkipNext says begins with the instant, so the two compare as texts. */
static void with_skip(struct read_query *q, const struct command_wish *wish)
{
    buf_printf(
        &q->sql,
        "WITH deleted AS (SELECT coalesce(max(received_at), '-infinity') AS at FROM command"
        " WHERE task_id = $1 AND kind = %d AND code = %d AND received_at <= $8),"
        " edited AS (SELECT c.received_at AS at, to_char(c.received_at AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS') AS words FROM task_revision r JOIN command c"
        " USING (command_id, task_id) WHERE r.task_id = $1 AND c.kind = %d AND c.received_at <= $8"
        " ORDER BY r.revision DESC LIMIT 1),",
        COMMAND_DELETE_TASK, CODE_OK, COMMAND_PUT_TASK);
    buf_printf(&q->sql,
               " skips AS (SELECT s.command_id, s.received_at, s.message = $9 AS fits,"
               " count(*) OVER () AS count FROM command s CROSS JOIN deleted"
               " LEFT JOIN edited ON true WHERE s.task_id = $1 AND s.kind = %d AND s.code = %d"
               " AND s.received_at <= $8 AND s.received_at > deleted.at AND (s.message = $9 OR"
               " (s.received_at < edited.at AND s.message COLLATE \"C\" > edited.words))),"
               " wish AS (SELECT command_id FROM skips WHERE fits OR count = 1"
               " ORDER BY fits DESC, received_at DESC LIMIT 1) ",
               COMMAND_SKIP_NEXT, CODE_OK);
    query_add_time(q, wish->until);
    query_add_text(q, wish->words);
}

static void with_deletion(struct read_query *q, const struct command_wish *wish)
{
    buf_printf(&q->sql,
               "WITH wish AS (SELECT command_id FROM command WHERE task_id = $1 AND kind = %d"
               " AND code = %d AND received_at <= $8 ORDER BY received_at DESC LIMIT 1) ",
               COMMAND_DELETE_TASK, CODE_OK);
    query_add_time(q, wish->until);
}

static void select_places(struct read_query *q, enum command_wanted wanted)
{
    buf_printf(
        &q->sql,
        "SELECT command_id, coalesce(kind, -1::smallint) AS kind, received_at, outcome_at,"
        " coalesce(kafka_partition, -1) AS kafka_partition,"
        " coalesce(outcome_partition, -1) AS outcome_partition,"
        " coalesce(kafka_offset, -1) AS kafka_offset, coalesce(outcome_offset, -1) AS outcome_offset,"
        " actor, reason, CASE WHEN kind = %d THEN body -> 'body' ->> 'until' END AS until"
        " FROM command WHERE task_id = $1 AND (command_id = ANY ($2)",
        COMMAND_PAUSE_TASK);
    buf_printf(
        &q->sql,
        " OR (received_at >= $3 AND received_at < $4"
        " AND (execution_id = $5 AND kind <> %d OR kind = %d))"
        " OR (received_at >= $6 AND received_at < $7 AND execution_id = $5 AND kind = %d)%s)",
        COMMAND_CANCEL_EXECUTION, COMMAND_BACKFILL, COMMAND_CANCEL_EXECUTION,
        wanted == WANTED_NONE ? "" : " OR command_id = (SELECT command_id FROM wish)");
    buf_printf(&q->sql,
               " ORDER BY CASE WHEN command_id = ANY ($2) THEN 0 WHEN kind = %d THEN 2"
               " WHEN kind = %d THEN 3 ELSE 1 END, received_at LIMIT %d",
               COMMAND_CANCEL_EXECUTION, COMMAND_BACKFILL, COMMANDS_MAX + 1);
}

void read_command_places(struct read_pool *p, struct uuid task, const struct command_ask *ask,
                         struct read_reply reply)
{
    struct read_query q = {0};

    query_add_uuid(&q, task);
    query_add_uuids(&q, ask->ids, ask->count);
    query_add_time(&q, ask->made.from);
    query_add_time(&q, ask->made.until);
    query_add_uuid(&q, ask->execution);
    query_add_time(&q, ask->cancelled.from);
    query_add_time(&q, ask->cancelled.until);
    if (ask->wish.wanted == WANTED_SKIP)
        with_skip(&q, &ask->wish);
    else if (ask->wish.wanted == WANTED_DELETION)
        with_deletion(&q, &ask->wish);
    select_places(&q, ask->wish.wanted);
    read_simple(p, &q, &place_type, COMMANDS_MAX, reply);
}
