#include <stdlib.h>
#include <string.h>

#include "support/memlog_state.h"

struct mem_txn {
    struct bus_txn base;
    struct mem_bus *bus;
    struct writer *writer;
    int epoch;
    usec_t broker_time;
    struct bus_position *unwritten; /* owned topics */
    size_t unwritten_count, unwritten_capacity;
};

struct mem_fence {
    struct bus_fence base;
    struct mem_bus *bus;
    char *id;
};

static struct mem_txn *txn_of(const struct bus_txn *base)
{
    return (struct mem_txn *)(uintptr_t)base;
}

static void forget_unwritten(struct mem_txn *t)
{
    for (size_t i = 0; i < t->unwritten_count; i++)
        free((void *)(uintptr_t)t->unwritten[i].topic);
    t->unwritten_count = 0;
}

static void note_unwritten(struct mem_txn *t, const struct bus_record *r)
{
    t->unwritten =
        array_grow(t->unwritten, t->unwritten_count, &t->unwritten_capacity, sizeof *t->unwritten);
    t->unwritten[t->unwritten_count++] =
        (struct bus_position){.topic = xstrdup(r->topic), .partition = r->partition};
}

static void take_over(struct mem_bus *bus, const char *id)
{
    struct writer *w = memlog_writer(bus->log, id);

    memlog_end_run(bus->log, w, RUN_ABORTED);
    memlog_write_markers(bus->log, w); /* init_transactions waits for them */
    w->epoch++;
    w->timeout = bus->transaction_timeout;
}

enum rc mem_txn_new(struct bus *base, const char *const *topics UNUSED, size_t count UNUSED,
                    int deadline_ms UNUSED, struct bus_txn **ret, struct error *err UNUSED)
{
    struct mem_txn *t = xcalloc(1, sizeof *t);

    t->base.driver = &memlog_driver;
    t->bus = memlog_bus_of(base);
    take_over(t->bus, t->bus->instance);
    t->writer = memlog_writer(t->bus->log, t->bus->instance);
    t->epoch = t->writer->epoch;
    *ret = &t->base;
    return RC_OK;
}

void mem_txn_free(struct bus_txn *base)
{
    forget_unwritten(txn_of(base));
    free(txn_of(base)->unwritten);
    free(base);
}

static enum rc txn_call(struct mem_txn *t, const char *call, struct error *err)
{
    TRY(memlog_step(t->bus, call, err));
    if (t->epoch != t->writer->epoch)
        return error_set(err, RC_FENCED, "could not %s: fenced by a newer instance", call);
    return RC_OK;
}

enum rc mem_txn_begin(struct bus_txn *base, struct error *err)
{
    struct mem_txn *t = txn_of(base);
    struct memlog *m = t->bus->log;

    TRY(txn_call(t, "begin", err));
    if (t->writer->run != NULL)
        return error_set(err, RC_FATAL, "could not begin: a transaction is open");
    forget_unwritten(t);
    memlog_write_markers(m, t->writer); /* of the last one: Kafka makes us wait for them */
    t->writer->run = xcalloc(1, sizeof *t->writer->run);
    t->writer->run->older = m->runs;
    m->runs = t->writer->run;
    t->writer->began = m->now;
    return RC_OK;
}

static void touch(struct writer *w, const struct bus_record *r, int64_t offset)
{
    for (size_t i = 0; i < w->touched_count; i++)
        if (w->touched[i].partition == r->partition && strcmp(w->touched[i].topic, r->topic) == 0)
            return;
    w->touched = array_grow(w->touched, w->touched_count, &w->touched_capacity, sizeof *w->touched);
    w->touched[w->touched_count++] =
        (struct touched){.topic = xstrdup(r->topic), .partition = r->partition, .first = offset};
}

enum rc mem_txn_produce(struct bus_txn *base, const struct bus_record *record, struct error *err)
{
    struct mem_txn *t = txn_of(base);
    struct part *part = memlog_part(t->bus->log, record->topic, record->partition);

    TRY(txn_call(t, "produce", err));
    if (t->writer->run == NULL)
        return error_set(err, RC_FATAL, "could not produce: no transaction is open");
    if (part == NULL)
        return error_set(err, RC_CONFLICT, "could not produce to %s[%d]: no such partition",
                         record->topic, record->partition);
    if (record->key.len + record->value.len + MESSAGE_OVERHEAD > MESSAGE_MAX)
        return error_set(err, RC_CONFLICT, "could not produce to %s[%d]: the record is too large",
                         record->topic, record->partition);
    if (part->is_broken) {
        note_unwritten(t, record);
        return RC_OK;
    }
    touch(t->writer, record, memlog_append(t->bus->log, part, record, t->writer->run));
    t->broker_time = t->bus->log->now;
    return RC_OK;
}

enum rc mem_txn_flush(struct bus_txn *base, int timeout_ms UNUSED, struct error *err)
{
    struct mem_txn *t = txn_of(base);

    TRY(txn_call(t, "flush", err));
    if (t->unwritten_count > 0)
        return error_set(err, RC_CONFLICT, "could not flush: %zu records unacknowledged",
                         t->unwritten_count);
    return RC_OK;
}

enum rc mem_txn_offsets(struct bus_txn *base, struct bus_consumer *c,
                        const struct bus_position *next, size_t count, struct error *err)
{
    struct mem_txn *t = txn_of(base);
    struct writer *w = t->writer;

    TRY(txn_call(t, "offsets", err));
    if (count == 0)
        return RC_OK; /* and nothing is fenced: as the real one does */
    if (!memlog_is_current(memlog_consumer_of(c)))
        return error_set(err, RC_CONFLICT, "could not send offsets: not a current member");
    for (size_t i = 0; i < count; i++) {
        SCOPED(text) char *topic = xstrdup(next[i].topic);
        const struct stored one = {memlog_consumer_of(c)->group->name, topic, next[i].partition,
                                   next[i].offset};

        memlog_store(&w->pending, &w->pending_count, &w->pending_capacity, &one);
    }
    return RC_OK;
}

enum rc mem_txn_commit(struct bus_txn *base, struct error *err)
{
    struct mem_txn *t = txn_of(base);

    TRY(txn_call(t, "commit", err));
    memlog_end_run(t->bus->log, t->writer, RUN_COMMITTED);
    return RC_OK;
}

size_t mem_txn_unwritten(const struct bus_txn *base, struct bus_position *ret, size_t room)
{
    const struct mem_txn *t = txn_of(base);

    for (size_t i = 0; i < t->unwritten_count && i < room; i++)
        ret[i] = t->unwritten[i];
    return t->unwritten_count;
}

enum rc mem_txn_abort(struct bus_txn *base, struct error *err)
{
    struct mem_txn *t = txn_of(base);

    TRY(txn_call(t, "abort", err));
    memlog_end_run(t->bus->log, t->writer, RUN_ABORTED);
    return RC_OK;
}

void mem_txn_serve(struct bus_txn *base UNUSED)
{
}

usec_t mem_txn_broker_time(const struct bus_txn *base)
{
    return ((const struct mem_txn *)base)->broker_time;
}

/* --- the fence --- */

enum rc mem_fence_new(struct bus *base, const char *transactional_id, struct bus_fence **ret,
                      struct error *err UNUSED)
{
    struct mem_fence *f = xcalloc(1, sizeof *f);

    f->base.driver = &memlog_driver;
    f->bus = memlog_bus_of(base);
    f->id = xstrdup(transactional_id);
    *ret = &f->base;
    return RC_OK;
}

enum rc mem_fence_step(struct bus_fence *base, struct error *err UNUSED)
{
    struct mem_fence *f = (struct mem_fence *)base;

    take_over(f->bus, f->id);
    return RC_OK;
}

void mem_fence_free(struct bus_fence *base)
{
    free(((struct mem_fence *)base)->id);
    free(base);
}
