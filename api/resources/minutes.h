/*
 * minutes.h - firings by the minutes of a day: how many, what makes most of them, where it is tight, and where it is not. Pure.
 */
#ifndef API_RESOURCES_MINUTES_H
#define API_RESOURCES_MINUTES_H

#include "api/resources/population.h"

enum {
    MINUTES_TOP = 5, /* timings that are kept of each minute */
    MINUTES_PEAKS_MAX = 10,
    MINUTES_QUIET_MAX = 5,
    MINUTES_QUIET_SPAN = 15, /* minutes of a quiet slot, at least */
};

struct minute_part { /* of a minute's firings: those of one timing */
    const struct timing *timing;
    int64_t firings, tasks;
    struct uuid examples[POPULATION_EXAMPLES];
};

struct minute {
    int64_t firings, tasks;
    struct minute_part top[MINUTES_TOP]; /* the most firings first; timing NULL: none */
    size_t timings;                      /* that have some there */
};

struct minutes {
    usec_t from; /* the first one's beginning */
    size_t count;
    struct minute *items;
};

/* [from, to), a minute more where it does not divide. In memory. */
struct minutes minutes_new(usec_t from, usec_t to, struct arena *memory);

void minutes_add(struct minutes *m, size_t at, const struct minute_part *part);

/* Those with the most firings, the most first, then the earliest, from minute `first` on; at most MINUTES_PEAKS_MAX. Answers how many. */
size_t minutes_peaks(const struct minutes *m, size_t first, size_t *out);

struct quiet { /* minutes [first, end), which have so many firings together */
    size_t first, end;
    int64_t firings;
};

/* Slots of a quarter of an hour, next to each other joined where they have as few; the fewest in a minute first, then the longest. From
   minute `first` on; at most MINUTES_QUIET_MAX. Answers how many. */
size_t minutes_quiet(const struct minutes *m, size_t first, struct quiet *out);

/* The most firings that are in one of these minutes already (those past the end count as empty), all moved by so many. */
int64_t minutes_busiest(const struct minutes *m, const size_t *minutes, size_t count, size_t shift,
                        size_t *ret_at);

#endif
