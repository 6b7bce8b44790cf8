/*
 * read_changes.h - what has been stored since somebody looked last: for those who want to be told.
 *
 * Positions say cheaply whether anything has: rows and positions are stored together, so what lies below a position that is read
 * can be read from then on.
 */
#ifndef STORE_READ_CHANGES_H
#define STORE_READ_CHANGES_H

#include "store/read.h"

enum { READ_CHANGES_MAX = 1000 }; /* rows; `more` says that there are others */

struct place_row {     /* how far the projection has read a partition */
    const char *topic; /* without the prefix */
    int32_t part;
    int64_t next_offset;
};

/* Those of status, tasks, logs, heartbeats and all queues, by topic and partition: struct place_row. */
void read_places(struct read_pool *p, struct read_reply reply);

struct place_span { /* offsets [from, to) of a partition of `status` */
    int32_t part;
    int64_t from, to;
};

struct moved_row {
    struct uuid execution_id, task_id;
};

/* Executions that were reported on at these offsets, of those whose instant lies in [from, to): struct moved_row, some maybe
   several times. Those that a repeated report moved are among them whatever their instant: they are few. */
struct moved_filter {
    const struct place_span *spans;
    size_t count;
    usec_t from, to;
};

void read_moved(struct read_pool *p, const struct moved_filter *filter, struct read_reply reply);

enum told_kind { TOLD_REVISION, TOLD_GAP, TOLD_OUTCOME };

struct told_row {                                  /* something that topic `tasks` says */
    int32_t kind;                                  /* enum told_kind */
    struct uuid task_id, command_id, execution_id; /* the last two: of an outcome */
    usec_t at, from_at;                            /* from_at: of a gap */
    int32_t revision;
};

/* What of it came in the newest ten seconds, by the broker's clock: struct told_row. */
void read_told(struct read_pool *p, struct read_reply reply);

#endif
