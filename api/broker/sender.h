/*
 * sender.h - commands into the log: one idempotent producer, served by the event loop.
 */
#ifndef API_BROKER_SENDER_H
#define API_BROKER_SENDER_H

#include "bus/bus.h"
#include "loop/loop.h"
#include "model/records.h"

struct sender;

struct sender_config {
    const char *brokers, *prefix;
    int partitions;
    /* The producer is of no further use: the program has to be started again. */
    void (*on_fatal)(void *ctx, const struct error *err);
    void *ctx;
};

struct sender_stats {
    int64_t acked, failed;
};

/* rc: RC_OK when the command is in the log; else `why` says what happened, and it may or may not
   be there. */
typedef void (*sent_fn)(void *ctx, enum rc rc, const char *why);

MUST_CHECK enum rc sender_new(struct loop *loop, const struct sender_config *config,
                              struct sender **ret, struct error *err);
void sender_free(struct sender *s); /* NULL is fine; what is under way is answered */
/* A frame (codec.h) about `task`, to the task's partition. `sent` is called later, unless this
   fails. */
MUST_CHECK enum rc sender_send(struct sender *s, struct uuid task, struct bytes frame, sent_fn sent,
                               void *ctx, struct error *err);
struct sender_stats sender_stats(const struct sender *s);

DEFINE_SCOPED(sender, struct sender, sender_free)

#endif
