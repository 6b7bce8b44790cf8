#include <string.h>

#include "api/exchange/bind.h"
#include "api/exchange/write.h"
#include "api/resources/resources.h"
#include "model/spec.h"

static struct command *command_new(struct http_exchange *x, enum command_kind kind)
{
    struct command *c = arena_alloc(http_memory(x), sizeof *c);

    c->kind = kind;
    return c;
}

/* --- PUT --- */

/* The path says which task it is; the body may say so too, but nothing else. */
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
    return error_hint(err,
                      "leave key and project out of the body, or PUT to /v1/tasks/project~key");
}

static enum rc read_spec(struct api *api, struct http_exchange *x, struct task_spec **ret,
                         struct uuid *ret_id, struct error *err)
{
    struct task_ref path;

    TRY(param_task(x, &path, err));
    TRY(bind_spec(http_body(x), http_memory(x), ret, err));
    TRY(name_task(&path, *ret, err));
    spec_normalise(*ret);
    *ret_id = path.id;
    return spec_validate(*ret, api->zones, err);
}

void put_task(struct http_exchange *x, void *ctx)
{
    struct command *c = command_new(x, COMMAND_PUT_TASK);
    struct task_spec *spec;
    struct error err = {0};

    if (read_spec(api_of(ctx), x, &spec, &c->task_id, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    c->body.put_task.spec = *spec;
    write_command(api_of(ctx), x, c);
}

/* --- DELETE, and the actions --- */

static void write_action(struct http_exchange *x, void *ctx, enum command_kind kind)
{
    struct command *c = command_new(x, kind);
    struct task_ref task;
    struct error err = {0};

    if (param_task(x, &task, &err) != RC_OK ||
        bind_action(http_body(x), command_body_type(kind), http_memory(x), &c->body, &c->reason,
                    &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    c->task_id = task.id;
    if (c->reason == NULL)
        c->reason = http_query(x, "reason");
    if (command_check(c, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    write_command(api_of(ctx), x, c);
}

void delete_task(struct http_exchange *x, void *ctx)
{
    write_action(x, ctx, COMMAND_DELETE_TASK);
}

void pause_task(struct http_exchange *x, void *ctx)
{
    write_action(x, ctx, COMMAND_PAUSE_TASK);
}

void resume_task(struct http_exchange *x, void *ctx)
{
    write_action(x, ctx, COMMAND_RESUME_TASK);
}

void trigger_task(struct http_exchange *x, void *ctx)
{
    write_action(x, ctx, COMMAND_TRIGGER_TASK);
}
