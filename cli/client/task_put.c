/*
 * `cronobs task put`: a task made of options, or of a file that holds the API's TaskSpec.
 */
#include <string.h>

#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/client/task_limits.h"
#include "cli/client/task_patch.h"
#include "cli/client/task_policies.h"
#include "cli/client/task_then.h"
#include "cli/client/task_write.h"
#include "cli/shared/files.h"
#include "cli/shared/local_zone.h"
#include "model/record_json.h"
#include "model/spec.h"
#include "payload/shell_command.h"

enum { FILE_BYTES_MAX = 2 * SPEC_BYTES_MAX }; /* a task as JSON */

static enum rc split_label(const char *text, struct arena *memory, struct pair *ret,
                           struct error *err)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        return error_set(err, RC_INVALID, "--label: '%s' is not of the form name=value", text);
    *ret = (struct pair){.name = arena_strndup(memory, text, (size_t)(equals - text)),
                         .value = equals + 1};
    return RC_OK;
}

static enum rc add_labels(const struct put_options *o, struct arena *memory, struct task_spec *spec,
                          struct error *err)
{
    struct pair *labels = arena_alloc(memory, (o->labels.count + 1) * sizeof *labels);

    for (size_t i = 0; i < o->labels.count; i++) {
        TRY(split_label(o->labels.items[i], memory, &labels[i], err));
        for (size_t k = 0; k < i; k++)
            if (strcmp(labels[k].name, labels[i].name) == 0)
                return error_set(err, RC_INVALID, "--label: '%s' is given twice", labels[i].name);
    }
    spec->labels = (struct pairs){.items = labels, .count = o->labels.count};
    return RC_OK;
}

static void add_schedules(const struct put_options *o, struct arena *memory, struct task_spec *spec)
{
    struct schedule_spec *schedules =
        arena_alloc(memory, (o->schedules.count + 1) * sizeof *schedules);

    for (size_t i = 0; i < o->schedules.count; i++)
        schedules[i] = (struct schedule_spec){.expression = o->schedules.items[i],
                                              .zone = o->zone,
                                              .dialect = (enum dialect)o->dialect,
                                              .dst_gap = (enum dst_gap)o->dst_gap,
                                              .dst_overlap = (enum dst_overlap)o->dst_overlap};
    spec->schedules = schedules;
    spec->schedule_count = o->schedules.count;
}

/* --- payloads --- */

static struct bytes command_payload(const struct put_options *o, struct arena *memory)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_text(&j, "command", o->command);
    if (o->shell != NULL)
        json_add_text(&j, "shell", o->shell);
    json_close_object(&j);
    return (struct bytes){.data = arena_memdup(memory, out.data, out.len), .len = out.len};
}

static enum rc file_payload(const char *path, struct arena *memory, struct bytes *ret,
                            struct error *err)
{
    SCOPED_BUF text = {0};

    TRY(file_read(path, PAYLOAD_MAX_BYTES, &text, err));
    *ret = (struct bytes){.data = arena_memdup(memory, buf_text(&text), text.len), .len = text.len};
    return RC_OK;
}

static enum rc add_payload(const struct put_options *o, struct arena *memory,
                           struct task_spec *spec, struct error *err)
{
    spec->content_type = o->content_type;
    spec->payload = bytes_of(o->payload == NULL ? "" : o->payload);
    if (o->payload_file != NULL)
        TRY(file_payload(o->payload_file, memory, &spec->payload, err));
    if (o->command == NULL)
        return RC_OK;
    spec->payload = command_payload(o, memory);
    spec->content_type = SHELL_CONTENT_TYPE;
    return RC_OK;
}

/* --- the whole --- */

/* Key and project, from "key", "project~key". */
static enum rc name_spec(const char *task, const struct put_options *o, struct arena *memory,
                         struct task_spec *spec, struct error *err)
{
    const char *tilde = strchr(task, '~');
    struct uuid id;

    if (uuid_from_text(task, &id, NULL) == RC_OK)
        return error_set(err, RC_INVALID, "a task is made by its key, not by the id %s", task);
    spec->project =
        tilde == NULL ? o->project : arena_strndup(memory, task, (size_t)(tilde - task));
    spec->key = tilde == NULL ? task : tilde + 1;
    return RC_OK;
}

static enum rc spec_of_options(struct rest *r, const struct put_options *o, struct task_spec *ret,
                               struct error *err)
{
    const struct call *call = rest_call(r);

    *ret = (struct task_spec){.queue = o->queue, .title = o->title};
    TRY(policies_of_options(o, ret, err));
    TRY(add_labels(o, call->memory, ret, err));
    TRY(add_payload(o, call->memory, ret, err));
    add_schedules(o, call->memory, ret);
    TRY(then_of_options(o, call->memory, ret, err));
    return limits_of_options(r, o, ret, err);
}

/* --- a FILE --- */

/* What is wrong with a task in it the API tells. */
static enum rc read_task_file(const char *path, struct buf *out, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;

    TRY(file_read(path, FILE_BYTES_MAX, out, err));
    return json_doc_parse(buf_bytes(out), &doc, err) == RC_OK ? RC_OK
                                                              : error_prefix(err, "%s", path);
}

/* --- the request --- */

static enum rc whole_body(struct rest *r, const struct put_options *o, struct buf *out,
                          struct error *err)
{
    struct json j = json_into(out);
    struct task_spec spec;

    TRY(spec_of_options(r, o, &spec, err));
    TRY(name_spec(rest_call(r)->operands.items[0], o, rest_call(r)->memory, &spec, err));
    spec_normalise(&spec);
    record_to_json(&j, &task_spec_type, &spec);
    return RC_OK;
}

/* Over the revision that it was made from, so that nothing is lost which came in between. */
static enum rc patch_body(struct rest *r, const struct put_options *o, struct task_write *write,
                          struct buf *out, struct error *err)
{
    const struct call *call = rest_call(r);
    const struct rest_task task = {o->project, call->operands.items[0]};
    struct json_node current;
    struct task_spec spec;
    struct task_patch patch = {.call = call, .options = o, .given = &spec, .current = &current};

    if (rest_get(r, write->request.target, err) != RC_OK)
        return known_task_hint(r, &task, err);
    if (!json_node_member(rest_root(r), "spec", &current))
        return error_set(err, RC_INVALID, "the server's answer has no specification");
    TRY(spec_of_options(r, o, &spec, err));
    if (write->request.if_match == NULL)
        write->request.if_match = rest_number(r, rest_root(r), "revision");
    return task_patch_write(&patch, out, err);
}

static enum rc body_of(struct rest *r, const struct put_options *o, struct task_write *write,
                       struct buf *out, struct error *err)
{
    const struct call *call = rest_call(r);

    if (o->is_patch) {
        write->request.method = HTTP_PATCH;
        write->request.content_type = "application/merge-patch+json";
    }
    if (call->operands.count > 1)
        return read_task_file(call->operands.items[1], out, err);
    return o->is_patch ? patch_body(r, o, write, out, err) : whole_body(r, o, out, err);
}

enum rc run_task_put(struct call *call, struct error *err)
{
    const struct put_options *o = call->values[0];
    const struct rest_task task = {o->project, call->operands.items[0]};
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct task_write write = {.timeout_ms = o->timeout_ms,
                               .waits = o->waits,
                               .is_json = o->is_json,
                               .request = {.method = HTTP_PUT}};

    if (o->schedules.count > 0)
        local_zone_warn(o->schedules.items[0], o->zone);
    TRY(rest_new(call, NULL, &r, err));
    TRY(rest_task_target(r, &task, "", &write.request.target, err));
    if (call_has(call, "if.revision"))
        write.request.if_match = arena_printf(call->memory, "%d", o->if_revision);
    TRY(body_of(r, o, &write, &body, err));
    write.request.body = buf_bytes(&body);
    return task_write(r, &write, err);
}
