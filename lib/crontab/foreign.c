#include "crontab/foreign.h"

#include <ctype.h>
#include <string.h>

#include "crontab/words.h"

static bool is_number(const char *from, const char *to)
{
    for (const char *at = from; at < to; at++)
        if (!isdigit((unsigned char)*at))
            return false;
    return to > from;
}

/* Names of days and months, of three letters. */
static bool is_field_name(const char *at)
{
    static const char names[] =
        "sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec";

    if (strlen(at) < 3 || isalpha((unsigned char)at[3]))
        return false;
    for (const char *name = names; name < names + sizeof names - 1; name += 4)
        if (strncasecmp(at, name, 3) == 0)
            return true;
    return false;
}

/* --- macros --- */

static const char *const macros[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                     "@daily",  "@midnight", "@hourly",  NULL};

static const char *macro_hint(const char *word)
{
    /* clang-format off */
    static const struct { const char *word, *hint; } known[] = {
        {"@every_minute",   "write * * * * *"},
        {"@minutely",       "write * * * * *"},
        {"@quarterly",      "write 0 0 1 */3 *"},
        {"@semi-annually",  "write 0 0 1 */6 *"},
        {"@semiannually",   "write 0 0 1 */6 *"},
        {"@bi-annually",    "write 0 0 1 */6 *"},
        {"@biannually",     "write 0 0 1 */6 *"},
        {"@every_second",   "crond has none; `cronobs task put` takes '@every 1s'"},
        {"@every",          "crond has none; `cronobs task put` takes it"},
        {"@at",             "crond has none; `cronobs task put` takes it"},
        {"@reboot",         "let systemd start it: a unit with Type=oneshot"},
        {"@AppleNotOnBattery", "leave the words of macOS's cron away"},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(word, known[i].word) == 0)
            return known[i].hint;
    if (isdigit((unsigned char)word[1]))
        return "seconds to FreeBSD, minutes to fcron: `cronobs task put` takes '@every 10m'";
    if (word[1] == '\0' || strpbrk(word, "(,") != NULL)
        return "fcron has such: `cronobs task put` takes '@every 10m'";
    return "@hourly @daily @midnight @weekly @monthly @yearly @annually";
}

bool foreign_macro(const char *at, struct arena *memory, struct foreign *ret)
{
    size_t len = (size_t)(skip_word(at) - at);
    const char *word = arena_strndup(memory, at, len);

    if (word_is_listed(macros, word, len))
        return false;
    ret->hint = macro_hint(word);
    ret->why = strcmp(word, "@reboot") == 0
                   ? "@reboot is no time: nobody here knows when a machine starts"
                   : arena_printf(memory, "'%.40s' is none of crond's macros", word);
    return true;
}

/* --- anacrontab --- */

static const char *anacron_way_out(const char *at, struct arena *memory)
{
    static const struct pair periods[] = {
        {"1", "@daily"}, {"7", "@weekly"}, {"30", "@monthly"}, {"31", "@monthly"}};
    const char *period = arena_strndup(memory, at, (size_t)(skip_word(at) - at));

    for (size_t i = 0; i < ARRAY_LEN(periods); i++)
        if (strcmp(period, periods[i].name) == 0)
            return arena_printf(memory, "write %s and the command", periods[i].value);
    if (*period == '@')
        return arena_printf(memory, "write %.40s and the command", period);
    return arena_printf(memory, "`cronobs task put` takes '@every %.10sd'", period);
}

/* No field of days is one: they have numbers, "L", "LW", "H". */
static bool is_name_of_job(const char *at)
{
    size_t len = (size_t)(skip_word(at) - at);

    return isalpha((unsigned char)*at) && len > 2 && !is_field_name(at);
}

/* Period in days or a macro, delay in minutes, a name, a command. */
static bool is_of_anacron(const char *at)
{
    const char *end = skip_word(at), *delay = skip_blanks(end),
               *name = skip_blanks(skip_word(delay));

    if (!is_number(delay, skip_word(delay)) || *skip_blanks(skip_word(name)) == '\0')
        return false;
    return word_is_listed(macros, at, (size_t)(end - at)) ||
           (is_number(at, end) && is_name_of_job(name));
}

/* --- lines --- */

static bool is_of_template(const char *at)
{
    static const char *const starts[] = {"{{", "{%", "<%", "@@", "${", "%(", "%{", "__", "%%"};
    const char *end = skip_word(at);

    if (*at == '$' && isalpha((unsigned char)at[1]))
        return true;
    if (*at == '@' && end - at > 2 && end[-1] == '@') /* of autoconf */
        return true;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (text_starts(at, starts[i]))
            return true;
    return false;
}

bool foreign_line(const char *at, struct arena *memory, struct foreign *ret)
{
    if (is_of_template(at))
        *ret = (struct foreign){"this looks like a template that was not filled in",
                                "fill it in first, and import what comes out"};
    else if (*at == '-' && strchr("@*0123456789", *skip_blanks(at + 1)) != NULL)
        *ret = (struct foreign){"a leading '-' is of SUSE's cron and of cronie: it logs less",
                                "leave '-' away: every run is kept here"};
    else if (strchr("&!%", *at) != NULL)
        *ret = (struct foreign){"this looks like a line of fcrontab",
                                "write minute hour day month weekday command"};
    else if (is_of_anacron(at))
        *ret =
            (struct foreign){"this looks like a line of anacrontab: period, delay, name, command",
                             anacron_way_out(at, memory)};
    else
        return false;
    return true;
}

const char *foreign_hint(const char *at, struct arena *memory)
{
    static const char *const exports[] = {"export", "set", "setenv", "declare", NULL};
    static const char *const reads[] = {"source", ".", NULL};
    size_t len = (size_t)(skip_word(at) - at);

    if (word_is_listed(exports, at, len))
        return arena_printf(memory, "crond knows no '%.*s': write NAME=value", (int)len, at);
    if (word_is_listed(reads, at, len))
        return "crond reads no other file: it belongs into the command";
    return NULL;
}

/* --- words before a command --- */

/* MON-FRI, mon,wed; "mon" and "sun" alone may be programs, "MON" is none. */
static bool is_list_of_names(const char *at, const char *end)
{
    bool is_upper = isupper((unsigned char)*at), has_several = end - at > 3;

    for (; end - at >= 3 && is_field_name(at); at += 4) {
        if (at + 3 == end)
            return is_upper || has_several;
        if (strchr(",-/", at[3]) == NULL)
            return false;
    }
    return false;
}

static bool is_field(const char *at)
{
    const char *end = skip_word(at);

    if (at == end || *at == '-')
        return false;
    if (at + strspn(at, "0123456789*,/~?#-") == end && end - at < 64)
        return true;
    return is_list_of_names(at, end);
}

bool foreign_word(const char *at, struct foreign *ret)
{
    if (is_field(at))
        *ret = (struct foreign){"a sixth field: crond has five, and no seconds or years",
                                "`cronobs task put` takes six, the first for seconds"};
    else if (*at == '-')
        *ret = (struct foreign){"a command cannot begin with '-'",
                                "leave the options of BSD's cron away"};
    else if (*at == '@')
        *ret = (struct foreign){"a command cannot begin with '@'",
                                "leave the words of macOS's cron away"};
    else
        return false;
    return true;
}

bool foreign_schedule(const char *at)
{
    bool has_star = *at == '@';
    int fields = has_star ? 1 : 5;

    for (int n = 0; n < fields; n++) {
        if (*at != '@' && !is_field(at) && !is_field_name(at))
            return false;
        has_star = has_star || *at == '*';
        at = skip_blanks(skip_word(at));
    }
    return has_star && *at != '\0';
}
