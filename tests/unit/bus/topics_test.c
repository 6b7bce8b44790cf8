#include "bus/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct name_case {
    const char *queue;
    enum rc rc;
} name_cases[] = {
    {"default", RC_OK},  {"a", RC_OK},        {"0.a-b_c", RC_OK},       {"", RC_INVALID},
    {NULL, RC_INVALID},  {".a", RC_INVALID},  {"Mail", RC_INVALID},     {"a b", RC_INVALID},
    {"a/b", RC_INVALID}, {"a\n", RC_INVALID}, {"\xc3\xa9", RC_INVALID},
};

static void knows_which_queue_names_go(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(name_cases); i++)
        assert_int_equal(queue_check_name(name_cases[i].queue, NULL), name_cases[i].rc);
}

static void limits_the_length_of_a_queue_name(void **state UNUSED)
{
    char name[QUEUE_NAME_MAX + 2] = "";
    struct error err;

    memset(name, 'q', QUEUE_NAME_MAX);
    assert_int_equal(queue_check_name(name, NULL), RC_OK);
    name[QUEUE_NAME_MAX] = 'q';
    assert_int_equal(queue_check_name(name, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "the limit is 100"));
}

static void has_one_rule_for_each_topic_of_the_design(void **state UNUSED)
{
    static const char *const names[] = {"commands",   "tasks", "executions.", "status",
                                        "heartbeats", "logs",  "control",     "state"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_string_equal(topic_rules[i].name, names[i]);
    assert_null(topic_rules[ARRAY_LEN(names)].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_which_queue_names_go),
        cmocka_unit_test(limits_the_length_of_a_queue_name),
        cmocka_unit_test(has_one_rule_for_each_topic_of_the_design),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
