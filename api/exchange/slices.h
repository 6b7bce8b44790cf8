/*
 * slices.h - long work in small steps, so that nobody else on the loop waits for it.
 *
 * Jobs take turns: each runs step after step for some milliseconds, then the loop looks at everything else. A step is one
 * row, and may take no longer than a few milliseconds itself.
 */
#ifndef API_EXCHANGE_SLICES_H
#define API_EXCHANGE_SLICES_H

#include "loop/loop.h"

struct slices;

/* One step; false: that was the last one, and whatever ctx is may be gone. */
typedef bool (*slice_fn)(void *ctx);

struct slices *slices_new(struct loop *loop);
void slices_free(struct slices *s); /* NULL is fine; jobs are run to their end first */
/* The first steps run within this call; without slices (NULL) all do. */
void slices_run(struct slices *s, slice_fn step, void *ctx);

#endif
