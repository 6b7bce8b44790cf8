#include "api/broker/lag.h"

#include <string.h>

#include "api/broker/places.h"

enum { UNSTORED_AFTER_S = 60 }; /* four times as long as it takes them */

/* `state` is the scheduler's own; all other topics of the view are projected. */
static bool is_projected(const char *topic)
{
    return strcmp(topic, "state") != 0;
}

static void index_progress(const struct read_page *progress, struct map *ret)
{
    struct progress_row *rows = progress->rows;

    for (size_t i = 0; i < progress->count; i++)
        map_put(ret, place_id(rows[i].topic, rows[i].part), &rows[i]);
}

static int64_t offsets_behind(const struct broker_place *p, const struct map *progress)
{
    const struct progress_row *row = map_find(progress, place_id(p->topic, p->partition));

    return MAX(p->end - (row == NULL ? 0 : row->next_offset), 0);
}

void lag_of(const struct broker_view *view, const struct read_page *progress, struct arena *memory,
            struct lag *ret)
{
    struct topic_lag *last = NULL;
    struct map rows = {0};

    *ret = (struct lag){.items = arena_alloc(memory, (view->place_count + 1) * sizeof *ret->items)};
    index_progress(progress, &rows);
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];
        int64_t behind;

        if (!is_projected(p->topic) || p->is_unreachable)
            continue;
        if (last == NULL || strcmp(last->topic, p->topic) != 0) {
            last = &ret->items[ret->count++];
            *last = (struct topic_lag){.topic = p->topic};
        }
        behind = offsets_behind(p, &rows);
        last->offsets += behind;
        ret->total += behind;
    }
    map_clear(&rows);
}

int64_t partition_lag(const struct broker_view *view, const struct read_page *progress,
                      int partition)
{
    struct map rows = {0};
    int64_t lag = 0;

    index_progress(progress, &rows);
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];

        if (p->partition == partition && is_projected(p->topic) && !p->is_unreachable)
            lag += offsets_behind(p, &rows);
    }
    map_clear(&rows);
    return lag;
}

static bool is_told(const char *topic)
{
    return strcmp(topic, "tasks") == 0 || strcmp(topic, "status") == 0 ||
           text_starts(topic, "executions.");
}

int64_t partition_unstored(const struct broker_view *view, const struct read_page *progress,
                           int partition)
{
    struct map rows = {0};
    int64_t unstored = 0, behind;

    index_progress(progress, &rows);
    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];

        if (p->partition != partition || !is_told(p->topic) || p->is_unreachable)
            continue;
        behind = offsets_behind(p, &rows);
        unstored += behind > 1 ? behind : 0;
    }
    map_clear(&rows);
    return unstored;
}

int64_t unstored_seconds(const struct broker_view *view, const struct progress_row *row)
{
    if (row->silent_s < UNSTORED_AFTER_S || broker_view_find(view, row->topic, row->part) == NULL)
        return 0;
    return row->silent_s;
}
