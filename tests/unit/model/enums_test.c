#include "model/enums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void finds_each_symbol_by_its_name(void **state UNUSED)
{
    for (int i = 0; i < status_enum.count; i++) {
        int found = -1;

        assert_int_equal(enum_find(&status_enum, enum_name(&status_enum, i), false, &found, NULL),
                         RC_OK);
        assert_int_equal(found, i);
    }
}

static void ignores_case_only_when_asked(void **state UNUSED)
{
    int found = -1;
    struct error err = {0};

    assert_int_equal(enum_find(&overlap_enum, "queue_One", true, &found, NULL), RC_OK);
    assert_int_equal(found, OVERLAP_QUEUE_ONE);
    assert_int_equal(enum_find(&overlap_enum, "skip", false, &found, &err), RC_INVALID);
    assert_string_equal(err.text,
                        "'skip' is not one of ALLOW, SKIP, QUEUE_ONE, QUEUE_ALL, "
                        "CANCEL_OTHER");
    assert_int_equal(enum_find(&overlap_enum, NULL, true, &found, &err), RC_INVALID);
    assert_int_equal(found, OVERLAP_QUEUE_ONE);
}

static void names_a_number_that_is_no_symbol_by_the_fallback(void **state UNUSED)
{
    assert_string_equal(enum_name(&status_enum, -1), "UNKNOWN");
    assert_string_equal(enum_name(&status_enum, STATUS_COUNT), "UNKNOWN");
    assert_string_equal(enum_name(&log_level_enum, 99), "INFO");
}

/* The database's generated columns and indexes rest on these codes. */
static void orders_statuses_as_the_tables_expect(void **state UNUSED)
{
    for (int s = 0; s < STATUS_UNKNOWN; s++) {
        assert_int_equal(status_is_open((enum status)s), s < 5);
        assert_int_equal(status_is_final((enum status)s), s >= 5);
    }
    assert_int_equal(STATUS_SUCCEEDED, 5);
    assert_false(status_is_open(STATUS_UNKNOWN));
    assert_false(status_is_final(STATUS_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_symbol_by_its_name),
        cmocka_unit_test(ignores_case_only_when_asked),
        cmocka_unit_test(names_a_number_that_is_no_symbol_by_the_fallback),
        cmocka_unit_test(orders_statuses_as_the_tables_expect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
