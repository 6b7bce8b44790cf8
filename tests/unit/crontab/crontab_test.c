#include "crontab/crontab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crontab/words.h"
#include "model/spec.h"

static const char *const accounts[] = {"deploy", "mail", "python3", NULL};

static struct crontab read_crontab(struct bytes text, bool has_users, struct arena *memory)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct crontab_options options = {
        .zone = "UTC", .has_users = has_users, .accounts = accounts, .zones = zones};
    struct crontab made;

    assert_int_equal(crontab_parse(text, &options, memory, &made, NULL), RC_OK);
    return made;
}

/* --- what crond makes of a line: crontab(5) of cronie and of Debian's cron --- */

static void show_entry(struct buf *out, const struct crontab_entry *e)
{
    buf_printf(out, "%s%s", out->len > 0 ? " ; " : "", e->schedule);
    if (strcmp(e->zone, "UTC") != 0)
        buf_printf(out, " @%s", e->zone);
    if (e->user != NULL)
        buf_printf(out, " {%s}", e->user);
    buf_printf(out, " [%s]", e->command);
    if (e->input != NULL)
        buf_printf(out, " <[%s]", e->input);
    if (e->shell != NULL)
        buf_printf(out, " shell=%s", e->shell);
    if (e->title != NULL)
        buf_printf(out, " title=%s", e->title);
    for (size_t i = 0; i < e->environment.count; i++)
        buf_printf(out, " %s=%s", e->environment.items[i].name, e->environment.items[i].value);
}

static const char *show(const struct crontab *c, struct buf *out)
{
    for (size_t i = 0; i < c->count; i++)
        show_entry(out, &c->entries[i]);
    for (size_t i = 0; i < c->refused.count; i++)
        buf_printf(out, "%sREFUSED %d: %s", out->len > 0 ? " ; " : "", c->refused.items[i].line,
                   c->refused.items[i].why);
    return buf_text(out);
}

/* clang-format off */
static const struct reading {
    const char *text, *meaning;
} readings[] = {
    /* blank lines, comments, blanks at either end */
    {"",                                            ""},
    {"\n\n  \n\t\n",                                ""},
    {"# a comment\n  # another\n\t#third",          ""},
    {"* * * * * true",                              "* * * * * [true]"},
    {"* * * * * true\n",                            "* * * * * [true]"},
    {"  \t* * * * * true  \t",                      "* * * * * [true]"},
    {"*\t*  *\t*   *  \ttrue",                      "* * * * * [true]"},
    {"* * * * * true # no comment",                 "* * * * * [true # no comment]"},
    {"* * * * * true\r\n1 * * * * false\r\n",       "* * * * * [true] ; 1 * * * * [false]"},
    {"\xef\xbb\xbf* * * * * true",                  "* * * * * [true]"},
    {"* * * * * echo  two   blanks\ttab",           "* * * * * [echo  two   blanks\ttab]"},
    {"* * * * * echo gr\xc3\xbc\xc3\x9f" "e",       "* * * * * [echo gr\xc3\xbc\xc3\x9f" "e]"},
    {"# caf\xe9 in Latin-1\n* * * * * true",        "* * * * * [true]"},
    /* the examples of the manual pages */
    {"5 0 * * * $HOME/bin/daily.job >> $HOME/tmp/out 2>&1",
                                                    "5 0 * * * [$HOME/bin/daily.job >> $HOME/tmp/out 2>&1]"},
    {"15 14 1 * * $HOME/bin/monthly",               "15 14 1 * * [$HOME/bin/monthly]"},
    {"0 22 * * 1-5 mail -s \"It's 10pm\" joe%Joe,%%Where are your kids?%",
                                                    "0 22 * * 1-5 [mail -s \"It's 10pm\" joe] <[Joe,\n\nWhere are your kids?\n]"},
    {"23 0-23/2 * * * echo \"run 23 minutes after midn, 2am, 4am ..., everyday\"",
                                                    "23 0-23/2 * * * [echo \"run 23 minutes after midn, 2am, 4am ..., everyday\"]"},
    {"5 4 * * sun echo x",                          "5 4 * * sun [echo x]"},
    {"0 0,12 1 */2 * echo x",                       "0 0,12 1 */2 * [echo x]"},
    {"30 4 1,15 * 5 echo x",                        "30 4 1,15 * 5 [echo x]"},
    {"0 4 8-14 * * test $(date +\\%u) -eq 6 && echo \"2nd Saturday\"",
                                                    "0 4 8-14 * * [test $(date +%u) -eq 6 && echo \"2nd Saturday\"]"},
    {"0 */4 1 * mon echo x",                        "0 */4 1 * mon [echo x]"},
    {"0 0 */2 * sun echo x",                        "0 0 */2 * sun [echo x]"},
    {"1-9,20-30/5 8-18 * JAN-Mar,dec Mon-FRI echo x",
                                                    "1-9,20-30/5 8-18 * JAN-Mar,dec Mon-FRI [echo x]"},
    {"0 0 * * 7 echo x",                            "0 0 * * 7 [echo x]"},
    {"0 0 * * 0-7 echo x",                          "0 0 * * 0-7 [echo x]"},
    /* macros */
    {"@yearly a",                                   "@yearly [a]"},
    {"@annually a",                                 "@annually [a]"},
    {"@monthly a",                                  "@monthly [a]"},
    {"@weekly a",                                   "@weekly [a]"},
    {"@daily a",                                    "@daily [a]"},
    {"@midnight a",                                 "@midnight [a]"},
    {"  @hourly \t a b",                            "@hourly [a b]"},
    /* settings: from their line on */
    {"A=1\n@daily a",                               "@daily [a] A=1"},
    {"@daily a\nA=1",                               "@daily [a]"},
    {"B=2\nA=1\n@daily a\nA=3\n@daily b",           "@daily [a] A=1 B=2 ; @daily [b] A=3 B=2"},
    {"SHELL=/bin/bash\n@daily a",                   "@daily [a] shell=/bin/bash SHELL=/bin/bash"},
    {"SHELL=\"\"\n@daily a",                        "@daily [a] SHELL="},
    {"HOME=/srv\nPATH=/bin:/usr/bin\n@daily a",     "@daily [a] HOME=/srv PATH=/bin:/usr/bin"},
    {"MAILTO=\"\"\n@daily a",                       "@daily [a] MAILTO="},
    {"MAILTO=\n@daily a",                           "@daily [a] MAILTO="},
    {"LOGNAME=root\n@daily a",                      "@daily [a]"},
    {"A=1\n@daily A=2 a",                           "@daily [A=2 a] A=1"},
    {"A=x%y\\%z\n@daily a",                         "@daily [a] A=x%y\\%z"},
    /* zones */
    {"CRON_TZ=Europe/Berlin\n@daily a",             "@daily @Europe/Berlin [a] CRON_TZ=Europe/Berlin"},
    {"@daily a\nCRON_TZ=Asia/Tokyo\n@daily b",      "@daily [a] ; @daily @Asia/Tokyo [b] CRON_TZ=Asia/Tokyo"},
    {"CRON_TZ=Japan\n@daily a",                     "@daily @Japan [a] CRON_TZ=Japan"},
    {"CRON_TZ=:Europe/Rome\n@daily a",              "@daily @Europe/Rome [a] CRON_TZ=:Europe/Rome"},
    {"CRON_TZ=Europe/Rome\nCRON_TZ=\"\"\n@daily a", "@daily [a] CRON_TZ="},
    {"TZ=Europe/Rome\n@daily a",                    "@daily [a] TZ=Europe/Rome"},
    {"CRON_TZ=Mars/Base\n@daily a\nCRON_TZ=UTC\n@daily b",
                                                    "@daily [b] CRON_TZ=UTC ; REFUSED 1: unknown time zone 'Mars/Base' ; REFUSED 2: its zone, of line 1, is unknown"},
    /* comments that name */
    {"# title: The big one\n@daily a",              "@daily [a] title=The big one"},
    {"#TITLE:x \n# words\nA=1\n@daily a\n@daily b", "@daily [a] title=x A=1 ; @daily [b] A=1"},
    {"# title: x\n\n@daily a",                      "@daily [a]"},
    /* one bad line does not stop the others */
    {"@daily a\n61 * * * * b\n@daily c",            "@daily [a] ; @daily [c] ; REFUSED 2: minute: 61 is outside 0-59"},
};
/* clang-format on */

static void lines_mean_what_they_mean_to_crond(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(readings[i].text), false, memory);
        SCOPED_BUF out = {0};

        assert_string_equal(show(&c, &out), readings[i].meaning);
    }
}

/* clang-format off */
static const struct reading system_readings[] = {
    {"17 * * * * root cd / && run-parts --report /etc/cron.hourly",
                                                    "17 * * * * {root} [cd / && run-parts --report /etc/cron.hourly]"},
    {"@daily www-data:www /usr/bin/php x.php",      "@daily {www-data:www} [/usr/bin/php x.php]"},
    {"25 6\t* * *\troot\ttest -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )",
                                                    "25 6 * * * {root} [test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )]"},
    {"@daily root",                                 "REFUSED 1: a user and a command are wanted here"},
    {"@daily /usr/bin/x --all",                     "REFUSED 1: a user and a command are wanted here"},
};
/* clang-format on */

static void system_crontabs_have_users(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(system_readings); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(system_readings[i].text), true, memory);
        SCOPED_BUF out = {0};

        assert_string_equal(show(&c, &out), system_readings[i].meaning);
    }
}

/* --- what is refused --- */

/* clang-format off */
static const struct refusal {
    const char *text;
    int line, column;
    const char *why, *hint;
} refusals[] = {
    {"@reboot /usr/bin/x",                 1, 1,  "@reboot is no time",                  "systemd"},
    {"@hourlyx a",                         1, 1,  "'@hourlyx' is none of crond's macros", "@hourly"},
    {"@Daily a",                           1, 1,  "'@Daily' is none",                    "@daily"},
    {"@every 5m a",                        1, 1,  "'@every' is none",                    "cronobs task put"},
    {"@every_minute a",                    1, 1,  "'@every_minute' is none",             "* * * * *"},
    {"@daily",                             1, 7,  "there is no command",                 ""},
    {"-*/5 * * * * a",                     1, 1,  "minute",                              "leave '-' away"},
    {"&runas(x) * * * * * a",              1, 1,  "minute",                              "fcron"},
    {"!mail(false)\n",                     1, 1,  "neither NAME=value nor an entry",     "fcron"},
    {"hello world",                        1, 1,  "neither NAME=value nor an entry",     ""},
    {"* * * * ",                           1, 1,  "neither NAME=value nor an entry",     ""},
    {"* * * * *",                          1, 10, "there is no command",                 ""},
    {"* * * * *  ",                        1, 12, "there is no command",                 ""},
    {"* * * * * %input only",              1, 11, "there is no command",                 ""},
    {"0 */5 * * * * a",                    1, 13, "a sixth field",                       "cronobs task put"},
    {"* * * * * *",                        1, 11, "a sixth field",                       ""},
    {"* * * * * -n a",                     1, 11, "cannot begin with '-'",               "BSD"},
    {"60 * * * * a",                       1, 1,  "minute: 60 is outside 0-59",          ""},
    {"  0  24 * * * a",                    1, 6,  "hour: 24 is outside 0-23",            ""},
    {"0 0 0 * * a",                        1, 5,  "0 is outside 1-31",                   ""},
    {"0 0 1 13 * a",                       1, 7,  "13 is outside 1-12",                  ""},
    {"0 0 * * 8 a",                        1, 9,  "8",                                   ""},
    {"0 0 * * mo a",                       1, 9,  "mo",                                  ""},
    {"5/10 * * * * a",                     1, 2,  "minute",                              ""},
    {"*/0 * * * * a",                      1, 3,  "0",                                   ""},
    {"H * * * * a",                        1, 1,  "minute",                              ""},
    {"0 0 L * * a",                        1, 5,  "day",                                 ""},
    {"0 0 30 2 * a",                       1, 1,  "it would never run",                  ""},
    {"* * * * root /usr/bin/x",            1, 9,  "root",                                ""},
    {"17 * * * * root cd / && x",          1, 12, "'root' before the command",           "--system"},
    {"@daily www-data php x",              1, 8,  "'www-data' before the command",       "--system"},
    {"@daily deploy /srv/x",               1, 8,  "'deploy' before the command",         "--system"},
    {"A='open",                            1, 3,  "the quote is not closed",             "escapes"},
    {"A=\"x\" y",                          1, 7,  "something follows the closing quote", "comments"},
    {"my-var=1",                           1, 1,  "no name of a variable",               "letters"},
    {"=1",                                 1, 1,  "no name of a variable",               ""},
    {"1A = 1",                             1, 1,  "no name of a variable",               ""},
    {"CRON_TZ=Europe/Berln",               1, 0,  "unknown time zone 'Europe/Berln'",         "Europe/Berlin"},
    {"# key: Big\n@daily a",               1, 1,  "is no key",                           "a-z"},
    {"# key: a\n@daily a\n# key: a\n@daily b", 4, 0, "its key 'a' names line 2 already", "of its own"},
    {"@daily a\n@daily caf\xe9",           2, 11, "this byte is not UTF-8",              "iconv"},
    {"A=caf\xe9",                          1, 6,  "this byte is not UTF-8",              "iconv"},
};
/* clang-format on */

static void bad_lines_are_refused_with_their_place(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const struct refusal *r = &refusals[i];
        struct crontab c = read_crontab(bytes_of(r->text), false, memory);
        const struct crontab_note *note;

        if (c.refused.count != 1)
            fail_msg("%s: %zu refused", r->text, c.refused.count);
        note = &c.refused.items[0];
        if (note->line != r->line || note->column != r->column ||
            strstr(note->why, r->why) == NULL || strstr(note->hint, r->hint) == NULL)
            fail_msg("%s: %d:%d %s (%s)", r->text, note->line, note->column, note->why, note->hint);
    }
}

/* clang-format off */
static const struct remark {
    const char *text;
    int line;
    const char *why; /* NULL: none */
} remarks[] = {
    {"MAILTO=joe@example.org",             1, "no mail is sent"},
    {"MAILTO=\"\"",                        1, "no mail is sent"},
    {"TZ=Europe/Rome",                     1, "up to CRON_TZ"},
    {"LOGNAME=x",                          1, "the worker's own account"},
    {"RANDOM_DELAY=30",                    1, "delays nothing"},
    {"PATH=$HOME/bin:$PATH",               1, "'$' stays as it is"},
    {"A=b # c",                            1, "'#' and what follows belongs to the value"},
    {"A=b#c",                              0, NULL},
    {"# key: two words\n@daily a",         1, "a single word"},
    {"# key: a\n\n@daily a",               1, "names no task"},
    {"@daily a\n# key: a",                 2, "names no task"},
    {"# key: a\n# key: b\n@daily a",       2, "in place of the comment above"},
    {"@daily a\r\n",                       0, "CR LF"},
    {"*/90 * * * * a",                     1, "90"},
    {"0~59 * * * * a",                     1, "'~' is drawn once"},
    {"mail x\n@daily mail -s x joe",       0, NULL},
    {"@daily python3 x.py",                0, NULL},
    {"@daily root",                        0, NULL},
};
/* clang-format on */

static void what_means_less_than_it_seems_is_noted(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const struct remark *r = &remarks[i];
        struct crontab c = read_crontab(bytes_of(r->text), false, memory);

        if (c.notes.count != (r->why == NULL ? 0u : 1u))
            fail_msg("%s: %zu notes", r->text, c.notes.count);
        if (r->why != NULL &&
            (c.notes.items[0].line != r->line || strstr(c.notes.items[0].why, r->why) == NULL))
            fail_msg("%s: %d: %s", r->text, c.notes.items[0].line, c.notes.items[0].why);
    }
}

/* --- keys --- */

/* clang-format off */
static const struct reading keyed[] = { /* the hashes: printf %s TEXT | sha256sum */
    {"@daily true",                                   "true-b5bea41b"},
    {"@daily true\n@hourly true\n5 * * * * true",     "true-b5bea41b true-b5bea41b-2 true-b5bea41b-3"},
    {"# key: big-one\n@daily true",                   "big-one"},
    {"# key: true-b5bea41b\n@daily x\n@daily true",   "true-b5bea41b true-b5bea41b-2"},
    {"@daily true\n# key: true-b5bea41b\n@daily x",   "true-b5bea41b-2 true-b5bea41b"},
    {"@daily true\n@hourly true\n# key: true-b5bea41b-2\n@daily x",
                                                      "true-b5bea41b true-b5bea41b-3 true-b5bea41b-2"},
    {"61 * * * * true\n@hourly true",                 "true-b5bea41b-2"}, /* a mistake renames no other line */
    {"A=1\n@daily true",                              "true-b5bea41b"},   /* nor do settings */
};

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

static void keys_follow_the_command(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(keyed); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(keyed[i].text), false, memory);
        SCOPED_BUF out = {0};

        for (size_t k = 0; k < c.count; k++)
            buf_printf(&out, "%s%s", k == 0 ? "" : " ", c.entries[k].key);
        assert_string_equal(buf_text(&out), keyed[i].meaning);
    }
}

static void a_refused_line_says_which_task_it_would_be(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c =
        read_crontab(bytes_of("61 * * * * true\n# key: x\n99 * * * * y\nhello"), false, memory);

    assert_int_equal(c.refused.count, 3);
    assert_string_equal(c.refused.items[0].key, "true-b5bea41b");
    assert_string_equal(c.refused.items[1].key, "x");
    assert_null(c.refused.items[2].key);
}

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

/* --- tasks --- */

static const struct crontab_target target = {"default", "nightly", "www"};

static void entries_become_tasks(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_crontab(
        bytes_of("A=\"x\"\nSHELL=/bin/bash\nCRON_TZ=Europe/Berlin\n# key: job\n5 4 * * * a%b"),
        false, memory);
    struct task_spec spec = crontab_task(&c.entries[0], &target, memory);

    assert_string_equal(spec.key, "job");
    assert_string_equal(spec.title, "a");
    assert_string_equal(spec.queue, "nightly");
    assert_string_equal(spec.content_type, "application/vnd.cronobs.command+json");
    assert_string_equal(spec.schedules[0].expression, "5 4 * * *");
    assert_string_equal(spec.schedules[0].zone, "Europe/Berlin");
    assert_int_equal(spec.schedules[0].dialect, DIALECT_VIXIE);
    assert_int_equal(spec.run_timeout_ms, 86400000);
    assert_int_equal(spec.labels.count, 1);
    assert_string_equal(spec.labels.items[0].name, "source");
    assert_string_equal(spec.labels.items[0].value, "www");
    assert_string_equal(arena_strndup(memory, spec.payload.data, spec.payload.len),
                        "{\"command\":\"a\",\"stdin\":\"b\\n\",\"env\":{\"A\":\"x\",\"CRON_TZ\":"
                        "\"Europe/Berlin\",\"SHELL\":\"/bin/bash\"},\"shell\":\"/bin/bash\"}");
}

static void the_user_is_a_label(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_crontab(bytes_of("@daily root /usr/bin/x"), true, memory);
    struct task_spec spec = crontab_task(&c.entries[0], &target, memory);

    assert_int_equal(spec.labels.count, 2);
    assert_string_equal(spec.labels.items[1].name, "user");
    assert_string_equal(spec.labels.items[1].value, "root");
}

static void a_long_command_is_cut_between_characters_in_the_title(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct crontab c;
    struct task_spec spec;

    buf_add_text(&text, "@daily ");
    for (int i = 0; i < 300; i++)
        buf_add_text(&text, "\xc3\xa9");
    c = read_crontab(buf_bytes(&text), false, memory);
    spec = crontab_task(&c.entries[0], &target, memory);
    assert_int_equal(strlen(spec.title), 196 + 3);
}

/* --- hostile and large --- */

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
    const struct crontab_options options = {.zone = "UTC", .zones = zones};
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

/* --- ops/demo/crontab --- */

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
    assert_int_equal(c.notes.count, 1); /* MAILTO */
    assert_true(c.count >= 20 && c.count < lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_mean_what_they_mean_to_crond),
        cmocka_unit_test(system_crontabs_have_users),
        cmocka_unit_test(bad_lines_are_refused_with_their_place),
        cmocka_unit_test(what_means_less_than_it_seems_is_noted),
        cmocka_unit_test(keys_follow_the_command),
        cmocka_unit_test(a_refused_line_says_which_task_it_would_be),
        cmocka_unit_test(programs_are_named),
        cmocka_unit_test(percent_signs_end_lines),
        cmocka_unit_test(settings_are_quoted_as_crond_has_it),
        cmocka_unit_test(entries_become_tasks),
        cmocka_unit_test(the_user_is_a_label),
        cmocka_unit_test(a_long_command_is_cut_between_characters_in_the_title),
        cmocka_unit_test(a_nul_is_refused_and_the_rest_goes_on),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(ten_thousand_equal_lines_get_keys_of_their_own),
        cmocka_unit_test(a_text_that_is_too_long_is_refused_as_a_whole),
        cmocka_unit_test(settings_have_limits),
        cmocka_unit_test(any_bytes_are_read_without_harm),
        cmocka_unit_test(the_demonstration_is_understood_completely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
