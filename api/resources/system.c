/*
 * GET /v1/system: how the installation is, partition by partition, as far as it is known. It is answered while the database or the
 * broker is away, for that is when it is looked at.
 */
#include "api/broker/cures.h"
#include "api/broker/lag.h"
#include "api/exchange/answer.h"
#include "api/exchange/kept.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "store/read_system.h"

#define KEPT_FOR    (2 * USEC_PER_SEC)
#define LATENESS_OF (60 * USEC_PER_MIN)

struct system_request {
    struct api *api;
    struct http_exchange *x;
    const struct broker_view *view; /* NULL: none yet */
    struct read_page progress;
    struct read_page system;
    usec_t now;
};

/* --- what is wrong with a partition --- */

static void open_problem(struct json *j, const char *kind, const char *topic)
{
    json_open_object(j);
    json_add_text(j, "kind", kind);
    json_add_text(j, "topic", topic);
}

static void put_places(struct json *j, const struct system_request *r, int partition)
{
    const char *prefix = r->api->config->topic_prefix;

    for (size_t i = 0; i < r->view->place_count; i++) {
        const struct broker_place *p = &r->view->places[i];

        if (p->partition != partition)
            continue;
        if (p->stalled_us > 0) {
            open_problem(j, "STALLED", p->topic);
            json_add_int(j, "seconds", p->stalled_us / USEC_PER_SEC);
            json_add_int(j, "offset", p->end);
            json_add_text(j, "cure", cure_of_stalled(p, prefix, http_memory(r->x)));
            json_close_object(j);
        }
        if (p->is_unreachable) {
            open_problem(j, "UNREACHABLE", p->topic);
            json_close_object(j);
        }
    }
}

static void put_unowned(struct json *j, const struct system_request *r, int partition)
{
    for (size_t i = 0; i < r->view->unowned_count; i++) {
        const struct broker_unowned *u = &r->view->unowned[i];

        if (u->partition != partition)
            continue;
        open_problem(j, "UNOWNED", u->topic);
        json_add_text(j, "by", u->group);
        json_add_int(j, "seconds", u->since_us / USEC_PER_SEC);
        json_close_object(j);
    }
}

static void put_stored(struct json *j, const struct system_request *r,
                       const struct progress_row *row)
{
    int64_t silent = row->stands == NULL && r->view != NULL ? unstored_seconds(r->view, row) : 0;

    if (row->stands != NULL) {
        open_problem(j, "STANDING", row->topic);
        json_add_int(j, "offset", row->next_offset);
        json_add_text(j, "why", row->stands);
        json_add_text(j, "cure", cure_of_standing(row, http_memory(r->x)));
        json_close_object(j);
    }
    if (silent > 0) {
        open_problem(j, "UNSTORED", row->topic);
        json_add_int(j, "seconds", silent);
        json_close_object(j);
    }
    if (row->lost > 0) {
        open_problem(j, "LOST", row->topic);
        json_add_int(j, "offsets", row->lost);
        json_close_object(j);
    }
}

static void put_problems(struct json *j, const struct system_request *r, int partition)
{
    const struct progress_row *rows = r->progress.rows;

    json_key(j, "problems");
    json_open_array(j);
    if (r->view != NULL) {
        put_places(j, r, partition);
        put_unowned(j, r, partition);
    }
    for (size_t i = 0; i < r->progress.count; i++)
        if (rows[i].part == partition)
            put_stored(j, r, &rows[i]);
    json_close_array(j);
}

/* --- partitions --- */

static void put_owners(struct json *j, const struct system_request *r, int partition)
{
    for (size_t i = 0; i < r->view->owner_count; i++)
        if (r->view->owners[i].partition == partition)
            json_add_text(j, r->view->owners[i].group, r->view->owners[i].instance);
}

static void put_watermark(struct json *j, const struct system_request *r, int partition)
{
    for (size_t i = 0; i < r->view->watermark_count; i++) {
        const struct broker_watermark *w = &r->view->watermarks[i];

        if (w->partition != partition)
            continue;
        json_key(j, "watermark");
        json_open_object(j);
        if (w->due != 0)
            json_add_instant(j, "at", w->due);
        json_add_instant(j, "written_at", w->written_at);
        json_add_int(j, "age_ms", MAX(r->now - MAX(w->due, w->written_at), 0) / USEC_PER_MS);
        json_close_object(j);
    }
}

static void put_partition(struct json *j, const struct system_request *r, int partition)
{
    json_open_object(j);
    json_add_int(j, "partition", partition);
    if (r->view != NULL) {
        put_owners(j, r, partition);
        put_watermark(j, r, partition);
    }
    if (r->view != NULL && r->view->err.rc == RC_OK && r->progress.rc == RC_OK)
        json_add_int(j, "lag", partition_lag(r->view, &r->progress, partition));
    put_problems(j, r, partition);
    json_close_object(j);
}

static void put_partitions(struct json *j, const struct system_request *r)
{
    json_key(j, "partitions");
    json_open_array(j);
    for (int p = 0; p < r->api->config->partitions; p++)
        put_partition(j, r, p);
    json_close_array(j);
}

/* --- versions --- */

static void put_node(struct json *j, const char *node, const char *tzdata)
{
    json_open_object(j);
    json_add_text(j, "node", node);
    json_add_text(j, "tzdata", tzdata);
    json_close_object(j);
}

/* Schedulers by what they wrote last; each once. */
static void put_tzdata(struct json *j, const struct system_request *r)
{
    const struct broker_watermark *marks = r->view != NULL ? r->view->watermarks : NULL;
    size_t count = r->view != NULL ? r->view->watermark_count : 0;

    json_key(j, "tzdata");
    json_open_array(j);
    put_node(j, "api", zoneset_version(r->api->zones));
    for (size_t i = 0; i < count; i++) {
        bool is_newest = marks[i].writer != NULL && marks[i].tzdata != NULL;

        for (size_t n = 0; n < count; n++)
            if (text_equal(marks[n].writer, marks[i].writer) &&
                (marks[n].written_at > marks[i].written_at ||
                 (marks[n].written_at == marks[i].written_at && n < i)))
                is_newest = false;
        if (is_newest)
            put_node(j, marks[i].writer, marks[i].tzdata);
    }
    json_close_array(j);
}

static void put_versions(struct json *j, const struct system_row *row)
{
    json_key(j, "versions");
    json_open_object(j);
    json_add_text(j, "cronobs", COBS_VERSION);
    if (row != NULL) {
        json_add_int(j, "schema", row->schema);
        json_add_text(j, "postgresql", row->server);
    }
    json_close_object(j);
}

/* --- what the tables know --- */

static void put_lateness(struct json *j, const struct system_request *r,
                         const struct system_row *row)
{
    json_key(j, "lateness");
    json_open_object(j);
    json_add_instant(j, "from", r->now - LATENESS_OF);
    json_add_int(j, "fired", row->fired);
    if (row->fired > 0) {
        json_add_int(j, "p50_ms", MAX(row->p50_us, 0) / USEC_PER_MS);
        json_add_int(j, "p99_ms", MAX(row->p99_us, 0) / USEC_PER_MS);
    }
    json_close_object(j);
}

static void put_dead_letters(struct json *j, const struct system_row *row)
{
    json_key(j, "dead_letters");
    json_open_object(j);
    json_add_int(j, "count", MIN(row->dead_letters, (int64_t)READ_DEAD_MAX));
    json_add_bool(j, "more", row->dead_letters > READ_DEAD_MAX);
    if (row->dead_at != 0)
        json_add_instant(j, "newest_at", row->dead_at);
    json_close_object(j);
}

static void put_topics(struct json *j, const struct system_request *r)
{
    json_key(j, "topics");
    json_open_array(j);
    for (size_t i = 0; r->view != NULL && i < r->view->retention_count; i++) {
        const struct broker_retention *t = &r->view->retentions[i];

        json_open_object(j);
        json_add_text(j, "topic", t->topic);
        json_add_text(j, "policy", t->policy);
        if (t->ms >= 0)
            json_add_int(j, "ms", t->ms);
        json_close_object(j);
    }
    json_close_array(j);
}

static void put_retention(struct json *j, const struct system_request *r,
                          const struct system_row *row)
{
    json_key(j, "retention");
    json_open_object(j);
    if (row != NULL && row->history_from != 0)
        json_add_instant(j, "history_from", row->history_from);
    if (row != NULL && row->logs_from != 0)
        json_add_instant(j, "logs_from", row->logs_from);
    put_topics(j, r);
    json_close_object(j);
}

/* --- all of it --- */

static void put_part(struct json *j, const char *name, bool is_reachable, const char *why)
{
    json_key(j, name);
    json_open_object(j);
    json_add_bool(j, "reachable", is_reachable);
    if (!is_reachable && why[0] != '\0')
        json_add_text(j, "why", why);
    json_close_object(j);
}

static void answer(struct system_request *r)
{
    const struct system_row *row = r->system.count > 0 ? r->system.rows : NULL;
    const char *why = r->view != NULL ? r->view->err.text : "it was not asked yet";
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    json_add_instant(&j, "at", r->now);
    put_part(&j, "database", r->system.rc == RC_OK, r->system.err.text);
    put_part(&j, "broker", r->view != NULL && r->view->err.rc == RC_OK, why);
    put_versions(&j, row);
    put_tzdata(&j, r);
    if (row != NULL) {
        put_lateness(&j, r, row);
        put_dead_letters(&j, row);
    }
    put_retention(&j, r, row);
    put_partitions(&j, r);
    json_close_object(&j);
    kept_put(&r->api->system, r->x, r->view, &body);
}

static void on_system(void *ctx, const struct read_page *page)
{
    struct system_request *r = ctx;

    r->system = *page;
    r->view = broker_view(r->api->broker); /* the one that was there at first may be gone */
    answer(r);
}

static void on_progress(void *ctx, const struct read_page *page)
{
    struct system_request *r = ctx;

    r->progress = *page;
    read_system(r->api->reads, r->now - LATENESS_OF, r->now,
                (struct read_reply){http_memory(r->x), on_system, r});
}

void get_system(struct http_exchange *x, void *ctx)
{
    struct api *api = api_of(ctx);
    const struct broker_view *view = broker_look_whole(api->broker);
    struct system_request *r;

    if (kept_answer(&api->system, x, view, KEPT_FOR))
        return;
    r = arena_alloc(http_memory(x), sizeof *r);
    *r = (struct system_request){.api = api, .x = x, .now = clock_realtime()};
    read_progress(api->reads, (struct read_reply){http_memory(x), on_progress, r});
}
