#include "store/read_tasks.h"

#include "store/read_pool.h"

#define AT(member)       offsetof(struct command_view, member)
#define PAUSE(member)    offsetof(struct pause_row, member)
#define PROGRESS(member) offsetof(struct progress_row, member)

/* clang-format off */
static const struct column command_view_columns[] = {
    {"command_id",        COLUMN_UUID,      AT(command_id),        GROUP_KEY,  false},
    {"task_id",           COLUMN_UUID,      AT(task_id),           GROUP_REST, false},
    {"kind",              COLUMN_OPT_SMALL, AT(kind),              GROUP_REST, true},
    {"expected_revision", COLUMN_OPT_INT,   AT(expected_revision), GROUP_REST, true},
    {"received_at",       COLUMN_TIME,      AT(received_at),       GROUP_REST, true},
    {"actor",             COLUMN_TEXT,      AT(actor),             GROUP_REST, true},
    {"reason",            COLUMN_TEXT,      AT(reason),            GROUP_REST, true},
    {"body",              COLUMN_JSON,      AT(body),              GROUP_REST, true},
    {"result",            COLUMN_OPT_SMALL, AT(result),            GROUP_REST, true},
    {"code",              COLUMN_OPT_SMALL, AT(code),              GROUP_REST, true},
    {"revision",          COLUMN_INT,       AT(revision),          GROUP_REST, true},
    {"execution_id",      COLUMN_UUID,      AT(execution_id),      GROUP_REST, true},
    {"outcome_at",        COLUMN_TIME,      AT(outcome_at),        GROUP_REST, true},
    {"message",           COLUMN_TEXT,      AT(message),           GROUP_REST, true},
    {.name = NULL},
};
static const struct column pause_columns[] = {
    {"task_id",     COLUMN_UUID, PAUSE(task_id),    GROUP_KEY,  false},
    {"command_id",  COLUMN_UUID, PAUSE(command_id), GROUP_KEY,  false},
    {"at",          COLUMN_TIME, PAUSE(at),         GROUP_REST, true},
    {"by",          COLUMN_TEXT, PAUSE(by),         GROUP_REST, true},
    {"reason",      COLUMN_TEXT, PAUSE(reason),     GROUP_REST, true},
    {"until",       COLUMN_TEXT, PAUSE(until),      GROUP_REST, true},
    {.name = NULL},
};
static const struct column progress_columns[] = {
    {"topic",       COLUMN_TEXT, PROGRESS(topic),       GROUP_KEY,  false},
    {"part",        COLUMN_INT,  PROGRESS(part),        GROUP_KEY,  false},
    {"next_offset", COLUMN_LONG, PROGRESS(next_offset), GROUP_REST, false},
    {"stands",      COLUMN_TEXT, PROGRESS(stands),      GROUP_REST, true},
    {"silent_s",    COLUMN_LONG, PROGRESS(silent_s),    GROUP_REST, false},
    {"lost",        COLUMN_LONG, PROGRESS(lost),        GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

const struct row_type command_view_type = {"command", command_view_columns,
                                           sizeof(struct command_view)};
const struct row_type pause_type = {"command", pause_columns, sizeof(struct pause_row)};
static const struct row_type progress_type = {"kafka_offset", progress_columns,
                                              sizeof(struct progress_row)};

static void select_from(struct read_query *q, const struct row_type *type, const char *except)
{
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, type, except);
    buf_printf(&q->sql, " FROM %s ", type->table);
}

void read_tasks(struct read_pool *p, const struct task_filter *filter, size_t limit,
                struct read_reply reply)
{
    struct read_query q = {0};

    select_from(&q, &task_type, "labels");
    buf_add_text(&q.sql, "WHERE (project, key, task_id) > ($1, $2, $8)");
    query_add_text(&q, filter->project != NULL ? filter->project : "");
    query_add_text(&q, filter->key != NULL ? filter->key : "");
    query_add_long(&q, (int64_t)limit + 1);
    query_add_int(&q, (int32_t)filter->states);
    query_add_text(&q, filter->only_project != NULL ? filter->only_project : "");
    query_add_text(&q, filter->queue != NULL ? filter->queue : "");
    query_add_text(&q, filter->label != NULL ? filter->label : "");
    query_add_uuid(&q, filter->task);
    if (filter->states != 0)
        buf_add_text(&q.sql, " AND (1 << state) & $4 <> 0");
    if (filter->only_project != NULL)
        buf_add_text(&q.sql, " AND project = $5");
    if (filter->queue != NULL)
        buf_add_text(&q.sql, " AND queue = $6");
    if (filter->label != NULL)
        buf_add_text(&q.sql,
                     " AND EXISTS (SELECT FROM jsonb_each_text(labels) l"
                     " WHERE l.key || ':' || l.value = $7)");
    buf_add_text(&q.sql, " ORDER BY project, key, task_id LIMIT $3");
    read_list(p, &q, &task_type, "labels", limit, reply);
}

void read_task(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_from(&q, &task_type, "labels");
    buf_add_text(&q.sql, "WHERE task_id = $1");
    query_add_uuid(&q, id);
    read_simple(p, &q, &task_type, 1, reply);
}

void read_task_names(struct read_pool *p, const struct uuid *ids, size_t count,
                     struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT task_id, project, key, title FROM task WHERE task_id = ANY ($1)");
    query_add_uuids(&q, ids, count);
    read_simple(p, &q, &task_type, count, reply);
}

void read_revisions(struct read_pool *p, struct uuid id, int32_t before, size_t limit,
                    struct read_reply reply)
{
    struct read_query q = {0};

    select_from(&q, &task_revision_type, NULL);
    buf_add_text(&q.sql, "WHERE task_id = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3");
    query_add_uuid(&q, id);
    query_add_int(&q, before != 0 ? before : INT32_MAX);
    query_add_long(&q, (int64_t)limit + 1);
    read_list(p, &q, &task_revision_type, NULL, limit, reply);
}

void read_gaps(struct read_pool *p, struct uuid id, const struct gap_position *after, size_t limit,
               struct read_reply reply)
{
    static const struct gap_position newest = {.to_at = USEC_MAX};
    const struct gap_position *at = after != NULL ? after : &newest;
    struct read_query q = {0};

    select_from(&q, &gap_type, NULL);
    buf_add_text(&q.sql,
                 "WHERE task_id = $1 AND (to_at, revision, from_at, reason) < ($2, $3, $4, $5)"
                 " ORDER BY to_at DESC, revision DESC, from_at DESC, reason DESC LIMIT $6");
    query_add_uuid(&q, id);
    query_add_time(&q, at->to_at);
    query_add_long(&q, at->revision);
    query_add_time(&q, at->from_at);
    query_add_long(&q, at->reason);
    query_add_long(&q, (int64_t)limit + 1);
    read_simple(p, &q, &gap_type, limit, reply);
}

/* Limits are parameters: with numbers that are more than it expects to find, the planner would read all there are, and sort. */
void read_gaps_between(struct read_pool *p, struct uuid id, usec_t from, usec_t to,
                       struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT * FROM ((");
    select_from(&q, &gap_type, NULL);
    buf_add_text(&q.sql,
                 "WHERE task_id = $1 AND to_at >= $2 AND to_at < $3 ORDER BY to_at LIMIT $4)"
                 " UNION ALL (SELECT * FROM (");
    select_from(&q, &gap_type, NULL);
    buf_add_text(&q.sql,
                 "WHERE task_id = $1 AND to_at >= $3 ORDER BY to_at LIMIT $5) behind"
                 " WHERE from_at < $3)) g ORDER BY revision, to_at");
    query_add_uuid(&q, id);
    query_add_time(&q, from);
    query_add_time(&q, to);
    query_add_long(&q, READ_GAPS_MAX);
    query_add_long(&q, READ_GAPS_BEHIND);
    read_simple(p, &q, &gap_type, READ_GAPS_MAX, reply);
}

void read_gap_revisions(struct read_pool *p, const struct gap_row *gaps, size_t count,
                        struct read_reply reply)
{
    int32_t revisions[READ_GAP_REVISIONS_MAX];
    size_t found = 0;
    struct read_query q = {0};

    for (size_t i = count; i-- > 0 && found < READ_GAP_REVISIONS_MAX;)
        if (found == 0 || revisions[found - 1] != gaps[i].revision)
            revisions[found++] = gaps[i].revision;
    buf_add_text(&q.sql,
                 "SELECT revision, spec FROM task_revision"
                 " WHERE task_id = $1 AND revision = ANY ($2) ORDER BY revision DESC");
    query_add_uuid(&q, count > 0 ? gaps->task_id : UUID_NIL);
    query_add_array(&q, COLUMN_INT, revisions, found, sizeof *revisions);
    read_simple(p, &q, &task_revision_type, READ_GAP_REVISIONS_MAX, reply);
}

void read_pauses(struct read_pool *p, const struct uuid *tasks, size_t count,
                 struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT p.* FROM unnest($1) WITH ORDINALITY AS u (id, n) CROSS JOIN LATERAL"
        " (SELECT c.task_id, c.command_id, c.received_at AS at, c.actor AS \"by\", c.reason,"
        " c.body -> 'body' ->> 'until' AS until"
        " FROM task_revision r JOIN command c ON c.command_id = r.command_id"
        " AND c.task_id = r.task_id WHERE r.task_id = u.id AND c.kind = $2"
        " ORDER BY r.revision DESC LIMIT 1) p ORDER BY u.n");
    query_add_uuids(&q, tasks, count);
    query_add_int(&q, COMMAND_PAUSE_TASK);
    read_simple(p, &q, &pause_type, count, reply);
}

static const char in_order[] =
    " ORDER BY command_id, kind IS NULL, misplaced, kafka_partition, kafka_offset, task_id";

void read_command(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_from(&q, &command_view_type, NULL);
    buf_printf(&q.sql, "WHERE command_id = $1%s LIMIT 1", in_order);
    query_add_uuid(&q, id);
    read_simple(p, &q, &command_view_type, 1, reply);
}

void read_commands_of_key(struct read_pool *p, struct uuid task, struct uuid key_id,
                          struct read_reply reply)
{
    static const uint8_t least[8] = {0}, most[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct read_query q = {0};

    select_from(&q, &command_view_type, "body");
    buf_add_text(&q.sql,
                 "WHERE (command_id BETWEEN $1 AND $2 OR command_id = $3) AND task_id = $4"
                 " ORDER BY command_id LIMIT 100");
    query_add_uuid(&q, keyed_command_id_of(key_id, least));
    query_add_uuid(&q, keyed_command_id_of(key_id, most));
    query_add_uuid(&q, key_id);
    query_add_uuid(&q, task);
    read_simple(p, &q, &command_view_type, 100, reply);
}

/* Of one id anybody may make rows for a million tasks: each that is asked for gets one. */
void read_outcomes(struct read_pool *p, const struct uuid *ids, const struct uuid *tasks,
                   size_t count, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT ");
    query_columns(&q, &command_view_type, "body");
    buf_printf(&q.sql,
               " FROM (SELECT DISTINCT * FROM unnest($1, $2) AS u (id, task)) u CROSS JOIN LATERAL"
               " (SELECT * FROM command WHERE command_id = u.id AND result IS NOT NULL"
               " AND (task_id = u.task OR u.task = $3)%s LIMIT 1) c%s",
               in_order, in_order);
    query_add_uuids(&q, ids, count);
    query_add_uuids(&q, tasks, count);
    query_add_uuid(&q, UUID_NIL);
    read_simple(p, &q, &command_view_type, count, reply);
}

void read_progress(struct read_pool *p, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT topic, part, next_offset, stands, coalesce(extract(epoch FROM now() - well_at), 0)::int8 AS silent_s, (SELECT coalesce(sum(to_offset - from_offset), 0)::int8"
        " FROM lost_range l WHERE l.topic = k.topic AND l.part = k.part) AS lost FROM kafka_offset k ORDER BY topic, part");
    read_simple(p, &q, &progress_type, SIZE_MAX / 2, reply);
}
