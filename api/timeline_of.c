#include "api/timeline_of.h"

#include "api/bind.h"
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
