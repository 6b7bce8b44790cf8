#include "differential/expressions.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "differential/meaning.h"

/* A text that grows to the end of its memory. */
struct line {
    char *text;
    size_t room;
};

static void put(struct line *l, const char *format, ...) PRINTF_LIKE(2, 3);

static void put(struct line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(l->text, l->room, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < l->room) {
        l->text += len;
        l->room -= (size_t)len;
    }
}

/* What the parts of one expression share. */
struct writer {
    struct dice *dice;
    struct line *line;
    enum dialect dialect;
    bool weekdays_from_1; /* quartz, cron() */
    bool loose;           /* v/n and wraps are fine */
    bool days_special;    /* L, W, # are fine */
    int64_t seam;         /* wall time beside a clock change */
};

static int between(struct writer *w, int low, int high)
{
    return (int)dice_between(w->dice, low, high);
}

static bool percent(struct writer *w, int n)
{
    return dice_percent(w->dice, n);
}

static int lowest(const struct writer *w, enum field f)
{
    return f == DAY || f == MONTH || (f == WEEKDAY && w->weekdays_from_1) ? 1
           : f == YEAR                                                    ? FIRST_YEAR
                                                                          : 0;
}

static int highest(enum field f)
{
    static const int highest[FIELDS] = {59, 59, 23, 31, 12, 7, LAST_YEAR};

    return highest[f];
}

/* A value that is worth asking for: hours when clocks change, minutes that half-hour changes touch, month ends. */
static int interesting(struct writer *w, enum field f)
{
    static const int hours[] = {0, 1, 2, 3, 23}, minutes[] = {0, 15, 30, 45, 59},
                     days[] = {1, 2, 28, 29, 30, 31};

    if (percent(w, 20)) {
        if (f == HOUR)
            return (int)(floor_mod(w->seam, DAY_SECONDS) / 3600);
        if (f == MINUTE)
            return (int)(floor_mod(w->seam, 3600) / 60);
        if (f == MONTH && day_at(floor_div(w->seam, DAY_SECONDS)) != NULL)
            return day_at(floor_div(w->seam, DAY_SECONDS))->month;
    }
    if (percent(w, 50)) {
        if (f == HOUR)
            return hours[between(w, 0, 4)];
        if (f == MINUTE || f == SECOND)
            return minutes[between(w, 0, 4)];
        if (f == DAY)
            return days[between(w, 0, 5)];
    }
    return between(w, lowest(w, f), highest(f));
}

static void put_value(struct writer *w, enum field f, int v)
{
    static const char *const months[] = {"JAN", "feb", "Mar", "APR", "may", "Jun",
                                         "JUL", "aug", "Sep", "OCT", "nov", "Dec"};
    static const char *const weekdays[] = {"SUN", "mon", "Tue", "WED", "thu", "Fri", "SAT"};

    if (f == MONTH && percent(w, 40))
        put(w->line, "%s", months[v - 1]);
    else if (f == WEEKDAY && percent(w, 50))
        put(w->line, "%s", weekdays[(v - lowest(w, f)) % 7]);
    else if (f != YEAR && percent(w, 3))
        put(w->line, "%02d", v);
    else
        put(w->line, "%d", v);
}

static void put_step(struct writer *w, enum field f)
{
    static const int steps[FIELDS] = {70, 70, 25, 33, 13, 8, 40};

    put(w->line, "/%d", percent(w, 70) ? between(w, 1, 1 + steps[f] / 4) : between(w, 1, steps[f]));
}

/* a-b; wraps where that is fine. */
static void put_range(struct writer *w, enum field f)
{
    int a = interesting(w, f), b = percent(w, 40) ? interesting(w, f) : a + between(w, 0, 6);

    b = MIN(b, highest(f));
    if (a > b && !(w->loose && f != YEAR && percent(w, 60))) {
        int swapped = a;
        a = b;
        b = swapped;
    }
    /* Where nothing wraps, Sunday is a 0 in front and a 7 or SUN behind. */
    if (f == WEEKDAY && !w->loose && (a % 7 == 0 || b % 7 == 0)) {
        if (a != 0 && a != 7 && w->dialect == DIALECT_OCPS)
            put(w->line, "%d-SUN", a);
        else
            put(w->line, "%d-%d", a, b);
        return;
    }
    put_value(w, f, a);
    put(w->line, "-");
    put_value(w, f, b);
}

static void put_day_special(struct writer *w)
{
    switch (between(w, 0, w->dialect == DIALECT_AUTO && w->loose ? 6 : 5)) {
    case 6:
        put(w->line, "%d-L", interesting(w, DAY));
        if (percent(w, 40))
            put_step(w, DAY);
        break;
    case 0:
        put(w->line, "L");
        break;
    case 1:
        put(w->line, "L-%d", percent(w, 80) ? between(w, 0, 9) : between(w, 0, 30));
        break;
    case 2:
        put(w->line, "LW");
        break;
    case 3:
        put(w->line, "L-%dW", percent(w, 80) ? between(w, 0, 9) : between(w, 0, 30));
        break;
    default:
        put(w->line, "%dW", interesting(w, DAY));
        break;
    }
}

static void put_weekday_special(struct writer *w)
{
    int n = between(w, 1, 5), v = interesting(w, WEEKDAY);

    if (percent(w, 30)) {
        put_value(w, WEEKDAY, v);
        put(w->line, percent(w, 70) ? "L" : "#L");
    } else if (percent(w, 60)) {
        put_value(w, WEEKDAY, v);
        put(w->line, "#%d", n);
    } else {
        put_range(w, WEEKDAY);
        put(w->line, "#%d", n);
    }
}

static void put_term(struct writer *w, enum field f)
{
    int kind = between(w, 0, 99);

    if (w->days_special && (f == DAY || f == WEEKDAY) && kind < 45) {
        if (f == DAY)
            put_day_special(w);
        else
            put_weekday_special(w);
        return;
    }
    if (kind < 55) {
        put_value(w, f, interesting(w, f));
    } else if (kind < 75) {
        put_range(w, f);
        if (percent(w, 40))
            put_step(w, f);
    } else if (kind < 82 && w->loose) {
        put_value(w, f, interesting(w, f));
        put_step(w, f);
    } else if (kind < 97) {
        put(w->line, "*");
        put_step(w, f);
    } else {
        put(w->line, "*");
    }
}

static void put_field(struct writer *w, enum field f, int star)
{
    if (percent(w, star)) {
        put(w->line, "*");
        return;
    }
    for (int more = percent(w, 30) ? between(w, 1, 4) : 0; more > 0; more--) {
        put_term(w, f);
        put(w->line, ",");
    }
    put_term(w, f);
}

static void put_blank(struct writer *w)
{
    put(w->line, percent(w, 98) ? " " : percent(w, 50) ? "\t" : "  ");
}

/* The two day fields and the month between them. */
static void put_dates(struct writer *w, bool one_question_mark)
{
    bool question_first = percent(w, 50);
    int star = percent(w, 40) ? 100 : 20;

    if (one_question_mark && question_first)
        put(w->line, "?");
    else if (!one_question_mark && w->dialect != DIALECT_VIXIE && percent(w, 5))
        put(w->line, "?");
    else
        put_field(w, DAY, star);
    put_blank(w);
    put_field(w, MONTH, percent(w, 50) ? 100 : 30);
    put_blank(w);
    if (one_question_mark && !question_first) {
        put(w->line, "?");
        return;
    }
    star = percent(w, 40) ? 100 : 20;
    if (!one_question_mark && w->dialect == DIALECT_AUTO && star == 20 && percent(w, 20))
        put(w->line, "+");
    else if (!one_question_mark && w->dialect != DIALECT_VIXIE && percent(w, 5)) {
        put(w->line, "?");
        return;
    }
    put_field(w, WEEKDAY, star);
}

static void put_years(struct writer *w)
{
    int from = between(w, 2000, 2060);

    put_blank(w);
    if (percent(w, 20))
        put_field(w, YEAR, 50);
    else if (percent(w, 50))
        put(w->line, "%d-%d", from, from + between(w, 0, 60));
    else
        put(w->line, "%d", from);
}

/* Half of them have a plain hour or minute, so that they are fixed-time. */
static void put_times(struct writer *w, bool seconds)
{
    bool fixed = percent(w, 60);

    if (seconds) {
        if (fixed && percent(w, 80))
            put(w->line, percent(w, 60) ? "0" : "%d", between(w, 0, 59));
        else
            put_field(w, SECOND, 15);
        put_blank(w);
    }
    if (fixed) {
        put_value(w, MINUTE, interesting(w, MINUTE));
        put_blank(w);
        put_value(w, HOUR, interesting(w, HOUR));
        return;
    }
    put_field(w, MINUTE, 20);
    put_blank(w);
    put_field(w, HOUR, 20);
}

static void put_cron(struct writer *w)
{
    int fields = w->dialect == DIALECT_VIXIE    ? 5
                 : w->dialect == DIALECT_QUARTZ ? between(w, 6, 7)
                 : percent(w, 60)               ? 5
                                                : between(w, 6, 7);

    put_times(w, fields > 5);
    put_blank(w);
    put_dates(w, w->dialect == DIALECT_QUARTZ);
    if (fields == 7)
        put_years(w);
}

static void put_aws(struct writer *w)
{
    put(w->line, "cron(");
    put_times(w, false);
    put_blank(w);
    put_dates(w, true);
    if (percent(w, 70))
        put(w->line, " *");
    else
        put_years(w);
    put(w->line, ")");
}

static void put_duration(struct writer *w)
{
    static const char *const some[] = {"1s",  "7s",    "90s", "1m",   "15m", "17m", "45m",
                                       "1h",  "1h30m", "2h",  "5h",   "1d",  "2w",  "1d1h",
                                       "36h", "1m30s", "61m", "100d", "13h"};

    put(w->line, "%s", dice_pick(w->dice, some, ARRAY_LEN(some)));
}

static void put_every(struct writer *w)
{
    put(w->line, "@every ");
    if (percent(w, 50)) {
        put_duration(w);
        if (percent(w, 30))
            put(w->line, "/1s");
        return;
    }
    put_duration(w);
    put(w->line, " from %02d:%02d to %02d:%02d", interesting(w, HOUR), interesting(w, MINUTE),
        interesting(w, HOUR), interesting(w, MINUTE));
    if (percent(w, 50)) {
        put(w->line, " on ");
        put_field(w, WEEKDAY, 5);
    }
}

static void put_at(struct writer *w, const struct place *p)
{
    const struct place *table = p;
    usec_t instant = random_instant(table, w->dice);
    int64_t second = floor_div(instant, USEC_PER_SEC);
    int64_t wall = second + p->spans[place_span(p, second)].offset +
                   (percent(w, 50) ? dice_between(w->dice, -7200, 7200) : 0);
    const struct day *d = day_at(floor_div(wall, DAY_SECONDS));
    int64_t clock = floor_mod(wall, DAY_SECONDS);

    if (d == NULL)
        return;
    put(w->line, "@at %04d-%02d-%02dT%02d:%02d:%02d", d->year, d->month, d->day,
        (int)(clock / 3600), (int)(clock / 60 % 60), (int)(clock % 60));
    if (percent(w, 30))
        put(w->line, percent(w, 50) ? "Z" : "+05:30");
    else if (percent(w, 30))
        put(w->line, " %s", p->name);
}

static void put_rate(struct writer *w)
{
    static const char *const units[] = {"minute", "hour", "day"};
    int n = between(w, 1, 100);

    put(w->line, "rate(%d %s%s)", n, dice_pick(w->dice, units, 3), n == 1 ? "" : "s");
}

static void put_form(struct writer *w, const struct place *p)
{
    static const char *const macros[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                         "@daily",  "@midnight", "@hourly"};
    int form = w->dialect == DIALECT_AUTO ? between(w, 0, 99) : 0;

    if (form < 78) {
        put_cron(w);
    } else if (form < 80) {
        put(w->line, "%s", dice_pick(w->dice, macros, ARRAY_LEN(macros)));
    } else if (form < 84) {
        put_every(w);
    } else if (form < 87) {
        put_at(w, p);
    } else if (form < 88) {
        put_rate(w);
    } else {
        w->dialect = DIALECT_QUARTZ;
        w->weekdays_from_1 = true;
        put_aws(w);
    }
}

/* Breaks what was written: a value out of range, an empty term, a step of 0, a word too many. */
static void break_text(struct dice *d, char text[static 256])
{
    static const char *const bad[] = {"60",   "5,", ",5", "*/0",  "1-",  "-1", "?",
                                      "5,,6", "x",  "1/", "L-31", "8#1", "6#6"};
    char copy[256], *blank;

    (void)snprintf(copy, sizeof copy, "%s", text);
    blank = strchr(copy, ' ');
    if (blank == NULL || dice_percent(d, 10))
        (void)snprintf(text, 256, "%.200s %s %s %s", copy, "1", "1", "1");
    else
        (void)snprintf(text, 256, "%.20s%.200s", dice_pick(d, bad, ARRAY_LEN(bad)), blank);
}

struct place *random_place(const struct expressions *e, struct dice *d)
{
    static const char *const odd[] = {
        "Europe/Berlin",      "America/New_York",     "Australia/Lord_Howe", "Pacific/Apia",
        "Africa/Casablanca",  "Antarctica/Troll",     "Europe/Dublin",       "America/Sao_Paulo",
        "Asia/Gaza",          "Antarctica/Casey",     "America/Nuuk",        "Africa/Cairo",
        "Pacific/Kwajalein",  "Pacific/Kiritimati",   "Africa/Monrovia",     "America/Santiago",
        "Asia/Tehran",        "America/Havana",       "Asia/Beirut",         "Asia/Pyongyang",
        "Asia/Kathmandu",     "America/Caracas",      "Pacific/Easter",      "Antarctica/Davis",
        "Antarctica/Vostok",  "Antarctica/Macquarie", "Africa/El_Aaiun",     "Pacific/Chatham",
        "Asia/Amman",         "America/St_Johns",     "Europe/Lisbon",       "Europe/Volgograd",
        "Antarctica/Rothera", "America/Asuncion",     "Africa/Juba",         "UTC",
    };
    struct place *p = NULL;

    while (p == NULL || (size_t)(p - e->places->list) % e->parts != e->part)
        p = dice_percent(d, 50)
                ? places_named(e->places, dice_pick(d, odd, ARRAY_LEN(odd)))
                : &e->places->list[dice_between(d, 0, (int64_t)e->places->count - 1)];
    (void)places_table(e->places, p);
    return p;
}

static enum dialect random_dialect(struct dice *d)
{
    int64_t n = dice_between(d, 0, 99);

    return n < 64 ? DIALECT_AUTO : n < 78 ? DIALECT_QUARTZ : n < 90 ? DIALECT_VIXIE : DIALECT_OCPS;
}

/* An instant an hour or less beside a change of the clock. */
static usec_t random_seam(const struct place *table, struct dice *d)
{
    int64_t aside = 60 * dice_between(d, -60, 60);

    if (table->count == 1)
        return 0;
    return (table->spans[dice_between(d, 1, (int64_t)table->count - 1)].start + aside) *
           USEC_PER_SEC;
}

void random_question(const struct expressions *e, struct dice *d, struct question *ret)
{
    struct line line = {ret->text, sizeof ret->text};
    struct writer w = {.dice = d, .line = &line, .dialect = random_dialect(d)};

    *ret = (struct question){.place = random_place(e, d)};
    ret->options.dialect = w.dialect;
    ret->options.dst_gap = dice_percent(d, 80) ? DST_GAP_RUN_AFTER : DST_GAP_SKIP;
    ret->options.dst_overlap = dice_percent(d, 80) ? DST_OVERLAP_FIRST : DST_OVERLAP_BOTH;
    ret->options.zone = ret->place->name;
    ret->seam = random_seam(ret->place, d);
    w.seam = floor_div(ret->seam, USEC_PER_SEC) +
             ret->place->spans[place_span(ret->place, floor_div(ret->seam, USEC_PER_SEC))].offset;
    w.weekdays_from_1 = w.dialect == DIALECT_QUARTZ;
    w.loose = w.dialect == DIALECT_AUTO || w.dialect == DIALECT_QUARTZ;
    w.days_special = w.dialect != DIALECT_VIXIE;
    if (dice_percent(d, 3)) {
        put(&line, "%s=%s ", dice_percent(d, 50) ? "TZ" : "CRON_TZ", ret->place->name);
        ret->options.zone = dice_percent(d, 50) ? NULL : ret->options.zone;
    }
    put_form(&w, ret->place);
    if (dice_percent(d, 2))
        break_text(d, ret->text);
}

static usec_t near_change(const struct place *table, struct dice *d)
{
    size_t i = (size_t)dice_between(d, 1, (int64_t)table->count - 1);
    int64_t at = table->spans[i].start;

    switch (dice_between(d, 0, 5)) {
    case 0:
        return (at + dice_between(d, -1, 1)) * USEC_PER_SEC + dice_between(d, -1, 1);
    case 1:
        return (at + dice_between(d, -14400, 14400)) * USEC_PER_SEC + dice_between(d, 0, 999999);
    case 2:
        return (at + 60 * dice_between(d, -240, 240)) * USEC_PER_SEC;
    default:
        return (at + dice_between(d, -2 * DAY_SECONDS, 2 * DAY_SECONDS)) * USEC_PER_SEC;
    }
}

usec_t random_instant(const struct place *table, struct dice *d)
{
    int64_t last = (day_number(LAST_YEAR, 12, 31) + 1) * DAY_SECONDS;

    if (table->count > 1 && dice_percent(d, 70))
        return near_change(table, d);
    if (dice_percent(d, 2))
        return (dice_percent(d, 50) ? 0 : last) * USEC_PER_SEC +
               dice_between(d, -DAY_SECONDS * USEC_PER_SEC, DAY_SECONDS * USEC_PER_SEC);
    return dice_between(d, 0, last * USEC_PER_SEC);
}
