#include "cli/schedule/next_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/cron/zones.h"

/* clang-format off */
static const struct answer_case {
    const char *line, *answer;
} answer_cases[] = {
    /* instants */
    {"30 2 * * *\tEurope/Berlin\t2027-03-27T00:00:00Z\t3",         "2027-03-27T01:30:00Z 2027-03-28T01:00:00Z 2027-03-29T00:30:00Z"},
    {"0 0 1 1 *\t\t2027-06-01T00:00:00Z\t1",                        "2028-01-01T00:00:00Z"},
    {"TZ=Europe/Berlin 0 12 * * *\t\t2027-06-01T00:00:00Z\t1",      "2027-06-01T10:00:00Z"},
    {"@at 2027-04-01T00:00:00Z\t\t2027-03-27T00:00:00Z\t5",         "2027-04-01T00:00:00Z"},
    {"@at 2027-04-01T00:00:00.05Z\t\t2027-03-27T00:00:00Z\t5",      "2027-04-01T00:00:00.050000Z"},
    {"@at 2027-04-01T00:00:00Z\t\t2027-04-01T00:00:00Z\t5",         "none"},
    {"0 0 30 2 *\tUTC\t2027-03-27T00:00:00Z\t5",                    "none"},
    {"59 59 23 31 12 ? 2199\t\t2027-03-27T00:00:00Z\t2",            "2199-12-31T23:59:59Z"},
    /* strictly later than FROM, whatever its form */
    {"* * * * *\t\t2027-03-27T00:00:00Z\t2",                        "2027-03-27T00:01:00Z 2027-03-27T00:02:00Z"},
    {"* * * * *\t\t2027-03-26T23:59:59.999999999Z\t1",              "2027-03-27T00:00:00Z"},
    {"* * * * *\t\t2027-03-27t02:00:00.5+02:00\t1",                 "2027-03-27T00:01:00Z"},
    {"* * * * *\t\t0001-01-01 00:00:00Z\t1",                        "1970-01-01T00:00:00Z"},
    {"* * * * *\t\t9999-01-01T00:00:00Z\t1",                        "none"},
    /* options */
    {"0 0 1 * MON\t\t2027-03-27T00:00:00Z\t1\tvixie",               "2027-03-29T00:00:00Z"},
    {"0 0 12 ? * 1\t\t2027-03-22T00:00:00Z\t1\tQuartz",             "2027-03-28T12:00:00Z"},
    {"30 2 * * *\tEurope/Berlin\t2027-03-28T00:00:00Z\t1\t\tskip",  "2027-03-29T00:30:00Z"},
    {"30 2 * * *\tEurope/Berlin\t2027-03-28T00:00:00Z\t1\tAUTO\trun-after\tfirst", "2027-03-28T01:00:00Z"},
    {"30 2 * * *\tEurope/Berlin\t2027-10-31T00:00:00Z\t2\t\t\tBoth", "2027-10-31T00:30:00Z 2027-10-31T01:30:00Z"},
    {"30 2 * * *\tEurope/Berlin\t2027-10-31T00:00:00Z\t2\t\t\t",    "2027-10-31T00:30:00Z 2027-11-01T01:30:00Z"},
    /* errors of the expression have a column */
    {"60 * * * *\t\t2027-03-27T00:00:00Z\t1",                       "error 1 minute: 60 is outside 0-59"},
    {"  * 24 * * *\t\t2027-03-27T00:00:00Z\t1",                     "error 5 hour: 24 is outside 0-23"},
    {"\t\t2027-03-27T00:00:00Z\t1",                                 "error 1 an expression is missing"},
    {"* * \x01\xff * *\t\t2027-03-27T00:00:00Z\t1",                 "error 5 day of month: unexpected '?\\xff'"},
    /* all others have none */
    {"",                                                            "error 0 the line is empty"},
    {" ",                                                           "error 0 1 of at least 4 fields, with a tab between"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z",                        "error 0 3 of at least 4 fields, with a tab between"},
    {"*\t\t\t\t\t\t\t",                                             "error 0 more than 7 fields, with a tab between"},
    {"* * * * *\tEurope/Berlim\t2027-03-27T00:00:00Z\t1",           "error 0 unknown time zone 'Europe/Berlim'"},
    {"* * * * *\tEu\x01\xff\t2027-03-27T00:00:00Z\t1",             "error 0 unknown time zone 'Eu\\x01\\xff'"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00\t1",                      "error 0 FROM: '2027-03-27T00:00:00' is not an RFC 3339 time such as "
                                                                    "2026-03-29T02:30:00Z or 2026-03-29T02:30:00+01:00"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t0",                     "error 0 COUNT: '0' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t10001",                 "error 0 COUNT: '10001' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t99999999999999999999",  "error 0 COUNT: '99999999999999999999' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t",                      "error 0 COUNT: '' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t-1",                    "error 0 COUNT: '-1' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t1 ",                    "error 0 COUNT: '1 ' is no number of 1 to 10000"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t1\tcron",               "error 0 DIALECT: 'cron' is not one of auto, quartz, vixie, ocps"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t1\t\tno",               "error 0 DST_GAP: 'no' is not one of run-after, skip"},
    {"* * * * *\tUTC\t2027-03-27T00:00:00Z\t1\t\t\tno",             "error 0 DST_OVERLAP: 'no' is not one of first, both"},
};
/* clang-format on */

static void every_line_has_one_answer(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();

    for (size_t i = 0; i < ARRAY_LEN(answer_cases); i++) {
        SCOPED_BUF out = {0};

        batch_answer(bytes_of(answer_cases[i].line), zones, &out);
        assert_string_equal(buf_text(&out), answer_cases[i].answer);
    }
}

static void a_zone_that_contradicts_its_prefix_is_an_error_of_the_expression(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    SCOPED_BUF out = {0};

    batch_answer(bytes_of("TZ=UTC * * * * *\tEurope/Berlin\t2027-03-27T00:00:00Z\t1"), zones, &out);
    assert_true(text_starts(buf_text(&out), "error 4 "));
}

static void a_nul_byte_is_an_error(void **state UNUSED)
{
    static const char line[] = "* * * * *\0\tUTC\t2027-03-27T00:00:00Z\t1";
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    SCOPED_BUF out = {0};

    batch_answer((struct bytes){line, sizeof line - 1}, zones, &out);
    assert_string_equal(buf_text(&out), "error 0 the line holds a NUL byte");
}

/* --- input as it comes --- */

#define ASK    "0 * * * *\t\t2027-03-27T00:30:00Z\t1"
#define ANSWER "2027-03-27T01:00:00Z\n"
#define EMPTY  "error 0 the line is empty\n"

/* Puts the input in `piece` bytes at a time. */
static void take_all(struct batch *b, struct bytes input, size_t piece, struct buf *out)
{
    for (size_t at = 0; at < input.len;) {
        size_t len = MIN(piece, input.len - at);
        SCOPED_BUF part = {0};

        at += batch_take(b, (struct bytes){(const char *)input.data + at, len}, &part);
        buf_add(out, part.data, part.len);
    }
    batch_end(b, out);
}

static const struct input_case {
    const char *input, *answers;
} input_cases[] = {
    {"", ""},
    {"\n", EMPTY},
    {"\r\n", EMPTY},
    {ASK, ANSWER},
    {ASK "\n", ANSWER},
    {ASK "\r\n", ANSWER},
    {ASK "\r", ANSWER},
    {ASK "\n" ASK, ANSWER ANSWER},
    {ASK "\n\n" ASK "\n", ANSWER EMPTY ANSWER},
    {ASK "\r\n" ASK "\r\r\n", ANSWER "error 0 COUNT: '1\\x0d' is no number of 1 to 10000\n"},
};

static void lines_are_the_same_however_input_is_cut(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();

    for (size_t i = 0; i < ARRAY_LEN(input_cases); i++)
        for (size_t piece = 1; piece < 80; piece++) {
            struct batch b = {.zones = zones};
            SCOPED_BUF out = {0};

            take_all(&b, bytes_of(input_cases[i].input), piece, &out);
            assert_string_equal(buf_text(&out), input_cases[i].answers);
            batch_clear(&b);
        }
}

static void a_line_is_answered_as_soon_as_it_ends(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct batch b = {.zones = zones};
    SCOPED_BUF out = {0};

    assert_int_equal(batch_take(&b, bytes_of(ASK), &out), strlen(ASK));
    assert_int_equal(out.len, 0);
    assert_int_equal(batch_take(&b, bytes_of("\n"), &out), 1);
    assert_string_equal(buf_text(&out), ANSWER);
    batch_clear(&b);
}

/* A line of `len` bytes, blanks before a question. */
static void add_long_line(struct buf *out, size_t len)
{
    while (out->len + strlen(ASK) < len)
        buf_add_char(out, ' ');
    buf_add_text(out, ASK);
}

static const struct long_case {
    size_t len;
    const char *end, *answers;
} long_cases[] = {
    {BATCH_LINE_MAX, "\n" ASK, ANSWER ANSWER},
    {BATCH_LINE_MAX, "\r\n" ASK, ANSWER ANSWER},
    {BATCH_LINE_MAX, "", ANSWER},
    {BATCH_LINE_MAX + 1, "\n" ASK, "error 0 the line has more than 65536 bytes\n" ANSWER},
    {BATCH_LINE_MAX + 1, "", "error 0 the line has more than 65536 bytes\n"},
    {3 * BATCH_LINE_MAX, "\n" ASK, "error 0 the line has more than 65536 bytes\n" ANSWER},
    {3 * BATCH_LINE_MAX, "", "error 0 the line has more than 65536 bytes\n"},
    {3 * BATCH_LINE_MAX, "\n", "error 0 the line has more than 65536 bytes\n"},
};

static void a_line_that_is_too_long_is_one_error(void **state UNUSED)
{
    static const size_t pieces[] = {1, 4096, BATCH_LINE_MAX, 10 * BATCH_LINE_MAX};
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();

    for (size_t i = 0; i < ARRAY_LEN(long_cases) * ARRAY_LEN(pieces); i++) {
        const struct long_case *c = &long_cases[i / ARRAY_LEN(pieces)];
        struct batch b = {.zones = zones};
        SCOPED_BUF input = {0};
        SCOPED_BUF out = {0};

        add_long_line(&input, c->len);
        buf_add_text(&input, c->end);
        take_all(&b, buf_bytes(&input), pieces[i % ARRAY_LEN(pieces)], &out);
        assert_string_equal(buf_text(&out), c->answers);
        assert_true(b.held.capacity < 4 * BATCH_LINE_MAX);
        batch_clear(&b);
    }
}

static void output_that_is_full_is_emptied_before_more_input_is_taken(void **state UNUSED)
{
    static const char ask[] = "@every 1s\t\t2027-03-27T00:00:00Z\t10000\n";
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct batch b = {.zones = zones};
    SCOPED_BUF input = {0};
    SCOPED_BUF out = {0};

    for (int i = 0; i < 3; i++)
        buf_add_text(&input, ask);
    assert_int_equal(batch_take(&b, buf_bytes(&input), &out), strlen(ask));
    assert_int_equal(out.len, 10000 * strlen(ANSWER));
    batch_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_one_answer),
        cmocka_unit_test(a_zone_that_contradicts_its_prefix_is_an_error_of_the_expression),
        cmocka_unit_test(a_nul_byte_is_an_error),
        cmocka_unit_test(lines_are_the_same_however_input_is_cut),
        cmocka_unit_test(a_line_is_answered_as_soon_as_it_ends),
        cmocka_unit_test(a_line_that_is_too_long_is_one_error),
        cmocka_unit_test(output_that_is_full_is_emptied_before_more_input_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
