#include "cli/worker/level_fields.h"

#include <string.h>
#include <strings.h>

static const struct level_word {
    const char *word;
    enum cronobs_level level;
    bool is_ambiguous;
} level_words[] = {
    {"trace", CRONOBS_LEVEL_DEBUG, false},     {"trc", CRONOBS_LEVEL_DEBUG, false},
    {"trce", CRONOBS_LEVEL_DEBUG, false},      {"debug", CRONOBS_LEVEL_DEBUG, false},
    {"dbg", CRONOBS_LEVEL_DEBUG, false},       {"dbug", CRONOBS_LEVEL_DEBUG, false},
    {"verbose", CRONOBS_LEVEL_DEBUG, true},    {"fine", CRONOBS_LEVEL_DEBUG, true},
    {"finer", CRONOBS_LEVEL_DEBUG, true},      {"finest", CRONOBS_LEVEL_DEBUG, true},
    {"info", CRONOBS_LEVEL_INFO, false},       {"inf", CRONOBS_LEVEL_INFO, false},
    {"information", CRONOBS_LEVEL_INFO, true}, {"informational", CRONOBS_LEVEL_INFO, true},
    {"notice", CRONOBS_LEVEL_INFO, false},     {"note", CRONOBS_LEVEL_INFO, true},
    {"log", CRONOBS_LEVEL_INFO, true},         {"config", CRONOBS_LEVEL_INFO, true},
    {"warn", CRONOBS_LEVEL_WARN, false},       {"wrn", CRONOBS_LEVEL_WARN, false},
    {"warning", CRONOBS_LEVEL_WARN, false},    {"error", CRONOBS_LEVEL_ERROR, false},
    {"err", CRONOBS_LEVEL_ERROR, false},       {"eror", CRONOBS_LEVEL_ERROR, false},
    {"fail", CRONOBS_LEVEL_ERROR, false},      {"failure", CRONOBS_LEVEL_ERROR, false},
    {"severe", CRONOBS_LEVEL_ERROR, true},     {"fatal", CRONOBS_LEVEL_ERROR, false},
    {"ftl", CRONOBS_LEVEL_ERROR, false},       {"critical", CRONOBS_LEVEL_ERROR, false},
    {"crit", CRONOBS_LEVEL_ERROR, false},      {"alert", CRONOBS_LEVEL_ERROR, false},
    {"emerg", CRONOBS_LEVEL_ERROR, false},     {"emergency", CRONOBS_LEVEL_ERROR, true},
    {"panic", CRONOBS_LEVEL_ERROR, false},     {"pnc", CRONOBS_LEVEL_ERROR, false},
    {"dpanic", CRONOBS_LEVEL_ERROR, false},    {"trac", CRONOBS_LEVEL_DEBUG, true},
    {"debu", CRONOBS_LEVEL_DEBUG, true},       {"erro", CRONOBS_LEVEL_ERROR, true},
    {"fata", CRONOBS_LEVEL_ERROR, true},       {"pani", CRONOBS_LEVEL_ERROR, true},
    {"vrb", CRONOBS_LEVEL_DEBUG, true},        {"silly", CRONOBS_LEVEL_DEBUG, false},
    {"debug1", CRONOBS_LEVEL_DEBUG, false},    {"debug2", CRONOBS_LEVEL_DEBUG, false},
    {"debug3", CRONOBS_LEVEL_DEBUG, false},    {"debug4", CRONOBS_LEVEL_DEBUG, false},
    {"debug5", CRONOBS_LEVEL_DEBUG, false},
};

static const char *const level_keys[] = {
    "level",     "lvl",        "severity",     "loglevel",      "log_level", "log.level",
    "levelname", "level_name", "severitytext", "severity_text", "@l",        "priorityname",
};

/* --- what stands for a level --- */

static bool is_text(struct bytes given, const char *text)
{
    return given.len == strlen(text) && strncasecmp(given.data, text, given.len) == 0;
}

bool level_of_word(struct bytes word, bool strict, enum cronobs_level *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(level_words); i++) {
        if (!is_text(word, level_words[i].word) || (strict && level_words[i].is_ambiguous))
            continue;
        *ret = level_words[i].level;
        return true;
    }
    return false;
}

enum cronobs_level level_of_syslog(int severity)
{
    static const enum cronobs_level levels[] = {
        CRONOBS_LEVEL_ERROR, CRONOBS_LEVEL_ERROR, CRONOBS_LEVEL_ERROR, CRONOBS_LEVEL_ERROR,
        CRONOBS_LEVEL_WARN,  CRONOBS_LEVEL_INFO,  CRONOBS_LEVEL_INFO,  CRONOBS_LEVEL_DEBUG};

    return levels[severity & 7];
}

/* By its size: syslog and GELF have 0 to 7, bunyan and pino 10 to 60, Monolog 100 to 600. */
static bool level_of_number(int number, enum cronobs_level *ret)
{
    int hundredths = number >= 100 ? number : number * 10 - 100;

    if (number <= 7)
        *ret = level_of_syslog(number);
    else if (number < 10 || number > 600 || (number > 60 && number < 100))
        return false;
    else
        *ret = hundredths < 200   ? CRONOBS_LEVEL_DEBUG
               : hundredths < 300 ? CRONOBS_LEVEL_INFO
               : hundredths < 400 ? CRONOBS_LEVEL_WARN
                                  : CRONOBS_LEVEL_ERROR;
    return true;
}

bool level_of_letter(char letter, enum cronobs_level *ret)
{
    static const char letters[] = "TDVINWEFCA";
    static const enum cronobs_level levels[] = {
        CRONOBS_LEVEL_DEBUG, CRONOBS_LEVEL_DEBUG, CRONOBS_LEVEL_DEBUG, CRONOBS_LEVEL_INFO,
        CRONOBS_LEVEL_INFO,  CRONOBS_LEVEL_WARN,  CRONOBS_LEVEL_ERROR, CRONOBS_LEVEL_ERROR,
        CRONOBS_LEVEL_ERROR, CRONOBS_LEVEL_ERROR};
    const char *found = letter == '\0' ? NULL : strchr(letters, letter & ~0x20);

    if (found == NULL)
        return false;
    *ret = levels[found - letters];
    return true;
}

/* Of slog's "ERROR+2", "DEBUG-4" the word. */
static size_t without_offset(struct bytes value)
{
    const char *text = value.data;
    size_t len = value.len;

    while (len > 0 && text[len - 1] >= '0' && text[len - 1] <= '9')
        len--;
    return len > 0 && len < value.len && (text[len - 1] == '+' || text[len - 1] == '-') ? len - 1
                                                                                        : value.len;
}

static bool level_of_value(struct bytes value, enum cronobs_level *ret)
{
    const char *text = value.data;
    int number = 0;
    size_t i = 0;

    for (; i < value.len && i < 3 && text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (text[i] - '0');
    if (i > 0)
        return i == value.len && level_of_number(number, ret);
    value.len = without_offset(value);
    while (value.len > 0 && text[value.len - 1] == ' ')
        value.len--;
    return value.len == 1 ? level_of_letter(*text, ret) : level_of_word(value, false, ret);
}

/* systemd's PRIORITY; a number as priority in small letters is mostly that of a job. */
static bool is_priority(struct bytes key, struct bytes value)
{
    bool is_number =
        value.len > 0 && *(const char *)value.data >= '0' && *(const char *)value.data <= '9';

    return is_text(key, "priority") && (!is_number || *(const char *)key.data == 'P');
}

static bool states_level(struct bytes key, struct bytes value, enum cronobs_level *ret)
{
    bool is_key = is_priority(key, value);

    for (size_t i = 0; i < ARRAY_LEN(level_keys); i++)
        is_key |= is_text(key, level_keys[i]);
    return is_key && level_of_value(value, ret);
}

/* --- fields --- */

struct scan {
    const char *at, *end;
};

static struct scan scan_of(struct bytes text)
{
    return (struct scan){text.data, (const char *)text.data + text.len};
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

/* Up to the first of these characters, or to the end. */
static struct bytes take_until(struct scan *s, const char *stops)
{
    struct bytes taken = {.data = s->at};

    while (s->at < s->end && (*s->at == '\0' || strchr(stops, *s->at) == NULL))
        s->at++;
    taken.len = (size_t)(s->at - (const char *)taken.data);
    return taken;
}

/* Between quotes; escapes stay as they are. False: it does not end. */
static bool take_quoted(struct scan *s, struct bytes *ret)
{
    const char *from = ++s->at;

    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' && s->at + 1 < s->end ? 2 : 1;
    *ret = (struct bytes){.data = from, .len = (size_t)(s->at - from)};
    return s->at++ < s->end;
}

static bool take(struct scan *s, char c)
{
    skip_blanks(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* An object or an array, with all that is in it. */
static bool skip_nested(struct scan *s)
{
    int depth = 0;
    struct bytes text;

    while (s->at < s->end) {
        if (*s->at == '"') {
            if (!take_quoted(s, &text))
                return false;
            continue;
        }
        depth += *s->at == '{' || *s->at == '[';
        depth -= *s->at == '}' || *s->at == ']';
        s->at++;
        if (depth == 0)
            return true;
    }
    return false;
}

/* A member's value: what it says as text, empty for what holds others. */
static bool take_value(struct scan *s, struct bytes *ret)
{
    skip_blanks(s);
    *ret = (struct bytes){.data = s->at};
    if (s->at == s->end)
        return false;
    if (*s->at == '{' || *s->at == '[')
        return skip_nested(s);
    if (*s->at == '"')
        return take_quoted(s, ret);
    *ret = take_until(s, ",} \t\r");
    return true;
}

static bool take_member(struct scan *s, struct bytes *ret_key, struct bytes *ret_value)
{
    skip_blanks(s);
    return s->at < s->end && *s->at == '"' && take_quoted(s, ret_key) && take(s, ':') &&
           take_value(s, ret_value);
}

/* ECS has the level in "log": {"level": ...}, too. */
static bool read_object(struct scan s, bool is_outer, enum cronobs_level *ret)
{
    struct bytes key, value;

    if (!take(&s, '{'))
        return false;
    do {
        if (!take_member(&s, &key, &value))
            return false;
        if (states_level(key, value, ret))
            return true;
        if (is_outer && is_text(key, "log") &&
            read_object((struct scan){value.data, s.at}, false, ret))
            return true;
    } while (take(&s, ','));
    return false;
}

bool level_of_json(struct bytes text, enum cronobs_level *ret)
{
    return read_object(scan_of(text), true, ret);
}

bool level_of_pairs(struct bytes text, enum cronobs_level *ret)
{
    struct scan s = scan_of(text);
    struct bytes key, value;

    while (s.at < s.end) {
        key = take_until(&s, "= \t\"");
        if (key.len == 0 || s.at == s.end || *s.at++ != '=')
            return false;
        if (s.at < s.end && *s.at == '"') {
            if (!take_quoted(&s, &value))
                return false;
        } else {
            value = take_until(&s, " \t\r");
        }
        if (states_level(key, value, ret))
            return true;
        skip_blanks(&s);
    }
    return false;
}
