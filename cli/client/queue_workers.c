/*
 * `cronobs queue workers`: who works for a queue, as the history tells.
 */
#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "http/url.h"

static const char *progress_of(struct rest *r, const struct json_node *run)
{
    const char *percent = rest_number(r, run, "progress"),
               *text = rest_text(run, "progress_message");

    return arena_printf(rest_call(r)->memory, "%s%s%s%s", percent, *percent == '\0' ? "" : "%",
                        *percent == '\0' || *text == '\0' ? "" : " ", text);
}

/* run NULL: it has none. */
static void add_line(struct rest *r, struct table *t, const struct json_node *worker,
                     const struct json_node *run)
{
    static const struct json_node none = {0};
    const struct json_node *w = worker == NULL ? &none : worker, *e = run == NULL ? &none : run;

    table_add(t, rest_text(w, "worker"), rest_number(r, w, "finished"), rest_time(r, w, "since"),
              rest_time(r, w, "seen_at"), run == NULL ? "" : rest_key(r, e), rest_text(e, "status"),
              rest_time(r, e, "started_at"), progress_of(r, e), rest_text(e, "execution_id"));
}

/* A line a worker, with the first of its runs; one for each further run. */
static void add_worker(struct rest *r, struct table *t, const struct json_node *worker)
{
    struct json_node runs, run;
    bool has_runs = json_node_member(worker, "runs", &runs) && json_node_item(&runs, 0, &run);

    add_line(r, t, worker, has_runs ? &run : NULL);
    for (size_t i = 1; has_runs && json_node_item(&runs, i, &run); i++)
        add_line(r, t, NULL, &run);
}

static void print_workers(struct rest *r)
{
    SCOPED(table)
    struct table *t = table_new("WORKER", ">FINISHED", "SINCE", "LAST SEEN", "RUNS", "STATUS",
                                "STARTED", "PROGRESS", "EXECUTION");
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_worker(r, t, &item);
    rest_print_table(r, t, false);
    if (!rest_is_true(rest_root(r), "complete"))
        (void)fprintf(stderr,
                      "(what is older than %s, and the rest of what runs, was not looked at)\n",
                      rest_time(r, rest_root(r), "from"));
}

enum rc run_queue_workers(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const char *queue = call->operands.items[0];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF target = {0};

    TRY(rest_new(call, view->zone, &r, err));
    buf_add_text(&target, "/v1/queues/");
    url_escape(&target, queue);
    buf_add_text(&target, "/workers");
    if (rest_get(r, buf_text(&target), err) != RC_OK)
        return known_queue_hint(r, queue, err);
    if (view->is_json)
        rest_print_json(r);
    else
        print_workers(r);
    return RC_OK;
}
