#include "cli/import/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct crontab_entry entry = {.line = 3,
                                           .key = "backup",
                                           .schedule = "30 2 * * *",
                                           .zone = "Europe/Berlin",
                                           .user = "root",
                                           .command = "b"};
static const struct import_request config = {.project = "shop", .queue = "nightly"};

/* clang-format off */
static const struct words_case {
    const char *pointer, *text, *hint, *said, *way;
} words_cases[] = {
    {"/schedules/0/expression", "/schedules/0/expression: minute: 61 is outside 0-59", "x", "the schedule '30 2 * * *': minute: 61 is outside 0-59", "x"},
    {"/schedules", "schedules: it is never due", "", "the schedule '30 2 * * *': it is never due", ""},
    {"/schedules/0/zone", "schedules/0/zone: there is no zone 'X'", "did you mean Y?", "the zone 'Europe/Berlin': there is no zone 'X'", "CRON_TZ=ZONE above the line, or --zone ZONE"},
    {"/payload", "payload: 90019 bytes are more than 65536", "", "the command, with its input and the settings above it: 90019 bytes are more than 65536",
     "put it into a script, and the script into the line"},
    {"", "the task: 90019 bytes in all are more than 65536", "name them in the payload",
     "the command, with its input and the settings above it: 90019 bytes in all are more than 65536", "put it into a script, and the script into the line"},
    {"/key", "key is missing", "", "the key 'backup': key is missing", "`# key: NAME` above the line gives another"},
    {"/title", "title: 501 bytes are more than 500", "", "the title: 501 bytes are more than 500", "`# title: TEXT` above the line gives another"},
    {"/labels", "labels: 'user': too long", "", "--source, or the user 'root': 'user': too long", ""},
    {"/project", "project: there is none", "", "--project 'shop': there is none", ""},
    {"/queue", "queue \"nightly\" does not exist", "cronobs topics apply", "--queue 'nightly': queue \"nightly\" does not exist", "cronobs topics apply"},
    {"", "the command may not have reached the log: timed out", "GET /v1/commands/<Cronobs-Command> tells whether it did",
     "the command may not have reached the log: timed out", "import it again: what is as it should be stays as it is"},
    {"", "could not reach h:1: refused", "is it there?", "could not reach h:1: refused", "is it there?"},
    {"/never_heard_of", "never_heard_of: no", "", "never_heard_of: no", ""},
};
/* clang-format on */

static void what_is_wrong_is_said_of_the_line(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(words_cases); i++) {
        const struct words_case *c = &words_cases[i];
        struct error err = {0};

        (void)error_set(&err, RC_INVALID, "%s", c->text);
        (void)error_hint(&err, "%s", c->hint);
        err.hint_is_http = text_starts(c->hint, "GET ");
        (void)snprintf(err.pointer, sizeof err.pointer, "%s", c->pointer);
        import_words(&config, &entry, &err);
        assert_string_equal(err.text, c->said);
        assert_string_equal(err.hint, c->way);
    }
}

static void without_a_line_there_is_no_value_of_one(void **state UNUSED)
{
    struct error err = {0};

    (void)error_set(&err, RC_INVALID, "label: \"source\" is not name:value");
    import_words(&config, NULL, &err);
    assert_string_equal(err.text, "--source: \"source\" is not name:value");
    (void)error_set(&err, RC_INVALID, "key: it is none");
    import_words(&config, NULL, &err);
    assert_string_equal(err.text, "the key: it is none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_of_the_line),
        cmocka_unit_test(without_a_line_there_is_no_value_of_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
