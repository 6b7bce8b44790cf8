#include "cli/client/task_limits.h"

#include <string.h>

#include "base/rfc3339.h"

static const char blanks[] = " \t";

/* --- calendars --- */

/* The next word, NULL at the end. */
static const char *take_word(const char **at, const char *separators, struct arena *memory)
{
    const char *start = *at + strspn(*at, separators);
    size_t len = strcspn(start, separators);

    *at = start + len;
    return len == 0 ? NULL : arena_strndup(memory, start, len);
}

static size_t count_rules(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++)
        count += *text == ',' || strchr(blanks, *text) != NULL;
    return count;
}

enum rc limits_calendar(const char *text, enum calendar_mode mode, struct arena *memory,
                        struct calendar_spec *ret, struct error *err)
{
    const char *kind, *values, *value, *at = text;

    *ret = (struct calendar_spec){.name = "",
                                  .mode = mode,
                                  .rules =
                                      arena_alloc(memory, count_rules(text) * sizeof *ret->rules)};
    while ((kind = take_word(&at, blanks, memory)) != NULL) {
        values = take_word(&at, blanks, memory);
        if (values == NULL) {
            (void)error_set(err, RC_INVALID, "'%s': there is no value after '%s'", text, kind);
            return error_hint(err, "a rule is a kind and a value, as in 'weekday SAT'");
        }
        while ((value = take_word(&values, ",", memory)) != NULL)
            ret->rules[ret->rule_count++] = (struct calendar_rule){.kind = kind, .value = value};
    }
    return RC_OK;
}

static enum rc add_calendars(const struct texts *texts, enum calendar_mode mode,
                             struct arena *memory, struct task_spec *spec, struct error *err)
{
    const char *option = mode == CALENDAR_ONLY ? "--only" : "--exclude";

    for (size_t i = 0; i < texts->count; i++)
        if (limits_calendar(texts->items[i], mode, memory, &spec->calendars[spec->calendar_count++],
                            err) != RC_OK)
            return error_prefix(err, "%s", option);
    return RC_OK;
}

/* --- the window --- */

/* "08:00-18:00" */
static enum rc split_hours(const char *text, struct arena *memory, struct window_spec *w,
                           struct error *err)
{
    const char *dash = strchr(text, '-');

    if (dash == NULL) {
        (void)error_set(err, RC_INVALID, "--daily: '%s' is not of the form HH:MM-HH:MM", text);
        return error_hint(err, "as in 08:00-18:00");
    }
    w->daily_from = arena_strndup(memory, text, (size_t)(dash - text));
    w->daily_to = dash + 1;
    return RC_OK;
}

static enum rc read_instant(struct rest *r, const char *option, const char *text, usec_t *ret,
                            struct error *err)
{
    const char *utc;

    if (text == NULL)
        return RC_OK;
    TRY(rest_instant(r, option, text, &utc, err));
    TRY(rfc3339_parse(utc, ret, err));
    if (*ret == 0)
        return error_set(err, RC_INVALID, "%s: '%.40s' cannot be told from no instant", option,
                         text);
    return RC_OK;
}

static enum rc add_window(struct rest *r, const struct put_options *o, struct task_spec *spec,
                          struct error *err)
{
    struct arena *memory = rest_call(r)->memory;
    struct window_spec *w = arena_alloc(memory, sizeof *w);

    *w = (struct window_spec){0};
    TRY(read_instant(r, "--active-from", o->active_from, &w->from, err));
    TRY(read_instant(r, "--active-until", o->active_until, &w->until, err));
    if (o->daily != NULL) {
        TRY(split_hours(o->daily, memory, w, err));
        w->zone = o->daily_zone != NULL ? o->daily_zone : o->zone;
    } else if (o->daily_zone != NULL) {
        return error_set(err, RC_INVALID, "--daily-zone: there is no --daily");
    }
    spec->window = w;
    return RC_OK;
}

enum rc limits_of_options(struct rest *r, const struct put_options *o, struct task_spec *spec,
                          struct error *err)
{
    struct arena *memory = rest_call(r)->memory;

    spec->calendars =
        arena_alloc(memory, (o->excluded.count + o->only.count + 1) * sizeof *spec->calendars);
    TRY(add_calendars(&o->excluded, CALENDAR_EXCLUDE, memory, spec, err));
    TRY(add_calendars(&o->only, CALENDAR_ONLY, memory, spec, err));
    return add_window(r, o, spec, err);
}

/* --- in words --- */

static void print_rules(struct buf *text, const struct json_node *calendar)
{
    struct json_node rules, rule;

    if (!json_node_member(calendar, "rules", &rules))
        return;
    for (size_t i = 0; json_node_item(&rules, i, &rule); i++)
        buf_printf(text, "%s%s %s", i == 0 ? "" : ", ", rest_text(&rule, "kind"),
                   rest_text(&rule, "value"));
}

static void print_calendar(struct table *t, const struct json_node *calendar)
{
    SCOPED_BUF text = {0};
    bool is_only = strcmp(rest_text(calendar, "mode"), "ONLY") == 0;
    const char *name = rest_text(calendar, "name");

    if (*name != '\0')
        buf_printf(&text, "%s: ", name);
    print_rules(&text, calendar);
    table_add(t, is_only ? "only" : "exclude", buf_text(&text));
}

static void print_window(struct rest *r, struct table *t, const struct json_node *w)
{
    const char *from = rest_time(r, w, "from"), *until = rest_time(r, w, "until");
    const char *daily = rest_text(w, "daily_from"), *zone = rest_text(w, "zone");

    if (*from != '\0')
        table_add(t, "active from", from);
    if (*until != '\0')
        table_add(t, "active until", until);
    if (*daily != '\0')
        table_add(t, "daily",
                  arena_printf(rest_call(r)->memory, "%s-%s  %s", daily, rest_text(w, "daily_to"),
                               *zone == '\0' ? "UTC" : zone));
}

void limits_print(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct json_node list, item;

    if (json_node_member(spec, "calendars", &list))
        for (size_t i = 0; json_node_item(&list, i, &item); i++)
            print_calendar(t, &item);
    if (json_node_member(spec, "window", &item))
        print_window(r, t, &item);
    if (rest_int(spec, "jitter_ms", 0) > 0)
        table_add(t, "jitter", rest_duration(r, spec, "jitter_ms"));
}
