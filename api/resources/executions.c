#include <string.h>

#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/exchange/view.h"
#include "api/resources/days.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "base/map.h"
#include "store/read_executions.h"
#include "store/read_tasks.h"

#define RANGE_MAX (366 * USEC_PER_DAY)
#define ALL_OPEN  ((1u << STATUS_SUCCEEDED) - 1)

struct execution_request {
    struct api *api;
    struct http_exchange *x;
    struct execution_page page;
    struct uuid id;
    const struct execution_row *row; /* of the one that is asked for */
    const struct heartbeat_row *heartbeat;
};

static struct execution_request *request_new(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->api = api_of(ctx);
    r->x = x;
    return r;
}

/* --- as JSON --- */

/* names: task id -> struct task_row. */
static void put_members(struct json *j, const struct execution_row *row, const struct map *names)
{
    const struct task_row *task = map_find(names, row->task_id);

    if (task != NULL) {
        json_add_text(j, "project", task->project);
        json_add_text(j, "key", task->key);
        if (task->title != NULL)
            json_add_text(j, "title", task->title);
    }
    view_members(j, &execution_type, row, "created_attempt");
    if (row->started_at != 0 && row->finished_at != 0)
        json_add_int(j, "run_ms", (row->finished_at - row->started_at) / USEC_PER_MS);
}

static void names_of(const struct read_page *page, struct map *ret)
{
    struct task_row *rows = page->rows;

    for (size_t i = 0; i < page->count; i++)
        map_put(ret, rows[i].task_id, &rows[i]);
}

/* --- GET /v1/executions --- */

static void answer_page(struct execution_request *r, const struct map *names)
{
    const struct execution_row *rows = r->page.page.rows;
    struct buf body = {0};
    SCOPED_BUF next = {0};
    SCOPED_CURSOR cursor = {0};
    struct json j = answer_open_list(&body);

    for (size_t i = 0; i < r->page.page.count; i++) {
        json_open_object(&j);
        put_members(&j, &rows[i], names);
        json_close_object(&j);
    }
    if (r->page.page.more) {
        cursor_begin(&cursor, CURSOR_EXECUTIONS);
        cursor_put_uuid(&cursor, r->page.next.execution);
        cursor_put_uuid(&cursor, r->page.next.task);
        cursor_text(&cursor, &next);
    }
    answer_close_list(&j, next.data);
    answer_json(r->x, 200, &body);
}

static void on_page_names(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;
    struct map names = {0};

    if (answer_read_failed(r->x, page))
        return;
    names_of(page, &names);
    answer_page(r, &names);
    map_clear(&names);
}

static void on_page(void *ctx, const struct execution_page *page)
{
    struct execution_request *r = ctx;
    const struct execution_row *rows = page->page.rows;
    struct uuid *ids;

    if (answer_read_failed(r->x, &page->page))
        return;
    r->page = *page;
    ids = arena_alloc(http_memory(r->x), MAX(page->page.count, (size_t)1) * sizeof *ids);
    for (size_t i = 0; i < page->page.count; i++)
        ids[i] = rows[i].task_id;
    read_task_names(r->api->reads, ids, page->page.count,
                    (struct read_reply){http_memory(r->x), on_page_names, r});
}

/* day, a local date of tz. */
static enum rc read_day(struct api *api, struct http_exchange *x, usec_t *from, usec_t *to,
                        struct error *err)
{
    int64_t day = 0;
    struct zone *zone;

    TRY(param_zone(api, x, &zone, err));
    TRY(param_day(x, "day", &day, err));
    if (http_query(x, "day") == NULL)
        return http_query(x, "tz") == NULL ? RC_OK
                                           : error_set(err, RC_INVALID, "tz: it needs a day");
    if (*from != 0 || *to != USEC_MAX)
        return error_set(err, RC_INVALID, "day: it excludes from and to");
    *from = day_start(zone, day);
    *to = day_start(zone, day + 1);
    return RC_OK;
}

/* Ids know milliseconds, as all scheduled instants do: "from here on" and "before here" begin at the next whole one. */
static usec_t next_whole_ms(usec_t t)
{
    return (t + USEC_PER_MS - 1) / USEC_PER_MS * USEC_PER_MS;
}

/* Which ids are meant, by day or from and to. */
static enum rc read_range(struct api *api, struct http_exchange *x, struct execution_filter *ret,
                          struct error *err)
{
    usec_t to = USEC_MAX;

    TRY(param_instant(x, "from", &ret->from, err));
    TRY(param_instant(x, "to", &to, err));
    TRY(read_day(api, x, &ret->from, &to, err));
    if (ret->from != 0 && to != USEC_MAX && (to < ret->from || to - ret->from > RANGE_MAX))
        return error_set(err, RC_INVALID, "from, to: the range is not 0 to 366 days long");
    ret->from = next_whole_ms(ret->from);
    if (to != USEC_MAX)
        ret->before.execution = execution_id_floor(next_whole_ms(to));
    else
        memset(ret->before.execution.b, 0xff, sizeof ret->before.execution.b);
    return RC_OK;
}

static enum rc read_position(struct http_exchange *x, struct execution_filter *ret,
                             struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");
    struct execution_place at;

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_EXECUTIONS, text, err));
    at.execution = cursor_uuid(&cursor);
    at.task = cursor_uuid(&cursor);
    TRY(cursor_end(&cursor, err));
    if (uuid_order(at.execution, ret->before.execution) < 0)
        ret->before = at;
    return RC_OK;
}

static enum rc read_filter(struct api *api, struct http_exchange *x, struct execution_filter *ret,
                           size_t *limit, struct error *err)
{
    static const struct symbols statuses = {&status_enum, "OPEN", ALL_OPEN};
    const char *task = http_query(x, "task");
    struct task_ref ref = {0};

    if (task != NULL)
        TRY(task_ref_parse(task, http_memory(x), &ref, err));
    ret->task = ref.id;
    ret->queue = http_query(x, "queue");
    TRY(param_set(x, "status", &statuses, &ret->statuses, err));
    TRY(read_range(api, x, ret, err));
    TRY(read_position(x, ret, err));
    return param_limit(x, limit, err);
}

void list_executions(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = request_new(x, ctx);
    struct execution_filter filter = {0};
    struct error err;
    size_t limit;

    if (read_filter(r->api, x, &filter, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_executions(r->api->reads, &filter, limit, http_memory(x), on_page, r);
}

/* --- GET /v1/executions/:execution --- */

static void on_one_name(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;
    struct map names = {0};
    struct buf body = {0};
    struct json j = json_into(&body);

    if (answer_read_failed(r->x, page))
        return;
    names_of(page, &names);
    json_open_object(&j);
    put_members(&j, r->row, &names);
    if (r->heartbeat != NULL) {
        json_key(&j, "heartbeat");
        view_object(&j, &heartbeat_type, r->heartbeat, "execution_id task_id");
    }
    json_close_object(&j);
    map_clear(&names);
    answer_json(r->x, 200, &body);
}

static void on_heartbeat(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->heartbeat = page->count > 0 ? page->rows : NULL;
    read_task_names(r->api->reads, &r->row->task_id, 1,
                    (struct read_reply){http_memory(r->x), on_one_name, r});
}

static void on_one(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->x, "execution", http_param(r->x, "execution"));
        return;
    }
    r->row = page->rows;
    read_heartbeat(r->api->reads, r->id, (struct read_reply){http_memory(r->x), on_heartbeat, r});
}

void get_execution(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = request_new(x, ctx);
    struct error err;

    if (param_path_id(x, "execution", &r->id, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_execution(r->api->reads, r->id, (struct read_reply){http_memory(x), on_one, r});
}

/* --- GET /v1/executions/:execution/events --- */

static void on_events(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;
    const struct event_row *rows = page->rows;
    SCOPED_BUF next = {0};

    if (answer_read_failed(r->x, page))
        return;
    if (page->more)
        write_number_cursor(CURSOR_EVENTS, rows[page->count - 1].kafka_offset, &next);
    answer_rows(r->x, &event_type, page, next.data);
}

void list_events(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = request_new(x, ctx);
    int64_t after = -1; /* before the first offset */
    struct error err;
    size_t limit;

    if (param_path_id(x, "execution", &r->id, &err) != RC_OK ||
        read_number_cursor(x, CURSOR_EVENTS, &after, &err) != RC_OK ||
        param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_events(
            r->api->reads, r->id, after, limit,
            parent_reply(r->api, x, (struct parent){PARENT_EXECUTION, r->id}, on_events, r));
}
