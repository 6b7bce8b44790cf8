/*
 * bus.h - the log as the programs see it: consumers, a transactional producer, questions to the broker.
 *
 * An interface: `struct bus` is made by bus_kafka_new (librdkafka) or, for tests and the simulator, by
 * tests/support/memlog.h (deterministic, in memory); lib/bus/driver.h is what both fill in. Every handle belongs to one thread. Nothing here
 * decides or logs; librdkafka's own log lines and error events come through `bus_config.on_notice`.
 *
 * Error codes: RC_RETRY the same call may be repeated; RC_CONFLICT the transaction must be aborted and
 * planned again; RC_FENCED another instance has the name; RC_FATAL exit and be restarted;
 * RC_INVALID wrong configuration; RC_NOT_FOUND topic or partition does not exist.
 */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include "base/error.h"
#include "base/uuid.h"

#define BUS_BEGINNING INT64_C(-2) /* start offsets for bus_assign */
#define BUS_END       INT64_C(-1)
#define BUS_NONE      INT64_C(-1001) /* no offset: the answer of bus_stored where the group has none */

struct bus_config {
    const char *brokers;
    const char *instance; /* client.id; with a group also group.instance.id; transactional.id */
    int session_timeout_ms, transaction_timeout_ms;
    /* the library's own words; any thread */
    void (*on_notice)(void *ctx, bool fatal, const char *text);
    void *ctx;
};

struct bus;          /* connection settings + implementation */
struct bus_consumer; /* reads; maybe a member of a group */
struct bus_txn;      /* the transactional producer of one instance */
struct bus_producer; /* plain idempotent producer, acks=all */
struct bus_admin;    /* questions and topic creation */

MUST_CHECK enum rc bus_kafka_new(const struct bus_config *config, struct bus **ret,
                                 struct error *err);
/* After everything made from it. on_notice is not called any more, not even by a consumer that could not leave in time. */
void bus_free(struct bus *bus);

struct bus_position {
    const char *topic; /* borrowed */
    int partition;
    int64_t offset;
};

/* --- consuming --- */

enum bus_event_kind {
    BUS_NOTHING, /* time-out */
    BUS_MESSAGE,
    BUS_EOF, /* reached the end of what may be read: read_committed = last stable offset; offset says where */
    BUS_ASSIGNED, /* positions[]: the full new assignment; nothing is read until bus_assign */
    BUS_REVOKED,  /* everything is gone (the assignment is already empty) */
    BUS_UNREADABLE, /* a batch that cannot be unpacked was passed: it holds offset to next - 1, code says why */
    BUS_FAILED, /* err is set: RC_RETRY goes on by itself; RC_FENCED, RC_FATAL: exit; RC_NOT_FOUND: position lost */
};

struct bus_event { /* borrowed until the next bus_poll on the same consumer */
    enum bus_event_kind kind;
    bool lost; /* with BUS_REVOKED: the session had ended, others may own it already */
    const char *topic;
    int partition;
    int64_t offset;
    /* BUS_UNREADABLE: where reading goes on. Its offset may lie before the position. */
    int64_t next;
    const char *code; /* BUS_UNREADABLE: "_BAD_COMPRESSION"; lives for ever */
    usec_t timestamp; /* the broker's clock (LogAppendTime) */
    bool is_append_time;
    struct bytes key, value;  /* value.data == NULL: a tombstone */
    struct bytes traceparent; /* the header of that name; data == NULL: there is none */
    const struct bus_position *positions;
    size_t position_count;
    struct error err;
};

enum bus_isolation { BUS_COMMITTED, BUS_UNCOMMITTED };

struct bus_consumer_config {
    const char *group;  /* NULL: assigned by hand only, never joins */
    bool static_member; /* group.instance.id = instance */
    const char *const
        *topics; /* to subscribe to; "^..." is a regex (metadata refresh 5 s); NULL ends */
    const char *const *warm; /* further topics that bus_assign will name: their metadata is fetched
                                before the subscription, else the first fetch stalls; NULL ends */
    enum bus_isolation isolation;
    int fetch_wait_ms; /* fetch.wait.max.ms; 0 = 20 */
    /* Called inside bus_poll before partitions are given up: nobody else has them, and the group's rebalance waits, until
       it returns. It may not use the consumer. Not called for what is lost, nor while the consumer is closed. NULL: none */
    void (*before_revoked)(void *ctx);
    void *ctx;
};

MUST_CHECK enum rc bus_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                                    struct bus_consumer **ret, struct error *err);
/* without leaving the group: a static member comes back */
void bus_consumer_free(struct bus_consumer *c);
void bus_consumer_close(struct bus_consumer *c); /* leaves in order, then frees */

/* Waits up to timeout_ms; the answer is in *ret (BUS_NOTHING on time-out). */
void bus_poll(struct bus_consumer *c, int timeout_ms, struct bus_event *ret);

/* Readable when bus_poll may have something; then poll until BUS_NOTHING. Owned by the consumer. */
int bus_consumer_fd(struct bus_consumer *c);

/* Replaces the whole assignment, each with its own start offset. Never mixes with what librdkafka remembers. */
MUST_CHECK enum rc bus_assign(struct bus_consumer *c, const struct bus_position *positions,
                              size_t count, struct error *err);

/* Adds or removes one partition of a consumer without a group. */
MUST_CHECK enum rc bus_assign_add(struct bus_consumer *c, struct bus_position position,
                                  struct error *err);
void bus_assign_remove(struct bus_consumer *c, const char *topic, int partition);

/* High watermark as the last fetch saw it; -1 before the first fetch. No network. */
int64_t bus_high_watermark(struct bus_consumer *c, const char *topic, int partition);

/* Low watermark and end, asked of the broker: end = last stable offset (committed) or high watermark. Blocks up to
   timeout_ms, so never in a loop that decides: ends.h does not wait. */
MUST_CHECK enum rc bus_query_ends(struct bus_consumer *c, const char *topic, int partition,
                                  int timeout_ms, int64_t ret[2], struct error *err);

/* Stores next offsets for the group, as the member that this consumer is, and waits for the answer.
   RC_CONFLICT: no member of the current generation (any more); RC_RETRY: no answer in time. */
MUST_CHECK enum rc bus_commit(struct bus_consumer *c, const struct bus_position *next, size_t count,
                              int timeout_ms, struct error *err);

/* What bus_commit stored for the group, into `offset` of each; BUS_NONE where there is nothing. Blocks <= timeout_ms. */
MUST_CHECK enum rc bus_stored(struct bus_consumer *c, struct bus_position *positions, size_t count,
                              int timeout_ms, struct error *err);

/* The first offset whose record is not older than `at` (the broker's clock), into `offset` of each; BUS_END where there
   is none. At USEC_MAX: the end, as for bus_query_ends. Blocks <= timeout_ms. */
MUST_CHECK enum rc bus_offsets_at(struct bus_consumer *c, usec_t at, struct bus_position *positions,
                                  size_t count, int timeout_ms, struct error *err);

/* A progress hint for lag tools; never read as a position. Asynchronous, errors are dropped. */
void bus_commit_hint(struct bus_consumer *c, const struct bus_position *positions, size_t count);

/* --- transactions --- */

struct bus_record { /* borrowed; copied by the call */
    const char *topic;
    int partition;
    struct bytes key, value; /* value.data == NULL: a tombstone */
    usec_t at; /* of plain producers, where the topic takes its writers' time; 0: now */
};

/* Fences earlier owners of the name, in 10 ms steps until it succeeds (deadline_ms), then warms `topics`. */
MUST_CHECK enum rc bus_txn_new(struct bus *bus, const char *const *topics, size_t count,
                               int deadline_ms, struct bus_txn **ret, struct error *err);
void bus_txn_free(struct bus_txn *t);
/* What the library calls retriable is repeated inside, each call for up to 18 s, then it is RC_FATAL.
   RC_CONFLICT from any of these: call bus_txn_abort, then plan again. */
MUST_CHECK enum rc bus_txn_begin(struct bus_txn *t, struct error *err);
MUST_CHECK enum rc bus_txn_produce(struct bus_txn *t, const struct bus_record *record,
                                   struct error *err);
/* all acknowledged */
MUST_CHECK enum rc bus_txn_flush(struct bus_txn *t, int timeout_ms, struct error *err);
/* With the group metadata of the consumer's last assignment: the broker rejects a zombie. */
MUST_CHECK enum rc bus_txn_offsets(struct bus_txn *t, struct bus_consumer *c,
                                   const struct bus_position *next, size_t count,
                                   struct error *err);
MUST_CHECK enum rc bus_txn_commit(struct bus_txn *t, struct error *err);
/* Places with records of this transaction, or of the one that was aborted last, that the broker has not acknowledged. Answers
   how many there are, filling `ret` as far as there is room; topics live until the next bus_txn_begin. */
size_t bus_txn_unwritten(const struct bus_txn *t, struct bus_position *ret, size_t room);
MUST_CHECK enum rc bus_txn_abort(struct bus_txn *t, struct error *err); /* one try of at most 5 s */
void bus_txn_serve(struct bus_txn *t); /* delivery reports between turns */
/* The broker's time of the last acknowledged record; 0 before the first one. */
usec_t bus_txn_broker_time(const struct bus_txn *t);

/* --- the reaper: init_transactions under another instance's name --- */

struct bus_fence;

MUST_CHECK enum rc bus_fence_new(struct bus *bus, const char *transactional_id,
                                 struct bus_fence **ret, struct error *err);
/* One step of 2 ms: RC_OK fenced and aborted; RC_RETRY call again; else given up. */
MUST_CHECK enum rc bus_fence_step(struct bus_fence *f, struct error *err);
void bus_fence_free(struct bus_fence *f);

/* --- plain producer --- */

typedef void (*bus_delivered_fn)(void *ctx, enum rc rc, int partition, int64_t offset,
                                 const char *why);

MUST_CHECK enum rc bus_producer_new(struct bus *bus, struct bus_producer **ret, struct error *err);
void bus_producer_free(struct bus_producer *p); /* flushes up to 5 s */
/* `delivered` is called from bus_producer_serve, exactly once, unless the call itself fails. Partition explicit. Its rc
   and that of the call are RC_INVALID only where the record itself can never be taken; what an operator may mend is RC_RETRY. */
MUST_CHECK enum rc bus_producer_send(struct bus_producer *p, const struct bus_record *record,
                                     bus_delivered_fn delivered, void *ctx, struct error *err);
/* readable when bus_producer_serve has something to do */
int bus_producer_fd(struct bus_producer *p);
int bus_producer_serve(struct bus_producer *p, int timeout_ms);
MUST_CHECK enum rc bus_producer_flush(struct bus_producer *p, int timeout_ms, struct error *err);
/* What is not acknowledged is answered as failed now: bus_producer_free has nothing to wait for then. */
void bus_producer_give_up(struct bus_producer *p);

/* --- questions --- */

enum bus_answer_kind {
    BUS_ANSWER_NONE,
    BUS_ANSWER_STABLE_OFFSETS,
    BUS_ANSWER_MEMBERS,
    BUS_ANSWER_TOPICS,
};

struct bus_topic_state {
    const char *name;
    int partitions;
    const bool *is_writable; /* [partitions]: it has a leader and enough replicas in sync */
};

struct bus_answer { /* borrowed until the next bus_admin_poll */
    enum bus_answer_kind kind;
    void *token; /* as given with the question */
    enum rc rc;  /* RC_OK, or RC_RETRY: ask again */
    struct error err;
    const struct bus_stable {
        int partition;
        bool is_stable; /* false: a transaction is pending */
        int64_t offset; /* the next one; BUS_NONE: none is stored; the simulator leaves it out */
    } * stable;
    size_t stable_count;
    const char *const *members; /* group.instance.id of each member; NULL for a dynamic one */
    size_t member_count;
    /* What they have been given; as offset the place of who has it in `members`. The simulator leaves it out. */
    const struct bus_position *owned;
    size_t owned_count;
    const struct bus_topic_state *topics;
    size_t topic_count;
};

MUST_CHECK enum rc bus_admin_new(struct bus *bus, struct bus_admin **ret, struct error *err);
void bus_admin_free(struct bus_admin *a);
/* Has the group a stable committed offset (none at all counts) in each of these partitions of topic? Asynchronous. */
void bus_ask_stable_offsets(struct bus_admin *a, const char *group, const char *topic,
                            const int *partitions, size_t count, void *token);
void bus_ask_members(struct bus_admin *a, const char *group, void *token);
/* What topics there are whose names start with prefix, sorted. One question at a time. */
void bus_ask_topics(struct bus_admin *a, const char *prefix, void *token);
/* false: nothing yet */
bool bus_admin_poll(struct bus_admin *a, int timeout_ms, struct bus_answer *ret);

struct bus_topic { /* what a topic is, or should be */
    const char *name;
    int partitions, replication; /* to be made with replication 0: as the brokers' default says */
    const char *cleanup_policy;  /* "delete" or "compact" */
    int64_t retention_ms;        /* -1 = for ever */
    const char *timestamp_type;  /* "LogAppendTime" */
    int min_insync;              /* to be made with 0: as the brokers' default says */
    int max_message_bytes;       /* of a batch, as it was sent; 0 = the broker's default */
    int64_t segment_ms;          /* 0 = the broker's default; small ones compact early (tests) */
};

/* Reads what exists; RC_NOT_FOUND when the topic does not. Blocks up to 10 s. Text fields point into `memory`. */
struct arena;
MUST_CHECK enum rc bus_topic_read(struct bus_admin *a, const char *name, struct arena *memory,
                                  struct bus_topic *ret, struct error *err);
/* How many it has; RC_NOT_FOUND when there is no such topic. Blocks up to timeout_ms. */
MUST_CHECK enum rc bus_topic_partitions(struct bus_admin *a, const char *name, int timeout_ms,
                                        int *ret, struct error *err);
MUST_CHECK enum rc bus_topic_create(struct bus_admin *a, const struct bus_topic *topic,
                                    struct error *err); /* existing: RC_CONFLICT */
/* Sets policy, retention, timestamp type, min.insync, the longest message and segments; what else is set on the topic stays. */
MUST_CHECK enum rc bus_topic_alter(struct bus_admin *a, const struct bus_topic *topic,
                                   struct error *err);
/* Names of all topics that start with prefix, sorted. */
MUST_CHECK enum rc bus_topic_list(struct bus_admin *a, const char *prefix, struct arena *memory,
                                  const char ***ret, size_t *ret_count, struct error *err);

/* The same as bus_ask_topics, but blocks: up to 6 s. */
MUST_CHECK enum rc bus_topic_states(struct bus_admin *a, const char *prefix, struct arena *memory,
                                    const struct bus_topic_state **ret, size_t *ret_count,
                                    struct error *err);

DEFINE_SCOPED(bus, struct bus, bus_free)
DEFINE_SCOPED(bus_consumer, struct bus_consumer, bus_consumer_free)
DEFINE_SCOPED(bus_txn, struct bus_txn, bus_txn_free)
DEFINE_SCOPED(bus_producer, struct bus_producer, bus_producer_free)
DEFINE_SCOPED(bus_admin, struct bus_admin, bus_admin_free)
DEFINE_SCOPED(bus_fence, struct bus_fence, bus_fence_free)

#endif
