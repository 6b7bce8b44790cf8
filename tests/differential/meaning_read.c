#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "differential/meaning.h"

/* The values of a field as they are written, and how many there are before they come again. */
static const struct range {
    int lowest, highest, size;
} ranges[FIELDS] = {
    [SECOND] = {0, 59, 60},
    [MINUTE] = {0, 59, 60},
    [HOUR] = {0, 23, 24},
    [DAY] = {1, 31, 31},
    [MONTH] = {1, 12, 12},
    [WEEKDAY] = {0, 7, 7},
    [YEAR] = {FIRST_YEAR, LAST_YEAR, YEARS},
};

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
                                          "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL};

static bool is_aws_or_quartz(const struct meaning *m)
{
    return m->dialect == DIALECT_QUARTZ;
}

static struct range range_of(const struct meaning *m, enum field f)
{
    struct range r = ranges[f];

    if (f == WEEKDAY && is_aws_or_quartz(m))
        r.lowest = 1;
    return r;
}

static bool read_number(const char *text, int *ret)
{
    size_t len = strlen(text);

    if (len == 0 || len > 4 || strspn(text, "0123456789") != len)
        return false;
    *ret = (int)strtol(text, NULL, 10);
    return true;
}

/* A number or a name, inside the field's range. */
static bool read_value(const struct meaning *m, enum field f, const char *text, int *ret)
{
    const char *const *names = f == MONTH ? month_names : f == WEEKDAY ? weekday_names : NULL;
    struct range r = range_of(m, f);

    for (int i = 0; names != NULL && names[i] != NULL; i++)
        if (strcasecmp(names[i], text) == 0) {
            *ret = r.lowest + i;
            return true;
        }
    return read_number(text, ret) && *ret >= r.lowest && *ret <= r.highest;
}

static void mark(struct meaning *m, enum field f, int value)
{
    struct range r = range_of(m, f);

    if (f == WEEKDAY)
        m->holds[f][(value - r.lowest) % 7] = true;
    else if (f == YEAR)
        m->holds[f][value - FIRST_YEAR] = true;
    else
        m->holds[f][value] = true;
}

/* from, from + step, ... up to `to`; past the highest value it goes on with the lowest. */
static void mark_range(struct meaning *m, enum field f, int from, int to, int step)
{
    struct range r = range_of(m, f);

    if (to < from)
        to += r.size;
    for (int v = from; v <= to; v += step)
        mark(m, f, v > r.highest ? v - r.size : v);
}

/* a-b, as two texts that stay in the memory of `text`. False when there is no `-`. */
static bool split(char *text, char at, char **ret_left, char **ret_right)
{
    char *found = strchr(text, at);

    if (found == NULL)
        return false;
    *found = '\0';
    *ret_left = text;
    *ret_right = found + 1;
    return true;
}

static bool wraps_allowed(const struct meaning *m)
{
    return m->dialect == DIALECT_AUTO || m->dialect == DIALECT_QUARTZ;
}

/* v or a-b, without a step. */
static bool read_range(const struct meaning *m, enum field f, char *text, int *ret_from,
                       int *ret_to)
{
    char *left, *right;

    if (!split(text, '-', &left, &right)) {
        if (!read_value(m, f, text, ret_from))
            return false;
        *ret_to = *ret_from;
        return true;
    }
    if (!read_value(m, f, left, ret_from))
        return false;
    if (f == DAY && strcasecmp(right, "L") == 0) { /* a-L: to the last day of any month */
        *ret_to = 31;
        return m->dialect == DIALECT_AUTO;
    }
    if (!read_value(m, f, right, ret_to))
        return false;
    if (f == WEEKDAY && !is_aws_or_quartz(m) && strcasecmp(right, "SUN") == 0 && *ret_from != 0)
        *ret_to = 7; /* MON-SUN; but SUN-SUN is one day */
    return *ret_from <= *ret_to || wraps_allowed(m);
}

static bool read_plain(struct meaning *m, enum field f, char *text)
{
    struct range r = range_of(m, f);
    int from = r.lowest, to = r.highest, step = 1;
    char *left = text, *right = NULL;
    bool stepped = split(text, '/', &left, &right);
    bool time = f == SECOND || f == MINUTE || f == HOUR;
    bool is_range = strchr(left, '-') != NULL;

    if (stepped && (!read_number(right, &step) || step < 1))
        return false;
    if (strcmp(left, "*") == 0) {
        m->unrestricted[f] = m->unrestricted[f] || !stepped;
        m->interval_like = m->interval_like || time;
    } else if (!read_range(m, f, left, &from, &to)) {
        return false;
    } else if (stepped && !is_range) {
        if (!wraps_allowed(m))
            return false;
        to = f == WEEKDAY && !is_aws_or_quartz(m) ? MAX(from, 6) : r.highest; /* to Saturday */
    }
    mark_range(m, f, from, to, step);
    return true;
}

static bool add_special(struct meaning *m, enum special kind, int n, int weekday)
{
    if (m->dialect == DIALECT_VIXIE || m->special_count == SPECIALS_MAX)
        return false;
    m->specials[m->special_count++] = (struct special_day){kind, n, weekday};
    return true;
}

/* L, L-n, LW, L-nW, nW */
static bool read_day_special(struct meaning *m, const char *text)
{
    char copy[64];
    size_t len = strlen(text);
    bool weekday = len > 0 && text[len - 1] == 'W';
    int n = 0;

    (void)snprintf(copy, sizeof copy, "%s", text);
    if (weekday)
        copy[len - 1] = '\0';
    if (copy[0] != 'L')
        return read_number(copy, &n) && n >= 1 && n <= 31 && add_special(m, DAY_NEAREST, n, 0);
    if (copy[1] != '\0' && (copy[1] != '-' || !read_number(copy + 2, &n) || n > 30))
        return false;
    return add_special(m, weekday ? DAY_LAST_NEAREST : DAY_LAST, n, 0);
}

/* dL, d#n, d#L, a-b#n */
static bool read_weekday_special(struct meaning *m, char *text)
{
    char *days = text, *which = text;
    int from, to, n = 0;
    bool last;

    if (!split(text, '#', &days, &which)) {
        days[strlen(days) - 1] = '\0';
        last = strchr(days, '-') == NULL;
        if (!last)
            return false;
    } else {
        last = strcmp(which, "L") == 0;
        if (!last && (!read_number(which, &n) || n < 1 || n > 5))
            return false;
    }
    if (!read_range(m, WEEKDAY, days, &from, &to))
        return false;
    if (to < from)
        to += 7;
    for (int d = from; d <= to; d++)
        if (!add_special(m, last ? DAY_LAST_SUCH : DAY_NTH, n,
                         (d - range_of(m, WEEKDAY).lowest) % 7))
            return false;
    return true;
}

static bool read_term(struct meaning *m, enum field f, char *text)
{
    size_t len = strlen(text);

    if (len == 0)
        return false;
    if (strcmp(text, "?") == 0) {
        m->unrestricted[f] = true;
        mark_range(m, f, range_of(m, f).lowest, range_of(m, f).highest, 1);
        return (f == DAY || f == WEEKDAY) && m->dialect != DIALECT_VIXIE;
    }
    if (f == DAY && (text[0] == 'L' || text[len - 1] == 'W'))
        return read_day_special(m, text);
    if (f == WEEKDAY && strcmp(text, "L") == 0) {
        mark(m, f, 7);
        return is_aws_or_quartz(m);
    }
    if (f == WEEKDAY && (strchr(text, '#') != NULL || text[len - 1] == 'L'))
        return read_weekday_special(m, text);
    return read_plain(m, f, text);
}

static bool read_field(struct meaning *m, enum field f, char *text)
{
    char *rest = text, *term;

    if (f == WEEKDAY && text[0] == '+') {
        m->both_days = true;
        rest++;
    }
    m->starts_with_star[f] = rest[0] == '*';
    while ((term = strsep(&rest, ",")) != NULL)
        if (!read_term(m, f, term))
            return false;
    return true;
}

enum { WORDS_MAX = 12 };

/* The words of a text, parted by blanks and tabs; the text is cut up. */
static int split_words(char *text, char *words[WORDS_MAX])
{
    int count = 0;
    char *rest = text, *word;

    while ((word = strsep(&rest, " \t")) != NULL)
        if (word[0] != '\0') {
            if (count == WORDS_MAX)
                return WORDS_MAX + 1;
            words[count++] = word;
        }
    return count;
}

static bool one_question_mark(char *const *days)
{
    return (strcmp(days[0], "?") == 0) != (strcmp(days[2], "?") == 0);
}

/* Which fields the words are: 5, 6 (second first) or 7 (year last) of them. */
static bool read_fields(struct meaning *m, int count, char **words)
{
    enum field first = count == 5 ? MINUTE : SECOND;

    if (count < 5 || count > 7 || (m->dialect == DIALECT_VIXIE && count != 5))
        return false;
    if (m->dialect == DIALECT_QUARTZ && (count == 5 || !one_question_mark(words + 3)))
        return false;
    m->form = FORM_FIELDS;
    m->has_seconds = count > 5;
    if (count == 5)
        m->holds[SECOND][0] = true;
    if (count < 7)
        mark_range(m, YEAR, FIRST_YEAR, LAST_YEAR, 1);
    for (int i = 0; i < count; i++)
        if (!read_field(m, (enum field)((int)first + i), words[i]))
            return false;
    return true;
}

static bool read_macro(struct meaning *m, const char *word)
{
    static const struct {
        const char *name, *fields;
    } macros[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    };
    char *words[WORDS_MAX], copy[32];

    for (size_t i = 0; i < ARRAY_LEN(macros); i++)
        if (strcmp(macros[i].name, word) == 0) {
            m->dialect = DIALECT_AUTO;
            (void)snprintf(copy, sizeof copy, "%s", macros[i].fields);
            return read_fields(m, split_words(copy, words), words);
        }
    return false;
}

/* cron(minute hour day month weekday year) */
static bool read_aws(struct meaning *m, int count, char **words)
{
    size_t last = strlen(words[count - 1]);

    if (count != 6 || last == 0 || words[5][last - 1] != ')')
        return false;
    words[5][last - 1] = '\0';
    words[0] += strlen("cron(");
    if (!one_question_mark(words + 2))
        return false;
    m->dialect = DIALECT_QUARTZ;
    m->form = FORM_FIELDS;
    m->holds[SECOND][0] = true;
    for (int i = 0; i < 6; i++)
        if (!read_field(m, (enum field)((int)MINUTE + i), words[i]))
            return false;
    return true;
}

static int64_t unit_seconds(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 7 * 86400;
    default:
        return 0;
    }
}

/* 1h30m */
static bool read_duration(const char *text, int64_t *ret)
{
    int64_t sum = 0;

    while (*text != '\0') {
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        long long n = strtoll(text, &end, 10);
        if (unit_seconds(*end) == 0)
            return false;
        sum += n * unit_seconds(*end);
        text = end + 1;
    }
    *ret = sum;
    return sum > 0;
}

/* rate(5 minutes) */
static bool read_rate(struct meaning *m, int count, char **words)
{
    int n;

    if (count != 2 || !read_number(words[0] + strlen("rate("), &n) || n < 1)
        return false;
    m->form = FORM_EVERY;
    m->period = n * unit_seconds(words[1][0]);
    return true;
}

/* HH:MM */
static bool read_clock(const char *text, int64_t *ret)
{
    int hour, minute, used = 0;

    if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || text[used] != '\0')
        return false;
    *ret = hour * 3600 + minute * 60;
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

static bool read_every(struct meaning *m, int count, char **words)
{
    char *period = words[1], *phase;

    m->form = count == 2 ? FORM_EVERY : FORM_FROM_TO;
    if (count == 2)
        return (!split(words[1], '/', &period, &phase) || read_duration(phase, &m->phase)) &&
               read_duration(period, &m->period);
    m->interval_like = true;
    mark_range(m, WEEKDAY, 0, 6, 1);
    if (count == 8) {
        memset(m->holds[WEEKDAY], 0, sizeof m->holds[WEEKDAY]);
        if (strcmp(words[6], "on") != 0 || !read_field(m, WEEKDAY, words[7]))
            return false;
    } else if (count != 6) {
        return false;
    }
    return read_duration(words[1], &m->period) && strcmp(words[2], "from") == 0 &&
           read_clock(words[3], &m->from) && strcmp(words[4], "to") == 0 &&
           read_clock(words[5], &m->to);
}

/* Behind a time of day: nothing, Z, or +HH:MM. */
static bool read_offset(const char *text, bool *ret_given, int64_t *ret)
{
    char sign;
    int hour, minute, used = 0;

    *ret = 0;
    *ret_given = text[0] != '\0';
    if (text[0] == '\0' || strcmp(text, "Z") == 0)
        return true;
    if (sscanf(text, "%c%2d:%2d%n", &sign, &hour, &minute, &used) != 3 || text[used] != '\0')
        return false;
    *ret = (hour * 3600 + minute * 60) * (sign == '-' ? -1 : 1);
    return sign == '-' || sign == '+';
}

/* @at 2026-03-29T02:30[:00][Z|+HH:MM] [Zone] */
static bool read_at(struct meaning *m, int count, char **words)
{
    int year, month, day, hour, minute, second = 0, used = 0, more = 0;
    int64_t number, offset;
    bool given;

    if (count < 2 || count > 3 ||
        sscanf(words[1], "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute, &used) != 5)
        return false;
    if (sscanf(words[1] + used, ":%2d%n", &second, &more) != 1)
        more = 0;
    number = day_number(year, month, day);
    if (number < 0 || !read_offset(words[1] + used + more, &given, &offset))
        return false;
    m->form = given ? FORM_INSTANT : FORM_WALL;
    m->at = number * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset;
    return day_counts(floor_div(m->at, DAY_SECONDS));
}

/* A zone in front or behind @at is always that of the question. */
bool meaning_read(const char *text, enum dialect dialect, struct meaning *ret)
{
    char copy[512], *words[WORDS_MAX], **first = words;
    int count;

    *ret = (struct meaning){.dialect = dialect};
    (void)snprintf(copy, sizeof copy, "%s", text);
    count = split_words(copy, words);
    if (count > WORDS_MAX)
        return false;
    if (count > 0 && (text_starts(words[0], "TZ=") || text_starts(words[0], "CRON_TZ="))) {
        first++;
        count--;
    }
    if (count == 0)
        return false;
    if (text_starts(first[0], "cron("))
        return read_aws(ret, count, first);
    if (text_starts(first[0], "rate("))
        return read_rate(ret, count, first);
    if (strcmp(first[0], "@every") == 0)
        return count >= 2 && read_every(ret, count, first);
    if (strcmp(first[0], "@at") == 0)
        return read_at(ret, count, first);
    if (first[0][0] == '@')
        return count == 1 && read_macro(ret, first[0]);
    return read_fields(ret, count, first);
}
