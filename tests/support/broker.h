/*
 * broker.h - the real Kafka of integration tests: its address is in CRONOBS_TEST_BROKERS.
 *
 * Each test program works under a topic prefix of its own, so that several run side by side.
 */
#ifndef SUPPORT_BROKER_H
#define SUPPORT_BROKER_H

#include "bus/bus.h"

enum { TEST_DEADLINE_MS = 30000 };

/* Checks that must hold for a test to make sense: prints what failed and where, then aborts the test. */
#define MUST(call) broker_must((call), #call, __FILE__, __LINE__)
/* Repeats `condition` (which may poll) until it holds; fails the test after TEST_DEADLINE_MS. */
#define WAIT_FOR(condition)                                        \
    for (usec_t end_ = broker_deadline(#condition); !(condition);) \
    broker_check_deadline(end_, #condition, __FILE__, __LINE__)

extern struct error test_error; /* where the calls inside MUST put their words */

/* of the environment; without one the program ends with an error */
const char *broker_address(void);
const char *broker_prefix(void);                      /* "t<time>-<pid>." */
struct bus *broker_bus(const char *instance);         /* session time-out 6 s, transactions 10 s */
void broker_create(const char *name, int partitions); /* prefix + name, LogAppendTime */
const char *broker_topic(const char *name);           /* prefix + name; lives for ever */

/* Topics by their whole names. Deletes the first records of a partition, as retention would; and a topic. */
void broker_delete_before(const char *topic, int partition, int64_t offset);
void broker_delete_topic(const char *topic);

void broker_must(enum rc rc, const char *what, const char *file, int line);
usec_t broker_deadline(const char *what);
void broker_check_deadline(usec_t end, const char *what, const char *file, int line);

#endif
