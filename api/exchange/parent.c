#include "api/exchange/parent.h"

#include "store/read_executions.h"
#include "store/read_tasks.h"

struct check {
    struct api *api;
    struct http_exchange *x;
    struct parent parent;
    struct read_page page;
    read_done_fn done;
    void *ctx;
};

static const char *const names[] = {[PARENT_TASK] = "task", [PARENT_EXECUTION] = "execution"};

static void on_parent(void *ctx, const struct read_page *page)
{
    struct check *c = ctx;
    const char *name = names[c->parent.kind];

    if (page->rc == RC_OK && page->count == 0)
        answer_not_found(c->x, name, http_param(c->x, name));
    else if (!answer_read_failed(c->x, page))
        c->done(c->ctx, &c->page);
}

static void on_page(void *ctx, const struct read_page *page)
{
    struct check *c = ctx;
    const struct read_reply reply = {http_memory(c->x), on_parent, c};

    if (page->rc != RC_OK || page->count > 0) {
        c->done(c->ctx, page);
        return;
    }
    c->page = *page;
    if (c->parent.kind == PARENT_TASK)
        read_task(c->api->reads, c->parent.id, reply);
    else
        read_execution(c->api->reads, c->parent.id, reply);
}

struct read_reply parent_reply(struct api *api, struct http_exchange *x, struct parent parent,
                               read_done_fn done, void *ctx)
{
    struct check *c = arena_alloc(http_memory(x), sizeof *c);

    *c = (struct check){.api = api, .x = x, .parent = parent, .done = done, .ctx = ctx};
    return (struct read_reply){http_memory(x), on_page, c};
}
