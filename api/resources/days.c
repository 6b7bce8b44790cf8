#include "api/resources/days.h"

#include <stdio.h>

#include "base/rfc3339.h"

usec_t day_start(const struct zone *zone, int64_t day)
{
    return zone_from_wall(zone, day * USEC_PER_DAY).first;
}

int64_t day_of(const struct zone *zone, usec_t t)
{
    usec_t wall = t + zone_offset_at(zone, t) * USEC_PER_SEC;

    return wall / USEC_PER_DAY - (wall % USEC_PER_DAY < 0);
}

const char *day_text(int64_t day, char text[16])
{
    int year, month, date;

    civil_from_days(day, &year, &month, &date);
    (void)snprintf(text, 16, "%04d-%02d-%02d", year % 10000, month, date);
    return text;
}
