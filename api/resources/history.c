#include <string.h>

#include "api/exchange/cursor.h"
#include "api/exchange/page.h"
#include "api/resources/days.h"
#include "api/resources/execution_view.h"
#include "api/resources/resources.h"
#include "api/resources/running.h"
#include "api/resources/usual.h"
#include "base/clock.h"
#include "store/read_executions.h"

#define RANGE_MAX (366 * USEC_PER_DAY)
#define BIT(code) (1u << (code))
#define ALL_OPEN  (BIT(STATUS_SUCCEEDED) - 1)
#define LATE      BIT(31) /* a view of PENDING, no status */

struct history_request {
    struct api *api;
    struct http_exchange *x;
    bool with_usual;
    struct execution_page page;
    struct read_page beats;
};

/* --- the answer --- */

static void put_execution(struct json *j, const struct history_request *r,
                          const struct execution_row *row, const struct map *names)
{
    json_open_object(j);
    execution_members(j, row, names);
    progress_members(j, row, beat_of(&r->beats, row));
    if (r->with_usual)
        usual_member(j, r->api->usual, row->task_id);
    json_close_object(j);
}

static void on_names(void *ctx, const struct read_page *page)
{
    struct history_request *r = ctx;
    const struct execution_row *rows = r->page.page.rows;
    struct map names = {0};
    struct buf body = {0};
    SCOPED_BUF next = {0};
    SCOPED_CURSOR cursor = {0};
    struct json j;

    if (answer_read_failed(r->x, page))
        return;
    task_names(page, &names);
    j = answer_open_list(&body);
    for (size_t i = 0; i < r->page.page.count; i++)
        put_execution(&j, r, &rows[i], &names);
    map_clear(&names);
    if (r->page.page.more) {
        cursor_begin(&cursor, CURSOR_EXECUTIONS);
        cursor_put_uuid(&cursor, r->page.next.execution);
        cursor_put_uuid(&cursor, r->page.next.task);
        cursor_text(&cursor, &next);
    }
    answer_close_list(&j, next.data);
    answer_json(r->x, 200, &body);
}

static struct uuid *task_ids(const struct history_request *r)
{
    const struct execution_row *rows = r->page.page.rows;
    struct uuid *ids =
        arena_alloc(http_memory(r->x), MAX(r->page.page.count, (size_t)1) * sizeof *ids);

    for (size_t i = 0; i < r->page.page.count; i++)
        ids[i] = rows[i].task_id;
    return ids;
}

static void on_beats(void *ctx, const struct read_page *page)
{
    struct history_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->beats = *page;
    read_task_names(r->api->reads, task_ids(r), r->page.page.count,
                    (struct read_reply){http_memory(r->x), on_names, r});
}

static void on_usual(void *ctx, const struct read_page *page)
{
    struct history_request *r = ctx;

    if (!answer_read_failed(r->x, page))
        beats_need(r->api->reads, r->page.page.rows, r->page.page.count,
                   (struct read_reply){http_memory(r->x), on_beats, r});
}

static void on_page(void *ctx, const struct execution_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct history_request *r = ctx;

    if (answer_read_failed(r->x, &page->page))
        return;
    r->page = *page;
    if (r->with_usual)
        usual_need(r->api, r->x, &(struct usual_ask){task_ids(r), r->page.page.count, on_usual, r});
    else
        on_usual(r, &nothing);
}

/* --- what is asked for --- */

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
    if (ret->ascending)
        ret->after = at;
    else if (uuid_order(at.execution, ret->before.execution) < 0)
        ret->before = at;
    return RC_OK;
}

static enum rc read_statuses(struct api *api, struct http_exchange *x, struct execution_filter *ret,
                             struct error *err)
{
    static const struct symbols statuses = {&status_enum, {{"OPEN", ALL_OPEN}, {"LATE", LATE}}};

    TRY(param_set(x, "status", &statuses, &ret->statuses, err));
    if ((ret->statuses & LATE) != 0)
        ret->late_before = clock_realtime() - api->config->late_after_ms * USEC_PER_MS;
    ret->statuses &= ~LATE;
    return RC_OK;
}

static enum rc read_filter(struct api *api, struct http_exchange *x, struct execution_filter *ret,
                           struct error *err)
{
    static const struct symbols reasons = {.type = &reason_enum},
                                triggers = {.type = &trigger_enum};
    const char *task = http_query(x, "task");
    struct task_ref ref = {0};

    if (task != NULL)
        TRY(task_ref_parse(task, http_memory(x), &ref, err));
    ret->task = ref.id;
    ret->queue = http_query(x, "queue");
    TRY(read_statuses(api, x, ret, err));
    TRY(param_set(x, "reason", &reasons, &ret->reasons, err));
    TRY(param_set(x, "trigger", &triggers, &ret->triggers, err));
    TRY(read_range(api, x, ret, err));
    return read_position(x, ret, err);
}

enum order { ORDER_DESC, ORDER_ASC, ORDER_OVER };

static enum rc read_order(const struct http_exchange *x, enum order *ret, struct error *err)
{
    static const char *const names[] = {"desc", "asc", "over"};
    const char *text = http_query(x, "order");

    *ret = ORDER_DESC;
    if (text == NULL)
        return RC_OK;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum order)i;
            return RC_OK;
        }
    return error_set(err, RC_INVALID, "order: \"%.40s\" is not desc, asc or over", text);
}

static enum rc read_include(const struct http_exchange *x, bool *ret, struct error *err)
{
    const char *text = http_query(x, "include");

    *ret = text_equal(text, "usual");
    if (text == NULL || *ret)
        return RC_OK;
    return error_set(err, RC_INVALID, "include: \"%.40s\" is not usual", text);
}

/* Of the whole list there is one page, and it goes by what runs: nothing else can be asked of it. */
static enum rc check_over(const struct http_exchange *x, const struct execution_filter *f,
                          uint32_t *ret_statuses, struct error *err)
{
    static const char *const excluded[] = {"task", "queue",  "day",     "tz",    "from",
                                           "to",   "reason", "trigger", "cursor"};

    for (size_t i = 0; i < ARRAY_LEN(excluded); i++)
        if (http_query(x, excluded[i]) != NULL)
            return error_set(err, RC_INVALID, "%s: it cannot be asked for with order=over",
                             excluded[i]);
    *ret_statuses = f->statuses != 0 ? f->statuses : RUNNING_STATUSES;
    if (f->late_before == 0 && (*ret_statuses & ~RUNNING_STATUSES) == 0)
        return RC_OK;
    return error_set(err, RC_INVALID,
                     "status: order=over is of what runs, which is RUNNING and CANCELLING");
}

static enum rc list(struct history_request *r, struct error *err)
{
    struct execution_filter filter = {0};
    enum order order;
    uint32_t running = 0;
    size_t limit;

    TRY(read_order(r->x, &order, err));
    filter.ascending = order == ORDER_ASC;
    TRY(read_filter(r->api, r->x, &filter, err));
    TRY(read_include(r->x, &r->with_usual, err));
    TRY(param_limit(r->x, &limit, err));
    if (order == ORDER_OVER) {
        TRY(check_over(r->x, &filter, &running, err));
        answer_running(r->api, r->x, running, limit);
    } else {
        read_executions(r->api->reads, &filter, limit, http_memory(r->x), on_page, r);
    }
    return RC_OK;
}

void list_executions(struct http_exchange *x, void *ctx)
{
    struct history_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};

    *r = (struct history_request){.api = api_of(ctx), .x = x};
    if (list(r, &err) != RC_OK)
        answer_list_error(x, &err);
}
