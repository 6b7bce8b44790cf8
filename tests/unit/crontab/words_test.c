#include "crontab/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "unit/crontab/reading.h"

/* clang-format off */
static const struct reading programs[] = {
    {"/opt/app/backup.sh --full",          "backup.sh"},
    {"$HOME/bin/daily.job",                "daily.job"},
    {"FOO=bar BAZ='a b' /usr/bin/Nightly", "nightly"},
    {"(cd /srv && x)",                     "cd"},
    {"{ echo a; }",                        "echo"},
    {"! test -e /x",                       "test"},
    {"[ -x /usr/bin/x ] && x",             "job"},
    {"echo;true",                          "echo"},
    {"a>b",                                "a"},
    {"\"/opt/my app/x\"",                  "my"},
    {"'x'",                                "x"},
    {"`date`",                             "date"},
    {"$(date)",                            "job"},
    {"/opt/app/",                          "job"},
    {"_x-.",                               "x"},
    {"caf\xc3\xa9.sh",                     "caf.sh"},
    {"A=1",                                "job"},
    {"",                                   "job"},
    {"x123456789012345678901234567890123456789012345678901234567890123", "x12345678901234567890123456789012345678901234567890123456789"},
};

static const struct splitting {
    const char *text, *command, *input;
} splittings[] = {
    {"a",                "a",         NULL},
    {"a%",               "a",         NULL},
    {"a%b",              "a",         "b\n"},
    {"a%b%",             "a",         "b\n"},
    {"a%%",              "a",         "\n"},
    {"a%b%c",            "a",         "b\nc\n"},
    {"a\\%b",            "a%b",       NULL},
    {"date +\\%F%in",    "date +%F",  "in\n"},
    {"a%b\\%c",          "a",         "b%c\n"},
    {"a\\\\b",           "a\\\\b",    NULL},
    {"a\\\\%b",          "a\\\\",     "b\n"},      /* the first backslash hides the second */
    {"a%b\\\\%c",        "a",         "b\\%c\n"},  /* not so in the input: crond's two readers differ */
    {"a\\",              "a\\",       NULL},
    {"a%b\\",            "a",         "b\\\n"},
    {"a\\n%b\\n",        "a\\n",      "b\\n\n"},
    {"%b",               "",          "b\n"},
};

static const struct assignment {
    const char *line, *name, *value; /* name NULL: no setting; value NULL: a bad one */
} assignments[] = {
    {"A=b",              "A",    "b"},
    {"A = b",            "A",    "b"},
    {"  A\t=\tb  c  ",   "A",    "b  c"},
    {"A=",               "A",    ""},
    {"A=\"\"",           "A",    ""},
    {"A=\" b \"  ",      "A",    " b "},
    {"A=' \"b\" '",      "A",    " \"b\" "},
    {"A=b\"c\"",         "A",    "b\"c\""},
    {"A=\"b'",           "A",    NULL},
    {"A=\"b\"c",         "A",    NULL},
    {"\"A\" = b",        "A",    "b"},
    {"'A'=b",            "A",    "b"},
    {"\"A B\"=c",        "A B",  NULL},
    {"\"A=b\"",          NULL,   NULL},
    {"A b=c",            NULL,   NULL},
    {"A",                NULL,   NULL},
    {"* * * * * a=b",    NULL,   NULL},
    {"A==b",             "A",    "=b"},
    {"A=b=c",            "A",    "b=c"},
    {"A.B=c",            "A.B",  NULL},
};
/* clang-format on */

static void programs_are_named(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        assert_string_equal(command_program(programs[i].text, memory), programs[i].meaning);
}

static void percent_signs_end_lines(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(splittings); i++) {
        const struct splitting *s = &splittings[i];
        const char *input;

        assert_string_equal(command_split(s->text, memory, &input), s->command);
        if (s->input == NULL)
            assert_null(input);
        else
            assert_string_equal(input, s->input);
    }
}

static void settings_are_quoted_as_crond_has_it(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(assignments); i++) {
        const struct assignment *a = &assignments[i];
        struct pair made;
        enum rc rc = setting_parse(a->line, memory, &made, NULL);

        if (rc != (a->name == NULL ? RC_NOT_FOUND : a->value == NULL ? RC_INVALID : RC_OK))
            fail_msg("%s: %s", a->line, rc_name(rc));
        if (rc != RC_OK)
            continue;
        assert_string_equal(made.name, a->name);
        assert_string_equal(made.value, a->value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_named),
        cmocka_unit_test(percent_signs_end_lines),
        cmocka_unit_test(settings_are_quoted_as_crond_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
