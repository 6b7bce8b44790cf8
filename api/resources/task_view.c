#include "api/resources/task_view.h"

#include "api/exchange/bind.h"
#include "api/exchange/view.h"
#include "api/resources/timeline_of.h"
#include "base/clock.h"
#include "model/spec_timeline.h"

/* When it is due next, if the schedules of an active task have one. */
static void put_next(struct json *j, struct api *api, const struct task_row *row)
{
    usec_t next = row->state == TASK_ACTIVE ? next_due(api->next, row, api->zones, clock_realtime())
                                            : USEC_MAX;

    if (next != USEC_MAX)
        json_add_instant(j, "next_at", next);
}

void task_members(struct json *j, struct api *api, const struct task_row *row,
                  const struct pause_row *pause)
{
    view_members(j, &task_type, row, "labels spec kafka_offset");
    put_next(j, api, row);
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
