#include "cli/program/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"

static const struct stranger_case {
    const char *environment[3];
    const char *text, *hint; /* what is told of the first one; NULL: nothing is */
} stranger_cases[] = {
    {{"CRONOBS_BOOTSTRAP_SERVER=h:9"},
     "the variable CRONOBS_BOOTSTRAP_SERVER does nothing",
     "docs configuration"},
    {{"CRONOBS_BROKER=h:9"}, "CRONOBS_BROKER does", "did you mean CRONOBS_BROKERS?"},
    {{"CRONOBS_URl=x"}, "CRONOBS_URl does", "did you mean CRONOBS_URL?"},
    {{"CRONOBS_DATABASE_URL=x"}, "CRONOBS_DATABASE_URL does", "did you mean CRONOBS_DATABASE?"},
    {{"CRONOBS_SESSION_TIMEOUT=10s"}, "CRONOBS_SESSION_TIMEOUT does", ""},
    {{"CRONOBS_API_PORT=8081"}, "CRONOBS_API_PORT does", ""},
    {{"CRONOBS_="}, "CRONOBS_ does", "docs configuration"},
    {{"CRONOBS_a\x1b[1m=x"}, "CRONOBS_a\\x1b[1m does", ""},
    /* the letters before the name */
    {{"cronobs_url=x"}, "cronobs_url does", "did you mean CRONOBS_URL?"},
    {{"CRONOB_BROKERS=x"}, "CRONOB_BROKERS does", "did you mean CRONOBS_BROKERS?"},
    {{"CRON_OBS_DATABASE=x"}, "CRON_OBS_DATABASE does", "did you mean CRONOBS_DATABASE?"},
    {{"CRONOBSURL=x"}, "CRONOBSURL does", "did you mean CRONOBS_URL?"},
    {{"CRONOBSERVER_HOME=x"}, NULL, NULL},
    {{"CRON_URL=x"}, NULL, NULL},
    /* what has no variable */
    {{"CRONOBS_CONCURRENCY=4"},
     "CRONOBS_CONCURRENCY does",
     "--concurrency is an option alone, without a variable"},
    {{"CRONOBS_QUEUE=reports"},
     "CRONOBS_QUEUE does",
     "--queue is an option alone, without a variable"},
    {{"CRONOBS_ZONE=Europe/Berlin"},
     "CRONOBS_ZONE does",
     "--zone is an option alone, without a variable"},
    /* what some program reads */
    {{"CRONOBS_URL=x", "CRONOBS_API_LISTEN=x"}, NULL, NULL},
    {{"CRONOBS_CONFIG=x", "CRONOBS_WORKER_NAME="}, NULL, NULL},
    {{"PATH=/bin", "CRONOBS"}, NULL, NULL},
    {{NULL}, NULL, NULL},
    /* a run that calls us */
    {{"CRONOBS_QUEUE=q", "CRONOBS_EXECUTION_ID=e"}, NULL, NULL},
    {{"CRONOBS_EXECUTION_ID=e", "CRONOBS_TASK_KEYS=e"}, "CRONOBS_TASK_KEYS does", ""},
    /* a service of Kubernetes that is called cronobs-api, or cronobs */
    {{"CRONOBS_API_SERVICE_HOST=10.0.0.7", "CRONOBS_API_SERVICE_PORT=8080"}, NULL, NULL},
    {{"CRONOBS_API_SERVICE_PORT_HTTP=8080", "CRONOBS_API_PORT=tcp://10.0.0.7:8080"}, NULL, NULL},
    {{"CRONOBS_API_PORT_8080_TCP=tcp://10.0.0.7:8080", "CRONOBS_API_PORT_8080_TCP_PROTO=tcp"},
     NULL,
     NULL},
    {{"CRONOBS_API_PORT_53_UDP_PORT=53", "CRONOBS_API_PORT_53_SCTP_ADDR=10.0.0.7"}, NULL, NULL},
    {{"CRONOBS_SERVICE_HOST=10.0.0.7", "CRONOBS_PORT=tcp://10.0.0.7:80"}, NULL, NULL},
    {{"CRONOBS_TEST_BIN=x", "CRONOBS_FAULT_FILE=x"}, NULL, NULL},
};

static void a_variable_in_vain_is_told(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(stranger_cases); i++) {
        const struct stranger_case *c = &stranger_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        const char *const *at = c->environment;
        struct error err = {0};

        if (environment_stranger(c->environment, &at, memory, &err) != (c->text != NULL))
            fail_msg("%s: '%s' (%s)", c->environment[0], err.text, err.hint);
        if (c->text != NULL &&
            (strstr(err.text, c->text) == NULL || strstr(err.hint, c->hint) == NULL))
            fail_msg("%s: '%s' (%s)", c->environment[0], err.text, err.hint);
    }
}

static void each_is_told_once(void **state UNUSED)
{
    const char *const environment[] = {"CRONOBS_URLL=x", "CRONOBS_URL=x", "CRONOBS_PARTITION=3",
                                       NULL};
    const char *const *at = environment;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct error err;

    assert_true(environment_stranger(environment, &at, memory, &err));
    assert_non_null(strstr(err.text, "CRONOBS_URLL"));
    assert_true(environment_stranger(environment, &at, memory, &err));
    assert_non_null(strstr(err.text, "CRONOBS_PARTITION "));
    assert_false(environment_stranger(environment, &at, memory, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_in_vain_is_told),
        cmocka_unit_test(each_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
