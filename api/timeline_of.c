#include "api/timeline_of.h"

#include "api/bind.h"

static enum rc parse_schedules(const struct task_spec *spec, struct uuid task,
                               struct zoneset *zones, struct schedule **ret, size_t *count,
                               struct error *err)
{
    for (; *count < spec->schedule_count; (*count)++) {
        const struct schedule_spec *s = &spec->schedules[*count];
        struct schedule_options options = {.zone = s->zone,
                                           .dialect = s->dialect,
                                           .dst_gap = s->dst_gap,
                                           .dst_overlap = s->dst_overlap,
                                           .task = task};

        TRY(schedule_parse(s->expression, &options, zones, NULL, &ret[*count], err));
    }
    return RC_OK;
}

enum rc timeline_of_spec(const char *spec_json, struct uuid task, struct zoneset *zones,
                         struct arena *memory, struct timeline **ret, struct error *err)
{
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    struct task_spec *spec;
    size_t count = 0;
    enum rc rc;

    TRY(bind_spec(bytes_of(spec_json), memory, &spec, err));
    if (spec->schedule_count > ARRAY_LEN(schedules))
        return error_set(err, RC_INVALID, "the task has %zu schedules, more than %d",
                         spec->schedule_count, TIMELINE_SCHEDULES_MAX);
    rc = parse_schedules(spec, task, zones, schedules, &count, err);
    if (rc == RC_OK) {
        *ret = timeline_new(schedules, count, NULL);
        return RC_OK;
    }
    while (count > 0)
        schedule_free(schedules[--count]);
    return rc;
}
