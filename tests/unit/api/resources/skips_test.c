#include "api/resources/skips.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct uuid task(uint8_t n)
{
    return (struct uuid){{n}};
}

/* Two wishes of task 2, one of task 5, and of task 7 none that has been read. */
static struct skip_wish rows[] = {
    {.task_id = {{2}}, .skip_until = 40, .command_id = {{1}}, .at = 20, .by = "anna"},
    {.task_id = {{2}}, .skip_until = 40, .command_id = {{2}}, .at = 10, .by = "ben"},
    {.task_id = {{5}}, .skip_until = 50, .command_id = {{3}}, .at = 30, .by = "anna"},
    {.task_id = {{7}}, .skip_until = 60},
};

static const struct read_page page = {.rc = RC_OK, .rows = rows, .count = ARRAY_LEN(rows)};

static void each_task_has_its_mark(void **state UNUSED)
{
    static const usec_t marks[] = {0, 0, 40, 0, 0, 50, 0, 60, 0};
    const struct skips skips = skips_of(&page), none = {NULL, 0};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        assert_int_equal(skips_until(&skips, task((uint8_t)i)), marks[i]);
        assert_int_equal(skips_until(&none, task((uint8_t)i)), 0);
    }
}

static void the_last_instant_is_the_newest_wish(void **state UNUSED)
{
    const struct skips skips = skips_of(&page);

    assert_string_equal(skips_wish(&skips, task(2), 0)->by, "anna");
    assert_string_equal(skips_wish(&skips, task(2), 1)->by, "ben");
    assert_null(skips_wish(&skips, task(2), 2)); /* the next row is another task's */
    assert_null(skips_wish(&skips, task(7), 1));
    assert_null(skips_wish(&skips, task(7), SIZE_MAX));
    assert_null(skips_wish(&skips, task(3), 0));
}

static void expect_shown(const struct skip_wish *wish, const char *text)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    skip_object(&j, wish);
    assert_string_equal(buf_text(&out), text);
}

static void what_is_not_known_is_not_said(void **state UNUSED)
{
    const struct skips skips = skips_of(&page);
    const struct skip_wish told = {.task_id = {{2}},
                                   .skip_until = 40,
                                   .command_id = {{1}},
                                   .at = USEC_PER_SEC,
                                   .by = "anna",
                                   .reason = "a lorry"};

    expect_shown(&told,
                 "{\"command_id\":\"01000000-0000-0000-0000-000000000000\",\"at\":\"1970-01-01T00:"
                 "00:01Z\",\"by\":\"anna\",\"reason\":\"a lorry\"}");
    expect_shown(NULL, "{}");
    expect_shown(skips_wish(&skips, task(7), 0), "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_has_its_mark),
        cmocka_unit_test(the_last_instant_is_the_newest_wish),
        cmocka_unit_test(what_is_not_known_is_not_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
