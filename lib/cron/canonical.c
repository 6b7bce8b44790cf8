/*
 * The canonical text of an expression: one spelling for one meaning. Values are numbers in rising order; runs of
 * three or more become ranges, evenly spaced values a range with a step; a star term, which makes a
 * schedule interval-like, is kept as the smallest step that the field's values hold.
 */
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/expression.h"

enum { LAST_BIT = 31, SECONDS_A_DAY = 86400 };

/* The values of one field, as bits from 0. */
struct set {
    uint64_t words[4];
    int min, top; /* lowest and highest bit of the field */
    int shown;    /* added to a bit to show it */
};

static bool has(const struct set *s, int bit)
{
    return bit <= s->top && (s->words[bit / 64] >> bit % 64 & 1);
}

static void drop(struct set *s, int bit)
{
    s->words[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

static int next(const struct set *s, int bit)
{
    while (bit <= s->top && !has(s, bit))
        bit++;
    return bit;
}

static struct set set_of(const struct fields *f, enum field field, bool weekdays_from_one)
{
    switch (field) {
    case FIELD_SECOND:
        return (struct set){.words = {f->seconds}, .top = 59};
    case FIELD_MINUTE:
        return (struct set){.words = {f->minutes}, .top = 59};
    case FIELD_HOUR:
        return (struct set){.words = {f->hours}, .top = 23};
    case FIELD_DAY:
        return (struct set){.words = {f->days}, .min = 1, .top = 31};
    case FIELD_MONTH:
        return (struct set){.words = {f->months}, .min = 1, .top = 12};
    case FIELD_WEEKDAY:
        return (struct set){.words = {f->weekdays}, .top = 6, .shown = weekdays_from_one};
    case FIELD_YEAR:
    case FIELD_COUNT:
        break;
    }
    return (struct set){
        .words = {f->years[0], f->years[1], f->years[2], f->years[3]},
        .top = YEAR_LAST - YEAR_FIRST,
        .shown = YEAR_FIRST,
    };
}

static void comma(struct buf *out, size_t start)
{
    if (out->len > start)
        buf_add_char(out, ',');
}

/* The smallest n of which the set holds all of a star stepped by n; the star's values are dropped. */
static int take_star(struct set *s)
{
    int step = 1;

    for (int bit = s->min; bit <= s->top; bit += step) {
        if (!has(s, bit)) {
            step++;
            bit = s->min - step;
        }
    }
    for (int bit = s->min; bit <= s->top; bit += step)
        drop(s, bit);
    return step;
}

/* The step between all values; 0 when they are not evenly spaced, or fewer than three. */
static int even_step(const struct set *s, int *first, int *last)
{
    int step = 0, count = 0;

    *first = *last = next(s, s->min);
    for (int bit = *first; bit <= s->top; bit = next(s, bit + 1)) {
        if (count == 1)
            step = bit - *last;
        else if (count > 1 && bit - *last != step)
            return 0;
        *last = bit;
        count++;
    }
    return count >= 3 ? step : 0;
}

static void add_values(const struct set *s, struct buf *out, size_t start)
{
    int first, last, step = even_step(s, &first, &last);

    if (step > 1) {
        comma(out, start);
        buf_printf(out, "%d-%d/%d", first + s->shown, last + s->shown, step);
        return;
    }
    for (int bit = next(s, s->min); bit <= s->top; bit = next(s, last + 1)) {
        for (last = bit; has(s, last + 1);)
            last++;
        if (last == bit + 1)
            last = bit;
        comma(out, start);
        buf_printf(out, last > bit ? "%d-%d" : "%d", bit + s->shown, last + s->shown);
    }
}

static void add_special_days(const struct fields *f, struct buf *out, size_t start)
{
    for (int before = 0; before <= 30; before++) {
        for (int near = 0; near < 2; near++) {
            uint32_t set = near ? f->last_near_days : f->last_days;

            if (!(set >> (LAST_BIT - before) & 1))
                continue;
            comma(out, start);
            buf_add_char(out, 'L');
            if (before > 0)
                buf_printf(out, "-%d", before);
            buf_add_text(out, near ? "W" : "");
        }
    }
    for (int day = 1; day <= 31; day++) {
        if (f->near_days >> day & 1) {
            comma(out, start);
            buf_printf(out, "%dW", day);
        }
    }
}

static void add_special_weekdays(const struct fields *f, int shown, struct buf *out, size_t start)
{
    for (int i = 0; i < 7 * 6; i++) {
        int day = i / 6, nth = i % 6; /* 5: the last */
        uint8_t set = nth == 5 ? f->last_weekdays : f->nth_weekdays[nth];

        if (!(set >> day & 1))
            continue;
        comma(out, start);
        buf_printf(out, nth == 5 ? "%dL" : "%d#%d", day + shown, nth + 1);
    }
}

bool field_is_full(const struct fields *f, enum field field)
{
    struct set s = set_of(f, field, false);
    bool is_time = field == FIELD_SECOND || field == FIELD_MINUTE || field == FIELD_HOUR;

    for (int bit = s.min; bit <= s.top; bit++)
        if (!has(&s, bit))
            return false;
    return !is_time || f->stars >> field & 1;
}

static void add_field(const struct fields *f, enum field field, enum dialect dialect,
                      struct buf *out)
{
    struct set s = set_of(f, field, dialect == DIALECT_QUARTZ);
    bool is_day = field == FIELD_DAY || field == FIELD_WEEKDAY;
    bool star = f->stars >> field & 1;
    size_t start = out->len;

    if (field_is_full(f, field) && !(is_day && f->days_ored)) {
        buf_add_char(out, '*');
        return;
    }
    /* To crond a day field that starts with a star is another thing. */
    if (star && !(is_day && f->days_ored && dialect == DIALECT_VIXIE))
        buf_printf(out, "*/%d", take_star(&s));
    add_values(&s, out, start);
    if (field == FIELD_DAY)
        add_special_days(f, out, start);
    if (field == FIELD_WEEKDAY)
        add_special_weekdays(f, s.shown, out, start);
}

/* Quartz wants a `?` in exactly one of them; elsewhere both restricted and both wanted is a `+`. */
static void add_day_fields(const struct fields *f, enum dialect dialect, struct buf *out)
{
    bool any_day = field_is_full(f, FIELD_DAY), any_weekday = field_is_full(f, FIELD_WEEKDAY);
    bool both = !f->days_ored && !any_day && !any_weekday;

    if (dialect == DIALECT_QUARTZ && !any_weekday)
        buf_add_char(out, '?');
    else
        add_field(f, FIELD_DAY, dialect, out);
    buf_add_char(out, ' ');
    add_field(f, FIELD_MONTH, dialect, out);
    buf_add_char(out, ' ');
    if (both && dialect != DIALECT_VIXIE)
        buf_add_char(out, '+');
    if (dialect == DIALECT_QUARTZ && any_weekday)
        buf_add_char(out, '?');
    else
        add_field(f, FIELD_WEEKDAY, dialect, out);
}

static void add_fields(const struct fields *f, enum dialect dialect, struct buf *out)
{
    bool every_year = field_is_full(f, FIELD_YEAR);
    bool whole_minutes = f->seconds == 1 && !(f->stars >> FIELD_SECOND & 1);

    if (!whole_minutes || !every_year || dialect == DIALECT_QUARTZ) {
        add_field(f, FIELD_SECOND, dialect, out);
        buf_add_char(out, ' ');
    }
    add_field(f, FIELD_MINUTE, dialect, out);
    buf_add_char(out, ' ');
    add_field(f, FIELD_HOUR, dialect, out);
    buf_add_char(out, ' ');
    add_day_fields(f, dialect, out);
    if (!every_year) {
        buf_add_char(out, ' ');
        add_field(f, FIELD_YEAR, dialect, out);
    }
}

void duration_format(int64_t seconds, struct buf *out)
{
    static const struct {
        char unit;
        int seconds;
    } units[] = {{'d', SECONDS_A_DAY}, {'h', 3600}, {'m', 60}, {'s', 1}};

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (seconds >= units[i].seconds)
            buf_printf(out, "%lld%c", (long long)(seconds / units[i].seconds), units[i].unit);
        seconds %= units[i].seconds;
    }
}

static void add_clock(int32_t seconds, struct buf *out)
{
    buf_printf(out, "%02d:%02d", seconds / 3600 % 24, seconds / 60 % 60);
}

static void add_daily(const struct daily *d, enum dialect dialect, struct buf *out)
{
    buf_add_text(out, "@every ");
    duration_format(d->period, out);
    buf_add_text(out, " from ");
    add_clock(d->from, out);
    buf_add_text(out, " to ");
    add_clock(d->to, out);
    if (field_is_full(&d->days, FIELD_WEEKDAY))
        return;
    buf_add_text(out, " on ");
    add_field(&d->days, FIELD_WEEKDAY, dialect, out);
}

static void add_every(const struct every *e, struct buf *out)
{
    buf_add_text(out, "@every ");
    duration_format(e->period, out);
    if (e->phase == 0)
        return;
    buf_add_char(out, '/');
    duration_format(e->phase, out);
}

void expression_format(const struct expression *e, enum dialect dialect, struct buf *out)
{
    char text[RFC3339_TEXT];

    switch (e->form) {
    case FORM_FIELDS:
        add_fields(&e->fields, dialect, out);
        break;
    case FORM_EVERY:
        add_every(&e->every, out);
        break;
    case FORM_DAILY:
        add_daily(&e->daily, dialect, out);
        break;
    case FORM_INSTANT:
        buf_printf(out, "@at %s", rfc3339_format(e->instant, text));
        break;
    case FORM_WALL:
        buf_printf(out, "@at %.19s", rfc3339_format(e->wall * USEC_PER_SEC, text));
        break;
    }
}
