#include "api/resources/log_lines.h"

#include <string.h>

#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/resources/resources.h"

enum { TAIL_MAX = 1000, WRITER_GAPS_SHOWN = 100, TEXT_MAX = 200 };

struct lines_request {
    struct api *api;
    struct http_exchange *x;
    struct log_name name;
    struct log_lines lines;
    size_t limit;
};

bool wants_log_lines(const struct http_exchange *x)
{
    static const char *const names[] = {"line", "tail", "before", "attempt", "writer"};
    const char *after = http_query(x, "after");
    struct log_name name;
    struct error ignored;
    int64_t line;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (http_query(x, names[i]) != NULL)
            return true;
    return after != NULL && log_cursor_read(after, &name, &line, &ignored) == RC_OK;
}

/* --- the answer --- */

static void on_lines(void *ctx, const struct read_page *page)
{
    struct lines_request *r = ctx;
    const struct log_line_view *rows = page->rows;
    const struct log_writer_row *writer = r->lines.writer;
    int64_t first = r->lines.at, next = r->lines.at, end = writer != NULL ? writer->next_seq : 0;
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, page))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < page->count; i++)
        log_line_object(&j, &rows[i]);
    json_close_array(&j);
    log_writer_members(&j, writer);
    if (page->count > 0) {
        first = rows[0].seq;
        next = rows[page->count - 1].seq + 1;
    }
    if (r->lines.backward ? page->more : first > 1 && writer != NULL)
        log_cursor_add(&j, "prev", &r->name, first);
    log_cursor_add(&j, "next", &r->name, next);
    json_add_bool(&j, "more", r->lines.backward ? next < end : page->more);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

/* Whose log it is, is known; or nothing has been written yet. */
static void on_writers(void *ctx, const struct read_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct lines_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        r->lines.at = r->lines.backward ? 1 : r->lines.at;
        on_lines(r, &nothing);
        return;
    }
    r->lines.writer = page->rows;
    r->lines.at = MIN(r->lines.at, r->lines.backward ? r->lines.writer->next_seq : INT64_MAX);
    r->name.attempt = r->lines.writer->attempt;
    r->name.writer = r->lines.writer->writer;
    read_log_lines(r->api->reads, &r->lines, r->limit,
                   (struct read_reply){http_memory(r->x), on_lines, r});
}

/* --- what is asked for --- */

static enum rc read_cursor(const struct http_exchange *x, const char *param,
                           struct lines_request *r, struct error *err)
{
    const char *text = http_query(x, param);
    enum rc rc = log_cursor_read(text, &r->name, &r->lines.at, err);

    if (rc == RC_NOT_FOUND)
        return error_set(err, RC_INVALID, "cursor: %s is a place in the order of arrival", param);
    if (rc == RC_OK && (http_query(x, "attempt") != NULL || http_query(x, "writer") != NULL))
        return error_set(err, RC_INVALID, "%s: it names attempt and writer already", param);
    return rc;
}

/* Exactly one of the places, or none: from the first line on. */
static enum rc read_place(const struct http_exchange *x, struct lines_request *r, struct error *err)
{
    const char *line = http_query(x, "line"), *tail = http_query(x, "tail");
    const char *before = http_query(x, "before"), *after = http_query(x, "after");
    int64_t count;

    r->lines.at = 1;
    if ((line != NULL) + (tail != NULL) + (before != NULL) + (after != NULL) > 1)
        return error_set(err, RC_INVALID, "line, tail, before, after: one of them");
    if (tail != NULL && http_query(x, "limit") != NULL)
        return error_set(err, RC_INVALID, "limit: tail says how many");
    r->lines.backward = tail != NULL || before != NULL;
    if (line != NULL)
        return param_number("line", line, 1, INT64_MAX / 2, &r->lines.at, err);
    if (before != NULL || after != NULL)
        return read_cursor(x, before != NULL ? "before" : "after", r, err);
    if (tail == NULL)
        return RC_OK;
    TRY(param_number("tail", tail, 1, TAIL_MAX, &count, err));
    r->lines.at = INT64_MAX;
    r->limit = (size_t)count;
    return RC_OK;
}

static enum rc read_request(struct lines_request *r, struct error *err)
{
    TRY(param_log_name(r->x, &r->name, err));
    TRY(param_limit(r->x, &r->limit, err));
    TRY(param_level(r->x, &r->lines.levels, err));
    TRY(param_streams(r->x, &r->lines.streams, err));
    return read_place(r->x, r, err);
}

void answer_log_lines(struct api *api, struct http_exchange *x, struct uuid execution)
{
    struct lines_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};

    *r = (struct lines_request){.api = api, .x = x, .name.execution = execution};
    if (read_request(r, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_log_writers(
            api->reads, &r->name,
            parent_reply(api, x, (struct parent){PARENT_EXECUTION, execution}, on_writers, r));
}

/* --- GET /v1/executions/:execution/logs:writers --- */

struct writers_request {
    struct api *api;
    struct http_exchange *x;
    struct log_name name;
    bool with_levels;
    struct read_page writers;
};

static void put_writer(struct json *j, const struct writers_request *r,
                       const struct log_writer_row *w, const char *worker)
{
    json_open_object(j);
    log_writer_members(j, w);
    if (worker != NULL)
        json_add_text(j, "worker", worker);
    json_add_int(j, "lines", log_lines_between(w, 1, w->next_seq));
    json_key(j, "missing");
    json_open_array(j);
    for (size_t i = 0; i < MIN(w->gaps.count, (size_t)WRITER_GAPS_SHOWN); i++) {
        json_open_array(j);
        json_int(j, w->gaps.items[i].from);
        json_int(j, w->gaps.items[i].to - 1);
        json_close_array(j);
    }
    json_close_array(j);
    if (r->with_levels) {
        json_key(j, "levels");
        json_open_object(j);
        for (int i = 0; i < LINE_LEVEL_COUNT; i++)
            json_add_int(j, enum_name(&log_level_enum, i), w->levels[i]);
        json_close_object(j);
    }
    json_close_object(j);
}

static const char *worker_of(const struct read_page *workers, struct uuid writer)
{
    const struct log_worker *rows = workers->rows;

    for (size_t i = 0; i < workers->count; i++)
        if (uuid_order(rows[i].writer, writer) == 0)
            return rows[i].worker;
    return NULL;
}

static void on_workers(void *ctx, const struct read_page *page)
{
    struct writers_request *r = ctx;
    const struct log_writer_row *rows = r->writers.rows;
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, page))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < r->writers.count; i++)
        put_writer(&j, r, &rows[i], worker_of(page, rows[i].writer));
    answer_close_list(&j, NULL);
    answer_json(r->x, 200, &body);
}

static void on_all_writers(void *ctx, const struct read_page *page)
{
    struct writers_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->writers = *page;
    read_log_workers(r->api->reads, r->name.execution,
                     (struct read_reply){http_memory(r->x), on_workers, r});
}

void list_log_writers(struct http_exchange *x, void *ctx)
{
    struct writers_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};

    *r = (struct writers_request){.api = api_of(ctx), .x = x};
    if (param_path_id(x, "execution", &r->name.execution, &err) != RC_OK ||
        param_bool(x, "levels", &r->with_levels, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_log_writers(r->api->reads, &r->name,
                         parent_reply(r->api, x,
                                      (struct parent){PARENT_EXECUTION, r->name.execution},
                                      on_all_writers, r));
}

/* --- GET /v1/executions/:execution/logs:search --- */

struct search_request {
    struct api *api;
    struct http_exchange *x;
    struct log_name name;
    struct log_search search;
    size_t limit;
};

static void put_found(struct json *j, const struct log_line_view *line)
{
    json_open_object(j);
    json_add_int(j, "line", line->seq);
    if (line->at != 0)
        json_add_instant(j, "at", line->at);
    json_add_text(j, "level", enum_name(&log_level_enum, (int)log_level_of(line->level[0])));
    json_add_text(j, "stream", log_stream_name(line->stream[0]));
    json_add_text(j, "message", line->message);
    json_close_object(j);
}

static void on_found(void *ctx, const struct log_found *found)
{
    struct search_request *r = ctx;
    const struct log_line_view *rows = found->page.rows;
    const struct log_writer_row *writer = r->search.writer;
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, &found->page))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < found->page.count; i++)
        put_found(&j, &rows[i]);
    json_close_array(&j);
    log_writer_members(&j, writer);
    json_add_int(&j, "matches", found->matches);
    json_add_int(&j, "scanned",
                 writer == NULL ? 0
                                : log_lines_between(writer, r->search.from,
                                                    found->next != 0 ? found->next : INT64_MAX));
    if (found->next != 0)
        log_cursor_add(&j, "next", &r->name, found->next);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

static void on_searched_writer(void *ctx, const struct read_page *page)
{
    const struct log_found nothing = {.matches = 0};
    struct search_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        on_found(r, &nothing);
        return;
    }
    r->search.writer = page->rows;
    r->name.attempt = r->search.writer->attempt;
    r->name.writer = r->search.writer->writer;
    read_log_search(r->api->reads, &r->search, r->limit, http_memory(r->x), on_found, r);
}

static enum rc read_search_place(struct search_request *r, struct error *err)
{
    const char *line = http_query(r->x, "line"), *after = http_query(r->x, "after");
    struct lines_request place = {.name = r->name};

    r->search.from = 1;
    if (line != NULL && after != NULL)
        return error_set(err, RC_INVALID, "line, after: one of them");
    if (line != NULL)
        return param_number("line", line, 1, INT64_MAX / 2, &r->search.from, err);
    if (after == NULL)
        return RC_OK;
    TRY(read_cursor(r->x, "after", &place, err));
    r->name = place.name;
    r->search.from = MIN(MAX(place.lines.at, 1), INT64_MAX / 2);
    return RC_OK;
}

static enum rc read_search(struct search_request *r, struct error *err)
{
    r->search.text = http_query(r->x, "q");
    if (r->search.text == NULL || *r->search.text == '\0')
        return error_set(err, RC_INVALID, "q: the text to look for is missing");
    if (strlen(r->search.text) > TEXT_MAX)
        return error_set(err, RC_INVALID, "q: %zu bytes are more than %d", strlen(r->search.text),
                         TEXT_MAX);
    TRY(param_path_id(r->x, "execution", &r->name.execution, err));
    TRY(param_log_name(r->x, &r->name, err));
    TRY(param_bool(r->x, "case", &r->search.with_case, err));
    TRY(param_level(r->x, &r->search.levels, err));
    TRY(param_limit(r->x, &r->limit, err));
    return read_search_place(r, err);
}

void search_log(struct http_exchange *x, void *ctx)
{
    struct search_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};

    *r = (struct search_request){.api = api_of(ctx), .x = x};
    if (read_search(r, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_log_writers(r->api->reads, &r->name,
                         parent_reply(r->api, x,
                                      (struct parent){PARENT_EXECUTION, r->name.execution},
                                      on_searched_writer, r));
}
