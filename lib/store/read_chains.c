#include "store/read_chains.h"

#include "model/spec.h"
#include "store/read_pool.h"

#define PARENT(member) offsetof(struct parent_row, member)
#define CHAIN(member)  offsetof(struct chain_row, member)

/* clang-format off */
static const struct column parent_columns[] = {
    {"task_id", COLUMN_UUID, PARENT(task_id), GROUP_KEY,  false},
    {"project", COLUMN_TEXT, PARENT(project), GROUP_REST, false},
    {"key",     COLUMN_TEXT, PARENT(key),     GROUP_REST, false},
    {"on",      COLUMN_TEXT, PARENT(on),      GROUP_REST, true},
    {.name = NULL},
};
static const struct column chain_columns[] = {
    {"above",   COLUMN_INT, CHAIN(above),   GROUP_KEY, false},
    {"below",   COLUMN_INT, CHAIN(below),   GROUP_KEY, false},
    {"need",    COLUMN_INT, CHAIN(need),    GROUP_KEY, false},
    {"ways",    COLUMN_INT, CHAIN(ways),    GROUP_KEY, false},
    {"circle",  COLUMN_INT, CHAIN(circle),  GROUP_KEY, false},
    {"crowded", COLUMN_INT, CHAIN(crowded), GROUP_KEY, false},
    {"absent",  COLUMN_INT, CHAIN(absent),  GROUP_KEY, false},
    {.name = NULL},
};
static const struct column follower_columns[] = {
    {"project", COLUMN_TEXT, offsetof(struct follower_row, project), GROUP_KEY, false},
    {"key",     COLUMN_TEXT, offsetof(struct follower_row, key),     GROUP_KEY, false},
    {.name = NULL},
};
/* clang-format on */

const struct row_type parent_type = {"task", parent_columns, sizeof(struct parent_row)};
const struct row_type follower_type = {"task", follower_columns, sizeof(struct follower_row)};
static const struct row_type chain_type = {"task", chain_columns, sizeof(struct chain_row)};

/* Of the task p: it is there, and sets the task of that name off. As the index task_followers has it. */
#define SETS_OFF(name) \
    "p.state <> 2 AND (p.spec->'then') IS NOT NULL AND then_of(p.spec) @> ARRAY[" name "]"

void read_parents(struct read_pool *p, const char *project, const char *key, size_t limit,
                  struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT p.task_id, p.project, p.key, e->>'on' AS \"on\" FROM task p"
        " CROSS JOIN LATERAL json_array_elements(p.spec->'then') e"
        " WHERE " SETS_OFF(
            "$1::text || '~' || $2::text") " AND e->>'project' = $1 AND e->>'task' = $2 ORDER BY p.project, p.key LIMIT $3");
    query_add_text(&q, project);
    query_add_text(&q, key);
    query_add_long(&q, (int64_t)limit + 1);
    read_simple(p, &q, &parent_type, limit, reply);
}

void read_absent(struct read_pool *p, struct uuid task, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT e->>'project' AS project, e->>'task' AS key FROM task p"
        " CROSS JOIN LATERAL json_array_elements(p.spec->'then') WITH ORDINALITY AS u (e, n)"
        " WHERE p.task_id = $1 AND NOT EXISTS (SELECT FROM task t"
        " WHERE t.project = e->>'project' AND t.key = e->>'task' AND t.state <> 2) ORDER BY n");
    query_add_uuid(&q, task);
    read_simple(p, &q, &follower_type, SPEC_THEN_MAX, reply);
}

/* How many of the tasks that follow one, by their `on`, an end sets off at once that sets off this one. */
#define AT_ONCE(on, rows)                                                                           \
    "(SELECT (count(*) FILTER (WHERE o = 'ENDED') + CASE " on                                       \
    " WHEN 'SUCCEEDED' THEN count(*) FILTER (WHERE o = 'SUCCEEDED')"                                \
    " WHEN 'FAILED' THEN count(*) FILTER (WHERE o = 'FAILED')"                                      \
    " ELSE greatest(count(*) FILTER (WHERE o = 'SUCCEEDED'), count(*) FILTER (WHERE o = 'FAILED'))" \
    " END)::int FROM " rows ")"
#define THEN_OF(task) "(SELECT x->>'on' AS o FROM json_array_elements(" task ".spec->'then') x) ons"

/*
 * From what follows it downwards, each way for itself; it ends where it comes back to the task, or is too long, or needs too much. `share`:
 * the product of what is set off at once at each of its ends; `need`: the sum of these products, since what is left must be that many for each
 * end to have one for each.
 */
static const char ways_down[] =
    "WITH RECURSIVE first AS (SELECT n::int AS root, project, key, " AT_ONCE(
        "u.ends", "unnest($8) ons (o)") " AS at_once"
    " FROM unnest($3, $4, $8) WITH ORDINALITY AS u (project, key, ends, n)),"
    " down (root, project, key, depth, share, need) AS"
    " (SELECT root, project, key, 1, at_once, at_once FROM first UNION"
    " SELECT d.root, e->>'project', e->>'task', d.depth + 1, d.share * k, d.need + d.share * k"
    " FROM down d JOIN task t ON t.project = d.project AND t.key = d.key AND t.state <> 2"
    " CROSS JOIN LATERAL json_array_elements(t.spec->'then') e"
    " CROSS JOIN LATERAL " AT_ONCE("e->>'on'", THEN_OF("t")) " at_once (k)"
    " WHERE d.depth <= $5 AND d.need <= $9 AND NOT (d.project = $1 AND d.key = $2)),"
    " downs AS MATERIALIZED (SELECT * FROM down LIMIT $7),";

/* From what it needs itself: with so many at once, those above need one more, and that many times as many. */
static const char ways_up[] =
    " up (project, key, depth, need) AS"
    " (SELECT $1::text, $2::text, 0, (SELECT coalesce(max(need), 0) FROM downs)::int UNION"
    " SELECT p.project, p.key, u.depth + 1, k * (u.need + 1) FROM up u JOIN task p"
    " ON " SETS_OFF("u.project || '~' || u.key") " AND NOT (p.project = $1 AND p.key = $2)"
    " CROSS JOIN LATERAL json_array_elements(p.spec->'then') e"
    " CROSS JOIN LATERAL " AT_ONCE("e->>'on'", THEN_OF("p")) " at_once (k)"
    " WHERE u.depth <= $5 AND u.need <= $9"
    " AND e->>'project' = u.project AND e->>'task' = u.key),"
    " ups AS MATERIALIZED (SELECT * FROM up LIMIT $7)";

static const char what_they_come_to[] =
    " SELECT (SELECT max(depth) FROM ups)::int AS above,"
    " (SELECT coalesce(max(depth), 0) FROM downs)::int AS below,"
    " (SELECT max(need) FROM ups)::int AS need,"
    " ((SELECT count(*) FROM ups) + (SELECT count(*) FROM downs))::int AS ways,"
    " (SELECT coalesce(min(root), 0) FROM downs WHERE project = $1 AND key = $2)::int AS circle,"
    " (SELECT coalesce(min(root), 0) FROM first f WHERE (SELECT count(*) FROM (SELECT FROM task p"
    " WHERE " SETS_OFF(
        "f.project || '~' || f.key") " AND NOT (p.project = $1 AND p.key = $2) LIMIT $6) others) >= $6)::int AS crowded,"
    " (SELECT coalesce(sum(1 << (root - 1)), 0) FROM first f WHERE NOT EXISTS (SELECT FROM task t"
    " WHERE t.project = f.project AND t.key = f.key AND t.state <> 2))::int AS absent";

void read_chain(struct read_pool *p, const struct task_spec *spec,
                const struct chain_limits *limits, struct read_reply reply)
{
    const char *ends[SPEC_THEN_MAX];
    struct read_query q = {0};

    for (size_t i = 0; i < spec->then_count; i++)
        ends[i] = enum_name(&then_on_enum, (int)spec->then[i].on);
    buf_printf(&q.sql, "%s%s%s", ways_down, ways_up, what_they_come_to);
    query_add_text(&q, spec->project);
    query_add_text(&q, spec->key);
    query_add_array(&q, COLUMN_TEXT, &spec->then[0].project, spec->then_count, sizeof *spec->then);
    query_add_array(&q, COLUMN_TEXT, &spec->then[0].task, spec->then_count, sizeof *spec->then);
    query_add_int(&q, limits->links);
    query_add_long(&q, limits->parents);
    query_add_long(&q, READ_WAYS_MAX + 1);
    query_add_array(&q, COLUMN_TEXT, ends, spec->then_count, sizeof *ends);
    query_add_int(&q, limits->executions);
    read_simple(p, &q, &chain_type, 1, reply);
}
