#include "api/resources/timeline_of.h"

#include "api/exchange/bind.h"
#include "model/skip_next.h"
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

static struct next_run work_out(const struct task_row *row, struct zoneset *zones, usec_t after,
                                usec_t skip_until)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(timeline) struct timeline *t = NULL;
    struct next_run run = {.due = USEC_MAX};
    struct occurrence next;
    usec_t start;

    if (timeline_of_spec(row->spec, row->task_id, zones, memory, &t, NULL) != RC_OK)
        return run;
    start = timeline_start(t, row, after);
    run.skip_until = skip_next_count(t, start, skip_until) > 0 ? skip_until : 0;
    if (skip_next_find(t, start, run.skip_until, &next) == RC_OK)
        run.due = next.due;
    return run;
}

/* What is to be skipped changes without a revision: then nothing is remembered. */
struct next_run next_run_of(struct next_cache *cache, const struct task_row *row,
                            struct zoneset *zones, usec_t after, usec_t skip_until)
{
    struct next_run run = {.due = USEC_MAX};

    if (skip_until != 0)
        return work_out(row, zones, after, skip_until);
    if (next_cache_find(cache, row->task_id, row->revision, after, &run.due))
        return run;
    run = work_out(row, zones, after, 0);
    next_cache_put(cache, row->task_id, row->revision, after, run.due);
    return run;
}
