#include "api/resources/why_load.h"

#include <string.h>

#include "api/broker/lag.h"
#include "api/exchange/answer.h"
#include "base/hash.h"
#include "store/read_executions.h"
#include "store/read_why.h"

enum { LATER_MAX = 5 };

/* True: x is answered, and what was loaded is gone. */
static bool failed(struct why_load *l, const struct read_page *page)
{
    struct revision_set *set = l->set;

    if (!answer_read_failed(l->x, page))
        return false;
    revision_set_free(set); /* l is gone with the answer */
    return true;
}

static struct read_reply reply(struct why_load *l, read_done_fn done)
{
    return (struct read_reply){http_memory(l->x), done, l};
}

/* --- how far everything goes --- */

static void take_marks(struct why_load *l, const struct read_page *progress)
{
    const struct broker_view *view = broker_look_whole(l->api->broker);
    int partition = partition_of(l->task, l->api->config->partitions);

    l->behind = -1;
    if (view == NULL)
        return;
    l->behind = partition_unstored(view, progress, partition);
    for (size_t i = 0; i < view->watermark_count; i++)
        if (view->watermarks[i].partition == partition)
            l->decided = MAX(l->decided, view->watermarks[i].due);
}

static void on_progress(void *ctx, const struct read_page *page)
{
    struct why_load *l = ctx;

    if (failed(l, page))
        return;
    take_marks(l, page);
    l->done(l->ctx);
}

static void on_start(void *ctx, usec_t start, const struct error *err)
{
    struct why_load *l = ctx;
    struct read_page page = {.rc = err != NULL ? RC_RETRY : RC_OK};

    if (err != NULL)
        page.err = *err;
    if (failed(l, &page))
        return;
    l->kept_from = start;
    read_progress(l->api->reads, reply(l, on_progress));
}

static void on_gaps(void *ctx, const struct read_page *page)
{
    struct why_load *l = ctx;

    if (failed(l, page))
        return;
    l->gap_rows = page->rows;
    l->gap_count = page->count;
    l->more_gaps = page->more;
    for (size_t i = 0; i < page->count; i++)
        l->decided = MAX(l->decided, l->gap_rows[i].to_at);
    read_history_start(l->api->reads, http_memory(l->x), on_start, l);
}

/* A task's instants are decided one after the other: one that was made tells that all before it were. */
static void on_later(void *ctx, const struct execution_page *page)
{
    struct why_load *l = ctx;
    const struct execution_row *rows = page->page.rows;

    if (failed(l, &page->page))
        return;
    for (size_t i = 0; i < page->page.count; i++)
        if (verdict_is_of_schedule(l->task, &rows[i]))
            l->decided = MAX(l->decided, rows[i].scheduled_at);
    read_gaps_over(l->api->reads, l->task, &(struct why_range){l->from, l->to, l->gaps},
                   reply(l, on_gaps));
}

/* --- what happened --- */

static void read_ascending(struct why_load *l, usec_t from, usec_t to, size_t limit,
                           executions_fn done)
{
    struct execution_filter filter = {.task = l->task, .from = from, .ascending = true};

    memset(filter.before.execution.b, 0xff, sizeof filter.before.execution.b);
    if (to != USEC_MAX)
        filter.before.execution = execution_id_floor(to);
    read_executions(l->api->reads, &filter, limit, http_memory(l->x), done, l);
}

static void on_executions(void *ctx, const struct execution_page *page)
{
    struct why_load *l = ctx;

    if (failed(l, &page->page))
        return;
    l->execution_rows = page->page.rows;
    l->execution_count = page->page.count;
    l->more_executions = page->page.more;
    read_ascending(l, l->to, USEC_MAX, LATER_MAX, on_later);
}

static void on_revisions(void *ctx, const struct read_page *page)
{
    struct why_load *l = ctx;

    if (failed(l, page))
        return;
    l->revision_rows = page->rows;
    l->more_revisions = page->more;
    l->set = revision_set_new(page->rows, page->count, l->api->zones);
    read_ascending(l, l->from, l->to, l->executions, on_executions);
}

void why_load(struct why_load *l)
{
    read_revisions_about(l->api->reads, l->task,
                         &(struct why_range){l->from, l->reads_on ? USEC_MAX : l->to, l->revisions},
                         reply(l, on_revisions));
}

struct verdict_facts why_facts(const struct why_load *l, usec_t at, usec_t span, usec_t now)
{
    return (struct verdict_facts){.task = l->task,
                                  .at = at,
                                  .span = span,
                                  .now = now,
                                  .revisions = l->set->items,
                                  .revision_count = l->set->count,
                                  .executions = l->execution_rows,
                                  .execution_count = l->execution_count,
                                  .gaps = l->gap_rows,
                                  .gap_count = l->gap_count,
                                  .decided = l->decided,
                                  .behind = l->behind,
                                  .kept_from = l->kept_from};
}
