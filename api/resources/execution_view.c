#include "api/resources/execution_view.h"

#include "api/exchange/view.h"
#include "api/resources/running.h"
#include "store/read_executions.h"

void task_names(const struct read_page *page, struct map *ret)
{
    struct task_row *rows = page->rows;

    for (size_t i = 0; i < page->count; i++)
        map_put(ret, rows[i].task_id, &rows[i]);
}

void task_name_members(struct json *j, struct uuid id, const struct map *names)
{
    const struct task_row *task = map_find(names, id);

    if (task == NULL)
        return;
    json_add_text(j, "project", task->project);
    json_add_text(j, "key", task->key);
    if (task->title != NULL)
        json_add_text(j, "title", task->title);
}

int64_t execution_run_ms(const struct execution_row *row)
{
    return row->started_at != 0 && row->finished_at != 0
               ? (row->finished_at - row->started_at) / USEC_PER_MS
               : -1;
}

void execution_members(struct json *j, const struct execution_row *row, const struct map *names)
{
    task_name_members(j, row->task_id, names);
    view_members(j, &execution_type, row, EXECUTION_INNER);
    if (row->started_at != 0 && row->finished_at != 0)
        json_add_int(j, "run_ms", execution_run_ms(row));
}

/* --- how far it is --- */

void beats_need(struct read_pool *reads, const struct execution_row *rows, size_t count,
                struct read_reply reply)
{
    struct uuid *ids = arena_alloc(reply.memory, MAX(count, (size_t)1) * sizeof *ids);
    const struct read_page nothing = {.rc = RC_OK};
    size_t running = 0;

    for (size_t i = 0; i < count; i++)
        if ((RUNNING_STATUSES & (1u << rows[i].status)) != 0)
            ids[running++] = rows[i].execution_id;
    if (running == 0)
        reply.done(reply.ctx, &nothing);
    else
        read_heartbeats_of(reads, ids, running, reply);
}

const struct heartbeat_row *beat_of(const struct read_page *beats, const struct execution_row *row)
{
    const struct heartbeat_row *rows = beats->rows;

    for (size_t i = 0; i < beats->count; i++)
        if (uuid_equal(rows[i].execution_id, row->execution_id) &&
            uuid_equal(rows[i].task_id, row->task_id))
            return &rows[i];
    return NULL;
}

void progress_members(struct json *j, const struct execution_row *row,
                      const struct heartbeat_row *beat)
{
    if (beat == NULL || beat->attempt != row->attempt)
        return;
    if (beat->progress.is_set)
        json_add_int(j, "progress", beat->progress.value);
    if (beat->message != NULL)
        json_add_text(j, "progress_message", beat->message);
    json_add_instant(j, "heartbeat_at", beat->received_at);
}
