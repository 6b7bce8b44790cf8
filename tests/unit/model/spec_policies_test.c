#include "model/spec_policies.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/spec.h"

static struct task_spec spec_with(struct retry_spec retry)
{
    return (struct task_spec){.key = "backup", .retry = retry};
}

static enum rc check(struct task_spec *spec, struct error *err)
{
    spec_normalise(spec);
    return spec_check_limits(spec, err);
}

static void fills_in_what_a_retry_leaves_open(void **state UNUSED)
{
    struct task_spec spec = spec_with((struct retry_spec){.max_attempts = 3});
    struct error err = {0};

    assert_int_equal(check(&spec, &err), RC_OK);
    assert_int_equal(spec.retry.first_delay_ms, 60000);
    assert_int_equal(spec.retry.max_delay_ms, 3600000);
    assert_true(spec.retry.multiplier > 1.99 && spec.retry.multiplier < 2.01);
    assert_int_equal(spec.retry.jitter_ms, 0);
    assert_null(spec.retry.on);
    spec = spec_with((struct retry_spec){.max_attempts = 2, .first_delay_ms = 7200000});
    assert_int_equal(check(&spec, &err), RC_OK);
    assert_int_equal(spec.retry.max_delay_ms, 7200000);
}

/* One way to write each choice: a PUT that says the same is no change. */
static void writes_outcomes_in_one_way(void **state UNUSED)
{
    static const struct {
        const char *given, *kept;
    } cases[] = {
        {NULL, NULL},
        {"FAILED", "FAILED"},
        {"TIMED_OUT, FAILED", "FAILED,TIMED_OUT"},
        {"timed_out,Failed", "FAILED,TIMED_OUT"},
        {"LOST,TIMED_OUT", "TIMED_OUT,LOST"},
        {"LOST,FAILED", "FAILED,LOST"},
        {"LOST, TIMED_OUT, FAILED", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct task_spec spec =
            spec_with((struct retry_spec){.max_attempts = 2, .on = cases[i].given});

        spec.heartbeat_ms = 1000;
        spec.run_timeout_ms = 4001;
        assert_int_equal(check(&spec, NULL), RC_OK);
        assert_true(text_equal(spec.retry.on, cases[i].kept));
    }
    assert_int_equal(spec_retry_on(NULL),
                     1 << STATUS_FAILED | 1 << STATUS_TIMED_OUT | 1 << STATUS_LOST);
    assert_int_equal(spec_retry_on("LOST,FAILED"), 1 << STATUS_FAILED | 1 << STATUS_LOST);
}

static void a_start_deadline_of_its_own_is_not_after_the_end(void **state UNUSED)
{
    struct task_spec spec = {.key = "backup", .overlap = OVERLAP_SKIP, .finish_by_ms = 3600000};

    assert_int_equal(check(&spec, NULL), RC_OK);
    assert_int_equal(spec.start_deadline_ms, 3600000);
    assert_int_equal(spec.run_timeout_ms, 86400000);
}

static const struct refusal {
    struct retry_spec retry;
    int64_t start_deadline_ms, finish_by_ms, heartbeat_ms;
    const char *pointer, *text;
} refusals[] = {
    {{.max_attempts = 101},
     0,
     0,
     0,
     "/retry/max_attempts",
     "retry/max_attempts: 101 is outside 1-100"},
    {{.max_attempts = -1},
     0,
     0,
     0,
     "/retry/max_attempts",
     "retry/max_attempts: -1 is outside 1-100"},
    {{.max_attempts = 2, .first_delay_ms = -5},
     0,
     0,
     0,
     "/retry/first_delay_ms",
     "retry/first_delay_ms: -5 is outside 0-31622400000"},
    {{.max_attempts = 2, .max_delay_ms = 31622400001},
     0,
     0,
     0,
     "/retry/max_delay_ms",
     "retry/max_delay_ms: 31622400001 is outside 0-31622400000"},
    {{.max_attempts = 2, .jitter_ms = 86400001},
     0,
     0,
     0,
     "/retry/jitter_ms",
     "retry/jitter_ms: 86400001 is outside 0-86400000"},
    {{.max_attempts = 2, .first_delay_ms = 9, .max_delay_ms = 8},
     0,
     0,
     0,
     "/retry/max_delay_ms",
     "retry/max_delay_ms: 8 is less than first_delay_ms, 9"},
    {{.max_attempts = 2, .multiplier = 0.5},
     0,
     0,
     0,
     "/retry/multiplier",
     "retry/multiplier: 0.5 is outside 1-1000"},
    {{.max_attempts = 2, .multiplier = 1001},
     0,
     0,
     0,
     "/retry/multiplier",
     "retry/multiplier: 1001 is outside 1-1000"},
    {{.max_attempts = 2, .multiplier = -2},
     0,
     0,
     0,
     "/retry/multiplier",
     "retry/multiplier: -2 is outside 1-1000"},
    {{.max_attempts = 2, .multiplier = NAN},
     0,
     0,
     0,
     "/retry/multiplier",
     "retry/multiplier: nan is outside 1-1000"},
    {{.max_attempts = 2, .on = "FAILED,CANCELLED"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: 'CANCELLED' is no outcome that can be tried again"},
    {{.max_attempts = 2, .on = ""}, 0, 0, 0, "/retry/on", "retry/on: '' is no outcome"},
    {{.max_attempts = 2, .on = " "}, 0, 0, 0, "/retry/on", "retry/on: '' is no outcome"},
    {{.max_attempts = 2, .on = "FAILED,,LOST"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: '' is no outcome that can be tried again"},
    {{.max_attempts = 2, .on = "FAILED,FAILED"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: 'FAILED' is no outcome that can be tried again, or is there twice"},
    {{.max_attempts = 2, .on = "fail"}, 0, 0, 0, "/retry/on", "retry/on: 'fail' is no outcome"},
    {{.max_attempts = 2, .on = "failed,FAILED"}, 0, 0, 0, "/retry/on", "retry/on: 'FAILED' is no"},
    {{.max_attempts = 2, .on = "TIMED_OUT,LOST"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: without run_timeout_ms or heartbeat_ms no attempt is ever TIMED_OUT or LOST"},
    {{.max_attempts = 2, .on = "LOST"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: without heartbeat_ms nothing is ever LOST"},
    {{.max_attempts = 2, .on = "TIMED_OUT"},
     0,
     0,
     0,
     "/retry/on",
     "retry/on: without run_timeout_ms no attempt is ever TIMED_OUT"},
    {{.first_delay_ms = 3},
     0,
     0,
     0,
     "/retry",
     "retry: with one attempt there is nothing to wait for"},
    {{.max_delay_ms = 3}, 0, 0, 0, "/retry", "retry: with one attempt"},
    {{.jitter_ms = 3}, 0, 0, 0, "/retry", "retry: with one attempt"},
    {{.multiplier = 2}, 0, 0, 0, "/retry", "retry: with one attempt"},
    {{.multiplier = NAN}, 0, 0, 0, "/retry", "retry: with one attempt"},
    {{.on = "LOST"}, 0, 0, 0, "/retry", "retry: with one attempt"},
    {{.max_attempts = 2, .first_delay_ms = 5000},
     0,
     5000,
     0,
     "/retry/first_delay_ms",
     "retry/first_delay_ms: 5000 is not less than finish_by_ms, 5000: no second attempt could begin"},
    {{.max_attempts = 1},
     0,
     40000,
     10000,
     "/heartbeat_ms",
     "heartbeat_ms: 4 times 10000 is not less than finish_by_ms, 40000: all is over before an attempt could be LOST"},
    {{.max_attempts = 1},
     6000,
     5000,
     0,
     "/finish_by_ms",
     "finish_by_ms: 5000 is less than start_deadline_ms, 6000: what starts in time would be over already"},
};

static void refuses_what_cannot_be_or_would_come_to_nothing(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct task_spec spec = spec_with(r->retry);
        struct error err = {0};

        spec.start_deadline_ms = r->start_deadline_ms;
        spec.finish_by_ms = r->finish_by_ms;
        spec.heartbeat_ms = r->heartbeat_ms;
        assert_int_equal(check(&spec, &err), RC_INVALID);
        assert_string_equal(err.pointer, r->pointer);
        if (!text_starts(err.text, r->text))
            fail_msg("'%s' does not start with '%s'", err.text, r->text);
    }
}

/* --- what follows --- */

static void what_follows_is_of_the_same_project_unless_it_says_so(void **state UNUSED)
{
    struct then_spec then[] = {{.task = "load"}, {.project = "ops", .task = "tidy"}, {"", "x", 0}};
    struct task_spec spec = {.key = "extract", .project = "dwh", .then = then, .then_count = 3};

    assert_int_equal(check(&spec, NULL), RC_OK);
    assert_string_equal(then[0].project, "dwh");
    assert_int_equal(then[0].on, THEN_SUCCEEDED);
    assert_string_equal(then[1].project, "ops");
    assert_string_equal(then[2].project, "dwh");
}

static void what_cannot_follow_is_refused(void **state UNUSED)
{
    static const struct {
        struct then_spec then[2];
        const char *pointer, *text;
    } cases[] = {
        {{{.task = "Load"}, {.task = "b"}},
         "/then/0/task",
         "then/0/task: is not the key of a task"},
        {{{.task = "a"}, {.task = NULL}}, "/then/1/task", "then/1/task: is not the key of a task"},
        {{{.task = "a"}, {"no way", "b", 0}},
         "/then/1/project",
         "then/1/project: is not the key of a project"},
        {{{.task = "a"}, {.task = "extract"}},
         "/then/1/task",
         "then/1/task: the task would set itself off, again and again"},
        {{{.task = "a"}, {"default", "a", THEN_ENDED}},
         "/then/1/task",
         "then/1/task: the task is there twice"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct then_spec then[2] = {cases[i].then[0], cases[i].then[1]};
        struct task_spec spec = {.key = "extract", .then = then, .then_count = 2};
        struct error err = {0};

        assert_int_equal(check(&spec, &err), RC_INVALID);
        assert_string_equal(err.pointer, cases[i].pointer);
        assert_string_equal(err.text, cases[i].text);
    }
}

static void no_more_than_16_follow(void **state UNUSED)
{
    struct then_spec then[17];
    char keys[17][4];
    struct task_spec spec = {.key = "extract", .then = then, .then_count = 16};
    struct error err = {0};

    for (size_t i = 0; i < 17; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "t%d", (int)i);
        then[i] = (struct then_spec){.task = keys[i]};
    }
    assert_int_equal(check(&spec, &err), RC_OK);
    spec.then_count = 17;
    assert_int_equal(check(&spec, &err), RC_INVALID);
    assert_string_equal(err.text, "then: 17 are more than 16");
}

static void each_end_is_a_success_a_failure_an_end_or_none(void **state UNUSED)
{
    static const struct {
        enum status end;
        bool holds[THEN_COUNT];
    } cases[] = {
        {STATUS_SUCCEEDED, {true, false, true}}, {STATUS_FAILED, {false, true, true}},
        {STATUS_TIMED_OUT, {false, true, true}}, {STATUS_LOST, {false, true, true}},
        {STATUS_MISSED, {false, true, true}},    {STATUS_CANCELLED, {false, false, true}},
        {STATUS_SKIPPED, {false, false, false}}, {STATUS_RUNNING, {false, false, false}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (enum then_on on = THEN_SUCCEEDED; on < THEN_COUNT; on++)
            assert_int_equal(spec_then_holds(on, cases[i].end), cases[i].holds[on]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_what_a_retry_leaves_open),
        cmocka_unit_test(writes_outcomes_in_one_way),
        cmocka_unit_test(a_start_deadline_of_its_own_is_not_after_the_end),
        cmocka_unit_test(refuses_what_cannot_be_or_would_come_to_nothing),
        cmocka_unit_test(what_follows_is_of_the_same_project_unless_it_says_so),
        cmocka_unit_test(what_cannot_follow_is_refused),
        cmocka_unit_test(no_more_than_16_follow),
        cmocka_unit_test(each_end_is_a_success_a_failure_an_end_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
