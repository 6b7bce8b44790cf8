#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/resources/log_lines.h"
#include "api/resources/resources.h"

struct log_request {
    struct http_exchange *x;
    struct log_filter filter;
};

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
        log_line_object(&j, &lines[i]);
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
        param_level(x, &r->filter.levels, &err) != RC_OK ||
        param_streams(x, &r->filter.streams, &err) != RC_OK ||
        (!wants_log_lines(x) && read_after(x, &r->filter.after, &err) != RC_OK) ||
        param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else if (wants_log_lines(x))
        answer_log_lines(api_of(ctx), x, r->filter.execution);
    else
        read_logs(api_of(ctx)->reads, &r->filter, limit,
                  parent_reply(api_of(ctx), x,
                               (struct parent){PARENT_EXECUTION, r->filter.execution}, on_lines,
                               r));
}
