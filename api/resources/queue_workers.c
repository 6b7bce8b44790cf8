/*
 * queue_workers.c - GET /v1/queues/:queue/workers: who works for a queue, as the history tells.
 *
 * Nobody signs on: a worker is known by what it says of executions. So one that has had nothing to do for a day is not among them,
 * and one that was killed is, until then.
 */
#include <string.h>

#include "api/exchange/answer.h"
#include "api/resources/execution_view.h"
#include "api/resources/queue_group.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "store/read_executions.h"
#include "store/read_workers.h"

#define SEEN_WITHIN USEC_PER_DAY

struct seen { /* a worker */
    struct worker_row row;
    int64_t running;
};

struct workers_request {
    struct api *api;
    struct http_exchange *x;
    const char *queue;
    usec_t from;
    struct seen *items;
    size_t count;
    struct execution_row *runs;
    size_t run_count;
    bool is_complete;
    struct read_page beats;
};

/* --- who is who --- */

static struct seen *seen_of(const struct workers_request *r, struct uuid incarnation)
{
    for (size_t i = 0; i < r->count; i++)
        if (uuid_equal(r->items[i].row.incarnation, incarnation))
            return &r->items[i];
    return NULL;
}

static int seen_order(const struct worker_row *a, const struct worker_row *b)
{
    int order = strcmp(a->worker == NULL ? "" : a->worker, b->worker == NULL ? "" : b->worker);

    return order != 0 ? order : uuid_order(a->incarnation, b->incarnation);
}

/* Where it belongs: they are told by name. */
static struct seen *add_seen(struct workers_request *r, const struct worker_row *row)
{
    size_t at = r->count++;

    while (at > 0 && seen_order(row, &r->items[at - 1].row) < 0) {
        r->items[at] = r->items[at - 1];
        at--;
    }
    r->items[at] = (struct seen){.row = *row};
    return &r->items[at];
}

/* What it has run for longer than was looked back tells of it, too, and so do its heartbeats. */
static void add_run(struct workers_request *r, const struct execution_row *run)
{
    const struct heartbeat_row *beat = beat_of(&r->beats, run);
    struct seen *s = seen_of(r, run->worker_incarnation);

    if (s == NULL)
        s = add_seen(r, &(struct worker_row){
                            .incarnation = run->worker_incarnation,
                            .worker = run->worker,
                            .since = run->started_at,
                            .seen_at = run->started_at,
                        });
    s->running++;
    s->row.since = MIN(s->row.since, run->started_at);
    if (beat != NULL && beat->attempt == run->attempt &&
        uuid_equal(beat->worker_incarnation, run->worker_incarnation))
        s->row.seen_at = MAX(s->row.seen_at, beat->received_at);
}

/* --- the answer --- */

static void put_run(struct workers_request *r, struct json *j, const struct execution_row *run,
                    const struct map *names)
{
    json_open_object(j);
    json_add_uuid(j, "execution_id", run->execution_id);
    json_add_uuid(j, "task_id", run->task_id);
    task_name_members(j, run->task_id, names);
    json_add_text(j, "status", enum_name(&status_enum, run->status));
    json_add_int(j, "attempt", run->attempt);
    if (run->scheduled_at != 0)
        json_add_instant(j, "scheduled_at", run->scheduled_at);
    if (run->started_at != 0)
        json_add_instant(j, "started_at", run->started_at);
    progress_members(j, run, beat_of(&r->beats, run));
    json_close_object(j);
}

static void put_worker(struct workers_request *r, struct json *j, const struct seen *s,
                       const struct map *names)
{
    json_open_object(j);
    json_add_text(j, "worker", s->row.worker == NULL ? "" : s->row.worker);
    json_add_uuid(j, "incarnation", s->row.incarnation);
    json_add_instant(j, "since", s->row.since);
    json_add_instant(j, "seen_at", s->row.seen_at);
    json_add_int(j, "running", s->running);
    json_add_int(j, "finished", s->row.finished);
    json_key(j, "runs");
    json_open_array(j);
    for (size_t i = 0; i < r->run_count; i++)
        if (uuid_equal(r->runs[i].worker_incarnation, s->row.incarnation))
            put_run(r, j, &r->runs[i], names);
    json_close_array(j);
    json_close_object(j);
}

/* As far as the broker has told. */
static void put_group(const struct workers_request *r, struct json *j)
{
    const struct broker_view *view = broker_look_whole(r->api->broker);

    for (size_t i = 0; view != NULL && view->groups != NULL && i < view->queue_count; i++)
        if (text_equal(view->queues[i], r->queue))
            queue_group_put(j, &view->groups[i]);
}

static void answer_workers(struct workers_request *r, const struct map *names)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    json_add_text(&j, "queue", r->queue);
    put_group(r, &j);
    json_add_instant(&j, "from", r->from);
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->count; i++)
        put_worker(r, &j, &r->items[i], names);
    json_close_array(&j);
    json_add_bool(&j, "complete", r->is_complete);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

static void on_names(void *ctx, const struct read_page *page)
{
    struct workers_request *r = ctx;
    struct map names = {0};

    if (answer_read_failed(r->x, page))
        return;
    task_names(page, &names);
    answer_workers(r, &names);
    map_clear(&names);
}

/* --- what is read for it --- */

static void on_beats(void *ctx, const struct read_page *page)
{
    struct workers_request *r = ctx;
    struct uuid *tasks = arena_alloc(http_memory(r->x), (r->run_count + 1) * sizeof *tasks);

    if (answer_read_failed(r->x, page))
        return;
    r->beats = *page;
    for (size_t i = 0; i < r->run_count; i++) {
        add_run(r, &r->runs[i]);
        tasks[i] = r->runs[i].task_id;
    }
    read_task_names(r->api->reads, tasks, r->run_count,
                    (struct read_reply){http_memory(r->x), on_names, r});
}

static bool is_known(const struct workers_request *r)
{
    const struct broker_view *view = broker_view(r->api->broker);

    return r->count > 0 || r->run_count > 0 || view == NULL || view->err.rc != RC_OK ||
           broker_has_queue(view, r->queue);
}

static void on_workers(void *ctx, const struct read_page *page)
{
    struct workers_request *r = ctx;
    const struct worker_row *rows = page->rows;

    if (answer_read_failed(r->x, page))
        return;
    r->items = arena_alloc(http_memory(r->x), (page->count + r->run_count + 1) * sizeof *r->items);
    for (size_t i = 0; i < page->count; i++)
        if (!uuid_is_nil(rows[i].incarnation))
            (void)add_seen(r, &rows[i]);
    if (page->count > 0 && !uuid_is_nil(rows[0].cut)) {
        r->from = MAX(r->from, execution_id_ms(rows[0].cut) * USEC_PER_MS);
        r->is_complete = false;
    }
    if (is_known(r))
        beats_need(r->api->reads, r->runs, r->run_count,
                   (struct read_reply){http_memory(r->x), on_beats, r});
    else
        answer_not_found(r->x, "queue", r->queue);
}

static void on_runs(void *ctx, const struct read_page *page)
{
    struct workers_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->runs = page->rows;
    r->run_count = page->count;
    r->is_complete = !page->more;
    read_workers(r->api->reads, r->queue, r->from,
                 (struct read_reply){http_memory(r->x), on_workers, r});
}

void list_queue_workers(struct http_exchange *x, void *ctx)
{
    struct workers_request *r = arena_alloc(http_memory(x), sizeof *r);

    *r = (struct workers_request){.api = api_of(ctx),
                                  .x = x,
                                  .queue = http_param(x, "queue"),
                                  .from = clock_realtime() - SEEN_WITHIN};
    read_worker_runs(r->api->reads, r->queue, (struct read_reply){http_memory(x), on_runs, r});
}
