/*
 * `cronobs execution ...`, `upcoming`, `command show`: what happened, and what is to come.
 */
#include "cli/client/executions.h"

#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/client/skips.h"
#include "model/enums.h"

enum { LOOK_AGAIN_MS = 300, COMMAND_WAIT_MS = 60000 };

enum rc execution_target(struct rest *r, const char *id, const char *suffix, const char **ret,
                         struct error *err)
{
    return rest_id_target(r, "/v1/executions", id, suffix, ret, err);
}

/* Prints a list of the last answer: each item by `add`. */
static void print_items(struct rest *r, struct table *t,
                        void (*add)(struct rest *r, struct table *t, const struct json_node *item))
{
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add(r, t, &item);
    rest_print_table(r, t, *rest_text(rest_root(r), "next") != '\0');
}

/* --- show --- */

static void add_if_any(struct table *t, const char *name, const char *value)
{
    if (*value != '\0')
        table_add(t, name, value);
}

static const char *progress_of(struct rest *r, const struct json_node *e)
{
    const char *percent = rest_number(r, e, "progress"), *what = rest_text(e, "progress_message");

    return arena_printf(rest_call(r)->memory, "%s%s%s%s", percent, *percent == '\0' ? "" : "%",
                        *percent == '\0' || *what == '\0' ? "" : " ", what);
}

static void print_times(struct rest *r, struct table *t, const struct json_node *e)
{
    table_add(t, "scheduled", rest_time(r, e, "scheduled_at"));
    if (rest_at(e, "due_at") != rest_at(e, "scheduled_at"))
        add_if_any(t, "due", rest_time(r, e, "due_at"));
    add_if_any(t, "started", rest_time(r, e, "started_at"));
    add_if_any(t, "finished", rest_time(r, e, "finished_at"));
    add_if_any(t, "run time", rest_duration(r, e, "run_ms"));
    if (!execution_has_ended(e))
        add_if_any(t, "progress", progress_of(r, e));
    add_if_any(t, "sign of life", rest_time(r, e, "heartbeat_at"));
}

static void print_execution(struct rest *r)
{
    const struct json_node *e = rest_root(r);
    SCOPED(table) struct table *t = table_new("execution", rest_text(e, "execution_id"));

    table_add(t, "task", rest_key(r, e));
    table_add(t, "status", rest_text(e, "status"));
    if (rest_is_true(e, "contradicted"))
        table_add(t, "but", "a report that came after the end says otherwise, see below");
    add_if_any(t, "reason", rest_text(e, "reason"));
    add_if_any(t, "message", rest_text(e, "message"));
    add_if_any(t, "exit code", rest_number(r, e, "exit_code"));
    table_add(t, "trigger", rest_text(e, "trigger"));
    add_if_any(t, "parent", rest_text(e, "parent_execution_id"));
    add_if_any(t, "blocked by", rest_text(e, "blocked_by"));
    print_times(r, t, e);
    add_if_any(t, "worker", rest_text(e, "worker"));
    table_add(t, "attempt", rest_number(r, e, "attempt"));
    add_if_any(t, "next attempt", rest_time(r, e, "next_attempt_at"));
    table_add(t, "revision", rest_number(r, e, "revision"));
    table_add(t, "queue", rest_text(e, "queue"));
    add_if_any(t, "payload", rest_text(e, "payload"));
    add_if_any(t, "result", rest_text(e, "result"));
    table_add(t, "times in", rest_zone(r));
    rest_print_table(r, t, false);
}

/* Reports are shown in the order of the log, in which the first that ends an execution ends it for good, or for an attempt. */
struct reports {
    const char *final; /* the status that ended it, once it has come; NULL: not yet */
    struct buf after;  /* in words, what a worker said of its end after that */
};

/* What a report changed nothing by; "" when it did. */
static const char *note_of(struct rest *r, struct reports *reports, const struct json_node *event)
{
    const char *status = rest_text(event, "status");
    int value;

    if (rest_is_true(event, "moved")) {
        bool is_final = enum_find(&status_enum, status, false, &value, NULL) == RC_OK &&
                        status_is_final((enum status)value);

        reports->final = is_final ? arena_strdup(rest_call(r)->memory, status) : NULL;
        return "";
    }
    if (reports->final == NULL || *rest_text(event, "worker") == '\0')
        return "changed nothing"; /* the scheduler writes what may hold before it knows */
    if (strcmp(status, reports->final) == 0)
        return "late: it had ended";
    buf_printf(&reports->after, "%s%s at %s", reports->after.len > 0 ? ", " : "", status,
               rest_time(r, event, "received_at"));
    return arena_printf(rest_call(r)->memory, "late: contradicts %s", reports->final);
}

static const char *status_of(struct rest *r, const struct json_node *event)
{
    const char *status = rest_text(event, "status"), *reason = rest_text(event, "reason");

    return *reason == '\0' ? status : arena_printf(rest_call(r)->memory, "%s (%s)", status, reason);
}

static void add_event(struct rest *r, struct table *t, struct reports *reports,
                      const struct json_node *event)
{
    const char *worker = rest_text(event, "worker");

    table_add(t, rest_time(r, event, "received_at"), status_of(r, event),
              rest_number(r, event, "attempt"), *worker == '\0' ? "scheduler" : worker,
              note_of(r, reports, event), rest_text(event, "message"));
}

static void print_events(struct rest *r)
{
    SCOPED(table)
    struct table *t = table_new("RECEIVED", "STATUS", ">ATTEMPT", "BY", "EFFECT", "MESSAGE");
    struct reports reports = {0};
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_event(r, t, &reports, &item);
    rest_print_table(r, t, *rest_text(rest_root(r), "next") != '\0');
    if (reports.after.len > 0)
        (void)fprintf(rest_call(r)->out, "\nIt stays %s; what was reported later: %s\n",
                      reports.final, buf_text(&reports.after));
    buf_clear(&reports.after);
}

enum rc run_execution_show(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const char *target, *id = call->operands.items[0];
    SCOPED(rest) struct rest *r = NULL;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(execution_target(r, id, "", &target, err));
    TRY(rest_get(r, target, err));
    if (view->is_json) {
        rest_print_json(r);
        return RC_OK;
    }
    print_execution(r);
    TRY(execution_target(r, id, "/events?limit=500", &target, err));
    TRY(rest_get(r, target, err));
    (void)fputc('\n', call->out);
    print_events(r);
    return RC_OK;
}

/* --- waiting --- */

bool execution_has_ended(const struct json_node *execution)
{
    int status;

    return enum_find(&status_enum, rest_text(execution, "status"), false, &status, NULL) == RC_OK &&
           status_is_final((enum status)status) && rest_at(execution, "next_attempt_at") == 0;
}

static enum rc judge(const struct rest *r, enum status end, struct error *err)
{
    const struct json_node *e = rest_root(r);
    const char *status = rest_text(e, "status"), *message = rest_text(e, "message");

    if (strcmp(status, enum_name(&status_enum, (int)end)) == 0)
        return RC_OK;
    return error_set(err, RC_CONFLICT, "%s%s%s", status, *message == '\0' ? "" : ": ", message);
}

static void print_end(struct rest *r)
{
    const char *time = rest_duration(r, rest_root(r), "run_ms");

    (void)fprintf(rest_call(r)->out, "%s%s%s\n", rest_text(rest_root(r), "status"),
                  *time == '\0' ? "" : " after ", time);
}

static enum rc goes_on(const char *id, struct error *err)
{
    (void)error_set(err, RC_RETRY, "the execution has not ended yet, it goes on");
    return error_hint(err, "cronobs execution show %s", id);
}

enum rc execution_await(struct rest *r, const char *id, struct awaited awaited, struct error *err)
{
    const char *target;
    enum rc rc;

    TRY(execution_target(r, id, "", &target, err));
    do {
        if (clock_monotonic() >= awaited.deadline)
            return goes_on(id, err);
        rest_pause(LOOK_AGAIN_MS);
        rc = rest_get_patiently(r, target, 0, awaited.deadline, err);
    } while (rc == RC_NOT_FOUND || (rc == RC_OK && !execution_has_ended(rest_root(r))));
    if (rc == RC_RETRY)
        return goes_on(id, err);
    TRY(rc);
    if (awaited.is_json)
        rest_print_json(r);
    else
        print_end(r);
    return judge(r, awaited.end, err);
}

/* --- upcoming --- */

static void add_instant(struct rest *r, struct table *t, const struct json_node *item)
{
    const char *dst = rest_text(item, "dst");

    table_add(t, rest_time(r, item, "due_at"), rest_key(r, item), rest_local(r, item, "local"),
              rest_text(item, "zone"), strcmp(dst, "NONE") == 0 ? "" : dst,
              skip_text(r, item, "yes"));
}

static enum rc upcoming_query(struct rest *r, const struct upcoming_options *o,
                              struct rest_query *ret, struct error *err)
{
    const struct rest_task task = {o->project == NULL ? "default" : o->project, o->task};
    const char *from, *to, *target = "/v1/upcoming";

    TRY(rest_range_end(r, "--from", o->from, &from, err));
    TRY(rest_range_end(r, "--to", o->to, &to, err));
    if (o->task != NULL)
        TRY(rest_task_target(r, &task, "/upcoming", &target, err));
    *ret = rest_query_of(target);
    rest_query_add(ret, "from", from);
    rest_query_add(ret, "to", to);
    rest_query_add_int(ret, "limit", o->limit);
    rest_query_add(ret, "project", o->task == NULL ? o->project : NULL);
    if (rest_get(r, buf_text(&ret->text), err) == RC_OK)
        return RC_OK;
    return o->task == NULL ? err->rc : known_task_hint(r, &task, err);
}

enum rc run_upcoming(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct upcoming_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED(table) struct table *t = NULL;
    SCOPED_QUERY query = {0};
    bool is_empty;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(upcoming_query(r, o, &query, err));
    is_empty = known_is_empty(r);
    t = table_new(arena_printf(call->memory, "DUE (%s)", rest_zone(r)), "TASK",
                  "ON THE SCHEDULE'S CLOCK", "ZONE", "CLOCK CHANGE", "SKIPPED");
    if (view->is_json)
        rest_print_json(r);
    if (is_empty && o->task == NULL)
        TRY(known_project(r, o->project, err));
    if (!view->is_json && is_empty)
        rest_print_table(r, t, false);
    else if (!view->is_json)
        print_items(r, t, add_instant);
    return RC_OK;
}

/* --- command show --- */

static void print_command(struct rest *r)
{
    const struct json_node *c = rest_root(r);
    SCOPED(table) struct table *t = table_new("command", rest_text(c, "command_id"));

    table_add(t, "what", rest_text(c, "kind"));
    table_add(t, "task id", rest_text(c, "task_id"));
    table_add(t, "received", rest_time(r, c, "received_at"));
    table_add(t, "result", rest_text(c, "result"));
    add_if_any(t, "code", rest_text(c, "code"));
    add_if_any(t, "message", rest_text(c, "message"));
    add_if_any(t, "revision", rest_number(r, c, "revision"));
    add_if_any(t, "execution", rest_text(c, "execution_id"));
    table_add(t, "times in", rest_zone(r));
    rest_print_table(r, t, false);
}

enum rc run_command_show(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct command_show_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    const char *target;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_id_target(r, "/v1/commands", call->operands.items[0], "", &target, err));
    TRY(rest_get_waiting(r, target, o->waits ? COMMAND_WAIT_MS : 0, err));
    while (o->waits && strcmp(rest_text(rest_root(r), "result"), "PENDING") == 0)
        TRY(rest_get_patiently(r, target, COMMAND_WAIT_MS, USEC_MAX, err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_command(r);
    return RC_OK;
}
