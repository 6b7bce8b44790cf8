#include <string.h>

#include "reading.h"

static const char *const no_lines[] = {NULL};

static struct crontab read_known(const char *text, const char *const *known, struct arena *memory)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    const struct crontab_options options = {
        .words = {"--system", "--user", "--ignore"}, .zone = "UTC", .known = known, .zones = zones};
    struct crontab c;

    assert_int_equal(crontab_parse(bytes_of(text), &options, memory, &c, NULL), RC_OK);
    return c;
}

/* clang-format off */
static const struct knowing {
    const char *text;
    const char *refused, *ignored, *notes; /* lines, with blanks between */
} knowings[] = {
    {"@reboot a",                                               "1", "",  ""},
    {"# cronobs: ignore @reboot a\n@reboot a",                  "",  "2", ""},
    {"#Cronobs:Ignore  @reboot \t a  \n  @reboot   a ",         "",  "2", ""},
    {"@reboot a\n@daily b\n# cronobs: ignore @reboot a",        "",  "1", ""},     /* wherever it stands */
    {"# cronobs: ignore @reboot a\n@reboot b\n@reboot a",       "2", "3", ""},     /* not its neighbour */
    {"# cronobs: ignore @reboot a\n@reboot a -x",               "2", "",  "1"},    /* nor the line once it has changed */
    {"# cronobs: ignore @reboot a\n@reboot a\n@reboot a",       "",  "2 3", ""},
    {"# cronobs: ignore @reboot a\n# cronobs: ignore @reboot a\n@reboot a", "", "3", ""},
    {"# cronobs: ignore @daily a\n@daily a\n",                  "",  "",  ""},     /* whoever takes the entry may refuse it */
    {"# cronobs: ignore\n@reboot a",                            "2", "",  "1"},
    {"# cronobs: skip @reboot a\n@reboot a",                    "2", "",  "1"},
    {"# cronobs: ignore CRON_TZ=Mars/Base\nCRON_TZ=Mars/Base\n@daily a", "3", "2", ""},
    {"# cronobs: ignore hello world\nhello world",              "",  "2", ""},
    {"# key: a\n@daily x\n# key: a\n@daily x\n# cronobs: ignore @daily x", "", "4", ""},
};
/* clang-format on */

static const char *lines_of(const struct crontab_notes *notes, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < notes->count; i++)
        buf_printf(out, "%s%d", i == 0 ? "" : " ", notes->items[i].line);
    return buf_text(out);
}

static void a_refusal_is_known_by_what_the_line_holds(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(knowings); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const struct knowing *k = &knowings[i];
        struct crontab c = read_known(k->text, no_lines, memory);
        SCOPED_BUF out = {0};

        if (strcmp(lines_of(&c.refused, &out), k->refused) != 0)
            fail_msg("%s: refused: %s", k->text, buf_text(&out));
        if (strcmp(lines_of(&c.ignored, &out), k->ignored) != 0)
            fail_msg("%s: ignored: %s", k->text, buf_text(&out));
        if (strcmp(lines_of(&c.notes, &out), k->notes) != 0)
            fail_msg("%s: notes: %s", k->text, buf_text(&out));
    }
}

static void an_option_says_the_same(void **state UNUSED)
{
    static const char *const known[] = {" @reboot  a", "@reboot c", NULL};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_known("@reboot a\n@reboot b", known, memory);

    assert_int_equal(c.ignored.count, 1);
    assert_int_equal(c.ignored.items[0].line, 1);
    assert_string_equal(c.ignored.items[0].content, "@reboot a");
    assert_int_equal(c.refused.count, 1);
    assert_int_equal(c.refused.items[0].line, 2);
    assert_int_equal(c.notes.count, 1);
    assert_non_null(strstr(c.notes.items[0].why, "@reboot c"));
}

/* What is cut off could be anything: two such lines may differ behind it. */
static void a_line_that_is_not_known_as_a_whole_is_never_ignored(void **state UNUSED)
{
    static const char text[] = "# cronobs: ignore @daily a\n@daily a\0b\n";
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    const struct crontab_options options = {
        .words = {"--system", "--user", "--ignore"}, .zone = "UTC", .zones = zones};
    struct crontab c;

    assert_int_equal(
        crontab_parse((struct bytes){text, sizeof text - 1}, &options, memory, &c, NULL), RC_OK);
    assert_int_equal(c.refused.count, 1);
    assert_int_equal(c.ignored.count, 0);
}

static void settings_tell_how_many_entries_have_them(void **state UNUSED)
{
    /* clang-format off */
    static const char text[] =
        "A=1\n"           /* 1: entries 3, 5 */
        "MAILTO=x\n"      /* 2: 3, 5, 7 */
        "@daily a\n"
        "@reboot b\n"     /* refused: does not count */
        "@daily c\n"
        "A=2\n"           /* 6: 7 */
        "@daily d\n"
        "LOGNAME=x\n"     /* no part of it */
        "B=1\n"           /* 9: behind the last entry */
        "CRON_TZ=UTC\n"
        "CRON_TZ=Mars/Base\n"; /* refused */
    static const struct { int line; const char *name; size_t entries; } wanted[] = {
        {1, "A", 2}, {2, "MAILTO", 3}, {6, "A", 1}, {9, "B", 0}, {10, "CRON_TZ", 0}};
    /* clang-format on */
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_known(text, no_lines, memory);

    assert_int_equal(c.setting_count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_int_equal(c.settings[i].line, wanted[i].line);
        assert_string_equal(c.settings[i].name, wanted[i].name);
        assert_int_equal(c.settings[i].entries, wanted[i].entries);
    }
}

static void a_stray_key_is_told_with_its_note(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_known(
        "# key: report\n# title: Report\n# key: cleanup\n@daily a\n"
        "# key: orphan\n# key: Bad One\n",
        no_lines, memory);

    assert_int_equal(c.count, 1);
    assert_string_equal(c.entries[0].key, "cleanup");
    assert_null(c.entries[0].title); /* it was the report's */
    assert_int_equal(c.notes.count, 3);
    assert_string_equal(c.notes.items[0].key, "report");
    assert_string_equal(c.notes.items[1].key, "orphan");
    assert_null(c.notes.items[2].key);
}

static void an_entry_tells_that_its_refusal_would_be_known(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c =
        read_known("@daily  a\n@daily b\n# cronobs: ignore @daily a\n", no_lines, memory);

    assert_int_equal(c.count, 2);
    assert_true(c.entries[0].is_known);
    assert_false(c.entries[1].is_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_known_by_what_the_line_holds),
        cmocka_unit_test(an_option_says_the_same),
        cmocka_unit_test(an_entry_tells_that_its_refusal_would_be_known),
        cmocka_unit_test(a_line_that_is_not_known_as_a_whole_is_never_ignored),
        cmocka_unit_test(settings_tell_how_many_entries_have_them),
        cmocka_unit_test(a_stray_key_is_told_with_its_note),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
