#include "model/spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "model/backfill.h"
#include "model/spec_policies.h"
#include "model/spec_refuse.h"
#include "model/spec_timeline.h"
#include "model/tables.h"

enum { DAY_MS = 86400000, MINUTE_MS = 60000, DEFAULT_MISFIRE_LIMIT = 100 };

/* --- defaults --- */

static void default_text(const char **text, const char *fallback)
{
    if (*text == NULL || **text == '\0')
        *text = fallback;
}

static void default_long(int64_t *value, int64_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void default_int(int32_t *value, int32_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static int order_by_name(const void *a, const void *b)
{
    return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static bool limits_nothing(const struct window_spec *w)
{
    return w->from == 0 && w->until == 0 && w->daily_from == NULL && w->daily_to == NULL &&
           w->zone == NULL;
}

static void normalise_window(struct task_spec *spec)
{
    struct window_spec *w = spec->window;

    if (w == NULL)
        return;
    default_text(&w->daily_from, NULL);
    default_text(&w->daily_to, NULL);
    default_text(&w->zone, NULL);
    if (limits_nothing(w))
        spec->window = NULL;
}

static void normalise_calendars(struct task_spec *spec)
{
    for (size_t i = 0; i < spec->calendar_count; i++) {
        struct calendar_spec *c = &spec->calendars[i];

        default_text(&c->name, "");
        for (size_t n = 0; n < c->rule_count; n++) {
            default_text(&c->rules[n].kind, "");
            default_text(&c->rules[n].value, "");
        }
    }
}

void spec_normalise(struct task_spec *spec)
{
    default_text(&spec->project, "default");
    default_text(&spec->queue, "default");
    default_text(&spec->title, NULL);
    default_text(&spec->description, NULL);
    default_text(&spec->content_type, NULL);
    if (spec->payload.len == 0)
        spec->payload.data = NULL;
    for (size_t i = 0; i < spec->schedule_count; i++)
        default_text(&spec->schedules[i].zone, NULL);
    normalise_calendars(spec);
    normalise_window(spec);
    if (spec->labels.count > 1)
        qsort(spec->labels.items, spec->labels.count, sizeof(struct pair), order_by_name);

    default_long(&spec->misfire.after_ms, MINUTE_MS);
    default_long(&spec->misfire.window_ms, DAY_MS);
    default_int(&spec->misfire.limit, DEFAULT_MISFIRE_LIMIT);
    default_int(&spec->max_concurrency, 1);
    spec_normalise_policies(spec);
}

/* --- limits --- */

bool spec_name_is_valid(const char *name, size_t max)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = name == NULL ? 0 : strlen(name);

    return len > 0 && len <= max && strchr(first, name[0]) != NULL && strspn(name, rest) == len;
}

static enum rc check_name(const char *member, const char *name, int max, struct error *err)
{
    char pointer[16];

    if (spec_name_is_valid(name, (size_t)max))
        return RC_OK;
    (void)snprintf(pointer, sizeof pointer, "/%s", member);
    if (name == NULL || *name == '\0')
        return spec_refuse(err, pointer, "", "%s is missing", member);
    return spec_refuse(
        err, pointer, "a-z, 0-9, '.', '_' and '-'; the first a letter or digit",
        "%s: '%.60s' is not a name of at most %d lower-case letters, digits, '.', '_', '-'", member,
        name, max);
}

static enum rc check_length(const char *member, size_t len, size_t max, struct error *err)
{
    char pointer[32];

    if (len <= max)
        return RC_OK;
    (void)snprintf(pointer, sizeof pointer, "/%s", member);
    return spec_refuse(err, pointer, "", "%s: %zu bytes are more than %zu", member, len, max);
}

static size_t length_of(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

static enum rc check_content_type(const char *text, struct error *err)
{
    TRY(check_length("content_type", length_of(text), NAME_MAX_BYTES, err));
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        if (*at < 0x20 || *at > 0x7e)
            return spec_refuse(err, "/content_type", "as in application/json",
                               "content_type: is not ASCII");
    return RC_OK;
}

static enum rc check_names(const struct task_spec *spec, struct error *err)
{
    TRY(check_name("key", spec->key, SPEC_KEY_MAX, err));
    TRY(check_name("project", spec->project, SPEC_KEY_MAX, err));
    return check_name("queue", spec->queue, SPEC_QUEUE_MAX, err);
}

static enum rc check_texts(const struct task_spec *spec, struct error *err)
{
    size_t all = record_weight(&task_spec_type, spec);

    TRY(check_length("title", length_of(spec->title), SPEC_TITLE_MAX, err));
    TRY(check_content_type(spec->content_type, err));
    TRY(check_length("payload", spec->payload.len, PAYLOAD_MAX_BYTES, err));
    if (all > SPEC_BYTES_MAX)
        return spec_refuse(err, "", "keep large inputs elsewhere and name them in the payload",
                           "the task: %zu bytes in all are more than %d", all, SPEC_BYTES_MAX);
    return RC_OK;
}

static enum rc check_label(const struct pair *label, const struct pair *before, struct error *err)
{
    size_t len = strlen(label->name) + strlen(label->value);

    if (label->name[0] == '\0')
        return spec_refuse(err, "/labels", "", "labels: a label without a name");
    if (len > LABEL_MAX_BYTES)
        return spec_refuse(err, "/labels", "name and value together",
                           "labels: %zu bytes of '%.60s' are more than %d", len, label->name,
                           LABEL_MAX_BYTES);
    if (before != NULL && text_equal(before->name, label->name))
        return spec_refuse(err, "/labels", "", "labels: '%.60s' is there twice", label->name);
    return RC_OK;
}

enum rc spec_check_labels(const struct pairs *labels, struct error *err)
{
    if (labels->count > LABELS_MAX)
        return spec_refuse(err, "/labels", "", "labels: %zu are more than %d", labels->count,
                           LABELS_MAX);
    for (size_t i = 0; i < labels->count; i++)
        TRY(check_label(&labels->items[i], i == 0 ? NULL : &labels->items[i - 1], err));
    return RC_OK;
}

/* clang-format off */
static const struct range {
    const char *pointer;
    size_t offset;
    bool is_int;        /* int32_t; else int64_t milliseconds */
    int64_t min, max;
    const char *hint;
} ranges[] = {
#define DURATION(member, low, text) {"/" #member, offsetof(struct task_spec, member), false, low, SPEC_DURATION_MAX_MS, text}
#define NUMBER(member, low, high, text) {"/" #member, offsetof(struct task_spec, member), true, low, high, text}
    {"/jitter_ms", offsetof(struct task_spec, jitter_ms), false, 0, SPEC_JITTER_MAX_MS, "milliseconds, at most a day; 0: none"},
    {"/misfire/after_ms", offsetof(struct task_spec, misfire.after_ms), false, 1, SPEC_DURATION_MAX_MS, "milliseconds; 0 or absent: 60000"},
    {"/misfire/window_ms", offsetof(struct task_spec, misfire.window_ms), false, 1, SPEC_DURATION_MAX_MS, "milliseconds; 0 or absent: 86400000"},
    {"/misfire/limit", offsetof(struct task_spec, misfire.limit), true, 1, SPEC_MISFIRE_LIMIT_MAX, "0 or absent: 100"},
    NUMBER(max_concurrency, 1, SPEC_CONCURRENCY_MAX, "0 or absent: 1"),
    {"/retry/max_attempts", offsetof(struct task_spec, retry.max_attempts), true, 1, SPEC_ATTEMPTS_MAX, "0 or absent: 1, no retry"},
    {"/retry/first_delay_ms", offsetof(struct task_spec, retry.first_delay_ms), false, 0, SPEC_DURATION_MAX_MS, "milliseconds; 0 or absent: 60000"},
    {"/retry/max_delay_ms", offsetof(struct task_spec, retry.max_delay_ms), false, 0, SPEC_DURATION_MAX_MS, "milliseconds; 0 or absent: an hour"},
    {"/retry/jitter_ms", offsetof(struct task_spec, retry.jitter_ms), false, 0, SPEC_JITTER_MAX_MS, "milliseconds, at most a day; 0: none"},
    DURATION(start_deadline_ms, 0, "milliseconds; 0 or absent: none, or a day where overlap is not ALLOW"),
    DURATION(run_timeout_ms, 0, "milliseconds; 0 or absent: none, or a day where overlap is not ALLOW"),
    DURATION(finish_by_ms, 0, "milliseconds; 0 or absent: none"),
    {"/heartbeat_ms", offsetof(struct task_spec, heartbeat_ms), false, 0, SPEC_HEARTBEAT_MAX_MS, "milliseconds, at most a day; 0 or absent: none"},
    NUMBER(pause_after_failures, 0, SPEC_FAILURES_MAX, "0 or absent: never"),
};
/* clang-format on */

static int64_t number_at(const struct task_spec *spec, const struct range *r)
{
    const void *at = (const char *)spec + r->offset;

    return r->is_int ? *(const int32_t *)at : *(const int64_t *)at;
}

static enum rc check_ranges(const struct task_spec *spec, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        const struct range *r = &ranges[i];
        int64_t value = number_at(spec, r);

        if (value < r->min || value > r->max)
            return spec_hint_of_http(err,
                                     spec_refuse(err, r->pointer, r->hint,
                                                 "%s: %" PRId64 " is outside %" PRId64 "-%" PRId64,
                                                 r->pointer + 1, value, r->min, r->max));
    }
    return RC_OK;
}

static enum rc check_calendar(const struct calendar_spec *c, size_t index, size_t *rules,
                              struct error *err)
{
    char pointer[48];

    (void)snprintf(pointer, sizeof pointer, "/calendars/%zu/name", index);
    if (length_of(c->name) > SPEC_CALENDAR_NAME_MAX)
        return spec_refuse(err, pointer, "", "%s: %zu bytes are more than %d", pointer + 1,
                           strlen(c->name), SPEC_CALENDAR_NAME_MAX);
    (void)snprintf(pointer, sizeof pointer, "/calendars/%zu/rules", index);
    if (c->rule_count == 0)
        return spec_refuse(err, pointer, "leave the calendar out", "%s: there are none",
                           pointer + 1);
    *rules += c->rule_count;
    if (*rules > SPEC_RULES_MAX)
        return spec_refuse(err, pointer, "a range takes many days in one rule",
                           "%s: the calendars have more than %d rules together", pointer + 1,
                           SPEC_RULES_MAX);
    return RC_OK;
}

static enum rc check_calendars(const struct task_spec *spec, struct error *err)
{
    size_t rules = 0;

    if (spec->calendar_count > SPEC_CALENDARS_MAX)
        return spec_refuse(err, "/calendars", "one calendar may hold many rules",
                           "calendars: %zu are more than %d", spec->calendar_count,
                           SPEC_CALENDARS_MAX);
    for (size_t i = 0; i < spec->calendar_count; i++)
        TRY(check_calendar(&spec->calendars[i], i, &rules, err));
    return RC_OK;
}

/* So that "name:value" can be taken apart, and so can lists and queries that hold a name. Tasks of old may have others. */
static enum rc check_label_names(const struct pairs *labels, struct error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";

    for (size_t i = 0; i < labels->count; i++) {
        const char *name = labels->items[i].name;

        if (name[strspn(name, allowed)] != '\0')
            return spec_refuse(
                err, "/labels",
                "a name holds letters a-z and A-Z, digits and . _ / - only; a value anything",
                "labels: '%.60s' is no name for a label", name);
    }
    return RC_OK;
}

/* A field that nobody acts upon is an error. Windows of old may have one. */
static enum rc check_window(const struct window_spec *w, struct error *err)
{
    if (w == NULL || w->zone == NULL || w->daily_from != NULL || w->daily_to != NULL)
        return RC_OK;
    return spec_hint_of_http(
        err, spec_refuse(err, "/window/zone", "leave it out, or say daily_from and daily_to",
                         "window/zone: there are no daily hours that it would be the zone of"));
}

enum rc spec_check_limits(const struct task_spec *spec, struct error *err)
{
    TRY(check_names(spec, err));
    TRY(check_texts(spec, err));
    TRY(spec_check_labels(&spec->labels, err));
    TRY(check_label_names(&spec->labels, err));
    TRY(check_ranges(spec, err));
    if (spec->schedule_count > SPEC_SCHEDULES_MAX)
        return spec_refuse(err, "/schedules", "", "schedules: %zu are more than %d",
                           spec->schedule_count, SPEC_SCHEDULES_MAX);
    TRY(check_calendars(spec, err));
    TRY(check_window(spec->window, err));
    return spec_check_policies(spec, err);
}

/* --- schedules --- */

static bool fires(const struct timeline *t)
{
    struct occurrence first;

    return timeline_next(t, -1, &first) == RC_OK;
}

/* Whether it is the schedules, or what the task has around them. */
static enum rc refuse_never_firing(const struct task_spec *spec, struct uuid task,
                                   struct zoneset *zones, struct error *err)
{
    SCOPED(timeline) struct timeline *bare = NULL;

    TRY(spec_schedules_timeline(spec, task, zones, &bare, err));
    if (!fires(bare))
        return spec_refuse(err, "/schedules",
                           "leave schedules out for a task that is only triggered",
                           "schedules: none of them ever fires");
    if (spec->calendar_count > 0 && spec->window != NULL)
        return spec_refuse(
            err, "/calendars", "try the task without one of the two",
            "calendars and window: together they leave out every instant of the schedules");
    if (spec->calendar_count > 0)
        return spec_refuse(err, "/calendars",
                           "EXCLUDE leaves its dates and hours out, ONLY all others",
                           "calendars: they leave out every instant of the schedules");
    return spec_refuse(err, "/window", "its hours are those of the window's own zone",
                       "window: it leaves out every instant of the schedules");
}

enum rc spec_check_schedules(const struct task_spec *spec, struct zoneset *zones, struct error *err)
{
    SCOPED(timeline) struct timeline *t = NULL;
    struct uuid task = task_id_of(spec->project, spec->key);

    TRY(spec_timeline(spec, task, zones, &t, err));
    if (spec->schedule_count == 0 || fires(t))
        return RC_OK;
    return refuse_never_firing(spec, task, zones, err);
}

enum rc spec_validate(const struct task_spec *spec, struct zoneset *zones, struct error *err)
{
    TRY(spec_check_limits(spec, err));
    return spec_check_schedules(spec, zones, err);
}

/* 0: for good. */
static enum rc check_until(usec_t until, usec_t now, struct error *err)
{
    char text[RFC3339_TEXT], now_text[RFC3339_TEXT];

    if (until == 0 || until > now)
        return RC_OK;
    return spec_refuse(err, "/until",
                       "leave it out for a pause that lasts until the task is resumed",
                       "until: %s has passed, it is %s: nothing would be paused",
                       rfc3339_format(until, text), rfc3339_format(now, now_text));
}

enum rc command_check(const struct command *command, usec_t now, struct error *err)
{
    TRY(check_length("actor", length_of(command->actor), COMMAND_NOTE_MAX, err));
    TRY(check_length("reason", length_of(command->reason), COMMAND_NOTE_MAX, err));
    if (command->kind == COMMAND_TRIGGER_TASK)
        TRY(check_length("payload", command->body.trigger_task.payload.len, PAYLOAD_MAX_BYTES,
                         err));
    if (command->kind == COMMAND_RETRY_EXECUTION)
        TRY(check_length("payload", command->body.retry_execution.payload.len, PAYLOAD_MAX_BYTES,
                         err));
    if (command->kind == COMMAND_BACKFILL)
        return backfill_check_range(&command->body.backfill, now, err);
    if (command->kind == COMMAND_PAUSE_TASK)
        return check_until(command->body.pause_task.until, now, err);
    return RC_OK;
}

size_t spec_misfire_limit(const struct task_spec *spec)
{
    int32_t limit = spec->misfire.limit;

    return limit < 0 ? 0 : (size_t)MIN(limit, SPEC_MISFIRE_LIMIT_MAX);
}

usec_t spec_duration(int64_t ms)
{
    return MIN(MAX(ms, 0), SPEC_DURATION_MAX_MS) * USEC_PER_MS;
}

bool spec_equal(const struct task_spec *a, const struct task_spec *b)
{
    return record_equal(&task_spec_type, a, b);
}
