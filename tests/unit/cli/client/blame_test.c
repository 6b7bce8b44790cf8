#include "cli/client/blame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/client/options.h"
#include "model/tables.h"

static const char *schedules[] = {"0 7 * * *", "61 * * * *", "0 max_attempts * * *", NULL};
static const char *excluded[] = {"weekday SAT", NULL}, *only[] = {"weekday XYZ", NULL};
static const char *operands[] = {"report", "task.json", NULL};

static struct put_options put = {
    .schedules = {schedules, 3}, .excluded = {excluded, 1}, .only = {only, 1}};

static struct call call_of(const char *command, size_t operand_count)
{
    static struct subcommand named;

    named = (struct subcommand){.name = command};
    return (struct call){
        .command = &named, .values = {&put}, .operands = {operands, operand_count}};
}

/* clang-format off */
static const struct blame_case {
    const char *command, *pointer, *text, *hint;
    int column;
    const char *said, *way;
} blame_cases[] = {
    {"task put", "/schedules/1/expression", "/schedules/1/expression: minute: 61 is outside 0-59", "", 1,
     "--schedule '61 * * * *': minute: 61 is outside 0-59\n  61 * * * *\n  ^", ""},
    {"task put", "/schedules/0/zone", "schedules/0/zone: there is no zone 'X'", "did you mean Y", 0, "--zone: there is no zone 'X'", "did you mean Y"},
    {"task put", "/calendars/1/rules/0/value", "calendars/1/rules/0/value: 'XYZ' is no day", "", 0, "--only 'weekday XYZ': 'XYZ' is no day", ""},
    {"task put", "/calendars/0/rules/0/value", "calendars/0/rules/0/value: 'SAT' is no day", "", 0, "--exclude 'weekday SAT': 'SAT' is no day", ""},
    {"task put", "/calendars/7/rules", "calendars/7/rules: there are none", "", 0, "--only: there are none", ""},
    {"task put", "/calendars", "calendars and window: together they leave out all", "", 0, "--exclude, --only: calendars and window: together they leave out all", ""},
    {"task put", "/run_timeout_ms", "run_timeout_ms: -1 is outside 0-5", "", 0, "--run-timeout: -1 is outside 0-5", ""},
    {"task put", "/queue", "queue is missing", "", 0, "--queue: queue is missing", ""},
    {"task put", "", "If-Match: \"x\" is not the ETag of a task", "an ETag is a revision in quotes: \"3\"", 0, "--if-revision: \"x\" is not the ETag of a task", ""},
    {"task show", "", "task: \"X\" is neither a task id nor project~key", "a task of the default project is default~X", 0,
     "TASK: \"X\" is neither a task id nor project~key", "a task of the default project is default~X"},
    {"execution list", "", "task: \"X\" is neither a task id nor project~key", "", 0, "--task: \"X\" is neither a task id nor project~key", ""},
    {"execution list", "", "tz: there is no zone 'X'", "", 0, "--zone: there is no zone 'X'", ""},
    {"execution list", "", "from, to: the range is not 0 to 366 days long", "", 0, "--from, --to: the range is not 0 to 366 days long", ""},
    {"execution list", "", "from: not an instant", "write it as 2026; a '+' in a URL is %2B", 0, "--from: not an instant", ""},
    {"execution show", "", "there is no execution 1", "what was written a moment ago can be waited for: after_command=<command id>", 0, "there is no execution 1", ""},
    {"task pause", "/until", "/until: it has passed", "", 0, "--until: it has passed", ""},
    {"task put", "/finish_by_ms", "finish_by_ms: 1 is less than start_deadline_ms, 2", "a later finish_by_ms", 0,
     "--finish-by: 1 is less than --start-deadline, 2", "a later --finish-by"},
    {"task put", "/retry/max_delay_ms", "retry/max_delay_ms: 1 is less than first_delay_ms, 2", "give max_attempts, as in a_file_of_ms", 0,
     "--retry-max-delay: 1 is less than --retry-delay, 2", "give --retry-attempts, as in a_file_of_ms"},
    {"task trigger", "", "execution x is not finished", "ignore_overlap runs it all the same", 0,
     "execution x is not finished", "--ignore-overlap runs it all the same"},
    {"task put", "/retry/on", "retry/on: 'max_delay_ms' is no outcome of max_attempts", "not \"first_delay_ms\" of the task's max_attempts, 'tis", 0,
     "--retry-on: 'max_delay_ms' is no outcome of --retry-attempts", "not \"first_delay_ms\" of the task's --retry-attempts, 'tis"},
    {"task put", "/retry/on", "retry/on: 'it's max_attempts' is none of first_delay_ms", "", 0,
     "--retry-on: 'it's max_attempts' is none of --retry-delay", ""},
    {"task put", "/schedules/2/expression", "schedules/2/expression: hour: 'max_attempts' is no number", "", 3,
     "--schedule '0 max_attempts * * *': hour: 'max_attempts' is no number\n  0 max_attempts * * *\n    ^", ""},
    {"task pause", "", "could not do: something else", "", 0, "could not do: something else", ""},
};
/* clang-format on */

static void a_complaint_about_a_member_is_one_about_the_option(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(blame_cases); i++) {
        const struct blame_case *c = &blame_cases[i];
        const struct call call = call_of(c->command, 1);
        struct error err = {.column = c->column};

        (void)error_set(&err, RC_INVALID, "%s", c->text);
        (void)error_hint(&err, "%s", c->hint);
        err.hint_is_http = c->way[0] == '\0';
        (void)snprintf(err.pointer, sizeof err.pointer, "%s", c->pointer);
        err.column = c->column;
        blame(&call, &err);
        assert_string_equal(err.text, c->said);
        assert_string_equal(err.hint, c->way);
    }
}

static void a_file_keeps_its_names(void **state UNUSED)
{
    const struct call call = call_of("task put", 2);
    struct error err = {0};

    (void)error_set(&err, RC_INVALID, "/schedules/0/expression: minute: 61 is outside 0-59");
    blame(&call, &err);
    assert_string_equal(err.text, "task.json: /schedules/0/expression: minute: 61 is outside 0-59");
}

/* What no option of `task put` makes: it cannot be wrong by an option. */
static bool is_no_option(const char *name)
{
    static const char names[] =
        "description max_concurrency retry finish_by_ms "
        "pause_after_failures";

    return text_has_word(names, name);
}

static void every_member_of_a_task_has_an_option(void **state UNUSED)
{
    for (const struct field *f = task_spec_type.fields; f->name != NULL; f++)
        if (!is_no_option(f->name) && blame_option("task put", f->name) == NULL)
            fail_msg("%s", f->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complaint_about_a_member_is_one_about_the_option),
        cmocka_unit_test(a_file_keeps_its_names),
        cmocka_unit_test(every_member_of_a_task_has_an_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
