/*
 * What other libraries' test suites assert, what OCPS, crontab(5), Quartz and AWS write, and where they do not agree with
 * us: a file for each (facts/NAME.tsv). Time zones are the system's: only their past is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/schedule.h"

enum { LINE_MAX_BYTES = 1024, COLUMNS = 6, HEADER_LINES = 2 };

static struct zoneset *zones;

struct fact {
    const char *expression, *zone;
    usec_t from;
    int count; /* < 0: backwards */
    enum dialect dialect;
    const char *expected;
};

static enum dialect dialect_of(const char *name)
{
    static const char *const names[] = {"auto", "quartz", "vixie", "ocps"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text_equal(names[i], name))
            return (enum dialect)i;
    fail_msg("no dialect: %s", name);
    return DIALECT_AUTO;
}

/* Cuts the line at its tabs. */
static struct fact read_fact(char *line)
{
    char *columns[COLUMNS + 1] = {line}; /* and what the others say */
    struct fact f;

    line[strcspn(line, "\n")] = '\0';
    for (int i = 1; i <= COLUMNS && (line = strchr(line, '\t')) != NULL; i++) {
        *line++ = '\0';
        columns[i] = line;
    }
    assert_non_null(columns[COLUMNS - 1]);
    f = (struct fact){
        .expression = columns[0],
        .zone = columns[1],
        .count = (int)strtol(columns[3], NULL, 10),
        .dialect = dialect_of(columns[4]),
        .expected = columns[5],
    };
    assert_int_equal(rfc3339_parse(columns[2], &f.from, NULL), RC_OK);
    return f;
}

static enum rc step(const struct schedule *s, usec_t at, bool back, struct occurrence *ret)
{
    return back ? schedule_prev(s, at, ret) : schedule_next(s, at, ret);
}

static void give_answer(const struct fact *f, const struct schedule *s, struct buf *out)
{
    struct occurrence o = {.at = f->from};
    char text[RFC3339_TEXT];
    int left = abs(f->count);

    for (; left > 0 && step(s, o.at, f->count < 0, &o) == RC_OK; left--)
        buf_printf(out, "%s%s", out->len > 0 ? " " : "", rfc3339_format(o.at, text));
    if (out->len == 0)
        buf_add_text(out, "none");
}

static void check_canonical(const struct fact *f, const struct schedule *s)
{
    struct schedule_options options = {.zone = schedule_zone(s), .dialect = f->dialect};
    SCOPED(schedule) struct schedule *again = NULL;
    SCOPED_BUF text = {0}, second = {0};

    schedule_format(s, &text);
    assert_int_equal(schedule_parse(buf_text(&text), &options, zones, NULL, &again, NULL), RC_OK);
    if (!schedule_equal(s, again))
        fail_msg("%s is not %s", f->expression, buf_text(&text));
    schedule_format(again, &second);
    assert_string_equal(buf_text(&second), buf_text(&text));
}

static void check_fact(const char *suite, const struct fact *f)
{
    struct schedule_options options = {.zone = f->zone, .dialect = f->dialect};
    SCOPED(schedule) struct schedule *s = NULL;
    SCOPED_BUF got = {0};

    if (schedule_parse(f->expression, &options, zones, NULL, &s, NULL) == RC_OK)
        give_answer(f, s, &got);
    else
        buf_add_text(&got, "error");
    if (!text_equal(buf_text(&got), f->expected))
        fail_msg("%s: '%s' %s: %s, not %s", suite, f->expression, f->zone, buf_text(&got),
                 f->expected);
    if (s != NULL)
        check_canonical(f, s);
}

static void agrees_with(void **state)
{
    const char *suite = *state;
    SCOPED(text) char *path = xasprintf("%s/tests/unit/cron/facts/%s.tsv", COBS_SOURCE_DIR, suite);
    FILE *file = fopen(path, "r");
    char line[LINE_MAX_BYTES];
    int number = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        struct fact f;

        if (++number <= HEADER_LINES)
            continue;
        f = read_fact(line);
        check_fact(suite, &f);
    }
    (void)fclose(file);
    assert_true(number > 20);
}

static int set_up(void **state UNUSED)
{
    zones = zoneset_new(NULL);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    static char suites[][16] = {
        "aws",    "ccronexpr", "cron-parser", "croner",      "cronexpr", "croniter",
        "cronos", "cronsim",   "crontab",     "goquartz",    "gronx",    "ocps",
        "php",    "quartz",    "robfig",      "differences",
    };
    struct CMUnitTest tests[ARRAY_LEN(suites)] = {0};

    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        tests[i] = (struct CMUnitTest){
            .name = suites[i],
            .test_func = agrees_with,
            .initial_state = suites[i],
        };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
