#include <stdio.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/resources/day_marks.h"
#include "api/resources/days.h"
#include "api/resources/recent.h"
#include "api/resources/resources.h"
#include "api/resources/skips.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "store/read_executions.h"
#include "store/read_tasks.h"

/*
 * Counts of all tasks are one read; of one task its row comes first (is there one? what is to come, and not to be skipped?), then counts, gaps, and the
 * revisions that these are of. Days and quarters of an hour differ in nothing but their bounds.
 */

#define STEP (15 * USEC_PER_MIN)

enum { DAYS_DEFAULT = 30, STEP_DAYS_MAX = 31 };

struct day_sum {
    int64_t total, run_ms, counts[STATUS_COUNT];
};

struct days_request {
    struct api *api;
    struct http_exchange *x;
    struct zone *zone; /* borrowed from the api's zones: not to be looked at after a wait */
    char zone_name[ZONE_NAME_MAX + 1];
    struct uuid task; /* nil: all */
    bool by_steps;    /* of 15 minutes */
    int64_t first;    /* day */
    struct day_marks marks;
    struct day_sum *sums;
    int64_t kept_from; /* day; INT64_MIN: there is no history */
    const struct task_row *row;
    usec_t skip_until; /* the task's */
    struct read_page gaps;
};

/* --- the answer --- */

static void put_gaps(struct json *j, const int64_t counts[REASON_COUNT])
{
    bool is_open = false;

    for (int i = 0; i < REASON_COUNT; i++) {
        if (counts[i] == 0)
            continue;
        if (!is_open) {
            json_key(j, "gaps");
            json_open_object(j);
        }
        is_open = true;
        json_add_int(j, enum_name(&reason_enum, i), counts[i]);
    }
    if (is_open)
        json_close_object(j);
}

static bool is_empty(const struct days_request *r, size_t i)
{
    const struct day_marks *m = &r->marks;

    if (r->sums[i].total != 0 || (m->planned != NULL && m->planned[i] > 0))
        return false;
    for (int n = 0; m->gaps != NULL && n < REASON_COUNT; n++)
        if (m->gaps[i][n] != 0)
            return false;
    return true;
}

static void put_span(struct json *j, const struct days_request *r, size_t i)
{
    const struct day_marks *m = &r->marks;
    char text[RFC3339_TEXT];

    json_open_object(j);
    if (!r->by_steps)
        json_add_text(j, "day", day_text(r->first + (int64_t)i, text));
    json_add_text(j, "from", rfc3339_format(m->bounds[i], text));
    json_add_text(j, "to", rfc3339_format(m->bounds[i + 1], text));
    json_add_int(j, "total", r->sums[i].total);
    json_add_int(j, "run_ms", r->sums[i].run_ms);
    status_counts(j, "counts", r->sums[i].counts);
    if (m->planned != NULL && m->planned[i] >= 0)
        json_add_int(j, "planned", m->planned[i]);
    if (m->gaps != NULL)
        put_gaps(j, m->gaps[i]);
    json_close_object(j);
}

static void answer_spans(void *ctx)
{
    struct days_request *r = ctx;
    struct buf body = {0};
    struct json j = json_into(&body);
    char text[16];

    json_open_object(&j);
    json_add_text(&j, "tz", r->zone_name);
    json_add_text(&j, "unit", r->by_steps ? "15m" : "day");
    if (r->kept_from != INT64_MIN)
        json_add_text(&j, "kept_from", day_text(r->kept_from, text));
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->marks.count; i++)
        if (!r->by_steps || !is_empty(r, i))
            put_span(&j, r, i);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

/* --- reading --- */

static void work_out(struct days_request *r, const struct read_page *revisions)
{
    day_marks_work_out(&r->marks, &(struct marks_ask){.api = r->api,
                                                      .task = r->row,
                                                      .now = clock_realtime(),
                                                      .skip_until = r->skip_until,
                                                      .gaps = r->gaps.rows,
                                                      .gap_count = r->gaps.count,
                                                      .revisions = revisions->rows,
                                                      .revision_count = revisions->count,
                                                      .memory = http_memory(r->x),
                                                      .done = answer_spans,
                                                      .ctx = r});
}

static void on_revisions(void *ctx, const struct read_page *page)
{
    struct days_request *r = ctx;

    if (!answer_read_failed(r->x, page))
        work_out(r, page);
}

static void on_gaps(void *ctx, const struct read_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct days_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->gaps = *page;
    if (page->count == 0)
        work_out(r, &nothing);
    else
        read_gap_revisions(r->api->reads, page->rows, page->count,
                           (struct read_reply){http_memory(r->x), on_revisions, r});
}

/* A bucket that a clock change of odd minutes cuts in two counts for the span it begins in. */
static void sum_up(struct days_request *r, const struct read_page *page)
{
    const struct day_count *rows = page->rows;

    r->sums = arena_alloc(http_memory(r->x), r->marks.count * sizeof *r->sums);
    for (size_t i = 0; i < page->count; i++) {
        size_t span = (size_t)rows[i].day - 1;

        if (rows[i].day < 1 || span >= r->marks.count || rows[i].status < 0 ||
            rows[i].status >= STATUS_COUNT)
            continue;
        r->sums[span].total += rows[i].count;
        r->sums[span].run_ms += rows[i].run_ms;
        r->sums[span].counts[rows[i].status] += rows[i].count;
    }
}

static void on_counts(void *ctx, const struct read_page *page)
{
    struct days_request *r = ctx;
    const usec_t *bounds = r->marks.bounds;

    if (answer_read_failed(r->x, page))
        return;
    sum_up(r, page);
    if (r->row == NULL)
        answer_spans(r);
    else
        read_gaps_between(r->api->reads, r->task, bounds[0], bounds[r->marks.count],
                          (struct read_reply){http_memory(r->x), on_gaps, r});
}

/* The first local day that is kept whole. */
static void take_start(struct days_request *r, usec_t start)
{
    struct zone *zone;

    r->kept_from = INT64_MIN;
    if (start == 0 || zoneset_get(r->api->zones, r->zone_name, &zone, NULL) != RC_OK)
        return;
    r->kept_from = day_of(zone, start);
    if (day_start(zone, r->kept_from) < start)
        r->kept_from++;
}

static void on_start(void *ctx, usec_t start, const struct error *err)
{
    struct days_request *r = ctx;
    struct read_page failed = {.rc = RC_RETRY};

    if (err != NULL) {
        failed.err = *err;
        (void)!answer_read_failed(r->x, &failed);
        return;
    }
    take_start(r, start);
    if (r->marks.count == 0) { /* quarters of an hour of a day that was left out */
        answer_spans(r);
        return;
    }
    read_days(r->api->reads, r->task, r->marks.bounds, r->marks.count + 1,
              (struct read_reply){http_memory(r->x), on_counts, r});
}

static void on_skips(void *ctx, const struct read_page *page)
{
    struct days_request *r = ctx;
    const struct skips skips = skips_of(page);

    if (answer_read_failed(r->x, page))
        return;
    r->skip_until = skips_until(&skips, r->task);
    read_history_start(r->api->reads, http_memory(r->x), on_start, r);
}

static void on_task(void *ctx, const struct read_page *page)
{
    struct days_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->x, "task", http_param(r->x, "task"));
        return;
    }
    r->row = page->rows;
    skips_read(r->api, &r->task, 1, clock_realtime(),
               (struct read_reply){http_memory(r->x), on_skips, r});
}

/* --- what is asked for --- */

static enum rc read_unit(struct days_request *r, struct error *err)
{
    const char *unit = http_query(r->x, "unit");

    r->by_steps = text_equal(unit, "15m");
    if (unit == NULL || r->by_steps || strcmp(unit, "day") == 0)
        return RC_OK;
    return error_set(err, RC_INVALID, "unit: \"%.40s\" is neither day nor 15m", unit);
}

/* `from` and `to` are local dates, both counted in; the last 30 days (one, by steps) when neither is given. */
static enum rc read_range(struct days_request *r, size_t *ret_days, struct error *err)
{
    int64_t today = day_of(r->zone, clock_realtime()), last = today, first = INT64_MIN;
    int64_t most = r->by_steps ? STEP_DAYS_MAX : DAYS_MAX;

    TRY(param_day(r->x, "from", &first, err));
    if (first != INT64_MIN && first > last)
        last = first;
    TRY(param_day(r->x, "to", &last, err));
    if (first == INT64_MIN)
        first = r->by_steps ? last : last - DAYS_DEFAULT + 1;
    if (first > last || last - first >= most)
        return error_set(err, RC_INVALID, "from, to: %lld days are not 1 to %lld",
                         (long long)last - first + 1, (long long)most);
    r->first = first;
    *ret_days = (size_t)(last - first + 1);
    return RC_OK;
}

static void set_days(struct days_request *r, size_t days)
{
    usec_t *bounds = arena_alloc(http_memory(r->x), (days + 1) * sizeof *bounds);

    for (size_t i = 0; i <= days; i++)
        bounds[i] = day_start(r->zone, r->first + (int64_t)i);
    r->marks = (struct day_marks){.bounds = bounds, .count = days};
}

/* Those that begin in the days; counts are kept by quarters of an hour of UTC. */
static void set_steps(struct days_request *r, size_t days)
{
    usec_t from = day_start(r->zone, r->first), to = day_start(r->zone, r->first + (int64_t)days);
    size_t count = (size_t)((to - from / STEP * STEP + STEP - 1) / STEP);
    usec_t *bounds = arena_alloc(http_memory(r->x), (count + 1) * sizeof *bounds);

    for (size_t i = 0; i <= count; i++)
        bounds[i] = from / STEP * STEP + (usec_t)i * STEP;
    r->marks = (struct day_marks){.bounds = bounds, .count = count};
}

static enum rc read_request(struct days_request *r, struct error *err)
{
    size_t days = 0;

    TRY(param_zone(r->api, r->x, &r->zone, err));
    TRY(read_unit(r, err));
    TRY(read_range(r, &days, err));
    (void)snprintf(r->zone_name, sizeof r->zone_name, "%s", zone_name(r->zone));
    if (r->by_steps)
        set_steps(r, days);
    else
        set_days(r, days);
    return RC_OK;
}

static struct days_request *request_new(struct http_exchange *x, void *ctx)
{
    struct days_request *r = arena_alloc(http_memory(x), sizeof *r);

    *r = (struct days_request){.api = api_of(ctx), .x = x};
    return r;
}

void all_days(struct http_exchange *x, void *ctx)
{
    struct days_request *r = request_new(x, ctx);
    struct error err = {0};

    if (read_request(r, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_history_start(r->api->reads, http_memory(x), on_start, r);
}

void task_days(struct http_exchange *x, void *ctx)
{
    struct days_request *r = request_new(x, ctx);
    struct task_ref task;
    struct error err = {0};

    if (param_task(x, &task, &err) != RC_OK || read_request(r, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    r->task = task.id;
    read_task(r->api->reads, r->task, (struct read_reply){http_memory(x), on_task, r});
}
