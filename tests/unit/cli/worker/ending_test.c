#include "cli/worker/ending.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct end_case {
    struct child_end end;
    enum stop_cause cause;
    enum cronobs_status status;
    enum cronobs_reason reason;
    const char *message; /* "": none */
} end_cases[] = {
    {{false, 0, false}, STOP_NONE, CRONOBS_SUCCEEDED, CRONOBS_REASON_NONE, ""},
    {{false, 3, false}, STOP_NONE, CRONOBS_FAILED, CRONOBS_REASON_EXIT_CODE, "exit code 3"},
    {{true, SIGKILL, false}, STOP_NONE, CRONOBS_FAILED, CRONOBS_REASON_SIGNAL, "killed by SIGKILL"},
    {{true, SIGSEGV, true},
     STOP_NONE,
     CRONOBS_FAILED,
     CRONOBS_REASON_SIGNAL,
     "killed by SIGSEGV (core dumped)"},
    {{true, 40, false}, STOP_NONE, CRONOBS_FAILED, CRONOBS_REASON_SIGNAL, "killed by signal 40"},
    {{true, SIGTERM, false},
     STOP_TIMEOUT,
     CRONOBS_FAILED,
     CRONOBS_REASON_RUN_TIMEOUT,
     "killed by SIGTERM: its run timeout is over"},
    {{false, 1, false},
     STOP_TIMEOUT,
     CRONOBS_FAILED,
     CRONOBS_REASON_RUN_TIMEOUT,
     "exit code 1: its run timeout is over"},
    /* it traps SIGTERM and ends well: cut off all the same */
    {{false, 0, false},
     STOP_TIMEOUT,
     CRONOBS_FAILED,
     CRONOBS_REASON_RUN_TIMEOUT,
     "exit code 0: its run timeout is over"},
    {{false, 0, false},
     STOP_CANCEL,
     CRONOBS_CANCELLED,
     CRONOBS_REASON_NONE,
     "exit code 0: it was cancelled"},
    {{true, SIGTERM, false},
     STOP_SHUTDOWN,
     CRONOBS_FAILED,
     CRONOBS_REASON_WORKER_SHUTDOWN,
     "killed by SIGTERM: the worker was told to stop"},
    {{false, 143, false},
     STOP_CANCEL,
     CRONOBS_CANCELLED,
     CRONOBS_REASON_NONE,
     "exit code 143: it was cancelled"},
    /* the worker is told to stop, but this work was done */
    {{false, 0, false}, STOP_SHUTDOWN, CRONOBS_SUCCEEDED, CRONOBS_REASON_NONE, ""},
};

static void an_end_becomes_a_status_with_a_reason(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++) {
        const struct end_case *c = &end_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct cronobs_outcome o = ending_outcome(&c->end, c->cause, memory);

        assert_int_equal(o.status, c->status);
        assert_int_equal(o.reason, c->reason);
        assert_int_equal(o.has_exit_code, !c->end.by_signal);
        assert_int_equal(o.exit_code, c->end.by_signal ? 0 : c->end.code);
        assert_string_equal(o.message == NULL ? "" : o.message, c->message);
    }
}

static const struct start_case {
    enum rc rc;
    enum cronobs_reason reason;
    bool has_exit_code;
    int exit_code;
} start_cases[] = {
    {RC_NOT_FOUND, CRONOBS_REASON_EXIT_CODE, true, 127},
    {RC_INVALID, CRONOBS_REASON_EXIT_CODE, true, 126},
    {RC_RETRY, CRONOBS_REASON_WORKER_ERROR, false, 0},
};

static void a_command_that_did_not_start_has_failed(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(start_cases); i++) {
        const struct start_case *c = &start_cases[i];
        struct error why = {.text = "why"};
        struct cronobs_outcome o = ending_not_started(c->rc, &why);

        assert_int_equal(o.status, CRONOBS_FAILED);
        assert_int_equal(o.reason, c->reason);
        assert_int_equal(o.has_exit_code, c->has_exit_code);
        assert_int_equal(o.exit_code, c->exit_code);
        assert_string_equal(o.message, "why");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_becomes_a_status_with_a_reason),
        cmocka_unit_test(a_command_that_did_not_start_has_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
