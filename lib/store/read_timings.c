#include "store/read_timings.h"

#include "store/read_pool.h"

#define AT(member) offsetof(struct timing_row, member)

/* clang-format off */
static const struct column timing_columns[] = {
    {"place",        COLUMN_TEXT,  AT(place),        GROUP_KEY,  false},
    {"task_id",      COLUMN_UUID,  AT(task_id),      GROUP_REST, false},
    {"state",        COLUMN_SMALL, AT(state),        GROUP_REST, false},
    {"revision",     COLUMN_INT,   AT(revision),     GROUP_REST, false},
    {"effective_at", COLUMN_TIME,  AT(effective_at), GROUP_REST, true},
    {"project",      COLUMN_TEXT,  AT(project),      GROUP_REST, false},
    {"queue",        COLUMN_TEXT,  AT(queue),        GROUP_REST, true},
    {"schedules",    COLUMN_TEXT,  AT(schedules),    GROUP_REST, true},
    {"calendars",    COLUMN_TEXT,  AT(calendars),    GROUP_REST, true},
    {"window_text",  COLUMN_TEXT,  AT(window),       GROUP_REST, true},
    {"jitter_ms",    COLUMN_LONG,  AT(jitter_ms),    GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type timing_type = {"task", timing_columns, sizeof(struct timing_row)};

void read_timings(struct read_pool *p, const char *after, size_t limit, struct read_reply reply)
{
    struct read_query q = {0};

    /* A range of places is read from there on, and ends with the limit; one look at the JSON of a task for all members. */
    buf_printf(
        &q.sql,
        "SELECT t.place::text AS place, t.task_id, t.state, t.revision, t.effective_at, t.project, t.queue,"
        " s.schedules::text, s.calendars::text, s.\"window\"::text AS window_text, s.jitter_ms"
        " FROM (SELECT ctid AS place, * FROM task WHERE ctid > $1::tid AND state < %d LIMIT $2) t"
        " CROSS JOIN LATERAL json_to_record(t.spec)"
        " AS s (schedules json, calendars json, \"window\" json, jitter_ms bigint)"
        " ORDER BY t.place",
        TASK_DELETED);
    query_add_text(&q, after);
    query_add_long(&q, (int64_t)limit + 1);
    read_list(p, &q, &timing_type, NULL, limit, reply);
}
