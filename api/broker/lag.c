#include "api/broker/lag.h"

#include <string.h>

enum { UNSTORED_AFTER_S = 60 }; /* four times as long as it takes them */

/* `state` is the scheduler's own; all other topics of the view are projected. */
static bool is_projected(const char *topic)
{
    return strcmp(topic, "state") != 0;
}

static int64_t next_offset(const struct read_page *progress, const char *topic, int partition)
{
    const struct progress_row *rows = progress->rows;

    for (size_t i = 0; i < progress->count; i++)
        if (rows[i].part == partition && strcmp(rows[i].topic, topic) == 0)
            return rows[i].next_offset;
    return 0;
}

void lag_of(const struct broker_view *view, const struct read_page *progress, struct arena *memory,
            struct lag *ret)
{
    struct topic_lag *last = NULL;

    *ret = (struct lag){.items = arena_alloc(memory, (view->place_count + 1) * sizeof *ret->items)};
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];
        int64_t behind = p->end - next_offset(progress, p->topic, p->partition);

        if (!is_projected(p->topic) || p->is_unreachable)
            continue;
        if (last == NULL || strcmp(last->topic, p->topic) != 0) {
            last = &ret->items[ret->count++];
            *last = (struct topic_lag){.topic = p->topic};
        }
        last->offsets += MAX(behind, 0);
        ret->total += MAX(behind, 0);
    }
}

int64_t partition_lag(const struct broker_view *view, const struct read_page *progress,
                      int partition)
{
    int64_t lag = 0;

    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];

        if (p->partition == partition && is_projected(p->topic) && !p->is_unreachable)
            lag += MAX(p->end - next_offset(progress, p->topic, partition), 0);
    }
    return lag;
}

int64_t unstored_seconds(const struct broker_view *view, const struct progress_row *row)
{
    if (row->silent_s < UNSTORED_AFTER_S)
        return 0;
    for (size_t i = 0; i < view->place_count; i++)
        if (view->places[i].partition == row->part &&
            strcmp(view->places[i].topic, row->topic) == 0)
            return row->silent_s;
    return 0;
}
