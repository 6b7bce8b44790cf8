/*
 * tz_value.h - what the value of a TZ variable means: the clock that the C library would show.
 *
 * "" and ":" are UTC; a colon in front is passed over. A name of tzdata, or a path below .../zoneinfo/, is that zone. Else it is
 * a rule as POSIX has it: "JST-9" is the zone Etc/GMT-9, "EST5EDT,M3.2.0,M11.1.0" a clock that no name stands for, and
 * "CET-1CEST" gets the days of the United States, as everywhere. What is none of these is an error: the library shows UTC then.
 */
#ifndef CRON_TZ_VALUE_H
#define CRON_TZ_VALUE_H

#include "cron/zoneset.h"

struct tz_value {
    struct zone *zone; /* borrowed from the set */
    const char *name;  /* in tzdata, as long as the zone; NULL: a clock without a name */
};

MUST_CHECK enum rc tz_value_read(const char *value, struct zoneset *zones, struct tz_value *ret,
                                 struct error *err);

#endif
