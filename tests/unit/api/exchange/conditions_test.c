#include "api/exchange/conditions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct condition_case {
    const char *match, *none;
    int expected;   /* what the command says; UNSET: nothing */
    bool nothing;   /* can match */
    bool allows[4]; /* revision 0 (none) to 3 */
} condition_cases[] = {
#define UNSET 99
#define BAD   98
    {NULL, NULL, UNSET, false, {true, true, true, true}},
    {NULL, "*", 0, false, {true, false, false, false}},
    {"*", NULL, EXPECT_SOME, false, {false, true, true, true}},
    {"\"2\"", NULL, 2, false, {false, false, true, false}},
    {"\"3\", \"1\"", NULL, 3, false, {false, true, false, true}},
    {"\"1\",\"3\"", NULL, 3, false, {false, true, false, true}},
    {" , \"1\" ,,\t\"2\",", NULL, 2, false, {false, true, true, false}},
    {"W/\"1\"", NULL, 0, true, {false, false, false, false}},
    {"W/\"1\", W/\"2\"", NULL, 0, true, {false, false, false, false}},
    {"W/\"1\", \"2\"", NULL, 2, false, {false, false, true, false}},
    {"\"abc\"", NULL, 0, true, {false, false, false, false}},
    {"\"\"", NULL, 0, true, {false, false, false, false}},
    {"\"0\"", NULL, 0, true, {false, false, false, false}},
    {"\"01\"", NULL, 0, true, {false, false, false, false}},
    {"\"1 \"", NULL, BAD, true, {false, false, false, false}},
    {"\"99999999999999999999\"", NULL, 0, true, {false, false, false, false}},
    {"\"2147483648\"", NULL, 0, true, {false, false, false, false}},
    {"\"2147483647\"", NULL, INT32_MAX, false, {false, false, false, false}},
    {"\"*\"", NULL, 0, true, {false, false, false, false}},
    {"\"a,b\", \"1\"", NULL, 1, false, {false, true, false, false}},
};

static void reads_what_is_asked_for(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(condition_cases); i++) {
        const struct condition_case *c = &condition_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct conditions made;
        struct error err = {0};
        struct opt_int expected;

        if (c->expected == BAD) {
            assert_int_equal(conditions_parse(c->match, c->none, memory, &made, &err), RC_INVALID);
            continue;
        }
        if (conditions_parse(c->match, c->none, memory, &made, &err) != RC_OK)
            fail_msg("%s: %s", c->match, err.text);
        expected = conditions_expect(&made, 0);
        assert_int_equal(expected.is_set, c->expected != UNSET);
        if (expected.is_set && !c->nothing)
            assert_int_equal(expected.value, c->expected);
        assert_int_equal(conditions_match_nothing(&made), c->nothing);
        for (int32_t revision = 0; revision < 4; revision++)
            assert_int_equal(conditions_allow(&made, revision), c->allows[revision]);
    }
}

static void of_several_the_one_that_matches_is_expected(void **state UNUSED)
{
    static const struct {
        const char *match;
        int32_t current, expected;
    } cases[] = {
        {"\"7\", \"1\"", 1, 1}, {"\"1\", \"7\"", 1, 1},   {"\"7\", \"1\"", 7, 7},
        {"\"7\", \"1\"", 3, 7}, /* none: the scheduler may know of another one by now */
        {"\"7\", \"1\"", 0, 7}, {"W/\"1\", \"7\"", 1, 7}, {"\"7\"", 1, 7},
        {"*", 1, EXPECT_SOME},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct conditions made;
        struct error err = {0};

        assert_int_equal(conditions_parse(cases[i].match, NULL, memory, &made, &err), RC_OK);
        assert_int_equal(conditions_expect(&made, cases[i].current).value, cases[i].expected);
    }
}

static void refuses_what_is_malformed(void **state UNUSED)
{
    static const char *const wrong[][2] = {
        {"", NULL},
        {" ", NULL},
        {",", NULL},
        {"3", NULL},
        {"\"3", NULL},
        {"3\"", NULL},
        {"\"1\" \"2\"", NULL},
        {"\"1\", 2", NULL},
        {"*, \"1\"", NULL},
        {"\"1\", *", NULL},
        {"w/\"1\"", NULL},
        {"W/1", NULL},
        {"W\"1\"", NULL},
        {"\"1\"", "*"},
        {"*", "*"},
        {NULL, "\"1\""},
        {NULL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct conditions made;
        struct error err = {0};

        assert_int_equal(conditions_parse(wrong[i][0], wrong[i][1], memory, &made, &err),
                         RC_INVALID);
        assert_true(err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_asked_for),
        cmocka_unit_test(of_several_the_one_that_matches_is_expected),
        cmocka_unit_test(refuses_what_is_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
