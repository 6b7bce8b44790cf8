/*
 * parked.h - requests that keep a connection for long: those that wait for an outcome, and streams. They have a limit together,
 * so that connections are left for all others.
 */
#ifndef API_EXCHANGE_PARKED_H
#define API_EXCHANGE_PARKED_H

#include "api/exchange/context.h"

/* How many there may be, of so many connections. Pure. */
int64_t parked_most(int connections);
bool parked_is_full(const struct api *api);
/* True when there is no place for one more: x is answered then. */
bool answer_parked_full(struct http_exchange *x, const struct api *api);

#endif
