#include "api/resources/revision_set.h"

#include <stdlib.h>

#include "api/exchange/bind.h"
#include "model/spec_timeline.h"

/* What is scheduled up to its beginning is none of its. */
static bool begins(const struct task_row *row, const struct task_row *before)
{
    if (row->revision == 1)
        return true;
    return before != NULL && row->state == TASK_ACTIVE && before->state != TASK_ACTIVE;
}

static void read_timelines(struct verdict_revision *r, struct zoneset *zones)
{
    struct timeline *t = NULL;

    if (r->spec->schedule_count == 0 ||
        spec_timeline(r->spec, r->row->task_id, zones, &t, NULL) != RC_OK)
        return;
    r->timeline = t;
    t = NULL;
    if (spec_schedules_timeline(r->spec, r->row->task_id, zones, &t, NULL) == RC_OK)
        r->schedules = t;
}

struct revision_set *revision_set_new(const struct task_row *rows, size_t count,
                                      struct zoneset *zones)
{
    struct revision_set *s = xcalloc(1, sizeof *s);

    s->memory = arena_new(0);
    s->items = arena_alloc(s->memory, MAX(count, (size_t)1) * sizeof *s->items);
    s->count = count;
    for (size_t i = 0; i < count; i++) {
        struct verdict_revision *r = &s->items[i];
        struct task_spec *spec = NULL;

        r->row = &rows[i];
        r->begins = begins(&rows[i], i > 0 ? &rows[i - 1] : NULL);
        if (bind_spec(bytes_of(rows[i].spec), s->memory, &spec, NULL) != RC_OK)
            continue;
        r->spec = spec;
        read_timelines(r, zones);
    }
    return s;
}

void revision_set_free(struct revision_set *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++) {
        timeline_free(s->items[i].timeline);
        timeline_free(s->items[i].schedules);
    }
    arena_free(s->memory);
    free(s);
}
