#include "crontab/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "unit/crontab/reading.h"

/* clang-format off */
static const struct reading keyed[] = { /* the hashes: printf %s TEXT | sha256sum */
    {"@daily true",                                   "true-b5bea41b"},
    {"@daily true\n@hourly true\n5 * * * * true",     "true-b5bea41b true-b5bea41b-2 true-b5bea41b-3"},
    {"# key: big-one\n@daily true",                   "big-one"},
    {"# key: true-b5bea41b\n@daily x\n@daily true",   "true-b5bea41b true-b5bea41b-2"},
    {"@daily true\n# key: true-b5bea41b\n@daily x",   "true-b5bea41b-2 true-b5bea41b"},
    {"@daily true\n@hourly true\n# key: true-b5bea41b-2\n@daily x",
                                                      "true-b5bea41b true-b5bea41b-3 true-b5bea41b-2"},
    {"61 * * * * true\n@hourly true",                 "true-b5bea41b"}, /* what is refused does not count */
    {"@reboot true\n@hourly true\n@daily true",       "true-b5bea41b true-b5bea41b-2"},
    {"# key: a\n@reboot true\n# key: a\n@daily true", "a"},
    {"A=1\n@daily true",                              "true-b5bea41b"},   /* nor do settings */
};
/* clang-format on */

static void keys_follow_the_command(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(keyed); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(keyed[i].text), false, memory);
        SCOPED_BUF out = {0};

        for (size_t k = 0; k < c.count; k++)
            buf_printf(&out, "%s%s", k == 0 ? "" : " ", c.entries[k].key);
        assert_string_equal(buf_text(&out), keyed[i].meaning);
    }
}

static void a_refused_line_says_which_task_it_would_be(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c =
        read_crontab(bytes_of("61 * * * * true\n# key: x\n99 * * * * y\nhello"), false, memory);

    assert_int_equal(c.refused.count, 3);
    assert_string_equal(c.refused.items[0].key, "true-b5bea41b");
    assert_string_equal(c.refused.items[1].key, "x");
    assert_null(c.refused.items[2].key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_follow_the_command),
        cmocka_unit_test(a_refused_line_says_which_task_it_would_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
