/*
 * `cronobs task ...`: what is scheduled, shown and changed.
 */
#include <string.h>

#include "base/json.h"
#include "base/table.h"
#include "cli/client/executions.h"
#include "cli/client/options.h"
#include "cli/client/task_limits.h"
#include "cli/client/task_write.h"
#include "model/enums.h"

/* --- list --- */

/* "0 7 * * 1-5 Europe/Berlin", further ones counted. */
static const char *schedules_of(struct rest *r, const struct json_node *task)
{
    struct json_node spec, schedules, first;
    size_t count;

    if (!json_node_member(task, "spec", &spec) ||
        !json_node_member(&spec, "schedules", &schedules) || !json_node_item(&schedules, 0, &first))
        return "by hand";
    count = json_node_count(&schedules);
    return arena_printf(rest_call(r)->memory, count > 1 ? "%s %s (+%zu)" : "%s %s",
                        rest_text(&first, "expression"), rest_text(&first, "zone"), count - 1);
}

static void add_task(struct rest *r, struct table *t, const struct json_node *task)
{
    table_add(t, rest_key(r, task), rest_text(task, "state"), schedules_of(r, task),
              rest_text(task, "queue"), rest_time(r, task, "next_at"), rest_text(task, "title"));
}

static void print_tasks(struct rest *r)
{
    SCOPED(table) struct table *t = table_new("KEY", "STATE", "SCHEDULE", "QUEUE", "NEXT", "TITLE");
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_task(r, t, &item);
    rest_print_table(r, t, *rest_text(rest_root(r), "next") != '\0');
}

enum rc run_task_list(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct task_list_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_QUERY query = rest_query_of("/v1/tasks");

    rest_query_add(&query, "project", o->project);
    rest_query_add(&query, "queue", o->queue);
    rest_query_add(&query, "state", o->state);
    rest_query_add(&query, "label", o->label);
    rest_query_add_int(&query, "limit", o->limit);
    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_get(r, buf_text(&query.text), err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_tasks(r);
    return RC_OK;
}

/* --- show --- */

static void print_schedules(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct json_node schedules, item;

    if (!json_node_member(spec, "schedules", &schedules))
        return;
    for (size_t i = 0; json_node_item(&schedules, i, &item); i++)
        table_add(t, i == 0 ? "schedule" : "",
                  arena_printf(rest_call(r)->memory, "%s  %s  %s", rest_text(&item, "expression"),
                               rest_text(&item, "zone"), rest_text(&item, "dialect")));
}

static void print_labels(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct json_node labels, item;
    const char *text;
    void *iter = NULL;

    if (!json_node_member(spec, "labels", &labels))
        return;
    while (json_node_next(&labels, &iter, &item))
        if (json_node_text(&item, &text, NULL) == RC_OK)
            table_add(t, "label", arena_printf(rest_call(r)->memory, "%s=%s", item.name, text));
}

static void print_task(struct rest *r)
{
    SCOPED(table) struct table *t = table_new("task", rest_key(r, rest_root(r)));
    const struct json_node *task = rest_root(r);
    struct json_node spec = {0};

    table_add(t, "id", rest_text(task, "task_id"));
    table_add(t, "title", rest_text(task, "title"));
    table_add(t, "state", rest_text(task, "state"));
    table_add(t, "revision", rest_number(r, task, "revision"));
    table_add(t, "since", rest_time(r, task, "effective_at"));
    table_add(t, "next", rest_time(r, task, "next_at"));
    table_add(t, "queue", rest_text(task, "queue"));
    if (json_node_member(task, "spec", &spec)) {
        print_schedules(r, t, &spec);
        limits_print(r, t, &spec);
        print_labels(r, t, &spec);
        table_add(t, "overlap", rest_text(&spec, "overlap"));
        table_add(t, "run timeout", rest_duration(r, &spec, "run_timeout_ms"));
        table_add(t, "content type", rest_text(&spec, "content_type"));
        table_add(t, "payload", rest_text(&spec, "payload"));
    }
    table_add(t, "times in", rest_zone(r));
    rest_print_table(r, t, false);
}

enum rc run_task_show(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct task_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_get(r, rest_task_target(r, o->project, call->operands.items[0], ""), err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_task(r);
    return RC_OK;
}

/* --- delete, pause, resume, trigger --- */

static struct task_write write_of(const struct call *call, enum http_method method,
                                  const char *target, const char *what)
{
    const struct write_options *o = call->values[0];

    return (struct task_write){.request = {.method = method, .target = target},
                               .timeout_ms = o->timeout_ms,
                               .waits = o->waits,
                               .is_json = o->is_json,
                               .what = what};
}

struct action {                /* one of the POSTs on a task */
    const char *suffix, *done; /* ":pause", "paused" */
    const char *execution;     /* set: the one that it started */
};

/* `body` is a JSON object. */
static enum rc act(struct rest *r, struct call *call, struct action *action, const struct buf *body,
                   struct error *err)
{
    const struct task_options *o = call->values[1];
    const char *target = rest_task_target(r, o->project, call->operands.items[0], action->suffix);
    struct task_write write = write_of(call, HTTP_POST, target, action->done);

    write.request.body = buf_bytes(body);
    return task_write(r, &write, &action->execution, err);
}

static struct json begin_body(struct buf *body, const struct call *call)
{
    const struct write_options *o = call->values[0];
    struct json j = json_into(body);

    json_open_object(&j);
    if (o->reason != NULL)
        json_add_text(&j, "reason", o->reason);
    return j;
}

enum rc run_task_pause(struct call *call, struct error *err)
{
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = begin_body(&body, call);
    const char *until;

    TRY(rest_new(call, NULL, &r, err));
    TRY(rest_instant(r, o->until, &until, err));
    if (until != NULL)
        json_add_text(&j, "until", until);
    json_close_object(&j);
    return act(r, call, &(struct action){":pause", "paused", NULL}, &body, err);
}

enum rc run_task_resume(struct call *call, struct error *err)
{
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = begin_body(&body, call);

    TRY(rest_new(call, NULL, &r, err));
    json_add_text(&j, "gap", enum_name(&resume_gap_enum, o->gap));
    json_close_object(&j);
    return act(r, call, &(struct action){":resume", "resumed", NULL}, &body, err);
}

enum rc run_task_delete(struct call *call, struct error *err)
{
    const struct write_options *o = call->values[0];
    const struct task_options *task = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    SCOPED_QUERY query =
        rest_query_of(rest_task_target(r, task->project, call->operands.items[0], ""));
    rest_query_add(&query, "reason", o->reason);
    write = write_of(call, HTTP_DELETE, buf_text(&query.text), "deleted");
    return task_write(r, &write, NULL, err);
}

enum rc run_task_trigger(struct call *call, struct error *err)
{
    const struct write_options *w = call->values[0];
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = begin_body(&body, call);
    struct action action = {":trigger", "triggered", NULL};

    TRY(rest_new(call, NULL, &r, err));
    if (o->payload != NULL)
        json_add_text(&j, "payload", o->payload);
    if (o->ignores_overlap)
        json_add_bool(&j, "ignore_overlap", true);
    json_close_object(&j);
    TRY(act(r, call, &action, &body, err));
    return w->waits ? execution_await(r, action.execution, w->is_json, err) : RC_OK;
}
