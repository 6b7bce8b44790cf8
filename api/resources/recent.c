#include "api/resources/recent.h"

#include <stdlib.h>

struct strip {
    const struct recent_row *rows;
    size_t count;
};

static int by_task_newest_first(const void *a, const void *b)
{
    const struct recent_row *x = a, *y = b;
    int order = uuid_order(x->task_id, y->task_id);

    return order != 0 ? order : uuid_order(y->execution_id, x->execution_id);
}

struct recents recents_by_task(const struct read_page *page, struct arena *memory)
{
    struct recent_row *rows = page->rows;
    struct recents all = {{0}};
    struct strip *s = NULL;

    if (page->count > 0)
        qsort(rows, page->count, sizeof *rows, by_task_newest_first);
    for (size_t i = 0; i < page->count; i++) {
        if (s == NULL || uuid_order(s->rows->task_id, rows[i].task_id) != 0) {
            s = arena_alloc(memory, sizeof *s);
            *s = (struct strip){&rows[i], 0};
            map_put(&all.by_task, rows[i].task_id, s);
        }
        s->count++;
    }
    return all;
}

void recents_clear(struct recents *r)
{
    map_clear(&r->by_task);
}

const struct recent_row *recents_of(const struct recents *r, struct uuid task, size_t *ret_count)
{
    const struct strip *s = map_find(&r->by_task, task);

    *ret_count = s != NULL ? s->count : 0;
    return s != NULL ? s->rows : NULL;
}

void recent_member(struct json *j, const struct recent_row *rows, size_t count)
{
    json_key(j, "recent");
    json_open_array(j);
    for (size_t i = 0; i < MIN(count, (size_t)RECENT_SHOWN); i++) {
        json_open_object(j);
        json_add_uuid(j, "execution_id", rows[i].execution_id);
        json_add_text(j, "status", enum_name(&status_enum, rows[i].status));
        if (rows[i].started_at != 0 && rows[i].finished_at != 0)
            json_add_int(j, "run_ms", (rows[i].finished_at - rows[i].started_at) / USEC_PER_MS);
        json_close_object(j);
    }
    json_close_array(j);
}

void status_counts(struct json *j, const char *name, const int64_t counts[STATUS_COUNT])
{
    json_key(j, name);
    json_open_object(j);
    for (int s = 0; s < STATUS_COUNT; s++)
        if (counts[s] != 0)
            json_add_int(j, enum_name(&status_enum, s), counts[s]);
    json_close_object(j);
}
