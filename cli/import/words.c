#include "cli/import/words.h"

#include <stdio.h>
#include <string.h>

enum value {
    VALUE_NONE,
    VALUE_SCHEDULE,
    VALUE_ZONE,
    VALUE_KEY,
    VALUE_USER,
    VALUE_PROJECT,
    VALUE_QUEUE
};

struct member {       /* the first that fits holds */
    const char *path; /* and all below it */
    const char *words;
    enum value value;
    const char *way; /* in place of the hint; NULL: that stays */
};

static const struct member members[] = {
    {"schedules/0/zone", "the zone", VALUE_ZONE, "CRON_TZ=ZONE above the line, or --zone ZONE"},
    {"schedules", "the schedule", VALUE_SCHEDULE, NULL},
    {"payload", "the command, with its input and the settings above it", VALUE_NONE,
     "put it into a script, and the script into the line"},
    {"payload_base64", "the command, with its input and the settings above it", VALUE_NONE,
     "put it into a script, and the script into the line"},
    {"content_type", "the command", VALUE_NONE, NULL},
    {"the task", "the command, with its input and the settings above it", VALUE_NONE,
     "put it into a script, and the script into the line"},
    {"title", "the title", VALUE_NONE, "`# title: TEXT` above the line gives another"},
    {"key", "the key", VALUE_KEY, "`# key: NAME` above the line gives another"},
    {"labels", "--source, or the user", VALUE_USER, NULL},
    {"label", "--source", VALUE_NONE, NULL},
    {"project", "--project", VALUE_PROJECT, NULL},
    {"queue", "--queue", VALUE_QUEUE, NULL},
};

/* --- which one --- */

static bool fits(const char *path, const char *member, size_t len)
{
    size_t path_len = strlen(path);

    return len >= path_len && strncmp(path, member, path_len) == 0 &&
           (len == path_len || member[path_len] == '/');
}

static const struct member *find_member(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (fits(members[i].path, name, len))
            return &members[i];
    return NULL;
}

/* *ret_rest: what is said of it. NULL: the error is about no member. */
static const struct member *member_of(const struct error *err, const char **ret_rest)
{
    const char *text = err->text + (*err->text == '/'), *colon = strstr(text, ": ");
    const struct member *named = colon == NULL ? NULL : find_member(text, (size_t)(colon - text));
    const char *pointer = err->pointer + 1;

    *ret_rest = named == NULL ? err->text : colon + 2;
    if (named == NULL && *err->pointer != '\0')
        return find_member(pointer, strlen(pointer));
    return named;
}

/* --- saying it --- */

static const char *value_of(enum value value, const struct import_request *request,
                            const struct crontab_entry *e)
{
    switch (value) {
    case VALUE_SCHEDULE:
        return e == NULL ? NULL : e->schedule;
    case VALUE_ZONE:
        return e == NULL ? request->zone : e->zone;
    case VALUE_KEY:
        return e == NULL ? NULL : e->key;
    case VALUE_USER:
        return e == NULL ? NULL : e->user;
    case VALUE_PROJECT:
        return request->project;
    case VALUE_QUEUE:
        return request->queue;
    case VALUE_NONE:
        break;
    }
    return NULL;
}

void import_words(const struct import_request *request, const struct crontab_entry *entry,
                  struct error *err)
{
    const char *rest, *value;
    const struct member *m = member_of(err, &rest);
    SCOPED_BUF text = {0};

    if (err->hint_is_http)
        (void)error_hint(err, "import it again: what is as it should be stays as it is");
    if (m == NULL)
        return;
    value = value_of(m->value, request, entry);
    buf_add_text(&text, m->words);
    if (value != NULL)
        buf_printf(&text, " '%.100s'", value);
    buf_printf(&text, ": %s", rest);
    (void)snprintf(err->text, sizeof err->text, "%s", buf_text(&text));
    if (m->way != NULL)
        (void)error_hint(err, "%s", m->way);
}
