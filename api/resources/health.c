#include "api/broker/cures.h"
#include "api/broker/lag.h"
#include "api/exchange/answer.h"
#include "api/resources/resources.h"
#include "store/read_tasks.h"

struct ready_request {
    struct api *api;
    struct http_exchange *x;
};

void get_healthz(struct http_exchange *x, void *ctx UNUSED)
{
    struct buf body = {0};

    buf_add_text(&body, "{\"status\":\"ok\"}");
    answer_json(x, 200, &body);
}

/* {"reachable":...} and why not. */
static void put_part(struct json *j, const char *name, bool is_reachable, const char *why)
{
    json_key(j, name);
    json_open_object(j);
    json_add_bool(j, "reachable", is_reachable);
    if (!is_reachable && why[0] != '\0')
        json_add_text(j, "why", why);
    json_close_object(j);
}

static void put_lag(struct json *j, const struct broker_view *view,
                    const struct read_page *progress, struct arena *memory)
{
    struct lag lag;

    lag_of(view, progress, memory, &lag);
    json_key(j, "projection");
    json_open_object(j);
    json_add_int(j, "lag", lag.total);
    json_key(j, "topics");
    json_open_object(j);
    for (size_t i = 0; i < lag.count; i++)
        json_add_int(j, lag.items[i].topic, lag.items[i].offsets);
    json_close_object(j);
    json_close_object(j);
}

/* Partitions of which something was gone before it was read: told, but no reason to be unready, for it never comes back. */
static void put_lost(struct json *j, const struct api *api, const struct read_page *progress,
                     struct arena *memory)
{
    const struct progress_row *rows = progress->rows;

    json_key(j, "lost");
    json_open_array(j);
    for (size_t i = 0; i < progress->count; i++) {
        if (rows[i].lost == 0)
            continue;
        json_open_object(j);
        json_add_text(j, "topic",
                      arena_printf(memory, "%s%s", api->config->topic_prefix, rows[i].topic));
        json_add_int(j, "partition", rows[i].part);
        json_add_int(j, "offsets", rows[i].lost);
        json_close_object(j);
    }
    json_close_array(j);
}

/* Partitions that stand still, with the cure; answers how many. */
static size_t put_stalled(struct json *j, const struct api *api, const struct broker_view *view,
                          struct arena *memory)
{
    const char *prefix = api->config->topic_prefix;
    size_t count = 0;

    json_key(j, "stalled");
    json_open_array(j);
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];

        if (p->stalled_us == 0)
            continue;
        count++;
        json_open_object(j);
        json_add_text(j, "topic", arena_printf(memory, "%s%s", prefix, p->topic));
        json_add_int(j, "partition", p->partition);
        json_add_int(j, "offset", p->end);
        json_add_int(j, "seconds", p->stalled_us / USEC_PER_SEC);
        json_add_text(j, "cure", cure_of_stalled(p, prefix, memory));
        json_close_object(j);
    }
    json_close_array(j);
    return count;
}

/* Partitions that do not answer; what is to be written there waits. Answers how many. */
static size_t put_unreachable(struct json *j, const struct api *api, const struct broker_view *view,
                              struct arena *memory)
{
    size_t count = 0;

    json_key(j, "unreachable");
    json_open_array(j);
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];

        if (!p->is_unreachable)
            continue;
        count++;
        json_open_object(j);
        json_add_text(j, "topic",
                      arena_printf(memory, "%s%s", api->config->topic_prefix, p->topic));
        json_add_int(j, "partition", p->partition);
        json_close_object(j);
    }
    json_close_array(j);
    return count;
}

/* Partitions that the projection cannot read on by itself; answers how many. */
static size_t put_standing(struct json *j, const struct read_page *progress, struct arena *memory)
{
    const struct progress_row *rows = progress->rows;
    size_t count = 0;

    json_key(j, "standing");
    json_open_array(j);
    for (size_t i = 0; i < progress->count; i++) {
        const struct progress_row *row = &rows[i];

        if (row->stands == NULL)
            continue;
        count++;
        json_open_object(j);
        json_add_text(j, "topic", row->topic);
        json_add_int(j, "partition", row->part);
        json_add_int(j, "offset", row->next_offset);
        json_add_text(j, "why", row->stands);
        json_add_text(j, "cure", cure_of_standing(row, memory));
        json_close_object(j);
    }
    json_close_array(j);
    return count;
}

/* Partitions that nobody stores what comes of; answers how many. One that stands is told as such. */
static size_t put_unstored(struct json *j, const struct broker_view *view,
                           const struct read_page *progress)
{
    const struct progress_row *rows = progress->rows;
    size_t count = 0;

    json_key(j, "unstored");
    json_open_array(j);
    for (size_t i = 0; i < progress->count; i++) {
        int64_t seconds = rows[i].stands == NULL ? unstored_seconds(view, &rows[i]) : 0;

        if (seconds == 0)
            continue;
        count++;
        json_open_object(j);
        json_add_text(j, "topic", rows[i].topic);
        json_add_int(j, "partition", rows[i].part);
        json_add_int(j, "seconds", seconds);
        json_add_text(j, "why", "no consumer has said that it stores what comes there");
        json_add_text(j, "cure",
                      "start `cronobs consumer`; if one runs, its log says what holds it up");
        json_close_object(j);
    }
    json_close_array(j);
    return count;
}

static void put_why_unowned(struct json *j, const char *group)
{
    bool is_scheduler = text_equal(group, "scheduler");

    json_add_text(j, "why",
                  is_scheduler ? "no scheduler has it: what is due there does not fire"
                               : "no consumer has it: what comes there is not stored");
    json_add_text(j, "cure",
                  is_scheduler
                      ? "start `cronobs scheduler`; if one runs, its log says why it is without it"
                      : "start `cronobs consumer`; if one runs, its log says why it is without it");
}

/* Partitions that no scheduler, no consumer works on; answers how many. */
static size_t put_unowned(struct json *j, const struct broker_view *view)
{
    json_key(j, "unowned");
    json_open_array(j);
    for (size_t i = 0; i < view->unowned_count; i++) {
        const struct broker_unowned *u = &view->unowned[i];

        json_open_object(j);
        json_add_text(j, "by", u->group);
        json_add_text(j, "topic", u->topic);
        json_add_int(j, "partition", u->partition);
        json_add_int(j, "seconds", u->since_us / USEC_PER_SEC);
        put_why_unowned(j, u->group);
        json_close_object(j);
    }
    json_close_array(j);
    return view->unowned_count;
}

static void on_progress(void *ctx, const struct read_page *page)
{
    struct ready_request *r = ctx;
    const struct broker_view *view = broker_look(r->api->broker);
    bool has_database = page->rc == RC_OK, has_broker = view != NULL && view->err.rc == RC_OK;
    bool is_ready = has_database && has_broker;
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    put_part(&j, "database", has_database, page->err.text);
    put_part(&j, "broker", has_broker, view != NULL ? view->err.text : "it was not asked yet");
    if (is_ready)
        put_lag(&j, view, page, http_memory(r->x));
    if (has_database) {
        is_ready = put_standing(&j, page, http_memory(r->x)) == 0 && is_ready;
        put_lost(&j, r->api, page, http_memory(r->x));
    }
    if (has_broker) {
        size_t held = put_stalled(&j, r->api, view, http_memory(r->x));

        held += put_unreachable(&j, r->api, view, http_memory(r->x));
        held += put_unowned(&j, view);
        if (has_database)
            held += put_unstored(&j, view, page);
        is_ready = is_ready && held == 0;
    }
    json_add_bool(&j, "ready", is_ready);
    json_close_object(&j);
    if (!is_ready)
        http_answer_header(r->x, "Retry-After", "2");
    answer_json(r->x, is_ready ? 200 : 503, &body);
}

void get_readyz(struct http_exchange *x, void *ctx)
{
    struct ready_request *r = arena_alloc(http_memory(x), sizeof *r);

    *r = (struct ready_request){api_of(ctx), x};
    read_progress(r->api->reads, (struct read_reply){http_memory(x), on_progress, r});
}
