#include "api/resources/failing.h"

#include <stdlib.h>

#include "api/exchange/answer.h"
#include "api/resources/execution_view.h"
#include "api/resources/recent.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "base/rfc3339.h"

enum { TASKS_MAX = 100, LOOKED_AT = 50 };

/* --- pure --- */

static int last_first(const void *a, const void *b)
{
    const struct failing_task *x = a, *y = b;

    return uuid_order(y->last, x->last);
}

struct failing_tasks failing_of(const struct read_page *failures, struct arena *memory)
{
    const struct failures_row *rows = failures->rows;
    struct failing_tasks all = {
        arena_alloc(memory, MAX(failures->count, (size_t)1) * sizeof *all.items), 0};
    struct map by_task = {0};

    for (size_t i = 0; i < failures->count; i++) {
        struct failing_task *t = map_find(&by_task, rows[i].task_id);

        if (t == NULL) {
            t = &all.items[all.count++];
            *t = (struct failing_task){.task_id = rows[i].task_id};
            map_put(&by_task, t->task_id, t);
        }
        t->counts[rows[i].status] += rows[i].count;
        if (uuid_order(rows[i].last, t->last) > 0) {
            t->last = rows[i].last;
            t->last_status = rows[i].status;
        }
    }
    map_clear(&by_task);
    qsort(all.items, all.count, sizeof *all.items, last_first);
    return all;
}

struct streak streak_of(const struct recent_row *rows, size_t count)
{
    struct streak s = {0};

    for (size_t i = 0; i < count && rows[i].status != STATUS_SUCCEEDED; i++) {
        if ((FAILURE_STATUSES & (1u << rows[i].status)) == 0)
            continue;
        s.in_a_row++;
        s.since = execution_id_ms(rows[i].execution_id) * USEC_PER_MS;
    }
    return s;
}

/* --- GET /v1/failing --- */

struct failing_request {
    struct api *api;
    struct http_exchange *x;
    size_t limit;
    struct failing_tasks tasks;
    bool is_complete;
    struct recents recents;
};

static const struct recent_row *find_last(const struct failing_task *t,
                                          const struct recent_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_order(rows[i].execution_id, t->last) == 0)
            return &rows[i];
    return NULL;
}

/* Of one that is not among the newest any more no more is known than when it was scheduled. */
static void put_last(struct json *j, const struct failing_task *t, const struct recent_row *row)
{
    usec_t scheduled = execution_id_ms(t->last) * USEC_PER_MS;

    json_key(j, "last");
    json_open_object(j);
    json_add_uuid(j, "execution_id", t->last);
    json_add_text(j, "status", enum_name(&status_enum, t->last_status));
    json_add_instant(j, "at", row != NULL && row->status_at != 0 ? row->status_at : scheduled);
    if (row != NULL && row->message != NULL)
        json_add_text(j, "message", row->message);
    json_close_object(j);
}

static void put_failing(struct json *j, const struct failing_request *r,
                        const struct failing_task *t, const struct map *names)
{
    size_t count;
    const struct recent_row *rows = recents_of(&r->recents, t->task_id, &count);
    const struct streak streak = streak_of(rows, count);

    json_open_object(j);
    json_add_uuid(j, "task_id", t->task_id);
    task_name_members(j, t->task_id, names);
    status_counts(j, "counts", t->counts);
    json_add_int(j, "in_a_row", streak.in_a_row);
    json_add_instant(j, "since",
                     streak.since != 0 ? streak.since : execution_id_ms(t->last) * USEC_PER_MS);
    put_last(j, t, find_last(t, rows, count));
    recent_member(j, rows, count);
    json_close_object(j);
}

static void on_names(void *ctx, const struct read_page *page)
{
    struct failing_request *r = ctx;
    struct map names = {0};
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, page)) {
        recents_clear(&r->recents);
        return;
    }
    task_names(page, &names);
    j = answer_open_list(&body);
    for (size_t i = 0; i < MIN(r->tasks.count, r->limit); i++)
        put_failing(&j, r, &r->tasks.items[i], &names);
    map_clear(&names);
    recents_clear(&r->recents);
    json_close_array(&j);
    json_add_int(&j, "tasks", (int64_t)r->tasks.count);
    json_add_bool(&j, "complete", r->is_complete);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

static struct uuid *ids_of(const struct failing_request *r, size_t *ret_count)
{
    struct uuid *ids = arena_alloc(http_memory(r->x), TASKS_MAX * sizeof *ids);

    *ret_count = MIN(r->tasks.count, r->limit);
    for (size_t i = 0; i < *ret_count; i++)
        ids[i] = r->tasks.items[i].task_id;
    return ids;
}

static void on_recent(void *ctx, const struct read_page *page)
{
    struct failing_request *r = ctx;
    size_t count;
    const struct uuid *ids = ids_of(r, &count);

    if (answer_read_failed(r->x, page))
        return;
    r->recents = recents_by_task(page, http_memory(r->x));
    read_task_names(r->api->reads, ids, count, (struct read_reply){http_memory(r->x), on_names, r});
}

static void on_failures(void *ctx, const struct read_page *page)
{
    struct failing_request *r = ctx;
    const struct uuid *ids;
    size_t count;

    if (answer_read_failed(r->x, page))
        return;
    r->is_complete = !page->more;
    r->tasks = failing_of(page, http_memory(r->x));
    ids = ids_of(r, &count);
    read_recent(r->api->reads, ids, count, LOOKED_AT, true,
                (struct read_reply){http_memory(r->x), on_recent, r});
}

static enum rc read_request(struct failing_request *r, usec_t *from, struct error *err)
{
    const char *limit = http_query(r->x, "limit");
    int64_t count = TASKS_MAX;
    usec_t now = clock_realtime();

    *from = now - USEC_PER_DAY;
    TRY(param_instant(r->x, "from", from, err));
    if (*from < 0)
        *from = 0;
    if (limit != NULL)
        TRY(param_number("limit", limit, 1, TASKS_MAX, &count, err));
    r->limit = (size_t)count;
    return RC_OK;
}

void list_failing(struct http_exchange *x, void *ctx)
{
    struct failing_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};
    usec_t from;

    *r = (struct failing_request){.api = api_of(ctx), .x = x};
    if (read_request(r, &from, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_failures(r->api->reads, from, http_query(x, "project"),
                      (struct read_reply){http_memory(x), on_failures, r});
}
