#include "bus/topics.h"

enum { DOCUMENT_MAX = 1 << 16 };

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *read_document(void)
{
    char *text = xcalloc(1, DOCUMENT_MAX);
    FILE *file = fopen(COBS_SOURCE_DIR "/docs/kafka.md", "re");

    assert_non_null(file);
    assert_true(fread(text, 1, DOCUMENT_MAX - 1, file) > 0);
    (void)fclose(file);
    return text;
}

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

static const char *kept_for(const struct topic_rule *rule, char text[32])
{
    int days = (int)(rule->retention_ms / 86400000);

    if (rule->retention_ms < 0)
        return "for ever";
    (void)snprintf(text, 32, days == 1 ? "%d day" : "%d days", days);
    return text;
}

static void says_in_the_document_what_the_table_says(void **state UNUSED)
{
    SCOPED(text) char *document = read_document();

    for (const struct topic_rule *rule = topic_rules; rule->name != NULL; rule++) {
        char kept[32];
        const char *key = strcmp(rule->name, "state") == 0 ? "see below" : rule->key;
        SCOPED(text)
        char *line = xasprintf("| `%s%s` | %s | %s | %s | %s | %s | %s |\n", rule->name,
                               rule->is_queue ? "<queue>" : "", rule->is_partitioned ? "all" : "1",
                               rule->cleanup_policy, kept_for(rule, kept), key, rule->written_by,
                               rule->records);

        if (strstr(document, line) == NULL)
            fail_msg("docs/kafka.md lacks: %s", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_which_queue_names_go),
        cmocka_unit_test(limits_the_length_of_a_queue_name),
        cmocka_unit_test(says_in_the_document_what_the_table_says),
        cmocka_unit_test(has_one_rule_for_each_topic_of_the_design),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
