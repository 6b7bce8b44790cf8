#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "support/memlog_state.h"

struct mem_consumer *memlog_consumer_of(struct bus_consumer *base)
{
    return (struct mem_consumer *)base;
}

static void free_positions(struct mem_consumer *c)
{
    for (size_t i = 0; i < c->position_count; i++)
        free(c->positions[i].topic);
    free(c->positions);
    c->positions = NULL;
    c->position_count = 0;
}

static struct mem_position position_of(const struct bus_position *p)
{
    return (struct mem_position){
        .topic = xstrdup(p->topic), .partition = p->partition, .next = p->offset, .eof_told = -1};
}

void memlog_set_positions(struct mem_consumer *c, const struct bus_position *positions,
                          size_t count)
{
    struct mem_position *fresh = xcalloc(count + 1, sizeof *fresh);

    for (size_t i = 0; i < count; i++)
        fresh[i] = position_of(&positions[i]);
    free_positions(c);
    c->positions = fresh;
    c->position_count = count;
    c->turn = 0;
}

enum rc mem_consumer_new(struct bus *base, const struct bus_consumer_config *config,
                         struct bus_consumer **ret, struct error *err UNUSED)
{
    struct mem_consumer *c = xcalloc(1, sizeof *c);
    size_t topics = 0;

    c->base.driver = &memlog_driver;
    c->bus = memlog_bus_of(base);
    c->isolation = config->isolation;
    c->is_static = config->static_member;
    c->fd = -1;
    while (config->topics != NULL && config->topics[topics] != NULL)
        topics++;
    c->topics = xcalloc(topics + 1, sizeof *c->topics);
    for (size_t i = 0; i < topics; i++)
        c->topics[i] = xstrdup(config->topics[i]);
    if (config->group != NULL) {
        c->group = memlog_group(c->bus->log, config->group);
        memlog_join(c);
    }
    *ret = &c->base;
    return RC_OK;
}

static void consumer_end(struct mem_consumer *c, bool leaves)
{
    memlog_leave(c, leaves);
    free_positions(c);
    for (size_t i = 0; i < c->high_count; i++)
        free(c->highs[i].topic);
    for (size_t i = 0; c->topics[i] != NULL; i++)
        free(c->topics[i]);
    if (c->fd >= 0)
        (void)close(c->fd);
    free(c->highs);
    free(c->topics);
    free(c->shown);
    free(c);
}

void mem_consumer_free(struct bus_consumer *base)
{
    consumer_end(memlog_consumer_of(base), false);
}

void mem_consumer_close(struct bus_consumer *base)
{
    consumer_end(memlog_consumer_of(base), true);
}

int mem_consumer_fd(struct bus_consumer *base)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    if (c->fd < 0)
        /* never emptied: it is always worth a poll */
        c->fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    return c->fd;
}

enum rc mem_assign(struct bus_consumer *base, const struct bus_position *positions, size_t count,
                   struct error *err UNUSED)
{
    memlog_set_positions(memlog_consumer_of(base), positions, count);
    return RC_OK;
}

enum rc mem_assign_add(struct bus_consumer *base, struct bus_position position,
                       struct error *err UNUSED)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    c->positions = xrealloc(c->positions, c->position_count + 1, sizeof *c->positions);
    c->positions[c->position_count++] = position_of(&position);
    return RC_OK;
}

void mem_assign_remove(struct bus_consumer *base, const char *topic, int partition)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    for (size_t i = 0; i < c->position_count; i++) {
        if (c->positions[i].partition != partition || strcmp(c->positions[i].topic, topic) != 0)
            continue;
        free(c->positions[i].topic);
        memmove(&c->positions[i], &c->positions[i + 1],
                (c->position_count - i - 1) * sizeof *c->positions);
        c->position_count--;
        return;
    }
}

static struct mem_high *high_of(struct mem_consumer *c, const char *topic, int partition)
{
    for (size_t i = 0; i < c->high_count; i++)
        if (c->highs[i].partition == partition && strcmp(c->highs[i].topic, topic) == 0)
            return &c->highs[i];
    c->highs = array_grow(c->highs, c->high_count, &c->high_capacity, sizeof *c->highs);
    c->highs[c->high_count] =
        (struct mem_high){.topic = xstrdup(topic), .partition = partition, .high = -1};
    return &c->highs[c->high_count++];
}

int64_t mem_high_watermark(struct bus_consumer *base, const char *topic, int partition)
{
    return high_of(memlog_consumer_of(base), topic, partition)->high;
}

static int64_t end_for(const struct mem_consumer *c, const char *topic, int partition)
{
    const struct part *part = memlog_part(c->bus->log, topic, partition);

    return c->isolation == BUS_COMMITTED ? memlog_stable_end(c->bus->log, topic, partition)
                                         : part->end;
}

enum rc mem_query_ends(struct bus_consumer *base, const struct bus_position *of,
                       int timeout_ms UNUSED, int64_t ret[2], struct error *err)
{
    struct mem_consumer *c = memlog_consumer_of(base);
    const struct part *part = memlog_part(c->bus->log, of->topic, of->partition);

    if (part == NULL)
        return error_set(err, RC_NOT_FOUND, "no such partition: %s[%d]", of->topic, of->partition);
    ret[0] = part->low;
    ret[1] = end_for(c, of->topic, of->partition);
    return RC_OK;
}

static void resolve(const struct mem_consumer *c, const struct part *part, struct mem_position *p)
{
    if (p->next == BUS_END)
        p->next = end_for(c, p->topic, p->partition);
    if (p->next < 0)
        p->next = part->low;
}

static void fail(struct bus_event *ret, enum rc rc, const char *text)
{
    ret->kind = BUS_FAILED;
    (void)error_set(&ret->err, rc, "%s", text);
}

static bool fetch(struct mem_consumer *c, struct mem_position *p, struct bus_event *ret)
{
    const struct part *part = memlog_part(c->bus->log, p->topic, p->partition);
    const struct entry *e;
    int64_t limit;

    *ret = (struct bus_event){.topic = p->topic, .partition = p->partition, .offset = p->next};
    if (part == NULL)
        return false; /* deleted: as quiet as Kafka's client */
    resolve(c, part, p);
    high_of(c, p->topic, p->partition)->high = part->end;
    if (p->next < part->low || p->next > part->end) {
        fail(ret, RC_NOT_FOUND, "could not read: the position is not there (any more)");
        return true;
    }
    limit = end_for(c, p->topic, p->partition);
    e = memlog_visible(part, p->next, limit, c->isolation);
    if (e == NULL) {
        p->next = MAX(p->next, limit);
        ret->kind = BUS_EOF;
        ret->offset = p->next;
        return p->eof_told != p->next && (p->eof_told = p->next, true);
    }
    if (e->next > 0) {
        ret->kind = BUS_UNREADABLE;
        ret->offset = e->first;
        ret->next = p->next = e->next;
        ret->code = "_BAD_COMPRESSION";
        return true;
    }
    ret->kind = BUS_MESSAGE;
    ret->offset = e->offset;
    ret->timestamp = e->timestamp;
    ret->is_append_time = true;
    ret->key = e->key;
    ret->value = e->value;
    p->next = e->offset + 1;
    return true;
}

void mem_poll(struct bus_consumer *base, int timeout_ms UNUSED, struct bus_event *ret)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    *ret = (struct bus_event){.topic = ""};
    if (c->is_fenced) {
        fail(ret, RC_FENCED, "could not read: another process has this instance's name");
        return;
    }
    if (c->group != NULL && memlog_group_news(c, ret))
        return;
    for (size_t i = 0; i < c->position_count; i++)
        if (fetch(c, &c->positions[c->turn++ % c->position_count], ret))
            return;
    *ret = (struct bus_event){.topic = ""};
}

static void store_all(struct mem_consumer *c, const struct bus_position *next, size_t count)
{
    struct memlog *m = c->bus->log;

    for (size_t i = 0; i < count; i++) {
        SCOPED(text) char *topic = xstrdup(next[i].topic);
        const struct stored one = {c->group->name, topic, next[i].partition, next[i].offset};

        memlog_store(&m->stored, &m->stored_count, &m->stored_capacity, &one);
    }
}

enum rc mem_commit(struct bus_consumer *base, const struct bus_position *next, size_t count,
                   int timeout_ms UNUSED, struct error *err)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    if (c->is_fenced)
        return error_set(err, RC_FENCED, "could not store offsets: fenced");
    if (c->group == NULL || !memlog_is_current(c))
        return error_set(err, RC_CONFLICT, "could not store offsets: not a member");
    store_all(c, next, count);
    return RC_OK;
}

enum rc mem_stored(struct bus_consumer *base, struct bus_position *positions, size_t count,
                   int timeout_ms UNUSED, struct error *err UNUSED)
{
    const struct mem_consumer *c = memlog_consumer_of(base);

    for (size_t i = 0; i < count; i++) {
        int64_t stored =
            memlog_stored(c->bus->log, c->group->name, positions[i].topic, positions[i].partition);

        positions[i].offset = stored < 0 ? BUS_NONE : stored;
    }
    return RC_OK;
}

enum rc mem_offsets_at(struct bus_consumer *base, usec_t at, struct bus_position *positions,
                       size_t count, int timeout_ms UNUSED, struct error *err)
{
    struct mem_consumer *c = memlog_consumer_of(base);

    for (size_t i = 0; i < count; i++) {
        const struct bus_position of = positions[i];
        const struct part *part = memlog_part(c->bus->log, of.topic, of.partition);
        const struct entry *e;
        int64_t ends[2], offset;

        TRY(mem_query_ends(base, &of, 0, ends, err));
        offset = at == USEC_MAX ? ends[1] : ends[0];
        e = memlog_visible(part, offset, ends[1], BUS_UNCOMMITTED);
        while (e != NULL && e->timestamp < at)
            e = memlog_visible(part, e->offset + 1, ends[1], BUS_UNCOMMITTED);
        positions[i].offset = at == USEC_MAX ? ends[1] : e == NULL ? BUS_END : e->offset;
    }
    return RC_OK;
}

void mem_commit_hint(struct bus_consumer *base, const struct bus_position *positions, size_t count)
{
    (void)mem_commit(base, positions, count, 0, NULL);
}
