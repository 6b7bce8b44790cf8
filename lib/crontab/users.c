#include "crontab/users.h"

#include <ctype.h>
#include <string.h>

#include "crontab/programs.h"
#include "crontab/words.h"

/* --- one line alone --- */

struct start { /* of what follows a schedule: a word, and what stands behind it */
    const char *word, *rest;
    size_t len; /* of the account's name: without ":group" */
};

static struct start start_of(const char *command)
{
    const char *end = skip_word(command);

    return (struct start){
        .word = command, .len = strcspn(command, ": \t"), .rest = skip_blanks(end)};
}

static bool may_be_name(const struct start *s)
{
    const char *end = skip_word(s->word);

    if (!isalpha((unsigned char)*s->word) && *s->word != '_')
        return false;
    for (const char *at = s->word; at < end; at++)
        if (!isalnum((unsigned char)*at) && strchr("_.-:/@\\", *at) == NULL &&
            !(*at == '$' && at + 1 == end))
            return false;
    return memchr(s->word, '/', s->len) == NULL; /* "user:group/class" is FreeBSD's */
}

/* "joe /home/joe/x": of whose home it speaks. */
static bool is_at_home(const struct start *s)
{
    static const char *const homes[] = {"/home/", "~"};

    for (size_t i = 0; i < ARRAY_LEN(homes); i++)
        for (const char *at = strstr(s->rest, homes[i]); at != NULL; at = strstr(at, homes[i])) {
            at += strlen(homes[i]);
            if (strncmp(at, s->word, s->len) == 0 && at[s->len] == '/')
                return true;
        }
    return false;
}

static bool is_account(const struct census *c, const struct start *s)
{
    if (s->len > 0 && !program_is_known(s->word, s->len) && is_at_home(s))
        return true;
    return word_is_listed(c->options->accounts, s->word, s->len) ||
           account_is_usual(s->word, s->len);
}

static bool is_assignment(const char *at)
{
    const char *end = at;

    while (isupper((unsigned char)*end) || isdigit((unsigned char)*end) || *end == '_')
        end++;
    return end > at && *end == '=';
}

/* "backup.sh" */
static bool is_script(const char *at, size_t len)
{
    static const char *const endings[] = {".sh", ".bash", ".py", ".pl", ".php", ".rb", ".js"};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t size = strlen(endings[i]);

        if (len > size && memcmp(at + len - size, endings[i], size) == 0)
            return true;
    }
    return false;
}

/* A path, or a word that commands are known to begin with. */
static bool starts_like_a_command(const char *at)
{
    size_t len = strcspn(at, " \t;|&<>");
    static const char *const starts[] = {"/", "./", "../", "~/", "$HOME/", "(", "\"/", "'/"};

    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (text_starts(at, starts[i]))
            return true;
    return is_assignment(at) || program_is_known(at, len);
}

/* A script is what a program may be given, too. */
static bool is_followed_by_command(const struct start *s)
{
    return starts_like_a_command(s->rest) ||
           (!program_is_known(s->word, s->len) && is_script(s->rest, strcspn(s->rest, " \t;|&<>")));
}

static bool is_surely_command(const struct start *s)
{
    return !may_be_name(s) || *s->rest == '\0' || program_is_known(s->word, s->len);
}

/* "stats stats import": many a package has a user of its own, with the name of its program. */
static bool is_said_twice(const struct start *s)
{
    return strncmp(s->word, s->rest, s->len) == 0 && !isalnum((unsigned char)s->rest[s->len]);
}

/* Where no user should stand: an account is one only before a command. "mail -s x joe" is none, for all that Debian has it. */
static enum first_word look_for_user(const struct census *c, const struct start *s)
{
    if (*s->rest != '\0' && account_is_no_program(s->word, s->len))
        return WORD_USER;
    if (is_account(c, s))
        return is_followed_by_command(s) || is_at_home(s) ? WORD_USER : WORD_COMMAND;
    if (is_surely_command(s))
        return WORD_COMMAND;
    return is_followed_by_command(s) || is_said_twice(s) ? WORD_OPEN : WORD_COMMAND;
}

/* Where a user should stand. */
static enum first_word look_at_user(const struct census *c, const struct start *s)
{
    if (*s->rest != '\0' && is_account(c, s))
        return program_is_known(s->word, s->len) && !starts_like_a_command(s->rest) ? WORD_COMMAND
                                                                                    : WORD_USER;
    return is_surely_command(s) ? WORD_COMMAND : WORD_OPEN;
}

static enum first_word look(const struct census *c, const struct start *s)
{
    return c->options->has_users ? look_at_user(c, s) : look_for_user(c, s);
}

/* --- all of them --- */

static struct uuid name_of(const struct start *s)
{
    SCOPED(text) char *name = xstrndup(s->word, s->len);

    return uuid_named(UUID_NIL, name);
}

void census_clear(struct census *c)
{
    map_clear(&c->open_words);
}

void census_take_command(struct census *c, const char *command)
{
    struct start s = start_of(command);
    enum first_word word = look(c, &s);

    c->users += word == WORD_USER;
    c->commands += word == WORD_COMMAND && is_surely_command(&s);
    c->open += word == WORD_OPEN;
    if (word == WORD_OPEN)
        map_put(&c->open_words, name_of(&s), c);
}

static bool is_open(const struct census *c, const struct start *s, enum first_word word)
{
    return word == WORD_OPEN || (word == WORD_COMMAND && !is_surely_command(s) &&
                                 map_find(&c->open_words, name_of(s)) != NULL);
}

enum first_word census_judge(const struct census *c, const char *command)
{
    struct start s = start_of(command);
    enum first_word word = look(c, &s);

    if (!is_open(c, &s, word))
        return word;
    if (c->options->has_users)
        return (c->users > 0 || c->says_users) && c->commands == 0 ? WORD_STRANGER : WORD_OPEN;
    if (c->users > 0 || c->says_users)
        return WORD_OPEN;
    return c->says_none || (c->commands > 0 && c->commands >= c->open) ? WORD_COMMAND : WORD_OPEN;
}

/* --- comments that name the columns --- */

static bool word_begins(const char *at, const char *const *beginnings)
{
    for (; *beginnings != NULL; beginnings++)
        if (strncasecmp(at, *beginnings, strlen(*beginnings)) == 0)
            return true;
    return false;
}

/* "# m h dom mon dow user command", "# *  *  *  *  * user-name command to be executed" */
void census_take_comment(struct census *c, const char *comment)
{
    static const char *const days[] = {"dow", "wday", "weekday", "day-of-week", "*", NULL};
    static const char *const users[] = {"user", "who", NULL};
    static const char *const commands[] = {"command", "cmd", NULL};

    for (const char *at = comment; *at != '\0'; at = skip_blanks(skip_word(at))) {
        const char *next = skip_blanks(skip_word(at));

        if (!word_begins(at, days))
            continue;
        if (word_begins(next, commands))
            c->says_none = true;
        if (word_begins(next, users) && word_begins(skip_blanks(skip_word(next)), commands))
            c->says_users = true;
    }
}
