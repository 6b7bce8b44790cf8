/*
 * `cronobs task ...`: what is scheduled, shown and changed.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "cli/client/executions.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/client/skips.h"
#include "cli/client/task_limits.h"
#include "cli/client/task_policies.h"
#include "cli/client/task_then.h"
#include "cli/client/task_write.h"
#include "cli/client/words.h"
#include "model/enums.h"
#include "model/record_json.h"

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

/* "by api until 2027-01-01 00:00:00: moving house"; "" of one that is not paused. */
static const char *pause_of(struct rest *r, const struct json_node *task)
{
    struct json_node pause = {0};
    const char *reason, *until;

    if (!json_node_member(task, "paused", &pause))
        return "";
    reason = rest_text(&pause, "reason");
    until = rest_time(r, &pause, "until");
    return arena_printf(rest_call(r)->memory, "by %s%s%s%s%s", rest_text(&pause, "by"),
                        *until == '\0' ? "" : " until ", until, *reason == '\0' ? "" : ": ",
                        reason);
}

static void add_task(struct rest *r, struct table *t, const struct json_node *task)
{
    table_add(t, rest_key(r, task), rest_text(task, "state"), schedules_of(r, task),
              rest_text(task, "queue"), rest_time(r, task, "next_at"), rest_text(task, "title"),
              pause_of(r, task));
}

static void add_tasks(struct rest *r, struct table *t)
{
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_task(r, t, &item);
}

/* "team=web" or "team:web", as the API has it: no name has either in it. */
static enum rc label_of(struct rest *r, const char *typed, const char **ret, struct error *err)
{
    size_t len = typed == NULL ? 0 : strcspn(typed, "=:");

    *ret = NULL;
    if (typed == NULL)
        return RC_OK;
    if (len == 0 || typed[len] == '\0')
        return error_set(err, RC_INVALID, "--label: '%.100s' is not of the form NAME=VALUE", typed);
    *ret = arena_printf(rest_call(r)->memory, "%.*s:%s", (int)len, typed, typed + len + 1);
    return RC_OK;
}

static enum rc ask_tasks(struct rest *r, const struct task_list_options *o, struct error *err)
{
    static const struct words states = {"--state", &task_state_enum, "ALL", true};
    SCOPED_QUERY query = rest_query_of("/v1/tasks");
    const char *label;

    TRY(words_check(&states, o->state, err));
    TRY(label_of(r, o->label, &label, err));
    rest_query_add(&query, "project", o->project);
    rest_query_add(&query, "queue", o->queue);
    rest_query_add(&query, "state", o->state);
    rest_query_add(&query, "label", label);
    rest_query_add_int(&query, "limit", o->limit);
    return rest_get(r, buf_text(&query.text), err);
}

/* An empty list is an answer only about what there is. */
static enum rc check_names(struct rest *r, const struct task_list_options *o, struct error *err)
{
    TRY(known_project(r, o->project, err));
    return known_queue(r, o->queue, err);
}

enum rc run_task_list(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct task_list_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED(table)
    struct table *t = table_new("KEY", "STATE", "SCHEDULE", "QUEUE", "NEXT", "TITLE", "PAUSED");
    bool is_empty;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(ask_tasks(r, o, err));
    is_empty = known_is_empty(r);
    if (view->is_json)
        rest_print_json(r);
    else
        add_tasks(r, t);
    if (is_empty)
        TRY(check_names(r, o, err));
    if (!view->is_json)
        rest_print_table(r, t, !is_empty && *rest_text(rest_root(r), "next") != '\0');
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

/* "up to 2027-01-01 09:00:00, by api: moving house" */
static void print_skips(struct rest *r, struct table *t, const struct json_node *task)
{
    const char *until = rest_time(r, task, "skip_until");

    if (*until != '\0')
        table_add(t, "skipped",
                  skip_text(r, task, arena_printf(rest_call(r)->memory, "up to %s", until)));
}

/* By whom, why, and when it ends by itself. What the history has not read yet is left out. */
static void print_pause(struct rest *r, struct table *t, const struct json_node *task)
{
    struct json_node pause = {0};

    if (!json_node_member(task, "paused", &pause))
        return;
    table_add(t, "paused by", rest_text(&pause, "by"));
    if (*rest_text(&pause, "reason") != '\0')
        table_add(t, "why", rest_text(&pause, "reason"));
    table_add(t, "paused until",
              *rest_text(&pause, "until") == '\0' ? "it is resumed"
                                                  : rest_time(r, &pause, "until"));
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
    print_pause(r, t, task);
    print_skips(r, t, task);
    table_add(t, "next", rest_time(r, task, "next_at"));
    table_add(t, "queue", rest_text(task, "queue"));
    if (json_node_member(task, "spec", &spec)) {
        print_schedules(r, t, &spec);
        limits_print(r, t, &spec);
        print_labels(r, t, &spec);
        policies_print(r, t, &spec);
        then_print(r, t, task);
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
    const struct rest_task task = {o->project, call->operands.items[0]};
    SCOPED(rest) struct rest *r = NULL;
    const char *target;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_task_target(r, &task, "", &target, err));
    if (rest_get(r, target, err) != RC_OK)
        return known_task_hint(r, &task, err);
    if (view->is_json)
        rest_print_json(r);
    else
        print_task(r);
    return RC_OK;
}

/* --- delete, pause, resume, trigger, skip-next --- */

/* Sends it; a task that is not there is told with the nearest one that is. */
static enum rc act(struct rest *r, const char *suffix, struct task_write *write, struct error *err)
{
    const struct call *call = rest_call(r);
    const struct task_options *o = call->values[1];
    const struct rest_task task = {o->project, call->operands.items[0]};

    TRY(rest_task_target(r, &task, suffix, &write->request.target, err));
    if (task_write(r, write, err) == RC_OK)
        return RC_OK;
    return known_task_hint(r, &task, err);
}

enum rc run_task_pause(struct call *call, struct error *err)
{
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;
    const char *until;

    TRY(rest_new(call, NULL, &r, err));
    TRY(rest_instant(r, "--until", o->until, &until, err));
    if (until != NULL)
        json_add_text(&j, "until", until);
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, "paused");
    return act(r, ":pause", &write, err);
}

enum rc run_task_resume(struct call *call, struct error *err)
{
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    json_add_text(&j, "gap", enum_name(&resume_gap_enum, o->gap));
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, "resumed");
    return act(r, ":resume", &write, err);
}

enum rc run_task_delete(struct call *call, struct error *err)
{
    const struct write_options *o = call->values[0];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF none = {0};
    SCOPED_QUERY query = rest_query_of("");
    struct task_write write = task_write_of(call, HTTP_DELETE, &none, "deleted");

    TRY(rest_new(call, NULL, &r, err));
    rest_query_add(&query, "reason", o->reason);
    return act(r, buf_text(&query.text), &write, err);
}

enum rc run_task_trigger(struct call *call, struct error *err)
{
    const struct write_options *w = call->values[0];
    const struct action_options *o = call->values[2];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    if (o->payload != NULL)
        bytes_to_json(&j, "payload", bytes_of(o->payload));
    if (o->ignores_overlap)
        json_add_bool(&j, "ignore_overlap", true);
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, "triggered");
    TRY(act(r, ":trigger", &write, err));
    return w->waits
               ? execution_await(r, write.execution,
                                 (struct awaited){STATUS_SUCCEEDED, w->is_json, write.deadline},
                                 err)
               : RC_OK;
}

enum rc run_task_skip_next(struct call *call, struct error *err)
{
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, NULL);
    return act(r, ":skip-next", &write, err);
}
