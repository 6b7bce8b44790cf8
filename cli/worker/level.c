/*
 * The front of a line is read token by token. Instants, numbers, names and brackets are what a log has in front of its level;
 * the first token that is neither that nor a level ends the search.
 */
#include "cli/worker/level.h"

#include <string.h>
#include <strings.h>

#include "cli/worker/level_fields.h"

enum { TOKENS_MAX = 24, LEVEL_WORD_MAX = 13, ESC = 27 };

/* --- characters; peek() beyond the end is NUL, which is none of them --- */

struct front {
    const char *at, *end;
    bool has_date; /* an instant, or a part of one, stands before; */
    bool has_time; /* a time of day, or another that a level in small letters may follow; */
    bool has_host; /* the name behind a date of syslog has been passed, */
    bool has_name; /* or one with a colon, "main.c:3:" */
};

static char peek(const struct front *f, const char *at)
{
    return at < f->end ? *at : '\0';
}

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static bool is_capitals(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++)
        if (((const char *)word.data)[i] < 'A' || ((const char *)word.data)[i] > 'Z')
            return false;
    return true;
}

/* Colours and the like: "ESC[31m" */
static const char *behind_colours(const struct front *f, const char *at)
{
    while (peek(f, at) == ESC && peek(f, at + 1) == '[') {
        at += 2;
        while (peek(f, at) >= ' ' && peek(f, at) <= '?')
            at++;
        at += at < f->end;
    }
    return at;
}

static const char *behind_blanks(const struct front *f, const char *at)
{
    while (is_in(peek(f, at), " \t"))
        at++;
    return at;
}

static const char *behind_words(const struct front *f, const char *at, const char *others)
{
    while (is_word(peek(f, at)) || is_in(peek(f, at), others))
        at++;
    return at;
}

static size_t digits_at(const struct front *f, const char *at)
{
    size_t n = 0;

    while (is_digit(peek(f, at + n)))
        n++;
    return n;
}

static struct bytes word_at(const struct front *f, const char *at)
{
    return (struct bytes){.data = at, .len = (size_t)(behind_words(f, at, "") - at)};
}

/* --- the shortest forms --- */

/* "<3>", "<165>" */
static bool read_priority(const struct front *f, enum cronobs_level *ret)
{
    size_t digits = peek(f, f->at) == '<' ? digits_at(f, f->at + 1) : 0;
    int priority = 0;

    if (digits == 0 || digits > 3 || peek(f, f->at + digits + 1) != '>')
        return false;
    for (size_t i = 1; i <= digits; i++)
        priority = priority * 10 + (f->at[i] - '0');
    *ret = level_of_syslog(priority);
    return priority <= 191;
}

static bool level_of_initial(char c, enum cronobs_level *ret)
{
    return is_in(c, "DVIWEF") && level_of_letter(c, ret);
}

/* glog: "E0102 15:04:05" or "E20260102 15:04:05" */
static bool read_glog(const struct front *f, enum cronobs_level *ret)
{
    size_t digits = digits_at(f, f->at + 1);
    const char *time = f->at + 1 + digits;

    if ((digits != 4 && digits != 8) || !is_in(peek(f, time), " -"))
        return false;
    time = behind_blanks(f, time + 1);
    return digits_at(f, time) == 2 && peek(f, time + 2) == ':' && digits_at(f, time + 3) == 2 &&
           level_of_initial(*f->at, ret);
}

/* "E: no such package", "W/tag: text", Ruby's "E, [2026-...", and "E TAG" behind a time of day */
static bool read_initial(const struct front *f, enum cronobs_level *ret)
{
    char next = peek(f, f->at + 1), after = peek(f, f->at + 2);
    bool is_label = (next == ':' && after == ' ') || (next == '/' && is_letter(after)) ||
                    (next == ',' && after == ' ' && peek(f, f->at + 3) == '[') ||
                    (next == ' ' && f->has_time);

    return is_label && level_of_initial(*f->at, ret);
}

/* --- words --- */

/* Words that mean other things as well count in capitals only. */
static bool level_at(struct bytes word, enum cronobs_level *ret)
{
    return word.len > 1 && word.len <= LEVEL_WORD_MAX &&
           level_of_word(word, !is_capitals(word), ret);
}

/* Capitals that end at `end`: "ERROR msg", "ERROR:root", "ERROR - msg", but not "ERROR=1", "ERROR-5", "ERROR.log". */
static bool ends_well(const struct front *f, const char *end)
{
    char c = peek(f, end);

    return c != '=' && !(is_in(c, "-.") && is_word(peek(f, end + 1)));
}

/* "error:", and "error[E0308]:" of compilers */
static bool has_colon(const struct front *f, const char *end)
{
    end = behind_colours(f, end);
    return peek(f, end) == ':' || (peek(f, end) == '[' && is_letter(peek(f, end + 1)));
}

/* Is this word for a level written as a label is? */
static bool is_label(const struct front *f, struct bytes word)
{
    const char *end = (const char *)word.data + word.len;
    enum cronobs_level second;

    if (has_colon(f, end))
        return true;
    if (!f->has_name && is_capitals(word))
        return ends_well(f, behind_colours(f, end));
    if (!f->has_name && f->has_time && is_in(peek(f, behind_colours(f, end)), " \t"))
        return true;
    word = word_at(f, behind_blanks(f, end)); /* "fatal error: ..." */
    return level_at(word, &second) && has_colon(f, (const char *)word.data + word.len);
}

static bool is_one_of(struct bytes word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == word.len && strncasecmp(word.data, *words, word.len) == 0)
            return true;
    return false;
}

/* Days, months, zones; programs that say who they are before they say how bad it is. */
static bool is_known_head(struct front *f, struct bytes word)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                         "aug", "sep", "oct", "nov", "dec", NULL};

    static const char *const programs[] = {"php", "npm", NULL};
    bool is_month = is_one_of(word, months) &&
                    is_digit(peek(f, behind_blanks(f, (const char *)word.data + word.len)));

    if (f->has_time && word.len <= 5 && is_capitals(word))
        return true;
    f->has_date |= is_month;
    f->has_time = is_one_of(word, programs);
    return f->has_time || is_month || is_one_of(word, days);
}

/* Behind a name in front of a level: "web-1 |", "ld: ", "sshd[12]: ", "a/b.c:3:5: "; behind a date "root -" and, once, "host".
   NULL: it is none. */
static const char *behind_name(struct front *f)
{
    const char *end = behind_words(f, f->at, "./+-"), *next = behind_blanks(f, end);

    if (peek(f, next) == '|' || (f->has_date && next > end && peek(f, next) == '-'))
        return next + 1;
    if (peek(f, end) == '[' && digits_at(f, end + 1) > 0)
        end += digits_at(f, end + 1) + 2;
    while (peek(f, end) == ':' && digits_at(f, end + 1) > 0)
        end += digits_at(f, end + 1) + 1;
    if (peek(f, end) == ':' && peek(f, end + 1) == ' ') {
        f->has_name = true;
        return end + 1;
    }
    if (f->has_host || !f->has_date || peek(f, end) != ' ')
        return NULL;
    f->has_host = true;
    return end;
}

/* "production.ERROR:", channel and level */
static bool read_channel(const struct front *f, struct bytes word, enum cronobs_level *ret)
{
    const char *end = (const char *)word.data + word.len;
    struct bytes last = word_at(f, end + (end < f->end));

    return f->has_date && peek(f, end) == '.' && is_capitals(last) && level_at(last, ret) &&
           peek(f, (const char *)last.data + last.len) == ':';
}

/* --- tokens --- */

enum found { FOUND_LEVEL, FOUND_HEAD, FOUND_TEXT };

static enum found read_word(struct front *f, enum cronobs_level *ret)
{
    struct bytes word = word_at(f, f->at);
    const char *next = f->at + word.len;

    if ((level_at(word, ret) && is_label(f, word)) || (word.len == 1 && read_initial(f, ret)) ||
        read_channel(f, word, ret))
        return FOUND_LEVEL;
    if (peek(f, behind_words(f, f->at, ".-")) == '=')
        return level_of_pairs((struct bytes){.data = f->at, .len = (size_t)(f->end - f->at)}, ret)
                   ? FOUND_LEVEL
                   : FOUND_TEXT;
    if (!is_known_head(f, word))
        next = behind_name(f);
    if (next == NULL)
        return FOUND_TEXT;
    f->at = next;
    return FOUND_HEAD;
}

/* An instant or a part of one; where these have been, any number. */
static enum found read_number(struct front *f)
{
    const char *end = behind_words(f, f->at, ".:,+-/");
    size_t digits = digits_at(f, f->at), colons = 0;
    bool is_plain = digits == (size_t)(end - f->at) && digits < 9; /* no seconds since 1970 */

    for (const char *at = f->at; at < end; at++)
        colons += *at == ':';
    if (is_plain && !f->has_date)
        return FOUND_TEXT;
    f->has_date = true;
    f->has_time = colons >= 2 || (f->has_time && is_plain);
    f->at = end;
    return FOUND_HEAD;
}

/* Is the word in brackets that begins at `at` a label: "[error]", "[core:error]", "[ERROR ]", "[10:00:00 WARN main]"? */
static bool is_bracketed_label(const struct front *f, struct bytes word)
{
    const char *end = (const char *)word.data + word.len, *before = (const char *)word.data - 1;

    if (is_capitals(word))
        return !is_in(*before, "-./") && ends_well(f, end);
    return is_in(*before, "[({<:") && is_in(peek(f, behind_blanks(f, end)), "])}>");
}

/* Brackets with what is in them, up to the first that closes. */
static enum found read_brackets(struct front *f, enum cronobs_level *ret)
{
    const char *at = f->at + 1;

    while (at < f->end && !is_in(*at, "])}>")) {
        struct bytes word = word_at(f, at);

        if (level_at(word, ret) && is_bracketed_label(f, word))
            return FOUND_LEVEL;
        if (is_digit(*at) && peek(f, at + digits_at(f, at)) == ':')
            f->has_date = true;
        at += MAX(word.len, (size_t)1);
    }
    f->at = at < f->end ? at + 1 : at;
    return FOUND_HEAD;
}

static bool is_filler(char c)
{
    return (unsigned char)c >= 0x80 || is_in(c, " \t\r\v\f\"'*!#-=>|,;./:@&$~])}");
}

static enum found read_token(struct front *f, enum cronobs_level *ret)
{
    char c;

    while (f->at < behind_colours(f, f->at) || is_filler(peek(f, f->at)))
        f->at = MAX(behind_colours(f, f->at), f->at + is_filler(peek(f, f->at)));
    c = peek(f, f->at);
    if (c == '{' && peek(f, f->at + 1) == '"')
        return level_of_json((struct bytes){.data = f->at, .len = (size_t)(f->end - f->at)}, ret)
                   ? FOUND_LEVEL
                   : FOUND_TEXT;
    if (is_in(c, "[({<"))
        return read_brackets(f, ret);
    if (is_digit(c))
        return read_number(f);
    return is_word(c) ? read_word(f, ret) : FOUND_TEXT;
}

bool level_read(struct bytes line, enum cronobs_level *ret)
{
    const char *text = line.data;
    struct front f = {.at = text, .end = text + line.len};
    enum found found = FOUND_HEAD;

    if (read_priority(&f, ret) || read_glog(&f, ret))
        return true;
    if (peek(&f, behind_blanks(&f, text)) == '{' && level_of_json(line, ret))
        return true;
    for (int i = 0; i < TOKENS_MAX && found == FOUND_HEAD; i++)
        found = read_token(&f, ret);
    return found == FOUND_LEVEL;
}
