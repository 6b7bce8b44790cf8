/*
 * read_skips.h - what of tasks is to be skipped, and who has asked for it.
 */
#ifndef STORE_READ_SKIPS_H
#define STORE_READ_SKIPS_H

#include "store/read.h"

enum { READ_SKIPS_MAX = 20000 };

struct skip_wish { /* a SkipNext of a task of which something is to be skipped */
    struct uuid task_id;
    usec_t skip_until;      /* the task's (model/skip_next.h), the same in each row of it */
    struct uuid command_id; /* nil, and all else absent: the command has not been read yet */
    usec_t at;
    const char *by, *reason;
};

extern const struct row_type skip_wish_type;

struct skips_ask {
    const struct uuid *tasks; /* NULL: all */
    size_t count;
    usec_t after; /* those alone whose mark lies behind it */
    size_t each;  /* so many wishes of a task, the newest */
};

/* struct skip_wish, by task, of each the newest first; at most READ_SKIPS_MAX. */
void read_skips(struct read_pool *p, const struct skips_ask *ask, struct read_reply reply);

#endif
