#include "api/exchange/chain_check.h"

#include <stdio.h>

#include "model/spec.h"
#include "model/spec_refuse.h"
#include "store/read_chains.h"

struct check {
    struct http_exchange *x;
    const struct task_spec *spec;
    struct chain_checked then;
};

/* What follows as the n-th, from 1. */
static enum rc refuse_one(const struct check *c, int32_t n, const char *hint, const char *what,
                          struct error *err)
{
    char pointer[32];

    (void)snprintf(pointer, sizeof pointer, "/then/%d/task", (int)n - 1);
    return spec_refuse(err, pointer, hint, "%s: '%s' %s", pointer + 1, c->spec->then[n - 1].task,
                       what);
}

static enum rc judge(const struct check *c, const struct chain_row *row, struct error *err)
{
    if (row->circle > 0)
        return refuse_one(c, row->circle, "a schedule repeats a task, a retry an execution",
                          "leads back to this task: they would set each other off, again and again",
                          err);
    if (row->crowded > 0)
        return refuse_one(c, row->crowded, "let one task stand for several of them",
                          "is set off by 100 tasks already", err);
    if (row->above + row->below > SPEC_CHAIN_MAX)
        return spec_refuse(err, "/then", "do more in one task",
                           "then: the chain would be %s%d links long, more than %d",
                           row->below > SPEC_CHAIN_MAX || row->above > SPEC_CHAIN_MAX ? "at least "
                                                                                      : "",
                           (int)(row->above + row->below), SPEC_CHAIN_MAX);
    if (row->need > SPEC_SET_OFF_MAX)
        return spec_refuse(err, "/then",
                           "let fewer tasks follow each end, or do more in one of them",
                           "then: one execution of this chain could set off at least %d others, "
                           "counting each that follows as the one that leads on furthest; more "
                           "than %d",
                           (int)row->need, SPEC_SET_OFF_MAX);
    if (row->ways > READ_WAYS_MAX)
        return spec_refuse(err, "/then", "let fewer tasks follow each",
                           "then: more than %d ways lead on from here", READ_WAYS_MAX);
    return RC_OK;
}

static void on_chain(void *ctx, const struct read_page *page)
{
    struct check *c = ctx;
    struct error err = {0};

    if (answer_read_failed(c->x, page))
        return;
    if (judge(c, page->rows, &err) != RC_OK) {
        answer_error(c->x, &err);
        return;
    }
    *c->then.absent = (uint32_t)((const struct chain_row *)page->rows)->absent;
    c->then.go_on(c->then.ctx);
}

void chain_check(struct api *api, struct http_exchange *x, const struct task_spec *spec,
                 const struct chain_checked *then)
{
    static const struct chain_limits limits = {SPEC_CHAIN_MAX, SPEC_PARENTS_MAX, SPEC_SET_OFF_MAX};
    struct check *c;

    if (spec->then_count == 0) {
        *then->absent = 0;
        then->go_on(then->ctx);
        return;
    }
    c = arena_alloc(http_memory(x), sizeof *c);
    *c = (struct check){x, spec, *then};
    read_chain(api->reads, spec, &limits, (struct read_reply){http_memory(x), on_chain, c});
}
