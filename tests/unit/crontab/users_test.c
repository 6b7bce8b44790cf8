#include "crontab/users.h"

#include <string.h>

#include "reading.h"

/* clang-format off */
static const struct reading own[] = { /* no users, says whoever imports it; accounts: deploy, mail, python3 */
    {"@daily root /usr/bin/x",                          "1:--system"},
    {"@daily www-data php x",                           "1:--system"},
    {"@daily deploy /srv/x",                            "1:--system"},
    {"@daily deploy cd /srv && x",                      "1:--system"},
    {"@daily postgres /usr/bin/vacuumdb -a",            "1:--system"},
    {"@daily postgres vacuumdb -a",                     "1:--system"},
    {"@daily git /usr/bin/git gc",                      "1:--system"},
    {"@daily mail -s x joe",                            "1"},
    {"@daily git gc",                                   "1"},
    {"@daily postgres -D /var/lib/x",                   "1"},
    {"@daily python3 x.py",                             "1"},
    {"@daily backup --all",                             "1"},
    {"@daily root",                                     "1"},
    {"@daily cd /srv && x",                             "1"},
    {"@daily rsync /a /b",                              "1"},
    {"@daily python3.11 /srv/x.py",                     "1"},
    {"@daily php8.2 /srv/x.php",                        "1"},
    {"@daily my-backup --to /data",                     "1"},
    {"@daily my-backup",                                "1"},
    {"@daily my-backup; /usr/bin/x",                    "1"},
    {"@daily $SHELL /srv/x",                            "1"},
    {"@daily A=1 /srv/x",                               "1"},
    {"@daily joe /home/joe/x",                          "1:--system"},
    {"@daily joe x > /home/joe/log",                    "1:--system"},
    {"@daily joe x ~joe/y",                             "1:--system"},
    {"@daily joe x /home/joey/y",                       "1"},
    /* a user that no machine knows: alone it stays open, with others like it, too */
    {"@daily appuser /srv/app/run",                     "1:may be a user or a program"},
    {"@daily appuser cd /srv && x",                     "1:may be a user or a program"},
    {"@daily appuser RAILS_ENV=x bundle exec y",        "1:may be a user or a program"},
    {"@daily appuser backup.sh --full",                 "1:may be a user or a program"},
    {"@daily appuser backup.shx",                       "1"},
    {"@daily appuser appuser import",                   "1:may be a user or a program"},
    {"@daily appuser appuser-daily -x",                 "1:may be a user or a program"},
    {"@daily appuser appuser2",                         "1"},
    {"@daily app-1 /srv/a\n@daily app-2 /srv/b",        "1:may be 2:may be"},
    {"@daily appuser /srv/a\n@daily appuser tool x",    "1:may be 2:may be"},
    {"@daily root /srv/a\n@daily appuser /srv/b",       "1:--system 2:may be"},
    {"# m h dom mon dow user  command\n@daily appuser /srv/b",
                                                        "2:may be"},
    /* the other lines have no user, or the comment above says that there is none */
    {"@daily my-backup /data\n@daily /usr/bin/x",       "1 2"},
    {"@daily my-backup /data\n@hourly cd / && x",       "1 2"},
    {"# m h  dom mon dow   command\n@daily my-backup /data",
                                                        "2"},
    {"@daily a1 /x\n@daily a2 /x\n@daily a3 /x\n@daily /y",
                                                        "1:may be 2:may be 3:may be 4"},
    {"@daily my-backup /data\n* * * * * * root x",      "1:may be 2:sixth"},
};

static const struct reading of_etc[] = {
    {"@daily root /usr/bin/x",                          "1{root}"},
    {"@daily deploy tool --x",                          "1{deploy}"},
    {"@daily www-data:www /usr/bin/php x",              "1{www-data:www}"},
    {"@daily root:wheel/daemon /usr/bin/x",             "1{root:wheel/daemon}"},
    {"@daily git /usr/bin/x",                           "1{git}"},
    {"@daily mail /usr/bin/x",                          "1{mail}"},
    /* no user at all */
    {"@daily cd /srv && x",                             "1:is missing"},
    {"@daily echo \"bla\" > /tmp/x",                    "1:is missing"},
    {"@daily sleep 60 && /usr/bin/x",                   "1:is missing"},
    {"@daily mail -s x joe",                            "1:is missing"},
    {"@daily git gc",                                   "1:is missing"},
    {"@daily rsync /a /b",                              "1:is missing"},
    {"@daily php8.2 /srv/x.php",                        "1:is missing"},
    {"@daily /usr/bin/x --all",                         "1:is missing"},
    {"@daily $RUNUSER /usr/bin/x",                      "1:is missing"},
    {"@daily {{ user }} /usr/bin/x",                    "1:is missing"},
    {"@daily (cd / && x)",                              "1:is missing"},
    {"@daily my-backup",                                "1:stands alone"},
    /* a user that no machine knows */
    {"@daily appuser /srv/app/run",                     "1:may be a user or a program"},
    {"@daily appuser tool --x",                         "1:may be a user or a program"},
    {"@daily joe /home/joe/x",                          "1{joe}"},
    {"@daily joe x --log=/home/joe/log",                "1{joe}"},
    {"@daily joe /home/joe/x\n@daily ann x",            "1{joe} 2{ann}!"},
    {"@daily CORP\\svc /srv/x",                         "1:may be a user or a program"},
    {"@daily CORP\\svc /srv/y",                         "1:--user 'CORP\\svc' says"},
    {"@daily svc@corp.example /srv/x",                  "1:may be a user or a program"},
    {"@daily root /a\n@daily CORP\\svc /b",             "1{root} 2{CORP\\svc}!"},
    {"@daily root /a\n@daily svc@corp.example /b",      "1{root} 2{svc@corp.example}!"},
    {"@daily cp /home/cp/x /y",                         "1:is missing"},
    {"@daily root /srv/a\n@daily appuser /srv/b",       "1{root} 2{appuser}!"},
    {"@daily root /srv/a\n@daily appuser tool",         "1{root} 2{appuser}!"},
    {"#minute hour mday month wday who command\n@daily appuser /srv/b",
                                                        "2{appuser}!"},
    {"# *  *  *  *  * user-name  command to be executed\n@daily appuser /srv/b",
                                                        "2{appuser}!"},
    {"@daily root /a\n@daily my-backup /b\n@daily cd /c", "1{root} 2:may be 3:is missing"},
    /* what is no command is none with a user before it either */
    {"@daily root -n /usr/bin/x",                       "1:'-'"},
    {"* * * * * * root /usr/bin/x",                     "1:sixth"},
    {"* * * * * -q root /usr/bin/x",                    "1:'-'"},
    {"* * * * * root",                                  "1:stands alone"},
    {"* * * * *",                                       "1:there is no command"},
};
/* clang-format on */

/* Refused lines: does `wanted` stand in why or hint? */
static bool is_as_said(const struct crontab_note *note, const char *wanted)
{
    size_t len = strcspn(wanted, "0123456789{!");
    SCOPED(text) char *text = NULL;

    while (len > 0 && wanted[len - 1] == ' ')
        len--;
    text = xstrndup(wanted, len);
    return strstr(note->why, text) != NULL || strstr(note->hint, text) != NULL;
}

static const struct crontab_entry *entry_of(const struct crontab *c, int line)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->entries[i].line == line)
            return &c->entries[i];
    return NULL;
}

static bool has_note(const struct crontab *c, int line, const char *what)
{
    for (size_t i = 0; i < c->notes.count; i++)
        if (c->notes.items[i].line == line && strstr(c->notes.items[i].why, what) != NULL)
            return true;
    return false;
}

static bool is_refused_as(const struct crontab *c, int line, const char *wanted)
{
    for (size_t i = 0; i < c->refused.count; i++)
        if (c->refused.items[i].line == line)
            return is_as_said(&c->refused.items[i], wanted);
    return false;
}

/* "{user}" or "{user}!", or nothing. */
static void check_user(const struct crontab *c, const struct crontab_entry *e, const char *wanted)
{
    SCOPED(text) char *user = NULL;
    bool is_stranger;

    if (*wanted != '{') {
        assert_null(e->user);
        return;
    }
    user = xstrndup(wanted + 1, strcspn(wanted + 1, "}"));
    is_stranger = wanted[strlen(user) + 2] == '!';
    assert_string_equal(e->user, user);
    assert_int_equal(has_note(c, e->line, "no account of this machine"), is_stranger);
}

/* "1:why" refused, "1" a command, "1{user}" with a user, "1{user}!" who is said to be a stranger. */
static void check(const struct crontab *c, const struct reading *r)
{
    for (const char *at = r->meaning; *at != '\0'; at += strcspn(at, "123456789")) {
        int line = *at++ - '0';
        const struct crontab_entry *e = entry_of(c, line);

        if (*at == ':' ? !is_refused_as(c, line, at + 1) : e == NULL)
            fail_msg("%s: line %d is not '%s'", r->text, line, at);
        if (e != NULL)
            check_user(c, e, at);
    }
}

static void check_all(const struct reading *readings, size_t count, bool has_users)
{
    for (size_t i = 0; i < count; i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct crontab c = read_crontab(bytes_of(readings[i].text), has_users, memory);

        check(&c, &readings[i]);
    }
}

static void a_first_word_is_judged_by_the_whole_file(void **state UNUSED)
{
    check_all(own, ARRAY_LEN(own), false);
}

static void a_user_is_one_by_the_whole_file(void **state UNUSED)
{
    check_all(of_etc, ARRAY_LEN(of_etc), true);
}

static void a_user_that_was_named_is_one(void **state UNUSED)
{
    static const char *const named[] = {"appuser", "2nd-user", NULL};
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    const struct crontab_options options = {.words = {"--system", "--user", "--ignore"},
                                            .zone = "UTC",
                                            .has_users = true,
                                            .accounts = named,
                                            .zones = zones};
    struct crontab c;

    assert_int_equal(crontab_parse(bytes_of("@daily appuser /srv/x\n@daily 2nd-user y"), &options,
                                   memory, &c, NULL),
                     RC_OK);
    assert_int_equal(c.count, 2);
    assert_string_equal(c.entries[1].user, "2nd-user");
    assert_string_equal(c.entries[0].user, "appuser");
    assert_string_equal(c.entries[0].command, "/srv/x");
}

/* As an API has it, which knows no options of a command line. */
static void ways_out_name_what_there_is(void **state UNUSED)
{
    static const char *const known[] = {"@reboot x", NULL};
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    struct crontab_options options = {
        .words = {"system", "users", "ignore"}, .zone = "UTC", .known = known, .zones = zones};
    struct crontab c;

    for (int n = 0; n < 2; n++) {
        options.has_users = n == 1;
        assert_int_equal(crontab_parse(bytes_of("@daily appuser /srv/x\n@daily root /y\n@daily cd"),
                                       &options, memory, &c, NULL),
                         RC_OK);
        for (size_t i = 0; i < c.refused.count; i++)
            assert_null(strstr(c.refused.items[i].hint, "--"));
        for (size_t i = 0; i < c.notes.count; i++)
            assert_null(strstr(c.notes.items[i].why, "--"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_word_is_judged_by_the_whole_file),
        cmocka_unit_test(a_user_is_one_by_the_whole_file),
        cmocka_unit_test(a_user_that_was_named_is_one),
        cmocka_unit_test(ways_out_name_what_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
