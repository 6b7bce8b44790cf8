#include "model/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct worker_ref worker = {"worker", {{7}}};

/* The design's table once more, in words. */
static const struct rule {
    const char *now;
    enum status status;
    const char *scheduler; /* what may follow if the scheduler says it */
    const char *worker;    /* and if a worker does that has not the claim yet */
} rules[] = {
    {"pending", STATUS_PENDING, "RUNNING SUCCEEDED FAILED MISSED CANCELLED SKIPPED",
     "RUNNING SUCCEEDED FAILED"},
    {"waiting", STATUS_WAITING, "PENDING MISSED CANCELLED", ""},
    {"running", STATUS_RUNNING, "RUNNING SUCCEEDED FAILED TIMED_OUT LOST CANCELLING",
     "RUNNING SUCCEEDED FAILED"},
    {"cancelling", STATUS_CANCELLING, "CANCELLED SUCCEEDED FAILED TIMED_OUT LOST",
     "CANCELLED SUCCEEDED FAILED"},
    {"retrying", STATUS_RETRYING, "RUNNING SUCCEEDED FAILED MISSED CANCELLED",
     "RUNNING SUCCEEDED FAILED"},
    {"failed", STATUS_FAILED, "", ""},
    {"timed out", STATUS_TIMED_OUT, "", ""},
    {"lost", STATUS_LOST, "", ""},
    {"succeeded", STATUS_SUCCEEDED, "", ""},
    {"cancelled", STATUS_CANCELLED, "", ""},
    {"missed", STATUS_MISSED, "", ""},
    {"skipped", STATUS_SKIPPED, "", ""},
};

enum who { NOBODY, WORKER, SCHEDULER, WHO_COUNT };

static const char *const who_names[] = {"nobody", "worker", "scheduler"};

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

static const struct worker_ref other = {"other", {{8}}};

static struct execution_status report_of(enum status status, int attempt, enum who who)
{
    struct execution_status r = {.event_id = {{9}},
                                 .execution_id = {{4}},
                                 .attempt = attempt,
                                 .status = status,
                                 .worker = who == WORKER ? &worker : NULL};

    if (who == SCHEDULER)
        r.event_id = event_id_of(r.execution_id, attempt, enum_name(&status_enum, (int)status));
    return r;
}

static enum lifecycle_effect expected_of(const struct rule *rule, const struct execution_status *r,
                                         enum who who)
{
    const char *list = who == NOBODY ? "" : who == WORKER ? rule->worker : rule->scheduler;

    if (names(list, r->status) && r->attempt == 2 &&
        !(r->if_unclaimed && r->status == STATUS_RUNNING && rule->status == STATUS_RUNNING))
        return LIFECYCLE_MOVED;
    return status_is_final(rule->status) && is_workers_own(r->status) && who != NOBODY
               ? LIFECYCLE_CONTRADICTED
               : LIFECYCLE_KEPT;
}

static void check(const struct rule *rule, const struct execution_status *r, enum who who)
{
    const struct life before = {rule->status, 2, other.incarnation, 7, 0};
    enum lifecycle_effect expected = expected_of(rule, r, who);
    bool moves = expected == LIFECYCLE_MOVED;
    struct life life = before;

    if (lifecycle_apply(&life, &(struct lifecycle_event){r, 99, NULL, false}) != expected)
        fail_msg("%s, attempt 2: %s of attempt %d by the %s is not %d", rule->now,
                 enum_name(&status_enum, (int)r->status), r->attempt, who_names[who], expected);
    assert_int_equal(life.status, moves ? r->status : before.status);
    assert_int_equal(life.attempt, 2);
    assert_int_equal(life.started_at, moves && r->status == STATUS_RUNNING ? 99 : 7);
    assert_true(
        uuid_equal(life.claimant, moves && who == WORKER ? worker.incarnation : other.incarnation));
}

/* Said by all, with and without if_unclaimed, about an older attempt, the current one, later ones. */
static void check_all_reports(const struct rule *rule, enum status status)
{
    for (int who = 0; who < WHO_COUNT; who++)
        for (int attempt = 0; attempt <= 4; attempt++)
            for (int if_unclaimed = 0; if_unclaimed < 2; if_unclaimed++) {
                struct execution_status r = report_of(status, attempt, (enum who)who);

                r.if_unclaimed = if_unclaimed != 0;
                check(rule, &r, (enum who)who);
            }
}

static void obeys_the_table_for_every_status_speaker_and_attempt(void **state UNUSED)
{
    for (size_t r = 0; r < ARRAY_LEN(rules); r++)
        for (int status = 0; status < STATUS_COUNT; status++)
            check_all_reports(&rules[r], (enum status)status);
}

static enum lifecycle_effect say(struct life *life, enum status status, enum who who, usec_t at)
{
    struct execution_status r = report_of(status, 1, who);

    return lifecycle_apply(life, &(struct lifecycle_event){&r, at, NULL, false});
}

/* What a forgetful scheduler cannot follow must not happen: nothing is open again after a final status that no attempt follows. */
static void ends_with_the_first_final_status(void **state UNUSED)
{
    static const enum status sequences[][4] = {
        /* not where its life begins */
        {STATUS_WAITING, STATUS_PENDING, STATUS_SKIPPED, STATUS_PENDING},
        {STATUS_RUNNING, STATUS_FAILED, STATUS_RETRYING, STATUS_RUNNING},
        {STATUS_RUNNING, STATUS_TIMED_OUT, STATUS_RETRYING, STATUS_RUNNING},
        {STATUS_RUNNING, STATUS_LOST, STATUS_RETRYING, STATUS_RUNNING},
    };

    for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
        for (int attempt = 1; attempt <= 2; attempt++) {
            struct life life = {0};
            enum status final = STATUS_PENDING;

            for (size_t n = 0; n < 4; n++) {
                struct execution_status r =
                    report_of(sequences[i][n], i == 0 || n < 2 ? 1 : attempt, SCHEDULER);

                (void)lifecycle_apply(&life, &(struct lifecycle_event){&r, 1, NULL, false});
                if (final != STATUS_PENDING)
                    assert_int_equal(life.status, final);
                else if (status_is_final(life.status))
                    final = life.status;
            }
            assert_int_not_equal(final, STATUS_PENDING);
            assert_int_equal(life.attempt, 1);
        }
}

/* --- further attempts --- */

static const struct retry_spec three = {
    .max_attempts = 3, .first_delay_ms = 10, .max_delay_ms = 1000, .multiplier = 2, .on = "FAILED"};

static enum lifecycle_effect say_of(struct life *life, const struct life_rules *policy,
                                    enum status status, int attempt, enum who who, usec_t at)
{
    struct execution_status r = report_of(status, attempt, who);

    if (status == STATUS_TIMED_OUT)
        r.reason = REASON_FINISH_BY;
    return lifecycle_apply(life, &(struct lifecycle_event){&r, at, policy, false});
}

static void a_failure_says_itself_that_another_attempt_follows(void **state UNUSED)
{
    const struct life_rules policy = lifecycle_rules(&three, 3, 0);
    struct life life = {0};

    assert_int_equal(say_of(&life, &policy, STATUS_RUNNING, 1, WORKER, 5), LIFECYCLE_MOVED);
    assert_int_equal(say_of(&life, &policy, STATUS_FAILED, 1, WORKER, 1000), LIFECYCLE_MOVED);
    assert_int_equal(life.status, STATUS_FAILED);
    assert_int_equal(life.next_attempt_at, 1000 + 10000);
    assert_false(life_is_over(&life));
    /* neither a worker nor another attempt opens it, and late words change nothing */
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 2, WORKER, 1001), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 2, NOBODY, 1001), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 1, SCHEDULER, 1001), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 3, SCHEDULER, 1001), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RUNNING, 2, WORKER, 1001),
                     LIFECYCLE_CONTRADICTED);
    assert_int_equal(say_of(&life, &policy, STATUS_MISSED, 1, SCHEDULER, 1001), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 2, SCHEDULER, 1002), LIFECYCLE_MOVED);
    assert_int_equal(life.status, STATUS_RETRYING);
    assert_int_equal(life.attempt, 2);
    assert_int_equal(life.started_at, 0);
    assert_true(uuid_is_nil(life.claimant));
    assert_int_equal(life.next_attempt_at, 11000);
    assert_int_equal(say_of(&life, &policy, STATUS_SUCCEEDED, 1, WORKER, 1003), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 2, SCHEDULER, 1003), LIFECYCLE_KEPT);
    assert_int_equal(say_of(&life, &policy, STATUS_FAILED, 2, WORKER, 20000), LIFECYCLE_MOVED);
    assert_int_equal(life.next_attempt_at, 20000 + 20000);
    (void)say_of(&life, &policy, STATUS_RETRYING, 3, SCHEDULER, 20001);
    assert_int_equal(say_of(&life, &policy, STATUS_FAILED, 3, WORKER, 50000), LIFECYCLE_MOVED);
    assert_true(life_is_over(&life)); /* that was the last one */
    assert_int_equal(say_of(&life, &policy, STATUS_RETRYING, 4, SCHEDULER, 50001), LIFECYCLE_KEPT);
}

/* What no attempt follows, whatever the policy. */
static void nothing_follows_a_cancelled_run_nor_one_that_is_past_its_end(void **state UNUSED)
{
    const struct life_rules all =
        lifecycle_rules(&(struct retry_spec){.first_delay_ms = 10, .multiplier = 1}, 3, 21000);
    static const struct after {
        enum status was, becomes;
        usec_t at, next;
    } cases[] = {
        {STATUS_RUNNING, STATUS_FAILED, 1000, 11000},
        {STATUS_RUNNING, STATUS_FAILED, 11000, 21000}, /* just in time */
        {STATUS_RUNNING, STATUS_FAILED, 11001, 0},     /* the next attempt would begin too late */
        {STATUS_RUNNING, STATUS_LOST, 1000, 11000},
        {STATUS_RUNNING, STATUS_TIMED_OUT, 1000, 0}, /* by FINISH_BY: see say_of */
        {STATUS_CANCELLING, STATUS_FAILED, 1000, 0},
        {STATUS_CANCELLING, STATUS_LOST, 1000, 0},
        {STATUS_RUNNING, STATUS_SUCCEEDED, 1000, 0},
        {STATUS_RETRYING, STATUS_MISSED, 1000, 0},
        {STATUS_RETRYING, STATUS_CANCELLED, 1000, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct life life = {.status = cases[i].was, .attempt = 1};

        assert_int_equal(say_of(&life, &all, cases[i].becomes, 1, SCHEDULER, cases[i].at),
                         LIFECYCLE_MOVED);
        assert_int_equal(life.next_attempt_at, cases[i].next);
        assert_int_equal(life_is_over(&life), cases[i].next == 0);
    }
}

/* Whole numbers, so that anybody can compute them again; the last is FNV-1a of 04 00 ... 00 and 00 00 00 02. */
static void waits_longer_each_time_and_by_the_same_jitter_everywhere(void **state UNUSED)
{
    struct retry_spec retry = {.first_delay_ms = 1000, .max_delay_ms = 60000, .multiplier = 1.5};
    const struct uuid id = {{4}};
    static const usec_t waits[] = {1000,  1500,  2250,  3375,  5062,  7593, 11389,
                                   17083, 25624, 38436, 57654, 60000, 60000};
    struct life_rules policy = lifecycle_rules(&retry, 100, 0);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    static const uint8_t key[20] = {[0] = 4, [19] = 2};

    for (size_t i = 0; i < ARRAY_LEN(waits); i++)
        assert_int_equal(lifecycle_retry_delay(&policy, id, (int32_t)i + 1), waits[i] * 1000);
    assert_int_equal(lifecycle_retry_delay(&policy, id, ATTEMPT_MAX), 60000 * 1000);
    retry.jitter_ms = 500;
    policy = lifecycle_rules(&retry, 100, 0);
    for (size_t i = 0; i < sizeof key; i++)
        hash = (hash ^ key[i]) * UINT64_C(0x100000001b3);
    assert_int_equal(lifecycle_retry_delay(&policy, id, 1), 1000000 + (usec_t)(hash % 500000));
    assert_int_not_equal(lifecycle_retry_delay(&policy, id, 2),
                         lifecycle_retry_delay(&policy, id, 1) + 500000);
}

/* Whoever wrote ExecutionCreated: an attempt over the limits could never be opened, and the execution never end. */
static void rules_are_within_their_limits_whoever_wrote_them(void **state UNUSED)
{
    const struct retry_spec odd = {.first_delay_ms = INT64_MIN,
                                   .max_delay_ms = INT64_MAX,
                                   .jitter_ms = INT64_MAX,
                                   .multiplier = -1e300,
                                   .on = "SUCCEEDED,,LOST, PENDING"};
    struct life_rules policy = lifecycle_rules(&odd, INT32_MAX, 0);
    struct life life = {.status = STATUS_RUNNING, .attempt = ATTEMPT_MAX};

    assert_int_equal(policy.max_attempts, ATTEMPT_MAX);
    assert_int_equal(policy.retry_on, 1 << STATUS_LOST);
    assert_int_equal(policy.multiplier, 1000);
    assert_true(lifecycle_retry_delay(&policy, UUID_NIL, ATTEMPT_MAX) < 367 * USEC_PER_DAY);
    (void)say_of(&life, &policy, STATUS_LOST, ATTEMPT_MAX, SCHEDULER, 5);
    assert_true(life_is_over(&life));
    life = (struct life){.status = STATUS_RUNNING, .attempt = 1};
    (void)say_of(&life, &policy, STATUS_LOST, 1, SCHEDULER, USEC_MAX);
    assert_true(life.next_attempt_at == USEC_MAX);
    assert_int_equal(lifecycle_rules(NULL, 7, 0).retry_on, 0);
}

/* --- waiting --- */

/* One word WAITING anywhere else would hold an execution for ever. */
static void waits_only_where_its_life_begins(void **state UNUSED)
{
    struct execution_status waiting = report_of(STATUS_WAITING, 1, SCHEDULER);
    struct lifecycle_event birth = {&waiting, 5, NULL, true},
                           elsewhere = {&waiting, 6, NULL, false};
    struct life life = {0};

    assert_int_equal(lifecycle_apply(&life, &elsewhere), LIFECYCLE_KEPT);
    assert_int_equal(lifecycle_apply(&life, &birth), LIFECYCLE_MOVED);
    assert_int_equal(life.status, STATUS_WAITING);
    assert_int_equal(say(&life, STATUS_RUNNING, WORKER, 7), LIFECYCLE_KEPT);
    assert_int_equal(say(&life, STATUS_PENDING, WORKER, 7), LIFECYCLE_KEPT);
    assert_int_equal(say(&life, STATUS_PENDING, SCHEDULER, 8), LIFECYCLE_MOVED);
    assert_int_equal(lifecycle_apply(&life, &elsewhere), LIFECYCLE_KEPT);
    assert_int_equal(say(&life, STATUS_RUNNING, WORKER, 9), LIFECYCLE_MOVED);
    assert_int_equal(lifecycle_apply(&life, &birth), LIFECYCLE_KEPT);
    life = (struct life){0};
    waiting = report_of(STATUS_WAITING, 1, WORKER);
    assert_int_equal(lifecycle_apply(&life, &birth), LIFECYCLE_KEPT);
}

/* --- claims --- */

static void takes_no_attempt_for_the_first_one(void **state UNUSED)
{
    struct life life = {0};
    struct execution_status r = report_of(STATUS_RUNNING, 0, WORKER);

    assert_int_equal(lifecycle_apply(&life, &(struct lifecycle_event){&r, 5, NULL, false}),
                     LIFECYCLE_KEPT);
    assert_int_equal(life.attempt, 1);
    life.attempt = 0;
    r.attempt = 1;
    assert_int_equal(lifecycle_apply(&life, &(struct lifecycle_event){&r, 5, NULL, false}),
                     LIFECYCLE_MOVED);
    assert_int_equal(life.attempt, 1);
}

/* The time-out counts from the first of two equal claims, and anew from that of another worker. */
static void takes_a_repeated_claim_for_none(void **state UNUSED)
{
    struct execution_status by_other = report_of(STATUS_RUNNING, 1, WORKER);
    struct life life = {0};

    by_other.worker = &other;
    assert_int_equal(say(&life, STATUS_RUNNING, WORKER, 10), LIFECYCLE_MOVED);
    assert_int_equal(say(&life, STATUS_RUNNING, WORKER, 11), LIFECYCLE_KEPT);
    assert_int_equal(life.started_at, 10);
    assert_int_equal(lifecycle_apply(&life, &(struct lifecycle_event){&by_other, 12, NULL, false}),
                     LIFECYCLE_MOVED);
    assert_int_equal(life.started_at, 12);
    assert_true(uuid_equal(life.claimant, other.incarnation));
    assert_int_equal(say(&life, STATUS_TIMED_OUT, SCHEDULER, 13), LIFECYCLE_MOVED);
    assert_true(uuid_equal(life.claimant, other.incarnation)); /* who had it */
}

/* All that a repeat can move: it looks like a worker that has come back, and that must be believed. */
static void takes_a_claim_back_when_it_is_said_again_after_anothers(void **state UNUSED)
{
    struct execution_status by_other = report_of(STATUS_RUNNING, 1, WORKER);
    struct life life = {0};

    by_other.worker = &other;
    (void)say(&life, STATUS_RUNNING, WORKER, 10);
    (void)lifecycle_apply(&life, &(struct lifecycle_event){&by_other, 11, NULL, false});
    assert_int_equal(say(&life, STATUS_RUNNING, WORKER, 12), LIFECYCLE_MOVED);
    assert_true(uuid_equal(life.claimant, worker.incarnation));
    assert_int_equal(life.started_at, 12);
    by_other.if_unclaimed = true;
    assert_int_equal(lifecycle_apply(&life, &(struct lifecycle_event){&by_other, 13, NULL, false}),
                     LIFECYCLE_KEPT);
}

static void knows_the_scheduler_by_its_event_ids(void **state UNUSED)
{
    struct execution_status r = report_of(STATUS_MISSED, 1, SCHEDULER);

    assert_int_equal(lifecycle_speaker(&r), SPEAKER_SCHEDULER);
    r.attempt = 2;
    assert_int_equal(lifecycle_speaker(&r), SPEAKER_NOBODY);
    r = report_of(STATUS_MISSED, 1, SCHEDULER);
    r.status = STATUS_SKIPPED;
    assert_int_equal(lifecycle_speaker(&r), SPEAKER_NOBODY);
    r = report_of(STATUS_MISSED, 1, SCHEDULER);
    r.worker = &worker;
    assert_int_equal(lifecycle_speaker(&r), SPEAKER_WORKER);
}

static void refuses_what_is_over_the_limits(void **state UNUSED)
{
    static char queue[NAME_MAX_BYTES + 2], message[MESSAGE_MAX_BYTES + 2];
    static const struct worker_ref wordy = {queue, {{1}}};
    const struct limit_case {
        struct execution_status report;
        const char *why; /* NULL: nothing */
    } cases[] = {
        {{.attempt = 1}, NULL},
        {{.attempt = ATTEMPT_MAX, .queue = "q"}, NULL},
        {{.attempt = 0}, "attempt: 0 is outside 1-32767"},
        {{.attempt = 32768}, "attempt: 32768 is outside 1-32767"},
        {{.attempt = 1, .result = {queue, RESULT_MAX_BYTES}}, NULL},
        {{.attempt = 1, .result = {queue, 65537}}, "result bytes: 65537 is outside 0-65536"},
        {{.attempt = 1, .queue = ""}, "queue bytes: 0 is outside 1-200"},
        {{.attempt = 1, .queue = queue}, "queue bytes: 201 is outside 1-200"},
        {{.attempt = 1, .message = message + 1}, NULL},
        {{.attempt = 1, .message = message}, "message bytes: 4097 is outside 0-4096"},
        {{.attempt = 1, .worker = &wordy}, "worker name bytes: 201 is outside 0-200"},
    };

    memset(queue, 'q', NAME_MAX_BYTES + 1);
    memset(message, 'm', MESSAGE_MAX_BYTES + 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};

        assert_int_equal(lifecycle_check(&cases[i].report, &err),
                         cases[i].why == NULL ? RC_OK : RC_INVALID);
        assert_string_equal(err.text, cases[i].why == NULL ? "" : cases[i].why);
    }
}

/* --- what a queue holds --- */

static char letters[PAYLOAD_MAX_BYTES + 2];

static const char *text_of(int len)
{
    return letters + sizeof letters - 1 - len;
}

static struct pairs labels_of(int count)
{
    static struct pair items[LABELS_MAX + 1];

    for (int i = 0; i < count; i++)
        items[i] = (struct pair){text_of(i + 1), "v"};
    return (struct pairs){items, (size_t)count};
}

/* The same is asked of what a task may have (spec_test.c): what is saved with a task can be run. */
static void refuses_executions_over_the_limits(void **state UNUSED)
{
    memset(letters, 'k', sizeof letters - 1);
    for (int over = 0; over < 2; over++) {
        struct pair label = {text_of(28 + over), text_of(100)};
        const struct limit_case {
            struct execution_created e;
            const char *why;
        } cases[] = {
            {{.attempt = ATTEMPT_MAX + over}, "attempt: 32768 is outside 1-32767"},
            {{.attempt = 1, .max_attempts = ATTEMPT_MAX + over},
             "max_attempts: 32768 is outside 0-32767"},
            {{.attempt = 1, .payload = {letters, (size_t)(65536 + over)}},
             "payload bytes: 65537 is outside 0-65536"},
            {{.attempt = 1, .labels = labels_of(32 + over)}, "labels: 33 are more than 32"},
            {{.attempt = 1, .labels = {&label, 1}},
             "labels: 129 bytes of 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkk' are more than 128"},
            {{.attempt = 1, .task_key = text_of(200 + over)},
             "task_key bytes: 201 is outside 0-200"},
            {{.attempt = 1, .project = text_of(200 + over)}, "project bytes: 201 is outside 0-200"},
            {{.attempt = 1, .zone = text_of(200 + over)}, "zone bytes: 201 is outside 0-200"},
            {{.attempt = 1, .tzdata = text_of(200 + over)}, "tzdata bytes: 201 is outside 0-200"},
            {{.attempt = 1, .content_type = text_of(200 + over)},
             "content_type bytes: 201 is outside 0-200"},
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            struct error err = {0};

            assert_int_equal(lifecycle_check_created(&cases[i].e, &err),
                             over == 0 ? RC_OK : RC_INVALID);
            assert_string_equal(err.text, over == 0 ? "" : cases[i].why);
        }
    }
}

static void refuses_labels_that_no_task_can_have(void **state UNUSED)
{
    struct pair nameless[] = {{"", "v"}}, twice[] = {{"a", "1"}, {"a", "2"}};
    struct execution_created e = {.attempt = 1, .labels = {nameless, 1}};

    assert_int_equal(lifecycle_check_created(&e, NULL), RC_INVALID);
    e.labels = (struct pairs){twice, 2};
    assert_int_equal(lifecycle_check_created(&e, NULL), RC_INVALID);
}

/* --- */

static void
a_worker_that_stopped_a_run_for_its_limit_says_what_the_scheduler_said(void **state UNUSED)
{
    struct execution_status r = report_of(STATUS_FAILED, 1, WORKER);
    const struct lifecycle_event event = {&r, 5000, NULL, false};
    struct life life = {.status = STATUS_TIMED_OUT, .attempt = 1};

    r.reason = REASON_RUN_TIMEOUT;
    assert_int_equal(lifecycle_apply(&life, &event), LIFECYCLE_KEPT);
    assert_int_equal(life.status, STATUS_TIMED_OUT);
    r.reason = REASON_EXIT_CODE;
    assert_int_equal(lifecycle_apply(&life, &event), LIFECYCLE_CONTRADICTED);
    r.reason = REASON_RUN_TIMEOUT;
    life.status = STATUS_SUCCEEDED;
    assert_int_equal(lifecycle_apply(&life, &event), LIFECYCLE_CONTRADICTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_stopped_a_run_for_its_limit_says_what_the_scheduler_said),
        cmocka_unit_test(obeys_the_table_for_every_status_speaker_and_attempt),
        cmocka_unit_test(ends_with_the_first_final_status),
        cmocka_unit_test(a_failure_says_itself_that_another_attempt_follows),
        cmocka_unit_test(nothing_follows_a_cancelled_run_nor_one_that_is_past_its_end),
        cmocka_unit_test(waits_longer_each_time_and_by_the_same_jitter_everywhere),
        cmocka_unit_test(rules_are_within_their_limits_whoever_wrote_them),
        cmocka_unit_test(waits_only_where_its_life_begins),
        cmocka_unit_test(takes_no_attempt_for_the_first_one),
        cmocka_unit_test(takes_a_repeated_claim_for_none),
        cmocka_unit_test(takes_a_claim_back_when_it_is_said_again_after_anothers),
        cmocka_unit_test(knows_the_scheduler_by_its_event_ids),
        cmocka_unit_test(refuses_what_is_over_the_limits),
        cmocka_unit_test(refuses_executions_over_the_limits),
        cmocka_unit_test(refuses_labels_that_no_task_can_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
