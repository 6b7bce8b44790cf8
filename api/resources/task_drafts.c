#include "api/resources/task_drafts.h"

#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/exchange/chain_check.h"
#include "api/exchange/conditions.h"
#include "api/exchange/write.h"
#include "api/resources/skips.h"
#include "api/resources/timeline_of.h"
#include "base/clock.h"
#include "http/json_diff.h"
#include "model/preview.h"
#include "model/record_json.h"
#include "model/skip_next.h"
#include "model/spec.h"

struct draft {
    struct api *api;
    struct http_exchange *x;
    struct uuid task;
    struct task_spec *spec;
    struct conditions conditions;
    const struct task_row *row; /* the task that there is; NULL: none, nor was there ever one */
    struct buf body;
    struct json json; /* into body */
    struct preview *preview;
    uint32_t absent; /* of what it sets off */
    const char *skips[PREVIEW_NEXT_MAX];
    size_t skip_count;
};

/* --- what it would be --- */

static void spec_text(const struct task_spec *spec, struct buf *out)
{
    struct json j = json_into(out);

    record_to_json(&j, &task_spec_type, spec);
}

/* The spec that there is, as this version would write it; as it was written if this version cannot read it. */
static bool read_saved(const struct draft *d, const struct task_row *row, struct buf *ret)
{
    struct task_spec *saved;

    if (bind_spec(bytes_of(row->spec), http_memory(d->x), &saved, NULL) != RC_OK) {
        buf_add_text(ret, row->spec);
        return false;
    }
    spec_normalise(saved);
    spec_text(saved, ret);
    return spec_equal(saved, d->spec);
}

static void put_changes(struct draft *d, const char *saved)
{
    SCOPED(json_doc) struct json_doc *from = NULL;
    SCOPED(json_doc) struct json_doc *to = NULL;
    SCOPED_BUF text = {0};

    json_key(&d->json, "changes");
    spec_text(d->spec, &text);
    if (saved != NULL && json_doc_parse(bytes_of(saved), &from, NULL) == RC_OK &&
        json_doc_parse(buf_bytes(&text), &to, NULL) == RC_OK) {
        json_diff(&d->json, from, to);
        return;
    }
    json_open_array(&d->json);
    json_close_array(&d->json);
}

/* row: NULL: there is no such task, and never was. */
static void put_result(struct draft *d, const struct task_row *row)
{
    bool exists = row != NULL && row->state != TASK_DELETED;
    SCOPED_BUF saved = {0};
    bool is_same = exists && read_saved(d, row, &saved);
    enum outcome_code code = is_same ? CODE_UNCHANGED : exists ? CODE_UPDATED : CODE_CREATED;

    json_open_object(&d->json);
    json_add_uuid(&d->json, "task_id", d->task);
    json_add_text(&d->json, "result", enum_name(&outcome_code_enum, code));
    json_add_int(&d->json, "revision", (row != NULL ? row->revision : 0) + !is_same);
    json_add_text(&d->json, "state",
                  enum_name(&task_state_enum, exists ? row->state : TASK_ACTIVE));
    put_changes(d, exists ? buf_text(&saved) : NULL);
}

/* --- whether it would be --- */

static bool is_refused(struct draft *d, const struct task_row *row)
{
    bool exists = row != NULL && row->state != TASK_DELETED;
    bool by_number = !d->conditions.wants_some && !d->conditions.wants_none;
    int32_t revision = exists || (by_number && row != NULL) ? row->revision : 0;

    if (conditions_allow(&d->conditions, revision))
        return false;
    write_answer_stale(d->x, &d->conditions, revision);
    return true;
}

/* A queue is made with the first task that names it, if it may be; while the broker is away nobody knows whether there is one. */
static bool lacks_queue(struct draft *d)
{
    const struct api_config *config = d->api->config;
    const struct broker_view *view = broker_view(d->api->broker);
    struct error err;

    if (view == NULL || view->err.rc != RC_OK || broker_has_queue(view, d->spec->queue) ||
        (config->auto_create && view->queue_count < (size_t)config->queues_max))
        return false;
    error_set(&err, RC_CONFLICT, "queue \"%s\" does not exist", d->spec->queue);
    if (config->auto_create)
        (void)error_hint(&err,
                         "there are %zu queues, and the setting queues.max is %d: use one of them",
                         view->queue_count, config->queues_max);
    else
        (void)error_hint(&err, "make the queue's topic: cronobs topics apply --queue NAME");
    problem_answer_code(d->x, PROBLEM_CONFLICT, &err, enum_name(&outcome_code_enum, CODE_NO_QUEUE));
    return true;
}

/* --- the answer, in steps --- */

static bool step(void *ctx)
{
    struct draft *d = ctx;

    if (preview_step(d->preview))
        return true;
    preview_free(d->preview);
    json_close_object(&d->json);
    answer_json(d->x, 200, &d->body);
    return false;
}

static void answer_draft(void *ctx)
{
    struct draft *d = ctx;
    const struct preview_config config = {.spec = d->spec,
                                          .task = d->task,
                                          .now = clock_realtime(),
                                          .zones = d->api->zones,
                                          .absent = d->absent,
                                          .skips = d->skips,
                                          .skip_count = d->skip_count,
                                          .json = &d->json};
    struct error err = {0};

    if (preview_new(&config, &d->preview, &err) != RC_OK) {
        answer_error(d->x, &err); /* not covered: the spec is valid */
        return;
    }
    d->json = json_into(&d->body);
    put_result(d, d->row);
    if (d->row != NULL)
        answer_etag(d->x, d->row->revision);
    slices_run(d->api->slices, step, d);
}

/* --- what is to be skipped: as many of the next instants as of those that the task has --- */

static size_t count_skips(const struct draft *d, usec_t skip_until)
{
    SCOPED(timeline) struct timeline *t = NULL;

    if (skip_until == 0 || timeline_of_spec(d->row->spec, d->task, d->api->zones, http_memory(d->x),
                                            &t, NULL) != RC_OK)
        return 0;
    return skip_next_count(t, timeline_start(t, d->row, clock_realtime()), skip_until);
}

static const char *skip_text(struct draft *d, const struct skip_wish *wish)
{
    SCOPED_BUF text = {0};
    struct json j = json_into(&text);

    skip_object(&j, wish);
    return arena_strdup(http_memory(d->x), buf_text(&text));
}

static void on_skips(void *ctx, const struct read_page *page)
{
    struct draft *d = ctx;
    const struct skips skips = skips_of(page);
    size_t count;

    if (answer_read_failed(d->x, page))
        return;
    count = count_skips(d, skips_until(&skips, d->task));
    d->skip_count = MIN(count, (size_t)PREVIEW_NEXT_MAX);
    for (size_t i = 0; i < d->skip_count; i++)
        d->skips[i] = skip_text(d, skips_wish(&skips, d->task, count - 1 - i));
    chain_check(d->api, d->x, d->spec, &(struct chain_checked){&d->absent, answer_draft, d});
}

static void on_task(void *ctx, const struct read_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct draft *d = ctx;

    d->row = page->count > 0 ? page->rows : NULL;
    if (answer_read_failed(d->x, page) || is_refused(d, d->row) || lacks_queue(d))
        return;
    if (d->row == NULL)
        on_skips(d, &nothing);
    else
        skips_read(d->api, &d->task, 1, clock_realtime(),
                   (struct read_reply){http_memory(d->x), on_skips, d});
}

void draft_task(struct api *api, struct http_exchange *x, struct uuid task, struct task_spec *spec)
{
    struct draft *d = arena_alloc(http_memory(x), sizeof *d);
    struct error err = {0};

    *d = (struct draft){.api = api, .x = x, .task = task, .spec = spec};
    http_drop_body(x);
    if (conditions_parse(http_header_list(x, "If-Match"), http_header_list(x, "If-None-Match"),
                         http_memory(x), &d->conditions, &err) != RC_OK)
        answer_error(x, &err);
    else if (conditions_match_nothing(&d->conditions))
        write_answer_no_match(x, &d->conditions);
    else
        read_task(api->reads, task, (struct read_reply){http_memory(x), on_task, d});
}
