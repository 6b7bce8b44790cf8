/*
 * source.h - where the projection's records come from: topics, starting points, lost positions.
 */
#ifndef CONSUMER_SOURCE_H
#define CONSUMER_SOURCE_H

#include <signal.h>

#include "bus/bus.h"
#include "consumer/batch.h"

/* RC_INVALID when topics are not as the installation needs them; the hint says how to mend it. Waits a minute for missing ones,
   or until *stop. */
MUST_CHECK enum rc source_check_topics(struct bus *bus, const char *prefix, int partitions,
                                       const volatile sig_atomic_t *stop, struct error *err);

/* A static member that reads every topic of the projection; queues made later are found by their name. */
MUST_CHECK enum rc source_open(struct bus *bus, const char *prefix, struct bus_consumer **ret,
                               struct error *err);

/* Starts reading claimed positions, but for those that stand. `heartbeats` go on at their end where the position is gone, has stood, or is
   more than 10,000 records behind. A position of `logs` that retention has passed is recorded, and reading goes on at the earliest record. */
MUST_CHECK enum rc source_start(struct bus_consumer *c, struct store *store, const char *prefix,
                                struct positions *positions, struct error *err);

/* After the bus said that a position is lost. RC_OK: reading goes on (a queue whose topic was deleted; the others are
   read); RC_RETRY: claim again; RC_NOT_FOUND: records are gone that must not be skipped in silence, the text says which:
   the position stands. */
MUST_CHECK enum rc source_explain_lost(struct bus_consumer *c, const char *prefix,
                                       const struct positions *positions, const struct bus_event *e,
                                       struct error *err);

/* Tells lag tools how far the tables are. */
void source_hint(struct bus_consumer *c, const char *prefix, const struct positions *positions);

/* The bus library's own words, for the log. */
void source_notice(void *ctx, bool fatal, const char *text);

#endif
