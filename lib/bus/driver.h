/*
 * driver.h - what an implementation of bus.h provides. Programs include bus.h only.
 *
 * Each handle starts with the driver that made it: an implementation's own struct has `struct bus_x base`
 * as its first member, so that bus.c finds the driver and the driver finds its own struct by a cast.
 * The entries mean what bus.h says of the function of that name.
 */
#ifndef BUS_DRIVER_H
#define BUS_DRIVER_H

#include "bus/bus.h"

struct bus_driver {
    void (*free)(struct bus *bus);

    enum rc (*consumer_new)(struct bus *bus, const struct bus_consumer_config *config,
                            struct bus_consumer **ret, struct error *err);
    void (*consumer_free)(struct bus_consumer *c);
    void (*consumer_close)(struct bus_consumer *c);
    void (*poll)(struct bus_consumer *c, int timeout_ms, struct bus_event *ret);
    int (*consumer_fd)(struct bus_consumer *c);
    enum rc (*assign)(struct bus_consumer *c, const struct bus_position *positions, size_t count,
                      struct error *err);
    enum rc (*assign_add)(struct bus_consumer *c, struct bus_position position, struct error *err);
    void (*assign_remove)(struct bus_consumer *c, const char *topic, int partition);
    int64_t (*high_watermark)(struct bus_consumer *c, const char *topic, int partition);
    enum rc (*query_ends)(struct bus_consumer *c, const struct bus_position *of, int timeout_ms,
                          int64_t ret[2], struct error *err);
    enum rc (*commit)(struct bus_consumer *c, const struct bus_position *next, size_t count,
                      int timeout_ms, struct error *err);
    enum rc (*stored)(struct bus_consumer *c, struct bus_position *positions, size_t count,
                      int timeout_ms, struct error *err);
    enum rc (*offsets_at)(struct bus_consumer *c, usec_t at, struct bus_position *positions,
                          size_t count, int timeout_ms, struct error *err);
    void (*commit_hint)(struct bus_consumer *c, const struct bus_position *positions, size_t count);

    enum rc (*txn_new)(struct bus *bus, const char *const *topics, size_t count, int deadline_ms,
                       struct bus_txn **ret, struct error *err);
    void (*txn_free)(struct bus_txn *t);
    enum rc (*txn_begin)(struct bus_txn *t, struct error *err);
    enum rc (*txn_produce)(struct bus_txn *t, const struct bus_record *record, struct error *err);
    enum rc (*txn_flush)(struct bus_txn *t, int timeout_ms, struct error *err);
    enum rc (*txn_offsets)(struct bus_txn *t, struct bus_consumer *c,
                           const struct bus_position *next, size_t count, struct error *err);
    enum rc (*txn_commit)(struct bus_txn *t, struct error *err);
    size_t (*txn_unwritten)(const struct bus_txn *t, struct bus_position *ret, size_t room);
    enum rc (*txn_abort)(struct bus_txn *t, struct error *err);
    void (*txn_serve)(struct bus_txn *t);
    usec_t (*txn_broker_time)(const struct bus_txn *t);

    enum rc (*fence_new)(struct bus *bus, const char *transactional_id, struct bus_fence **ret,
                         struct error *err);
    enum rc (*fence_step)(struct bus_fence *f, struct error *err);
    void (*fence_free)(struct bus_fence *f);

    enum rc (*producer_new)(struct bus *bus, struct bus_producer **ret, struct error *err);
    void (*producer_free)(struct bus_producer *p);
    enum rc (*producer_send)(struct bus_producer *p, const struct bus_record *record,
                             bus_delivered_fn delivered, void *ctx, struct error *err);
    int (*producer_fd)(struct bus_producer *p);
    int (*producer_serve)(struct bus_producer *p, int timeout_ms);
    enum rc (*producer_flush)(struct bus_producer *p, int timeout_ms, struct error *err);
    void (*producer_give_up)(struct bus_producer *p);

    enum rc (*admin_new)(struct bus *bus, struct bus_admin **ret, struct error *err);
    void (*admin_free)(struct bus_admin *a);
    void (*ask_stable_offsets)(struct bus_admin *a, const char *group, const char *topic,
                               const int *partitions, size_t count, void *token);
    void (*ask_members)(struct bus_admin *a, const char *group, void *token);
    void (*ask_topics)(struct bus_admin *a, const char *prefix, void *token);
    bool (*admin_poll)(struct bus_admin *a, int timeout_ms, struct bus_answer *ret);
    enum rc (*topic_read)(struct bus_admin *a, const char *name, struct arena *memory,
                          struct bus_topic *ret, struct error *err);
    enum rc (*topic_partitions)(struct bus_admin *a, const char *name, int timeout_ms, int *ret,
                                struct error *err);
    enum rc (*topic_create)(struct bus_admin *a, const struct bus_topic *topic, struct error *err);
    enum rc (*topic_alter)(struct bus_admin *a, const struct bus_topic *topic, struct error *err);
    enum rc (*topic_list)(struct bus_admin *a, const char *prefix, struct arena *memory,
                          const char ***ret, size_t *ret_count, struct error *err);
    enum rc (*topic_states)(struct bus_admin *a, const char *prefix, struct arena *memory,
                            const struct bus_topic_state **ret, size_t *ret_count,
                            struct error *err);
};

struct bus {
    const struct bus_driver *driver;
};
struct bus_consumer {
    const struct bus_driver *driver;
};
struct bus_txn {
    const struct bus_driver *driver;
};
struct bus_fence {
    const struct bus_driver *driver;
};
struct bus_producer {
    const struct bus_driver *driver;
};
struct bus_admin {
    const struct bus_driver *driver;
};

#endif
