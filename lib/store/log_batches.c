#include "store/log_batches.h"

#define AT(member) offsetof(struct log_line_view, member)

/* clang-format off */
static const struct column columns[] = {
    {"received_at", COLUMN_TIME,  AT(received_at), GROUP_REST, false},
    {"attempt",     COLUMN_SMALL, AT(attempt),     GROUP_REST, false},
    {"writer",      COLUMN_UUID,  AT(writer),      GROUP_REST, false},
    {"seq",         COLUMN_LONG,  AT(seq),         GROUP_REST, false},
    {"at",          COLUMN_TIME,  AT(at),          GROUP_REST, true},
    {"level",       COLUMN_TEXT,  AT(level),       GROUP_REST, false},
    {"stream",      COLUMN_TEXT,  AT(stream),      GROUP_REST, false},
    {"message",     COLUMN_TEXT,  AT(message),     GROUP_REST, false},
    {"escaped",     COLUMN_BOOL,  AT(escaped),     GROUP_REST, false},
    {"unfinished",  COLUMN_BOOL,  AT(unfinished),  GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

const struct row_type log_line_type = {"log_batch", columns, sizeof(struct log_line_view)};

const char log_line_columns[] =
    "b.received_at, b.attempt, b.writer, b.first_seq + u.n - 1 AS seq, u.at, u.level::text AS level, u.stream::text AS stream,"
    " u.message, coalesce(u.n = ANY (b.escaped), false) AS escaped, coalesce(u.n = ANY (b.unfinished), false) AS unfinished";

const char log_line_unnest[] =
    "unnest(b.at, b.level, b.stream, b.message) WITH ORDINALITY u(at, level, stream, message, n)";

static const char level_letters[] = "IDWE"; /* by enum log_line_level */
static const char stream_letters[] = "LOE"; /* by enum log_stream */

enum log_line_level log_level_of(char letter)
{
    for (int i = 0; i < LINE_LEVEL_COUNT; i++)
        if (level_letters[i] == letter)
            return (enum log_line_level)i;
    return LINE_INFO;
}

const char *log_stream_name(char letter)
{
    for (int i = 0; i < STREAM_COUNT; i++)
        if (stream_letters[i] == letter)
            return enum_name(&log_stream_enum, i);
    return enum_name(&log_stream_enum, STREAM_LOG);
}

/* One line of each that is wanted. */
void log_add_levels(struct read_query *q, uint32_t levels)
{
    struct log_line lines[LINE_LEVEL_COUNT];
    struct line_list list = {lines, 0};

    for (int i = 0; i < LINE_LEVEL_COUNT; i++)
        if (levels == 0 || (levels & (1u << i)) != 0)
            lines[list.count++] = (struct log_line){.level = (enum log_line_level)i};
    query_add(q, COLUMN_LINE_LEVELS, &list);
}

void log_add_streams(struct read_query *q, uint32_t streams)
{
    struct log_line lines[STREAM_COUNT];
    struct line_list list = {lines, 0};

    for (int i = 0; i < STREAM_COUNT; i++)
        if (streams == 0 || (streams & (1u << i)) != 0)
            lines[list.count++] = (struct log_line){.stream = (enum log_stream)i};
    query_add(q, COLUMN_LINE_STREAMS, &list);
}

void log_add_holds(struct buf *sql, int levels_param, int streams_param)
{
    buf_printf(
        sql,
        " AND EXISTS (SELECT FROM unnest(level, stream) x (l, s) WHERE x.l = ANY ($%d) AND x.s = ANY ($%d))",
        levels_param, streams_param);
}

void log_add_key(struct read_query *q, const struct log_writer_row *writer)
{
    query_add_uuid(q, writer->execution_id);
    query_add_uuid(q, writer->task_id);
    query_add_int(q, writer->attempt);
    query_add_uuid(q, writer->writer);
}

void log_leaves_find(struct read_pool *p, struct uuid execution, struct arena *memory, leaves_fn fn,
                     void *ctx)
{
    /* clocks may differ */
    usec_t from = execution_id_ms(execution) * USEC_PER_MS - USEC_PER_DAY;

    leaves_find(p, (struct leaf_range){"log_batch", from, USEC_MAX}, memory, fn, ctx);
}

void log_leaves_pass(struct leaf_list *list)
{
    size_t passed = MIN(list->count, (size_t)LOG_LEAVES_AT_ONCE);

    list->items += passed;
    list->count -= passed;
}
