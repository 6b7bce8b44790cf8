#include "scheduler/listening.h"

#include <stdlib.h>

#include "model/spec.h"
#include "scheduler/open.h"

enum { LOST_AFTER = SPEC_SILENT_AFTER, DOUBT_AFTER = LOST_AFTER / 2 }; /* intervals */

static usec_t intervals(const struct listening *l, int count)
{
    return count * spec_duration(MAX(l->open->now.heartbeat_ms, SPEC_HEARTBEAT_MIN_MS));
}

static bool is_about(const struct listening *l, const struct open_execution *e)
{
    return l->attempt == e->attempt && l->claimed_at == e->claimed_at &&
           uuid_equal(l->claimant, e->claimant);
}

static void trust(struct core *c, struct listening *l, usec_t heard_at)
{
    l->state = LISTENING_TRUSTS;
    l->heard_at = heard_at;
    l->sign_at = 0;
    heap_set(&c->listening, &l->node, heard_at == 0 ? 0 : heard_at + intervals(l, DOUBT_AFTER));
}

void listening_follow(struct core *c, struct open *o, usec_t now)
{
    const struct open_execution *e = &o->now;
    struct listening *l = o->listening;

    if (e->heartbeat_ms <= 0 || !open_has_started(e)) {
        listening_end(c, o);
        return;
    }
    if (l != NULL && is_about(l, e))
        return;
    if (l == NULL) {
        l = xcalloc(1, sizeof *l);
        l->node.id = o->node.id;
        l->open = o;
        o->listening = l;
    }
    l->claimant = e->claimant;
    l->attempt = e->attempt;
    l->claimed_at = e->claimed_at;
    trust(c, l, now);
}

void listening_end(struct core *c, struct open *o)
{
    if (o->listening == NULL)
        return;
    heap_remove(&c->listening, &o->listening->node);
    free(o->listening);
    o->listening = NULL;
}

/* Whose sign it is; NULL: nobody's who is listened to. */
static struct listening *find_signer(const struct core *c, const struct heartbeat *sign)
{
    const struct open *o = registry_find_open(c, sign->execution_id, sign->task_id);
    struct listening *l = o == NULL ? NULL : o->listening;

    if (l == NULL || l->attempt != sign->attempt ||
        !uuid_equal(l->claimant, sign->worker.incarnation))
        return NULL;
    return l;
}

void listening_take(struct core *c, usec_t at, struct bytes value)
{
    const struct heartbeat *sign;
    struct listening *l;

    if (c->listening.count == 0)
        return;
    sign = registry_read(c, RECORD_HEARTBEAT, value);
    l = sign == NULL ? NULL : find_signer(c, sign);
    if (l != NULL)
        l->sign_at = MAX(l->sign_at, at);
}

static void give_up(struct core *c, struct listening *l)
{
    l->state = LISTENING_SILENT;
    heap_remove(&c->listening, &l->node);
    heap_set(&c->deadlines, &l->open->node, open_next(l->open).at);
}

static void look(struct core *c, struct listening *l, usec_t now)
{
    if (l->heard_at == 0)
        trust(c, l, now);
    else if (l->sign_at > 0)
        trust(c, l, MAX(l->heard_at, MIN(l->sign_at, now)));
    else if (l->state == LISTENING_DOUBTS)
        give_up(c, l);
    else {
        l->state = LISTENING_DOUBTS;
        heap_set(&c->listening, &l->node,
                 MAX(l->heard_at + intervals(l, LOST_AFTER),
                     now + intervals(l, LOST_AFTER - DOUBT_AFTER)));
    }
}

void listening_heard(struct core *c, usec_t until, usec_t now)
{
    while (heap_first_due(&c->listening) <= until) /* the node is its first member */
        look(c, (struct listening *)heap_first(&c->listening), now);
}

void listening_anew(struct core *c)
{
    struct open *o;

    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL;) {
        if (o->listening == NULL)
            continue;
        trust(c, o->listening, 0);
        heap_set(&c->deadlines, &o->node, open_next(o).at);
    }
}

bool listening_is_silent(const struct open *o)
{
    return o->listening != NULL && o->listening->state == LISTENING_SILENT &&
           is_about(o->listening, open_seen(o));
}
