#include <stdio.h>

#include "api/answer.h"
#include "api/bind.h"
#include "api/resources.h"
#include "api/view.h"
#include "base/clock.h"
#include "cron/schedule.h"

enum { COUNT_DEFAULT = 5, COUNT_MAX = 100 };

struct explain_request {
    struct schedule_spec spec;
    const char *task; /* project~key or UUID: what H and ~ hash */
    usec_t from;
    int32_t count;
};

#define AT(member) offsetof(struct explain_request, member)

/* clang-format off */
static const struct field explain_fields[] = {
    {.name = "expression",  .type = FIELD_TEXT,    .offset = AT(spec.expression)},
    {.name = "zone",        .type = FIELD_TEXT,    .offset = AT(spec.zone),        .optional = true},
    {.name = "dialect",     .type = FIELD_ENUM,    .offset = AT(spec.dialect),     .of = &dialect_enum},
    {.name = "dst_gap",     .type = FIELD_ENUM,    .offset = AT(spec.dst_gap),     .of = &dst_gap_enum},
    {.name = "dst_overlap", .type = FIELD_ENUM,    .offset = AT(spec.dst_overlap), .of = &dst_overlap_enum},
    {.name = "task",        .type = FIELD_TEXT,    .offset = AT(task),             .optional = true},
    {.name = "from",        .type = FIELD_INSTANT, .offset = AT(from),             .optional = true},
    {.name = "count",       .type = FIELD_INT,     .offset = AT(count)},
    {.name = NULL},
};
/* clang-format on */

static const struct record_type explain_type = {
    .name = "Explain", .size = sizeof(struct explain_request), .fields = explain_fields};

static void put_lints(struct json *j, const struct lints *lints)
{
    json_key(j, "lints");
    json_open_array(j);
    for (size_t i = 0; i < MIN(lints->count, ARRAY_LEN(lints->list)); i++) {
        json_open_object(j);
        json_add_text(j, "code", lint_code_name(lints->list[i].code));
        if (lints->list[i].column > 0)
            json_add_int(j, "column", lints->list[i].column);
        json_add_text(j, "text", lints->list[i].text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void put_next(struct json *j, const struct schedule *s, const struct explain_request *r)
{
    struct occurrence o = {.at = r->from};

    json_key(j, "next");
    json_open_array(j);
    for (int32_t i = 0; i < r->count && schedule_next(s, o.at, &o) == RC_OK; i++) {
        json_open_object(j);
        json_add_instant(j, "at", o.at);
        view_local(j, "local", o.at, o.offset);
        json_add_text(j, "dst", enum_name(&dst_enum, (int)o.dst));
        json_close_object(j);
    }
    json_close_array(j);
}

static void answer_schedule(struct http_exchange *x, const struct schedule *s,
                            const struct lints *lints, const struct explain_request *r)
{
    SCOPED_BUF words = {0};
    SCOPED_BUF canonical = {0};
    struct buf body = {0};
    struct json j = json_into(&body);

    schedule_format(s, &canonical);
    schedule_describe(s, &words);
    json_open_object(&j);
    json_add_text(&j, "expression", r->spec.expression);
    json_add_text(&j, "canonical", buf_text(&canonical));
    json_add_text(&j, "description", buf_text(&words));
    json_add_text(&j, "zone", schedule_zone(s));
    json_add_text(&j, "class", schedule_is_interval(s) ? "INTERVAL" : "FIXED_TIME");
    put_lints(&j, lints);
    put_next(&j, s, r);
    json_close_object(&j);
    answer_json(x, 200, &body);
}

static enum rc check(struct explain_request *r, struct uuid *ret_task, struct http_exchange *x,
                     struct error *err)
{
    struct task_ref task = {0};

    if (r->spec.expression == NULL)
        return error_set(err, RC_INVALID, "/expression: it is missing");
    if (r->count < 1 || r->count > COUNT_MAX)
        return error_set(err, RC_INVALID, "/count: %d is outside 1 to %d", r->count, COUNT_MAX);
    if (r->task != NULL)
        TRY(task_ref_parse(r->task, http_memory(x), &task, err));
    *ret_task = task.id;
    return RC_OK;
}

/* Which of the two members is at fault. */
static enum rc point_at(struct error *err, struct api *api, const struct explain_request *r)
{
    struct zone *zone;
    bool is_zone =
        r->spec.zone != NULL && zoneset_get(api->zones, r->spec.zone, &zone, NULL) != RC_OK;

    (void)snprintf(err->pointer, sizeof err->pointer, "%s", is_zone ? "/zone" : "/expression");
    return err->rc;
}

static enum rc parse(struct api *api, struct http_exchange *x, const struct json_node *root,
                     struct error *err)
{
    struct explain_request r = {.from = clock_realtime(), .count = COUNT_DEFAULT};
    SCOPED(schedule) struct schedule *s = NULL;
    struct schedule_options options;
    struct lints lints = {0};
    struct uuid task;

    TRY(bind_record(root, &explain_type, http_memory(x), &r, err));
    TRY(check(&r, &task, x, err));
    options = (struct schedule_options){.zone = r.spec.zone,
                                        .dialect = r.spec.dialect,
                                        .dst_gap = r.spec.dst_gap,
                                        .dst_overlap = r.spec.dst_overlap,
                                        .task = task,
                                        .now = clock_realtime()};
    if (schedule_parse(r.spec.expression, &options, api->zones, &lints, &s, err) != RC_OK)
        return point_at(err, api, &r);
    answer_schedule(x, s, &lints, &r);
    return RC_OK;
}

void explain_schedule(struct http_exchange *x, void *ctx)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;
    struct error err = {0};

    if (json_doc_parse(http_body(x), &doc, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    root = json_doc_root(doc);
    if (parse(api_of(ctx), x, &root, &err) != RC_OK)
        answer_error(x, &err);
}
