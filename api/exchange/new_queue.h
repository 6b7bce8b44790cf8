/*
 * new_queue.h - a queue is a topic, and nothing takes one away again: how many are made in a minute is limited.
 */
#ifndef API_EXCHANGE_NEW_QUEUE_H
#define API_EXCHANGE_NEW_QUEUE_H

#include "api/exchange/context.h"

/* RC_RETRY: so many were made in this minute that `fn` will not be called; else it is, later. */
MUST_CHECK enum rc new_queue_make(struct api *api, const char *queue, broker_made_fn fn, void *ctx,
                                  struct error *err);

#endif
