/*
 * zones.h - time zones for tests, made in memory: TZif bytes of a few changes and a footer rule.
 */
#ifndef TESTS_UNIT_CRON_ZONES_H
#define TESTS_UNIT_CRON_ZONES_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cron/zoneset.h"

enum { TEST_CHANGES_MAX = 4 };

struct test_change {
    int64_t at;
    int32_t offset;
};

struct test_zone {
    const char *name;
    int32_t first; /* offset before the changes */
    struct test_change changes[TEST_CHANGES_MAX];
    const char *footer;
};

/* clang-format off */
static const struct test_zone test_zones[] = {
    /* Rules of today. */
    {"Europe/Berlin",       3600,   {{0}}, "CET-1CEST,M3.5.0,M10.5.0/3"},
    {"America/New_York",    -18000, {{0}}, "EST5EDT,M3.2.0,M11.1.0"},
    {"Australia/Lord_Howe", 37800,  {{0}}, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"},      /* 30 minutes */
    {"Antarctica/Troll",    0,      {{0}}, "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3"},          /* two hours */
    {"Europe/Dublin",       3600,   {{0}}, "IST-1GMT0,M10.5.0,M3.5.0/1"},                /* summer is standard time */
    {"Asia/Gaza",           7200,   {{0}}, "EET-2EEST,M3.4.4/50,M10.4.4/50"},            /* hours beyond a day */
    {"America/Havana",      -18000, {{0}}, "CST5CDT,M3.2.0/0,M11.1.0/1"},                /* changes at midnight */
    {"America/Godthab",     -7200,  {{0}}, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"},           /* changes on the eve */
    /* Changes of the past. */
    {"Pacific/Apia",        -39600, {{1316872800, -36000}, {1325239200, 50400}}, "<+14>-14"},       /* a day is lost */
    {"Africa/Casablanca",   3600,   {{1771120800, 0}, {1774144800, 3600}}, "<+01>-1"},              /* back for Ramadan */
    {"America/Sao_Paulo",   -7200,  {{1518919200, -10800}, {1541300400, -7200}, {1550368800, -10800}}, "<-03>3"},
    {"America/Caracas",     -14400, {{1197183600, -16200}, {1462086000, -14400}}, "<-04>4"},       /* standard time moves */
    {"Asia/Pyongyang",      32400,  {{1439564400, 30600}, {1525446000, 32400}}, "KST-9"},
    {"Europe/Moscow",       10800,  {{1301180400, 14400}, {1414274400, 10800}}, "MSK-3"},
    {"Pacific/Kwajalein",   -43200, {{745934400, 43200}}, "<+12>-12"},                   /* across the date line */
    {"Antarctica/Casey",    39600,  {{1520701200, 28800}, {1538856000, 39600}}, "<+11>-11"},       /* three hours */
    {"Africa/Monrovia",     -2670,  {{63593070, 0}}, "GMT0"},                            /* offsets with seconds */
    {"Asia/Kathmandu",      19800,  {{504901800, 20700}}, "<+0545>-5:45"},
};
/* clang-format on */

static inline void add_be(struct buf *out, uint64_t value, int bytes)
{
    while (bytes-- > 0)
        buf_add_char(out, (char)(value >> 8 * bytes));
}

static inline void add_header(struct buf *out, char version, uint32_t times, uint32_t types)
{
    buf_add_text(out, "TZif");
    buf_add_char(out, version);
    buf_add(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    add_be(out, 0, 4);
    add_be(out, 0, 4);
    add_be(out, 0, 4);
    add_be(out, times, 4);
    add_be(out, types, 4);
    add_be(out, 4, 4); /* "LMT" and its NUL */
}

/* One type of local time for each change, and one before. */
static inline void add_tzif(struct buf *out, const struct test_zone *z)
{
    uint32_t count = 0;

    while (count < TEST_CHANGES_MAX && z->changes[count].at != 0)
        count++;
    add_header(out, '2', 0, 1);
    buf_add(out, "\0\0\0\0\0\0LMT", 10);
    add_header(out, '2', count, count + 1);
    for (uint32_t i = 0; i < count; i++)
        add_be(out, (uint64_t)z->changes[i].at, 8);
    for (uint32_t i = 0; i < count; i++)
        add_be(out, i + 1, 1);
    for (uint32_t i = 0; i <= count; i++) {
        add_be(out, (uint32_t)(i == 0 ? z->first : z->changes[i - 1].offset), 4);
        add_be(out, 0, 2);
    }
    buf_add(out, "LMT", 4);
    buf_printf(out, "\n%s\n", z->footer);
}

/* A set of all test zones, no disk. */
static inline struct zoneset *test_zoneset(void)
{
    struct zoneset *set = zoneset_new("");

    for (size_t i = 0; i < ARRAY_LEN(test_zones); i++) {
        SCOPED_BUF bytes = {0};
        struct zone *z;

        add_tzif(&bytes, &test_zones[i]);
        if (zone_parse(test_zones[i].name, buf_bytes(&bytes), &z, NULL) != RC_OK)
            abort();
        zoneset_add(set, z);
        zone_unref(z);
    }
    return set;
}

#endif
