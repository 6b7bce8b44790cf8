/*
 * `cronobs execution ...`, `upcoming`, `command show`: what happened, and what is to come.
 */
#include "cli/client/executions.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
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
    table_add(t, "scheduled", rest_time(r, e, "scheduled_at"));
    add_if_any(t, "started", rest_time(r, e, "started_at"));
    add_if_any(t, "finished", rest_time(r, e, "finished_at"));
    add_if_any(t, "run time", rest_duration(r, e, "run_ms"));
    add_if_any(t, "worker", rest_text(e, "worker"));
    table_add(t, "attempt", rest_number(r, e, "attempt"));
    table_add(t, "revision", rest_number(r, e, "revision"));
    table_add(t, "queue", rest_text(e, "queue"));
    add_if_any(t, "payload", rest_text(e, "payload"));
    add_if_any(t, "result", rest_text(e, "result"));
    table_add(t, "times in", rest_zone(r));
    rest_print_table(r, t, false);
}

/* Reports are shown in the order of the log, in which the first that ends an execution ends it for good. */
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
        if (enum_find(&status_enum, status, false, &value, NULL) == RC_OK &&
            status_is_final((enum status)value))
            reports->final = arena_strdup(rest_call(r)->memory, status);
        return "";
    }
    if (reports->final == NULL)
        return "changed nothing";
    if (strcmp(status, reports->final) == 0)
        return "late: it had ended";
    buf_printf(&reports->after, "%s%s at %s", reports->after.len > 0 ? ", " : "", status,
               rest_time(r, event, "received_at"));
    return arena_printf(rest_call(r)->memory, "late: contradicts %s", reports->final);
}

static void add_event(struct rest *r, struct table *t, struct reports *reports,
                      const struct json_node *event)
{
    const char *worker = rest_text(event, "worker");

    table_add(t, rest_time(r, event, "received_at"), rest_text(event, "status"),
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

static void look_again_later(void)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};

    (void)nanosleep(&pause, NULL);
}

bool execution_has_ended(const struct json_node *execution)
{
    int status;

    return enum_find(&status_enum, rest_text(execution, "status"), false, &status, NULL) == RC_OK &&
           status_is_final((enum status)status);
}

static enum rc judge(const struct rest *r, struct error *err)
{
    const struct json_node *e = rest_root(r);
    const char *status = rest_text(e, "status"), *message = rest_text(e, "message");

    if (strcmp(status, "SUCCEEDED") == 0)
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

enum rc execution_await(struct rest *r, const char *id, bool is_json, usec_t deadline,
                        struct error *err)
{
    const char *target;
    enum rc rc;

    TRY(execution_target(r, id, "", &target, err));
    do {
        if (clock_monotonic() >= deadline)
            return goes_on(id, err);
        look_again_later();
        rc = rest_get_patiently(r, target, 0, deadline, err);
    } while (rc == RC_NOT_FOUND || (rc == RC_OK && !execution_has_ended(rest_root(r))));
    if (rc == RC_RETRY)
        return goes_on(id, err);
    TRY(rc);
    if (is_json)
        rest_print_json(r);
    else
        print_end(r);
    return judge(r, err);
}

/* --- upcoming --- */

/* "2026-11-25T02:30:00+01:00" as "2026-11-25 02:30:00 +01:00". */
static const char *local_of(struct rest *r, const struct json_node *item)
{
    char *text = arena_strdup(rest_call(r)->memory, rest_text(item, "local"));
    char *t = strchr(text, 'T');

    if (t == NULL || strlen(t) < 9)
        return text;
    *t = ' ';
    return arena_printf(rest_call(r)->memory, "%.*s %s", (int)(t - text) + 9, text, t + 9);
}

static void add_instant(struct rest *r, struct table *t, const struct json_node *item)
{
    const char *dst = rest_text(item, "dst");

    table_add(t, rest_time(r, item, "due_at"), rest_key(r, item), local_of(r, item),
              rest_text(item, "zone"), strcmp(dst, "NONE") == 0 ? "" : dst);
}

/* The API's ranges of instants to come are (from, to], a person's [from, to): both ends a microsecond earlier. */
static enum rc range_end(struct rest *r, const char *option, const char *typed, const char **ret,
                         struct error *err)
{
    char text[RFC3339_TEXT];
    usec_t at;

    TRY(rest_instant(r, option, typed, ret, err));
    if (*ret == NULL)
        return RC_OK;
    TRY(rfc3339_parse(*ret, &at, err));
    *ret = arena_strdup(rest_call(r)->memory, rfc3339_format(at - 1, text));
    return RC_OK;
}

static enum rc upcoming_query(struct rest *r, const struct upcoming_options *o,
                              struct rest_query *ret, struct error *err)
{
    const struct rest_task task = {o->project == NULL ? "default" : o->project, o->task};
    const char *from, *to, *target = "/v1/upcoming";

    TRY(range_end(r, "--from", o->from, &from, err));
    TRY(range_end(r, "--to", o->to, &to, err));
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
                  "ON THE SCHEDULE'S CLOCK", "ZONE", "CLOCK CHANGE");
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
