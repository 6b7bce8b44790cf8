#include "api/exchange/answer.h"
#include "api/exchange/parent.h"
#include "api/resources/days.h"
#include "api/resources/recent.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "store/read_executions.h"

enum { DAYS_DEFAULT = 30 };

struct days_request {
    struct http_exchange *x;
    struct zone *zone;
    struct uuid task;
    int64_t first;  /* day */
    size_t count;   /* of days */
    usec_t *bounds; /* count + 1 */
};

struct day_sum {
    int64_t total, run_ms, counts[STATUS_COUNT];
};

static struct day_sum *sum_up(const struct days_request *r, const struct read_page *page)
{
    struct day_sum *sums = arena_alloc(http_memory(r->x), r->count * sizeof *sums);
    const struct day_count *rows = page->rows;

    for (size_t i = 0; i < page->count; i++) {
        size_t day = (size_t)rows[i].day - 1;

        if (rows[i].day < 1 || day >= r->count || rows[i].status < 0 ||
            rows[i].status >= STATUS_COUNT)
            /* a bucket that a clock change of odd minutes cuts in two counts for the day it
               begins in */
            continue;
        sums[day].total += rows[i].count;
        sums[day].run_ms += rows[i].run_ms;
        sums[day].counts[rows[i].status] += rows[i].count;
    }
    return sums;
}

static void put_day(struct json *j, const struct days_request *r, size_t i,
                    const struct day_sum *sum)
{
    char text[16];

    json_open_object(j);
    json_add_text(j, "day", day_text(r->first + (int64_t)i, text));
    json_add_instant(j, "from", r->bounds[i]);
    json_add_instant(j, "to", r->bounds[i + 1]);
    json_add_int(j, "total", sum->total);
    json_add_int(j, "run_ms", sum->run_ms);
    status_counts(j, "counts", sum->counts);
    json_close_object(j);
}

static void on_days(void *ctx, const struct read_page *page)
{
    struct days_request *r = ctx;
    struct buf body = {0};
    struct json j = json_into(&body);
    const struct day_sum *sums;

    if (answer_read_failed(r->x, page))
        return;
    sums = sum_up(r, page);
    json_open_object(&j);
    json_add_text(&j, "tz", zone_name(r->zone));
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->count; i++)
        put_day(&j, r, i, &sums[i]);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

/* `from` and `to` are local dates, both counted in; the last 30 days when neither is given. */
static enum rc read_range(struct api *api, struct days_request *r, struct error *err)
{
    int64_t today, last, first;

    TRY(param_zone(api, r->x, &r->zone, err));
    today = day_of(r->zone, clock_realtime());
    last = today;
    first = INT64_MIN;
    TRY(param_day(r->x, "from", &first, err));
    if (first != INT64_MIN && first > last)
        last = first;
    TRY(param_day(r->x, "to", &last, err));
    if (first == INT64_MIN)
        first = last - DAYS_DEFAULT + 1;
    if (first > last || last - first >= DAYS_MAX)
        return error_set(err, RC_INVALID, "from, to: %lld days are not 1 to %d",
                         (long long)last - first + 1, DAYS_MAX);
    r->first = first;
    r->count = (size_t)(last - first + 1);
    return RC_OK;
}

static void answer_days(struct api *api, struct days_request *r)
{
    struct error err;

    if (read_range(api, r, &err) != RC_OK) {
        answer_error(r->x, &err);
        return;
    }
    r->bounds = arena_alloc(http_memory(r->x), (r->count + 1) * sizeof *r->bounds);
    for (size_t i = 0; i <= r->count; i++)
        r->bounds[i] = day_start(r->zone, r->first + (int64_t)i);
    read_days(api->reads, r->task, r->bounds, r->count + 1,
              uuid_is_nil(r->task)
                  ? (struct read_reply){http_memory(r->x), on_days, r}
                  : parent_reply(api, r->x, (struct parent){PARENT_TASK, r->task}, on_days, r));
}

void all_days(struct http_exchange *x, void *ctx)
{
    struct days_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->x = x;
    answer_days(api_of(ctx), r);
}

void task_days(struct http_exchange *x, void *ctx)
{
    struct days_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct task_ref task;
    struct error err;

    r->x = x;
    if (param_task(x, &task, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    r->task = task.id;
    answer_days(api_of(ctx), r);
}
