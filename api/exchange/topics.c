#include "api/exchange/topics.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/limits.h"
#include "model/task_ref.h"

typedef enum rc (*parse_fn)(const char *rest, struct arena *memory, struct topic *ret,
                            struct error *err);
typedef bool (*touched_fn)(const struct topic *t, const struct change_set *set);

/* --- parts of a name --- */

static enum rc parse_task(const char *rest, struct arena *memory, struct topic *ret,
                          struct error *err)
{
    struct task_ref ref = {0};

    TRY(task_ref_parse(rest, memory, &ref, err));
    ret->id = ref.id;
    return RC_OK;
}

static enum rc parse_execution(const char *rest, struct arena *memory UNUSED, struct topic *ret,
                               struct error *err)
{
    return uuid_from_text(rest, &ret->id, err);
}

static enum rc parse_number(const char *text, int64_t max, int64_t *ret, struct error *err)
{
    size_t digits = strspn(text, "0123456789");

    *ret = digits > 0 && digits < 18 && text[digits] == '\0' ? strtoll(text, NULL, 10) : -1;
    if (*ret >= 0 && *ret <= max)
        return RC_OK;
    return error_set(err, RC_INVALID, "\"%.40s\" is not a number from 0 to %lld", text,
                     (long long)max);
}

/* <execution>:<attempt>:<writer>:<line> */
static enum rc parse_log(const char *rest, struct arena *memory, struct topic *ret,
                         struct error *err)
{
    char *copy = arena_strdup(memory, rest), *at = copy, *parts[4] = {0};
    size_t count = 0;
    int64_t attempt;

    while (count < ARRAY_LEN(parts) && (parts[count++] = strsep(&at, ":")) != NULL)
        continue;
    if (parts[3] == NULL || at != NULL)
        return error_set(err, RC_INVALID, "a log has execution, attempt, writer and line");
    TRY(uuid_from_text(parts[0], &ret->log.execution, err));
    TRY(parse_number(parts[1], ATTEMPT_MAX, &attempt, err));
    TRY(uuid_from_text(parts[2], &ret->log.writer, err));
    TRY(parse_number(parts[3], INT64_C(1) << 50, &ret->line, err));
    ret->log.attempt = (int32_t)attempt;
    return RC_OK;
}

/* --- what touches it --- */

static bool by_anything(const struct topic *t UNUSED, const struct change_set *set)
{
    return set->executions || set->tasks;
}

static bool by_executions(const struct topic *t UNUSED, const struct change_set *set)
{
    return set->executions;
}

static bool by_id(const struct topic *t, const struct change_set *set)
{
    return map_find(&set->ids, t->id) != NULL;
}

static bool by_task(const struct topic *t, const struct change_set *set)
{
    return by_id(t, set) || set->tasks_placed[partition_of(t->id, set->partitions)];
}

static bool never(const struct topic *t UNUSED, const struct change_set *set UNUSED)
{
    return false;
}

/* --- the table --- */

#define USUAL_PACE USEC_PER_SEC
#define QUICK_PACE (250 * USEC_PER_MS)

/* clang-format off */
static const struct kind {
    const char *name; /* with a colon: the rest is parsed */
    parse_fn parse;
    touched_fn touched;
    usec_t pace;
} kinds[] = {
    [TOPIC_SUMMARY]   = {"summary",    NULL,            by_anything,   USUAL_PACE},
    [TOPIC_TASKS]     = {"tasks",      NULL,            by_anything,   USUAL_PACE},
    [TOPIC_DAYS]      = {"days",       NULL,            by_executions, USUAL_PACE},
    [TOPIC_TASK]      = {"task:",      parse_task,      by_task,       USUAL_PACE},
    [TOPIC_EXECUTION] = {"execution:", parse_execution, by_id,         QUICK_PACE},
    [TOPIC_LOG]       = {"log:",       parse_log,       never,         QUICK_PACE},
};
/* clang-format on */

static enum rc parse_one(const char *text, struct arena *memory, struct topic *ret,
                         struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];

        if (k->parse == NULL ? !text_equal(text, k->name) : !text_starts(text, k->name))
            continue;
        *ret = (struct topic){.kind = (enum topic_kind)i, .text = text};
        if (k->parse == NULL || k->parse(text + strlen(k->name), memory, ret, err) == RC_OK)
            return RC_OK;
        return error_prefix(err, "topics: %.120s", text);
    }
    error_set(err, RC_INVALID, "topics: there is no topic \"%.60s\"", text);
    return error_hint(err,
                      "summary, tasks, days, task:<id or project~key>, execution:<id>, "
                      "log:<execution>:<attempt>:<writer>:<line>");
}

static bool is_there(const struct topic_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i].text, text))
            return true;
    return false;
}

enum rc topics_parse(const char *text, struct arena *memory, struct topic_list *ret,
                     struct error *err)
{
    const char *at = text;

    ret->count = 0;
    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");
        const char *one = arena_strndup(memory, at, len);

        if (!is_there(ret, one)) {
            if (ret->count == TOPICS_MAX)
                return error_set(err, RC_INVALID, "topics: more than %d", TOPICS_MAX);
            TRY(parse_one(one, memory, &ret->items[ret->count], err));
            ret->count++;
        }
        at += len + (at[len] == ',');
    }
    return RC_OK;
}

bool topic_is_touched(const struct topic *t, const struct change_set *set)
{
    return t->kind != TOPIC_LOG && (set->everything || kinds[t->kind].touched(t, set));
}

usec_t topic_pace(const struct topic *t)
{
    return kinds[t->kind].pace;
}
