#include "scheduler/tzdata.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/rfc3339.h"

enum { LINES_MAX = 100 };
static const usec_t LOOK_EVERY = 60 * USEC_PER_SEC;
static const usec_t LOOK_AGAIN = 5 * USEC_PER_SEC;

/* --- when --- */

bool tzdata_is_time(const struct tzdata_watch *w, usec_t mono)
{
    return mono >= w->look_at;
}

bool tzdata_look(struct tzdata_watch *w, usec_t mono, const char *in_use, const char *on_disk)
{
    bool is_other = !text_equal(in_use, on_disk);
    bool is_settled = is_other && text_equal(on_disk, w->seen);

    w->look_at = mono + (is_other && !is_settled ? LOOK_AGAIN : LOOK_EVERY);
    (void)snprintf(w->seen, sizeof w->seen, "%s", is_other && !is_settled ? on_disk : "");
    return is_settled;
}

/* --- what --- */

struct changes { /* of zones with other clocks, in order */
    const char **items;
    size_t count, capacity, gone;
};

static void note_fate(void *ctx, const char *name, enum zone_fate fate)
{
    struct changes *changed = ctx;

    if (fate == ZONE_GONE) {
        changed->gone++;
        log_warn("time zone is gone, its tasks keep its clocks until a restart", "zone=%s", name);
    }
    if (fate != ZONE_CHANGED)
        return;
    changed->items = array_grow(changed->items, changed->count, &changed->capacity, sizeof name);
    changed->items[changed->count++] = name;
}

static void take_up(struct tzdata *t)
{
    struct zoneset *old = t->env->zones;
    struct changes changed = {0};

    t->env->zones = zoneset_renewed(old, note_fate, &changed);
    log_info("tzdata was changed", "from=%s to=%s zones=%zu gone=%zu", zoneset_version(old),
             zoneset_version(t->env->zones), changed.count, changed.gone);
    for (int p = 0; p < t->env->partitions; p++)
        if (t->ownership->of[p].core != NULL)
            core_rezone(t->ownership->of[p].core, changed.items, changed.count);
    t->is_changing = true;
    t->moved = 0;
    free(changed.items);
    zoneset_free(old); /* timelines hold their zones themselves */
}

static bool is_rezoning(const struct tzdata *t)
{
    for (int p = 0; p < t->env->partitions; p++)
        if (t->ownership->of[p].core != NULL && core_is_rezoning(t->ownership->of[p].core))
            return true;
    return false;
}

void tzdata_step(struct tzdata *t, usec_t mono)
{
    char on_disk[TZDATA_VERSION_MAX];

    if (t->is_changing && !is_rezoning(t)) {
        t->is_changing = false;
        log_info("tasks follow the changed tzdata", "moved=%zu", t->moved);
    }
    if (!tzdata_is_time(&t->watch, mono))
        return;
    if (tzdata_look(&t->watch, mono, zoneset_version(t->env->zones),
                    zoneset_version_now(t->env->zones, on_disk)))
        take_up(t);
}

/* --- who --- */

static const char *instant(usec_t at, char text[RFC3339_TEXT])
{
    return at == USEC_MAX ? "never" : rfc3339_format(at, text);
}

void tzdata_tell(struct tzdata *t, const struct core_plan *plan)
{
    for (size_t i = 0; i < plan->moved_count; i++) {
        const struct core_moved *m = &plan->moved[i];
        char from[RFC3339_TEXT], to[RFC3339_TEXT];

        if (t->moved++ < LINES_MAX)
            log_info("next firing moved with tzdata", "task=%s project=%s from=%s to=%s", m->key,
                     m->project, instant(m->from, from), instant(m->to, to));
    }
}
