/*
 * batch.h - storing records: rows and positions in one transaction, whatever the records hold.
 *
 * A batch that cannot be stored is run again with careful reading (another consumer was first, a repeated event, a leaf that went
 * away); one that the data itself prevents is halved until the record at fault stands alone and goes to dead_letter.
 * Rows do not depend on the cuts, so neither path leaves a trace.
 */
#ifndef CONSUMER_BATCH_H
#define CONSUMER_BATCH_H

#include "consumer/intake.h"
#include "consumer/leaf_set.h"
#include "store/write.h"

struct positions { /* what is assigned, and how far it is stored; sorted by topic and partition */
    struct offset_row *rows;
    size_t count;
    struct arena *names;
};

void positions_clear(struct positions *p);
void positions_add(struct positions *p, const char *topic, int partition); /* then positions_sort */
void positions_sort(struct positions *p);
/* NULL: not ours */
struct offset_row *positions_find(const struct positions *p, const char *topic, int partition);

struct batch_stats { /* since the start */
    uint64_t batches, records, dead_letters, again, halved;
};

struct batch_writer {
    struct store *store;
    struct positions *positions; /* next_offset moves with each commit */
    struct leaf_set *leaves;
    struct batch_stats *stats;
    struct arena *memory; /* lives as long as the items */
};

/* Stores records, in the order in which they were read. RC_RETRY, RC_FENCED and RC_FATAL leave the positions where they
   were last committed: claim them again. Refuses items on the way (hence not const). */
MUST_CHECK enum rc batch_store(struct batch_writer *w, struct intake *items, size_t count,
                               struct error *err);

#endif
