#include "api/exchange/spec_body.h"

#include <string.h>

#include "api/exchange/bind.h"
#include "model/spec.h"
#include "payload/shell_command.h"

static enum rc name_task(const struct task_ref *path, struct task_spec *spec, struct error *err)
{
    if (path->key != NULL && spec->key == NULL)
        spec->key = path->key;
    if (path->project != NULL && spec->project == NULL)
        spec->project = path->project;
    if (spec->key == NULL ||
        uuid_equal(task_id_of(spec->project != NULL ? spec->project : "default", spec->key),
                   path->id))
        return RC_OK;
    error_set(err, RC_INVALID, "/key: \"%.200s\" of project \"%.200s\" is not the task in the path",
              spec->key, spec->project != NULL ? spec->project : "default");
    memcpy(err->pointer, "/key", sizeof "/key");
    return error_hint_http(
        err, "leave key and project out of the body, or PUT to /v1/tasks/project~key");
}

enum rc spec_body_read(struct api *api, struct bytes json, const struct task_ref *path,
                       struct arena *memory, struct task_spec **ret, struct error *err)
{
    struct task_spec *spec;

    TRY(bind_spec(json, memory, &spec, err));
    TRY(name_task(path, spec, err));
    spec_normalise(spec);
    TRY(spec_validate(spec, api->zones, err));
    TRY(shell_command_check(spec->content_type, spec->payload, err));
    *ret = spec;
    return RC_OK;
}
