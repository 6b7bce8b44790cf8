#include "model/schedule_notes.h"

#include "base/hash.h"
#include "model/schedule_json.h"
#include "model/spec_timeline.h"

struct notes {
    struct json *j;
    usec_t now;
    size_t schedule; /* at hand */
    size_t count;    /* of the kind at hand */
};

static void put_changes(struct notes *n, const struct schedule *s)
{
    struct clock_change change = {.at = n->now};
    usec_t until = schedule_year_after(n->now);

    while (n->count < SCHEDULE_NOTES_MAX &&
           schedule_next_change(s, change.at, until, &change) == RC_OK) {
        SCOPED_BUF text = {0};

        clock_change_describe(&change, &text);
        json_open_object(n->j);
        json_add_int(n->j, "schedule", (int64_t)n->schedule);
        json_add_instant(n->j, "at", change.at);
        json_add_text(n->j, "text", buf_text(&text));
        json_close_object(n->j);
        n->count++;
    }
}

static void put_lints(struct notes *n, const struct lints *lints)
{
    for (size_t i = 0; i < MIN(lints->count, ARRAY_LEN(lints->list)); i++) {
        const struct lint *lint = &lints->list[i];

        if (n->count++ >= SCHEDULE_NOTES_MAX)
            return;
        json_open_object(n->j);
        json_add_int(n->j, "schedule", (int64_t)n->schedule);
        json_add_text(n->j, "code", lint_code_name(lint->code));
        if (lint->column > 0)
            json_add_int(n->j, "column", lint->column);
        json_add_text(n->j, "text", lint->text);
        json_close_object(n->j);
    }
}

static void put_absent(struct json *j, const struct then_spec *then, size_t index)
{
    SCOPED_BUF pointer = {0};
    SCOPED_BUF text = {0};

    buf_printf(&pointer, "/then/%zu/task", index);
    buf_printf(&text, "there is no task %s~%s yet: until there is, it is not set off",
               then->project, then->task);
    json_open_object(j);
    json_add_text(j, "pointer", buf_text(&pointer));
    json_add_text(j, "code", "NO_SUCH_TASK");
    json_add_text(j, "text", buf_text(&text));
    json_close_object(j);
}

static void put_kind(struct notes *n, const struct task_spec *spec, struct zoneset *zones,
                     bool lints_wanted)
{
    struct uuid task = task_id_of(spec->project, spec->key);

    json_key(n->j, lints_wanted ? "lints" : "clock_changes");
    json_open_array(n->j);
    n->count = 0;
    for (n->schedule = 0; n->schedule < spec->schedule_count; n->schedule++) {
        const struct schedule_spec *one = &spec->schedules[n->schedule];
        struct schedule_options options = spec_schedule_options(one, task);
        SCOPED(schedule) struct schedule *s = NULL;
        struct lints lints = {0};

        options.now = n->now;
        if (schedule_parse(one->expression, &options, zones, &lints, &s, NULL) != RC_OK)
            continue; /* not covered: the spec was accepted with it */
        if (lints_wanted)
            put_lints(n, &lints);
        else
            put_changes(n, s);
    }
}

void schedule_notes_put(struct json *j, const struct task_spec *spec, struct zoneset *zones,
                        uint32_t absent, usec_t now)
{
    struct notes n = {.j = j, .now = now};

    put_kind(&n, spec, zones, false);
    json_close_array(j);
    put_kind(&n, spec, zones, true);
    for (size_t i = 0; i < spec->then_count; i++)
        if ((absent >> i & 1) != 0)
            put_absent(j, &spec->then[i], i);
    json_close_array(j);
}
