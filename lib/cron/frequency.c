/*
 * The zone's spans of constant offset are cut into pieces of local days. In a piece the wall clock runs evenly, so what is due
 * in it is a difference of two ranks. Two kinds of instants are no such matter, for the rules of clock changes decide about
 * them: the first one after a gap, and the second pass of an overlap. There the engine itself is asked.
 */
#include "cron/frequency.h"

#include "base/rfc3339.h"
#include "cron/expression.h"

enum { DAY_SECONDS = 86400, DAYS_MAX = 366, MONTHS = 12 };

struct tally {
    const struct schedule *s;
    const struct expression *expression;
    int64_t first, end;        /* days since 1970: the twelve months */
    int64_t counts[DAYS_MAX];  /* of each day */
    bool has_change[DAYS_MAX]; /* the clock changes on it */
    int64_t asked, found;      /* no wall time of the fields lies between them */
};

/* --- a part of a day --- */

static int64_t bits_below(uint64_t bits, int64_t limit)
{
    return __builtin_popcountll(bits & ((UINT64_C(1) << limit) - 1));
}

/* How many of the times of the day are earlier than `second` of it, 0 to 86400. */
static int64_t times_before(const struct fields *f, int64_t second)
{
    int64_t seconds = __builtin_popcountll(f->seconds), minutes = __builtin_popcountll(f->minutes);
    int64_t hour = second / 3600, minute = second / 60 % 60;
    int64_t count = bits_below(f->hours, hour) * minutes * seconds;

    if ((f->hours >> hour & 1) == 0)
        return count;
    count += bits_below(f->minutes, minute) * seconds;
    if ((f->minutes >> minute & 1) == 0)
        return count;
    return count + bits_below(f->seconds, second % 60);
}

/* Is any time of the day? */
static bool has_day(struct tally *t, const struct fields *f, int64_t midnight)
{
    if (midnight < t->asked || midnight > t->found) {
        t->asked = midnight;
        t->found = fields_first(f, midnight);
    }
    return t->found < midnight + DAY_SECONDS;
}

static int64_t count_fields(struct tally *t, int64_t from, int64_t to)
{
    const struct fields *f = &t->expression->fields;
    int64_t midnight = from / DAY_SECONDS * DAY_SECONDS;

    if (!has_day(t, f, midnight))
        return 0;
    return times_before(f, to - midnight) - times_before(f, from - midnight);
}

/* How many steps of the run that starts on the day are earlier than `wall`. */
static int64_t steps_before(const struct daily *d, int64_t day, int64_t wall)
{
    int64_t since = MIN(wall, WALL_LAST + 1) - (day * DAY_SECONDS + d->from);

    if (since <= 0 || day < 0 || !daily_starts_on(d, day))
        return 0;
    return MIN((since - 1) / d->period, (d->to - d->from) / d->period) + 1;
}

static int64_t count_daily(const struct daily *d, int64_t from, int64_t to)
{
    int64_t today = from / DAY_SECONDS, count = 0;

    for (int64_t day = today - 1; day <= today; day++)
        count += steps_before(d, day, to) - steps_before(d, day, from);
    return count;
}

/* How many multiples are earlier than the instant. */
static int64_t periods_before(const struct every *e, int64_t at)
{
    int64_t since = MIN(at, WALL_LAST + 1) - e->phase;

    return since <= 0 ? 0 : (since - 1) / e->period + 1;
}

/* How many wall times from <= t < to are due, all of one day, where wall time is UTC + offset. */
static int64_t count_piece(struct tally *t, int64_t from, int64_t to, int32_t offset)
{
    const struct expression *e = t->expression;
    int64_t second;

    switch (e->form) {
    case FORM_FIELDS:
        return count_fields(t, from, to);
    case FORM_DAILY:
        return count_daily(&e->daily, from, to);
    case FORM_EVERY:
        return periods_before(&e->every, to - offset) - periods_before(&e->every, from - offset);
    case FORM_INSTANT:
        second = e->instant / USEC_PER_SEC - (e->instant % USEC_PER_SEC < 0) + offset;
        return second >= from && second < to;
    case FORM_WALL:
        break;
    }
    return e->wall >= from && e->wall < to;
}

/* --- spans --- */

static bool is_elapsed(const struct expression *e)
{
    return e->form == FORM_EVERY || e->form == FORM_INSTANT;
}

static bool is_counted(const struct tally *t, int64_t day)
{
    return day >= t->first && day < t->end;
}

static void note_change(struct tally *t, int64_t wall)
{
    int64_t day = wall / DAY_SECONDS - (wall % DAY_SECONDS < 0);

    if (is_counted(t, day))
        t->has_change[day - t->first] = true;
}

/* Instants of the span before `until`, one by one. */
static void count_singly(struct tally *t, const struct zone_span *v, int64_t until)
{
    struct occurrence o = {.at = v->start * USEC_PER_SEC - 1};

    while (schedule_next(t->s, o.at, &o) == RC_OK && o.at < until * USEC_PER_SEC) {
        int64_t day = (o.at / USEC_PER_SEC + v->offset) / DAY_SECONDS;

        if (is_counted(t, day))
            t->counts[day - t->first]++;
    }
}

/* The instants of the span from `start` on, day by day. */
static void count_evenly(struct tally *t, const struct zone_span *v, int64_t start)
{
    int64_t from = MAX(start + v->offset, t->first * DAY_SECONDS);
    int64_t end = MIN(v->end + v->offset, t->end * DAY_SECONDS);

    while (from < end) {
        int64_t day = from / DAY_SECONDS, to = MIN((day + 1) * DAY_SECONDS, end);

        t->counts[day - t->first] += count_piece(t, from, to, v->offset);
        from = to;
    }
}

static void count_span(struct tally *t, const struct zone_span *v)
{
    int64_t even = v->start;

    if (v->shift != 0) {
        note_change(t, v->start + v->offset);
        note_change(t, v->start + v->offset - v->shift - 1);
    }
    if (v->shift != 0 && !is_elapsed(t->expression)) {
        even = MIN(even + (v->shift > 0 ? 1 : -v->shift), v->end);
        count_singly(t, v, even);
    }
    count_evenly(t, v, even);
}

static void count_spans(struct tally *t)
{
    const int64_t margin = INT64_C(2) * DAY_SECONDS;
    size_t count;
    const struct zone *z = schedule_zone_of(t->s);
    const struct zone_span *spans = zone_spans(z, &count);
    size_t i = zone_span_of(z, t->first * DAY_SECONDS - margin);

    for (; i < count && spans[i].start < t->end * DAY_SECONDS + margin; i++)
        count_span(t, &spans[i]);
}

/* --- the twelve months --- */

static struct civil month_of(const struct schedule *s, usec_t from)
{
    usec_t at = MIN(MAX(from, 0), WALL_LAST * USEC_PER_SEC);

    return civil_of(MAX(at + zone_offset_at(schedule_zone_of(s), at) * USEC_PER_SEC, 0));
}

static int64_t most_per_day(const struct tally *t)
{
    int64_t most = 0, most_of_all = 0;

    for (int64_t i = 0; i < t->end - t->first; i++) {
        most_of_all = MAX(most_of_all, t->counts[i]);
        if (!t->has_change[i])
            most = MAX(most, t->counts[i]);
    }
    return most > 0 ? most : most_of_all;
}

struct frequency frequency_of(const struct schedule *s, usec_t from)
{
    struct civil c = month_of(s, from);
    struct tally t = {.s = s, .expression = schedule_expression(s), .asked = INT64_MAX};
    struct frequency ret = {0};
    int64_t day = 0;

    t.first = civil_to_days(c.year, c.month, 1);
    t.end = civil_to_days(c.year + 1, c.month, 1);
    count_spans(&t);
    ret.per_day = most_per_day(&t);
    for (int i = 0; i < MONTHS; i++) {
        int month = c.month + i, year = c.year + (month > MONTHS);
        int64_t count = 0, end = day + civil_month_days(year, (month - 1) % MONTHS + 1);

        while (day < end)
            count += t.counts[day++];
        ret.per_month = MAX(ret.per_month, count);
        ret.per_year += count;
    }
    return ret;
}
