/*
 * `cronobs task put`: a task made of options, or of a file that holds the API's TaskSpec.
 */
#include <string.h>

#include "cli/client/options.h"
#include "cli/client/task_limits.h"
#include "cli/client/task_write.h"
#include "cli/shared/files.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/shell_command.h"
#include "model/record_json.h"
#include "model/spec.h"

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

    for (size_t i = 0; i < o->labels.count; i++)
        TRY(split_label(o->labels.items[i], memory, &labels[i], err));
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
    int given = (o->payload != NULL) + (o->payload_file != NULL) + (o->command != NULL);

    if (given > 1)
        return error_set(err, RC_INVALID,
                         "--payload, --payload-file and --command exclude each other");
    spec->content_type = o->content_type;
    spec->payload = bytes_of(o->payload == NULL ? "" : o->payload);
    if (o->payload_file != NULL)
        return file_payload(o->payload_file, memory, &spec->payload, err);
    if (o->command == NULL)
        return RC_OK;
    spec->payload = command_payload(o, memory);
    spec->content_type = SHELL_CONTENT_TYPE;
    return RC_OK;
}

/* --- the whole --- */

static bool has_options(const struct put_options *o)
{
    return o->schedules.count > 0 || o->labels.count > 0 || o->payload != NULL ||
           o->payload_file != NULL || o->command != NULL || o->title != NULL || o->zone != NULL ||
           o->excluded.count > 0 || o->only.count > 0 || o->jitter_ms > 0 || o->daily != NULL ||
           o->active_from != NULL || o->active_until != NULL;
}

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

static enum rc spec_of_options(struct rest *r, const char *task, const struct put_options *o,
                               struct buf *out, struct error *err)
{
    struct arena *memory = rest_call(r)->memory;
    struct task_spec spec = {.queue = o->queue,
                             .title = o->title,
                             .overlap = (enum overlap_policy)o->overlap,
                             .misfire = {.policy = (enum misfire_policy)o->misfire},
                             .jitter_ms = o->jitter_ms,
                             .run_timeout_ms = o->run_timeout_ms,
                             .start_deadline_ms = o->start_deadline_ms};
    struct json j = json_into(out);

    TRY(name_spec(task, o, memory, &spec, err));
    TRY(add_labels(o, memory, &spec, err));
    TRY(add_payload(o, memory, &spec, err));
    add_schedules(o, memory, &spec);
    TRY(limits_of_options(r, o, &spec, err));
    spec_normalise(&spec);
    record_to_json(&j, &task_spec_type, &spec);
    return RC_OK;
}

static enum rc body_of(struct rest *r, const struct put_options *o, struct buf *out,
                       struct error *err)
{
    const struct call *call = rest_call(r);

    if (call->operands.count == 1)
        return spec_of_options(r, call->operands.items[0], o, out, err);
    if (has_options(o))
        return error_set(err, RC_INVALID, "a FILE holds the whole task: no options beside it");
    return file_read(call->operands.items[1], FILE_BYTES_MAX, out, err);
}

enum rc run_task_put(struct call *call, struct error *err)
{
    const struct put_options *o = call->values[0];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct task_write write = {
        .timeout_ms = o->timeout_ms, .waits = o->waits, .is_json = o->is_json};

    if (o->schedules.count > 0)
        local_zone_warn(o->schedules.items[0], o->zone);
    TRY(rest_new(call, NULL, &r, err));
    TRY(body_of(r, o, &body, err));
    write.request =
        (struct rest_write){.method = HTTP_PUT,
                            .target = rest_task_target(r, o->project, call->operands.items[0], ""),
                            .body = buf_bytes(&body),
                            .if_match = o->if_revision};
    return task_write(r, &write, NULL, err);
}
