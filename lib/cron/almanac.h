/*
 * almanac.h - the calendars of a task together: which wall times they leave open, and the next one.
 *
 * Private to lib/cron. A wall time is open if no calendar of mode EXCLUDE holds it, and one of mode ONLY does or there is none.
 *
 * The day is cut into the segments between which the hours of the calendars change. Of a month and a
 * segment, the open dates are one mask, made of the masks of the calendars; so a search looks at each month once, however
 * many days of it are closed. It never walks over days or instants.
 */
#ifndef CRON_ALMANAC_H
#define CRON_ALMANAC_H

#include "cron/calendar.h"
#include "cron/expression.h"

enum {
    ALMANAC_CALENDARS_MAX = 16,
    ALMANAC_SEGMENTS_MAX = 2 * ALMANAC_CALENDARS_MAX * CALENDAR_HOURS_MAX + 1,
};

struct almanac; /* immutable */

/* Takes over the calendars, not the array. */
struct almanac *almanac_new(struct calendar *const *calendars, size_t count);
void almanac_free(struct almanac *a); /* NULL is fine */

/* What a search is after: instants of an expression, and only in some hours of the day. */
struct almanac_aim {
    const struct expression *expression;
    int32_t offset;       /* wall clock minus UTC */
    int32_t from, length; /* of the hours, wall time: may run past midnight; 0, 86400: all */
};

/* What one search remembers from one look to the next. */
struct almanac_view {
    const struct almanac *almanac;
    struct almanac_aim aim;
    bool all_dates;                                   /* of the aim's expression */
    uint64_t segments[ALMANAC_SEGMENTS_MAX / 64 + 1]; /* bit: one that the aim reaches */
    int64_t closed_from, closed_to;                   /* all wall times from ... to are closed */
    struct calendar_month month;
    uint32_t dates[ALMANAC_CALENDARS_MAX];  /* of each calendar in the month: bits 1-31 */
    uint32_t before[ALMANAC_CALENDARS_MAX]; /* those of the day before: whose hours may run on */
};

void almanac_look(struct almanac_view *v, const struct almanac *a);

/* Wall times in seconds, as if the wall clock showed UTC. */
bool almanac_is_open(struct almanac_view *v, int64_t wall);

/* Which of the calendars, in the order given, closes a wall time: the first of mode EXCLUDE that holds it, or else, if there are
   some of mode ONLY and none of them holds it, the first of those. -1: it is open. */
int almanac_closed_by(const struct almanac *a, int64_t wall);

/* What is looked for from now on. */
void almanac_aim(struct almanac_view *v, const struct almanac_aim *aim);

/*
 * The first wall time >= wall and < end, the last one <= wall and >= start, that may be open and that the aim may reach: what
 * lies before it need not be looked at. One outside of these limits when there is none. What lies past the horizon will never
 * be of interest.
 */
int64_t almanac_first(struct almanac_view *v, int64_t wall, int64_t end, int64_t horizon);
int64_t almanac_last(struct almanac_view *v, int64_t wall, int64_t start, int64_t horizon);

#endif
