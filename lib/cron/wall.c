/*
 * The wall times that an expression names. Those of fields: fields.c.
 */
#include "cron/expression.h"

enum { DAY_SECONDS = 86400 };

bool daily_starts_on(const struct daily *d, int64_t day)
{
    int64_t midnight = day * DAY_SECONDS;

    return day >= 0 && fields_first(&d->days, midnight) == midnight;
}

/* The last step of a day's run, in seconds from its midnight. */
static int64_t last_step(const struct daily *d)
{
    return d->from + (d->to - d->from) / d->period * (int64_t)d->period;
}

/* The run that holds the wall time may have started on the day before. */
static int64_t daily_first(const struct daily *d, int64_t wall)
{
    int64_t midnight = (MAX(wall, WALL_FIRST) / DAY_SECONDS - 1) * DAY_SECONDS;

    while ((midnight = fields_first(&d->days, midnight)) != WALL_NONE) {
        int64_t start = midnight + d->from;
        int64_t steps = (MAX(wall - start, 0) + d->period - 1) / d->period;
        int64_t found = start + steps * d->period;

        if (found <= midnight + d->to)
            return found <= WALL_LAST ? found : WALL_NONE;
        midnight += DAY_SECONDS;
    }
    return WALL_NONE;
}

static int64_t daily_last(const struct daily *d, int64_t wall)
{
    int64_t midnight = MIN(wall, WALL_LAST);

    while ((midnight = fields_last(&d->days, midnight)) != WALL_NEVER) {
        int64_t start = midnight + d->from;
        int64_t until = MIN(MIN(wall, WALL_LAST), midnight + last_step(d));

        if (until >= start)
            return start + (until - start) / d->period * d->period;
        midnight -= DAY_SECONDS;
    }
    return WALL_NEVER;
}

int64_t expression_first(const struct expression *e, int64_t wall)
{
    switch (e->form) {
    case FORM_FIELDS:
        return fields_first(&e->fields, wall);
    case FORM_DAILY:
        return daily_first(&e->daily, wall);
    case FORM_WALL:
        return wall <= e->wall ? e->wall : WALL_NONE;
    case FORM_EVERY:
    case FORM_INSTANT:
        break;
    }
    return WALL_NONE;
}

int64_t expression_last(const struct expression *e, int64_t wall)
{
    switch (e->form) {
    case FORM_FIELDS:
        return fields_last(&e->fields, wall);
    case FORM_DAILY:
        return daily_last(&e->daily, wall);
    case FORM_WALL:
        return wall >= e->wall ? e->wall : WALL_NEVER;
    case FORM_EVERY:
    case FORM_INSTANT:
        break;
    }
    return WALL_NEVER;
}
