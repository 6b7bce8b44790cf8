/*
 * kept.h - an answer that costs something, given again for a moment: however many pages ask, it is worked out once.
 */
#ifndef API_EXCHANGE_KEPT_H
#define API_EXCHANGE_KEPT_H

#include "api/exchange/context.h"

/* True: it is as fresh as `span`, of the same view of the broker, and x is answered with it. */
bool kept_answer(const struct kept *k, struct http_exchange *x, const struct broker_view *view,
                 usec_t span);
/* Keeps the body, and answers x with it. */
void kept_put(struct kept *k, struct http_exchange *x, const struct broker_view *view,
              struct buf *body);
void kept_clear(struct kept *k);

#endif
