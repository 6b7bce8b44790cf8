#include "cli/program/environment.h"

#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/table.h"
#include "cli/shared/subcommand.h"
#include "cli/worker/job_env.h"

#define OURS "CRONOBS_"

/* --- names --- */

static bool text_ends(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static const char *variable_of(const struct setting *s, struct arena *memory)
{
    SCOPED_BUF name = {0};

    setting_variable(&name, s);
    return arena_strdup(memory, buf_text(&name));
}

/* The setting, or (`only_flag`) the option of some command, that would have this variable. */
static const struct setting *find_setting(const char *name, bool only_flag, struct arena *memory)
{
    for (const struct setting *const *t = subcommand_tables(memory); *t != NULL; t++)
        for (const struct setting *s = *t; s->name != NULL; s++)
            if (s->only_flag == only_flag && strcmp(name, variable_of(s, memory)) == 0)
                return s;
    return NULL;
}

static const char *nearest_variable(const char *name, struct arena *memory)
{
    struct nearest near = nearest_to(name + strlen(OURS));

    for (const struct setting *const *t = subcommand_tables(memory); *t != NULL; t++)
        for (const struct setting *s = *t; s->name != NULL; s++)
            if (!s->only_flag)
                nearest_try(&near, variable_of(s, memory) + strlen(OURS));
    return near.name == NULL ? NULL : near.name - strlen(OURS);
}

/* Where a name goes on that begins nearly as ours do; NULL: it does not. */
static const char *behind_prefix(const char *name)
{
    static const char *const prefixes[] = {"CRONOBSERVER", "CRON_OBSERVER", "CRON_OBS", "CRONOBS",
                                           "CRONOB"};

    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]) + strspn(name + strlen(prefixes[i]), "_-");
    return NULL;
}

/* The variable whose name this is but for its beginning, or for small letters. */
static const char *same_variable(const char *name, struct arena *memory)
{
    const char *rest = behind_prefix(name);

    for (const struct setting *const *t = subcommand_tables(memory); *t != NULL; t++)
        for (const struct setting *s = *t; s->name != NULL && rest != NULL; s++) {
            const char *variable = variable_of(s, memory);

            if (!s->only_flag && strcasecmp(rest, variable + strlen(OURS)) == 0)
                return variable;
        }
    return NULL;
}

/* --- whose they are --- */

/* CRONOBS_API_SERVICE_HOST, CRONOBS_API_SERVICE_PORT_HTTP, CRONOBS_API_PORT=tcp://..., CRONOBS_API_PORT_8080_TCP_ADDR */
static bool is_kubernetes(const char *name, const char *value)
{
    static const char *const ends[] = {"_TCP",       "_UDP",       "_SCTP",      "_TCP_ADDR",
                                       "_UDP_ADDR",  "_SCTP_ADDR", "_TCP_PORT",  "_UDP_PORT",
                                       "_SCTP_PORT", "_TCP_PROTO", "_UDP_PROTO", "_SCTP_PROTO"};

    if (text_ends(name, "_SERVICE_HOST") || strstr(name, "_SERVICE_PORT") != NULL)
        return true;
    if (text_ends(name, "_PORT") && strstr(value, "://") != NULL)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(ends) && strstr(name, "_PORT_") != NULL; i++)
        if (text_ends(name, ends[i]))
            return true;
    return false;
}

static bool is_in(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool is_in_run(const char *const *environment)
{
    for (; *environment != NULL; environment++)
        if (text_starts(*environment, OURS "EXECUTION_ID="))
            return true;
    return false;
}

static bool is_anothers(const char *const *environment, const char *name, const char *value)
{
    static const char *const of_tests[] = {OURS "FAULT_FILE", OURS "PLANT", NULL};

    return is_kubernetes(name, value) || text_starts(name, OURS "TEST_") || is_in(of_tests, name) ||
           (is_in(job_env_names, name) && is_in_run(environment));
}

/* --- saying it --- */

static void describe(const char *name, const char *near, struct arena *memory, struct error *ret)
{
    const struct setting *option = find_setting(name, true, memory);
    SCOPED(text) char *shown = table_shown(name);
    SCOPED_BUF flag = {0};

    (void)error_set(ret, RC_INVALID, "the variable %.100s does nothing: there is no such setting",
                    shown);
    if (option != NULL) {
        setting_flag(&flag, option);
        (void)error_hint(ret, "%s is an option alone, without a variable", buf_text(&flag));
    } else if (near != NULL) {
        (void)error_hint(ret, "did you mean %s?", near);
    } else {
        (void)error_hint(ret, "cronobs docs configuration lists those that there are");
    }
}

static bool is_stranger(const char *const *environment, const char *variable, struct arena *memory,
                        struct error *ret)
{
    const char *equals = strchr(variable, '='), *name, *near;
    bool is_ours = text_starts(variable, OURS);

    if (equals == NULL || behind_prefix(variable) == NULL)
        return false;
    name = arena_strndup(memory, variable, (size_t)(equals - variable));
    if (find_setting(name, false, memory) != NULL || is_anothers(environment, name, equals + 1))
        return false;
    near = is_ours ? nearest_variable(name, memory) : same_variable(name, memory);
    if (near == NULL && !is_ours)
        return false;
    describe(name, near, memory, ret);
    return true;
}

bool environment_stranger(const char *const *environment, const char *const **at,
                          struct arena *memory, struct error *ret)
{
    while (**at != NULL)
        if (is_stranger(environment, *(*at)++, memory, ret))
            return true;
    return false;
}
