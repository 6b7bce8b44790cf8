#include "api/resources/log_view.h"

#include "api/exchange/cursor.h"
#include "api/exchange/log_event.h"

enum rc param_level(const struct http_exchange *x, uint32_t *ret, struct error *err)
{
    static const enum log_line_level ascending[] = {LINE_DEBUG, LINE_INFO, LINE_WARN, LINE_ERROR};
    const char *text = http_query(x, "level");
    int least;

    if (text == NULL)
        return RC_OK;
    if (enum_find(&log_level_enum, text, true, &least, err) != RC_OK)
        return error_prefix(err, "level");
    for (size_t i = ARRAY_LEN(ascending); i > 0; i--) {
        *ret |= 1u << ascending[i - 1];
        if ((int)ascending[i - 1] == least)
            break;
    }
    return RC_OK;
}

enum rc param_streams(const struct http_exchange *x, uint32_t *ret, struct error *err)
{
    static const struct symbols streams = {.type = &log_stream_enum};

    return param_set(x, "stream", &streams, ret, err);
}

enum rc param_log_name(const struct http_exchange *x, struct log_name *ret, struct error *err)
{
    const char *attempt = http_query(x, "attempt"), *writer = http_query(x, "writer");
    int64_t number = 0;

    if (attempt != NULL)
        TRY(param_number("attempt", attempt, 1, INT16_MAX, &number, err));
    ret->attempt = (int32_t)number;
    if (writer != NULL && uuid_from_text(writer, &ret->writer, err) != RC_OK)
        return error_prefix(err, "writer");
    return RC_OK;
}

enum rc log_cursor_read(const char *text, struct log_name *ret_name, int64_t *ret_line,
                        struct error *err)
{
    SCOPED_CURSOR other = {0};
    SCOPED_CURSOR cursor = {0};
    struct error ignored;

    if (cursor_open(&other, CURSOR_LOGS, text, &ignored) == RC_OK)
        return RC_NOT_FOUND;
    TRY(cursor_open(&cursor, CURSOR_LOG_LINES, text, err));
    ret_name->attempt = (int32_t)cursor_int(&cursor);
    ret_name->writer = cursor_uuid(&cursor);
    *ret_line = cursor_int(&cursor);
    return cursor_end(&cursor, err);
}

void log_cursor_add(struct json *j, const char *member, const struct log_name *name, int64_t line)
{
    SCOPED_CURSOR cursor = {0};
    SCOPED_BUF text = {0};

    cursor_begin(&cursor, CURSOR_LOG_LINES);
    cursor_put_int(&cursor, name->attempt);
    cursor_put_uuid(&cursor, name->writer);
    cursor_put_int(&cursor, line);
    cursor_text(&cursor, &text);
    json_add_text(j, member, buf_text(&text));
}

void log_line_object(struct json *j, const struct log_line_view *line)
{
    json_open_object(j);
    json_add_int(j, "attempt", line->attempt);
    json_add_uuid(j, "writer", line->writer);
    put_log_line(j, line);
    json_close_object(j);
}

void log_writer_members(struct json *j, const struct log_writer_row *writer)
{
    if (writer == NULL)
        return;
    json_add_int(j, "attempt", writer->attempt);
    json_add_uuid(j, "writer", writer->writer);
    json_add_int(j, "last", writer->next_seq - 1);
}

int64_t log_lines_between(const struct log_writer_row *writer, int64_t from, int64_t to)
{
    int64_t count = MAX(MIN(to, writer->next_seq) - MAX(from, 1), 0);

    for (size_t i = 0; i < writer->gaps.count; i++) {
        const struct seq_range *gap = &writer->gaps.items[i];

        count -= MAX(MIN(to, gap->to) - MAX(from, gap->from), 0);
    }
    return MAX(count, 0);
}
