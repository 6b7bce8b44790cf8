/*
 * ends.h - where partitions end, found out without waiting: each is fetched at its end.
 *
 * librdkafka's own question (rd_kafka_query_watermark_offsets) knows one of the two ends at a time, and before 2.3 it does
 * not come back while the leader is away, whatever its time-out says. A fetch tells both, and a partition that nobody leads
 * just stays unanswered.
 */
#ifndef BUS_ENDS_H
#define BUS_ENDS_H

#include "bus/bus.h"

struct ends;

struct ends_answer {
    const char *topic; /* borrowed until the next call */
    int partition;
    enum rc rc;           /* RC_NOT_FOUND: there is no such partition (any more) */
    int64_t stable, high; /* stable < high: a transaction is open from `stable` on */
};

MUST_CHECK enum rc ends_new(struct bus *bus, struct ends **ret, struct error *err);
void ends_free(struct ends *e);

/* Asks about these and forgets what was asked before. `offset` of a place is not looked at. */
MUST_CHECK enum rc ends_ask(struct ends *e, const struct bus_position *places, size_t count,
                            struct error *err);
/* The next answer, each place once, and it is fetched no more then; false: none within timeout_ms. */
bool ends_take(struct ends *e, int timeout_ms, struct ends_answer *ret);
size_t ends_open(const struct ends *e); /* places without an answer yet */

DEFINE_SCOPED(ends, struct ends, ends_free)

#endif
