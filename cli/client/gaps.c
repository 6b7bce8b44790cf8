#include "cli/client/gaps.h"

#include <string.h>

#include "base/rfc3339.h"
#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"

enum { PAGE_GAPS = 500 };

/* --- one --- */

static const char *count_of(struct rest *r, const struct json_node *gap)
{
    int64_t count = rest_int(gap, "count", 0);

    return arena_printf(rest_call(r)->memory, "%lld%s", (long long)count,
                        rest_is_true(gap, "more") ? " or more" : "");
}

static struct gap gap_of(struct rest *r, const char *key, const struct json_node *item)
{
    struct arena *memory = rest_call(r)->memory;

    return (struct gap){.to = rest_at(item, "to_at"),
                        .to_text = rest_time(r, item, "to_at"),
                        .key = key,
                        .what = arena_printf(memory, "NOT FIRED (%s)", rest_text(item, "reason")),
                        .span = arena_printf(memory, "%s instant%s, after %s", count_of(r, item),
                                             rest_int(item, "count", 0) == 1 ? "" : "s",
                                             rest_time(r, item, "from_at"))};
}

/* --- of a range --- */

enum rc gap_range_of(struct rest *r, const char *day, const char *from, const char *to,
                     struct gap_range *ret, struct error *err)
{
    *ret = (struct gap_range){0, USEC_MAX};
    if (day != NULL)
        return rest_day(r, day, &ret->from, &ret->to, err);
    if (from != NULL)
        TRY(rfc3339_parse(from, &ret->from, err));
    return to == NULL ? RC_OK : rfc3339_parse(to, &ret->to, err);
}

/* false: all that follow are older than the range. */
static bool visit_page(struct rest *r, const char *key, const struct gap_range *range, gap_fn visit,
                       void *ctx)
{
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return false;
    for (size_t i = 0; json_node_item(&items, i, &item); i++) {
        const struct gap gap = gap_of(r, key, &item);

        if (gap.to < range->from)
            return false;
        if (rest_at(&item, "from_at") < range->to)
            visit(ctx, &gap);
    }
    return *rest_text(rest_root(r), "next") != '\0';
}

enum rc gaps_visit(struct rest *r, const struct rest_task *task, const struct gap_range *range,
                   gap_fn visit, void *ctx, struct error *err)
{
    const char *target, *cursor = NULL;
    bool goes_on;

    TRY(rest_task_target(r, task, "/gaps", &target, err));
    do {
        SCOPED_QUERY query = rest_query_of(target);

        rest_query_add_int(&query, "limit", PAGE_GAPS);
        rest_query_add(&query, "cursor", cursor);
        TRY(rest_get(r, buf_text(&query.text), err));
        goes_on = visit_page(r, task->name, range, visit, ctx);
        cursor = arena_strdup(rest_call(r)->memory, rest_text(rest_root(r), "next"));
    } while (goes_on);
    return RC_OK;
}

/* --- cronobs task gaps --- */

static void print_gaps(struct rest *r)
{
    SCOPED(table)
    struct table *t = table_new("FROM (AFTER)", "TO", ">INSTANTS", "WHY", ">REVISION");
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        table_add(t, rest_time(r, &item, "from_at"), rest_time(r, &item, "to_at"),
                  count_of(r, &item), rest_text(&item, "reason"),
                  rest_number(r, &item, "revision"));
    rest_print_table(r, t, *rest_text(rest_root(r), "next") != '\0');
}

enum rc run_task_gaps(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct task_options *task = call->values[1];
    const struct gap_options *o = call->values[2];
    const struct rest_task name = {task->project, call->operands.items[0]};
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_QUERY query = {0};
    const char *target;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(known_task(r, &name, err));
    TRY(rest_task_target(r, &name, "/gaps", &target, err));
    query = rest_query_of(target);
    rest_query_add_int(&query, "limit", o->limit);
    TRY(rest_get(r, buf_text(&query.text), err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_gaps(r);
    return RC_OK;
}
