/*
 * import_orders.h - the writes of an import: each entry's task, then what vanished, many at once, and what came of each.
 *
 * A task that the source does not have is put on condition that there is none of its key: two crontabs must not take each other's
 * tasks (docs/decisions/0051). While nobody knows whether the queue is there one order goes first, alone.
 */
#ifndef API_RESOURCES_IMPORT_ORDERS_H
#define API_RESOURCES_IMPORT_ORDERS_H

#include "api/exchange/context.h"
#include "crontab/import.h"

struct import_orders {
    struct api *api;
    struct import *import;
    usec_t wait; /* for each outcome; one that does not come in time ends the waiting for all */
    const struct crontab_words *words;
    /* All that could be sent was, and is told in the import; may be called within import_orders_run. */
    loop_fn done;
    void *ctx;

    /* its own */
    bool deletes;      /* the lines are done, it is at what vanished */
    size_t next, open; /* to be started next; under way */
    bool is_running, is_broken, knows_queue, has_made_queue;
};

/* The import has been told which tasks the source has. */
void import_orders_run(struct import_orders *o);

#endif
