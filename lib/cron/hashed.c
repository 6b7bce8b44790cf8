/*
 * Values that a hash of the task and the field chooses: H and ~. Never random: every node agrees, every replay agrees.
 */
#include <string.h>

#include "base/hash.h"
#include "cron/term.h"

enum { HASHED_DAY_MAX = 28 };

/* A number below `span`, the same on every node for this task and field. */
static int hashed(const struct term *t, int span)
{
    const char *label = t->values->label;
    uint64_t hash = fnv1a(t->p->options->task.b, sizeof t->p->options->task.b, 0);

    hash = fnv1a(label, strlen(label), hash);
    return (int)((hash >> 32) * (uint64_t)span >> 32);
}

static enum rc check_hashable(const struct term *t, const char *at)
{
    if (t->field == FIELD_YEAR)
        return parse_fail(t->p, at, "", "year: a year is not hashed");
    if (uuid_is_nil(t->p->options->task))
        parse_lint(t->p, LINT_HASH_WITHOUT_TASK, at,
                   "%s: the value will be another one once the task has an id", t->values->label);
    return RC_OK;
}

/* Hashed days of a month stay where every month has them. */
static enum rc limit_hashed(const struct term *t, struct range *r)
{
    if (r->from > r->to)
        return parse_fail(t->p, r->at, "", "%s: %d-%d runs backwards", t->values->label, r->from,
                          r->to);
    if (t->field != FIELD_DAY)
        return RC_OK;
    if (r->from > HASHED_DAY_MAX)
        return parse_fail(t->p, r->at, "",
                          "day of month: a hashed day stays in 1-%d, %d is outside", HASHED_DAY_MAX,
                          r->from);
    r->to = MIN(r->to, HASHED_DAY_MAX);
    return RC_OK;
}

/* (a-b) */
static enum rc take_bounds(struct term *t, struct range *r)
{
    TRY(term_take_value(t, &r->from));
    if (!term_take(t, '-'))
        return term_unexpected(t);
    TRY(term_take_end(t, r->from, &r->to));
    return term_take(t, ')') ? RC_OK : term_unexpected(t);
}

enum rc hash_term(struct term *t)
{
    struct range r = {.at = t->at - 1, .from = t->values->min, .to = t->values->top, .step = 1};
    int span;

    if (term_is_vixie(t->p))
        return term_refuse(t, r.at, "H");
    TRY(check_hashable(t, r.at));
    if (term_take(t, '('))
        TRY(take_bounds(t, &r));
    TRY(limit_hashed(t, &r));
    span = r.to - r.from + 1;
    if (term_take(t, '/')) {
        TRY(term_take_step(t, &r.step));
        r.from += hashed(t, MIN(span, r.step));
    } else {
        r.from = r.to = r.from + hashed(t, span);
    }
    return term_finish(t, &r);
}

enum rc tilde_term(struct term *t, const char *at, int from)
{
    struct range r = {.at = at, .from = from, .to = t->values->top, .step = 1};

    TRY(check_hashable(t, at));
    if (t->at < t->end)
        TRY(term_take_end(t, from, &r.to));
    TRY(limit_hashed(t, &r));
    r.from = r.to = r.from + hashed(t, r.to - r.from + 1);
    return term_finish(t, &r);
}
