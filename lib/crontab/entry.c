#include <string.h>

#include "cron/schedule.h"
#include "crontab/foreign.h"
#include "crontab/letters.h"
#include "crontab/users.h"
#include "crontab/walk.h"
#include "crontab/words.h"

enum { FIELDS = 5 };

/* --- schedules --- */

static void check_macro(struct walk *w, const char *at)
{
    struct foreign foreign;

    if (foreign_macro(at, w->memory, &foreign))
        walk_refuse(w, at, foreign.why, foreign.hint);
}

static void take_lint(struct walk *w, const char *at, const struct lint *lint)
{
    at += MAX(lint->column - 1, 0);
    if (lint->code == LINT_NEVER_FIRES)
        walk_refuse(w, at, "there is no such day: it would never run", NULL);
    else if (lint->code == LINT_HASH_WITHOUT_TASK)
        walk_note(w, at,
                  "'~' is drawn once for a task, and stays; cronie draws whenever it starts");
    else
        walk_note(w, at, lint->text);
}

/* What is wrong with the place more than with the words; NULL: nothing. */
static const char *hint_at_place(const struct walk *w, const char *text)
{
    const char *letter;

    if (find_false_blank(text, &letter) != NULL)
        return arena_printf(w->memory, "%s stands here, and is no blank: write one, or nothing",
                            letter);
    return w->is_continued
               ? "crond joins no lines, and the one above ends in a backslash: write all of it in "
                 "one"
               : NULL;
}

/* A crontab has one dialect; others are for `cronobs task put`. */
static const char *way_out(const struct walk *w, const char *text, const struct error *err)
{
    const char *hint = hint_at_place(w, text);

    if (hint != NULL)
        return hint;
    if (strstr(err->text, "unexpected '?'") != NULL)
        return "write *: '?' is of Quartz and AWS";
    if (strstr(err->text, "no step from a single value") != NULL)
        return "write the range with its step, 0-59/5, or */5";
    return strstr(err->hint, "dialect") != NULL ? "`cronobs task put` takes it" : err->hint;
}

static void check_fields(struct walk *w, const char *at, const char *end)
{
    const struct schedule_options options = {.zone = "UTC", .dialect = DIALECT_VIXIE};
    const char *text = arena_strndup(w->memory, at, (size_t)(end - at));
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct error err = {0};
    struct lints lints = {0};

    if (schedule_parse(text, &options, w->options->zones, &lints, &schedule, &err) != RC_OK) {
        walk_refuse(w, at + MAX(err.column - 1, 0), err.text, way_out(w, text, &err));
        return;
    }
    for (size_t i = 0; i < lints.count; i++)
        take_lint(w, at, &lints.list[i]);
}

/* The end of the five fields, or of the macro; NULL when there are fewer. */
static const char *schedule_end(const char *at)
{
    int fields = *at == '@' ? 1 : FIELDS;

    for (; fields > 0; fields--) {
        if (*at == '\0')
            return NULL;
        at = skip_word(at);
        if (fields > 1)
            at = skip_blanks(at);
    }
    return at;
}

/* --- once the whole file is known --- */

static void refuse_user(struct walk *w, const char *at)
{
    walk_refuse(w, at,
                arena_printf(w->memory,
                             "'%.*s' before the command looks like the user of a system crontab",
                             (int)MIN(skip_word(at) - at, 40), at),
                arena_printf(w->memory, "use %s for such files, or leave the user away",
                             w->options->words.system));
}

static void refuse_missing_user(struct walk *w, const char *at)
{
    int len = (int)MIN(skip_word(at) - at, 40);
    const char *what = *skip_blanks(skip_word(at)) == '\0'
                           ? "stands alone: a user is missing before it, or a command behind"
                           : "is no user: the user before the command is missing";

    walk_refuse(w, at, arena_printf(w->memory, "'%.*s' %s", len, at, what),
                arena_printf(w->memory,
                             "write one, such as root; leave %s away for a user's own crontab",
                             w->options->words.system));
}

static void refuse_open_word(struct walk *w, const char *at)
{
    const struct crontab_words *words = &w->options->words;
    const char *word = arena_strndup(w->memory, at, (size_t)MIN(skip_word(at) - at, 40));
    const char *quote = strchr(word, '\\') == NULL ? "" : "'";
    const char *hint =
        w->options->has_users
            ? arena_printf(w->memory, "%s %s%s%s says that it is one; or write the missing user",
                           words->user, quote, word, quote)
            : arena_printf(w->memory,
                           "%s if it is a user; a program by its path, /usr/local/bin/%s",
                           words->system, word);

    walk_refuse(w, at,
                arena_printf(w->memory,
                             "'%s' may be a user or a program: the other lines do not tell", word),
                hint);
}

static void say_user(struct walk *w, const char *at, enum first_word word)
{
    if (!w->has_said_user)
        walk_note(w, at, "users are kept as labels: a worker runs commands under its own account");
    w->has_said_user = true;
    if (word == WORD_STRANGER)
        walk_note(w, at,
                  arena_printf(w->memory,
                               "'%.*s' is no account of this machine: it is taken for a user, as "
                               "the other lines have one",
                               (int)MIN(skip_word(at) - at, 40), at));
}

/* Moves *at behind the user, if one stands there. */
static const char *take_user(struct walk *w, const char **at)
{
    const char *from = *at, *end = skip_word(from);
    enum first_word word = census_judge(&w->census, from);

    if (word == WORD_OPEN)
        refuse_open_word(w, from);
    else if (!w->options->has_users && word == WORD_USER)
        refuse_user(w, from);
    else if (w->options->has_users && word == WORD_COMMAND)
        refuse_missing_user(w, from);
    if (!w->options->has_users || word == WORD_OPEN || word == WORD_COMMAND)
        return NULL;
    say_user(w, from, word);
    *at = skip_blanks(end);
    return arena_strndup(w->memory, from, (size_t)(end - from));
}

static void check_word(struct walk *w, const char *at)
{
    struct foreign foreign;

    if (foreign_word(at, &foreign))
        walk_refuse(w, at, foreign.why, foreign.hint);
}

static void check_command(struct walk *w, const struct draft *d, const char *at)
{
    if (*at == '\0')
        walk_refuse(w, at, "there is no command", NULL);
    else if (*d->entry.command == '\0')
        walk_refuse(w, at, "there is no command before the first '%'",
                    "\\% is a percent sign; %(name)s is a template that was not filled in");
    check_word(w, at);
    if (d->bad_key != NULL)
        walk_refuse(w, NULL,
                    arena_printf(w->memory, "its key '%.100s', of line %d, is no key", d->bad_key,
                                 d->bad_key_line),
                    "a-z, 0-9, '.', '_' and '-', the first a letter or digit; at most 200");
    if (d->bad_zone_line > 0)
        walk_refuse(w, NULL,
                    arena_printf(w->memory, "its zone, of line %d, is unknown", d->bad_zone_line),
                    NULL);
}

static bool is_of_dcron(const char *at)
{
    static const char *const options[] = {"ID=", "FREQ=", "WAIT=", "AFTER="};

    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (text_starts(at, options[i]))
            return true;
    return false;
}

static void note_oddities(struct walk *w, const char *at)
{
    const char *end = command_end(at), *last = line_end(at), *letter;
    const char *space = find_false_blank(at, &letter);

    if (*end == '%' && end > at)
        walk_note(w, end,
                  "'%' ends the command, and what follows is its standard input; "
                  "\\% is a percent sign");
    if (is_of_dcron(at))
        walk_note(w, at, "to dcron this is an option; here it is a variable of the command");
    if (*at == '#')
        walk_note(w, at, "the command is a comment of the shell's: it does nothing");
    if (space != NULL)
        walk_note(w, space,
                  arena_printf(w->memory, "%s stands here: to the shell it is a letter", letter));
    if (last > at && last[-1] == '\\')
        walk_note(w, last - 1, "crond joins no lines: the backslash ends the command");
}

void finish_entry(struct walk *w, struct draft *d)
{
    struct crontab_entry *e = &d->entry;
    const char *at = d->command;

    walk_turn_to(w, d);
    check_word(w, at);
    if (*at != '\0')
        e->user = take_user(w, &at);
    e->text = trimmed(w->memory, at, at + strlen(at));
    e->command = command_split(at, w->memory, &e->input);
    check_command(w, d, at);
    if (!d->is_refused)
        note_oddities(w, at);
}

/* --- on the way down --- */

static struct draft make_draft(struct walk *w, const char *at, const char *end)
{
    struct draft d = {.line_text = w->text,
                      .command = skip_blanks(end),
                      .bad_key_line = w->naming.line,
                      .bad_zone_line = w->bad_zone_line};

    d.entry = (struct crontab_entry){.line = w->line,
                                     .title = w->naming.title,
                                     .schedule = single_blanks(w->memory, at, end),
                                     .zone = w->zone,
                                     .shell = w->shell,
                                     .environment = w->environment};
    if (w->naming.is_bad)
        d.bad_key = w->naming.key;
    else
        d.given_key = w->naming.key;
    return d;
}

static void read_entry(struct walk *w, const char *at)
{
    const char *end;
    struct foreign foreign;

    if (foreign_line(at, w->memory, &foreign)) {
        walk_refuse(w, at, foreign.why, foreign.hint);
        if (*at != '-')
            return;
        at = skip_blanks(at + 1); /* all but that is crond's */
    }
    end = schedule_end(at);
    if (end == NULL) {
        const char *hint = hint_at_place(w, at);

        walk_refuse(w, at, "is neither NAME=value nor an entry: five fields and a command",
                    hint != NULL ? hint : foreign_hint(at, w->memory));
        return;
    }
    if (*at == '@')
        check_macro(w, at);
    else
        check_fields(w, at, end);
    walk_add_draft(w, make_draft(w, at, end));
}

void take_entry(struct walk *w, const char *at)
{
    read_entry(w, at);
    w->naming = (struct naming){.key = NULL};
}
