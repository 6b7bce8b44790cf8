/*
 * backfills.c - POST /v1/tasks/:task:backfill: a range of the past is run, or, as a dry run, told instant by instant.
 *
 * Which instants these are is worked out by the code that the scheduler fires them by (model/backfill.h), of the task as the tables
 * show it. Under an Idempotency-Key the ids of the executions are known as well, since the command's is.
 */
#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/exchange/view.h"
#include "api/exchange/write.h"
#include "api/resources/resources.h"
#include "api/resources/timeline_of.h"
#include "model/backfill.h"
#include "model/spec.h"
#include "model/spec_timeline.h"
#include "store/read_tasks.h"

struct backfill {
    struct api *api;
    struct http_exchange *x;
    struct command *command;
    struct conditions conditions; /* these: of a dry run */
    const struct task_row *task;
    struct task_spec *spec;
    struct timeline *timeline;
    struct buf body;
    struct json json; /* into body */
    struct occurrence at;
    size_t count;
    usec_t last; /* that is listed */
    bool has_ids;
};

static const struct backfill_task *range_of(const struct backfill *b)
{
    return &b->command->body.backfill;
}

static enum rc read_spec(struct backfill *b, const struct task_row *task, struct error *err)
{
    b->task = task;
    TRY(bind_spec(bytes_of(task->spec), http_memory(b->x), &b->spec, err));
    spec_normalise(b->spec);
    return spec_timeline(b->spec, task->task_id, b->api->zones, &b->timeline, err);
}

/* --- to be run --- */

/* What the tables do not know of the task, or cannot tell, is for the scheduler to say. */
static void on_task(void *ctx, const struct read_page *page)
{
    struct backfill *b = ctx;
    struct error objection = {0};
    size_t count;

    if (page->rc == RC_OK && page->count > 0 && read_spec(b, page->rows, NULL) == RC_OK &&
        backfill_count(b->timeline, range_of(b), &count, &objection) == RC_OK)
        objection.rc = RC_OK;
    timeline_free(b->timeline);
    write_command_unless(b->api, b->x, b->command, &objection);
}

/* --- to be told: what it would be refused for, it is refused for --- */

static void refuse(const struct backfill *b, enum outcome_code code, const struct error *err)
{
    problem_answer_code(b->x, PROBLEM_CONFLICT, err, enum_name(&outcome_code_enum, (int)code));
}

static bool is_refused(const struct backfill *b, const struct task_row *task)
{
    const struct broker_view *view = broker_view(b->api->broker);
    struct error err;

    if (task->state == TASK_DELETED) {
        error_set(&err, RC_CONFLICT, "the task is deleted");
        (void)error_hint_http(&err, "PUT the task to have it again");
        refuse(b, CODE_DELETED, &err);
    } else if (!conditions_allow(&b->conditions, task->revision)) {
        write_answer_stale(b->x, &b->conditions, task->revision);
    } else if (view != NULL && view->err.rc == RC_OK && !broker_has_queue(view, task->queue)) {
        error_set(&err, RC_CONFLICT, "queue \"%s\" does not exist", task->queue);
        (void)error_hint(&err, "make the queue's topic: cronobs topics apply --queue NAME");
        refuse(b, CODE_NO_QUEUE, &err);
    } else {
        return false;
    }
    return true;
}

static void begin_draft(struct backfill *b)
{
    struct json *j = &b->json;

    *j = json_into(&b->body);
    json_open_object(j);
    json_add_uuid(j, "task_id", b->task->task_id);
    json_add_text(j, "project", b->task->project);
    json_add_text(j, "key", b->task->key);
    json_add_text(j, "state", enum_name(&task_state_enum, b->task->state));
    json_add_int(j, "revision", b->task->revision);
    json_add_instant(j, "from", range_of(b)->from);
    json_add_instant(j, "to", range_of(b)->to);
    json_key(j, "items");
    json_open_array(j);
}

static void put_instant(struct backfill *b)
{
    struct json *j = &b->json;

    b->last = b->at.at;
    json_open_object(j);
    if (b->has_ids)
        json_add_uuid(
            j, "execution_id",
            commanded_execution_id_of(b->task->task_id, b->at.at, b->command->command_id));
    json_add_instant(j, "scheduled_at", b->at.at);
    view_local(j, "local", b->at.at, b->at.offset);
    json_add_text(j, "zone", timeline_zone(b->timeline, &b->at));
    json_add_text(j, "dst", enum_name(&dst_enum, (int)b->at.dst));
    json_close_object(j);
}

static void end_draft(struct backfill *b, bool more)
{
    bool fits = b->count <= SPEC_BACKFILL_MAX;

    json_close_array(&b->json);
    json_add_int(&b->json, "count", (int64_t)b->count);
    json_add_bool(&b->json, "more", more);
    json_add_int(&b->json, "limit", SPEC_BACKFILL_MAX);
    json_add_int(&b->json, "at_once", b->spec->max_concurrency);
    if (!fits)
        json_add_instant(&b->json, "next", b->last);
    json_close_object(&b->json);
    timeline_free(TAKE(b->timeline));
    answer_etag(b->x, b->task->revision);
    answer_json(b->x, 200, &b->body);
}

/* One instant a step: a range may have many, and a calendar make each of them dear. */
static bool tell_one(void *ctx)
{
    struct backfill *b = ctx;
    bool is_one = backfill_next(b->timeline, range_of(b), &b->at);

    if (!is_one || b->count == TIMELINE_COUNT_MAX) {
        end_draft(b, is_one);
        return false;
    }
    if (b->count < SPEC_BACKFILL_MAX)
        put_instant(b);
    b->count++;
    return true;
}

static void on_draft(void *ctx, const struct read_page *page)
{
    struct backfill *b = ctx;
    struct error err = {0};
    size_t count;

    if (answer_read_failed(b->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(b->x, "task", http_param(b->x, "task"));
    } else if (is_refused(b, page->rows)) {
        return;
    } else if (read_spec(b, page->rows, &err) != RC_OK) {
        answer_error(b->x, &err);
    } else {
        b->has_ids = !uuid_is_nil(b->command->command_id) &&
                     backfill_count(b->timeline, range_of(b), &count, NULL) == RC_OK;
        begin_draft(b);
        slices_run(b->api->slices, tell_one, b);
    }
}

static void tell(struct backfill *b)
{
    struct error err = {0};

    if (write_rehearse(b->x, b->command, &b->conditions, &err) != RC_OK)
        answer_error(b->x, &err);
    else if (conditions_match_nothing(&b->conditions))
        write_answer_no_match(b->x, &b->conditions);
    else
        read_task(b->api->reads, b->command->task_id,
                  (struct read_reply){http_memory(b->x), on_draft, b});
}

/* --- the request --- */

static enum rc read_request(struct backfill *b, bool *ret_is_draft, struct error *err)
{
    struct command *c = b->command;
    struct task_ref task;

    TRY(param_task(b->x, &task, err));
    TRY(param_bool(b->x, "dry_run", ret_is_draft, err));
    c->task_id = task.id;
    return bind_action(http_body(b->x), command_body_type(COMMAND_BACKFILL), http_memory(b->x),
                       &c->body, &c->reason, err);
}

void backfill_task(struct http_exchange *x, void *ctx)
{
    struct backfill *b = arena_alloc(http_memory(x), sizeof *b);
    struct command *c = arena_alloc(http_memory(x), sizeof *c);
    bool is_draft = false;
    struct error err = {0};

    *c = (struct command){.kind = COMMAND_BACKFILL};
    *b = (struct backfill){.api = api_of(ctx), .x = x, .command = c};
    if (read_request(b, &is_draft, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    b->at.at = range_of(b)->from;
    if (is_draft)
        tell(b);
    else
        read_task(b->api->reads, c->task_id, (struct read_reply){http_memory(x), on_task, b});
}
