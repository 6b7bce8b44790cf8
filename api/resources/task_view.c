#include "api/resources/task_view.h"

#include "api/exchange/bind.h"
#include "api/exchange/view.h"
#include "api/resources/timeline_of.h"
#include "base/clock.h"
#include "model/spec_timeline.h"

/* When it runs next by its schedules, and what is to be skipped before; a paused one may be resumed before that. */
static void put_next(struct json *j, struct api *api, const struct task_row *row,
                     const struct skips *skips)
{
    usec_t skip_until = skips_until(skips, row->task_id);
    struct next_run next;

    if (row->state == TASK_DELETED || (row->state == TASK_PAUSED && skip_until == 0))
        return;
    next = next_run_of(api->next, row, api->zones, clock_realtime(), skip_until);
    if (row->state == TASK_ACTIVE && next.due != USEC_MAX)
        json_add_instant(j, "next_at", next.due);
    if (next.skip_until == 0)
        return;
    json_add_instant(j, "skip_until", next.skip_until);
    skip_member(j, skips_wish(skips, row->task_id, 0));
}

void task_members(struct json *j, struct api *api, const struct task_row *row,
                  const struct task_more *more)
{
    const struct pause_row *pause = more->pause;

    view_members(j, &task_type, row, "labels spec kafka_offset");
    put_next(j, api, row, &more->skips);
    if (pause != NULL) {
        json_key(j, "paused");
        view_object(j, &pause_type, pause, "task_id");
    }
    json_key(j, "spec");
    json_raw(j, row->spec);
}

static void put_words(struct json *j, struct api *api, const struct schedule_spec *spec,
                      struct uuid task)
{
    const struct schedule_options options = spec_schedule_options(spec, task);
    SCOPED(schedule) struct schedule *s = NULL;
    SCOPED_BUF words = {0};

    if (spec->expression != NULL &&
        schedule_parse(spec->expression, &options, api->zones, NULL, &s, NULL) == RC_OK)
        schedule_describe(s, &words);
    json_text(j, buf_text(&words));
}

void task_words(struct json *j, struct api *api, const struct task_row *row)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct task_spec *spec = NULL;

    json_key(j, "words");
    json_open_array(j);
    if (bind_spec(bytes_of(row->spec), memory, &spec, NULL) == RC_OK)
        for (size_t i = 0; i < spec->schedule_count; i++)
            put_words(j, api, &spec->schedules[i], row->task_id);
    json_close_array(j);
}
