#include "model/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct worker_ref worker = {"worker", {{7}}};

/* The design's table once more, in words. `born` and `cancelled` tell what the status alone does not. */
static const struct rule {
    const char *now;
    struct execution_state state; /* attempt 2 */
    const char *scheduler;        /* what may follow if the scheduler says it */
    const char *worker;           /* and if a worker does */
} rules[] = {
    {"nothing yet",
     {.status = STATUS_PENDING},
     "RUNNING SUCCEEDED FAILED MISSED CANCELLED WAITING SKIPPED",
     "RUNNING SUCCEEDED FAILED"},
    {"released",
     {.status = STATUS_PENDING, .status_at = 1},
     "RUNNING SUCCEEDED FAILED MISSED CANCELLED",
     "RUNNING SUCCEEDED FAILED"},
    {"waiting", {.status = STATUS_WAITING, .status_at = 1}, "PENDING MISSED CANCELLED", ""},
    {"running",
     {.status = STATUS_RUNNING, .status_at = 1},
     "RUNNING SUCCEEDED FAILED TIMED_OUT LOST CANCELLING",
     "RUNNING SUCCEEDED FAILED"},
    {"cancelling",
     {.status = STATUS_CANCELLING, .status_at = 1, .cancel_requested = true},
     "CANCELLED SUCCEEDED FAILED TIMED_OUT LOST",
     "CANCELLED SUCCEEDED FAILED"},
    {"retrying",
     {.status = STATUS_RETRYING, .status_at = 1},
     "RUNNING SUCCEEDED FAILED MISSED CANCELLED",
     "RUNNING SUCCEEDED FAILED"},
    {"failed", {.status = STATUS_FAILED, .status_at = 1}, "RETRYING", ""},
    {"timed out", {.status = STATUS_TIMED_OUT, .status_at = 1}, "RETRYING", ""},
    {"lost", {.status = STATUS_LOST, .status_at = 1}, "RETRYING", ""},
    {"failed after a cancel",
     {.status = STATUS_FAILED, .status_at = 1, .cancel_requested = true},
     "",
     ""},
    {"timed out after a cancel",
     {.status = STATUS_TIMED_OUT, .status_at = 1, .cancel_requested = true},
     "",
     ""},
    {"lost after a cancel",
     {.status = STATUS_LOST, .status_at = 1, .cancel_requested = true},
     "",
     ""},
    {"succeeded", {.status = STATUS_SUCCEEDED, .status_at = 1}, "", ""},
    {"cancelled", {.status = STATUS_CANCELLED, .status_at = 1}, "", ""},
    {"missed", {.status = STATUS_MISSED, .status_at = 1}, "", ""},
    {"skipped", {.status = STATUS_SKIPPED, .status_at = 1}, "", ""},
};

static bool names(const char *list, enum status status)
{
    SCOPED(text) char *padded = xasprintf(" %s ", list);
    SCOPED(text) char *word = xasprintf(" %s ", enum_name(&status_enum, (int)status));

    return strstr(padded, word) != NULL;
}

static bool is_workers_own(enum status s)
{
    return s == STATUS_RUNNING || s == STATUS_SUCCEEDED || s == STATUS_FAILED;
}

static void check(const struct rule *rule, const struct execution_status *report)
{
    struct execution_state before = rule->state, after;
    struct lifecycle_event event = {report, 99};
    int opened = report->status == STATUS_RETRYING;
    bool moves = names(report->worker == NULL ? rule->scheduler : rule->worker, report->status) &&
                 report->attempt == 2 + opened;
    enum lifecycle_effect effect;

    before.attempt = 2;
    if (report->if_unclaimed && before.status == STATUS_RUNNING && report->status == STATUS_RUNNING)
        moves = false;
    effect = lifecycle_apply(&before, &event, &after);
    if ((effect == LIFECYCLE_MOVED) != moves)
        fail_msg("%s, attempt 2: %s of attempt %d by the %s %s it", rule->now,
                 enum_name(&status_enum, (int)report->status), report->attempt,
                 report->worker == NULL ? "scheduler" : "worker", moves ? "keeps" : "moves");
    assert_int_equal(after.status, moves ? report->status : before.status);
    assert_int_equal(after.attempt, moves ? report->attempt : 2);
    assert_int_equal(after.status_at, moves ? 99 : before.status_at);
    assert_int_equal(after.contradicted,
                     !moves && status_is_final(before.status) && is_workers_own(report->status));
}

/* Said by both, with and without if_unclaimed, about an older attempt, the current one, later ones. */
static void check_all_reports(const struct rule *rule, enum status status)
{
    for (int bits = 0; bits < 4; bits++)
        for (int attempt = 0; attempt <= 4; attempt++) {
            struct execution_status report = {.status = status,
                                              .attempt = attempt,
                                              .if_unclaimed = (bits & 1) != 0,
                                              .worker = (bits & 2) != 0 ? &worker : NULL};

            check(rule, &report);
        }
}

static void obeys_the_table_for_every_status_speaker_and_attempt(void **state UNUSED)
{
    for (size_t r = 0; r < ARRAY_LEN(rules); r++)
        for (int status = 0; status < STATUS_COUNT; status++)
            check_all_reports(&rules[r], (enum status)status);
}

static void takes_no_attempt_for_the_first_one(void **state UNUSED)
{
    struct execution_state none = {0}, after;
    struct execution_status report = {.status = STATUS_RUNNING, .attempt = 1, .worker = &worker};
    struct lifecycle_event event = {&report, 5};

    assert_int_equal(lifecycle_apply(&none, &event, &after), LIFECYCLE_MOVED);
    assert_int_equal(after.attempt, 1);
    report.attempt = 0;
    assert_int_equal(lifecycle_apply(&none, &event, &after), LIFECYCLE_KEPT);
    assert_int_equal(after.attempt, 1);
}

/* One report after the other onto one state. */
static enum lifecycle_effect say(struct execution_state *s, enum status status, int attempt,
                                 const struct worker_ref *who, usec_t at)
{
    struct execution_status report = {.status = status,
                                      .attempt = attempt,
                                      .worker = who,
                                      .reason = who == NULL ? REASON_RETRY : REASON_EXIT_CODE,
                                      .exit_code = {who != NULL, 3},
                                      .message = who == NULL ? NULL : "text",
                                      .next_attempt_at = 1000};
    struct lifecycle_event event = {&report, at};

    return lifecycle_apply(s, &event, s);
}

static void keeps_when_who_and_why(void **state UNUSED)
{
    static const struct worker_ref other = {"other", {{8}}};
    struct execution_state s = {0};

    assert_int_equal(say(&s, STATUS_RUNNING, 1, &worker, 10), LIFECYCLE_MOVED);
    assert_int_equal(s.started_at, 10);
    assert_int_equal(s.finished_at, 0);
    assert_int_equal(say(&s, STATUS_RUNNING, 1, &other, 11), LIFECYCLE_MOVED);
    assert_int_equal(s.started_at, 11);
    assert_string_equal(s.worker, "other");
    assert_true(uuid_equal(s.claimant, other.incarnation));

    assert_int_equal(say(&s, STATUS_TIMED_OUT, 1, NULL, 12), LIFECYCLE_MOVED);
    assert_string_equal(s.worker, "other"); /* who had it */
    assert_int_equal(s.finished_at, 12);
    assert_int_equal(s.next_attempt_at, 0);
    assert_int_equal(s.reason, REASON_RETRY);
    assert_false(s.exit_code.is_set);
    assert_null(s.message);
}

static void starts_afresh_with_each_attempt(void **state UNUSED)
{
    struct execution_state s = {0};

    assert_int_equal(say(&s, STATUS_RUNNING, 1, &worker, 10), LIFECYCLE_MOVED);
    assert_int_equal(say(&s, STATUS_FAILED, 1, &worker, 11), LIFECYCLE_MOVED);
    assert_int_equal(s.exit_code.value, 3);
    assert_int_equal(say(&s, STATUS_RETRYING, 2, NULL, 12), LIFECYCLE_MOVED);
    assert_int_equal(s.attempt, 2);
    assert_int_equal(s.next_attempt_at, 1000);
    assert_int_equal(s.started_at, 0);
    assert_int_equal(s.finished_at, 0);
    assert_null(s.worker);
    assert_true(uuid_is_nil(s.claimant));
    assert_int_equal(say(&s, STATUS_SUCCEEDED, 1, &worker, 13), LIFECYCLE_KEPT); /* too late */
    assert_false(s.contradicted); /* the execution is open again */
    assert_int_equal(say(&s, STATUS_SUCCEEDED, 2, &worker, 14), LIFECYCLE_MOVED);
    assert_int_equal(s.started_at, 0); /* it never said RUNNING */
    assert_int_equal(s.finished_at, 14);
}

static void remembers_a_contradiction(void **state UNUSED)
{
    struct execution_state s = {0};

    assert_int_equal(say(&s, STATUS_FAILED, 1, &worker, 10), LIFECYCLE_MOVED);
    assert_int_equal(say(&s, STATUS_SUCCEEDED, 1, &worker, 11), LIFECYCLE_KEPT);
    assert_true(s.contradicted);
    assert_int_equal(s.status, STATUS_FAILED);
    assert_int_equal(s.status_at, 10);
    assert_int_equal(say(&s, STATUS_RETRYING, 2, NULL, 12), LIFECYCLE_MOVED);
    assert_true(s.contradicted);
}

static void is_never_retried_after_a_cancel(void **state UNUSED)
{
    struct execution_state s = {0};

    assert_int_equal(say(&s, STATUS_RUNNING, 1, &worker, 10), LIFECYCLE_MOVED);
    assert_int_equal(say(&s, STATUS_CANCELLING, 1, NULL, 11), LIFECYCLE_MOVED);
    assert_true(s.cancel_requested);
    assert_int_equal(say(&s, STATUS_LOST, 1, NULL, 12), LIFECYCLE_MOVED);
    assert_int_equal(say(&s, STATUS_RETRYING, 2, NULL, 13), LIFECYCLE_KEPT);
    assert_int_equal(s.attempt, 1);
}

static void refuses_what_is_over_the_limits(void **state UNUSED)
{
    static char queue[REPORT_QUEUE_MAX + 2];
    const struct limit_case {
        struct execution_status report;
        const char *why; /* NULL: nothing */
    } cases[] = {
        {{.attempt = 1}, NULL},
        {{.attempt = REPORT_ATTEMPT_MAX, .queue = "q"}, NULL},
        {{.attempt = 0}, "attempt: 0 is outside 1-32767"},
        {{.attempt = 32768}, "attempt: 32768 is outside 1-32767"},
        {{.attempt = 1, .result = {queue, REPORT_RESULT_MAX}}, NULL},
        {{.attempt = 1, .result = {queue, 65537}}, "result bytes: 65537 is outside 0-65536"},
        {{.attempt = 1, .queue = ""}, "queue bytes: 0 is outside 1-200"},
        {{.attempt = 1, .queue = queue}, "queue bytes: 201 is outside 1-200"},
    };

    memset(queue, 'q', REPORT_QUEUE_MAX + 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};

        assert_int_equal(lifecycle_check(&cases[i].report, &err),
                         cases[i].why == NULL ? RC_OK : RC_INVALID);
        assert_string_equal(err.text, cases[i].why == NULL ? "" : cases[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obeys_the_table_for_every_status_speaker_and_attempt),
        cmocka_unit_test(takes_no_attempt_for_the_first_one),
        cmocka_unit_test(keeps_when_who_and_why),
        cmocka_unit_test(starts_afresh_with_each_attempt),
        cmocka_unit_test(remembers_a_contradiction),
        cmocka_unit_test(is_never_retried_after_a_cancel),
        cmocka_unit_test(refuses_what_is_over_the_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
