#include <string.h>

#include "cron/schedule.h"
#include "crontab/walk.h"
#include "crontab/words.h"

enum { FIELDS = 5 };

/* --- schedules --- */

/* What other programs' tables begin a line with. */
static const char *hint_of_start(const char *at)
{
    static const struct pair starts[] = {
        {"-", "leave '-' away: it tells some crons to log less, and here every run is kept"},
        {"&", "this looks like fcron: write minute hour day month weekday command"},
        {"!", "this looks like fcron: write minute hour day month weekday command"},
        {"%", "this looks like fcron: write minute hour day month weekday command"},
        {"@reboot", "let systemd start it: a unit with Type=oneshot"},
        {"@every_minute", "write * * * * *"},
        {"@every", "crond has none; `cronobs task put` takes it"},
        {"@at", "crond has none; `cronobs task put` takes it"},
    };
    const char *end = skip_word(at);

    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        size_t len = strlen(starts[i].name);

        if (text_starts(at, starts[i].name) && (*at != '@' || at + len == end))
            return starts[i].value;
    }
    return NULL;
}

static bool is_macro(const char *word)
{
    static const char *const macros[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                         "@daily",  "@midnight", "@hourly"};

    for (size_t i = 0; i < ARRAY_LEN(macros); i++)
        if (strcmp(word, macros[i]) == 0)
            return true;
    return false;
}

static void check_macro(struct walk *w, const char *at, const char *end)
{
    const char *word = arena_strndup(w->memory, at, (size_t)(end - at)), *hint = hint_of_start(at);

    if (is_macro(word))
        return;
    if (strcmp(word, "@reboot") == 0)
        walk_refuse(w, at, "@reboot is no time: nobody here knows when a machine starts", hint);
    else
        walk_refuse(w, at, arena_printf(w->memory, "'%.40s' is none of crond's macros", word),
                    hint != NULL ? hint
                                 : "@hourly @daily @midnight @weekly @monthly @yearly @annually");
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

static void check_fields(struct walk *w, const char *at, const char *end)
{
    const struct schedule_options options = {.zone = "UTC", .dialect = DIALECT_VIXIE};
    const char *text = arena_strndup(w->memory, at, (size_t)(end - at));
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct error err = {0};
    struct lints lints = {0};
    const char *hint = hint_of_start(at);

    if (schedule_parse(text, &options, w->options->zones, &lints, &schedule, &err) != RC_OK)
        walk_refuse(w, at + MAX(err.column - 1, 0), err.text, hint != NULL ? hint : err.hint);
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

/* --- users --- */

static bool is_listed(const char *const *names, const char *word, size_t len)
{
    for (; names != NULL && *names != NULL; names++)
        if (strlen(*names) == len && memcmp(*names, word, len) == 0)
            return true;
    return false;
}

/* A path, or a word that the commands of system crontabs are known to begin with. */
static bool starts_like_a_command(const char *at)
{
    static const char *const words[] = {"test", "[",      "cd",        "if", "command",
                                        "nice", "ionice", "run-parts", NULL};

    return *at == '/' || is_listed(words, at, (size_t)(skip_word(at) - at));
}

/* "root  /usr/bin/x": the first word is an account that is no program, or an account of this machine before a command. */
static bool looks_like_user(const struct walk *w, const char *at)
{
    static const char *const surely[] = {"root", "www-data", "nobody", NULL};
    const char *end = skip_word(at), *next = skip_blanks(end);

    if (*next == '\0')
        return false;
    if (is_listed(surely, at, (size_t)(end - at)))
        return true;
    return is_listed(w->options->accounts, at, (size_t)(end - at)) && starts_like_a_command(next);
}

static void refuse_user(struct walk *w, const char *at)
{
    walk_refuse(w, at,
                arena_printf(w->memory,
                             "'%.*s' before the command looks like the user of a system crontab",
                             (int)MIN(skip_word(at) - at, 40), at),
                "use --system for such files, or leave the user away");
}

/* Moves *at behind the user, if users stand there. */
static const char *take_user(struct walk *w, const char **at)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-$";
    const char *from = *at, *end = skip_word(from);

    if (!w->options->has_users) {
        if (looks_like_user(w, from))
            refuse_user(w, from);
        return NULL;
    }
    *at = skip_blanks(end);
    if (**at == '\0' || strspn(from, letters) < (size_t)(end - from))
        walk_refuse(w, from, "a user and a command are wanted here",
                    "leave --system away for a user's own crontab");
    if (!w->has_said_user)
        walk_note(w, from,
                  "users are kept as labels: a worker runs commands under its own account");
    w->has_said_user = true;
    return arena_strndup(w->memory, from, (size_t)(end - from));
}

/* --- entries --- */

static bool is_field(const char *at)
{
    return *at == '*' && (at[1] == '\0' || strchr(" \t/,", at[1]) != NULL);
}

static void check_command(struct walk *w, const char *at, const char *command)
{
    if (*command == '\0')
        walk_refuse(w, at, "there is no command", NULL);
    else if (is_field(at))
        walk_refuse(w, at, "a sixth field: crond has five, and no seconds",
                    "`cronobs task put` takes six, the first for seconds");
    else if (*at == '-')
        walk_refuse(w, at, "a command cannot begin with '-'",
                    "leave the options of BSD's cron away");
    else if (w->bad_zone_line > 0)
        walk_refuse(w, NULL,
                    arena_printf(w->memory, "its zone, of line %d, is unknown", w->bad_zone_line),
                    NULL);
}

static void add_draft(struct walk *w, const struct draft *draft)
{
    w->drafts = array_grow(w->drafts, w->draft_count, &w->draft_capacity, sizeof *w->drafts);
    w->drafts[w->draft_count++] = *draft;
}

void take_entry(struct walk *w, const char *at)
{
    struct draft draft = {.line_text = w->text, .given_key = w->naming.key};
    struct crontab_entry *e = &draft.entry;
    const char *end = schedule_end(at), *command, *title = w->naming.title;
    bool is_named_badly = w->naming.is_refused;

    w->naming = (struct naming){.key = NULL};
    if (end == NULL) {
        walk_refuse(w, at, "is neither NAME=value nor an entry: five fields and a command",
                    hint_of_start(at));
        return;
    }
    *e = (struct crontab_entry){.line = w->line,
                                .title = title,
                                .schedule = single_blanks(w->memory, at, end),
                                .zone = w->zone,
                                .shell = w->shell,
                                .environment = w->environment};
    if (*at == '@')
        check_macro(w, at, end);
    else
        check_fields(w, at, end);
    command = skip_blanks(end);
    e->user = take_user(w, &command);
    e->text = trimmed(w->memory, command, command + strlen(command));
    e->command = command_split(e->text, w->memory, &e->input);
    check_command(w, command, e->command);
    draft.refusal = walk_is_refused(w) ? w->refused.count - 1 : SIZE_MAX;
    draft.is_refused = walk_is_refused(w) || is_named_badly;
    if (*e->command != '\0')
        add_draft(w, &draft);
}
