/*
 * `cronobs execution ...`, `upcoming`, `command show`: what happened, and what is to come.
 */
#include "cli/client/executions.h"

#include <string.h>
#include <time.h>

#include "base/rfc3339.h"
#include "base/table.h"
#include "cli/client/options.h"
#include "http/url.h"
#include "model/enums.h"

enum { LOOK_AGAIN_MS = 300, COMMAND_WAIT_MS = 60000 };

const char *execution_target(struct rest *r, const char *id, const char *suffix)
{
    SCOPED_BUF out = {0};

    buf_add_text(&out, "/v1/executions/");
    url_escape(&out, id);
    buf_add_text(&out, suffix);
    return arena_strdup(rest_call(r)->memory, buf_text(&out));
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

/* --- list --- */

static void add_execution(struct rest *r, struct table *t, const struct json_node *e)
{
    const char *status = rest_text(e, "status"), *reason = rest_text(e, "reason");
    bool says_why = *reason != '\0' && strcmp(reason, "NONE") != 0 &&
                    strcmp(status, "SUCCEEDED") != 0 && strcmp(reason, "EXIT_CODE") != 0;

    table_add(t, rest_time(r, e, "scheduled_at"), rest_key(r, e),
              says_why ? arena_printf(rest_call(r)->memory, "%s (%s)", status, reason) : status,
              rest_duration(r, e, "run_ms"), rest_number(r, e, "exit_code"),
              rest_text(e, "trigger"), rest_text(e, "execution_id"));
}

enum rc run_execution_list(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct execution_list_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED(table)
    struct table *t =
        table_new("SCHEDULED", "TASK", "STATUS", ">TIME", ">EXIT", "TRIGGER", "EXECUTION");
    SCOPED_QUERY query = rest_query_of("/v1/executions");
    const char *from, *to, *zone = NULL;

    TRY(rest_new(call, view->zone, &r, err));
    if (o->day != NULL)
        TRY(rest_zone_name(r, &zone, err));
    TRY(rest_instant(r, o->from, &from, err));
    TRY(rest_instant(r, o->to, &to, err));
    rest_query_add(&query, "task", o->task == NULL ? NULL : rest_task_name(r, o->project, o->task));
    rest_query_add(&query, "queue", o->queue);
    rest_query_add(&query, "status", o->status);
    rest_query_add(&query, "day", o->day);
    rest_query_add(&query, "tz", zone);
    rest_query_add(&query, "from", from);
    rest_query_add(&query, "to", to);
    rest_query_add_int(&query, "limit", o->limit);
    TRY(rest_get(r, buf_text(&query.text), err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_items(r, t, add_execution);
    return RC_OK;
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

static void add_event(struct rest *r, struct table *t, const struct json_node *event)
{
    const char *worker = rest_text(event, "worker");

    table_add(t, rest_time(r, event, "received_at"), rest_text(event, "status"),
              rest_number(r, event, "attempt"), *worker == '\0' ? "scheduler" : worker,
              rest_text(event, "message"));
}

enum rc run_execution_show(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const char *id = call->operands.items[0];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED(table) struct table *t = table_new("RECEIVED", "STATUS", ">ATTEMPT", "BY", "MESSAGE");

    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_get(r, execution_target(r, id, ""), err));
    if (view->is_json) {
        rest_print_json(r);
        return RC_OK;
    }
    print_execution(r);
    TRY(rest_get(r, execution_target(r, id, "/events?limit=200"), err));
    (void)fputc('\n', call->out);
    print_items(r, t, add_event);
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

enum rc execution_await(struct rest *r, const char *id, bool is_json, struct error *err)
{
    const char *target = execution_target(r, id, "");
    enum rc rc;

    do {
        look_again_later();
        rc = rest_get(r, target, err);
    } while (rc == RC_NOT_FOUND || (rc == RC_OK && !execution_has_ended(rest_root(r))));
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
static enum rc range_end(struct rest *r, const char *typed, const char **ret, struct error *err)
{
    char text[RFC3339_TEXT];
    usec_t at;

    TRY(rest_instant(r, typed, ret, err));
    if (*ret == NULL)
        return RC_OK;
    TRY(rfc3339_parse(*ret, &at, err));
    *ret = arena_strdup(rest_call(r)->memory, rfc3339_format(at - 1, text));
    return RC_OK;
}

enum rc run_upcoming(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct upcoming_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED(table) struct table *t = NULL;
    const char *from, *to, *project = o->project == NULL ? "default" : o->project;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(range_end(r, o->from, &from, err));
    TRY(range_end(r, o->to, &to, err));
    SCOPED_QUERY query = rest_query_of(
        o->task == NULL ? "/v1/upcoming" : rest_task_target(r, project, o->task, "/upcoming"));
    rest_query_add(&query, "from", from);
    rest_query_add(&query, "to", to);
    rest_query_add_int(&query, "limit", o->limit);
    rest_query_add(&query, "project", o->task == NULL ? o->project : NULL);
    TRY(rest_get(r, buf_text(&query.text), err));
    t = table_new(arena_printf(call->memory, "DUE (%s)", rest_zone(r)), "TASK",
                  "ON THE SCHEDULE'S CLOCK", "ZONE", "CLOCK CHANGE");
    if (view->is_json)
        rest_print_json(r);
    else
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
    SCOPED_BUF target = {0};

    buf_add_text(&target, "/v1/commands/");
    url_escape(&target, call->operands.items[0]);
    TRY(rest_new(call, view->zone, &r, err));
    do {
        TRY(rest_get_waiting(r, buf_text(&target), o->waits ? COMMAND_WAIT_MS : 0, err));
    } while (o->waits && strcmp(rest_text(rest_root(r), "result"), "PENDING") == 0);
    if (view->is_json)
        rest_print_json(r);
    else
        print_command(r);
    return RC_OK;
}
