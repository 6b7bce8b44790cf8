#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "model/spec.h"
#include "unit/crontab/reading.h"

static void a_nul_is_refused_and_the_rest_goes_on(void **state UNUSED)
{
    static const char text[] = "@daily a\0b\n# comment\0\n@daily c\n";
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_crontab((struct bytes){text, sizeof text - 1}, false, memory);

    assert_int_equal(c.count, 1);
    assert_string_equal(c.entries[0].command, "c");
    assert_int_equal(c.refused.count, 1);
    assert_int_equal(c.refused.items[0].column, 9);
}

/* What is told of a word is told of its beginning: no character is parted. */
static void what_is_said_is_text(void **state UNUSED)
{
    static const char *const beginnings[] = {
        "# key: ", "@",    "@daily ", "CRON_TZ=", "* * * * * /", "0 0 * *", "# cronobs: ignore ",
        "{{",      "0 0 ", "A=1 B="};

    for (size_t i = 0; i < ARRAY_LEN(beginnings) * 8; i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        SCOPED_BUF text = {0};
        struct crontab c;

        buf_printf(&text, "%s%.*s", beginnings[i / 8], (int)(i % 4), "xxx");
        for (int n = 0; n < 150; n++)
            buf_add_text(&text, "\xe2\x82\xac");
        buf_add_text(&text, " x\n@daily x\n");
        c = read_crontab(buf_bytes(&text), i % 8 >= 4, memory);
        for (size_t n = 0; n < c.refused.count; n++)
            if (!utf8_is_clean(c.refused.items[n].why, strlen(c.refused.items[n].why)))
                fail_msg("%s", c.refused.items[n].why);
        for (size_t n = 0; n < c.notes.count; n++)
            if (!utf8_is_clean(c.notes.items[n].why, strlen(c.notes.items[n].why)))
                fail_msg("%s", c.notes.items[n].why);
    }
}

static void a_file_without_text_is_blank(void **state UNUSED)
{
    static const char *const blank[] = {"", "\n", " \t\r\n\n", "\xef\xbb\xbf", "\xef\xbb\xbf\r\n"};
    static const char *const not_blank[] = {"#", "@daily a", "x", "A=1", "\n\n #\n", "\v"};

    for (size_t i = 0; i < ARRAY_LEN(blank); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);

        assert_true(read_crontab(bytes_of(blank[i]), false, memory).is_blank);
    }
    for (size_t i = 0; i < ARRAY_LEN(not_blank); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);

        assert_false(read_crontab(bytes_of(not_blank[i]), false, memory).is_blank);
    }
}

static void a_line_that_is_too_long_is_refused(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct crontab c;

    buf_add_text(&text, "@daily ");
    while (text.len < CRONTAB_LINE_MAX)
        buf_add_char(&text, 'x');
    buf_add_text(&text, "\n@daily ");
    for (int i = 0; i < CRONTAB_LINE_MAX; i++)
        buf_add_char(&text, 'y');
    buf_add_text(&text, "\n@daily z\n");
    c = read_crontab(buf_bytes(&text), false, memory);
    assert_int_equal(c.count, 2);
    assert_int_equal(c.refused.count, 1);
    assert_int_equal(c.refused.items[0].line, 2);
    assert_true(strlen(c.refused.items[0].text) <= 500);
}

static void ten_thousand_equal_lines_get_keys_of_their_own(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct crontab c;

    for (int i = 0; i < 10000; i++)
        buf_add_text(&text, "* * * * * true\n");
    c = read_crontab(buf_bytes(&text), false, memory);
    assert_int_equal(c.count, 10000);
    assert_string_equal(c.entries[9999].key, "true-b5bea41b-10000");
}

static void a_text_that_is_too_long_is_refused_as_a_whole(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    const struct crontab_options options = {
        .words = {"--system", "--user", "--ignore"}, .zone = "UTC", .zones = zones};
    struct crontab c;
    struct error err;
    SCOPED_BUF text = {0};

    for (int i = 0; i < CRONTAB_LINES_MAX; i++)
        buf_add_char(&text, '\n');
    assert_int_equal(crontab_parse(buf_bytes(&text), &options, memory, &c, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "50001 lines"));
    while (text.len <= CRONTAB_BYTES_MAX)
        buf_add_text(&text, "# ...............................................................");
    assert_int_equal(crontab_parse(buf_bytes(&text), &options, memory, &c, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "bytes"));
}

static void settings_have_limits(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF many = {0};
    SCOPED_BUF large = {0};
    struct crontab c;

    for (int i = 0; i <= CRONTAB_VARIABLES_MAX; i++)
        buf_printf(&many, "A%d=1\n", i);
    c = read_crontab(buf_bytes(&many), false, memory);
    assert_int_equal(c.refused.count, 1);
    for (int i = 0; i < 3; i++)
        buf_printf(&large, "A%d=%0*d\n", i, 15000, 1);
    buf_add_text(&large, "@daily a\n");
    c = read_crontab(buf_bytes(&large), false, memory);
    assert_int_equal(c.refused.count, 1);
    assert_int_equal(c.refused.items[0].line, 3);
    assert_int_equal(c.entries[0].environment.count, 2);
}

static const struct crontab_target target = {"default", "nightly", "www"};

/* Pieces of crontabs and any bytes, in any order: each entry makes a task that the model takes. */
static void any_bytes_are_read_without_harm(void **state UNUSED)
{
    static const char *const pieces[] = {
        "\n",     "* * * * * ", "@daily ",  "A=",   "\"", "'", "%", "\\",
        "# key:", "CRON_TZ=",   "x",        " ",    "\t", "=", "#", "0 ",
        "*/5 ",   "root ",      "\xc3\xa9", "\xff", "\r", "~", "-", "a/b"};
    uint32_t seed = 1;

    for (int round = 0; round < 2000; round++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        SCOPED_BUF text = {0};
        struct crontab c;

        for (int i = 0; i < 60; i++) {
            seed = seed * 1664525u + 1013904223u;
            if (seed >> 28 == 0)
                buf_add_char(&text, (char)(seed >> 16));
            else
                buf_add_text(&text, pieces[(seed >> 16) % ARRAY_LEN(pieces)]);
        }
        c = read_crontab(buf_bytes(&text), round % 2 == 1, memory);
        for (size_t i = 0; i < c.count; i++) {
            struct task_spec spec = crontab_task(&c.entries[i], &target, memory);

            spec_normalise(&spec);
            assert_int_equal(spec_check_limits(&spec, NULL), RC_OK);
        }
    }
}

static void the_demonstration_is_understood_completely(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    FILE *file = fopen(COBS_SOURCE_DIR "/ops/demo/crontab", "r");
    char text[16384];
    size_t len, lines = 1;
    struct crontab c;

    assert_non_null(file);
    len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    assert_true(len > 0 && len < sizeof text);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    c = read_crontab((struct bytes){text, len}, false, memory);
    assert_int_equal(c.refused.count, 0);
    assert_int_equal(c.notes.count, 2); /* MAILTO, a line with input */
    assert_true(c.count >= 20 && c.count < lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nul_is_refused_and_the_rest_goes_on),
        cmocka_unit_test(what_is_said_is_text),
        cmocka_unit_test(a_file_without_text_is_blank),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(ten_thousand_equal_lines_get_keys_of_their_own),
        cmocka_unit_test(a_text_that_is_too_long_is_refused_as_a_whole),
        cmocka_unit_test(settings_have_limits),
        cmocka_unit_test(any_bytes_are_read_without_harm),
        cmocka_unit_test(the_demonstration_is_understood_completely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
