#include "api/exchange/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char *made(void)
{
    SCOPED_CURSOR c = {0};
    struct buf text = {0};

    cursor_begin(&c, CURSOR_TASKS);
    cursor_put_int(&c, -7);
    cursor_put_text(&c, "default");
    cursor_put_text(&c, "");
    cursor_put_uuid(&c, CRONOBS_NAMESPACE);
    cursor_text(&c, &text);
    return buf_take(&text);
}

static void fields_come_back(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(text) char *text = made();
    SCOPED_CURSOR c = {0};

    assert_int_equal(cursor_open(&c, CURSOR_TASKS, text, NULL), RC_OK);
    assert_int_equal(cursor_int(&c), -7);
    assert_string_equal(cursor_take_text(&c, memory), "default");
    assert_string_equal(cursor_take_text(&c, memory), "");
    assert_true(uuid_equal(cursor_uuid(&c), CRONOBS_NAMESPACE));
    assert_int_equal(cursor_end(&c, NULL), RC_OK);
}

static void a_cursor_of_another_list_is_refused(void **state UNUSED)
{
    SCOPED(text) char *text = made();
    SCOPED_CURSOR c = {0};
    struct error err;

    assert_int_equal(cursor_open(&c, CURSOR_LOGS, text, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "another list"));
    assert_true(err.hint[0] != '\0');
}

static void every_changed_character_is_noticed(void **state UNUSED)
{
    SCOPED(text) char *text = made();

    for (size_t i = 0; text[i] != '\0'; i++) {
        SCOPED_CURSOR c = {0};
        char was = text[i];

        text[i] = was == 'A' ? 'B' : 'A';
        /* the last character may have idle bits */
        if (i + 1 < strlen(text) || strlen(text) % 4 == 0)
            assert_int_equal(cursor_open(&c, CURSOR_TASKS, text, NULL), RC_INVALID);
        text[i] = was;
    }
}

static void what_is_no_cursor_is_refused(void **state UNUSED)
{
    static const char *const wrong[] = {"", "x", "null", "-1", "AAAAAAAA", "AQFffffffff", "%%%%"};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        SCOPED_CURSOR c = {0};

        assert_int_equal(cursor_open(&c, CURSOR_TASKS, wrong[i], NULL), RC_INVALID);
    }
}

static void missing_and_left_over_fields_are_refused(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(text) char *text = made();
    SCOPED_CURSOR c = {0};
    SCOPED_CURSOR d = {0};

    assert_int_equal(cursor_open(&c, CURSOR_TASKS, text, NULL), RC_OK);
    (void)cursor_int(&c);
    assert_int_equal(cursor_end(&c, NULL), RC_INVALID); /* left over */
    assert_int_equal(cursor_open(&d, CURSOR_TASKS, text, NULL), RC_OK);
    (void)cursor_int(&d);
    for (int i = 0; i < 10; i++)
        (void)cursor_take_text(&d, memory); /* the id is no text */
    assert_int_equal(cursor_end(&d, NULL), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_back),
        cmocka_unit_test(a_cursor_of_another_list_is_refused),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(what_is_no_cursor_is_refused),
        cmocka_unit_test(missing_and_left_over_fields_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
