#include "api/resources/running.h"

#include <stdlib.h>

#include "api/exchange/answer.h"
#include "api/resources/execution_view.h"
#include "api/resources/usual.h"
#include "base/clock.h"
#include "store/read_executions.h"
#include "store/read_open.h"

/*
 * All that runs is looked at, as far as read_started goes; what is usual is asked for the USUAL_TASKS_MAX tasks whose runs began
 * first. Only then it is known which ones the page shows, and those are read whole.
 */

struct running_request {
    struct api *api;
    struct http_exchange *x;
    size_t limit;
    struct run_over *runs;
    size_t count;
    bool is_complete;
    struct map rows; /* execution id -> struct execution_row */
    struct read_page beats;
};

static int by_number(int64_t a, int64_t b) /* the greater first */
{
    return a == b ? 0 : a > b ? -1 : 1;
}

int run_over_order(const void *a, const void *b)
{
    const struct run_over *x = a, *y = b;
    int order = by_number(x->usual_ms >= 0, y->usual_ms >= 0);

    if (order == 0 && x->usual_ms >= 0) {
        double over_x = (double)x->elapsed / (double)MAX(x->usual_ms, 1);
        double over_y = (double)y->elapsed / (double)MAX(y->usual_ms, 1);

        order = over_x == over_y ? 0 : over_x > over_y ? -1 : 1;
    }
    if (order == 0)
        order = by_number(x->elapsed, y->elapsed);
    return order != 0 ? order : uuid_order(x->execution_id, y->execution_id);
}

/* Those that have ended meanwhile are shown as they are, where they stood. */
static void on_names(void *ctx, const struct read_page *page)
{
    struct running_request *r = ctx;
    struct map names = {0};
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, page)) {
        map_clear(&r->rows);
        return;
    }
    task_names(page, &names);
    j = answer_open_list(&body);
    for (size_t i = 0; i < r->count; i++) {
        const struct execution_row *row = map_find(&r->rows, r->runs[i].execution_id);

        if (row == NULL)
            continue;
        json_open_object(&j);
        execution_members(&j, row, &names);
        progress_members(&j, row, beat_of(&r->beats, row));
        usual_member(&j, r->api->usual, row->task_id);
        json_close_object(&j);
    }
    json_close_array(&j);
    json_add_bool(&j, "complete", r->is_complete);
    json_close_object(&j);
    map_clear(&names);
    map_clear(&r->rows);
    answer_json(r->x, 200, &body);
}

static struct uuid *ids_of(const struct running_request *r, bool of_tasks)
{
    struct uuid *ids = arena_alloc(http_memory(r->x), MAX(r->count, (size_t)1) * sizeof *ids);

    for (size_t i = 0; i < r->count; i++)
        ids[i] = of_tasks ? r->runs[i].task_id : r->runs[i].execution_id;
    return ids;
}

static void on_beats(void *ctx, const struct read_page *page)
{
    struct running_request *r = ctx;

    if (answer_read_failed(r->x, page)) {
        map_clear(&r->rows);
        return;
    }
    r->beats = *page;
    read_task_names(r->api->reads, ids_of(r, true), r->count,
                    (struct read_reply){http_memory(r->x), on_names, r});
}

static void on_rows(void *ctx, const struct read_page *page)
{
    struct running_request *r = ctx;
    struct execution_row *rows = page->rows;

    if (answer_read_failed(r->x, page))
        return;
    for (size_t i = 0; i < page->count; i++)
        map_put(&r->rows, rows[i].execution_id, &rows[i]);
    beats_need(r->api->reads, rows, page->count,
               (struct read_reply){http_memory(r->x), on_beats, r});
}

static void on_usual(void *ctx, const struct read_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct running_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    for (size_t i = 0; i < r->count; i++)
        r->runs[i].usual_ms = usual_cache_find(r->api->usual, r->runs[i].task_id);
    qsort(r->runs, r->count, sizeof *r->runs, run_over_order);
    r->is_complete = r->is_complete && r->count <= r->limit;
    r->count = MIN(r->count, r->limit);
    if (r->count == 0)
        on_rows(r, &nothing);
    else
        read_executions_of(r->api->reads, ids_of(r, false), r->count,
                           (struct read_reply){http_memory(r->x), on_rows, r});
}

static void on_started(void *ctx, const struct read_page *page)
{
    struct running_request *r = ctx;
    const struct open_row *rows = page->rows;
    usec_t now = clock_realtime();

    if (answer_read_failed(r->x, page))
        return;
    r->count = page->count;
    r->is_complete = !page->more;
    r->runs = arena_alloc(http_memory(r->x), MAX(r->count, (size_t)1) * sizeof *r->runs);
    for (size_t i = 0; i < r->count; i++)
        r->runs[i] = (struct run_over){.execution_id = rows[i].execution_id,
                                       .task_id = rows[i].task_id,
                                       .elapsed = now - rows[i].started_at};
    usual_need(r->api, r->x, &(struct usual_ask){ids_of(r, true), r->count, on_usual, r});
}

void answer_running(struct api *api, struct http_exchange *x, uint32_t statuses, size_t limit)
{
    struct running_request *r = arena_alloc(http_memory(x), sizeof *r);

    *r = (struct running_request){.api = api, .x = x, .limit = limit};
    read_started(api->reads, statuses, (struct read_reply){http_memory(x), on_started, r});
}
