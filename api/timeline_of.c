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
