#include "consumer/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define AT_NOON INT64_C(1763035200000000) /* 2025-11-13T12:00:00Z */

static struct execution_row row_of(usec_t at, enum status status, int64_t ms)
{
    struct uuid task = task_id_of("default", "a");

    return (struct execution_row){
        .execution_id = execution_id_of(task, at, "instant", ""),
        .task_id = task,
        .status = (int32_t)status,
        .started_at = ms > 0 ? at : 0,
        .finished_at = ms > 0 ? at + ms * USEC_PER_MS + 999 : 0,
    };
}

static void counts_a_row_in_the_quarter_hour_of_its_id(void **state UNUSED)
{
    static const struct bucket_case {
        usec_t at, bucket;
    } cases[] = {
        {AT_NOON, AT_NOON},
        {AT_NOON + 15 * USEC_PER_MIN - 1, AT_NOON},
        {AT_NOON + 15 * USEC_PER_MIN, AT_NOON + 15 * USEC_PER_MIN},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution_row row = row_of(cases[i].at, STATUS_SUCCEEDED, 1500);
        struct rollup_row r = rollup_of(&row, 3);

        assert_int_equal(r.bucket, cases[i].bucket);
        assert_int_equal(r.count, 1);
        assert_int_equal(r.run_ms, 1500);
        assert_int_equal(r.kafka_partition, 3);
    }
}

static void sums_run_times_of_final_rows_only(void **state UNUSED)
{
    struct execution_row running = row_of(AT_NOON, STATUS_RUNNING, 1500);
    struct execution_row missed = row_of(AT_NOON, STATUS_MISSED, 0);

    assert_int_equal(rollup_of(&running, 0).run_ms, 0);
    assert_int_equal(rollup_of(&missed, 0).run_ms, 0);
}

static void moves_a_row_from_one_status_to_the_other(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct execution_row pending = row_of(AT_NOON, STATUS_PENDING, 0);
    struct execution_row done = row_of(AT_NOON, STATUS_SUCCEEDED, 20);
    struct rollup_row before = rollup_of(&pending, 1), after = rollup_of(&done, 1), *sums;
    struct rollup r = {NULL, 0, 0};
    size_t count;

    rollup_move(&r, &before, &after);
    sums = rollup_by_task(&r, memory, &count);
    assert_int_equal(count, 2);
    assert_int_equal(sums[0].status, STATUS_PENDING);
    assert_int_equal(sums[0].count, -1);
    assert_int_equal(sums[1].status, STATUS_SUCCEEDED);
    assert_int_equal(sums[1].count, 1);
    assert_int_equal(sums[1].run_ms, 20);
    rollup_clear(&r);
}

static void leaves_out_what_comes_to_nothing(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct execution_row a = row_of(AT_NOON, STATUS_FAILED, 0),
                         b = row_of(AT_NOON + 1000, STATUS_RETRYING, 0);
    struct execution_row late = row_of(AT_NOON + USEC_PER_DAY, STATUS_FAILED, 0);
    struct rollup_row failed = rollup_of(&a, 1), retrying = rollup_of(&b, 1),
                      other = rollup_of(&late, 1), *sums;
    struct rollup r = {NULL, 0, 0};
    size_t count;

    rollup_move(&r, &failed, &failed); /* no change at all */
    assert_int_equal(r.count, 0);
    rollup_move(&r, &failed, &retrying);
    rollup_move(&r, &retrying, &failed); /* another one, the other way */
    rollup_move(&r, NULL, &other);
    sums = rollup_by_task(&r, memory, &count);
    assert_int_equal(count, 1);
    assert_int_equal(sums[0].bucket, other.bucket);
    rollup_clear(&r);
}

static void sums_all_tasks_of_a_partition(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct execution_row row = row_of(AT_NOON, STATUS_SUCCEEDED, 5);
    struct rollup_row one = rollup_of(&row, 2), two = one, three = one, *sums;
    struct rollup r = {NULL, 0, 0};
    size_t count;

    two.task_id = task_id_of("default", "b");
    three.kafka_partition = 0;
    rollup_move(&r, NULL, &one);
    rollup_move(&r, NULL, &two);
    rollup_move(&r, NULL, &three);
    sums = rollup_by_partition(&r, memory, &count);
    assert_int_equal(count, 2);
    assert_int_equal(sums[0].kafka_partition, 0);
    assert_int_equal(sums[0].count, 1);
    assert_int_equal(sums[1].count, 2);
    assert_int_equal(sums[1].run_ms, 10);
    rollup_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_row_in_the_quarter_hour_of_its_id),
        cmocka_unit_test(sums_run_times_of_final_rows_only),
        cmocka_unit_test(moves_a_row_from_one_status_to_the_other),
        cmocka_unit_test(leaves_out_what_comes_to_nothing),
        cmocka_unit_test(sums_all_tasks_of_a_partition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
