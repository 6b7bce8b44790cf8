#include "cli/client/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct words states = {"--state", &task_state_enum, "ALL", true};
static const struct words levels = {"--level", &log_level_enum, NULL, false};

static const struct words_case {
    const struct words *words;
    const char *text, *said, *hint; /* said NULL: fine */
} words_cases[] = {
    {&states, NULL, NULL, NULL},
    {&states, "PAUSED", NULL, NULL},
    {&states, "paused,Active", NULL, NULL},
    {&states, "all", NULL, NULL},
    {&states, "PUASED", "--state: 'PUASED' is not one of ACTIVE, PAUSED, DELETED, ALL",
     "did you mean PAUSED?"},
    {&states, "PAUSED,", "--state: '' is not one of ACTIVE, PAUSED, DELETED, ALL", ""},
    {&states, "UNKNOWN", "--state: 'UNKNOWN' is not one of ACTIVE, PAUSED, DELETED, ALL", ""},
    {&levels, "warn", NULL, NULL},
    {&levels, "WARN,ERROR", "--level: 'WARN,ERROR' is not one of INFO, DEBUG, WARN, ERROR", ""},
    {&levels, "warning", "--level: 'warning' is not one of INFO, DEBUG, WARN, ERROR", ""},
};

static void a_word_is_one_of_those_that_there_are(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(words_cases); i++) {
        const struct words_case *c = &words_cases[i];
        struct error err = {0};
        enum rc rc = words_check(c->words, c->text, &err);

        assert_int_equal(rc, c->said == NULL ? RC_OK : RC_INVALID);
        if (c->said == NULL)
            continue;
        assert_string_equal(err.text, c->said);
        assert_string_equal(err.hint, c->hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_word_is_one_of_those_that_there_are)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
