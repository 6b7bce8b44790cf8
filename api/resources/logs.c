#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/resources/resources.h"
#include "store/read_logs.h"

struct log_request {
    struct http_exchange *x;
    struct log_filter filter;
};

/* Lines of a level and of those above it. */
static enum rc read_level(struct http_exchange *x, uint32_t *ret, struct error *err)
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

static enum rc read_after(struct http_exchange *x, struct log_position *ret, struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "after");

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_LOGS, text, err));
    ret->received_at = cursor_int(&cursor);
    ret->attempt = (int32_t)cursor_int(&cursor);
    ret->writer = cursor_uuid(&cursor);
    ret->next_seq = cursor_int(&cursor);
    return cursor_end(&cursor, err);
}

static void write_after(const struct log_position *at, struct buf *out)
{
    SCOPED_CURSOR cursor = {0};

    cursor_begin(&cursor, CURSOR_LOGS);
    cursor_put_int(&cursor, at->received_at);
    cursor_put_int(&cursor, at->attempt);
    cursor_put_uuid(&cursor, at->writer);
    cursor_put_int(&cursor, at->next_seq);
    cursor_text(&cursor, out);
}

static void put_line(struct json *j, const struct log_line_view *line)
{
    json_open_object(j);
    json_add_int(j, "attempt", line->attempt);
    json_add_uuid(j, "writer", line->writer);
    json_add_int(j, "seq", line->seq);
    if (line->at != 0)
        json_add_instant(j, "at", line->at);
    json_add_instant(j, "received_at", line->received_at);
    json_add_text(j, "level", enum_name(&log_level_enum, (int)log_level_of(line->level[0])));
    json_add_text(j, "stream", log_stream_name(line->stream[0]));
    json_add_text(j, "message", line->message);
    if (line->escaped)
        json_add_bool(j, "escaped", true);
    if (line->unfinished)
        json_add_bool(j, "unfinished", true);
    json_close_object(j);
}

static void on_lines(void *ctx, const struct read_page *page)
{
    struct log_request *r = ctx;
    const struct log_line_view *lines = page->rows;
    struct log_position after = r->filter.after;
    struct buf body = {0};
    SCOPED_BUF next = {0};
    struct json j;

    if (answer_read_failed(r->x, page))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < page->count; i++)
        put_line(&j, &lines[i]);
    if (page->count > 0) {
        const struct log_line_view *last = &lines[page->count - 1];

        after =
            (struct log_position){last->received_at, last->attempt, last->writer, last->seq + 1};
    }
    write_after(&after, &next);
    json_close_array(&j);
    json_add_text(&j, "next", next.data);
    json_add_bool(&j, "more", page->more);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

void list_logs(struct http_exchange *x, void *ctx)
{
    struct log_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err;
    size_t limit;

    r->x = x;
    if (param_path_id(x, "execution", &r->filter.execution, &err) != RC_OK ||
        read_level(x, &r->filter.levels, &err) != RC_OK ||
        read_after(x, &r->filter.after, &err) != RC_OK || param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_logs(api_of(ctx)->reads, &r->filter, limit,
                  parent_reply(api_of(ctx), x,
                               (struct parent){PARENT_EXECUTION, r->filter.execution}, on_lines,
                               r));
}
