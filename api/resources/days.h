/*
 * days.h - local days as spans of instants. Pure.
 */
#ifndef API_RESOURCES_DAYS_H
#define API_RESOURCES_DAYS_H

#include "cron/zone.h"

enum { DAYS_MAX = 366 };

/* The first instant of a local date (days since 1970-01-01): where a clock change skips
   midnight, the first after the gap. */
usec_t day_start(const struct zone *zone, int64_t day);

/* The local date of an instant. */
int64_t day_of(const struct zone *zone, usec_t t);

/* "2026-11-24"; returns text. */
const char *day_text(int64_t day, char text[16]);

#endif
