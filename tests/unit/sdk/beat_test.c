#include "c/beat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "c/job.h"

static const struct opt_int unknown, half = {.is_set = true, .value = 50};

static void the_shorter_interval_counts(void **state UNUSED)
{
    static const struct {
        int64_t asked_ms, own_ms, every_ms;
    } cases[] = {
        {0, 0, 0},
        {-5, 0, 0},
        {30000, 0, 15000},
        {0, 10000, 10000},
        {30000, 10000, 10000},
        {4000, 10000, 2000},
        {1, 0, 500},
        {0, 1, 1000},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct beat b;

        beat_init(&b, cases[i].asked_ms, cases[i].own_ms);
        assert_int_equal(b.every, cases[i].every_ms * USEC_PER_MS);
    }
}

static void it_beats_by_itself_and_one_at_a_time(void **state UNUSED)
{
    struct beat b;

    beat_init(&b, 4000, 0);
    beat_start(&b, 1000);
    assert_int_equal(beat_wake(&b, false), 1000 + 2 * USEC_PER_SEC);
    beat_sent(&b, 5 * USEC_PER_SEC);
    assert_int_equal(beat_wake(&b, false), USEC_MAX);
    beat_answered(&b, false); /* nothing was known: nothing is told sooner */
    assert_int_equal(beat_wake(&b, false), 7 * USEC_PER_SEC);
}

static void the_contact_is_lost_after_three_times_what_is_asked_for(void **state UNUSED)
{
    static const usec_t second = USEC_PER_SEC;
    struct beat b, own;

    beat_init(&b, 4000, 1000);
    beat_start(&b, 100 * second);
    assert_false(beat_is_lost(&b, 112 * second));
    assert_true(beat_is_lost(&b, 112 * second + 1));
    beat_sent(&b, 111 * second);
    beat_answered(&b, false);
    assert_true(beat_is_lost(&b, 113 * second));
    beat_told(&b, 113 * second);
    assert_false(beat_is_lost(&b, 125 * second));
    assert_true(beat_is_lost(&b, 126 * second));
    beat_init(&own, 0, 1000); /* nobody waits for these */
    beat_start(&own, 100 * second);
    assert_false(beat_is_lost(&own, 100000 * second));
}

static void progress_is_told_at_most_once_a_second(void **state UNUSED)
{
    struct beat b;

    beat_init(&b, 0, 0);
    beat_start(&b, 1000);
    assert_int_equal(beat_wake(&b, false), USEC_MAX);
    beat_note(&b, half, xstrdup("loading"));
    assert_true(beat_wake(&b, false) <= 1000);
    beat_sent(&b, 1000);
    beat_answered(&b, true);
    assert_int_equal(beat_wake(&b, false), USEC_MAX);
    for (int i = 0; i < 1000; i++)
        beat_note(&b, (struct opt_int){.is_set = true, .value = i % 100}, xstrdup("x"));
    assert_int_equal(beat_wake(&b, false), 1000 + USEC_PER_SEC);
    assert_int_equal(b.progress.value, 99);
    beat_sent(&b, USEC_PER_SEC * 2);
    beat_note(&b, half, NULL);
    assert_int_equal(beat_wake(&b, false), USEC_MAX);
    assert_true(beat_wake(&b, true) <= 1000); /* its last word is not held back */
    beat_clear(&b);
}

static void progress_that_got_lost_is_told_again(void **state UNUSED)
{
    struct beat b;

    beat_init(&b, 0, 0);
    beat_note(&b, half, NULL);
    beat_sent(&b, 1000);
    beat_answered(&b, false);
    assert_int_equal(beat_wake(&b, false), 1000 + USEC_PER_SEC);
}

static void a_message_alone_leaves_the_percent(void **state UNUSED)
{
    struct beat b;

    beat_init(&b, 0, 0);
    beat_note(&b, half, NULL);
    beat_note(&b, unknown, xstrdup("packing"));
    assert_int_equal(b.progress.value, 50);
    assert_string_equal(b.message, "packing");
    beat_clear(&b);
}

/* From the hand-out until the brokers have its end; what is given up must be missed. */
static void a_job_beats_as_long_as_somebody_answers_for_it(void **state UNUSED)
{
    static const struct execution_created created = {.attempt = 1, .heartbeat_ms = 2000};
    static const struct {
        enum job_state state;
        bool has_final, beats;
    } cases[] = {
        {JOB_CLAIMING, false, false}, {JOB_CLAIMED, false, false}, {JOB_READY, false, true},
        {JOB_HANDED, false, true},    {JOB_ENDING, true, true},    {JOB_ENDING, false, false},
        {JOB_GONE, true, false},
    };
    SCOPED(job) struct cronobs_job *job = job_new(&created, "default", 12);

    beat_init(&job->beat, job->heartbeat_ms, 0);
    beat_start(&job->beat, 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        job->state = cases[i].state;
        job->final.is_set = cases[i].has_final;
        assert_int_equal(job_beat_wake(job), cases[i].beats ? USEC_PER_SEC : USEC_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shorter_interval_counts),
        cmocka_unit_test(it_beats_by_itself_and_one_at_a_time),
        cmocka_unit_test(the_contact_is_lost_after_three_times_what_is_asked_for),
        cmocka_unit_test(progress_is_told_at_most_once_a_second),
        cmocka_unit_test(progress_that_got_lost_is_told_again),
        cmocka_unit_test(a_message_alone_leaves_the_percent),
        cmocka_unit_test(a_job_beats_as_long_as_somebody_answers_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
