#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "support/memlog_state.h"

struct mem_delivery {
    bus_delivered_fn delivered;
    void *ctx;
    int partition;
    int64_t offset;
};

struct mem_producer {
    struct bus_producer base;
    struct mem_bus *bus;
    struct mem_delivery *waiting;
    size_t count, capacity;
    int fd;
};

static struct mem_producer *producer_of(struct bus_producer *base)
{
    return (struct mem_producer *)base;
}

enum rc mem_producer_new(struct bus *base, struct bus_producer **ret, struct error *err UNUSED)
{
    struct mem_producer *p = xcalloc(1, sizeof *p);

    p->base.driver = &memlog_driver;
    p->bus = memlog_bus_of(base);
    p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *ret = &p->base;
    return RC_OK;
}

enum rc mem_producer_send(struct bus_producer *base, const struct bus_record *record,
                          bus_delivered_fn delivered, void *ctx, struct error *err)
{
    struct mem_producer *p = producer_of(base);
    struct part *part = memlog_part(p->bus->log, record->topic, record->partition);
    const uint64_t one = 1;
    int64_t offset;

    TRY(memlog_step(p->bus, "send", err));
    if (part == NULL)
        return error_set(err, RC_NOT_FOUND, "could not produce to %s[%d]: no such partition",
                         record->topic, record->partition);
    if (record->key.len + record->value.len + MESSAGE_OVERHEAD > SENT_MESSAGE_MAX)
        return error_set(err, RC_INVALID, "could not produce to %s[%d]: the record is too large",
                         record->topic, record->partition);
    offset = memlog_append(p->bus->log, part, record, NULL);
    if (delivered == NULL)
        return RC_OK;
    p->waiting = array_grow(p->waiting, p->count, &p->capacity, sizeof *p->waiting);
    p->waiting[p->count++] = (struct mem_delivery){delivered, ctx, record->partition, offset};
    (void)!write(p->fd, &one, sizeof one);
    return RC_OK;
}

int mem_producer_fd(struct bus_producer *base)
{
    return producer_of(base)->fd;
}

int mem_producer_serve(struct bus_producer *base, int timeout_ms UNUSED)
{
    struct mem_producer *p = producer_of(base);
    struct mem_delivery *waiting = TAKE(p->waiting);
    size_t count = p->count;
    uint64_t woken;

    p->count = p->capacity = 0; /* `delivered` may send more */
    (void)!read(p->fd, &woken, sizeof woken);
    for (size_t i = 0; i < count; i++)
        waiting[i].delivered(waiting[i].ctx, RC_OK, waiting[i].partition, waiting[i].offset, NULL);
    free(waiting);
    return (int)count;
}

enum rc mem_producer_flush(struct bus_producer *base, int timeout_ms, struct error *err UNUSED)
{
    while (mem_producer_serve(base, timeout_ms) > 0)
        continue;
    return RC_OK;
}

/* Here everything is taken at once. */
void mem_producer_give_up(struct bus_producer *base)
{
    (void)mem_producer_serve(base, 0);
}

void mem_producer_free(struct bus_producer *base)
{
    struct mem_producer *p = producer_of(base);

    (void)mem_producer_serve(base, 0);
    if (p->fd >= 0)
        (void)close(p->fd);
    free(p->waiting);
    free(p);
}
