#include "api/resources/skips.h"

#include "api/exchange/view.h"
#include "model/spec.h"

enum { WISHES_MAX = 20 }; /* of a task; who has asked for those before is not said */

struct skips skips_of(const struct read_page *page)
{
    return (struct skips){page->rows, page->count};
}

/* With jitter an instant is due later than it is scheduled. */
void skips_read(struct api *api, const struct uuid *tasks, size_t count, usec_t now,
                struct read_reply reply)
{
    const struct skips_ask ask = {.tasks = tasks,
                                  .count = count,
                                  .after = now - spec_duration(SPEC_JITTER_MAX_MS),
                                  .each = WISHES_MAX};

    read_skips(api->reads, &ask, reply);
}

/* The task's first row: its newest wish. */
static size_t find(const struct skips *s, struct uuid task)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (uuid_order(s->rows[middle].task_id, task) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const struct skips *s, size_t row, struct uuid task)
{
    return row < s->count && uuid_equal(s->rows[row].task_id, task);
}

usec_t skips_until(const struct skips *s, struct uuid task)
{
    size_t row = find(s, task);

    return is_of(s, row, task) ? s->rows[row].skip_until : 0;
}

const struct skip_wish *skips_wish(const struct skips *s, struct uuid task, size_t later)
{
    size_t row = find(s, task);

    return later < s->count && is_of(s, row + later, task) ? &s->rows[row + later] : NULL;
}

void skip_object(struct json *j, const struct skip_wish *wish)
{
    static const struct skip_wish unknown = {.at = 0};

    view_object(j, &skip_wish_type, wish != NULL ? wish : &unknown, "task_id skip_until");
}

void skip_member(struct json *j, const struct skip_wish *wish)
{
    json_key(j, "skip");
    skip_object(j, wish);
}
