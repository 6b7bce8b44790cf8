#include "cli/pictures/script.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange/bind.h"
#include "base/duration.h"

/* The next word, in memory; "" at the end. Moves *at behind it and the blanks that follow. */
static const char *word(const char **at, struct arena *memory)
{
    size_t len = strcspn(*at, " ");
    const char *text = arena_strndup(memory, *at, len);

    *at += len;
    *at += strspn(*at, " ");
    return text;
}

static enum rc read_range(const char *text, struct arena *memory, int64_t ret[2], struct error *err)
{
    const char *dash = strchr(text, '-');

    if (dash == NULL)
        return error_set(err, RC_INVALID, "'%s' is no range, as in 12s-48s", text);
    TRY(duration_parse(arena_strndup(memory, text, (size_t)(dash - text)), &ret[0], err));
    return duration_parse(dash + 1, &ret[1], err);
}

/* --- tasks --- */

static struct stage_task *find_task(struct stage_script *s, const char *name)
{
    for (size_t i = 0; i < s->task_count; i++)
        if (text_equal(s->tasks[i].key, name))
            return &s->tasks[i];
    return NULL;
}

/* As a client of the API would have it: what is left out is a default. */
static enum rc read_spec(const char *key, const char *json, struct arena *memory,
                         struct task_spec **ret, struct error *err)
{
    TRY(bind_spec(bytes_of(json), memory, ret, err));
    (*ret)->key = key;
    return RC_OK;
}

static enum rc read_task(struct stage_script *s, const char *line, size_t len, struct arena *memory,
                         struct error *err)
{
    struct task_spec *spec;
    struct stage_task *t = &s->tasks[s->task_count];

    if (s->task_count == STAGE_TASKS_MAX)
        return error_set(err, RC_INVALID, "there are more than %d tasks", STAGE_TASKS_MAX);
    t->key = arena_strndup(memory, line, len);
    TRY(read_spec(t->key, line + len + 1, memory, &spec, err));
    t->spec = spec;
    s->task_count++;
    return RC_OK;
}

/* --- runs --- */

static enum rc read_run(const char *at, struct arena *memory, struct stage_run *ret,
                        struct error *err)
{
    const char *first = word(&at, memory), *end = word(&at, memory);
    int status = STATUS_SUCCEEDED;

    if (text_equal(first, "dies")) {
        *ret = (struct stage_run){.kind = RUN_DIES};
        return duration_parse(end, &ret->ms, err);
    }
    *ret = (struct stage_run){.kind = RUN_ENDS};
    if (text_equal(first, "hangs"))
        ret->kind = RUN_HANGS;
    else if (text_equal(first, "absent"))
        ret->kind = RUN_ABSENT;
    else
        TRY(duration_parse(first, &ret->ms, err));
    if (*end != '\0')
        TRY(enum_find(&status_enum, end, true, &status, err));
    ret->end = (enum status)status;
    return RC_OK;
}

static enum rc read_runs(struct stage_script *s, const char *at, struct arena *memory,
                         struct error *err)
{
    const char *rest = at;
    struct stage_task *named = find_task(s, word(&rest, memory));
    struct stage_run runs[STAGE_RUNS_MAX];
    size_t count = 0;

    for (at = named == NULL ? at : rest; *at != '\0' && count < STAGE_RUNS_MAX; count++) {
        size_t len = strcspn(at, ",");

        TRY(read_run(arena_strndup(memory, at, len), memory, &runs[count], err));
        at += len + (at[len] == ',');
        at += strspn(at, " ");
    }
    for (size_t i = 0; i < s->task_count; i++)
        if (named == NULL || named == &s->tasks[i]) {
            memcpy(s->tasks[i].runs, runs, sizeof runs);
            s->tasks[i].run_count = count;
        }
    return RC_OK;
}

/* --- orders --- */

static enum rc read_rest(struct command *c, const char *key, const char *at, struct arena *memory,
                         struct error *err)
{
    struct task_spec *spec;
    int64_t ms, range[2];
    int gap;

    switch (c->kind) {
    case COMMAND_PUT_TASK:
        TRY(read_spec(key, at, memory, &spec, err));
        c->body.put_task.spec = *spec;
        return RC_OK;
    case COMMAND_PAUSE_TASK:
        if (text_starts(at, "until ")) {
            TRY(duration_parse(at + strlen("until "), &ms, err));
            c->body.pause_task.until = STAGE_BEGIN + ms * USEC_PER_MS;
        }
        return RC_OK;
    case COMMAND_RESUME_TASK:
        TRY(enum_find(&resume_gap_enum, *at == '\0' ? "none" : at, true, &gap, err));
        c->body.resume_task.gap = (enum resume_gap)gap;
        return RC_OK;
    case COMMAND_BACKFILL:
        TRY(read_range(at, memory, range, err));
        c->body.backfill = (struct backfill_task){STAGE_BEGIN + range[0] * USEC_PER_MS,
                                                  STAGE_BEGIN + range[1] * USEC_PER_MS};
        return RC_OK;
    default:
        return RC_OK;
    }
}

static const struct {
    const char *word;
    enum command_kind kind;
} verbs[] = {
    {"put", COMMAND_PUT_TASK},          {"delete", COMMAND_DELETE_TASK},
    {"pause", COMMAND_PAUSE_TASK},      {"resume", COMMAND_RESUME_TASK},
    {"trigger", COMMAND_TRIGGER_TASK},  {"skip-next", COMMAND_SKIP_NEXT},
    {"retry", COMMAND_RETRY_EXECUTION}, {"cancel", COMMAND_CANCEL_EXECUTION},
    {"backfill", COMMAND_BACKFILL},
};

static enum rc read_order(struct stage_script *s, const char *at, struct arena *memory,
                          struct error *err)
{
    struct stage_order *o = &s->orders[s->order_count];
    const char *when = word(&at, memory), *said = at, *verb = word(&at, memory), *rest = at;
    const struct stage_task *task = find_task(s, word(&rest, memory));
    size_t i = 0;

    if (s->order_count == STAGE_ORDERS_MAX || s->task_count == 0)
        return error_set(err, RC_INVALID, "an order needs a task, and there are at most %d",
                         STAGE_ORDERS_MAX);
    while (i < ARRAY_LEN(verbs) && !text_equal(verbs[i].word, verb))
        i++;
    if (i == ARRAY_LEN(verbs))
        return error_set(err, RC_INVALID, "'%s' is no order", verb);
    if (task != NULL)
        at = rest;
    else
        task = &s->tasks[0];
    *o = (struct stage_order){.command = {.task_id = task_id_of("default", task->key),
                                          .actor = "you",
                                          .reason = said,
                                          .kind = verbs[i].kind}};
    TRY(duration_parse(when, &o->at_ms, err));
    TRY(read_rest(&o->command, task->key, at, memory, err));
    s->order_count++;
    return RC_OK;
}

/* --- the whole --- */

static enum rc read_length(struct stage_script *s, const char *at, struct arena *memory,
                           struct error *err)
{
    TRY(duration_parse(word(&at, memory), &s->length_ms, err));
    s->column_ms = 1000;
    if (text_equal(word(&at, memory), "each"))
        TRY(duration_parse(word(&at, memory), &s->column_ms, err));
    if (s->column_ms < 4 || s->length_ms / s->column_ms > STAGE_COLUMNS_MAX)
        return error_set(err, RC_INVALID, "a picture has at most %d columns", STAGE_COLUMNS_MAX);
    return RC_OK;
}

enum rc script_line(struct stage_script *s, const char *line, struct arena *memory,
                    struct error *err)
{
    const char *at = arena_strdup(memory, line), *whole = at;
    size_t key = strcspn(at, ": ");
    const char *first = word(&at, memory);
    int64_t range[2];

    if (whole[key] == ':')
        return read_task(s, whole, key, memory, err);
    if (text_equal(first, "runs"))
        return read_runs(s, at, memory, err);
    if (text_equal(first, "at"))
        return read_order(s, at, memory, err);
    if (text_equal(first, "for"))
        return read_length(s, at, memory, err);
    if (!text_equal(first, "away"))
        return error_set(err, RC_INVALID, "'%s' begins no line of a script", first);
    TRY(read_range(at, memory, range, err));
    s->away_from_ms = range[0];
    s->away_to_ms = range[1];
    return RC_OK;
}
