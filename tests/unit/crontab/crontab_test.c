#include "crontab/crontab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "unit/crontab/reading.h"

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
static const struct reading readings[] = {
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
    {"* * * * * cat%in  \t",                        "* * * * * [cat] <[in  \t\n]"},
    {"* * * * * a\\  ",                             "* * * * * [a\\ ]"},
    {"* * * * * a\\\\  ",                           "* * * * * [a\\\\]"},
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
    {"# title: x\n@daily caf\xe9\n@daily a",        "@daily [a] ; REFUSED 2: this byte is not UTF-8"},
    {"# title: x\n@daily a\rb\n@daily c",          "@daily [c] ; REFUSED 2: a CR stands here, and no line ends: old Macs wrote such files"},
    {"# title: x\nA=\"b\n@daily a",                "@daily [a] title=x ; REFUSED 2: the quote is not closed"},
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
    {"@daily root",                                 "REFUSED 1: 'root' stands alone: a user is missing before it, or a command behind"},
    {"@daily /usr/bin/x --all",                     "REFUSED 1: '/usr/bin/x' is no user: the user before the command is missing"},
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
    {"-*/5 * * * * a",                     1, 1,  "SUSE",                                "leave '-' away"},
    {"&runas(x) * * * * * a",              1, 1,  "fcrontab",                            "minute hour day month weekday"},
    {"!mail(false)\n",                     1, 1,  "fcrontab",                            "minute hour day month weekday"},
    {"{{ times.hourly }} root cd / && x",  1, 1,  "a template",                          "fill it in"},
    {"<%- minute -%> 3 * * * x",           1, 1,  "a template",                          "fill it in"},
    {"${MINUTE} 3 * * * x",                1, 1,  "a template",                          "fill it in"},
    {"%(minute)s 3 * * * x",               1, 1,  "a template",                          "fill it in"},
    {"__MINUTE__ 3 * * * x",               1, 1,  "a template",                          "fill it in"},
    {"%daily * 3 backup",                  1, 1,  "fcrontab",                            "minute hour day month weekday"},
    {"%%MINUTE%% 3 * * * x",               1, 1,  "a template",                          "fill it in"},
    {"@MINUTE@ 3 * * * x",                 1, 1,  "a template",                          "fill it in"},
    {"$MINUTE $HOUR * * * x",              1, 1,  "a template",                          "fill it in"},
    {"$ crontab -l",                       1, 1,  "neither NAME=value nor an entry",     ""},
    {"-- INSERT --",                       1, 1,  "neither NAME=value nor an entry",     ""},
    {"- @daily a",                         1, 1,  "SUSE",                                "leave '-' away"},
    {"@AppleNotOnBattery 0 4 * * * a",     1, 1,  "'@AppleNotOnBattery' is none",        "macOS"},
    {"@nolog,serial(false) 1w a",          1, 1,  "is none of crond's macros",           "fcron"},
    {"@ 30 a",                             1, 1,  "'@' is none of crond's macros",       "fcron"},
    {"0 0 ? * MON a",                      1, 5,  "unexpected '?'",                      "write *"},
    {"@daily a \\\n   --full",             2, 4,  "neither NAME=value nor an entry",     "joins no lines"},
    {"@daily a \\ \n b c d e f g",         2, 2,  "minute: unexpected 'b'",              "joins no lines"},
    {"setenv A b",                         1, 1,  "neither NAME=value nor an entry",     "no 'setenv'"},
    {"A=1 B=2 0 9 * * * x",                1, 9,  "takes all of this for the value of A", "line of its own"},
    {"\xe2\x80\x8b* * * * * a",            1, 1,  "minute",                              "a zero-width space"},
    {"@daily a\n\xef\xbb\xbf@daily b",     2, 1,  "neither NAME=value",                  "a byte order mark"},
    {"0 0\xe3\x80\x80* * * * a",           1, 4,  "hour",                                "an ideographic space"},
    {"@30m a",                             1, 1,  "'@30m' is none",                      "FreeBSD"},
    {"@minutely a",                        1, 1,  "'@minutely' is none",                 "* * * * *"},
    {"@quarterly a",                       1, 1,  "'@quarterly' is none",                "0 0 1 */3 *"},
    {"@noauto ID=x a",                     1, 1,  "'@noauto' is none",                   "@hourly"},
    {"source /etc/profile",                1, 1,  "neither NAME=value nor an entry",     "reads no other file"},
    {"export A=b",                         1, 1,  "neither NAME=value nor an entry",     "no 'export'"},
    {"hello world",                        1, 1,  "neither NAME=value nor an entry",     ""},
    {"* * * * ",                           1, 1,  "neither NAME=value nor an entry",     ""},
    {"* * * * *",                          1, 10, "there is no command",                 ""},
    {"* * * * *  ",                        1, 12, "there is no command",                 ""},
    {"* * * * * %input only",              1, 11, "there is no command before the first '%'", "\\%"},
    {"* * * * * %(program)s \\%%Y",         1, 11, "there is no command before the first '%'", "template"},
    {"0 */5 * * * * a",                    1, 13, "a sixth field",                       "cronobs task put"},
    {"* * * * * *",                        1, 11, "a sixth field",                       ""},
    {"* * * * * -n a",                     1, 11, "cannot begin with '-'",               "BSD"},
    {"* * * * * -nsq a",                   1, 11, "cannot begin with '-'",               "BSD"},
    {"* * * * * @AppleNotOnBattery a",     1, 11, "cannot begin with '@'",               "macOS"},
    {"30 0 12 * * 1-5 /usr/bin/x",         1, 13, "a sixth field",                       "cronobs task put"},
    {"0 0 12 * * MON-FRI /usr/bin/x",      1, 12, "a sixth field",                       "cronobs task put"},
    {"0 0 12 * * ? /usr/bin/x",            1, 12, "a sixth field",                       "cronobs task put"},
    {"0 12 * * * 2027 /usr/bin/x",         1, 12, "a sixth field",                       "cronobs task put"},
    {"0 12 * * * */2 root x",              1, 12, "a sixth field",                       "cronobs task put"},
    {"1 5 cron.daily nice run-parts /x",   1, 1,  "anacrontab",                          "@daily"},
    {"7\t25\tcron.weekly\t\trun-parts /x",  1, 1,  "anacrontab",                          "@weekly"},
    {"@monthly 45 cron.monthly nice a",    1, 1,  "anacrontab",                          "@monthly"},
    {"30 15 backup /usr/bin/x",            1, 1,  "anacrontab",                          "@monthly"},
    {"3 15 backup /usr/bin/x y z",         1, 1,  "anacrontab",                          "@every 3d"},
    {"# a\r* * * * * a\r* * * * * b\r",    1, 4,  "CR",                                  "tr "},
    {"* * * * * a\rb\n",                   1, 12, "CR",                                  "tr "},
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
    {"TZ=Asia/Tokyo 0 9 * * * a",          1, 15, "takes all of this for the value of TZ",   "line of its own"},
    {"TZ=Asia/Tokyo @daily a",             1, 15, "takes all of this for the value of TZ",   "line of its own"},
    {"CRON_TZ=Asia/Tokyo 0 9 * * 1-5 a",   1, 20, "takes all of this for the value of CRON_TZ", "line of its own"},
    {"0 0 * *\xc2\xa0* a",                 1, 8,  "month",                               "no-break space"},
    {"A='open",                            1, 3,  "the quote is not closed",             "escapes"},
    {"A=\"x\" y",                          1, 7,  "something follows the closing quote", "comments"},
    {"my-var=1",                           1, 1,  "no name of a variable",               "letters"},
    {"=1",                                 1, 1,  "no name of a variable",               ""},
    {"1A = 1",                             1, 1,  "no name of a variable",               ""},
    {"CRON_TZ=Europe/Berln",               1, 0,  "unknown time zone 'Europe/Berln'",         "Europe/Berlin"},
    {"# key: Big\n@daily a",               2, 0,  "'Big', of line 1, is no key",         "a-z"},
    {"# key: Nightly Backup\n@daily a",    2, 0,  "'Nightly Backup', of line 1, is no key", "a-z"},
    {"CRON_TZ=EST5EDT,M3.2.0,M11.1.0",     1, 0,  "EST5EDT,M3.2.0,M11.1.0",              "America/New_York"},
    {"CRON_TZ=IST-5:30",                   1, 0,  "IST-5:30",                            "name"},
    {"CRON_TZ=:/etc/localtime",            1, 0,  "/etc/localtime",                      "name"},
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
    {"A= # c",                             1, "'#' and what follows belongs to the value"},
    {"PATH=~/bin:/bin",                    1, "'~' stays as it is"},
    {"PATH=/bin:~/bin",                    1, "'~' stays as it is"},
    {"A=a~b",                              0, NULL},
    {"cron_tz=Europe/Rome",                1, "in capitals"},
    {"Shell=/bin/bash",                    1, "in capitals"},
    {"path=/srv",                          0, NULL},
    {"USER=joe",                           1, "cronie sets USER"},
    {"A=\xc2\xa0x",                        1, "a no-break space"},
    {"@daily a\xe2\x80\x8b" "b",           1, "a zero-width space"},
    {"@daily a \\ \t",                     1, "joins no lines"},
    {"30~10 * * * * a",                    0, NULL}, /* refused: nothing else is said of it */
    {"CRON_TZ=",                           1, "is empty: the zone is UTC"},
    {"CRON_TZ=:",                          1, "is taken for UTC"},
    {"CRON_TZ=UTC0",                       1, "is taken for UTC"},
    {"CRON_TZ=JST-9",                      1, "is taken for Etc/GMT-9"},
    {"TZ=",                                1, "up to CRON_TZ"},
    {"TZ=EST5EDT,M3.2.0,M11.1.0",          1, "up to CRON_TZ"},
    {"DELAY=5",                            1, "DELAY delays nothing"},
    {"PERSISTENT=false",                   1, "PERSISTENT"},
    {"@daily date +%Y",                    1, "'%' ends the command"},
    {"@daily cat%",                        1, "'%' ends the command"},
    {"@daily date +\\%Y",                  0, NULL},
    {"@daily a \\",                        1, "joins no lines"},
    {"@daily \xc2\xa0" "a",                1, "a no-break space"},
    {"@daily ID=x a",                      1, "to dcron this is an option"},
    {"@daily #a",                          1, "does nothing"},
    {"# key: a\n\n@daily a",               1, "'a' names no task"},
    {"A=1 2 3 4 5 6",                      0, NULL}, /* could be anything */
    {"@daily a\n# key: a",                 2, "names no task"},
    {"# key: a\n# key: b\n@daily a",       1, "names no task: line 2"},
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
        struct crontab c =
            read_crontab(bytes_of(arena_printf(memory, "%s\n", r->text)), false, memory);

        if (c.notes.count != (r->why == NULL ? 0u : 1u))
            fail_msg("%s: %zu notes", r->text, c.notes.count);
        if (r->why != NULL &&
            (c.notes.items[0].line != r->line || strstr(c.notes.items[0].why, r->why) == NULL))
            fail_msg("%s: %d: %s", r->text, c.notes.items[0].line, c.notes.items[0].why);
    }
}

/* clang-format off */
static const struct {
    const char *text;
    int line; /* 0: nothing is said */
} endings[] = {
    {"@daily a",             1},
    {"@daily a\n@daily b",   2},
    {"@daily a\r",           1}, /* of an old Mac or not */
    {"@daily a\n",           0},
    {"@daily a\n# b",        0},
    {"@daily a\n  ",         0},
    {"61 * * * * a",         0},
    {"",                     0},
};
/* clang-format on */

static void a_last_line_without_an_end_is_noted(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(endings[i].text), false, memory);

        if (c.notes.count != (endings[i].line == 0 ? 0u : 1u))
            fail_msg("%s: %zu notes", endings[i].text, c.notes.count);
        if (endings[i].line > 0) {
            assert_int_equal(c.notes.items[0].line, endings[i].line);
            assert_non_null(strstr(c.notes.items[0].why, "no line end"));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_mean_what_they_mean_to_crond),
        cmocka_unit_test(system_crontabs_have_users),
        cmocka_unit_test(bad_lines_are_refused_with_their_place),
        cmocka_unit_test(what_means_less_than_it_seems_is_noted),
        cmocka_unit_test(a_last_line_without_an_end_is_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
