#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"list",      "show",   "trigger", "pause", "dst-overlap",
                                    "execution", "a-name", "HASTE",   "x",     NULL};

static const struct near_case {
    const char *word, *name; /* NULL: nothing is near */
} near_cases[] = {
    {"triger", "trigger"},
    {"trigegr", "trigger"},
    {"triggerr", "trigger"},
    {"TRIGGER", "trigger"},
    {"tirgger", "trigger"},
    {"trgger", "trigger"},
    {"lsit", "list"},
    {"lst", "list"},
    {"shwo", "show"},
    {"paused", "pause"},
    {"exe", "execution"},
    {"exec", "execution"},
    {"ex", NULL},
    {"dst_overlap", "dst-overlap"},
    {"dst.overlaps", "dst-overlap"},
    {"a_name", "a-name"},
    {"haste", "HASTE"},
    {"excution", "execution"},
    {"ecution", "execution"},
    {"zzzz", NULL},
    {"y", NULL},
    {"", NULL},
    {"sl", NULL},
    {"completely-different", NULL},
    {"a-word-that-is-longer-than-any-name-that-anybody-would-ever-give-to-one-of-his-tasks", NULL},
};

static void a_slip_of_the_hand_is_near_and_another_word_is_not(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(near_cases); i++) {
        const char *found = nearest_of(near_cases[i].word, names);

        if (near_cases[i].name == NULL && found != NULL)
            fail_msg("'%s' was taken for '%s'", near_cases[i].word, found);
        if (near_cases[i].name != NULL && (found == NULL || strcmp(found, near_cases[i].name) != 0))
            fail_msg("'%s' was taken for '%s'", near_cases[i].word, found == NULL ? "" : found);
    }
}

static void the_nearer_one_wins_and_of_equals_the_first(void **state UNUSED)
{
    static const char *const nearer[] = {"catch-upp", "catch-up", NULL};
    static const char *const equals[] = {"cat", "car", NULL};

    assert_string_equal(nearest_of("catchup", nearer), "catch-up");
    assert_string_equal(nearest_of("caz", equals), "cat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_hand_is_near_and_another_word_is_not),
        cmocka_unit_test(the_nearer_one_wins_and_of_equals_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
