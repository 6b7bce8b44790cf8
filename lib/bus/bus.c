#include "bus/bus.h"

#include "bus/driver.h"

void bus_free(struct bus *bus)
{
    if (bus != NULL)
        bus->driver->free(bus);
}

enum rc bus_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                         struct bus_consumer **ret, struct error *err)
{
    return bus->driver->consumer_new(bus, config, ret, err);
}

void bus_consumer_free(struct bus_consumer *c)
{
    if (c != NULL)
        c->driver->consumer_free(c);
}

void bus_consumer_close(struct bus_consumer *c)
{
    if (c != NULL)
        c->driver->consumer_close(c);
}

void bus_poll(struct bus_consumer *c, int timeout_ms, struct bus_event *ret)
{
    c->driver->poll(c, timeout_ms, ret);
}

int bus_consumer_fd(struct bus_consumer *c)
{
    return c->driver->consumer_fd(c);
}

enum rc bus_assign(struct bus_consumer *c, const struct bus_position *positions, size_t count,
                   struct error *err)
{
    return c->driver->assign(c, positions, count, err);
}

enum rc bus_assign_add(struct bus_consumer *c, struct bus_position position, struct error *err)
{
    return c->driver->assign_add(c, position, err);
}

void bus_assign_remove(struct bus_consumer *c, const char *topic, int partition)
{
    c->driver->assign_remove(c, topic, partition);
}

int64_t bus_high_watermark(struct bus_consumer *c, const char *topic, int partition)
{
    return c->driver->high_watermark(c, topic, partition);
}

enum rc bus_query_ends(struct bus_consumer *c, const char *topic, int partition, int timeout_ms,
                       int64_t ret[2], struct error *err)
{
    const struct bus_position of = {.topic = topic, .partition = partition};

    return c->driver->query_ends(c, &of, timeout_ms, ret, err);
}

enum rc bus_commit(struct bus_consumer *c, const struct bus_position *next, size_t count,
                   int timeout_ms, struct error *err)
{
    return c->driver->commit(c, next, count, timeout_ms, err);
}

enum rc bus_stored(struct bus_consumer *c, struct bus_position *positions, size_t count,
                   int timeout_ms, struct error *err)
{
    return count == 0 ? RC_OK : c->driver->stored(c, positions, count, timeout_ms, err);
}

enum rc bus_offsets_at(struct bus_consumer *c, usec_t at, struct bus_position *positions,
                       size_t count, int timeout_ms, struct error *err)
{
    return count == 0 ? RC_OK : c->driver->offsets_at(c, at, positions, count, timeout_ms, err);
}

void bus_commit_hint(struct bus_consumer *c, const struct bus_position *positions, size_t count)
{
    c->driver->commit_hint(c, positions, count);
}

enum rc bus_txn_new(struct bus *bus, const char *const *topics, size_t count, int deadline_ms,
                    struct bus_txn **ret, struct error *err)
{
    return bus->driver->txn_new(bus, topics, count, deadline_ms, ret, err);
}

void bus_txn_free(struct bus_txn *t)
{
    if (t != NULL)
        t->driver->txn_free(t);
}

enum rc bus_txn_begin(struct bus_txn *t, struct error *err)
{
    return t->driver->txn_begin(t, err);
}

enum rc bus_txn_produce(struct bus_txn *t, const struct bus_record *record, struct error *err)
{
    return t->driver->txn_produce(t, record, err);
}

enum rc bus_txn_flush(struct bus_txn *t, int timeout_ms, struct error *err)
{
    return t->driver->txn_flush(t, timeout_ms, err);
}

enum rc bus_txn_offsets(struct bus_txn *t, struct bus_consumer *c, const struct bus_position *next,
                        size_t count, struct error *err)
{
    return t->driver->txn_offsets(t, c, next, count, err);
}

enum rc bus_txn_commit(struct bus_txn *t, struct error *err)
{
    return t->driver->txn_commit(t, err);
}

size_t bus_txn_unwritten(const struct bus_txn *t, struct bus_position *ret, size_t room)
{
    return t->driver->txn_unwritten(t, ret, room);
}

enum rc bus_txn_abort(struct bus_txn *t, struct error *err)
{
    return t->driver->txn_abort(t, err);
}

void bus_txn_serve(struct bus_txn *t)
{
    t->driver->txn_serve(t);
}

usec_t bus_txn_broker_time(const struct bus_txn *t)
{
    return t->driver->txn_broker_time(t);
}

enum rc bus_fence_new(struct bus *bus, const char *transactional_id, struct bus_fence **ret,
                      struct error *err)
{
    return bus->driver->fence_new(bus, transactional_id, ret, err);
}

enum rc bus_fence_step(struct bus_fence *f, struct error *err)
{
    return f->driver->fence_step(f, err);
}

void bus_fence_free(struct bus_fence *f)
{
    if (f != NULL)
        f->driver->fence_free(f);
}

enum rc bus_producer_new(struct bus *bus, struct bus_producer **ret, struct error *err)
{
    return bus->driver->producer_new(bus, ret, err);
}

void bus_producer_free(struct bus_producer *p)
{
    if (p != NULL)
        p->driver->producer_free(p);
}

enum rc bus_producer_send(struct bus_producer *p, const struct bus_record *record,
                          bus_delivered_fn delivered, void *ctx, struct error *err)
{
    return p->driver->producer_send(p, record, delivered, ctx, err);
}

int bus_producer_fd(struct bus_producer *p)
{
    return p->driver->producer_fd(p);
}

int bus_producer_serve(struct bus_producer *p, int timeout_ms)
{
    return p->driver->producer_serve(p, timeout_ms);
}

enum rc bus_producer_flush(struct bus_producer *p, int timeout_ms, struct error *err)
{
    return p->driver->producer_flush(p, timeout_ms, err);
}

void bus_producer_give_up(struct bus_producer *p)
{
    p->driver->producer_give_up(p);
}

enum rc bus_admin_new(struct bus *bus, struct bus_admin **ret, struct error *err)
{
    return bus->driver->admin_new(bus, ret, err);
}

void bus_admin_free(struct bus_admin *a)
{
    if (a != NULL)
        a->driver->admin_free(a);
}

void bus_ask_stable_offsets(struct bus_admin *a, const char *group, const char *topic,
                            const int *partitions, size_t count, void *token)
{
    a->driver->ask_stable_offsets(a, group, topic, partitions, count, token);
}

void bus_ask_members(struct bus_admin *a, const char *group, void *token)
{
    a->driver->ask_members(a, group, token);
}

void bus_ask_topics(struct bus_admin *a, const char *prefix, void *token)
{
    a->driver->ask_topics(a, prefix, token);
}

bool bus_admin_poll(struct bus_admin *a, int timeout_ms, struct bus_answer *ret)
{
    return a->driver->admin_poll(a, timeout_ms, ret);
}

enum rc bus_topic_read(struct bus_admin *a, const char *name, struct arena *memory,
                       struct bus_topic *ret, struct error *err)
{
    return a->driver->topic_read(a, name, memory, ret, err);
}

enum rc bus_topic_partitions(struct bus_admin *a, const char *name, int timeout_ms, int *ret,
                             struct error *err)
{
    return a->driver->topic_partitions(a, name, timeout_ms, ret, err);
}

enum rc bus_topic_create(struct bus_admin *a, const struct bus_topic *topic, struct error *err)
{
    return a->driver->topic_create(a, topic, err);
}

enum rc bus_topic_alter(struct bus_admin *a, const struct bus_topic *topic, struct error *err)
{
    return a->driver->topic_alter(a, topic, err);
}

enum rc bus_topic_list(struct bus_admin *a, const char *prefix, struct arena *memory,
                       const char ***ret, size_t *ret_count, struct error *err)
{
    return a->driver->topic_list(a, prefix, memory, ret, ret_count, err);
}

enum rc bus_topic_states(struct bus_admin *a, const char *prefix, struct arena *memory,
                         const struct bus_topic_state **ret, size_t *ret_count, struct error *err)
{
    return a->driver->topic_states(a, prefix, memory, ret, ret_count, err);
}
