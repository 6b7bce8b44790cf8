#include "cli/client/blame.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client/options.h"
#include "cli/shared/point.h"

struct member { /* the first line that fits holds */
    const char *pattern, *option;
    const char *command; /* only there; NULL: everywhere */
};

/* `*` is one part of a path; a pattern also stands for all below it. */
static const struct member members[] = {
    {"schedules/*/zone", "--zone", NULL},
    {"schedules/*/dialect", "--dialect", NULL},
    {"schedules/*/dst_gap", "--dst-gap", NULL},
    {"schedules/*/dst_overlap", "--dst-overlap", NULL},
    {"schedules", "--schedule", NULL},
    {"calendars and window", "--exclude, --only, --daily, --active-from, --active-until", NULL},
    {"calendars", "--exclude, --only", NULL},
    {"window/daily_from", "--daily", NULL},
    {"window/daily_to", "--daily", NULL},
    {"window/from", "--active-from", NULL},
    {"window/until", "--active-until", NULL},
    {"window/zone", "--daily-zone", NULL},
    {"window", "--daily, --active-from, --active-until", NULL},
    {"jitter_ms", "--jitter", NULL},
    {"misfire/after_ms", "--misfire-after", NULL},
    {"misfire/limit", "--misfire-limit", NULL},
    {"misfire/window_ms", "--misfire-window", NULL},
    {"misfire", "--misfire", NULL},
    {"overlap", "--overlap", NULL},
    {"max_concurrency", "--max-concurrency", NULL},
    {"retry/first_delay_ms", "--retry-delay", NULL},
    {"retry/max_delay_ms", "--retry-max-delay", NULL},
    {"retry/jitter_ms", "--retry-jitter", NULL},
    {"retry/multiplier", "--retry-multiplier", NULL},
    {"retry/on", "--retry-on", NULL},
    {"retry/max_attempts", "--retry-attempts", NULL},
    {"retry", "--retry-attempts", NULL},
    {"finish_by_ms", "--finish-by", NULL},
    {"pause_after_failures", "--pause-after-failures", NULL},
    {"ignore_overlap", "--ignore-overlap", NULL},
    {"labels", "--label", NULL},
    {"then", "--then", NULL},
    {"label", "--label", NULL},
    {"payload", "--payload", NULL},
    {"payload_base64", "--payload", NULL},
    {"content_type", "--content-type", NULL},
    {"run_timeout_ms", "--run-timeout", NULL},
    {"heartbeat_ms", "--heartbeat", NULL},
    {"start_deadline_ms", "--start-deadline", NULL},
    {"title", "--title", NULL},
    {"queue", "QUEUE", "queue workers"},
    {"queue", "--queue", NULL},
    {"key", "TASK", NULL},
    {"project", "--project", NULL},
    {"until", "--until", NULL},
    {"gap", "--gap", NULL},
    {"reason", "--reason", NULL},
    {"task", "--task", "execution list"},
    {"task", "--task", "upcoming"},
    {"task", "TASK", NULL},
    {"execution", "ID", NULL},
    {"command", "ID", NULL},
    {"state", "--state", NULL},
    {"status", "--status", NULL},
    {"level", "--level", NULL},
    {"topic", "--topic", "dead-letter list"},
    {"partition", "--partition", "dead-letter list"},
    {"partition", "PARTITION", NULL},
    {"offset", "OFFSET", NULL},
    {"limit", "--limit", NULL},
    {"day", "--day", NULL},
    {"tz", "--zone", NULL},
    {"at", "AT", "why"},
    {"expression", "--if", "forecast"},
    {"from, to", "--from, --to", NULL},
    {"from", "--from", NULL},
    {"to", "--to", NULL},
    {"If-Match", "--if-revision", NULL},
};

/* --- which one --- */

static bool fits(const char *pattern, const char *member)
{
    while (*pattern != '\0' && *member != '\0') {
        if (*pattern == '*') {
            pattern++;
            member += strcspn(member, "/");
        } else if (*pattern++ != *member++) {
            return false;
        }
    }
    return *pattern == '\0' && (*member == '\0' || *member == '/');
}

const char *blame_option(const char *command, const char *member)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (fits(members[i].pattern, member) &&
            (members[i].command == NULL || strcmp(members[i].command, command) == 0))
            return members[i].option;
    return NULL;
}

/* The member that the error is about, and what is said of it. In `memory`; NULL: it names none. */
static const char *member_of(const struct error *err, struct arena *memory, const char **ret_rest)
{
    const char *text = err->text + (*err->text == '/'), *end = strstr(text, ": ");
    const char *name = end == NULL ? "" : arena_strndup(memory, text, (size_t)(end - text));

    *ret_rest = end == NULL ? err->text : arena_strdup(memory, end + 2);
    if (*err->pointer == '\0')
        return *name == '\0' ? NULL : name;
    if (strcmp(err->pointer + 1, name) != 0)
        *ret_rest = arena_strdup(memory, err->text);
    return arena_strdup(memory, err->pointer + 1);
}

/* --- its value --- */

struct given { /* an option with the value that is meant; value NULL: it cannot be told */
    const char *option, *value;
};

/* "calendars/2/rules/0": 2 */
static size_t index_of(const char *member)
{
    const char *slash = strchr(member, '/');

    return slash == NULL || !isdigit((unsigned char)slash[1]) ? SIZE_MAX
                                                              : strtoul(slash + 1, NULL, 10);
}

static struct given value_in(const char *option, const struct texts *texts, size_t index)
{
    return (struct given){option, index < texts->count ? texts->items[index] : NULL};
}

/* Of what may be repeated, the one that is wrong: task_put.c sends --exclude before --only. */
static struct given value_of(const struct put_options *o, const char *option, const char *member)
{
    size_t index = index_of(member);

    if (strcmp(option, "--schedule") == 0)
        return value_in(option, &o->schedules, index);
    if (strcmp(option, "--then") == 0)
        return value_in(option, &o->then, index);
    if (!text_starts(member, "calendars") || index == SIZE_MAX)
        return (struct given){option, NULL};
    if (index < o->excluded.count)
        return value_in("--exclude", &o->excluded, index);
    return value_in("--only", &o->only, index - o->excluded.count);
}

static struct given find_given(const struct call *call, const char *option, const char *member)
{
    if (strcmp(call->command->name, "task put") == 0)
        return value_of(call->values[0], option, member);
    return (struct given){option, NULL};
}

/* The payload may have come three ways. */
static const char *payload_option(const struct put_options *o)
{
    return o->command != NULL        ? "--command"
           : o->payload_file != NULL ? "--payload-file"
                                     : "--payload";
}

/* --- other members that are spoken of --- */

/* Words with a low line are names of members, and of nothing else; what they are members of is not said. */
static const char *option_of_word(const char *command, const char *word, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const char *slash = strrchr(members[i].pattern, '/');
        const char *name = slash == NULL ? members[i].pattern : slash + 1;

        if (strlen(name) == len && memcmp(name, word, len) == 0 && memchr(word, '_', len) != NULL &&
            (members[i].command == NULL || strcmp(members[i].command, command) == 0))
            return members[i].option;
    }
    return NULL;
}

/* Of what stands between quotes, with them; 0: none begins there. An apostrophe within or after a word is no quote. */
static size_t quoted(const char *text, const char *at)
{
    if ((*at != '\'' && *at != '"') || (at > text && isalnum((unsigned char)at[-1])))
        return 0;
    for (const char *end = strchr(at + 1, *at); end != NULL; end = strchr(end + 1, *at))
        if (!isalnum((unsigned char)end[1]))
            return (size_t)(end - at) + 1;
    return 0;
}

/* Not of what is the user's. */
static void name_options(const char *command, char *text, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    SCOPED_BUF out = {0};

    for (const char *at = text; *at != '\0';) {
        size_t len = MAX(strspn(at, letters), quoted(text, at));
        const char *option = option_of_word(command, at, len);

        if (option != NULL)
            buf_add_text(&out, option);
        else
            buf_add(&out, at, MAX(len, 1));
        at += MAX(len, 1);
    }
    (void)snprintf(text, size, "%s", buf_text(&out));
}

/* --- saying it --- */

static void rewrite(struct error *err, const struct given *given, const char *rest)
{
    SCOPED_BUF text = {0};

    buf_add_text(&text, given->option);
    if (given->value != NULL)
        buf_printf(&text, " '%.120s'", given->value);
    buf_printf(&text, ": %s", rest);
    (void)snprintf(err->text, sizeof err->text, "%s", buf_text(&text));
    if (given->value != NULL && err->column > 0)
        point_at(err, given->value);
}

static bool has_file(const struct call *call)
{
    return strcmp(call->command->name, "task put") == 0 && call->operands.count > 1;
}

void blame(const struct call *call, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *rest, *member = member_of(err, memory, &rest), *option;
    struct given given;

    if (err->hint_is_http && !has_file(call))
        *err->hint = '\0';
    option = member == NULL ? NULL : blame_option(call->command->name, member);
    if (has_file(call) && !text_equal(option, "--if-revision")) {
        if (option != NULL || *err->pointer != '\0')
            (void)error_prefix(err, "%s", call->operands.items[1]);
        return;
    }
    name_options(call->command->name, err->hint, sizeof err->hint);
    if (option == NULL)
        return;
    if (strcmp(call->command->name, "task put") == 0 && strcmp(option, "--payload") == 0)
        option = payload_option(call->values[0]);
    given = find_given(call, option, member);
    (void)snprintf(err->text, sizeof err->text, "%s", rest);
    name_options(call->command->name, err->text, sizeof err->text);
    rewrite(err, &given, arena_strdup(memory, err->text));
}
