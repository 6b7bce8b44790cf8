#include "cli/worker/job_env.h"

#include <string.h>

#include "base/rfc3339.h"

#define OURS "CRONOBS_"

struct env {
    char **items;
    size_t count;
    struct arena *memory;
};

static size_t name_length(const char *variable)
{
    return strcspn(variable, "=");
}

/* Replaces the variable of that name, or appends. */
static void put(struct env *env, char *variable)
{
    size_t len = name_length(variable);

    for (size_t i = 0; i < env->count; i++)
        if (name_length(env->items[i]) == len && strncmp(env->items[i], variable, len) == 0) {
            env->items[i] = variable;
            return;
        }
    env->items[env->count++] = variable;
}

static void put_text(struct env *env, const char *name, const char *value)
{
    put(env, arena_printf(env->memory, "%s=%s", name, value));
}

static void put_int(struct env *env, const char *name, int value)
{
    put(env, arena_printf(env->memory, "%s=%d", name, value));
}

static void put_instant(struct env *env, const char *name, usec_t at)
{
    char text[RFC3339_TEXT];

    put_text(env, name, at == 0 ? "" : rfc3339_format(at, text));
}

const char *const job_env_names[] = {OURS "EXECUTION_ID", OURS "TASK_ID",
                                     OURS "TASK_KEY",     OURS "PROJECT",
                                     OURS "QUEUE",        OURS "TRIGGER",
                                     OURS "ZONE",         OURS "ATTEMPT",
                                     OURS "MAX_ATTEMPTS", OURS "REVISION",
                                     OURS "SCHEDULED_AT", OURS "DUE_AT",
                                     OURS "PROGRESS_FD",  NULL};

enum { OWN_COUNT = ARRAY_LEN(job_env_names) - 1 };

static void put_own(struct env *env, const struct cronobs_execution *e)
{
    put_text(env, OURS "EXECUTION_ID", e->execution_id);
    put_text(env, OURS "TASK_ID", e->task_id);
    put_text(env, OURS "TASK_KEY", e->task_key);
    put_text(env, OURS "PROJECT", e->project);
    put_text(env, OURS "QUEUE", e->queue);
    put_text(env, OURS "TRIGGER", e->trigger);
    put_text(env, OURS "ZONE", e->zone);
    put_int(env, OURS "ATTEMPT", e->attempt);
    put_int(env, OURS "MAX_ATTEMPTS", e->max_attempts);
    put_int(env, OURS "REVISION", e->revision);
    put_instant(env, OURS "SCHEDULED_AT", e->scheduled_at);
    put_instant(env, OURS "DUE_AT", e->due_at);
}

static size_t count_of(const char *const *variables)
{
    size_t count = 0;

    while (variables[count] != NULL)
        count++;
    return count;
}

char **job_env_make(const char *const *inherited, const struct pairs *added,
                    const struct cronobs_execution *e, int progress_fd, struct arena *memory)
{
    size_t room = count_of(inherited) + added->count + OWN_COUNT + 1;
    struct env env = {.items = arena_alloc(memory, room * sizeof(char *)), .memory = memory};

    for (; *inherited != NULL; inherited++)
        if (!text_starts(*inherited, OURS))
            env.items[env.count++] = arena_strdup(memory, *inherited);
    for (size_t i = 0; i < added->count; i++)
        put_text(&env, added->items[i].name, added->items[i].value);
    put_own(&env, e);
    if (progress_fd >= 0)
        put_int(&env, OURS "PROGRESS_FD", progress_fd);
    env.items[env.count] = NULL;
    return env.items;
}
