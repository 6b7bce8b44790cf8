#include "c/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct cronobs_job *new_job(uint8_t number)
{
    const struct execution_created created = {.execution_id = {.b = {number}}, .attempt = 1};

    return job_new(&created, "default", 12);
}

static struct inbox make(void)
{
    const struct bus_position positions[] = {{.partition = 0}, {.partition = 3}};
    struct inbox b = {0};

    inbox_assign(&b, positions, ARRAY_LEN(positions));
    inbox_begin(inbox_partition(&b, 0), 0);
    inbox_begin(inbox_partition(&b, 3), 0);
    return b;
}

static void release(struct inbox *b)
{
    struct cronobs_job *job;
    bool is_alone;

    while ((job = inbox_pop(b, &is_alone)) != NULL)
        job_free(job);
    inbox_clear(b);
}

/* "0:5 3:9" */
static const char *positions_of(const struct inbox *b)
{
    static char text[64];
    struct bus_position positions[2];
    size_t count = inbox_positions(b, "t", positions), at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%d:%lld", i == 0 ? "" : " ",
                               positions[i].partition, (long long)positions[i].offset);
    return text;
}

static void a_new_assignment_starts_where_the_group_is(void **state UNUSED)
{
    const struct bus_position positions[] = {{.partition = 0}, {.partition = 3}};
    struct inbox b = {0};

    inbox_assign(&b, positions, ARRAY_LEN(positions));
    assert_int_equal(inbox_partition(&b, 3)->next, BUS_NONE);
    assert_null(inbox_partition(&b, 1));
    inbox_begin(inbox_partition(&b, 3), 7);
    assert_int_equal(inbox_partition(&b, 3)->next, 7);
    assert_string_equal(positions_of(&b), ""); /* it stands there already */
    release(&b);
}

static void a_partition_without_a_position_gets_one_when_all_is_settled(void **state UNUSED)
{
    struct inbox b = make();
    struct inbox_partition *p = inbox_partition(&b, 0);
    struct cronobs_job *first = new_job(1), *last = new_job(2);
    bool is_alone = false;

    inbox_lose(&b, p);
    assert_int_equal(p->next, BUS_NONE);
    inbox_end(p, 9); /* of an assignment before */
    assert_false(inbox_take(&b, 0, 8, NULL));
    assert_int_equal(p->next, BUS_NONE);
    p->next = 10; /* where the backlog begins */
    assert_true(inbox_take(&b, 0, 10, first));
    assert_true(inbox_take(&b, 0, 11, NULL)); /* finished long ago */
    assert_string_equal(positions_of(&b), "");
    inbox_end(p, 12);
    assert_string_equal(positions_of(&b), ""); /* else 11 would be run again from there */
    assert_false(inbox_announces_alone(&b));
    first->state = JOB_CLAIMING;
    assert_true(inbox_announces_alone(&b)); /* who looks through status now does not find it */
    first->state = JOB_CLAIMED;
    assert_false(inbox_announces_alone(&b));
    assert_ptr_equal(inbox_pop_committed(&b), first); /* announced: whoever comes next sees that */
    job_free(first);
    assert_true(inbox_has_settled(&b));
    assert_string_equal(positions_of(&b), "0:12");

    assert_true(inbox_take(&b, 0, 12, last)); /* came later, and does not hold it up */
    assert_string_equal(positions_of(&b), "0:12");
    assert_ptr_equal(inbox_pop(&b, &is_alone), last);
    assert_true(is_alone);
    job_free(last);
    inbox_committed(&b, &(struct bus_position){.partition = 0, .offset = 12}, 1);
    assert_false(p->has_no_position);
    assert_false(inbox_has_settled(&b));
    release(&b);
}

/* One that asks for its first position may die: whoever comes next then reads from there. */
static void a_first_position_is_past_all_that_was_handed_out_without_one(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *first = new_job(1), *second = new_job(2);

    inbox_begin(inbox_partition(&b, 3), BUS_NONE);
    inbox_partition(&b, 3)->next = BUS_BEGINNING;
    inbox_end(inbox_partition(&b, 3), 8);
    (void)inbox_take(&b, 3, 8, first);
    (void)inbox_take(&b, 3, 9, second);
    first->state = JOB_CLAIMING;
    second->state = JOB_CLAIMED;
    assert_string_equal(positions_of(&b), "3:8");
    assert_null(inbox_pop_committed(&b));
    first->state = JOB_CLAIMED;
    assert_ptr_equal(inbox_pop_committed(&b), first);
    assert_ptr_equal(inbox_pop_committed(&b), second);
    assert_string_equal(positions_of(&b), "3:10");
    job_free(first);
    job_free(second);
    release(&b);
}

static void what_was_read_before_its_position_was_gone_waits_for_none(void **state UNUSED)
{
    struct inbox b = make();
    struct inbox_partition *p = inbox_partition(&b, 0);
    struct cronobs_job *job = new_job(1);

    (void)inbox_take(&b, 0, 70, job);
    job->state = JOB_CLAIMING;
    inbox_lose(&b, p);
    p->next = BUS_BEGINNING;
    inbox_end(p, 3);
    assert_string_equal(positions_of(&b), "0:3");
    inbox_committed(&b, &(struct bus_position){.partition = 0, .offset = 3}, 1);
    assert_true(inbox_announces_alone(&b));
    job->state = JOB_CLAIMED;
    assert_ptr_equal(inbox_pop_committed(&b), job); /* 70 may never come again */
    job_free(job);
    release(&b);
}

static void an_empty_partition_without_a_position_is_settled_at_its_end(void **state UNUSED)
{
    struct inbox b = make();

    inbox_begin(inbox_partition(&b, 3), BUS_NONE);
    inbox_partition(&b, 3)->next = BUS_BEGINNING;
    assert_false(inbox_has_settled(&b));
    inbox_end(inbox_partition(&b, 3), 0);
    assert_string_equal(positions_of(&b), "3:0");
    release(&b);
}

static void a_partition_is_stuck_when_it_holds_more_and_stands_still(void **state UNUSED)
{
    struct inbox b = make();
    struct inbox_partition *p = inbox_partition(&b, 0);
    const usec_t at = 1000;

    assert_false(inbox_is_stuck(p, 0, at)); /* at its end */
    assert_false(inbox_is_stuck(p, 5, at + 10));
    assert_false(inbox_is_stuck(p, 5, at + 9 + INBOX_STUCK_US));
    assert_true(inbox_is_stuck(p, 6, at + 10 + INBOX_STUCK_US));
    p->next = 1; /* it moves */
    assert_false(inbox_is_stuck(p, 6, at + 20 + INBOX_STUCK_US));
    p->next = BUS_BEGINNING; /* nothing was ever read of it */
    assert_false(inbox_is_stuck(p, 6, at));
    assert_true(inbox_is_stuck(p, 6, at + INBOX_STUCK_US));
    p->next = BUS_NONE; /* where it begins is being asked for: that has its own end */
    assert_false(inbox_is_stuck(p, 6, at + 2 * INBOX_STUCK_US));
    release(&b);
}

static void the_position_stops_at_the_first_unclaimed_execution(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *first = new_job(1), *second = new_job(2), *third = new_job(3);

    assert_true(inbox_take(&b, 0, 10, first));
    assert_true(inbox_take(&b, 0, 11, NULL));
    assert_true(inbox_take(&b, 0, 12, second));
    assert_true(inbox_take(&b, 3, 7, third));
    assert_string_equal(positions_of(&b), "0:10 3:7");
    second->state = third->state = JOB_CLAIMED;
    assert_string_equal(positions_of(&b), "0:10 3:8");
    first->state = JOB_CLAIMING;
    assert_string_equal(positions_of(&b), "0:10 3:8");
    first->state = JOB_CLAIMED;
    assert_string_equal(positions_of(&b), "0:13 3:8");
    release(&b);
}

static void a_job_is_handed_out_when_the_position_is_past_it(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *first = new_job(1), *second = new_job(2);
    const struct bus_position committed = {.partition = 0, .offset = 11};

    (void)inbox_take(&b, 0, 10, first);
    (void)inbox_take(&b, 0, 11, second);
    first->state = second->state = JOB_CLAIMED;
    assert_null(inbox_pop_committed(&b));
    inbox_committed(&b, &committed, 1);
    assert_ptr_equal(inbox_pop_committed(&b), first);
    assert_null(inbox_pop_committed(&b));
    assert_string_equal(positions_of(&b), "0:12");
    job_free(first);
    release(&b);
}

static void a_commit_without_an_answer_counts_when_the_partition_goes(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *first = new_job(1), *second = new_job(2);
    const struct bus_position sent = {.partition = 0, .offset = 11};

    (void)inbox_take(&b, 0, 10, first);
    (void)inbox_take(&b, 0, 11, second);
    first->state = second->state = JOB_CLAIMED;
    inbox_unanswered(&b, &sent, 1);
    assert_null(inbox_pop_committed(&b));
    assert_string_equal(positions_of(&b), "0:12"); /* it is tried again */
    inbox_assume(&b);
    assert_ptr_equal(inbox_pop_committed(&b), first);
    assert_null(inbox_pop_committed(&b)); /* never sent: others read it */
    job_free(first);
    release(&b);
}

static void a_removed_execution_counts_as_done(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *job = new_job(1);

    (void)inbox_take(&b, 3, 4, job);
    assert_ptr_equal(inbox_first(&b, JOB_WAITING), job);
    inbox_remove(&b, job);
    job_free(job);
    assert_null(inbox_first(&b, JOB_WAITING));
    assert_string_equal(positions_of(&b), "3:5");
    release(&b);
}

static void a_partition_of_somebody_else_is_refused(void **state UNUSED)
{
    struct inbox b = make();
    SCOPED(job) struct cronobs_job *job = new_job(1);

    assert_false(inbox_take(&b, 1, 4, job));
    release(&b);
}

static void an_attempt_is_taken_on_once(void **state UNUSED)
{
    const struct uuid id = {.b = {7}}, other = {.b = {8}};
    struct inbox b = make();

    assert_false(inbox_has_seen(&b, id, 1));
    inbox_note(&b, id, 1);
    assert_true(inbox_has_seen(&b, id, 1));
    assert_false(inbox_has_seen(&b, id, 2));
    inbox_note(&b, id, 2);
    assert_true(inbox_has_seen(&b, id, 1));
    assert_true(inbox_has_seen(&b, id, 2));
    assert_false(inbox_has_seen(&b, other, 1));
    release(&b);
}

static void two_copies_in_the_inbox_are_claimed_once(void **state UNUSED)
{
    struct inbox b = make();
    struct cronobs_job *first = new_job(1), *copy = new_job(1), *other = new_job(2);

    (void)inbox_take(&b, 0, 10, first);
    (void)inbox_take(&b, 0, 11, copy);
    (void)inbox_take(&b, 0, 12, other);
    assert_false(inbox_is_claiming(&b, copy));
    first->state = JOB_CLAIMING;
    assert_true(inbox_is_claiming(&b, copy));
    assert_false(inbox_is_claiming(&b, other));
    release(&b);
}

static void only_the_latest_are_remembered(void **state UNUSED)
{
    struct inbox b = make();

    for (uint32_t i = 0; i < INBOX_SEEN_MAX + 1; i++)
        inbox_note(&b, (struct uuid){.b = {1, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}},
                   1);
    assert_int_equal(b.seen.places.count, INBOX_SEEN_MAX);
    assert_false(inbox_has_seen(&b, (struct uuid){.b = {1, 0, 0, 0}}, 1));
    assert_true(inbox_has_seen(&b, (struct uuid){.b = {1, 0, 0, 1}}, 1));
    release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_assignment_starts_where_the_group_is),
        cmocka_unit_test(a_partition_without_a_position_gets_one_when_all_is_settled),
        cmocka_unit_test(a_first_position_is_past_all_that_was_handed_out_without_one),
        cmocka_unit_test(what_was_read_before_its_position_was_gone_waits_for_none),
        cmocka_unit_test(an_empty_partition_without_a_position_is_settled_at_its_end),
        cmocka_unit_test(a_partition_is_stuck_when_it_holds_more_and_stands_still),
        cmocka_unit_test(the_position_stops_at_the_first_unclaimed_execution),
        cmocka_unit_test(a_job_is_handed_out_when_the_position_is_past_it),
        cmocka_unit_test(a_commit_without_an_answer_counts_when_the_partition_goes),
        cmocka_unit_test(a_removed_execution_counts_as_done),
        cmocka_unit_test(a_partition_of_somebody_else_is_refused),
        cmocka_unit_test(an_attempt_is_taken_on_once),
        cmocka_unit_test(two_copies_in_the_inbox_are_claimed_once),
        cmocka_unit_test(only_the_latest_are_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
