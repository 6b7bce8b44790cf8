/*
 * topics.h - the topics of an installation: one table, and how what exists is held to it.
 *
 * Names are prefix + name ("cronobs." + "commands"); a queue is the topic prefix + "executions." + queue.
 * The number of partitions is fixed for ever when the topics are made: everything about a task lives in
 * one partition, found by a hash modulo that number.
 */
#ifndef BUS_TOPICS_H
#define BUS_TOPICS_H

#include "base/arena.h"
#include "bus/bus.h"

struct topic_rule {
    const char
        *name; /* without prefix; "executions." stands for every queue; NULL ends the table */
    bool is_partitioned; /* has the installation's number of partitions, else 1 */
    bool is_queue;
    bool must_keep; /* a retention shorter than the rule's breaks a promise */
    const char *cleanup_policy;
    int64_t retention_ms; /* -1 = for ever */
    int max_message_bytes;
    const char *key, *written_by, *records;
};

extern const struct topic_rule topic_rules[];

enum topics_limits {
    QUEUE_NAME_MAX = 100,
    TOPIC_NAME_MAX = 249,
    MESSAGE_BYTES_MAX = 1048588, /* Kafka's own default: 1 MiB and a batch's head */
    TOPICS_PATIENCE = 60         /* seconds */
};

/* A queue's name is [a-z0-9][a-z0-9._-]{0,99}; RC_INVALID says what is wrong with it. */
MUST_CHECK enum rc queue_check_name(const char *queue, struct error *err);

/* A topic of the table, without the prefix, or "executions." and a queue; RC_INVALID names them all, and the nearest. */
MUST_CHECK enum rc topic_check_name(const char *topic, struct error *err);

struct topics_wanted {
    const char *prefix;
    int partitions;
    int replication; /* 0: the brokers' default for new topics, as it is for those that exist */
    int64_t state_segment_ms;  /* 0 = the broker's default; tests let `state` compact early */
    const char *const *queues; /* to be there; queues that exist are checked in any case */
    size_t queue_count;
};

enum topic_remedy {
    TOPIC_CREATE,
    TOPIC_ALTER,
    TOPIC_ADVICE,     /* works as it is, only an operator can change it */
    TOPIC_IMPOSSIBLE, /* cannot be mended, and must not stay */
};

struct topic_difference {
    enum topic_remedy remedy;
    bool breaks_promise; /* programs refuse to start */
    const char *what;    /* "partitions is 3, not 12; cleanup.policy is compact, not delete" */
    int partitions;      /* as it is; 0 when there is no such topic */
    struct bus_topic wanted;
};

struct topics_plan {
    struct topic_difference *items; /* topics that are as they should be do not occur */
    size_t count;
};

/* What differs. Everything lives in `memory`. Blocks while it asks the broker (10 s at most for each topic). */
MUST_CHECK enum rc topics_plan(struct bus_admin *a, const struct topics_wanted *wanted,
                               struct arena *memory, struct topics_plan *ret, struct error *err);
/* Creates and alters. RC_INVALID, and nothing is touched, when a difference is TOPIC_IMPOSSIBLE. */
MUST_CHECK enum rc topics_apply(struct bus_admin *a, const struct topics_plan *plan,
                                struct error *err);
/* For programs at start: RC_INVALID when a difference breaks a promise; the hint names the way out. RC_NOT_FOUND: nothing is wrong
   but that topics are missing. */
MUST_CHECK enum rc topics_check(struct bus_admin *a, const char *prefix, int partitions,
                                struct error *err);
/* The same for programs that start beside `topics apply` or before it: while topics are missing (brokers may not see yet
   what was made a moment ago) it looks again each second, for a minute. It says so in the log each 10 s. Before each
   look but the first it calls goes_on; false ends the waiting with RC_RETRY. Then RC_INVALID. */
typedef bool (*topics_goes_on_fn)(void *ctx);
MUST_CHECK enum rc topics_wait(struct bus_admin *a, const char *prefix, int partitions,
                               topics_goes_on_fn goes_on, void *ctx, struct error *err);
/* Makes a queue's topic; one that exists is fine. */
MUST_CHECK enum rc topics_create_queue(struct bus_admin *a, const char *prefix, int partitions,
                                       int replication, const char *queue, struct error *err);

#endif
