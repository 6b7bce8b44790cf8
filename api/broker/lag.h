/*
 * lag.h - how far the projection is behind: the ends of the topics against what the database has.
 * Pure.
 *
 * Counted in offsets, so the mark that ends a transaction counts too: at rest a partition that
 * only transactions write to shows 1.
 */
#ifndef API_BROKER_LAG_H
#define API_BROKER_LAG_H

#include "api/broker/broker.h"
#include "store/read_tasks.h"

struct topic_lag {
    const char *topic; /* without the prefix */
    int64_t offsets;
};

struct lag {
    struct topic_lag *items; /* one per topic that the projection reads */
    size_t count;
    int64_t total;
};

/* progress: struct progress_row. Texts are borrowed from the view. */
void lag_of(const struct broker_view *view, const struct read_page *progress, struct arena *memory,
            struct lag *ret);

/* The same of one partition's number, over all topics. */
int64_t partition_lag(const struct broker_view *view, const struct read_page *progress,
                      int partition);

/* How many records of a partition's decisions and reports (tasks, status, executions) are not in the tables yet, as far as the view
   knows; a single one may be the mark of a transaction, and does not count. */
int64_t partition_unstored(const struct broker_view *view, const struct read_page *progress,
                           int partition);

/* For how long nobody has said that what comes of that row's partition is stored; 0: somebody has within a minute, or the
   topic is not there (any more). */
int64_t unstored_seconds(const struct broker_view *view, const struct progress_row *row);

#endif
