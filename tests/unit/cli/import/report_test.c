#include "cli/import/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* One of everything: what an import may have found. */

static const struct crontab_entry entries[] = {
    {.line = 2,
     .key = "backup",
     .schedule = "30 2 * * *",
     .zone = "Europe/Berlin",
     .text = "/opt/backup%x",
     .command = "/opt/backup"},
    {.line = 3,
     .key = "echo-1",
     .schedule = "@daily",
     .zone = "UTC",
     .user = "root",
     .text = "echo \033[31m\xc3\xa9",
     .command = "echo \033[31m\xc3\xa9"},
};

static struct import_line lines[] = {
    {.entry = &entries[0],
     .next_at = 1764034200 * USEC_PER_SEC, /* 2025-11-25 01:30 UTC */
     .next_offset = 3600,
     .state = IMPORT_CREATED},
    {.entry = &entries[1],
     .state = IMPORT_REFUSED,
     .err = {.rc = RC_CONFLICT, .text = "it is somebody's", .hint = "write # key"}},
};

static struct crontab_note refused[] = {
    {.line = 4,
     .column = 7,
     .text = "\t* * * 99 * x",
     .why = "99 is outside",
     .hint = "",
     .key = "x-1"},
};

static struct crontab_note notes[] = {
    {.line = 1, .text = "MAILTO=a", .why = "no mail is sent", .hint = ""},
};

static struct crontab_note ignored[] = {
    {.line = 5, .column = 1, .text = "@reboot x", .why = "is no time", .hint = "systemd"},
};

static struct crontab_setting settings[] = {
    {.line = 1, .name = "MAILTO", .entries = 2},
    {.line = 6, .name = "A", .entries = 1},
    {.line = 7, .name = "B"},
};

static struct import_vanished vanished[] = {
    {.key = "old-1", .is_deleted = true},
    {.key = "old-2", .err = {.rc = RC_CONFLICT, .text = "it resists"}},
};

static struct import sample(void)
{
    return (struct import){
        .request = {.project = "default", .queue = "nightly", .source = "web1", .zone = "UTC"},
        .crontab = {.refused = {refused, 1},
                    .notes = {notes, 1},
                    .ignored = {ignored, 1},
                    .settings = settings,
                    .setting_count = ARRAY_LEN(settings)},
        .lines = lines,
        .line_count = ARRAY_LEN(lines),
        .vanished = vanished,
        .vanished_count = ARRAY_LEN(vanished),
        .has_asked = true};
}

static void people_see_a_table_and_what_is_wrong(void **state UNUSED)
{
    static const char wanted[] =
        "LINE  KEY     SCHEDULE    ZONE           NEXT                     RESULT   COMMAND\n"
        "   2  backup  30 2 * * *  Europe/Berlin  2025-11-25 02:30 +01:00  created  /opt/backup\n"
        "   3  echo-1  @daily      UTC            never                    refused  echo "
        "\\x1b[31m\xc3\xa9\n"
        "\nrefused:\n"
        "  line 4, column 7: 99 is outside\n"
        "      \\t* * * 99 * x\n"
        "             ^\n"
        "  line 3: it is somebody's\n"
        "      echo \\x1b[31m\xc3\xa9\n"
        "    write # key\n"
        "\nrefused, and ignored as told:\n"
        "  line 5, column 1: is no time\n"
        "\nsettings:\n"
        "  line 1: MAILTO, in 2 entries\n"
        "  line 6: A, in 1 entry\n"
        "  line 7: B, in no entry\n"
        "\nnotes:\n"
        "  line 1: no mail is sent\n"
        "\ntasks of the source web1 that the crontab does not have (--prune deletes them):\n"
        "  old-1: deleted\n"
        "  old-2: it resists\n"
        "\n1 created, 2 refused, 1 ignored (source web1, project default, queue nightly)\n";
    const struct import i = sample();
    SCOPED_BUF out = {0};

    import_report(&i, 0, &out);
    assert_string_equal(buf_text(&out), wanted);
}

static void scripts_get_the_same_as_json(void **state UNUSED)
{
    static const char wanted[] =
        "{\"source\":\"web1\",\"project\":\"default\",\"queue\":\"nightly\",\"zone\":\"UTC\","
        "\"dry_run\":false,\"asked\":true,\"entries\":["
        "{\"line\":2,\"key\":\"backup\",\"task_id\":null,\"schedule\":\"30 2 * * *\","
        "\"zone\":\"Europe/Berlin\",\"next_at\":\"2025-11-25T01:30:00Z\",\"command\":\"/opt/backup\","
        "\"result\":\"created\"},"
        "{\"line\":3,\"key\":\"echo-1\",\"task_id\":null,\"schedule\":\"@daily\",\"zone\":\"UTC\","
        "\"user\":\"root\",\"command\":\"echo \\u001b[31m\xc3\xa9\",\"result\":\"refused\","
        "\"why\":\"it is somebody's\",\"hint\":\"write # key\"}],"
        "\"refused\":[{\"line\":4,\"column\":7,\"key\":\"x-1\",\"text\":\"\\t* * * 99 * x\","
        "\"why\":\"99 is outside\"}],"
        "\"ignored\":[{\"line\":5,\"column\":1,\"text\":\"@reboot x\",\"why\":\"is no time\","
        "\"hint\":\"systemd\"}],"
        "\"settings\":[{\"line\":1,\"name\":\"MAILTO\",\"entries\":2},"
        "{\"line\":6,\"name\":\"A\",\"entries\":1},{\"line\":7,\"name\":\"B\",\"entries\":0}],"
        "\"notes\":[{\"line\":1,\"text\":\"MAILTO=a\",\"why\":\"no mail is sent\"}],"
        "\"vanished\":[{\"key\":\"old-1\",\"deleted\":true},"
        "{\"key\":\"old-2\",\"deleted\":false,\"why\":\"it resists\"}],"
        "\"counts\":{\"read\":0,\"new\":0,\"known\":0,\"created\":1,\"updated\":0,\"unchanged\":0,"
        "\"pending\":0,\"refused\":2,\"unknown\":0,\"ignored\":1}}\n";
    const struct import i = sample();
    SCOPED_BUF out = {0};

    import_report_json(&i, &out);
    assert_string_equal(buf_text(&out), wanted);
}

static void an_empty_crontab_is_a_report_too(void **state UNUSED)
{
    const struct import i = {
        .request = {.project = "p", .queue = "q", .source = "s", .zone = "UTC", .is_dry = true},
        .why_not = "nobody there"};
    SCOPED_BUF out = {0};

    import_report(&i, 0, &out);
    assert_string_equal(buf_text(&out),
                        "dry run, nothing was changed; nobody there\n"
                        "no entries (source s, project p, queue q)\n");
}

/* clang-format off */
static const struct telling {
    bool prunes, is_dry, is_blank;
    size_t refused;
    const char *text;
    bool may_prune;
} tellings[] = {
    {false, false, false, 0, "(--prune deletes them)",                      true},
    {true,  false, false, 0, "does not have:",                              true},
    {true,  true,  false, 0, "(would be deleted)",                          true},
    {true,  true,  false, 1, "(not deleted, since lines were refused; --ignore LINE when that is known)",     false},
    {true,  false, true,  0, "(not deleted, since the crontab is empty)",   false},
};
/* clang-format on */

static void what_vanished_is_told_with_its_fate(void **state UNUSED)
{
    for (size_t n = 0; n < ARRAY_LEN(tellings); n++) {
        const struct telling *t = &tellings[n];
        const struct import i = {
            .request = {.project = "p",
                        .queue = "q",
                        .source = "s",
                        .prunes = t->prunes,
                        .is_dry = t->is_dry},
            .crontab = {.is_blank = t->is_blank, .refused = {refused, t->refused}},
            .vanished = vanished,
            .vanished_count = 1};
        SCOPED_BUF out = {0};

        import_report(&i, 0, &out);
        assert_non_null(strstr(buf_text(&out), t->text));
        assert_int_equal(import_may_prune(&i), t->may_prune);
    }
}

static void what_the_server_refuses_may_be_known(void **state UNUSED)
{
    const struct crontab_entry known = {.line = 1,
                                        .key = "k",
                                        .schedule = "@daily",
                                        .zone = "UTC",
                                        .text = "x",
                                        .command = "x",
                                        .is_known = true};
    struct import_line line = {.entry = &known,
                               .state = IMPORT_REFUSED,
                               .err = {.rc = RC_CONFLICT, .text = "it is somebody's"}};
    const struct import i = {.request = {.project = "default", .queue = "nightly", .source = "s"},
                             .lines = &line,
                             .line_count = 1};
    SCOPED_BUF out = {0};

    assert_true(import_may_prune(&i));
    import_report(&i, 0, &out);
    assert_non_null(
        strstr(buf_text(&out), "\nrefused, and ignored as told:\n  line 1: it is somebody's\n"));
    assert_non_null(strstr(buf_text(&out), "\n1 ignored (source s"));
    line.state = IMPORT_CREATED;
    assert_int_equal(import_ignored(&i), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_see_a_table_and_what_is_wrong),
        cmocka_unit_test(scripts_get_the_same_as_json),
        cmocka_unit_test(an_empty_crontab_is_a_report_too),
        cmocka_unit_test(what_vanished_is_told_with_its_fate),
        cmocka_unit_test(what_the_server_refuses_may_be_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
