/*
 * The wall times that an expression names. Those of fields: fields.c.
 */
#include "cron/expression.h"

enum { DAY_SECONDS = 86400 };

bool daily_starts_on(const struct daily *d, int64_t day)
{
    return d->weekdays >> ((day % 7 + 11) % 7) & 1; /* day 0 was a Thursday (4) */
}

/* The last step of a day's run, in seconds from its midnight. */
static int64_t last_step(const struct daily *d)
{
    return d->from + (d->to - d->from) / d->period * (int64_t)d->period;
}

/* A run may start on the day before; each weekday comes within the next seven. */
static int64_t daily_first(const struct daily *d, int64_t wall)
{
    int64_t today = MAX(wall, WALL_FIRST) / DAY_SECONDS;

    for (int64_t day = today - 1; day <= today + 7; day++) {
        int64_t start = day * DAY_SECONDS + d->from;
        int64_t steps = MAX(wall - start + d->period - 1, 0) / d->period;
        int64_t found = start + steps * d->period;

        if (day < 0 || !daily_starts_on(d, day) || found > day * DAY_SECONDS + d->to)
            continue;
        return found <= WALL_LAST ? found : WALL_NONE;
    }
    return WALL_NONE;
}

static int64_t daily_last(const struct daily *d, int64_t wall)
{
    int64_t today = MIN(wall, WALL_LAST) / DAY_SECONDS;

    if (wall < WALL_FIRST)
        return WALL_NEVER;
    for (int64_t day = today; day >= MAX(today - 8, 0); day--) {
        int64_t start = day * DAY_SECONDS + d->from;
        int64_t until = MIN(MIN(wall, WALL_LAST), day * DAY_SECONDS + last_step(d));

        if (daily_starts_on(d, day) && until >= start)
            return start + (until - start) / d->period * d->period;
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
