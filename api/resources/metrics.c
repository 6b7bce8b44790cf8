#include <string.h>

#include "api/broker/lag.h"
#include "api/exchange/answer.h"
#include "api/exchange/streams.h"
#include "api/resources/resources.h"
#include "store/read_tasks.h"

struct metrics_request {
    struct api *api;
    struct http_exchange *x;
};

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP cronobs_%s %s\n# TYPE cronobs_%s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, const char *type, const char *help,
                   double value)
{
    head(out, name, type, help);
    buf_printf(out, "cronobs_%s %.15g\n", name, value);
}

static void put_http(struct buf *out, const struct api *api)
{
    const struct http_stats *s = http_server_stats(api->server);

    head(out, "http_answers_total", "counter", "Answers by class of status.");
    for (int i = 2; i < 6; i++)
        buf_printf(out, "cronobs_http_answers_total{status=\"%dxx\"} %lld\n", i,
                   (long long)s->answers[i]);
    number(out, "http_busy_seconds_total", "counter",
           "Time from a request's end to its answer, waiting included.",
           (double)s->busy_us / USEC_PER_SEC);
    number(out, "http_refused_total", "counter", "Requests that were malformed or over a limit.",
           (double)s->refused);
    number(out, "http_connections", "gauge", "Open connections.", (double)s->connections);
    number(out, "http_accept_failures_total", "counter",
           "Connections that could not be accepted: out of file descriptors, most likely.",
           (double)s->accept_failures);
    number(out, "http_gone_total", "counter", "Clients that left before their answer.",
           (double)s->gone);
    number(out, "http_memory_bytes", "gauge", "What requests and answers hold.",
           (double)http_server_memory(api->server));
    number(out, "loop_slow_callbacks_total", "counter",
           "Times that the event loop was held up for more than 50 ms.",
           (double)api->slow_callbacks);
}

static void put_parts(struct buf *out, const struct api *api, bool has_database,
                      const struct broker_view *view)
{
    struct read_stats reads = read_pool_stats(api->reads);
    struct sender_stats sent = sender_stats(api->sender);

    number(out, "database_up", "gauge", "1 when the database answers.", has_database);
    number(out, "database_queries_total", "counter", "Statements asked of the database.",
           (double)reads.queries);
    number(out, "database_failures_total", "counter",
           "Statements that failed or found no connection.", (double)reads.failures);
    number(out, "database_busy_seconds_total", "counter",
           "Time that statements took, waiting for a connection included.",
           (double)reads.busy_us / USEC_PER_SEC);
    number(out, "broker_up", "gauge", "1 when the broker answered last time.",
           view != NULL && view->err.rc == RC_OK);
    head(out, "commands_sent_total", "counter", "Commands by whether the log took them.");
    buf_printf(out, "cronobs_commands_sent_total{result=\"acked\"} %lld\n", (long long)sent.acked);
    buf_printf(out, "cronobs_commands_sent_total{result=\"failed\"} %lld\n",
               (long long)sent.failed);
    number(out, "waiting_requests", "gauge", "Requests that wait for the outcome of a command.",
           (double)waiters_count(api->waiters));
}

static void put_streams(struct buf *out, const struct api *api)
{
    struct streams_stats s = streams_stats(api->streams);

    number(out, "streams", "gauge", "Clients that listen to changes.", (double)s.open);
    number(out, "streams_total", "counter", "Clients that began to.", (double)s.total);
    number(out, "stream_overflows_total", "counter",
           "Clients that did not take what they were told.", (double)s.overflows);
    number(out, "stream_looks_total", "counter",
           "Looks at what has changed, each for all who listen; none while nobody does.",
           (double)s.looks);
    number(out, "http_streams", "gauge", "Answers in pieces that are under way, downloads too.",
           (double)http_server_stats(api->server)->streams);
    number(out, "http_streams_cut_total", "counter",
           "Answers in pieces that were cut off: for a minute their client took nothing.",
           (double)http_server_stats(api->server)->streams_cut);
}

static void put_projection(struct buf *out, const struct broker_view *view,
                           const struct read_page *progress, struct arena *memory)
{
    struct lag lag;

    lag_of(view, progress, memory, &lag);
    head(out, "projection_lag_offsets", "gauge",
         "Offsets of a topic that are not in the database yet; marks of transactions count.");
    for (size_t i = 0; i < lag.count; i++)
        buf_printf(out, "cronobs_projection_lag_offsets{topic=\"%s\"} %lld\n", lag.items[i].topic,
                   (long long)lag.items[i].offsets);
}

static void put_stalled(struct buf *out, const struct broker_view *view)
{
    head(out, "partition_stalled_seconds", "gauge",
         "How long a partition has stood still; absent: none does.");
    for (size_t i = 0; i < view->place_count; i++)
        if (view->places[i].stalled_us > 0)
            buf_printf(out,
                       "cronobs_partition_stalled_seconds{topic=\"%s\",partition=\"%d\"} %lld\n",
                       view->places[i].topic, view->places[i].partition,
                       (long long)(view->places[i].stalled_us / USEC_PER_SEC));
}

static void put_unreachable(struct buf *out, const struct broker_view *view)
{
    head(out, "partition_unreachable", "gauge",
         "1 for a partition that did not answer: nobody leads it; absent: it does.");
    for (size_t i = 0; i < view->place_count; i++)
        if (view->places[i].is_unreachable)
            buf_printf(out, "cronobs_partition_unreachable{topic=\"%s\",partition=\"%d\"} 1\n",
                       view->places[i].topic, view->places[i].partition);
}

static void put_standing(struct buf *out, const struct read_page *progress)
{
    const struct progress_row *rows = progress->rows;

    head(out, "partition_standing", "gauge",
         "1 for a partition that the projection cannot read on: /readyz says why; absent: none.");
    for (size_t i = 0; i < progress->count; i++)
        if (rows[i].stands != NULL)
            buf_printf(out, "cronobs_partition_standing{topic=\"%s\",partition=\"%d\"} 1\n",
                       rows[i].topic, (int)rows[i].part);
}

static void put_unstored(struct buf *out, const struct broker_view *view,
                         const struct read_page *progress)
{
    const struct progress_row *rows = progress->rows;

    head(
        out, "partition_unstored_seconds", "gauge",
        "How long nobody has said that what comes of a partition is stored; absent: somebody does.");
    for (size_t i = 0; i < progress->count; i++)
        if (unstored_seconds(view, &rows[i]) > 0)
            buf_printf(
                out, "cronobs_partition_unstored_seconds{topic=\"%s\",partition=\"%d\"} %lld\n",
                rows[i].topic, (int)rows[i].part, (long long)unstored_seconds(view, &rows[i]));
}

static void put_unowned(struct buf *out, const struct broker_view *view)
{
    head(out, "partition_unowned_seconds", "gauge",
         "How long no scheduler or consumer has had a partition; absent: one has.");
    for (size_t i = 0; i < view->unowned_count; i++)
        buf_printf(out,
                   "cronobs_partition_unowned_seconds{by=\"%s\",topic=\"%s\",partition=\"%d\"} "
                   "%lld\n",
                   view->unowned[i].group, view->unowned[i].topic, view->unowned[i].partition,
                   (long long)(view->unowned[i].since_us / USEC_PER_SEC));
}

static void on_progress(void *ctx, const struct read_page *page)
{
    struct metrics_request *r = ctx;
    const struct broker_view *view = broker_look(r->api->broker);
    struct buf body = {0};

    put_http(&body, r->api);
    put_streams(&body, r->api);
    put_parts(&body, r->api, page->rc == RC_OK, view);
    if (page->rc == RC_OK)
        put_standing(&body, page);
    if (view != NULL) {
        if (page->rc == RC_OK)
            put_projection(&body, view, page, http_memory(r->x));
        if (page->rc == RC_OK)
            put_unstored(&body, view, page);
        put_unowned(&body, view);
        put_stalled(&body, view);
        put_unreachable(&body, view);
    }
    http_answer(r->x, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}

void get_metrics(struct http_exchange *x, void *ctx)
{
    struct metrics_request *r = arena_alloc(http_memory(x), sizeof *r);

    *r = (struct metrics_request){api_of(ctx), x};
    read_progress(r->api->reads, (struct read_reply){http_memory(x), on_progress, r});
}
