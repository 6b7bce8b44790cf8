#include "api/lag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/broker_scan.h"

static void lag_is_summed_by_topic(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct broker_place places[] = {
        {"status", 0, 100, 0}, {"status", 1, 50, 0}, {"state", 0, 900, 0}, {"tasks", 0, 7, 0}};
    struct progress_row rows[] = {{"status", 0, 90}, {"status", 1, 55}, {"tasks", 1, 3}};
    struct broker_view view = {.places = places, .place_count = ARRAY_LEN(places)};
    struct read_page progress = {.rows = rows, .count = ARRAY_LEN(rows)};
    struct lag lag;

    lag_of(&view, &progress, memory, &lag);
    assert_int_equal(lag.count, 2);
    assert_string_equal(lag.items[0].topic, "status");
    assert_int_equal(lag.items[0].offsets,
                     10); /* the other partition is ahead of what was seen last */
    assert_string_equal(lag.items[1].topic, "tasks");
    assert_int_equal(lag.items[1].offsets, 7); /* never read yet */
    assert_int_equal(lag.total, 17);
}

static void an_end_that_does_not_move_is_remembered(void **state UNUSED)
{
    struct scan s = {0};

    assert_int_equal(scan_note(&s, "status", 0, 10, 1000), 1000);
    assert_int_equal(scan_note(&s, "status", 1, 10, 2000), 2000);
    assert_int_equal(scan_note(&s, "tasks", 0, 10, 3000), 3000);
    assert_int_equal(scan_note(&s, "status", 0, 10, 4000), 1000);
    assert_int_equal(scan_note(&s, "status", 0, 11, 5000), 5000);
    assert_int_equal(scan_note(&s, "status", 1, 10, 6000), 2000);
    scan_clear(&s);
}

static void a_queue_is_found_in_the_view(void **state UNUSED)
{
    const char *queues[] = {"a", "b"};
    struct broker_view view = {.queues = queues, .queue_count = ARRAY_LEN(queues)};

    assert_true(broker_has_queue(&view, "b"));
    assert_false(broker_has_queue(&view, "c"));
    assert_false(broker_has_queue(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag_is_summed_by_topic),
        cmocka_unit_test(an_end_that_does_not_move_is_remembered),
        cmocka_unit_test(a_queue_is_found_in_the_view),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
