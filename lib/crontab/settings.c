#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cron/tz_value.h"
#include "crontab/foreign.h"
#include "crontab/letters.h"
#include "crontab/walk.h"
#include "crontab/words.h"

/* In order of names; entries above keep the list that they have seen. */
static void set_variable(struct walk *w, struct pair setting)
{
    const struct pairs old = w->environment;
    struct pairs made = {.items = arena_alloc(w->memory, (old.count + 1) * sizeof *made.items)};
    size_t at = 0;

    while (at < old.count && strcmp(old.items[at].name, setting.name) < 0)
        made.items[made.count++] = old.items[at++];
    made.items[made.count++] = setting;
    if (at < old.count && strcmp(old.items[at].name, setting.name) == 0)
        at++;
    while (at < old.count)
        made.items[made.count++] = old.items[at++];
    w->environment = made;
}

static size_t environment_bytes(const struct pairs *environment)
{
    size_t bytes = 0;

    for (size_t i = 0; i < environment->count; i++)
        bytes += strlen(environment->items[i].name) + strlen(environment->items[i].value) + 2;
    return bytes;
}

static bool may_set(struct walk *w, struct pair setting)
{
    struct pairs before = w->environment;

    if (++w->variable_count > CRONTAB_VARIABLES_MAX) {
        walk_refuse(w, NULL, "the crontab has more than 1000 settings", NULL);
        return false;
    }
    set_variable(w, setting);
    if (environment_bytes(&w->environment) <= CRONTAB_ENVIRONMENT_MAX)
        return true;
    w->environment = before;
    walk_refuse(w, NULL, "the settings in force have more than 32 KiB", NULL);
    return false;
}

static void refuse_zone(struct walk *w, const char *why, const char *hint)
{
    w->bad_zone_line = w->line;
    w->spans[w->span_count - 1].is_refused = true;
    walk_refuse(w, NULL, why, hint);
}

/* Empty, it says nothing, as in cronie: the machine's zone counts again. */
static void set_zone(struct walk *w, const char *value)
{
    struct tz_value read;
    struct error err = {0};

    w->bad_zone_line = 0;
    w->zone = w->options->zone;
    if (*value == '\0') {
        walk_note(w, NULL,
                  arena_printf(w->memory, "CRON_TZ is empty: the zone is %s again", w->zone));
    } else if (tz_value_read(value, w->options->zones, &read, &err) != RC_OK) {
        refuse_zone(w, err.text, err.hint);
    } else if (read.name == NULL) {
        refuse_zone(
            w,
            arena_printf(w->memory, "'%.64s' is a rule of POSIX, and tasks know names only", value),
            "a name of tzdata, such as America/New_York");
    } else {
        w->zone = arena_strdup(w->memory, read.name);
        if (strcmp(value + (*value == ':'), w->zone) != 0)
            walk_note(w, NULL, arena_printf(w->memory, "'%.64s' is taken for %s", value, w->zone));
    }
}

static void explain_name(struct walk *w, const char *name)
{
    static const struct pair meanings[] = {
        {"BATCH", "BATCH changes no priority"},
        {"DELAY", "DELAY delays nothing"},
        {"LOGNAME", "LOGNAME is the worker's own account, whatever stands here"},
        {"MAILTO", "no mail is sent: what a command prints is kept with its execution"},
        {"PERSISTENT", "PERSISTENT changes nothing: what was missed is up to the task's misfire"},
        {"RANDOM_DELAY", "RANDOM_DELAY delays nothing"},
        {"START_HOURS_RANGE", "START_HOURS_RANGE restricts nothing"},
        {"USER", "cronie sets USER to the account, whatever stands here; the commands see this"},
    };
    static const char *const names[] = {"CRON_TZ", "SHELL"};

    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (strcmp(name, meanings[i].name) == 0)
            walk_note(w, NULL, meanings[i].value);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcasecmp(name, names[i]) == 0 && strcmp(name, names[i]) != 0)
            walk_note(
                w, NULL,
                arena_printf(w->memory, "only %s means something to crond, in capitals", names[i]));
    if (strcmp(name, "TZ") == 0)
        walk_note(w, NULL,
                  arena_printf(w->memory,
                               "TZ is for the commands; when they run is up to CRON_TZ, here %s",
                               w->zone));
}

/* "~/bin:/bin", of which a shell would make a home. */
static bool begins_home(const char *value)
{
    return text_starts(value, "~/") || strstr(value, ":~/") != NULL;
}

static void explain(struct walk *w, struct pair setting)
{
    const char *dollar = strchr(setting.value, '$'), *letter;

    explain_name(w, setting.name);
    if (dollar != NULL && dollar[1] != '\0')
        walk_note(w, NULL, "'$' stays as it is: crond expands nothing in settings");
    if (begins_home(setting.value))
        walk_note(w, NULL, "'~' stays as it is: crond expands nothing in settings");
    if (find_false_blank(setting.value, &letter) != NULL)
        walk_note(w, NULL, arena_printf(w->memory, "%s belongs to the value", letter));
    if (*setting.value == '#' || strstr(setting.value, " #") != NULL)
        walk_note(w, NULL,
                  "'#' and what follows belongs to the value: crond takes no comments here");
}

/* The drafts from here on have it, until another line sets the name again. */
static void begin_span(struct walk *w, const char *name)
{
    for (size_t i = w->span_count; i > 0; i--)
        if (strcmp(w->spans[i - 1].name, name) == 0) {
            w->spans[i - 1].to = w->draft_count;
            break;
        }
    w->spans = array_grow(w->spans, w->span_count, &w->span_capacity, sizeof *w->spans);
    w->spans[w->span_count++] =
        (struct span){.line = w->line, .name = name, .from = w->draft_count, .to = SIZE_MAX};
}

/*
 * "TZ=Asia/Tokyo 0 9 * * * x", "A=1 B=2 @daily x": elsewhere settings of one entry, to crond the first is all of them, and no entry.
 */
static bool holds_entry(struct walk *w, const char *name)
{
    const char *value = skip_blanks(strchr(w->text, '=') + 1);
    const char *rest = skip_blanks(skip_word(value));

    while (isalpha((unsigned char)*rest) &&
           memchr(rest, '=', (size_t)(skip_word(rest) - rest)) != NULL)
        rest = skip_blanks(skip_word(rest));
    if (*value == '"' || *value == '\'' || !foreign_schedule(rest))
        return false;
    walk_refuse(w, rest,
                arena_printf(w->memory, "crond takes all of this for the value of %.60s", name),
                "an entry begins in a line of its own, below the setting");
    return true;
}

void take_setting(struct walk *w, struct pair setting)
{
    bool is_logname = strcmp(setting.name, "LOGNAME") == 0;

    if (holds_entry(w, setting.name))
        return;
    if (!is_logname && !may_set(w, setting))
        return;
    if (!is_logname)
        begin_span(w, setting.name);
    if (strcmp(setting.name, "CRON_TZ") == 0)
        set_zone(w, setting.value);
    if (strcmp(setting.name, "SHELL") == 0)
        w->shell = *setting.value == '\0' ? NULL : setting.value;
    explain(w, setting);
}

/* good[n]: how many of the first n drafts became entries. */
static size_t *count_good(const struct walk *w)
{
    size_t *good = xcalloc(w->draft_count + 1, sizeof *good);

    for (size_t i = 0; i < w->draft_count; i++)
        good[i + 1] = good[i] + !w->drafts[i].is_refused;
    return good;
}

void finish_settings(struct walk *w, struct crontab *ret)
{
    size_t *good = count_good(w);

    ret->settings = arena_alloc(w->memory, MAX(w->span_count, 1u) * sizeof *ret->settings);
    for (size_t i = 0; i < w->span_count; i++) {
        const struct span *s = &w->spans[i];

        if (s->is_refused)
            continue;
        ret->settings[ret->setting_count++] =
            (struct crontab_setting){.line = s->line,
                                     .name = s->name,
                                     .entries = good[MIN(s->to, w->draft_count)] - good[s->from]};
    }
    free(good);
}
