#include "scheduler/hearing.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const usec_t ASK_AGAIN = USEC_PER_SEC;
static const usec_t JUMP = 2 * USEC_PER_SEC;
/* a partition that nobody leads must not keep the others waiting */
static const usec_t GIVE_UP = 5 * USEC_PER_SEC;

void hearing_init(struct hearing *h, struct ownership *o)
{
    *h = (struct hearing){.ownership = o, .epoch = o->epoch};
    h->of = xcalloc((size_t)o->env->partitions, sizeof *h->of);
}

void hearing_clear(struct hearing *h)
{
    free(h->of);
    h->of = NULL;
}

static void forget(struct hearing *h)
{
    memset(h->of, 0, (size_t)h->ownership->env->partitions * sizeof *h->of);
    h->epoch = h->ownership->epoch;
}

static bool has_ends(const struct heard *heard)
{
    return heard->since != 0 && heard->status >= 0 && heard->heartbeats >= 0;
}

static void take_answers(struct hearing *h)
{
    const struct names *names = h->ownership->names;
    struct ends_answer a;

    while (ends_take(h->ends, 0, &a))
        if (a.rc == RC_OK)
            *(strcmp(a.topic, names->status) == 0 ? &h->of[a.partition].status
                                                  : &h->of[a.partition].heartbeats) = a.high;
}

static bool is_read(const struct owned *owned, const struct heard *heard)
{
    return owned->phase == PHASE_READY && has_ends(heard) &&
           owned->next[INPUT_STATUS] >= heard->status &&
           owned->next[INPUT_HEARTBEATS] >= heard->heartbeats;
}

/* What was asked for is read, and the claims in it are known. */
static void tell_core(struct hearing *h, int p, usec_t real)
{
    const struct owned *owned = &h->ownership->of[p];
    struct heard *heard = &h->of[p];

    if (!is_read(owned, heard))
        return;
    if (heard->taken < 0)
        heard->taken = core_statuses_taken(owned->core);
    if (core_statuses_decided(owned->core) < heard->taken)
        return;
    core_heard(owned->core, heard->since, real);
    heard->since = 0;
}

static bool is_wanted(const struct hearing *h, int p, usec_t real)
{
    const struct owned *owned = &h->ownership->of[p];

    return owned->phase == PHASE_READY && !has_ends(&h->of[p]) &&
           core_listens_at(owned->core) <= real;
}

static void ask(struct hearing *h, struct moment now)
{
    const struct ownership *o = h->ownership;
    struct bus_position *places = xcalloc(2 * (size_t)o->env->partitions, sizeof *places);
    struct error why = {0};
    size_t count = 0;

    for (int p = 0; p < o->env->partitions; p++) {
        if (!is_wanted(h, p, now.real))
            continue;
        h->of[p] = (struct heard){now.real, -1, -1, -1};
        places[count++] = (struct bus_position){.topic = o->names->status, .partition = p};
        places[count++] = (struct bus_position){.topic = o->names->heartbeats, .partition = p};
    }
    if (count > 0) {
        h->ask_at = now.mono + ASK_AGAIN;
        h->give_up_at = now.mono + GIVE_UP;
        if (ends_ask(h->ends, places, count, &why) != RC_OK)
            log_warn("could not ask for the ends of heartbeats, asking again", "why=\"%s\"",
                     why.text);
    }
    free(places);
}

/* How long somebody has been silent is a difference between two times of the realtime clock. */
static void look_at_clock(struct hearing *h, struct moment now)
{
    usec_t by = now.real - now.mono - h->difference;

    h->difference += by;
    if (by <= JUMP && by >= -JUMP)
        return;
    forget(h);
    for (int p = 0; p < h->ownership->env->partitions; p++)
        if (h->ownership->of[p].phase == PHASE_READY)
            core_listen_anew(h->ownership->of[p].core);
}

void hearing_step(struct hearing *h, struct moment now)
{
    if (h->epoch != h->ownership->epoch)
        forget(h);
    look_at_clock(h, now);
    take_answers(h);
    for (int p = 0; p < h->ownership->env->partitions; p++)
        tell_core(h, p, now.real);
    if (now.mono >= h->ask_at && (ends_open(h->ends) == 0 || now.mono >= h->give_up_at))
        ask(h, now);
}
