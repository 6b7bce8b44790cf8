/*
 * memlog.h - a deterministic log in memory behind bus.h: the programs' own code runs on it, without a broker.
 *
 * It has what the programs' promises rest on, as Kafka has it: partitions with offsets that have gaps,
 * transactions (markers, last stable offset, aborted records, fencing by name and by time), offsets sent
 * inside transactions and refused to a zombie, groups with eager range assignment, sessions and static
 * members, compaction. It has no threads, no sockets and no clock: time is what memlog_set_time said last,
 * and nothing happens but by a call. Every call answers at once; a poll that has nothing answers BUS_NOTHING.
 *
 * A process that dies is one whose handles are freed: its member stays in the group until its session is
 * over, its transaction stays open until somebody ends it. One that is stopped is frozen and thawed.
 */
#ifndef SUPPORT_MEMLOG_H
#define SUPPORT_MEMLOG_H

#include "bus/bus.h"

struct memlog;

struct memlog *memlog_new(void);
void memlog_free(struct memlog *m); /* after every bus made from it */

/* A client of that name; its time-outs as in bus_config. */
struct bus *memlog_bus(struct memlog *m, const char *instance, int session_timeout_ms,
                       int transaction_timeout_ms);

/* The broker's clock. Ends sessions and transactions whose time is over. */
void memlog_set_time(struct memlog *m, usec_t now);

void memlog_add_topic(struct memlog *m, const char *name, int partitions);
void memlog_delete_topic(struct memlog *m, const char *name);
void memlog_compact(struct memlog *m, const char *topic); /* below the last stable offset */
/* retention */
void memlog_trim(struct memlog *m, const char *topic, int partition, int64_t before);

/* A batch of so many records that nobody can unpack; returns its first offset. */
int64_t memlog_spoil(struct memlog *m, const char *topic, int partition, int count);

/* A partition without a leader: what is written to it is never acknowledged. While `is_known`, the list of topics says so; before,
   everybody takes the dead one for its leader. */
void memlog_break(struct memlog *m, const char *topic, int partition, bool is_known);
void memlog_heal(struct memlog *m, const char *topic, int partition);

/* The process of that name is stopped (no heartbeats) and goes on again. */
void memlog_freeze(struct memlog *m, const char *instance);
void memlog_thaw(struct memlog *m, const char *instance);

/* While held, a transaction that ends is decided, its offsets are stable, but its markers are not written yet. */
void memlog_hold_markers(struct memlog *m, bool hold);

/* Called before every call that writes ("begin", "produce", "flush", "offsets", "commit", "abort", "send"); what is not RC_OK
   is what the call answers, with nothing done: injected errors, and the place to crash from. NULL: none. */
typedef enum rc (*memlog_step_fn)(void *ctx, const char *instance, const char *call);
void memlog_on_step(struct memlog *m, memlog_step_fn step, void *ctx);

#endif
