/*
 * `cronobs execution list`: what happened, and of one task also what did not: its gaps stand between the executions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "cli/client/gaps.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/client/words.h"
#include "model/enums.h"

enum { CELLS = 7 };

struct line { /* of the table */
    usec_t at;
    size_t order; /* as they came, where `at` is the same */
    const char *cells[CELLS + 1];
};

struct history {
    struct rest *r;
    const struct execution_list_options *options;
    struct rest_task task;
    struct gap_range range; /* of gaps that stand among the executions */
    struct line *lines;
    size_t count, capacity;
    bool has_more;
};

static void add_line(struct history *h, usec_t at, const char *const *cells)
{
    struct line line = {.at = at, .order = h->count};

    for (size_t i = 0; i < CELLS; i++)
        line.cells[i] = arena_strdup(rest_call(h->r)->memory, cells[i]);
    h->lines = array_grow(h->lines, h->count, &h->capacity, sizeof *h->lines);
    h->lines[h->count++] = line;
}

/* --- executions --- */

static const char *status_of(struct rest *r, const struct json_node *e)
{
    const char *status = rest_text(e, "status"), *reason = rest_text(e, "reason");
    const char *percent = rest_number(r, e, "progress"); /* of what runs */
    bool says_why = *reason != '\0' && strcmp(reason, "NONE") != 0 &&
                    strcmp(status, "SUCCEEDED") != 0 && strcmp(reason, "EXIT_CODE") != 0;

    if (*percent != '\0')
        return arena_printf(rest_call(r)->memory, "%s %s%%", status, percent);
    return arena_printf(rest_call(r)->memory, says_why ? "%s (%s)%s" : "%s%.0s%s", status, reason,
                        rest_is_true(e, "contradicted") ? " contradicted" : "");
}

static void add_execution(struct history *h, const struct json_node *e)
{
    struct rest *r = h->r;
    const char *const cells[CELLS] = {rest_time(r, e, "scheduled_at"),
                                      rest_key(r, e),
                                      status_of(r, e),
                                      rest_duration(r, e, "run_ms"),
                                      rest_number(r, e, "exit_code"),
                                      rest_text(e, "trigger"),
                                      rest_text(e, "execution_id")};

    add_line(h, rest_at(e, "scheduled_at"), cells);
}

static void take_executions(struct history *h)
{
    struct json_node items, item;

    if (!json_node_member(rest_root(h->r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_execution(h, &item);
    h->has_more = *rest_text(rest_root(h->r), "next") != '\0';
}

/* --- gaps --- */

static void add_gap(void *ctx, const struct gap *gap)
{
    struct history *h = ctx;
    const char *const cells[CELLS] = {gap->to_text, gap->key, gap->what, "", "", "", gap->span};

    add_line(h, gap->to, cells);
}

/* Those of the same time as the executions that are shown; a narrower question has none. */
static enum rc take_gaps(struct history *h, struct error *err)
{
    const struct execution_list_options *o = h->options;

    if (o->task == NULL || o->queue != NULL || o->status != NULL)
        return RC_OK;
    if (h->has_more && h->count > 0)
        h->range.from = h->lines[h->count - 1].at;
    return gaps_visit(h->r, &h->task, &h->range, add_gap, h, err);
}

static int newest_first(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (x->at != y->at)
        return x->at > y->at ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* --- the list --- */

static void print(struct history *h)
{
    SCOPED(table)
    struct table *t =
        table_new("SCHEDULED", "TASK", "STATUS", ">TIME", ">EXIT", "TRIGGER", "EXECUTION");

    if (h->count > 0)
        qsort(h->lines, h->count, sizeof *h->lines, newest_first);
    for (size_t i = 0; i < h->count; i++)
        table_add_row(t, h->lines[i].cells);
    rest_print_table(h->r, t, h->has_more);
}

static enum rc ask(struct history *h, struct error *err)
{
    static const struct words statuses = {"--status", &status_enum, "OPEN", true};
    const struct execution_list_options *o = h->options;
    const char *from, *to, *task = NULL, *zone = NULL;
    SCOPED_QUERY query = rest_query_of("/v1/executions");

    TRY(words_check(&statuses, o->status, err));
    TRY(rest_instant(h->r, "--from", o->from, &from, err));
    TRY(rest_instant(h->r, "--to", o->to, &to, err));
    TRY(gap_range_of(h->r, o->day, from, to, &h->range, err));
    if (o->day != NULL)
        TRY(rest_zone_name(h->r, &zone, err));
    if (o->task != NULL)
        TRY(rest_task_name(h->r, &h->task, &task, err));
    rest_query_add(&query, "task", task);
    rest_query_add(&query, "queue", o->queue);
    rest_query_add(&query, "status", o->status);
    rest_query_add(&query, "day", o->day);
    rest_query_add(&query, "tz", zone);
    rest_query_add(&query, "from", from);
    rest_query_add(&query, "to", to);
    rest_query_add_int(&query, "limit", o->limit);
    return rest_get(h->r, buf_text(&query.text), err);
}

/* An empty list is an answer only about what there is. */
static enum rc check_names(struct history *h, struct error *err)
{
    TRY(known_task(h->r, &h->task, err));
    return known_queue(h->r, h->options->queue, err);
}

static enum rc run(struct history *h, bool is_json, struct error *err)
{
    bool is_empty;

    TRY(ask(h, err));
    is_empty = known_is_empty(h->r);
    take_executions(h);
    if (is_json)
        rest_print_json(h->r);
    if (is_empty)
        TRY(check_names(h, err));
    if (is_json)
        return RC_OK;
    TRY(take_gaps(h, err));
    print(h);
    return RC_OK;
}

enum rc run_execution_list(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct execution_list_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    struct history h = {.options = o, .task = {o->project, o->task}};
    enum rc rc;

    TRY(rest_new(call, view->zone, &r, err));
    h.r = r;
    rc = run(&h, view->is_json, err);
    free(h.lines);
    return rc;
}
