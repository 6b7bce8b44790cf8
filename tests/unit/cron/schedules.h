/*
 * schedules.h - schedules for tests, in the time zones of zones.h.
 */
#ifndef TESTS_UNIT_CRON_SCHEDULES_H
#define TESTS_UNIT_CRON_SCHEDULES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/schedule.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;
static const struct uuid task = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static inline usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

static inline struct schedule *parse_for(const char *text, enum dialect dialect,
                                         struct lints *lints)
{
    struct schedule_options options = {.dialect = dialect, .task = task};
    struct schedule *s = NULL;
    struct error err = {0};

    if (schedule_parse(text, &options, zones, lints, &s, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return s;
}

static inline int set_up_zones(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static inline int tear_down_zones(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

#endif
