/*
 * read_system.h - how the installation is: lateness of what fired lately, what was put aside, how far back the history goes.
 */
#ifndef STORE_READ_SYSTEM_H
#define STORE_READ_SYSTEM_H

#include "store/read.h"

enum { READ_LATENESS_MAX = 10000, READ_DEAD_MAX = 10000 };

struct system_row {
    /* Scheduled executions that the lateness is of; 0: there are none, and it is not set. */
    int64_t fired;
    int64_t p50_us, p99_us;
    int64_t dead_letters; /* READ_DEAD_MAX + 1: there are more */
    usec_t dead_at;       /* of the newest; 0: none, or not known */
    int32_t schema;       /* the newest migration */
    const char *server;   /* the database's version */
    /* Where the oldest month, the oldest week starts; 0: there is none. */
    usec_t history_from, logs_from;
};

/*
 * 1 struct system_row. Lateness (from due to the broker's time of the order) is that of the newest READ_LATENESS_MAX executions that
 * are scheduled in [since, until].
 */
void read_system(struct read_pool *p, usec_t since, usec_t until, struct read_reply reply);

#endif
