/*
 * The watchdog of reading: whatever the reason, a partition that holds something and is not read must not stay so.
 *
 * Every few seconds the brokers are asked for the ends. A partition that stood below its end at the same place for
 * INBOX_STUCK_US, while there was room for what it holds, is told, and the worker starts anew with another consumer.
 */
#include <stdio.h>
#include <stdlib.h>

#include "c/worker.h"

static const usec_t LOOK_EVERY = 5 * USEC_PER_SEC;

/* `control` first, then the queue's. */
static enum rc ask_ends(struct cronobs_worker *w, struct bus_position *ret, struct error *err)
{
    const struct inbox *b = &w->inbox;

    ret[0] = (struct bus_position){.topic = w->topics.control};
    for (size_t i = 0; i < b->partition_count; i++)
        ret[1 + i] = (struct bus_position){.topic = w->topics.queue,
                                           .partition = b->partitions[i].partition};
    return bus_offsets_at(w->consumer, USEC_MAX, ret, b->partition_count + 1, WORKER_ASK_MS, err);
}

static void look(struct cronobs_worker *w, const struct bus_position *ends)
{
    const struct bus_position *stuck = NULL;
    char why[320];

    bool is_control = inbox_is_stuck(&w->control.place, ends[0].offset, w->tick);

    if (is_control)
        stuck = &ends[0];
    for (size_t i = 0; i < w->inbox.partition_count; i++)
        if (inbox_is_stuck(&w->inbox.partitions[i], ends[1 + i].offset, w->tick))
            stuck = &ends[1 + i];
    if (stuck == NULL)
        return;
    (void)snprintf(why, sizeof why, "%s[%d] holds more, up to %lld, and nothing of it is read",
                   stuck->topic, stuck->partition, (long long)stuck->offset);
    if (is_control && stuck == &ends[0])
        control_anew(w, why);
    else
        read_anew(w, why);
}

static bool may_stand_still(const struct cronobs_worker *w)
{
    return w->inbox.partition_count == 0 || w->is_paused || w->must_assign || w->must_locate ||
           w->scanner != NULL;
}

void watch_step(struct cronobs_worker *w)
{
    struct bus_position *ends;

    if (w->tick < w->watch_at || may_stand_still(w))
        return;
    w->watch_at = w->tick + LOOK_EVERY;
    ends = xcalloc(w->inbox.partition_count + 1, sizeof *ends);
    /* else the brokers are away, and that is told elsewhere */
    if (ask_ends(w, ends, NULL) == RC_OK)
        look(w, ends);
    free(ends);
}
