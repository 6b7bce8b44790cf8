/*
 * The front of a line is read token by token. Instants, numbers, names and brackets are what a log has in front of its level;
 * the first token that is neither that nor a level ends the search.
 */
#include "cli/worker/level.h"

#include <string.h>
#include <strings.h>

#include "cli/worker/escapes.h"
#include "cli/worker/level_fields.h"

enum { TOKENS_MAX = 24, LEVEL_WORD_MAX = 13, PLAIN_MAX = 4096, ESC = 27 };

/* --- characters; peek() beyond the end is NUL, which is none of them --- */

struct front {
    const char *begin, *at, *end;
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

/* The one to three digits of a priority of syslog; false: it is none. */
static bool priority_at(const char *at, size_t digits, enum cronobs_level *ret)
{
    int priority = 0;

    for (size_t i = 0; i < digits && i < 4; i++)
        priority = priority * 10 + (at[i] - '0');
    *ret = level_of_syslog(priority);
    return digits > 0 && priority <= 191;
}

/* "<3>", "<165>" */
static bool read_priority(const struct front *f, enum cronobs_level *ret)
{
    size_t digits = peek(f, f->at) == '<' ? digits_at(f, f->at + 1) : 0;

    return peek(f, f->at + digits + 1) == '>' && priority_at(f->at + 1, digits, ret);
}

/* /dev/kmsg: "3,1234,5678900,-;text" */
static bool read_kmsg(const struct front *f, enum cronobs_level *ret)
{
    const char *at = f->at;

    for (int i = 0; i < 3; i++) {
        size_t digits = digits_at(f, at);

        if (digits == 0 || peek(f, at + digits) != ',')
            return false;
        at += digits + 1;
    }
    return peek(f, at + 1) == ';' && priority_at(f->at, digits_at(f, f->at), ret);
}

/* Redis: "1:M 29 Nov 2026 10:00:00.123 # text"; the sign in front of the text is the level. */
static bool read_redis(const struct front *f, enum cronobs_level *ret)
{
    const char *at = f->at + digits_at(f, f->at);

    if (at == f->at || peek(f, at) != ':' || !is_in(peek(f, at + 1), "CMSX"))
        return false;
    for (int i = 0; i < 5; i++) {
        while (peek(f, at) > ' ')
            at++;
        at = behind_blanks(f, at);
    }
    *ret = peek(f, at) == '#'   ? CRONOBS_LEVEL_WARN
           : peek(f, at) == '*' ? CRONOBS_LEVEL_INFO
                                : CRONOBS_LEVEL_DEBUG;
    return is_in(peek(f, at), "#*-.") && peek(f, at + 1) == ' ';
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

/* "E: no such package", "W/tag: text", "E! text", Ruby's "E, [2026-...", and "E TAG" behind a time of day */
static bool read_initial(const struct front *f, enum cronobs_level *ret)
{
    char next = peek(f, f->at + 1), after = peek(f, f->at + 2);
    bool is_label = (is_in(next, ":!") && after == ' ') || (next == '/' && is_letter(after)) ||
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

static const char *end_of(struct bytes word)
{
    return (const char *)word.data + word.len;
}

/* Capitals that end at `end`: "ERROR msg", "ERROR:root", "ERROR - msg", slog's "DEBUG-4", but not "ERROR=1", "ERROR-5",
   "ERROR.log". */
static bool ends_well(const struct front *f, const char *end)
{
    char c = peek(f, end), next = peek(f, end + 1);

    if (c == '-' && is_digit(next) && f->has_time)
        return true;
    return c != '=' && !(is_in(c, "-.") && is_word(next));
}

/* "error:", and "error[E0308]:" of compilers */
static bool has_colon(const struct front *f, const char *end)
{
    return peek(f, end) == ':' || (peek(f, end) == '[' && is_letter(peek(f, end + 1)));
}

/* "error - text" */
static bool has_dash(const struct front *f, const char *end)
{
    const char *at = behind_blanks(f, end);

    return at > end && peek(f, at) == '-' && peek(f, at + 1) == ' ';
}

/* "error: 0", "# FAIL:  0": how many there were. */
static bool counts_none(const struct front *f, const char *end)
{
    const char *at = end;

    while (is_in(peek(f, at), ": \t|"))
        at++;
    if (at == end || peek(f, at) != '0')
        return false;
    at = behind_blanks(f, at + 1);
    return at >= f->end || is_in(*at, ",;|\r");
}

/* Of a compiler's message: "C2065", "TS2304" */
static bool is_code(const struct front *f, struct bytes word)
{
    size_t letters = 0;

    while (letters < word.len && is_letter(((const char *)word.data)[letters]))
        letters++;
    return letters > 0 && letters < word.len &&
           letters + digits_at(f, (const char *)word.data + letters) == word.len;
}

/* "fatal error: ...", "error C2065: ..." */
static bool has_late_colon(const struct front *f, const char *end)
{
    struct bytes word = word_at(f, behind_blanks(f, end));
    enum cronobs_level level;

    while (level_at(word, &level) || is_code(f, word)) {
        if (has_colon(f, end_of(word)))
            return true;
        word = word_at(f, behind_blanks(f, end_of(word)));
    }
    return false;
}

/* Is this word for a level written as a label is? */
static bool is_label(const struct front *f, struct bytes word)
{
    const char *end = end_of(word);

    if (counts_none(f, end))
        return false;
    if (has_colon(f, end) || has_late_colon(f, end))
        return true;
    if (is_capitals(word) && (!f->has_name || f->has_date))
        return ends_well(f, end);
    return !f->has_name && (has_dash(f, end) || (f->has_time && is_in(peek(f, end), " \t")));
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
    static const char *const programs[] = {"php", "npm", "cmake", NULL};
    bool is_day = is_one_of(word, days), is_month = is_one_of(word, months);
    bool before_number = is_digit(peek(f, behind_blanks(f, end_of(word))));

    if (f->has_time && word.len <= 5 && is_capitals(word))
        return true;
    f->has_date |= (is_day || is_month) && before_number;
    f->has_time = is_one_of(word, programs);
    return f->has_time || is_day || (is_month && before_number);
}

/* Behind what says where: "[12]", "(user)", ":3:5", ":a.sql:3" */
static const char *behind_place(const struct front *f, const char *at)
{
    const char *close = at;

    if (is_in(peek(f, at), "[("))
        while (close < f->end && !is_in(*close, "]) "))
            close++;
    if (is_in(peek(f, close), "])"))
        at = close + 1;
    while (peek(f, at) == ':' && is_word(peek(f, at + 1)))
        at = behind_words(f, at + 1, "./+-@");
    return at;
}

/* Behind a name in front of a level: "web-1 |", "ld: ", "sshd[12]: ", "a/b.c:3:5: ", "a.ts:3:5 - "; behind a date "root -" and,
   once, "host". NULL: it is none. */
static const char *behind_name(struct front *f)
{
    const char *end = behind_words(f, f->at, "./+-@"), *at = behind_place(f, end);
    const char *next = behind_blanks(f, at);
    bool has_place = at > end;

    if (peek(f, next) == '|' || ((f->has_date || has_place) && has_dash(f, at)))
        return next + 1;
    if (peek(f, at) == ':' && next == at && is_in(peek(f, at + 1), " \t")) {
        f->has_name = true;
        return at + 1;
    }
    if (next == at || f->has_name || !(f->has_date ? !f->has_host : has_place))
        return NULL;
    f->has_host = true;
    return at;
}

/* "production.ERROR:", "GLib-WARNING **:", "kern  :err   :": a channel and its level */
static bool read_channel(const struct front *f, struct bytes word, enum cronobs_level *ret)
{
    const char *end = end_of(word), *at = behind_blanks(f, end), *then;
    struct bytes last = word_at(f, at + (at < f->end));

    if (!level_at(last, ret) || counts_none(f, end_of(last)))
        return false;
    then = behind_blanks(f, end_of(last));
    if (peek(f, at) == ':')
        return peek(f, then) == ':';
    if (at > end || !is_capitals(last))
        return false;
    return (*at == '.' && f->has_date && peek(f, end_of(last)) == ':') ||
           (*at == '-' && peek(f, then) == '*');
}

/* --- tokens --- */

enum found { FOUND_LEVEL, FOUND_HEAD, FOUND_TEXT };

static enum found read_word(struct front *f, enum cronobs_level *ret)
{
    struct bytes word = word_at(f, f->at);
    const char *next = end_of(word);
    bool is_option = f->at > f->begin && f->at[-1] == '-';

    if ((level_at(word, ret) && is_label(f, word)) || (word.len == 1 && read_initial(f, ret)) ||
        read_channel(f, word, ret))
        return FOUND_LEVEL;
    if (peek(f, behind_words(f, f->at, ".-")) == '=')
        return !is_option &&
                       level_of_pairs(
                           (struct bytes){.data = f->at, .len = (size_t)(f->end - f->at)}, ret)
                   ? FOUND_LEVEL
                   : FOUND_TEXT;
    if (!is_known_head(f, word))
        next = behind_name(f);
    if (next == NULL)
        return FOUND_TEXT;
    f->at = next;
    return FOUND_HEAD;
}

/* "10:00:00,123", but of "10:00:00,ERROR" the first part */
static const char *behind_instant(const struct front *f, const char *at)
{
    do
        at = behind_words(f, at + 1, ".:+-/");
    while (peek(f, at) == ',' && is_digit(peek(f, at + 1)));
    return at;
}

/* "123 [main] ERROR", "123  - 11/29/2026" */
static bool leads_on(const struct front *f, const char *at)
{
    at = behind_blanks(f, at);
    if (peek(f, at) == '-')
        at = behind_blanks(f, at + 1);
    return peek(f, at) == '[' || is_digit(peek(f, at));
}

/* An instant or a part of one; where these have been, any number; and one in front of brackets or of another. */
static enum found read_number(struct front *f)
{
    const char *end = behind_instant(f, f->at);
    size_t digits = digits_at(f, f->at), colons = 0;
    /* no seconds since 1970 */
    bool is_plain = digits < 9 && (f->at + digits == end || f->at[digits] == ',');

    for (const char *at = f->at; at < end; at++)
        colons += *at == ':';
    f->at = end;
    if (is_plain && !f->has_date)
        return leads_on(f, end) ? FOUND_HEAD : FOUND_TEXT;
    f->has_date = true;
    f->has_time = colons >= 2 || (f->has_time && is_plain);
    return FOUND_HEAD;
}

/* Is the word in brackets that begins at `at` a label: "[error]", "[core:error]", "[ERROR ]", "[10:00:00 WARN main]"? */
static bool is_bracketed_label(const struct front *f, struct bytes word)
{
    const char *end = end_of(word), *before = (const char *)word.data - 1;

    if (is_capitals(word) && word.len > 1)
        return !is_in(*before, "-./") && ends_well(f, end);
    return is_in(*before, "[({<:") && is_in(peek(f, behind_blanks(f, end)), "])}>");
}

/* Brackets with what is in them, up to the first that closes. */
static enum found read_brackets(struct front *f, enum cronobs_level *ret)
{
    const char *at = f->at + 1;

    while (at < f->end && !is_in(*at, "])}>")) {
        struct bytes word = word_at(f, at);

        bool is_level =
            word.len == 1 ? f->has_date && level_of_initial(*at, ret) : level_at(word, ret);

        if (is_level && is_bracketed_label(f, word))
            return FOUND_LEVEL;
        if (is_digit(*at) && peek(f, at + digits_at(f, at)) == ':')
            f->has_date = true;
        at += MAX(word.len, (size_t)1);
    }
    f->at = at < f->end ? at + 1 : at;
    return FOUND_HEAD;
}

static bool is_filler(const struct front *f, const char *at)
{
    char c = peek(f, at);

    return (unsigned char)c >= 0x80 || is_in(c, " \t\r\v\f\"'*!#-=>|,;./:@&~])}") ||
           (c == '+' && is_digit(peek(f, at + 1))); /* an offset */
}

static enum found read_token(struct front *f, enum cronobs_level *ret)
{
    char c;

    while (is_filler(f, f->at))
        f->at++;
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

static bool read_front(struct bytes line, enum cronobs_level *ret)
{
    const char *text = line.data;
    struct front f = {.begin = text, .at = text, .end = text + line.len};
    enum found found = FOUND_HEAD;

    if (read_priority(&f, ret) || read_glog(&f, ret) || read_kmsg(&f, ret) || read_redis(&f, ret))
        return true;
    if (peek(&f, behind_blanks(&f, text)) == '{' && level_of_json(line, ret))
        return true;
    for (int i = 0; i < TOKENS_MAX && found == FOUND_HEAD; i++)
        found = read_token(&f, ret);
    return found == FOUND_LEVEL;
}

/* What colours a line says nothing about it. */
bool level_read(struct bytes line, enum cronobs_level *ret)
{
    char plain[PLAIN_MAX];

    if (line.len == 0 || memchr(line.data, ESC, MIN(line.len, sizeof plain)) == NULL)
        return read_front(line, ret);
    line.len = escapes_strip(line.data, line.len, plain, sizeof plain);
    line.data = plain;
    return read_front(line, ret);
}
