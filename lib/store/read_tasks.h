/*
 * read_tasks.h - tasks as they are, as they were, and what their schedules passed over; commands
 * and their outcomes.
 */
#ifndef STORE_READ_TASKS_H
#define STORE_READ_TASKS_H

#include "store/read.h"

struct task_filter {
    const char *project, *key; /* after (project, key, task), the cursor; NULL: from the first */
    struct uuid task;
    const char *only_project; /* NULL: all */
    const char *queue;        /* NULL: any */
    uint32_t states;          /* bit set of 1 << enum task_state; 0: any */
    const char *label;        /* name:value, whatever colons either has; NULL: any */
};

/* By project and key, which a liar can give to several, and id: struct task_row without labels (the spec has them). */
void read_tasks(struct read_pool *p, const struct task_filter *filter, size_t limit,
                struct read_reply reply);
/* 0 or 1 struct task_row. */
void read_task(struct read_pool *p, struct uuid id, struct read_reply reply);
/* Those of these tasks that there are, in no order: struct task_row with task_id, project, key
   and title only. */
void read_task_names(struct read_pool *p, const struct uuid *ids, size_t count,
                     struct read_reply reply);
/* Newest first, below revision `before` (0: from the newest): struct task_row. */
void read_revisions(struct read_pool *p, struct uuid id, int32_t before, size_t limit,
                    struct read_reply reply);
/* Where a list of gaps goes on: behind this one. Several may end at one instant. */
struct gap_position {
    usec_t to_at, from_at;
    int64_t revision, reason;
};

/* Newest first, behind `after` (NULL: from the newest): struct gap_row. */
void read_gaps(struct read_pool *p, struct uuid id, const struct gap_position *after, size_t limit,
               struct read_reply reply);

enum { READ_GAPS_MAX = 20000, READ_GAPS_BEHIND = 1000, READ_GAP_REVISIONS_MAX = 50 };

/* Gaps that hold something of [from, to): struct gap_row, at most READ_GAPS_MAX, by revision. Those that end behind it are looked for
   among the first READ_GAPS_BEHIND that do. */
void read_gaps_between(struct read_pool *p, struct uuid id, usec_t from, usec_t to,
                       struct read_reply reply);
/* The READ_GAP_REVISIONS_MAX newest revisions that these are of, which are by revision: struct task_row with revision and spec only. */
void read_gap_revisions(struct read_pool *p, const struct gap_row *gaps, size_t count,
                        struct read_reply reply);

struct pause_row { /* the command that paused a task last */
    struct uuid task_id, command_id;
    usec_t at;
    const char *by, *reason, *until; /* until: as JSON has instants; NULL: for good */
};

extern const struct row_type pause_type;

/* Of these tasks, in their order: struct pause_row, none for one whose command has not been read yet. */
void read_pauses(struct read_pool *p, const struct uuid *tasks, size_t count,
                 struct read_reply reply);

struct command_view { /* a command and its outcome; either may not have been read yet */
    struct uuid command_id, task_id, execution_id;
    struct opt_int kind, expected_revision, result, code;
    usec_t received_at, outcome_at;
    const char *actor, *reason, *body, *message; /* body: JSON */
    int32_t revision;
};

extern const struct row_type command_view_type;

/* 0 or 1 struct command_view; of an id that was used for several tasks one that was asked for, in its place, the lowest. */
void read_command(struct read_pool *p, struct uuid id, struct read_reply reply);
/* All commands about the task under one Idempotency-Key (uuid.h): struct command_view without body. */
void read_commands_of_key(struct read_pool *p, struct uuid task, struct uuid key_id,
                          struct read_reply reply);
/* Those of these commands, ids[i] about tasks[i], that have an outcome, by id: struct command_view without body, at most one for
   each that is asked for. Task nil: any, the first in the order that read_command chooses by; it is the first of its id here. */
void read_outcomes(struct read_pool *p, const struct uuid *ids, const struct uuid *tasks,
                   size_t count, struct read_reply reply);

struct progress_row {
    const char *topic; /* without the prefix */
    int32_t part;
    int64_t next_offset;
    const char *stands; /* why nothing is read from there on; NULL: it is */
    int64_t silent_s;   /* since its owner last said that it stores what comes; 0: nobody has yet */
    int64_t lost;       /* offsets that were gone from the topic before the tables read them */
};

/* How far the projection has come: struct progress_row. */
void read_progress(struct read_pool *p, struct read_reply reply);

#endif
