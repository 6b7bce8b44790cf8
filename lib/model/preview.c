#include "model/preview.h"

#include <stdlib.h>

#include "base/rfc3339.h"
#include "model/schedule_json.h"
#include "model/schedule_notes.h"
#include "model/spec_timeline.h"

#define HORIZON (366 * USEC_PER_DAY)

enum {
    LOOKS_A_STEP = 100,
    EXPLAINED = 10, /* instants of each schedule */
};

enum stage { STAGE_SCHEDULES, STAGE_NEXT, STAGE_LEFT_OUT, STAGE_NOTES, STAGE_DONE };

struct preview {
    struct preview_config config;
    struct timeline *due, *all; /* as it fires, and the schedules alone */
    enum stage stage;
    size_t schedule;            /* the next one to be explained */
    struct occurrence at, kept; /* of all; the first of due that is not earlier */
    bool has_kept;
    size_t looked, left_out;
};

enum rc preview_new(const struct preview_config *config, struct preview **ret, struct error *err)
{
    SCOPED(preview) struct preview *p = xcalloc(1, sizeof *p);

    p->config = *config;
    p->at.at = config->now;
    p->kept.at = config->now;
    TRY(spec_timeline(config->spec, config->task, config->zones, &p->due, err));
    TRY(spec_schedules_timeline(config->spec, config->task, config->zones, &p->all, err));
    *ret = TAKE(p);
    return RC_OK;
}

void preview_free(struct preview *p)
{
    if (p == NULL)
        return;
    timeline_free(p->due);
    timeline_free(p->all);
    free(p);
}

static struct json *open_list(struct preview *p, const char *name)
{
    json_key(p->config.json, name);
    json_open_array(p->config.json);
    return p->config.json;
}

/* --- schedules --- */

static void explain(struct preview *p, const struct schedule_spec *spec)
{
    struct schedule_options options = spec_schedule_options(spec, p->config.task);
    SCOPED(schedule) struct schedule *s = NULL;
    struct lints lints = {0};

    options.now = p->config.now;
    if (schedule_parse(spec->expression, &options, p->config.zones, &lints, &s, NULL) != RC_OK)
        return; /* not covered: its timeline was made of it */
    schedule_json(p->config.json, &(struct schedule_view){.expression = spec->expression,
                                                          .schedule = s,
                                                          .lints = &lints,
                                                          .from = p->config.now,
                                                          .count = EXPLAINED});
}

static enum stage step_schedules(struct preview *p)
{
    const struct task_spec *spec = p->config.spec;

    if (p->schedule == 0)
        (void)open_list(p, "schedules");
    if (p->schedule < spec->schedule_count)
        explain(p, &spec->schedules[p->schedule++]);
    if (p->schedule < spec->schedule_count)
        return STAGE_SCHEDULES;
    json_close_array(p->config.json);
    return STAGE_NEXT;
}

/* --- instants --- */

static void open_instant(struct preview *p, const struct occurrence *o)
{
    struct json *j = p->config.json;
    char text[RFC3339_TEXT];

    json_open_object(j);
    json_add_int(j, "schedule", o->schedule);
    json_add_instant(j, "at", o->at);
    json_add_text(j, "local", rfc3339_format_local(o->at, o->offset, text));
    json_add_text(j, "zone", timeline_zone(p->all, o));
}

static enum stage step_next(struct preview *p)
{
    struct json *j = open_list(p, "next");
    struct occurrence o = {.at = p->config.now};

    for (size_t i = 0; i < PREVIEW_NEXT_MAX && timeline_next(p->due, o.at, &o) == RC_OK; i++) {
        open_instant(p, &o);
        json_add_instant(j, "due_at", o.due);
        json_add_text(j, "dst", enum_name(&dst_enum, (int)o.dst));
        if (i < p->config.skip_count) {
            json_key(j, "skip");
            json_raw(j, p->config.skips[i]);
        }
        json_close_object(j);
    }
    json_close_array(j);
    return STAGE_LEFT_OUT;
}

static void put_left_out(struct preview *p)
{
    int by = timeline_left_out_by(p->due, &p->at);
    struct json *j = p->config.json;
    SCOPED_BUF pointer = {0};

    if (by == TIMELINE_OPEN)
        return; /* not covered: then it would be due */
    open_instant(p, &p->at);
    if (by == TIMELINE_WINDOW) {
        json_add_text(j, "by", "window");
        json_add_text(j, "pointer", "/window");
    } else {
        buf_printf(&pointer, "/calendars/%d", by);
        json_add_text(j, "by", p->config.spec->calendars[by].name);
        json_add_text(j, "pointer", buf_text(&pointer));
    }
    json_close_object(j);
    p->left_out++;
}

/* Is the instant at hand due? */
static bool is_kept(struct preview *p)
{
    while (p->has_kept && p->kept.at < p->at.at)
        p->has_kept = timeline_next(p->due, p->kept.at, &p->kept) == RC_OK;
    return p->has_kept && p->kept.at == p->at.at;
}

/* The next instant of the schedules; false: there is none that is of interest. */
static bool look_on(struct preview *p)
{
    struct occurrence next;

    if (p->left_out == PREVIEW_LEFT_OUT_MAX || p->looked == PREVIEW_LOOKED_AT_MAX)
        return false;
    if (timeline_next(p->all, p->at.at, &next) != RC_OK || next.at > p->config.now + HORIZON) {
        p->at.at = p->config.now + HORIZON;
        return false;
    }
    p->at = next;
    p->looked++;
    if (!is_kept(p))
        put_left_out(p);
    return true;
}

static bool leaves_out(const struct task_spec *spec)
{
    return spec->calendar_count > 0 || spec->window != NULL;
}

static enum stage step_left_out(struct preview *p)
{
    bool goes_on = leaves_out(p->config.spec);

    if (p->looked == 0) {
        (void)open_list(p, "left_out");
        p->has_kept = true;
    }
    for (int i = 0; goes_on && i < LOOKS_A_STEP; i++)
        goes_on = look_on(p);
    if (goes_on)
        return STAGE_LEFT_OUT;
    json_close_array(p->config.json);
    json_add_instant(p->config.json, "left_out_to",
                     leaves_out(p->config.spec) ? p->at.at : p->config.now + HORIZON);
    return STAGE_NOTES;
}

/* --- all of it --- */

static enum stage step_notes(struct preview *p)
{
    schedule_notes_put(p->config.json, p->config.spec, p->config.zones, p->config.absent,
                       p->config.now);
    return STAGE_DONE;
}

bool preview_step(struct preview *p)
{
    static enum stage (*const steps[])(struct preview * p) = {
        [STAGE_SCHEDULES] = step_schedules,
        [STAGE_NEXT] = step_next,
        [STAGE_LEFT_OUT] = step_left_out,
        [STAGE_NOTES] = step_notes,
    };

    if (p->stage != STAGE_DONE)
        p->stage = steps[p->stage](p);
    return p->stage != STAGE_DONE;
}
