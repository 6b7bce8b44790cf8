/*
 * cures.h - the commands that help a partition which stands still, to be copied.
 */
#ifndef API_BROKER_CURES_H
#define API_BROKER_CURES_H

#include "api/broker/broker.h"
#include "store/read_tasks.h"

/* A transaction is open that nobody ends. */
const char *cure_of_stalled(const struct broker_place *p, const char *prefix, struct arena *memory);
/* Something stands there that the projection cannot read. */
const char *cure_of_standing(const struct progress_row *row, struct arena *memory);

#endif
