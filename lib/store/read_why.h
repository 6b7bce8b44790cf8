/*
 * read_why.h - what an instant of a task is explained by: the revisions around it, gaps over it, commands with their places in the log.
 */
#ifndef STORE_READ_WHY_H
#define STORE_READ_WHY_H

#include "store/read.h"

enum { READ_REVISIONS_BEFORE = 2 };

struct why_range { /* [from, to) */
    usec_t from, to;
    size_t limit;
};

/* By effective_at, in order: the READ_REVISIONS_BEFORE last ones before `from`, and the first `limit` of the range, as far as a page of texts goes:
   struct task_row of task_revision. */
void read_revisions_about(struct read_pool *p, struct uuid task, const struct why_range *range,
                          struct read_reply reply);

/* The revision that began the pause in which `revision` is: 0 or 1 struct task_row without spec. */
void read_pause_start(struct read_pool *p, struct uuid task, int32_t revision,
                      struct read_reply reply);

/* Of the first `limit` gaps that end at `from` or later those that begin before `to`, by their beginnings: struct gap_row. `more`: others
   may end later. */
void read_gaps_over(struct read_pool *p, struct uuid task, const struct why_range *range,
                    struct read_reply reply);

struct command_place { /* a command, and where it and its outcome lie; -1: one that is not known */
    struct uuid command_id;
    int32_t kind; /* -1: only the outcome has been read */
    usec_t received_at, outcome_at;
    int32_t kafka_partition, outcome_partition;
    int64_t kafka_offset, outcome_offset;
    const char *actor, *reason, *until; /* until: of a pause, as JSON has instants */
};

struct command_span { /* of when the log got it: [from, until) */
    usec_t from, until;
};

enum command_wanted { WANTED_NONE, WANTED_DELETION, WANTED_SKIP };

/*
 * The last one of the task that was accepted by `until`. A skip is of the time since the last deletion, and its outcome says `words`;
 * else it is one that an edit has moved to another instant, if only one can have been.
 */
struct command_wish {
    enum command_wanted wanted;
    usec_t until;
    const char *words; /* of a skip */
};

struct command_ask { /* all about the task */
    const struct uuid *ids;
    size_t count;
    /* nil: none; else also the one that made it, and the one that was to end it */
    struct uuid execution;
    struct command_span made, cancelled;
    struct command_wish wish;
};

/* struct command_place: those of `ids`, the others in the order of the log, those that were to end it after that; if there are `more`,
   backfills are left out first, then of the latter the last ones. A backfill names none of its executions: each of `made` is among them, and which one it was the
   execution's id tells (commanded_execution_id_of). */
void read_command_places(struct read_pool *p, struct uuid task, const struct command_ask *ask,
                         struct read_reply reply);

#endif
