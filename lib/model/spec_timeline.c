#include "model/spec_timeline.h"

#include <stdio.h>
#include <string.h>

#include "model/spec.h"

struct parts {
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    size_t schedule_count;
    struct calendar *calendars[TIMELINE_CALENDARS_MAX];
    size_t calendar_count;
    struct window *window;
};

static void parts_clear(struct parts *p)
{
    for (size_t i = 0; i < p->schedule_count; i++)
        schedule_free(p->schedules[i]);
    for (size_t i = 0; i < p->calendar_count; i++)
        calendar_free(p->calendars[i]);
    window_free(p->window);
}

/* --- errors --- */

static enum rc too_many(const char *member, size_t count, int max, struct error *err)
{
    (void)error_set(err, RC_INVALID, "%s: %zu are more than %d", member, count, max);
    if (err != NULL)
        (void)snprintf(err->pointer, sizeof err->pointer, "/%s", member);
    return RC_INVALID;
}

static enum rc point_at(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where the error is: its pointer, and before its text. */
static enum rc point_at(struct error *err, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return RC_INVALID;
    va_start(args, format);
    (void)vsnprintf(err->pointer, sizeof err->pointer, format, args);
    va_end(args);
    return error_prefix(err, "%s", err->pointer + 1);
}

/* --- schedules --- */

struct schedule_options spec_schedule_options(const struct schedule_spec *s, struct uuid task)
{
    return (struct schedule_options){.zone = s->zone,
                                     .dialect = s->dialect,
                                     .dst_gap = s->dst_gap,
                                     .dst_overlap = s->dst_overlap,
                                     .task = task};
}

static enum rc read_schedule(const struct schedule_spec *s, struct uuid task, struct zoneset *zones,
                             struct parts *p, struct error *err)
{
    const struct schedule_options options = spec_schedule_options(s, task);
    size_t index = p->schedule_count;
    struct zone *zone;

    if (schedule_parse(s->expression == NULL ? "" : s->expression, &options, zones, NULL,
                       &p->schedules[index], err) == RC_OK) {
        p->schedule_count++;
        return RC_OK;
    }
    if (s->zone != NULL && s->zone[0] != '\0' && zoneset_get(zones, s->zone, &zone, NULL) != RC_OK)
        return point_at(err, "/schedules/%zu/zone", index);
    return point_at(err, "/schedules/%zu/expression", index);
}

static enum rc read_schedules(const struct task_spec *spec, struct uuid task, struct zoneset *zones,
                              struct parts *p, struct error *err)
{
    if (spec->schedule_count > ARRAY_LEN(p->schedules))
        return too_many("schedules", spec->schedule_count, TIMELINE_SCHEDULES_MAX, err);
    for (size_t i = 0; i < spec->schedule_count; i++)
        TRY(read_schedule(&spec->schedules[i], task, zones, p, err));
    return RC_OK;
}

/* --- calendars and the window --- */

static enum rc read_rules(const struct calendar_spec *c, size_t index, struct calendar *calendar,
                          struct error *err)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        const struct calendar_rule *r = &c->rules[i];
        const char *kind = r->kind == NULL ? "" : r->kind;

        if (calendar_add(calendar, kind, r->value == NULL ? "" : r->value, err) != RC_OK)
            return point_at(err, "/calendars/%zu/rules/%zu/%s", index, i,
                            err != NULL && err->column == 0 ? "kind" : "value");
    }
    return RC_OK;
}

static enum rc read_calendars(const struct task_spec *spec, struct parts *p, struct error *err)
{
    if (spec->calendar_count > ARRAY_LEN(p->calendars))
        return too_many("calendars", spec->calendar_count, TIMELINE_CALENDARS_MAX, err);
    for (size_t i = 0; i < spec->calendar_count; i++) {
        p->calendars[p->calendar_count++] = calendar_new(spec->calendars[i].mode);
        TRY(read_rules(&spec->calendars[i], i, p->calendars[i], err));
    }
    return RC_OK;
}

static enum rc read_window(const struct task_spec *spec, struct zoneset *zones, struct parts *p,
                           struct error *err)
{
    const struct window_spec *w = spec->window;
    struct error why = {0};

    if (w == NULL || window_new(&(struct window_options){.from = w->from,
                                                         .until = w->until,
                                                         .daily_from = w->daily_from,
                                                         .daily_to = w->daily_to,
                                                         .zone = w->zone},
                                zones, &p->window, &why) == RC_OK)
        return RC_OK;
    (void)error_set(err, RC_INVALID, "window/%s", why.text); /* it begins with the member */
    (void)error_hint(err, "%s", why.hint);
    if (err != NULL)
        (void)snprintf(err->pointer, sizeof err->pointer, "/window%.40s", why.pointer);
    return RC_INVALID;
}

/* --- the whole --- */

static struct timeline *made_of(const struct parts *p, usec_t jitter, struct uuid task)
{
    return timeline_new(p->schedules, p->schedule_count,
                        &(struct timeline_options){.calendars = p->calendars,
                                                   .calendar_count = p->calendar_count,
                                                   .window = p->window,
                                                   .jitter = jitter,
                                                   .task = task});
}

static enum rc read_parts(const struct task_spec *spec, struct uuid task, struct zoneset *zones,
                          struct parts *p, struct error *err)
{
    TRY(read_schedules(spec, task, zones, p, err));
    TRY(read_calendars(spec, p, err));
    return read_window(spec, zones, p, err);
}

enum rc spec_timeline(const struct task_spec *spec, struct uuid task, struct zoneset *zones,
                      struct timeline **ret, struct error *err)
{
    struct parts p = {0};

    if (read_parts(spec, task, zones, &p, err) != RC_OK) {
        parts_clear(&p);
        return RC_INVALID;
    }
    *ret = made_of(&p, MIN(MAX(spec->jitter_ms, 0), SPEC_JITTER_MAX_MS) * USEC_PER_MS, task);
    return RC_OK;
}

/* The part of an expression that may hash: of those with an '@' that is only the days of "@every D from HH:MM to HH:MM on DAYS". */
static const char *hashing_part(const char *text)
{
    static const char blanks[] = " \t";
    int words_before = text[0] == '@' ? 7 : 0;

    while (words_before-- > 0) {
        text += strcspn(text, blanks);
        text += strspn(text, blanks);
    }
    return text;
}

/* Where an `H` is only part of a name it is taken for one that hashes: that costs a little, and is not wrong. */
bool spec_timeline_is_own(const struct task_spec *spec)
{
    if (spec->jitter_ms > 0)
        return true;
    for (size_t i = 0; i < spec->schedule_count; i++) {
        const char *text = spec->schedules[i].expression;

        if (text != NULL && strpbrk(hashing_part(text), "Hh~") != NULL)
            return true;
    }
    return false;
}

enum rc spec_schedules_timeline(const struct task_spec *spec, struct uuid task,
                                struct zoneset *zones, struct timeline **ret, struct error *err)
{
    struct parts p = {0};

    if (read_schedules(spec, task, zones, &p, err) != RC_OK) {
        parts_clear(&p);
        return RC_INVALID;
    }
    *ret = made_of(&p, 0, task);
    return RC_OK;
}
