#include "cli/program/examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/shared/files.h"
#include "support/difference.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

/* clang-format off */
static const struct page_case {
    const char *page, *made;
} page_cases[] = {
    {"", ""},
    {"# A page\n\nas it is\n", "# A page\n\nas it is\n"},
    {"no end", "no end\n"},
    {"| expression | next |\n|---|---|\n| `0 9 * * *` | kept |\n", "| expression | next |\n|---|---|\n| `0 9 * * *` | kept |\n"},
    /* what is made, what is kept */
    {"<!-- examples: --from 2027-01-01 --count 2 -->\n| note | expression | meaning | next two |\n|---|---|---|---|\n| a | `0 9 * * *` | old | old |\n\nafter\n",
     "<!-- examples: --from 2027-01-01 --count 2 -->\n| note | expression | meaning | next two |\n|---|---|---|---|\n"
     "| a | `0 9 * * *` | at 09:00 every day | Fri 2027-01-01 09:00<br>Sat 2027-01-02 09:00 |\n\nafter\n"},
    {"<!-- examples: --zone 'Europe/Berlin' --from \"2027-03-28\" --count 1 -->\n\n| expression | next with offset | class | canonical | how often |\n|---|---|---|---|---|\n"
     "| `0 30 2 * * *` | | | | |\n| `5 */6 * * *` | | | | |\n",
     "<!-- examples: --zone 'Europe/Berlin' --from \"2027-03-28\" --count 1 -->\n\n| expression | next with offset | class | canonical | how often |\n|---|---|---|---|---|\n"
     "| `0 30 2 * * *` | Sun 2027-03-28 03:00 +02:00 (moved) | fixed-time | `30 2 * * *` | 1 a day, 31 a month, 366 a year |\n"
     "| `5 */6 * * *` | Sun 2027-03-28 00:05 +01:00 | interval-like | `5 */6 * * *` | 4 a day, 124 a month, 1464 a year |\n"},
    /* options in columns */
    {"<!-- examples: --count 1 -->\n| expression | zone | from | dialect | dst_gap | dst_overlap | next | clock changes |\n|---|---|---|---|---|---|---|---|\n"
     "| `30 2 * * *` | Europe/Berlin | 2027-03-28 | | skip | | | |\n| `30 2 * * *` | `Europe/Berlin` | 2027-10-31T02:40 | | | both | | |\n"
     "| `0 0 */2 * MON` | | 2027-01-01 | vixie | | | | |\n",
     "<!-- examples: --count 1 -->\n| expression | zone | from | dialect | dst_gap | dst_overlap | next | clock changes |\n|---|---|---|---|---|---|---|---|\n"
     "| `30 2 * * *` | Europe/Berlin | 2027-03-28 |  | skip |  | Mon 2027-03-29 02:30 | 2027-03-28: 02:30 does not exist, does not run<br>"
     "2027-10-31: 02:30 comes twice, runs the first time<br>2028-03-26: 02:30 does not exist, does not run |\n"
     "| `30 2 * * *` | `Europe/Berlin` | 2027-10-31T02:40 |  |  | both | Sun 2027-10-31 02:30 (repeated) | 2027-10-31: 02:30 comes twice, runs twice<br>"
     "2028-03-26: 02:30 does not exist, runs at 03:00<br>2028-10-29: 02:30 comes twice, runs twice |\n"
     "| `0 0 */2 * MON` |  | 2027-01-01 | vixie |  |  | Mon 2027-01-11 00:00 | none |\n"},
    /* lints and errors; a bar in an expression and in what is made */
    {"<!-- examples: --from 2027-01-01 --count 1 -->\n| expression | lints | error | next |\n|---|---|---|---|\n| `5/20 22-2 * * *` | | | |\n| `@at 2026-01-01T00:00:00Z` | | | |\n| `0 9 * *` | | | |\n| `a\\|b * * * *` | | | |\n",
     "<!-- examples: --from 2027-01-01 --count 1 -->\n| expression | lints | error | next |\n|---|---|---|---|\n"
     "| `5/20 22-2 * * *` | `STEP_FROM_VALUE`: minute: 5/n means from 5 to the end; crond has no such form<br>`WRAPPED_RANGE`: hour: the range wraps around | none | Fri 2027-01-01 00:05 |\n"
     "| `@at 2026-01-01T00:00:00Z` | `PAST`: all of it is past: never fires again | none | none |\n"
     "| `0 9 * *` |  | column 8: 5, 6 or 7 fields are needed, not 4<br>minute hour day-of-month month day-of-week |  |\n"
     "| `a\\|b * * * *` |  | column 1: minute: unexpected 'a\\|b' |  |\n"},
    /* consoles */
    {"```console\n$ cronobs next --from 2027-01-01 --count 1 '0 9 * * *'\nold\nold\n$ cronobs next '60 * * * *'\n```\nafter\n",
     "```console\n$ cronobs next --from 2027-01-01 --count 1 '0 9 * * *'\n2027-01-01T09:00:00+00:00  Fri\n$ cronobs next '60 * * * *'\n"
     "cronobs next: minute: 60 is outside 0-59\n  60 * * * *\n  ^\n```\nafter\n"},
    {"```console\n$ cronobs explain --from 2027-01-01 --count 1 '0 9 * * *'\n$ cronobs next '@Daily'\n```\n",
     "```console\n$ cronobs explain --from 2027-01-01 --count 1 '0 9 * * *'\nexpression    0 9 * * *\nmeaning       at 09:00 every day, UTC\ncanonical     0 9 * * *\n"
     "zone          UTC\nclass         fixed-time\nhow often     1 a day, 31 a month, 365 a year\nclock changes none of the next 12 months touches it\n"
     "next          2027-01-01T09:00:00+00:00  Fri\n$ cronobs next '@Daily'\ncronobs next: unknown macro '@Daily'\n  @Daily\n  ^\n"
     "  @hourly @daily @midnight @weekly @monthly @yearly @annually @every @at, in lower case\n```\n"},
    {"```console\n$ cronobs next --batch <<'END'\n0 9 * * *\t\t2027-01-01T00:00:00Z\t1\n\nEND\nold\n```\n",
     "```console\n$ cronobs next --batch <<'END'\n0 9 * * *\t\t2027-01-01T00:00:00Z\t1\n\nEND\n2027-01-01T09:00:00Z\nerror 0 the line is empty\n```\n"},
};

static const struct refused_case {
    const char *page, *text;
} refused_cases[] = {
    {"x\n<!-- examples: --count 1\n",                            "line 2: the mark does not end in -->"},
    {"<!-- examples: --count 0 -->\n",                           "line 1: count (--count): '0' is out of range"},
    {"<!-- examples: 'a -->\n",                                  "line 1: a quote is not closed"},
    {"<!-- examples: -->\nno table\n",                           "line 2: the heading of a table is missing after the mark"},
    {"<!-- examples: -->\n|a|b|c|d|e|f|g|h|i|\n",                "line 2: more than 8 columns"},
    {"<!-- examples: -->\n| next |\n|---|\n| |\n",               "line 4: a row without expression, or with other columns"},
    {"<!-- examples: -->\n| expression |\n|---|\n| `@daily` | |\n", "line 4: a row without expression, or with other columns"},
    {"<!-- examples: -->\n| expression |\n|---|\n| `60 * * * *` |\n", "line 4: 60 * * * *: minute: 60 is outside 0-59\n  60 * * * *\n  ^"},
    {"<!-- examples: --from never -->\n| expression | error |\n|---|---|\n| `@daily` | |\n",
     "line 4: @daily: --from: 'never' is no instant: write 2026-11-25, 2026-11-25T08:00, 2026-11-25T08:00:00+01:00, -2h or +90m"},
    {"```console\n$ rm -rf /\n```\n",                            "line 2: '$ rm -rf /' is no command that a page can show"},
    {"```console\n$ cronobs next 'x\n```\n",                     "line 2: a quote is not closed"},
    {"```console\n$ cronobs next --batch <<'END'\n```\n",        "line 3: END is missing"},
    {"```console\n$ cronobs next --batch <<'END'\n",             "line 2: END is missing"},
};
/* clang-format on */

static void examples_are_made_anew(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(page_cases); i++) {
        SCOPED_BUF out = {0};
        SCOPED_BUF again = {0};
        struct error err = {0};

        if (examples_make(bytes_of(page_cases[i].page), zones, &out, &err) != RC_OK)
            fail_msg("%s: %s", page_cases[i].page, err.text);
        assert_string_equal(buf_text(&out), page_cases[i].made);
        assert_int_equal(examples_make(buf_bytes(&out), zones, &again, NULL), RC_OK);
        assert_string_equal(buf_text(&again), page_cases[i].made);
    }
}

static void what_cannot_be_understood_is_named_by_its_line(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refused_cases); i++) {
        SCOPED_BUF out = {0};
        struct error err = {0};

        assert_int_equal(examples_make(bytes_of(refused_cases[i].page), zones, &out, &err),
                         RC_INVALID);
        assert_string_equal(err.text, refused_cases[i].text);
    }
}

/* The zones are those of the tests: the page must not depend on the tzdata of a machine. */
static void the_examples_of_the_scheduling_page_are_what_the_program_answers(void **state UNUSED)
{
    SCOPED_BUF page = {0};
    SCOPED_BUF made = {0};
    struct error err = {0};

    assert_int_equal(file_read(COBS_SOURCE_DIR "/docs/scheduling.md", 1 << 20, &page, NULL), RC_OK);
    if (examples_make(buf_bytes(&page), zones, &made, &err) != RC_OK)
        fail_msg("docs/scheduling.md: %s", err.text);
    if (strcmp(buf_text(&page), buf_text(&made)) != 0)
        fail_msg(
            "docs/scheduling.md is out of date at line %zu: cronobs docs scheduling < "
            "docs/scheduling.md > new",
            line_of_difference(buf_text(&page), buf_text(&made)));
}

static int set_up(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_made_anew),
        cmocka_unit_test(what_cannot_be_understood_is_named_by_its_line),
        cmocka_unit_test(the_examples_of_the_scheduling_page_are_what_the_program_answers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
