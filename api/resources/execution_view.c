#include "api/resources/execution_view.h"

#include "api/exchange/view.h"

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
    view_members(j, &execution_type, row, "created_attempt");
    if (row->started_at != 0 && row->finished_at != 0)
        json_add_int(j, "run_ms", execution_run_ms(row));
}
