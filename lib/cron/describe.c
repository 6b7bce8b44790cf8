/*
 * An expression in plain English: when in the day, on which days, in which months and years.
 *
 *   30 2 LW * *           at 02:30 on the last weekday of every month
 *   0-30/10 9-17 * * 1-5  at minutes 0, 10, 20 and 30 of hours 9 to 17 on Monday to Friday
 */
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/expression.h"

enum { CLOCKS_MAX = 6, LAST_BIT = 31 };

static const char *const month_names[] = {"",        "January",  "February", "March",  "April",
                                          "May",     "June",     "July",     "August", "September",
                                          "October", "November", "December"};
static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

/* 1st, 2nd, 3rd, 4th ... */
static const char *ordinal(int n, char text[16])
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    int last = n % 10 <= 3 && n / 10 != 1 ? n % 10 : 0;

    (void)snprintf(text, 16, "%d%s", n, ends[last]);
    return text;
}

/* --- lists: "a, b and c" --- */

struct list {
    struct buf *out;
    size_t last; /* where its last item starts in out */
    int count;
};

static struct list list_start(struct buf *out)
{
    return (struct list){.out = out, .last = out->len};
}

static void list_add(struct list *l, const char *item)
{
    if (l->count++ > 0)
        buf_add_text(l->out, ", ");
    l->last = l->out->len;
    buf_add_text(l->out, item);
}

/* The last comma becomes "and". */
static void list_end(struct list *l)
{
    SCOPED(text) char *last = xstrdup(buf_text(l->out) + l->last);

    if (l->count < 2)
        return;
    l->out->len = l->last - 2;
    buf_printf(l->out, " and %s", last);
}

static const char *value_name(enum field field, int value, char text[16])
{
    if (field == FIELD_MONTH)
        return month_names[value];
    if (field == FIELD_WEEKDAY)
        return day_names[value];
    (void)snprintf(text, 16, "%d", value);
    return text;
}

static int bits(uint64_t set)
{
    return __builtin_popcountll(set);
}

static int lowest(uint64_t set)
{
    return __builtin_ctzll(set);
}

static bool has(uint64_t set, int bit)
{
    return set >> bit & 1;
}

/* Values as words; three or more in a row as "9 to 17". */
static void add_values(struct list *l, enum field field, uint64_t set)
{
    for (int from = 0; from < 64; from++) {
        char a[16], b[16], text[48];
        int to = from;

        if (!has(set, from))
            continue;
        while (has(set, to + 1))
            to++;
        if (to < from + 2)
            to = from;
        (void)snprintf(text, sizeof text, to > from ? "%s to %s" : "%s", value_name(field, from, a),
                       value_name(field, to, b));
        list_add(l, text);
        from = to;
    }
}

static void add_set(struct buf *out, enum field field, uint64_t set)
{
    struct list l = list_start(out);

    add_values(&l, field, set);
    list_end(&l);
}

/* --- when in the day --- */

/* n where the set is every n-th value from 0, n dividing the circle; else 0. */
static int even_step(uint64_t set, int circle)
{
    int step = bits(set) > 1 && (set & 1) ? lowest(set & ~UINT64_C(1)) : 0;

    if (step == 0 || circle % step != 0)
        return 0;
    for (int value = 0; value < circle; value++)
        if (has(set, value) != (value % step == 0))
            return 0;
    return step;
}

static void add_every(struct buf *out, const char *unit, int step)
{
    if (step == 1)
        buf_printf(out, "every %s", unit);
    else
        buf_printf(out, "every %d %ss", step, unit);
}

/* "at 02:30 and 14:30", when there are few */
static bool describe_clocks(const struct fields *f, struct buf *out)
{
    struct list l;

    if (bits(f->seconds) * bits(f->minutes) * bits(f->hours) > CLOCKS_MAX)
        return false;
    buf_add_text(out, "at ");
    l = list_start(out);
    for (uint64_t hours = f->hours; hours != 0; hours &= hours - 1)
        for (uint64_t minutes = f->minutes; minutes != 0; minutes &= minutes - 1)
            for (uint64_t seconds = f->seconds; seconds != 0; seconds &= seconds - 1) {
                char text[32];

                (void)snprintf(text, sizeof text, f->seconds == 1 ? "%02d:%02d" : "%02d:%02d:%02d",
                               lowest(hours), lowest(minutes), lowest(seconds));
                list_add(&l, text);
            }
    list_end(&l);
    return true;
}

static void add_unit(struct buf *out, const char *unit, enum field field, uint64_t set)
{
    buf_printf(out, bits(set) == 1 ? "%s " : "%ss ", unit);
    add_set(out, field, set);
}

/* Seconds that are not just 0. Answers whether it says "every so many seconds". */
static bool describe_seconds(const struct fields *f, struct buf *out)
{
    int step = even_step(f->seconds, 60);

    if (step > 0) {
        add_every(out, "second", step);
        return true;
    }
    buf_add_text(out, "at ");
    add_unit(out, "second", FIELD_SECOND, f->seconds);
    return false;
}

/* Answers whether "of every hour" goes without saying. */
static bool describe_minutes(const struct fields *f, struct buf *out)
{
    int step = even_step(f->minutes, 60);
    bool repeats = false;

    if (f->seconds != 1)
        repeats = describe_seconds(f, out);
    if (step == 1 && repeats)
        return true;
    if (f->seconds != 1)
        buf_add_text(out, " of ");
    else if (step == 0)
        buf_add_text(out, "at ");
    if (step > 0)
        add_every(out, "minute", step);
    else
        add_unit(out, "minute", FIELD_MINUTE, f->minutes);
    return step > 0;
}

/* Answers whether it names times of the day. */
static bool describe_time(const struct fields *f, struct buf *out)
{
    int step = even_step(f->hours, 24);
    char nth[16];
    bool implied;

    if (describe_clocks(f, out))
        return true;
    if (f->seconds == 1 && f->minutes == 1 && step > 0) {
        add_every(out, "hour", step);
        return false;
    }
    implied = describe_minutes(f, out);
    if (step == 1 && implied)
        return false;
    buf_add_text(out, " of ");
    if (step > 1)
        buf_printf(out, "every %s hour", ordinal(step, nth));
    else if (step == 1)
        buf_add_text(out, "every hour");
    else
        add_unit(out, "hour", FIELD_HOUR, f->hours);
    return false;
}

/* --- on which days --- */

static void add_last_days(struct list *l, uint32_t set, const char *kind, const char *nearest)
{
    for (int before = 0; before <= 30; before++) {
        char text[64], nth[16];

        if (!has(set, LAST_BIT - before))
            continue;
        if (before == 0)
            (void)snprintf(text, sizeof text, "the last %s", kind);
        else
            (void)snprintf(text, sizeof text, "%sthe %s day before the last", nearest,
                           ordinal(before, nth));
        list_add(l, text);
    }
}

static void describe_days(const struct fields *f, struct buf *out)
{
    struct list l;

    if (f->days != 0)
        buf_add_text(out, bits(f->days) == 1 ? "day " : "days ");
    l = list_start(out);
    add_values(&l, FIELD_DAY, f->days);
    add_last_days(&l, f->last_days, "day", "");
    add_last_days(&l, f->last_near_days, "weekday", "the weekday nearest ");
    for (uint32_t near = f->near_days; near != 0; near &= near - 1) {
        char text[48];

        (void)snprintf(text, sizeof text, "the weekday nearest day %d", lowest(near));
        list_add(&l, text);
    }
    list_end(&l);
}

/* "the 2nd Tuesday"; plain weekdays without a "the". Answers whether any speaks of the month. */
static bool describe_weekdays(const struct fields *f, struct buf *out)
{
    struct list l = list_start(out);
    bool of_month = false;

    add_values(&l, FIELD_WEEKDAY, f->weekdays);
    for (int nth = 0; nth < 6; nth++) {
        uint8_t set = nth < 5 ? f->nth_weekdays[nth] : f->last_weekdays;

        for (; set != 0; set &= (uint8_t)(set - 1)) {
            char text[48], place[16];

            (void)snprintf(text, sizeof text, "the %s %s",
                           nth < 5 ? ordinal(nth + 1, place) : "last", day_names[lowest(set)]);
            list_add(&l, text);
            of_month = true;
        }
    }
    list_end(&l);
    return of_month;
}

static void describe_months(const struct fields *f, bool of_month, struct buf *out)
{
    if (field_is_full(f, FIELD_MONTH)) {
        buf_add_text(out, of_month ? " of every month" : "");
        return;
    }
    buf_add_text(out, of_month ? " of " : " in ");
    add_set(out, FIELD_MONTH, f->months);
}

static void describe_years(const struct fields *f, struct buf *out)
{
    struct list l;

    if (field_is_full(f, FIELD_YEAR))
        return;
    buf_add_text(out, " in ");
    l = list_start(out);
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++) {
        int to = year - YEAR_FIRST;
        char text[32];

        while (to <= YEAR_LAST - YEAR_FIRST && has(f->years[to / 64], to % 64))
            to++;
        if (to == year - YEAR_FIRST)
            continue;
        to = to + YEAR_FIRST - 1 < year + 2 ? year : to + YEAR_FIRST - 1;
        (void)snprintf(text, sizeof text, to > year ? "%d to %d" : "%d", year, to);
        list_add(&l, text);
        year = to;
    }
    list_end(&l);
}

static void describe_fields(const struct fields *f, struct buf *out)
{
    bool any_day = field_is_full(f, FIELD_DAY) && !f->days_ored;
    bool any_weekday = field_is_full(f, FIELD_WEEKDAY) && !f->days_ored;
    bool clocks = describe_time(f, out), of_month = !any_day && any_weekday;

    if (!any_day || !any_weekday)
        buf_add_text(out, " on ");
    else if (clocks)
        buf_add_text(out, " every day");
    if (!any_day)
        describe_days(f, out);
    if (!any_day && !any_weekday)
        buf_add_text(out, f->days_ored ? " of the month or on " : " of the month if it is ");
    if (!any_weekday)
        of_month = describe_weekdays(f, out) && any_day;
    describe_months(f, of_month, out);
    describe_years(f, out);
}

/* --- the other forms --- */

static void describe_every(const struct every *e, struct buf *out)
{
    buf_add_text(out, "every ");
    duration_format(e->period, out);
    buf_add_text(out, " of elapsed time");
    if (e->phase == 0)
        return;
    buf_add_text(out, ", ");
    duration_format(e->phase, out);
    buf_add_text(out, " after each multiple");
}

static void describe_daily(const struct daily *d, struct buf *out)
{
    int to = d->to % 86400;

    buf_add_text(out, "every ");
    duration_format(d->period, out);
    buf_printf(out, " from %02d:%02d to %02d:%02d%s", d->from / 3600, d->from / 60 % 60, to / 3600,
               to / 60 % 60, d->to >= 86400 ? " of the next day" : "");
    if (field_is_full(&d->days, FIELD_WEEKDAY))
        return;
    buf_add_text(out, " on ");
    if (describe_weekdays(&d->days, out))
        buf_add_text(out, " of every month");
}

void expression_describe(const struct expression *e, struct buf *out)
{
    char text[RFC3339_TEXT];

    switch (e->form) {
    case FORM_FIELDS:
        describe_fields(&e->fields, out);
        break;
    case FORM_EVERY:
        describe_every(&e->every, out);
        break;
    case FORM_DAILY:
        describe_daily(&e->daily, out);
        break;
    case FORM_INSTANT:
        buf_printf(out, "once, at %s", rfc3339_format(e->instant, text));
        break;
    case FORM_WALL:
        buf_printf(out, "once, at %.19s", rfc3339_format(e->wall * USEC_PER_SEC, text));
        break;
    }
}

/* --- changes of the clock --- */

static const char *clock_text(usec_t wall, char text[16])
{
    struct civil c = civil_of(wall);

    (void)snprintf(text, 16, c.second == 0 ? "%02d:%02d" : "%02d:%02d:%02d", c.hour, c.minute,
                   c.second);
    return text;
}

void clock_change_describe(const struct clock_change *c, struct buf *out)
{
    static const struct {
        const char *one, *several;
    } texts[] = {
        [CHANGE_SKIPS] = {"does not exist, does not run", "and others do not exist, do not run"},
        [CHANGE_MOVES] = {"does not exist, runs at ", "and others do not exist, run once at "},
        [CHANGE_ONCE] = {"comes twice, runs the first time",
                         "and others come twice, run the first time"},
        [CHANGE_TWICE] = {"comes twice, runs twice", "and others come twice, run twice"},
    };
    struct civil day = civil_of(c->nominal);
    char text[16];

    buf_printf(out, "%04d-%02d-%02d: %s %s", day.year, day.month, day.day,
               clock_text(c->nominal, text),
               c->several ? texts[c->effect].several : texts[c->effect].one);
    if (c->effect == CHANGE_MOVES)
        buf_add_text(out, clock_text(c->resumes, text));
}
