#include <string.h>

#include "api/exchange/bind.h"
#include "api/exchange/spec_body.h"
#include "api/exchange/write.h"
#include "api/resources/resources.h"
#include "api/resources/task_drafts.h"
#include "http/json_merge.h"
#include "model/spec.h"
#include "model/spec_refuse.h"
#include "payload/shell_command.h"
#include "store/read_tasks.h"

static struct command *command_new(struct http_exchange *x, enum command_kind kind)
{
    struct command *c = arena_alloc(http_memory(x), sizeof *c);

    c->kind = kind;
    return c;
}

/* --- PUT --- */

/* Only a draft waits for what was written before. */
static enum rc read_draft(const struct http_exchange *x, bool *ret, struct error *err)
{
    TRY(param_bool(x, "dry_run", ret, err));
    if (!*ret && http_query(x, "after_command") != NULL)
        return error_set(err, RC_INVALID, "after_command: it goes with dry_run=true");
    return RC_OK;
}

void put_task(struct http_exchange *x, void *ctx)
{
    struct command *c;
    struct task_spec *spec;
    struct task_ref path;
    struct error err = {0};
    bool is_draft = false;

    if (param_task(x, &path, &err) != RC_OK || read_draft(x, &is_draft, &err) != RC_OK ||
        spec_body_read(api_of(ctx), http_body(x), &path, http_memory(x), &spec, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    if (is_draft) {
        draft_task(api_of(ctx), x, path.id, spec);
        return;
    }
    c = command_new(x, COMMAND_PUT_TASK);
    c->task_id = path.id;
    c->body.put_task.spec = *spec;
    write_command(api_of(ctx), x, c);
}

/* --- PATCH --- */

struct change {
    struct command command; /* first: the way back */
    struct bytes patch;
};

static enum rc change_task(struct api *api, struct http_exchange *x, const struct task_row *task,
                           struct command *command, struct error *err)
{
    const struct change *change = (const struct change *)command;
    const struct task_ref path = {.id = task->task_id, .project = task->project, .key = task->key};
    SCOPED_BUF merged = {0};
    struct task_spec *spec;

    TRY(json_merge(bytes_of(task->spec), change->patch, BIND_BASE64, &merged, err));
    TRY(spec_body_read(api, buf_bytes(&merged), &path, http_memory(x), &spec, err));
    command->body.put_task.spec = *spec;
    return RC_OK;
}

void patch_task(struct http_exchange *x, void *ctx)
{
    struct change *c = arena_alloc(http_memory(x), sizeof *c);
    SCOPED_BUF patch = {0};
    SCOPED_BUF alone = {0};
    struct task_ref path;
    struct error err = {0};

    c->command.kind = COMMAND_PUT_TASK;
    if (param_task(x, &path, &err) != RC_OK ||
        json_merge(bytes_of("{}"), http_body(x), NULL, &alone, &err) != RC_OK ||
        json_canonical(http_body(x), &patch, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    c->command.task_id = path.id;
    c->patch = (struct bytes){arena_memdup(http_memory(x), patch.data, patch.len), patch.len};
    write_change(api_of(ctx), x, &c->command, c->patch, change_task);
}

/* --- DELETE, and the actions --- */

struct trigger_request {
    struct api *api;
    struct http_exchange *x;
    struct command *command;
};

/* A payload in place of one that is a shell's command has to be one, too. What the tables do not know, or cannot tell, is for the
   scheduler and the worker to say. */
static void on_triggered(void *ctx, const struct read_page *page)
{
    struct trigger_request *t = ctx;
    const struct task_row *task = page->rc == RC_OK && page->count > 0 ? page->rows : NULL;
    struct task_spec *spec = NULL;
    struct error err = {0};

    if (task != NULL && bind_spec(bytes_of(task->spec), http_memory(t->x), &spec, NULL) == RC_OK &&
        shell_command_check(spec->content_type, t->command->body.trigger_task.payload, &err) !=
            RC_OK)
        answer_error(t->x, &err);
    else
        write_command(t->api, t->x, t->command);
}

static void write_trigger(struct api *api, struct http_exchange *x, struct command *c)
{
    struct trigger_request *t = arena_alloc(http_memory(x), sizeof *t);

    *t = (struct trigger_request){api, x, c};
    read_task(api->reads, c->task_id, (struct read_reply){http_memory(x), on_triggered, t});
}

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
    if (kind == COMMAND_TRIGGER_TASK && c->body.trigger_task.chain != NULL) {
        (void)spec_refuse(&err, "/chain", "leave it out",
                          "chain: only a scheduler says what set a task off");
        answer_error(x, &err);
        return;
    }
    c->task_id = task.id;
    if (c->reason == NULL)
        c->reason = http_query(x, "reason");
    if (kind == COMMAND_TRIGGER_TASK && c->body.trigger_task.payload.data != NULL)
        write_trigger(api_of(ctx), x, c);
    else
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

void skip_next(struct http_exchange *x, void *ctx)
{
    write_action(x, ctx, COMMAND_SKIP_NEXT);
}
