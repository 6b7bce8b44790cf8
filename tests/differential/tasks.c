#include "differential/tasks.h"

#include <stdio.h>

static const char *const weekdays[] = {"SUN", "mon", "Tue", "WED", "thu", "FRI", "sat"};

/* The day, in UTC, around which calendars and windows have their limits. */
static int64_t day_around(const struct task *t)
{
    return floor_div(t->around, USEC_PER_DAY);
}

static void set_date(struct rule *r, struct dice *d, int64_t day)
{
    const struct day *first, *last;

    r->first = day + dice_between(d, -6, 6);
    r->last =
        r->first + (r->kind == RULE_RANGE ? dice_between(d, 0, dice_percent(d, 80) ? 9 : 400) : 0);
    first = day_at(r->first);
    last = day_at(r->last);
    if (!day_counts(r->first) || !day_counts(r->last))
        *r = (struct rule){.kind = RULE_WEEKDAY, .text = "SUN"};
    else if (r->kind == RULE_DATE)
        (void)snprintf(r->text, sizeof r->text, "%04d-%02d-%02d", first->year, first->month,
                       first->day);
    else
        (void)snprintf(r->text, sizeof r->text, "%04d-%02d-%02d/%04d-%02d-%02d", first->year,
                       first->month, first->day, last->year, last->month, last->day);
}

static void set_yearly(struct rule *r, struct dice *d, int64_t day)
{
    const struct day *near = day_at(day + dice_between(d, -3, 3));
    bool leap = near == NULL || dice_percent(d, 10);

    r->month = leap ? 2 : near->month;
    r->day = leap ? 29 : near->day;
    (void)snprintf(r->text, sizeof r->text, "%02d-%02d", r->month, r->day);
}

static void set_weekday(struct rule *r, struct dice *d)
{
    int number = (int)dice_between(d, 0, 7);

    r->weekday = number % 7;
    r->nth = (int)dice_between(d, 0, 5);
    if (r->kind == RULE_WEEKDAY && dice_percent(d, 30))
        (void)snprintf(r->text, sizeof r->text, "%d", number);
    else if (r->kind == RULE_WEEKDAY)
        (void)snprintf(r->text, sizeof r->text, "%s", weekdays[r->weekday]);
    else if (r->nth == 0)
        (void)snprintf(r->text, sizeof r->text, "%s#L", weekdays[r->weekday]);
    else
        (void)snprintf(r->text, sizeof r->text, "%s#%d", weekdays[r->weekday], r->nth);
}

/* Minutes of a day, often of whole hours; 24:00 as an end only. */
static void random_hours(struct dice *d, int *ret_from, int *ret_to)
{
    int unit = dice_percent(d, 70) ? 60 : 1;

    do {
        *ret_from = unit * (int)dice_between(d, 0, 24 * 60 / unit - 1);
        *ret_to = unit * (int)dice_between(d, 0, 24 * 60 / unit);
    } while (*ret_from == *ret_to);
}

static void set_hours(struct rule *r, struct dice *d)
{
    random_hours(d, &r->from, &r->to);
    (void)snprintf(r->text, sizeof r->text, "%02d:%02d-%02d:%02d", r->from / 60, r->from % 60,
                   r->to / 60, r->to % 60);
}

static void random_rule(struct rule *r, struct dice *d, int64_t day)
{
    *r = (struct rule){.kind = (enum rule_kind)dice_between(d, 0, RULES - 1)};
    switch (r->kind) {
    case RULE_DATE:
    case RULE_RANGE:
        set_date(r, d, day);
        break;
    case RULE_YEARLY:
        set_yearly(r, d, day);
        break;
    case RULE_HOURS:
        set_hours(r, d);
        break;
    default:
        set_weekday(r, d);
        break;
    }
}

static enum rc random_calendar(struct task *t, struct dice *d, struct calendar **ret,
                               struct buf *what)
{
    struct filter_calendar *own = &t->course.filter.calendars[t->course.filter.calendar_count++];
    SCOPED(calendar) struct calendar *c = NULL;

    own->mode = dice_percent(d, 70) ? CALENDAR_EXCLUDE : CALENDAR_ONLY;
    own->count = dice_percent(d, 4) ? 0 : (int)dice_between(d, 1, RULES_MAX);
    c = calendar_new(own->mode);
    buf_add_text(what, own->mode == CALENDAR_ONLY ? ", only" : ", exclude");
    for (int i = 0; i < own->count; i++) {
        struct rule *r = &own->rules[i];
        random_rule(r, d, day_around(t));
        buf_printf(what, " %s:%s", rule_kind_name(r->kind), r->text);
        TRY(calendar_add(c, rule_kind_name(r->kind), r->text, &t->why));
    }
    *ret = TAKE(c);
    return RC_OK;
}

static usec_t limit_near(const struct task *t, struct dice *d)
{
    usec_t at = t->around + dice_between(d, -20, 20) * USEC_PER_DAY +
                dice_between(d, -DAY_SECONDS, DAY_SECONDS) * USEC_PER_SEC;

    return dice_percent(d, 50) ? at : at + dice_between(d, -1, 1);
}

static enum rc random_window(const struct expressions *e, struct zoneset *zones, struct task *t,
                             struct dice *d, struct window **ret)
{
    struct filter_window *own = &t->course.filter.window;
    struct window_options options = {0};
    char from[8], to[8];

    own->from = dice_percent(d, 30) ? limit_near(t, d) : 0;
    own->until = dice_percent(d, 30) ? limit_near(t, d) : 0;
    if (own->from != 0 && own->until != 0 && own->until <= own->from)
        own->until = own->from + dice_between(d, 1, 30 * USEC_PER_DAY);
    options.from = own->from;
    options.until = own->until;
    own->daily = dice_percent(d, 60);
    if (own->daily) {
        random_hours(d, &own->daily_from, &own->daily_to);
        own->place = random_place(e, d);
        (void)snprintf(from, sizeof from, "%02d:%02d", own->daily_from / 60, own->daily_from % 60);
        (void)snprintf(to, sizeof to, "%02d:%02d", own->daily_to / 60, own->daily_to % 60);
        options.daily_from = from;
        options.daily_to = to;
        options.zone = own->place->name;
    }
    return window_new(&options, zones, ret, &t->why);
}

static void tell_window(const struct filter_window *w, struct buf *what)
{
    buf_printf(what, ", window %lld-%lld", (long long)w->from, (long long)w->until);
    if (w->daily)
        buf_printf(what, " daily %d-%d min %s", w->daily_from, w->daily_to, w->place->name);
}

/* Expressions of every day, so that several of a task meet at one instant. */
static void common_question(const struct expressions *e, struct dice *d, struct question *q)
{
    static const char *const common[] = {
        "0 * * * *",     "*/5 * * * *",        "30 2 * * *",
        "0 0 * * *",     "0 9-17 * * MON-FRI", "* * * * *",
        "0 12 * * *",    "15,45 * * * *",      "0 0 1 * *",
        "0 3 * * SUN",   "@every 90m",         "@every 1h from 22:00 to 06:00",
        "@hourly",       "*/10 1-3 * * *",     "30 1,2,3 * * *",
        "*/7 * * * * *", "0 0 L * *",          "@every 1h/30m",
        "0 6 29 2 *",
    };

    random_question(e, d, q); /* for its options and its place */
    (void)snprintf(q->text, sizeof q->text, "%s", dice_pick(d, common, ARRAY_LEN(common)));
    q->options.dialect = DIALECT_AUTO;
    q->options.zone = q->place->name;
}

static void random_schedule(const struct expressions *e, struct zoneset *zones, struct task *t,
                            struct dice *d, struct schedule **ret, struct buf *what)
{
    struct walker *w = &t->course.walkers[t->course.count++];
    struct question q;

    *ret = NULL;
    while (*ret == NULL) {
        if (dice_percent(d, 60))
            common_question(e, d, &q);
        else
            random_question(e, d, &q);
        if (!meaning_read(q.text, q.options.dialect, &w->meaning) ||
            schedule_parse(q.text, &q.options, zones, NULL, ret, NULL) != RC_OK)
            *ret = NULL;
    }
    w->meaning.gap = q.options.dst_gap;
    w->meaning.overlap = q.options.dst_overlap;
    w->place = q.place;
    buf_printf(what, "%s\"%s\" %s%s%s", t->course.count > 1 ? " + " : "", q.text, q.place->name,
               q.options.dst_gap == DST_GAP_SKIP ? " skip" : "",
               q.options.dst_overlap == DST_OVERLAP_BOTH ? " both" : "");
    if (t->course.count == 1)
        t->around = dice_percent(d, 50) ? q.seam : random_instant(q.place, d);
}

static enum rc random_filter(const struct expressions *e, struct zoneset *zones, struct task *t,
                             struct dice *d, struct timeline_options *ret, struct buf *what)
{
    static struct calendar *calendars[CALENDARS_MAX]; /* lives until timeline_new has taken them */
    int count = dice_percent(d, 60) ? (int)dice_between(d, 1, CALENDARS_MAX) : 0;

    ret->calendars = calendars;
    for (int i = 0; i < count; i++) {
        TRY(random_calendar(t, d, &calendars[i], what));
        ret->calendar_count++;
    }
    if (dice_percent(d, 40)) {
        TRY(random_window(e, zones, t, d, &ret->window));
        tell_window(&t->course.filter.window, what);
    }
    return RC_OK;
}

void random_task(const struct expressions *e, struct zoneset *zones, struct dice *d,
                 struct task *ret, struct buf *what)
{
    static const int64_t jitters[] = {1, 999, 1000000, 60000000, 3600000000, 86400000000};
    struct schedule *schedules[WALKERS_MAX];
    struct timeline_options options = {0};
    int64_t count = dice_percent(d, 40) ? 1 : dice_between(d, 2, WALKERS_MAX);

    *ret = (struct task){.course.patience = dice_percent(d, 10) ? 50000 : 2000,
                         .course.horizon = (dice_percent(d, 3) ? 40 : 1) * 400 * USEC_PER_DAY};
    for (int64_t i = 0; i < count; i++)
        random_schedule(e, zones, ret, d, &schedules[i], what);
    if (random_filter(e, zones, ret, d, &options, what) != RC_OK) {
        for (int64_t i = 0; i < count; i++)
            schedule_free(schedules[i]);
        return;
    }
    if (dice_percent(d, 60))
        ret->course.jitter = jitters[dice_between(d, 0, ARRAY_LEN(jitters) - 1)];
    for (size_t i = 0; i < sizeof ret->course.task.b; i++)
        ret->course.task.b[i] = (uint8_t)dice_any(d);
    options.jitter = ret->course.jitter;
    options.task = ret->course.task;
    buf_printf(what, ", jitter %lld us", (long long)options.jitter);
    ret->timeline = timeline_new(schedules, (size_t)count, &options);
}
