#include "cli/client/rest.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "base/uuid.h"
#include "cli/client/blame.h"
#include "cli/client/options.h"
#include "cli/shared/instant.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/terminal.h"
#include "http/url.h"

enum { HEADERS_MAX = 4, WAIT_MAX_S = 60, ASK_AGAIN_MS = 300 };

#define ANSWER_TIMEOUT (30 * USEC_PER_SEC) /* beside the server's own wait */

struct rest {
    struct call *call;
    struct http_client *client;
    struct zoneset *zones;
    struct tz_value zone;  /* borrowed from zones */
    struct error zone_err; /* why it is not the machine's, but UTC */
    bool has_told;         /* that the server is away and we wait */
    const struct reply *reply;
    struct json_doc *doc;
    struct json_node root;
};

static bool shows_times(const struct call *call)
{
    for (size_t i = 0; call->command != NULL && i < SUBCOMMAND_PARTS; i++) {
        const struct setting *table = call->command->parts[i].table;

        if (table == view_options)
            return !((const struct view_options *)call->values[i])->is_json;
        if (table == logs_options)
            return ((const struct logs_options *)call->values[i])->has_times;
    }
    return false;
}

/* Who neither shows nor reads a time of the machine's clock does not care which it is. */
static enum rc find_zone(struct rest *r, const char *zone, struct error *err)
{
    if (zone != NULL) {
        if (zoneset_get(r->zones, zone, &r->zone.zone, err) != RC_OK) {
            (void)error_prefix(err, "--zone");
            return RC_INVALID;
        }
        r->zone.name = zone_name(r->zone.zone);
        return RC_OK;
    }
    if (local_zone(r->zones, &r->zone, &r->zone_err) == RC_OK)
        return RC_OK;
    if (!shows_times(r->call))
        return tz_value_read("UTC", r->zones, &r->zone, err);
    if (err != NULL)
        *err = r->zone_err;
    (void)local_zone_way_out(err);
    return RC_INVALID;
}

enum rc rest_new(struct call *call, const char *zone, struct rest **ret, struct error *err)
{
    SCOPED(rest) struct rest *r = xcalloc(1, sizeof *r);

    r->call = call;
    r->zones = zoneset_new(NULL);
    TRY(http_client_new(call->common.url, &r->client, err));
    TRY(find_zone(r, zone, err));
    *ret = TAKE(r);
    return RC_OK;
}

void rest_free(struct rest *r)
{
    if (r == NULL)
        return;
    json_doc_free(r->doc);
    http_client_free(r->client);
    zoneset_free(r->zones);
    free(r);
}

struct call *rest_call(const struct rest *r)
{
    return r->call;
}

/* --- requests --- */

static enum rc send_request(struct rest *r, const struct http_request *request, struct error *err)
{
    enum rc rc;

    json_doc_free(TAKE(r->doc));
    TRY(http_client_call(r->client, request, &r->reply, err));
    rc = reply_check(r->reply, err);
    if (rc != RC_OK && err != NULL)
        blame(r->call, err);
    TRY(rc);
    if (r->reply->body.len == 0)
        return error_set(err, RC_INVALID, "the server's answer is empty");
    TRY(json_doc_parse(r->reply->body, &r->doc, err));
    r->root = json_doc_root(r->doc);
    return RC_OK;
}

static struct http_pair prefer(struct rest *r, int64_t wait_ms)
{
    int64_t seconds = MIN((wait_ms + 999) / 1000, WAIT_MAX_S);

    return (struct http_pair){"Prefer", arena_printf(r->call->memory, "wait=%d", (int)seconds)};
}

enum rc rest_get_waiting(struct rest *r, const char *target, int64_t wait_ms, struct error *err)
{
    const struct http_pair headers[] = {prefer(r, wait_ms), {NULL, NULL}};
    const struct http_request request = {.method = HTTP_GET,
                                         .target = target,
                                         .headers = wait_ms > 0 ? headers : NULL,
                                         .timeout = ANSWER_TIMEOUT + wait_ms * USEC_PER_MS};

    return send_request(r, &request, err);
}

enum rc rest_get(struct rest *r, const char *target, struct error *err)
{
    return rest_get_waiting(r, target, 0, err);
}

/* Once it has begun, what is asked for may have been done, or may be going on: only the answer is missing. */
static enum rc await_server(struct rest *r, usec_t deadline, const struct error *why,
                            struct error *err)
{
    usec_t left = deadline - clock_monotonic();

    if (left <= 0) {
        *err = *why;
        return err->rc;
    }
    if (!r->has_told) {
        SCOPED(text) char *text = table_shown(why->text);

        (void)fprintf(stderr, "(%s; waiting on)\n", text);
    }
    r->has_told = true;
    rest_pause(ASK_AGAIN_MS);
    return RC_OK;
}

enum rc rest_get_patiently(struct rest *r, const char *target, int64_t wait_ms, usec_t deadline,
                           struct error *err)
{
    struct error why = {0};
    enum rc rc;

    for (;;) {
        int64_t left_ms = (deadline - clock_monotonic()) / USEC_PER_MS;

        rc = rest_get_waiting(r, target, MAX(MIN(wait_ms, left_ms), 0), &why);
        if (rc != RC_RETRY)
            break;
        TRY(await_server(r, deadline, &why, err));
    }
    if (rc != RC_OK)
        *err = why;
    return rc;
}

static enum rc write_once(struct rest *r, const struct rest_write *write, struct error *err)
{
    struct http_pair headers[HEADERS_MAX] = {{NULL, NULL}};
    struct http_request request = {.method = write->method,
                                   .target = write->target,
                                   .headers = headers,
                                   .content_type = write->content_type,
                                   .body = write->body,
                                   .timeout = ANSWER_TIMEOUT + write->wait_ms * USEC_PER_MS};
    size_t count = 0;

    if (write->wait_ms > 0)
        headers[count++] = prefer(r, write->wait_ms);
    if (write->if_match != NULL)
        headers[count++] = (struct http_pair){
            "If-Match", arena_printf(r->call->memory, "\"%s\"", write->if_match)};
    if (write->idempotency_key != NULL)
        headers[count++] = (struct http_pair){"Idempotency-Key", write->idempotency_key};
    return send_request(r, &request, err);
}

enum rc rest_write(struct rest *r, const struct rest_write *write, struct error *err)
{
    struct error why = {0};
    enum rc rc;

    while ((rc = write_once(r, write, &why)) == RC_RETRY && write->idempotency_key != NULL &&
           http_client_was_reached(r->client))
        TRY(await_server(r, write->deadline, &why, err));
    if (rc != RC_OK)
        *err = why;
    return rc;
}

const struct json_node *rest_root(const struct rest *r)
{
    return &r->root;
}

void rest_print_json(struct rest *r)
{
    const struct bytes body = r->reply->body;

    (void)fwrite(body.data, 1, body.len, r->call->out); /* ends in a line end */
}

bool rest_was_refused_as(const struct rest *r, const char *code)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    if (json_doc_parse(r->reply->body, &doc, NULL) != RC_OK)
        return false;
    root = json_doc_root(doc);
    return strcmp(rest_text(&root, "code"), code) == 0;
}

void rest_pause(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)nanosleep(&pause, NULL);
}

/* --- targets --- */

enum rc rest_task_name(struct rest *r, const struct rest_task *task, const char **ret,
                       struct error *err)
{
    struct uuid id;
    bool is_whole =
        strchr(task->name, '~') != NULL || uuid_from_text(task->name, &id, NULL) == RC_OK;

    if (is_whole && call_has(r->call, "project"))
        return error_set(err, RC_INVALID, "--project does not go with '%.100s', which says all",
                         task->name);
    *ret =
        is_whole ? task->name : arena_printf(r->call->memory, "%s~%s", task->project, task->name);
    return RC_OK;
}

static const char *target_of(struct rest *r, const char *folder, const char *name,
                             const char *suffix)
{
    SCOPED_BUF out = {0};

    buf_printf(&out, "%s/", folder);
    url_escape(&out, name);
    buf_add_text(&out, suffix);
    return arena_strdup(r->call->memory, buf_text(&out));
}

enum rc rest_task_target(struct rest *r, const struct rest_task *task, const char *suffix,
                         const char **ret, struct error *err)
{
    const char *name;

    TRY(rest_task_name(r, task, &name, err));
    *ret = target_of(r, "/v1/tasks", name, suffix);
    return RC_OK;
}

enum rc rest_id_target(struct rest *r, const char *folder, const char *id, const char *suffix,
                       const char **ret, struct error *err)
{
    bool is_execution = strcmp(folder, "/v1/executions") == 0;
    struct uuid parsed;

    if (uuid_from_text(id, &parsed, NULL) != RC_OK) {
        (void)error_set(err, RC_INVALID, "ID: '%.100s' is no id", id);
        return is_execution
                   ? error_hint(err, "cronobs execution list --task %.80s shows those of a task",
                                id)
                   : error_hint(err, "an id is like 0192b1a4-7c1e-8000-9c5e-7a1b2c3d4e5f");
    }
    *ret = target_of(r, folder, id, suffix);
    return RC_OK;
}

struct rest_query rest_query_of(const char *path)
{
    struct rest_query q = {0};

    buf_add_text(&q.text, path);
    return q;
}

void rest_query_clear(struct rest_query *q)
{
    buf_clear(&q->text);
}

void rest_query_add(struct rest_query *q, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(&q->text, "%c%s=", q->has_any ? '&' : '?', name);
    url_escape(&q->text, value);
    q->has_any = true;
}

void rest_query_add_int(struct rest_query *q, const char *name, int64_t value)
{
    char text[24];

    if (value == 0)
        return;
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    rest_query_add(q, name, text);
}

/* --- members --- */

const char *rest_text(const struct json_node *object, const char *name)
{
    struct json_node member;
    const char *text;

    if (!json_node_member(object, name, &member) || json_node_text(&member, &text, NULL) != RC_OK)
        return "";
    return text;
}

int64_t rest_int(const struct json_node *object, const char *name, int64_t fallback)
{
    struct json_node member;
    int64_t value;

    if (!json_node_member(object, name, &member) ||
        json_node_int(&member, INT64_MIN, INT64_MAX, &value, NULL) != RC_OK)
        return fallback;
    return value;
}

usec_t rest_at(const struct json_node *object, const char *name)
{
    usec_t at;

    return rfc3339_parse(rest_text(object, name), &at, NULL) == RC_OK ? at : 0;
}

bool rest_is_true(const struct json_node *object, const char *name)
{
    struct json_node member;
    bool value = false;

    return json_node_member(object, name, &member) &&
           json_node_bool(&member, &value, NULL) == RC_OK && value;
}

const char *rest_number(struct rest *r, const struct json_node *object, const char *name)
{
    int64_t value = rest_int(object, name, INT64_MIN);

    return value == INT64_MIN ? "" : arena_printf(r->call->memory, "%lld", (long long)value);
}

const char *rest_time(struct rest *r, const struct json_node *object, const char *name)
{
    const char *text = rest_text(object, name);
    struct civil c;
    usec_t at;

    if (rfc3339_parse(text, &at, NULL) != RC_OK)
        return text;
    c = civil_of(at + zone_offset_at(r->zone.zone, at) * USEC_PER_SEC);
    return arena_printf(r->call->memory, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day,
                        c.hour, c.minute, c.second);
}

const char *rest_local(struct rest *r, const struct json_node *object, const char *name)
{
    char *text = arena_strdup(r->call->memory, rest_text(object, name));
    char *t = strchr(text, 'T');

    if (t == NULL || strlen(t) < 9)
        return text;
    *t = ' ';
    return arena_printf(r->call->memory, "%.*s %s", (int)(t - text) + 9, text, t + 9);
}

const char *rest_duration(struct rest *r, const struct json_node *object, const char *name)
{
    int64_t ms = rest_int(object, name, -1);
    char text[DURATION_TEXT_MAX];

    if (ms < 0)
        return "";
    if (ms >= 1000 && ms < 60000)
        return arena_printf(r->call->memory, "%d.%02ds", (int)(ms / 1000), (int)(ms % 1000 / 10));
    if (ms >= 60000)
        ms -= ms % 1000;
    return arena_strdup(r->call->memory, ms == 0 ? "0ms" : duration_text(ms, text));
}

const char *rest_key(struct rest *r, const struct json_node *object)
{
    const char *project = rest_text(object, "project"), *key = rest_text(object, "key");

    if (*key == '\0')
        return rest_text(object, "task_id");
    return strcmp(project, "default") == 0 ? key
                                           : arena_printf(r->call->memory, "%s~%s", project, key);
}

const char *rest_zone(const struct rest *r)
{
    return zone_name(r->zone.zone);
}

enum rc rest_zone_name(const struct rest *r, const char **ret, struct error *err)
{
    *ret = r->zone.name;
    if (r->zone.name != NULL)
        return RC_OK;
    (void)error_set(err, RC_INVALID, "%s is a clock without a name, and days need one",
                    rest_zone(r));
    (void)local_zone_way_out(err);
    return RC_INVALID;
}

/* --- instants that people type --- */

static const char *as_rfc3339(struct rest *r, usec_t at)
{
    char text[RFC3339_TEXT];

    return arena_strdup(r->call->memory, rfc3339_format(at, text));
}

static enum rc refuse_wall(const struct rest *r, const char *option, struct error *err)
{
    (void)error_set(err, RC_INVALID, "%s: %s", option, r->zone_err.text);
    (void)error_hint(err, "write the offset, 2026-11-25T08:00:00+01:00");
    return RC_INVALID;
}

enum rc rest_instant(struct rest *r, const char *option, const char *text, const char **ret,
                     struct error *err)
{
    usec_t at;

    *ret = NULL;
    if (text == NULL)
        return RC_OK;
    if (r->zone_err.rc != RC_OK && instant_is_wall(text))
        return refuse_wall(r, option, err);
    if (instant_parse(text, r->zone.zone, clock_realtime(), &at, err) != RC_OK) {
        (void)error_prefix(err, "%s", option);
        return RC_INVALID;
    }
    *ret = as_rfc3339(r, at);
    return RC_OK;
}

const char *rest_date(struct rest *r, usec_t at, int days)
{
    struct civil c =
        civil_of(at + zone_offset_at(r->zone.zone, at) * USEC_PER_SEC + days * USEC_PER_DAY);

    return arena_printf(r->call->memory, "%04d-%02d-%02d", c.year, c.month, c.day);
}

enum rc rest_day(struct rest *r, const char *day, usec_t *ret_from, usec_t *ret_to,
                 struct error *err)
{
    SCOPED_BUF text = {0};
    usec_t wall;

    buf_printf(&text, "%sT00:00:00Z", day);
    if (strlen(day) != strlen("2026-11-25") || rfc3339_parse(buf_text(&text), &wall, NULL) != RC_OK)
        return error_set(err, RC_INVALID, "--day: '%.40s' is no date like 2026-11-25", day);
    *ret_from = zone_from_wall(r->zone.zone, wall).first;
    *ret_to = zone_from_wall(r->zone.zone, wall + USEC_PER_DAY).first;
    return RC_OK;
}

/* --- tables --- */

void rest_print_table(struct rest *r, const struct table *t, bool has_more)
{
    SCOPED_BUF out = {0};

    table_write(t, terminal_width(r->call->out), &out);
    (void)fwrite(out.data, 1, out.len, r->call->out);
    if (has_more)
        (void)fputs("(there is more: --limit)\n", stderr);
}

enum rc rest_range_end(struct rest *r, const char *option, const char *typed, const char **ret,
                       struct error *err)
{
    char text[RFC3339_TEXT];
    usec_t at;

    TRY(rest_instant(r, option, typed, ret, err));
    if (*ret == NULL)
        return RC_OK;
    TRY(rfc3339_parse(*ret, &at, err));
    *ret = arena_strdup(r->call->memory, rfc3339_format(at - 1, text));
    return RC_OK;
}
