/*
 * verdict_records.c - the records of the log that a verdict rests on, as far as the tables know where they lie.
 */
#include "api/resources/telling.h"

static void add_record(const struct telling *t, const char *topic, int32_t partition,
                       int64_t offset, usec_t at, const char *text)
{
    if (t->out->record_count < VERDICT_RECORDS_MAX)
        t->out->records[t->out->record_count++] = (struct verdict_record){
            .topic = topic, .partition = partition, .offset = offset, .at = at, .text = text};
}

static void add_revision(const struct telling *t, const struct task_row *row)
{
    add_record(t, "tasks", t->s->partition, -1, row->received_at,
               arena_printf(t->memory, "revision %d, %s, in force from %s", (int)row->revision,
                            enum_name(&task_state_enum, row->state),
                            telling_when(t, row->effective_at)));
}

/* Of those that were to end it, only the first one did. */
static void add_commands(const struct telling *t)
{
    char id[UUID_TEXT];
    bool has_cancel = false;

    for (size_t i = 0; i < t->s->command_count; i++) {
        const struct command_place *c = &t->s->commands[i];
        bool is_cancel = c->kind == COMMAND_CANCEL_EXECUTION;

        if (is_cancel && has_cancel)
            continue;
        has_cancel |= is_cancel;
        if (c->kind >= 0)
            add_record(t, "commands", c->kafka_partition, c->kafka_offset, c->received_at,
                       arena_printf(t->memory, "%s %s%s", enum_name(&command_kind_enum, c->kind),
                                    uuid_to_text(c->command_id, id),
                                    telling_by(t, c->actor, c->reason)));
        if (c->outcome_offset >= 0)
            add_record(
                t, "tasks", c->outcome_partition, c->outcome_offset, c->outcome_at,
                arena_printf(t->memory, "outcome of command %s", uuid_to_text(c->command_id, id)));
    }
}

static void add_execution(const struct telling *t, const struct execution_row *e)
{
    char id[UUID_TEXT];

    if (e->created_at != 0)
        add_record(t, arena_printf(t->memory, "executions.%s", e->queue != NULL ? e->queue : ""),
                   t->s->partition, -1, e->created_at,
                   arena_printf(t->memory, "execution %s, revision %d",
                                uuid_to_text(e->execution_id, id), (int)e->revision));
    for (size_t i = 0; i < t->s->event_count; i++) {
        const struct event_row *v = &t->s->events[i];

        add_record(
            t, "status", v->kafka_partition, v->kafka_offset, v->received_at,
            arena_printf(t->memory, "%s%s, attempt %d, by %s%s", enum_name(&status_enum, v->status),
                         v->reason == REASON_NONE
                             ? ""
                             : arena_printf(t->memory, " (%s)", enum_name(&reason_enum, v->reason)),
                         (int)v->attempt, v->worker != NULL ? v->worker : "the scheduler",
                         v->moved ? "" : ": changed nothing"));
    }
}

void telling_records(const struct telling *t)
{
    const struct verdict *v = t->v;

    if (v->revision != NULL)
        add_revision(t, v->revision->row);
    if (t->s->pause != NULL &&
        (v->revision == NULL || t->s->pause->revision != v->revision->row->revision))
        add_revision(t, t->s->pause);
    if (v->other != NULL)
        add_revision(t, v->other->row);
    add_commands(t);
    if (v->gap != NULL)
        add_record(t, "tasks", t->s->partition, -1, v->gap->received_at,
                   arena_printf(t->memory, "gap of revision %d, %s, %s after %s up to %s",
                                (int)v->gap->revision, enum_name(&reason_enum, v->gap->reason),
                                telling_count(t, v->gap), telling_when(t, v->gap->from_at),
                                telling_when(t, v->gap->to_at)));
    if (v->execution != NULL)
        add_execution(t, v->execution);
}
