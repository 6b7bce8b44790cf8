#include <stdio.h>

#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "model/schedule_json.h"

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
    struct buf body = {0};
    struct json j = json_into(&body);
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
    schedule_json(&j, &(struct schedule_view){.expression = r.spec.expression,
                                              .schedule = s,
                                              .lints = &lints,
                                              .from = r.from,
                                              .count = r.count});
    answer_json(x, 200, &body);
    return RC_OK;
}

void explain_schedule(struct http_exchange *x, void *ctx)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;
    struct error err = {0};

    if (json_doc_parse_request(http_body(x), &doc, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    root = json_doc_root(doc);
    if (parse(api_of(ctx), x, &root, &err) != RC_OK)
        answer_error(x, &err);
}
