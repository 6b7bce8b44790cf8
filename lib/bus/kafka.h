/*
 * kafka.h - what the parts of the librdkafka driver share; nobody else includes it.
 *
 * The rules behind the settings and the order of calls were each found by experiment and are easy to
 * miss; they are written down in docs/kafka.md and, where a line looks odd, beside it.
 */
#ifndef BUS_KAFKA_H
#define BUS_KAFKA_H

#include <pthread.h>

#include <librdkafka/rdkafka.h>

#include "bus/driver.h"
#include "bus/gallop.h"

struct kafka { /* the bus itself */
    struct bus base;
    char *brokers, *instance;
    int session_timeout_ms, transaction_timeout_ms;
    pthread_mutex_t lock; /* of what is below; held while on_notice runs */
    size_t users;         /* the program, until bus_free, and the consumers: they may outlive it */
    void (*on_notice)(void *ctx, bool fatal, const char *text); /* NULL after bus_free */
    void *ctx;
};

struct kafka_handle { /* one librdkafka client; the opaque of all its callbacks */
    struct kafka *kafka;
    rd_kafka_t *rk;
    const char *role; /* for notices: "consumer", "transactional producer", ... */
    void *owner;      /* the struct that embeds this one */
};

struct kafka_setting {
    const char *name, *value;
};

enum { KAFKA_METADATA_MS = 5000, KAFKA_SOCKET_MS = 10000, KAFKA_NUMBER_TEXT = 16 };

struct kafka *kafka_of(struct bus *bus);
struct kafka *kafka_use(struct bus *bus);
void kafka_release(struct kafka *k);                               /* the last user frees it */
const char *kafka_number(int value, char text[KAFKA_NUMBER_TEXT]); /* of a setting */

/* The settings common to all, then `more` (name == NULL ends), log and error callbacks. */
MUST_CHECK enum rc kafka_conf_new(struct kafka_handle *handle, const struct kafka_setting *more,
                                  rd_kafka_conf_t **ret, struct error *err);
/* Starts the client; takes conf over in any case. */
MUST_CHECK enum rc kafka_start(struct kafka_handle *handle, rd_kafka_type_t type,
                               rd_kafka_conf_t *conf, struct error *err);
/* Tells on_notice, one notice at a time. Any thread; after bus_free nobody is told. */
void kafka_notice(const struct kafka_handle *handle, bool fatal, const char *name, const char *why);

/* The one place where librdkafka's errors become ours. Takes `e` over; NULL is RC_OK. */
enum rc kafka_error(rd_kafka_error_t *e, const char *what, struct error *err);
/* The same for functions that answer with a code only. `why` may be NULL. */
enum rc kafka_code(rd_kafka_resp_err_t code, const char *what, const char *why, struct error *err);
/* The same when the client as a whole has failed: the error behind RD_KAFKA_RESP_ERR__FATAL. */
enum rc kafka_fatal(const struct kafka_handle *handle, const char *what, struct error *err);

/* Wakes `fd` (an eventfd) whenever `queue` stops being empty. */
void kafka_wake(rd_kafka_queue_t *queue, int fd);
/* empties the eventfd: before the queue is served, so that nothing is lost */
void kafka_woken(int fd);

/* Asks for the metadata of one topic, so that its first use does not stall; kept while `ret` lives. */
rd_kafka_topic_t *kafka_warm(rd_kafka_t *rk, const char *topic);

/* --- the entries of the driver, each in the file of its name --- */

extern const struct bus_driver kafka_driver;

enum rc kafka_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                           struct bus_consumer **ret, struct error *err);
void kafka_consumer_free(struct bus_consumer *base);
void kafka_consumer_close(struct bus_consumer *base);
void kafka_poll(struct bus_consumer *base, int timeout_ms, struct bus_event *ret);
int kafka_consumer_fd(struct bus_consumer *base);
enum rc kafka_assign(struct bus_consumer *base, const struct bus_position *positions, size_t count,
                     struct error *err);
enum rc kafka_assign_add(struct bus_consumer *base, struct bus_position position,
                         struct error *err);
void kafka_assign_remove(struct bus_consumer *base, const char *topic, int partition);
int64_t kafka_high_watermark(struct bus_consumer *base, const char *topic, int partition);
enum rc kafka_query_ends(struct bus_consumer *base, const struct bus_position *of, int timeout_ms,
                         int64_t ret[2], struct error *err);
enum rc kafka_commit(struct bus_consumer *base, const struct bus_position *next, size_t count,
                     int timeout_ms, struct error *err);
enum rc kafka_stored(struct bus_consumer *base, struct bus_position *positions, size_t count,
                     int timeout_ms, struct error *err);
enum rc kafka_offsets_at(struct bus_consumer *base, usec_t at, struct bus_position *positions,
                         size_t count, int timeout_ms, struct error *err);
void kafka_commit_hint(struct bus_consumer *base, const struct bus_position *positions,
                       size_t count);
/* --- batches that cannot be unpacked: kafka_unreadable.c --- */

struct kafka_search { /* for the end of one; its partition is given to nobody meanwhile */
    char *topic;
    int partition;
    int64_t first;
    const char *code;
    struct gallop gallop;
};

struct kafka_searches {
    struct kafka_search *items; /* at most one a partition */
    size_t count, capacity;
};

/* Is it such a batch, or an answer to a search? True: it is dealt with; ret is a BUS_UNREADABLE when the end was found. */
bool kafka_search_take(struct kafka_searches *s, rd_kafka_t *rk, const rd_kafka_message_t *m,
                       struct bus_event *ret);
/* The partition starts from elsewhere, or is not read any more. */
void kafka_search_forget(struct kafka_searches *s, const char *topic, int partition);
void kafka_search_clear(struct kafka_searches *s);

/* NULL while the consumer has no assignment. */
const rd_kafka_consumer_group_metadata_t *kafka_group_metadata(const struct bus_consumer *base);
/* A list to be destroyed by the caller. */
rd_kafka_topic_partition_list_t *kafka_list(const struct bus_position *positions, size_t count);

enum rc kafka_txn_new(struct bus *bus, const char *const *topics, size_t count, int deadline_ms,
                      struct bus_txn **ret, struct error *err);
void kafka_txn_free(struct bus_txn *base);
enum rc kafka_txn_begin(struct bus_txn *base, struct error *err);
enum rc kafka_txn_produce(struct bus_txn *base, const struct bus_record *record, struct error *err);
enum rc kafka_txn_flush(struct bus_txn *base, int timeout_ms, struct error *err);
enum rc kafka_txn_offsets(struct bus_txn *base, struct bus_consumer *c,
                          const struct bus_position *next, size_t count, struct error *err);
enum rc kafka_txn_commit(struct bus_txn *base, struct error *err);
size_t kafka_txn_unwritten(const struct bus_txn *base, struct bus_position *ret, size_t room);
enum rc kafka_txn_abort(struct bus_txn *base, struct error *err);
void kafka_txn_serve(struct bus_txn *base);
usec_t kafka_txn_broker_time(const struct bus_txn *base);

enum rc kafka_fence_new(struct bus *bus, const char *transactional_id, struct bus_fence **ret,
                        struct error *err);
enum rc kafka_fence_step(struct bus_fence *base, struct error *err);
void kafka_fence_free(struct bus_fence *base);

enum rc kafka_producer_new(struct bus *bus, struct bus_producer **ret, struct error *err);
void kafka_producer_free(struct bus_producer *base);
enum rc kafka_producer_send(struct bus_producer *base, const struct bus_record *record,
                            bus_delivered_fn delivered, void *ctx, struct error *err);
int kafka_producer_fd(struct bus_producer *base);
int kafka_producer_serve(struct bus_producer *base, int timeout_ms);
enum rc kafka_producer_flush(struct bus_producer *base, int timeout_ms, struct error *err);
void kafka_producer_give_up(struct bus_producer *base);

struct kafka_admin {
    struct bus_admin base;
    struct kafka_handle handle;
    rd_kafka_queue_t *answers;
    rd_kafka_event_t *current; /* what the last answer borrows from */
    struct bus_stable *stable;
    struct bus_position *owned;
    size_t owned_capacity;
    const char **members;
    struct kafka_lookout *lookout; /* made with the first question about topics */
};

/* A thread of its own for a question that librdkafka only knows as a call that blocks. */
struct kafka_lookout *kafka_lookout_new(struct bus_admin *admin);
void kafka_lookout_free(struct kafka_lookout *l); /* waits for the question under way */
void kafka_lookout_ask(struct kafka_lookout *l, const char *prefix, void *token);
/* The answer lives until the next one is taken. */
bool kafka_lookout_take(struct kafka_lookout *l, struct bus_answer *ret);

enum rc kafka_admin_new(struct bus *bus, struct bus_admin **ret, struct error *err);
void kafka_admin_free(struct bus_admin *base);
void kafka_ask_stable_offsets(struct bus_admin *base, const char *group, const char *topic,
                              const int *partitions, size_t count, void *token);
void kafka_ask_members(struct bus_admin *base, const char *group, void *token);
void kafka_ask_topics(struct bus_admin *base, const char *prefix, void *token);
enum rc kafka_topic_states(struct bus_admin *base, const char *prefix, struct arena *memory,
                           const struct bus_topic_state **ret, size_t *ret_count,
                           struct error *err);
bool kafka_admin_poll(struct bus_admin *base, int timeout_ms, struct bus_answer *ret);
enum rc kafka_topic_read(struct bus_admin *base, const char *name, struct arena *memory,
                         struct bus_topic *ret, struct error *err);
enum rc kafka_topic_partitions(struct bus_admin *base, const char *name, int timeout_ms, int *ret,
                               struct error *err);
enum rc kafka_topic_create(struct bus_admin *base, const struct bus_topic *topic,
                           struct error *err);
enum rc kafka_topic_alter(struct bus_admin *base, const struct bus_topic *topic, struct error *err);
enum rc kafka_topic_list(struct bus_admin *base, const char *prefix, struct arena *memory,
                         const char ***ret, size_t *ret_count, struct error *err);

DEFINE_SCOPED(kafka_list, rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy)

#endif
