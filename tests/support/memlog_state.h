/*
 * memlog_state.h - what memlog's files share: the log and the groups as data.
 */
#ifndef SUPPORT_MEMLOG_STATE_H
#define SUPPORT_MEMLOG_STATE_H

#include "bus/driver.h"
#include "bus/topics.h"
#include "support/memlog.h"

enum {
    MESSAGE_MAX = 1000000, /* what librdkafka sends; other clients and the broker go up to 1 MiB */
    MESSAGE_OVERHEAD = 40,
    SENT_MESSAGE_MAX = 1 << 20,
};

enum run_state { RUN_OPEN, RUN_COMMITTED, RUN_ABORTED };

struct run { /* one transaction; lives as long as the log */
    enum run_state state;
    struct run *older;
};

struct entry {
    int64_t offset;
    usec_t timestamp;
    struct bytes key, value; /* owned; value.data NULL: a tombstone */
    const struct run *run;   /* NULL: written without a transaction */
    bool is_marker;
    int64_t first, next; /* of the batch that cannot be unpacked; next 0: it can */
};

struct part {
    struct entry *entries; /* by offset, with gaps */
    size_t count, capacity;
    int64_t low, end;                /* first offset that is kept; high watermark */
    bool is_broken, is_known_broken; /* see memlog_break */
};

struct topic {
    struct bus_topic shape; /* owned texts */
    struct part *parts;
};

struct touched { /* a partition that a transaction has written to, marker still to come */
    char *topic;
    int partition;
    int64_t first;
};

struct stored { /* an offset of a group */
    char *group, *topic;
    int partition;
    int64_t offset;
};

struct writer { /* one transactional.id */
    char *id;
    int epoch;
    struct run *run; /* NULL: none open */
    usec_t began, timeout;
    struct touched *touched;
    size_t touched_count, touched_capacity;
    struct stored *pending; /* offsets of the open transaction */
    size_t pending_count, pending_capacity;
};

struct member {
    char *instance; /* group.instance.id, or a made-up name of a dynamic member */
    bool is_static;
    long id;                       /* a new one with every join: what fences a zombie */
    struct mem_consumer *consumer; /* NULL: its process is gone */
    bool is_frozen;
    usec_t silent_since; /* once its process is gone or frozen */
    usec_t session;
    bool has_joined; /* the rebalance under way */
    bool has_news;   /* its assignment is to be handed out */
    char **topics;   /* subscribed, NULL ends */
};

struct group {
    char *name;
    int generation;
    bool is_rebalancing;
    struct member **members; /* by instance */
    size_t count, capacity;
};

struct memlog {
    usec_t now;
    struct topic **topics; /* by name */
    size_t topic_count, topic_capacity;
    struct writer **writers;
    size_t writer_count, writer_capacity;
    struct group **groups;
    size_t group_count, group_capacity;
    struct stored *stored;
    size_t stored_count, stored_capacity;
    struct run *runs; /* newest first */
    bool holds_markers;
    long last_member_id;
    memlog_step_fn step;
    void *step_ctx;
};

struct mem_bus {
    struct bus base;
    struct memlog *log;
    char *instance;
    usec_t session, transaction_timeout;
};

struct mem_position {
    char *topic;
    int partition;
    int64_t next;     /* resolved; < 0 until the first fetch */
    int64_t eof_told; /* -1 = not */
};

struct mem_high { /* as the last fetch saw it; outlives the assignment */
    char *topic;
    int partition;
    int64_t high;
};

struct mem_consumer {
    struct bus_consumer base;
    struct mem_bus *bus;
    struct group *group;   /* NULL: none */
    struct member *member; /* NULL: not any more */
    bool is_fenced;
    enum bus_isolation isolation;
    long metadata_id; /* member id and generation of the assignment in force; 0 = none */
    int metadata_generation;
    struct mem_position *positions;
    size_t position_count;
    size_t turn; /* which position is asked first */
    struct mem_high *highs;
    size_t high_count, high_capacity;
    struct bus_position *shown; /* of the last BUS_ASSIGNED */
    int fd;
    char **topics; /* subscribed; for joining again */
    bool is_static;
};

/* --- memlog.c: the log --- */

struct topic *memlog_topic(struct memlog *m, const char *name);               /* NULL: none */
struct part *memlog_part(struct memlog *m, const char *topic, int partition); /* NULL: none */
int64_t memlog_append(struct memlog *m, struct part *part, const struct bus_record *record,
                      const struct run *run);
int64_t memlog_stable_end(const struct memlog *m, const char *topic, int partition);
/* First entry at or after `offset` that may be seen below `limit`; NULL: none. */
const struct entry *memlog_visible(const struct part *part, int64_t offset, int64_t limit,
                                   enum bus_isolation isolation);
enum rc memlog_step(const struct mem_bus *bus, const char *call, struct error *err);

struct writer *memlog_writer(struct memlog *m, const char *id); /* made when there is none */
void memlog_end_run(struct memlog *m, struct writer *w, enum run_state state);
void memlog_write_markers(struct memlog *m, struct writer *w);
void memlog_store(struct stored **all, size_t *count, size_t *capacity, const struct stored *one);
/* -1: none */
int64_t memlog_stored(const struct memlog *m, const char *group, const char *topic, int partition);

/* --- memlog_group.c --- */

struct group *memlog_group(struct memlog *m, const char *name); /* made when there is none */
void memlog_join(struct mem_consumer *c);
void memlog_leave(struct mem_consumer *c, bool at_once);
void memlog_end_sessions(struct memlog *m);
void memlog_topics_changed(struct memlog *m);
/* What the group has to tell this consumer; false: nothing. */
bool memlog_group_news(struct mem_consumer *c, struct bus_event *ret);
bool memlog_is_current(const struct mem_consumer *c); /* its metadata passes */
void memlog_free_groups(struct memlog *m);
void memlog_set_positions(struct mem_consumer *c, const struct bus_position *positions,
                          size_t count);

/* --- the driver's entries: memlog_consumer.c, _txn.c, _producer.c, _admin.c --- */

struct mem_bus *memlog_bus_of(struct bus *base);
struct mem_consumer *memlog_consumer_of(struct bus_consumer *base);
extern const struct bus_driver memlog_driver;

void mem_free(struct bus *base);
enum rc mem_consumer_new(struct bus *base, const struct bus_consumer_config *config,
                         struct bus_consumer **ret, struct error *err);
void mem_consumer_free(struct bus_consumer *base);
void mem_consumer_close(struct bus_consumer *base);
void mem_poll(struct bus_consumer *base, int timeout_ms, struct bus_event *ret);
int mem_consumer_fd(struct bus_consumer *base);
enum rc mem_assign(struct bus_consumer *base, const struct bus_position *positions, size_t count,
                   struct error *err);
enum rc mem_assign_add(struct bus_consumer *base, struct bus_position position, struct error *err);
void mem_assign_remove(struct bus_consumer *base, const char *topic, int partition);
int64_t mem_high_watermark(struct bus_consumer *base, const char *topic, int partition);
enum rc mem_query_ends(struct bus_consumer *base, const struct bus_position *of, int timeout_ms,
                       int64_t ret[2], struct error *err);
enum rc mem_stored(struct bus_consumer *base, struct bus_position *positions, size_t count,
                   int timeout_ms, struct error *err);
enum rc mem_offsets_at(struct bus_consumer *base, usec_t at, struct bus_position *positions,
                       size_t count, int timeout_ms, struct error *err);
enum rc mem_commit(struct bus_consumer *base, const struct bus_position *next, size_t count,
                   int timeout_ms, struct error *err);
void mem_commit_hint(struct bus_consumer *base, const struct bus_position *positions, size_t count);
enum rc mem_txn_new(struct bus *base, const char *const *topics, size_t count, int deadline_ms,
                    struct bus_txn **ret, struct error *err);
void mem_txn_free(struct bus_txn *base);
enum rc mem_txn_begin(struct bus_txn *base, struct error *err);
enum rc mem_txn_produce(struct bus_txn *base, const struct bus_record *record, struct error *err);
enum rc mem_txn_flush(struct bus_txn *base, int timeout_ms, struct error *err);
enum rc mem_txn_offsets(struct bus_txn *base, struct bus_consumer *c,
                        const struct bus_position *next, size_t count, struct error *err);
enum rc mem_txn_commit(struct bus_txn *base, struct error *err);
size_t mem_txn_unwritten(const struct bus_txn *base, struct bus_position *ret, size_t room);
enum rc mem_txn_abort(struct bus_txn *base, struct error *err);
void mem_txn_serve(struct bus_txn *base);
usec_t mem_txn_broker_time(const struct bus_txn *base);
enum rc mem_fence_new(struct bus *base, const char *transactional_id, struct bus_fence **ret,
                      struct error *err);
enum rc mem_fence_step(struct bus_fence *base, struct error *err);
void mem_fence_free(struct bus_fence *base);
enum rc mem_producer_new(struct bus *base, struct bus_producer **ret, struct error *err);
void mem_producer_free(struct bus_producer *base);
enum rc mem_producer_send(struct bus_producer *base, const struct bus_record *record,
                          bus_delivered_fn delivered, void *ctx, struct error *err);
int mem_producer_fd(struct bus_producer *base);
int mem_producer_serve(struct bus_producer *base, int timeout_ms);
enum rc mem_producer_flush(struct bus_producer *base, int timeout_ms, struct error *err);
void mem_producer_give_up(struct bus_producer *base);
enum rc mem_admin_new(struct bus *base, struct bus_admin **ret, struct error *err);
void mem_admin_free(struct bus_admin *base);
void mem_ask_stable_offsets(struct bus_admin *base, const char *group, const char *topic,
                            const int *partitions, size_t count, void *token);
void mem_ask_members(struct bus_admin *base, const char *group, void *token);
void mem_ask_topics(struct bus_admin *base, const char *prefix, void *token);
enum rc mem_topic_states(struct bus_admin *base, const char *prefix, struct arena *memory,
                         const struct bus_topic_state **ret, size_t *ret_count, struct error *err);
bool mem_admin_poll(struct bus_admin *base, int timeout_ms, struct bus_answer *ret);
enum rc mem_topic_read(struct bus_admin *base, const char *name, struct arena *memory,
                       struct bus_topic *ret, struct error *err);
enum rc mem_topic_partitions(struct bus_admin *base, const char *name, int timeout_ms, int *ret,
                             struct error *err);
enum rc mem_topic_create(struct bus_admin *base, const struct bus_topic *topic, struct error *err);
enum rc mem_topic_alter(struct bus_admin *base, const struct bus_topic *topic, struct error *err);
enum rc mem_topic_list(struct bus_admin *base, const char *prefix, struct arena *memory,
                       const char ***ret, size_t *ret_count, struct error *err);

#endif
