/*
 * progress.h - what a command says about how far it is: lines on a descriptor of its own. Pure.
 *
 *     40              a percent, 0-100; a fraction is left out
 *     40% loading     and what it is doing
 *     loading         that alone: the percent stays
 *
 * The newest line counts, so that a command may write as often as it likes; empty ones are passed over, the end of one over
 * 1,000 bytes is left out.
 */
#ifndef CLI_WORKER_PROGRESS_H
#define CLI_WORKER_PROGRESS_H

#include "base/util.h"

enum { PROGRESS_LINE_MAX = 1000 };

struct progress {                     /* zeroed */
    char line[PROGRESS_LINE_MAX + 1]; /* what has come of the next line */
    size_t len;
    int percent; /* of the newest whole line; -1: it says none */
    char message[PROGRESS_LINE_MAX + 1];
    bool has_news;
};

void progress_take(struct progress *p, const char *bytes, size_t len);
void progress_end(struct progress *p); /* nothing more will come: a last line may have no end */
/* What has been said since it was last asked. False: nothing. An empty message: none. */
bool progress_next(struct progress *p, int *ret_percent, const char **ret_message);

#endif
