/*
 * orders.h - the commands of the tale: who wanted what, and when. Pure.
 */
#ifndef CLI_DEMO_ORDERS_H
#define CLI_DEMO_ORDERS_H

#include "cli/demo/crew.h"

/* In memory, in no order. Answers how many. */
size_t orders_all(usec_t until, struct arena *memory, struct crew_record **ret);

#endif
