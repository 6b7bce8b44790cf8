/*
 * zones.h - the offsets of the system's zones, 1970 to 2200, as the C library tells them.
 *
 * A zone's table is found by asking localtime_r() for every second day and searching the two in which the
 * offset differs from the one before: no offset lasts for less than three. The tables were compared once
 * with those of steps of three hours and with Python's zoneinfo: no difference.
 */
#ifndef DIFFERENTIAL_ZONES_H
#define DIFFERENTIAL_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A time of constant offset: from `start` to the start of the next one. Seconds. */
struct span {
    int64_t start;
    int64_t offset; /* wall = UTC + offset */
};

struct place {
    char *name;
    uint64_t file; /* the same for names of one file */
    size_t count;  /* 0: not asked yet */
    struct span *spans;
};

struct places {
    size_t count;
    struct place *list; /* by name */
};

/* All names of $TZDIR or /usr/share/zoneinfo whose files are zones. */
void places_find(struct places *all);
void places_clear(struct places *all);

/* The place of that name, or NULL. */
struct place *places_named(const struct places *all, const char *name);

/* Its table; filled at the first use. Changes the time zone of the process. */
const struct place *places_table(struct places *all, struct place *p);

/* Index of the span that holds the second. */
size_t place_span(const struct place *p, int64_t second);

/* The end of a span: the start of the next, or far away. */
int64_t place_span_end(const struct place *p, size_t span);

#endif
