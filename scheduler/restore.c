#include "scheduler/restore.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/log.h"

enum { EVENTS_A_STEP = 5000 };
static const usec_t ASK_AGAIN = 20 * USEC_PER_MS;
static const usec_t ASK_AFTER_ERROR = 100 * USEC_PER_MS;

void restore_init(struct restore *r, struct ownership *o, struct bus_consumer *reader,
                  struct bus_admin *admin)
{
    *r = (struct restore){.ownership = o, .reader = reader, .admin = admin, .epoch = o->epoch};
    r->is_reading = xcalloc((size_t)o->env->partitions, sizeof *r->is_reading);
}

void restore_clear(struct restore *r)
{
    free(r->is_reading);
    r->is_reading = NULL;
}

bool restore_is_busy(const struct restore *r)
{
    return ownership_count(r->ownership, PHASE_STABLE, PHASE_CATCH_UP) > 0;
}

static void stop_reading(struct restore *r, int p)
{
    if (r->is_reading[p])
        bus_assign_remove(r->reader, r->ownership->names->state, p);
    r->is_reading[p] = false;
}

static void follow_ownership(struct restore *r)
{
    if (r->epoch == r->ownership->epoch)
        return;
    for (int p = 0; p < r->ownership->env->partitions; p++)
        stop_reading(r, p);
    r->epoch = r->ownership->epoch;
    r->is_asking = false;
    r->ask_at = 0;
}

/* --- step 1 --- */

static void ask(struct restore *r, usec_t mono)
{
    const struct ownership *o = r->ownership;
    size_t count = 0;
    int *partitions;

    if (r->is_asking || mono < r->ask_at || ownership_count(o, PHASE_STABLE, PHASE_STABLE) == 0)
        return;
    partitions = xcalloc((size_t)o->env->partitions, sizeof *partitions);
    for (int p = 0; p < o->env->partitions; p++)
        if (o->of[p].phase == PHASE_STABLE)
            partitions[count++] = p;
    bus_ask_stable_offsets(r->admin, o->names->group, o->names->commands, partitions, count,
                           (void *)o->epoch);
    r->is_asking = true;
    free(partitions);
}

static enum rc begin_state(struct restore *r, int p, usec_t mono, struct error *err)
{
    TRY(bus_assign_add(r->reader,
                       (struct bus_position){r->ownership->names->state, p, BUS_BEGINNING}, err));
    r->is_reading[p] = true;
    ownership_enter(&r->ownership->of[p], PHASE_STATE, mono);
    return RC_OK;
}

static void note_unstable(struct owned *p, usec_t mono)
{
    if (p->unstable_since == 0)
        p->unstable_since = mono;
}

enum rc restore_answer(struct restore *r, const struct bus_answer *answer, usec_t mono,
                       struct error *err)
{
    follow_ownership(r);
    if ((uintptr_t)answer->token != r->epoch)
        return RC_OK;
    r->is_asking = false;
    r->ask_at = mono + (answer->rc == RC_OK ? ASK_AGAIN : ASK_AFTER_ERROR);
    if (answer->rc != RC_OK)
        log_warn("could not ask for stable offsets, asking again", "why=\"%s\"", answer->err.text);
    for (size_t i = 0; i < answer->stable_count; i++) {
        struct owned *p = &r->ownership->of[answer->stable[i].partition];

        if (p->phase != PHASE_STABLE)
            continue;
        if (answer->stable[i].is_stable || fault_planted("restore-at-eof"))
            TRY(begin_state(r, answer->stable[i].partition, mono, err));
        else
            note_unstable(p, mono);
    }
    return RC_OK;
}

/* --- step 2 --- */

static void tell_strays(const struct core *c, const struct bus_event *e)
{
    const char *first;
    long count = core_strays(c, &first);

    if (count > 0)
        log_warn("records that nobody can use are passed over",
                 "topic=%s partition=%d count=%ld first=\"%s\"", e->topic, e->partition, count,
                 first);
}

static void end_of_state(struct restore *r, const struct bus_event *e, usec_t mono)
{
    struct owned *p = &r->ownership->of[e->partition];
    int64_t end = bus_high_watermark(r->reader, e->topic, e->partition);
    struct error why = {.rc = RC_OK};
    const char *first;
    enum rc rc;

    if (e->offset < end && !fault_planted("restore-at-eof")) {
        note_unstable(p, mono); /* the event comes again when the transaction has ended */
        return;
    }
    p->next[INPUT_HEARTBEATS] = BUS_END;
    rc = core_restored(p->core, p->next, &why);
    if (p->why[0] == '\0') /* not while it is only tried again */
        tell_strays(p->core, e);
    if (rc != RC_OK || (fault_planted("strays-stop") && core_strays(p->core, &first) > 0)) {
        ownership_stand(r->ownership, e->partition,
                        &(struct bus_position){e->topic, e->partition, core_trouble_at(p->core)},
                        why.text, mono);
    } else {
        for (int i = 0; i < INPUT_HEARTBEATS; i++)
            p->end[i] = -1;
        ownership_enter(p, PHASE_ADD, mono);
    }
    stop_reading(r, e->partition); /* at last: the event borrows from what is read */
}

static enum rc take_state(struct restore *r, const struct bus_event *e, usec_t mono,
                          struct error *err)
{
    if (e->kind == BUS_FAILED) {
        if (e->err.rc != RC_RETRY)
            return error_set(err, RC_FATAL, "%s", e->err.text);
        log_warn("could not read state, going on", "why=\"%s\"", e->err.text);
        return RC_OK;
    }
    if (!r->is_reading[e->partition])
        return RC_OK;
    if (e->kind == BUS_UNREADABLE) /* ours are never compressed: somebody else's */
        ownership_tell_unreadable(r->ownership, e, mono);
    else if (e->kind == BUS_EOF)
        end_of_state(r, e, mono);
    else
        core_restore(r->ownership->of[e->partition].core, e->offset, e->key, e->value);
    return RC_OK;
}

static enum rc read_state(struct restore *r, usec_t mono, struct error *err)
{
    struct bus_event e;

    for (int i = 0; i < EVENTS_A_STEP; i++) {
        bus_poll(r->reader, 0, &e);
        if (e.kind == BUS_NOTHING)
            break;
        TRY(take_state(r, &e, mono, err));
    }
    return RC_OK;
}

enum rc restore_step(struct restore *r, usec_t mono, struct error *err)
{
    follow_ownership(r);
    ownership_try_again(r->ownership, mono);
    ask(r, mono);
    TRY(read_state(r, mono, err)); /* also when there is nothing to read: errors wait there too */
    return ownership_add(r->ownership, mono, err);
}
