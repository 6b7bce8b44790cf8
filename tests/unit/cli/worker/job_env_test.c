#include "cli/worker/job_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static const struct cronobs_execution execution = {
    .execution_id = "e-id",
    .task_id = "t-id",
    .task_key = "key",
    .project = "p",
    .queue = "q",
    .trigger = "MANUAL",
    .zone = "",
    .attempt = 1,
    .max_attempts = 3,
    .revision = 7,
    .due_at = INT64_C(1700000000500000),
};

#define OWN                                                                                  \
    "CRONOBS_EXECUTION_ID=e-id CRONOBS_TASK_ID=t-id CRONOBS_TASK_KEY=key CRONOBS_PROJECT=p " \
    "CRONOBS_QUEUE=q CRONOBS_TRIGGER=MANUAL CRONOBS_ZONE= CRONOBS_ATTEMPT=1 "                \
    "CRONOBS_MAX_ATTEMPTS=3 CRONOBS_REVISION=7 CRONOBS_SCHEDULED_AT= "                       \
    "CRONOBS_DUE_AT=2023-11-14T22:13:20.500000Z "

static const struct env_case {
    const char *inherited[4];
    struct pair added[3];
    const char *result;
} env_cases[] = {
    {{NULL}, {{NULL, NULL}}, OWN},
    {{"PATH=/bin", "HOME=/root"}, {{NULL, NULL}}, "PATH=/bin HOME=/root " OWN},
    /* nothing of the worker's own settings comes through */
    {{"CRONOBS_DATABASE=secret", "CRONOBS_BROKERS=b", "CRONOBSX=1"},
     {{NULL, NULL}},
     "CRONOBSX=1 " OWN},
    /* what is added replaces what is inherited, a longer name is another one */
    {{"PATH=/bin", "PATHS=1"},
     {{"PATH", "/opt=/bin"}, {"NEW", ""}},
     "PATH=/opt=/bin PATHS=1 NEW= " OWN},
    {{"A=1"}, {{"A", "2"}, {"A", "3"}}, "A=3 " OWN},
};

static void later_variables_replace_earlier_ones(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(env_cases); i++) {
        const struct env_case *c = &env_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct pair added[3];
        struct pairs pairs = {.items = added};
        SCOPED_BUF out = {0};
        char **env;

        memcpy(added, c->added, sizeof added);
        while (pairs.count < 3 && added[pairs.count].name != NULL)
            pairs.count++;
        env = job_env_make(c->inherited, &pairs, &execution, -1, memory);
        for (; *env != NULL; env++)
            buf_printf(&out, "%s ", *env);
        assert_string_equal(buf_text(&out), c->result);
    }
}

static void what_the_execution_is_cannot_be_forged(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct pair forged = {"CRONOBS_TASK_KEY", "other"};
    const struct pairs added = {.items = &forged, .count = 1};
    const char *const nothing[] = {NULL};
    char **env = job_env_make(nothing, &added, &execution, -1, memory);

    assert_string_equal(env[0], "CRONOBS_TASK_KEY=key");
    for (env++; *env != NULL; env++)
        assert_false(text_starts(*env, "CRONOBS_TASK_KEY="));
}

static void the_names_of_a_jobs_own_are_listed(void **state UNUSED)
{
    const char *const none[] = {NULL};
    const struct pairs nothing = {0};
    SCOPED(arena) struct arena *memory = arena_new(0);
    char **env = job_env_make(none, &nothing, &execution, 3, memory);
    size_t count = 0;

    for (; env[count] != NULL; count++) {
        size_t len = strlen(job_env_names[count]);

        assert_memory_equal(env[count], job_env_names[count], len);
        assert_int_equal(env[count][len], '=');
    }
    assert_null(job_env_names[count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_variables_replace_earlier_ones),
        cmocka_unit_test(what_the_execution_is_cannot_be_forged),
        cmocka_unit_test(the_names_of_a_jobs_own_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
