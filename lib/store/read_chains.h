/*
 * read_chains.h - one task after another, as the tables know it: who sets a task off, and what a chain would come to.
 */
#ifndef STORE_READ_CHAINS_H
#define STORE_READ_CHAINS_H

#include "model/records.h"
#include "store/read.h"

struct parent_row { /* a task that sets another one off */
    struct uuid task_id;
    const char *project, *key, *on;
};

struct follower_row {
    const char *project, *key;
};

extern const struct row_type parent_type, follower_type;

enum { READ_WAYS_MAX = 10000 };

struct chain_row {
    /* links of the longest way to the task, and from it; one that is longer than allowed is not followed to its end */
    int32_t above, below;
    /* how many executions one would have to be allowed to set off, of this task or of one above: as scheduler/chain.h shares them out */
    int32_t need;
    int32_t ways; /* that were looked at; more than READ_WAYS_MAX: not all of them */
    /* the number, from 1, of what follows it and leads back to it; of what has as many other parents as it may; 0: none */
    int32_t circle, crowded;
    int32_t absent; /* bits: what follows it and is not there */
};

/* By project and key, deleted ones left out: struct parent_row. */
void read_parents(struct read_pool *p, const char *project, const char *key, size_t limit,
                  struct read_reply reply);

/* What the task sets off, by its spec as it is saved, and is not there: struct follower_row, in the order of `then`. */
void read_absent(struct read_pool *p, struct uuid task, struct read_reply reply);

struct chain_limits {
    int32_t links, parents, executions;
};

/* What the task would be in a chain if it had this spec, normalised, and all others were as the tables have them: one struct chain_row. */
void read_chain(struct read_pool *p, const struct task_spec *spec,
                const struct chain_limits *limits, struct read_reply reply);

#endif
