#include "consumer/task_rows.h"

#include <string.h>

#include "base/json.h"
#include "model/record_json.h"
#include "store/values.h"

static const char *record_json(const struct record_type *type, const void *record,
                               struct arena *memory)
{
    SCOPED_BUF text = {0};
    struct json j = json_into(&text);

    record_to_json(&j, type, record);
    return arena_strndup(memory, buf_text(&text), text.len);
}

const char *labels_json(const struct pairs *labels, struct arena *memory)
{
    SCOPED_BUF text = {0};
    struct json j = json_into(&text);

    if (labels->count == 0)
        return NULL;
    json_open_object(&j);
    for (size_t i = 0; i < labels->count; i++)
        json_add_text(&j, labels->items[i].name, labels->items[i].value);
    json_close_object(&j);
    return arena_strndup(memory, buf_text(&text), text.len);
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

struct task_row task_row_of(const struct intake *in, struct arena *memory)
{
    const struct task_revision *r = in->record;

    return (struct task_row){
        .task_id = r->task_id,
        .command_id = r->command_id,
        .revision = r->revision,
        .state = (int32_t)r->state,
        .effective_at = instant_shown(r->effective_at),
        .received_at = in->message.timestamp,
        .kafka_offset = in->message.offset,
        .project = or_empty(r->spec.project),
        .key = or_empty(r->spec.key),
        .title = r->spec.title,
        .queue = r->spec.queue,
        .labels = labels_json(&r->spec.labels, memory),
        .spec = record_json(&task_spec_type, &r->spec, memory),
        .actor = r->actor,
        .reason = r->reason,
    };
}

struct command_row command_row_of(const struct intake *in, struct arena *memory)
{
    const struct command *r = in->record;

    return (struct command_row){
        .command_id = r->command_id,
        .task_id = r->task_id,
        .kind = (int32_t)r->kind,
        .expected_revision = r->expected_revision,
        .received_at = in->message.timestamp,
        .kafka_partition = in->message.partition,
        .kafka_offset = in->message.offset,
        .misplaced = in->is_misplaced,
        .actor = r->actor,
        .reason = r->reason,
        .body = record_json(record_type_of(RECORD_COMMAND), r, memory),
    };
}

struct command_row outcome_row_of(const struct intake *in)
{
    const struct command_outcome *r = in->record;

    return (struct command_row){
        .command_id = r->command_id,
        .task_id = r->task_id,
        .execution_id = r->execution_id,
        .received_at = in->message.timestamp,
        .kafka_partition = in->message.partition,
        .kafka_offset = in->message.offset,
        .misplaced = in->is_misplaced,
        .result = (int32_t)r->result,
        .code = (int32_t)r->code,
        .revision = r->revision,
        .message = r->message,
    };
}

struct skip_row skip_row_of(const struct intake *in)
{
    const struct command_outcome *r = in->record;

    return (struct skip_row){.task_id = r->task_id,
                             .skip_until = instant_shown(r->skip_until),
                             .kafka_offset = in->message.offset};
}

struct gap_row gap_row_of(const struct intake *in)
{
    const struct schedule_gap *r = in->record;

    return (struct gap_row){
        .task_id = r->task_id,
        .revision = r->revision,
        .reason = (int32_t)r->reason,
        .count = r->count,
        .from_at = instant_shown(r->from),
        .to_at = instant_shown(r->to),
        .received_at = in->message.timestamp,
        .more = r->more,
    };
}
