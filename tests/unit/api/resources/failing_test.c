#include "api/resources/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct uuid id_of(uint8_t n)
{
    return (struct uuid){{0, 0, 0, 0, 0, n, 0x80, 0, 0x80}}; /* n ms */
}

static struct uuid task_of(uint8_t n)
{
    return (struct uuid){{n, 1}};
}

static void a_streak_ends_with_a_success(void **state UNUSED)
{
    /* statuses newest first, as letters: S F T L M, P(ending) R(unning) K (skipped) C(ancelled) */
    static const struct {
        const char *statuses;
        int in_a_row;
        int oldest; /* of the streak; -1: none */
    } cases[] = {
        {"", 0, -1},    {"S", 0, -1},     {"F", 1, 0},    {"FS", 1, 0},
        {"SF", 0, -1},  {"PRF", 1, 2},    {"FTLM", 4, 3}, {"FKF", 2, 2},
        {"KCS", 0, -1}, {"KCFKSF", 1, 2}, {"PPP", 0, -1}, {"MKKKM", 2, 4},
    };
    static const char letters[] = "PWRXYSFTLCMK";

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct recent_row rows[16] = {0};
        size_t count = strlen(cases[i].statuses);
        struct streak s;

        for (size_t n = 0; n < count; n++)
            rows[n] = (struct recent_row){
                .execution_id = id_of((uint8_t)(100 - n)),
                .status = (int32_t)(strchr(letters, cases[i].statuses[n]) - letters)};
        s = streak_of(rows, count);
        assert_int_equal(s.in_a_row, cases[i].in_a_row);
        assert_int_equal(s.since, cases[i].oldest < 0 ? 0 : (100 - cases[i].oldest) * USEC_PER_MS);
    }
}

static void failures_are_summed_up_by_task(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct failures_row rows[] = {
        {task_of(1), STATUS_FAILED, 3, id_of(10)},
        {task_of(2), STATUS_MISSED, 1, id_of(50)},
        {task_of(1), STATUS_TIMED_OUT, 2, id_of(9)},
        {task_of(1), STATUS_FAILED, 4, id_of(8)}, /* of the month before */
        {task_of(3), STATUS_LOST, 1, id_of(20)},
    };
    const struct read_page page = {.rows = rows, .count = ARRAY_LEN(rows)};
    const struct failing_tasks all = failing_of(&page, memory);

    assert_int_equal(all.count, 3);
    assert_memory_equal(&all.items[0].task_id, &rows[1].task_id, sizeof(struct uuid));
    assert_memory_equal(&all.items[1].task_id, &rows[4].task_id, sizeof(struct uuid));
    assert_memory_equal(&all.items[2].task_id, &rows[0].task_id, sizeof(struct uuid));
    assert_int_equal(all.items[2].counts[STATUS_FAILED], 7);
    assert_int_equal(all.items[2].counts[STATUS_TIMED_OUT], 2);
    assert_int_equal(all.items[2].last_status, STATUS_FAILED);
    assert_int_equal(failing_of(&(struct read_page){.rc = RC_OK}, memory).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_streak_ends_with_a_success),
        cmocka_unit_test(failures_are_summed_up_by_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
