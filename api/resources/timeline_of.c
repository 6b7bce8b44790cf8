#include "api/resources/timeline_of.h"

#include "api/exchange/bind.h"
#include "model/spec_timeline.h"

enum rc timeline_of_spec(const char *spec_json, struct uuid task, struct zoneset *zones,
                         struct arena *memory, struct timeline **ret, struct error *err)
{
    struct task_spec *spec;

    TRY(bind_spec(bytes_of(spec_json), memory, &spec, err));
    return spec_timeline(spec, task, zones, ret, err);
}

usec_t timeline_start(const struct timeline *t, const struct task_row *row, usec_t after)
{
    struct occurrence o;
    bool is_pending = timeline_prev(t, after + 1, &o) == RC_OK && o.due > after;

    if (!is_pending || (row->revision == 1 && o.at <= row->effective_at))
        return after;
    return o.at - 1;
}

static usec_t work_out(const struct task_row *row, struct zoneset *zones, usec_t after)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(timeline) struct timeline *t = NULL;
    struct occurrence next;

    if (timeline_of_spec(row->spec, row->task_id, zones, memory, &t, NULL) != RC_OK ||
        timeline_next(t, timeline_start(t, row, after), &next) != RC_OK)
        return USEC_MAX;
    return next.due;
}

usec_t next_due(struct next_cache *cache, const struct task_row *row, struct zoneset *zones,
                usec_t after)
{
    usec_t next;

    if (next_cache_find(cache, row->task_id, row->revision, after, &next))
        return next;
    next = work_out(row, zones, after);
    next_cache_put(cache, row->task_id, row->revision, after, next);
    return next;
}
