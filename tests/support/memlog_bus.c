/*
 * The driver: one client of the log, and which file answers what.
 */
#include <stdlib.h>

#include "support/memlog_state.h"

struct mem_bus *memlog_bus_of(struct bus *base)
{
    return (struct mem_bus *)base;
}

struct bus *memlog_bus(struct memlog *m, const char *instance, int session_timeout_ms,
                       int transaction_timeout_ms)
{
    struct mem_bus *bus = xcalloc(1, sizeof *bus);

    bus->base.driver = &memlog_driver;
    bus->log = m;
    bus->instance = xstrdup(instance);
    bus->session = session_timeout_ms * USEC_PER_MS;
    bus->transaction_timeout = transaction_timeout_ms * USEC_PER_MS;
    return &bus->base;
}

void mem_free(struct bus *base)
{
    free(memlog_bus_of(base)->instance);
    free(base);
}

const struct bus_driver memlog_driver = {
    .free = mem_free,
    .consumer_new = mem_consumer_new,
    .consumer_free = mem_consumer_free,
    .consumer_close = mem_consumer_close,
    .poll = mem_poll,
    .consumer_fd = mem_consumer_fd,
    .assign = mem_assign,
    .assign_add = mem_assign_add,
    .assign_remove = mem_assign_remove,
    .high_watermark = mem_high_watermark,
    .query_ends = mem_query_ends,
    .commit = mem_commit,
    .stored = mem_stored,
    .offsets_at = mem_offsets_at,
    .commit_hint = mem_commit_hint,
    .txn_new = mem_txn_new,
    .txn_free = mem_txn_free,
    .txn_begin = mem_txn_begin,
    .txn_produce = mem_txn_produce,
    .txn_flush = mem_txn_flush,
    .txn_offsets = mem_txn_offsets,
    .txn_commit = mem_txn_commit,
    .txn_unwritten = mem_txn_unwritten,
    .txn_abort = mem_txn_abort,
    .txn_serve = mem_txn_serve,
    .txn_broker_time = mem_txn_broker_time,
    .fence_new = mem_fence_new,
    .fence_step = mem_fence_step,
    .fence_free = mem_fence_free,
    .producer_new = mem_producer_new,
    .producer_free = mem_producer_free,
    .producer_send = mem_producer_send,
    .producer_fd = mem_producer_fd,
    .producer_serve = mem_producer_serve,
    .producer_flush = mem_producer_flush,
    .producer_give_up = mem_producer_give_up,
    .admin_new = mem_admin_new,
    .admin_free = mem_admin_free,
    .ask_stable_offsets = mem_ask_stable_offsets,
    .ask_members = mem_ask_members,
    .ask_topics = mem_ask_topics,
    .admin_poll = mem_admin_poll,
    .topic_read = mem_topic_read,
    .topic_partitions = mem_topic_partitions,
    .topic_create = mem_topic_create,
    .topic_alter = mem_topic_alter,
    .topic_list = mem_topic_list,
    .topic_states = mem_topic_states,
};
