#include <stdlib.h>
#include <string.h>

#include "support/memlog_state.h"

struct memlog *memlog_new(void)
{
    return xcalloc(1, sizeof(struct memlog));
}

static struct bytes copy_of(struct bytes b)
{
    return (struct bytes){.data = b.data == NULL ? NULL : xmemdup(b.data, b.len), .len = b.len};
}

static void free_bytes(struct bytes b)
{
    free((void *)(uintptr_t)b.data);
}

static void free_text_of(const char *text)
{
    free((void *)(uintptr_t)text);
}

/* --- topics and partitions --- */

struct topic *memlog_topic(struct memlog *m, const char *name)
{
    for (size_t i = 0; i < m->topic_count; i++)
        if (strcmp(m->topics[i]->shape.name, name) == 0)
            return m->topics[i];
    return NULL;
}

struct part *memlog_part(struct memlog *m, const char *topic, int partition)
{
    struct topic *t = memlog_topic(m, topic);

    return t == NULL || partition < 0 || partition >= t->shape.partitions ? NULL
                                                                          : &t->parts[partition];
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct topic *const *)a)->shape.name, (*(struct topic *const *)b)->shape.name);
}

void memlog_add_topic(struct memlog *m, const char *name, int partitions)
{
    struct topic *t = xcalloc(1, sizeof *t);

    t->shape = (struct bus_topic){.name = xstrdup(name),
                                  .partitions = partitions,
                                  .replication = 1,
                                  .cleanup_policy = xstrdup("delete"),
                                  .retention_ms = -1,
                                  .timestamp_type = xstrdup("LogAppendTime"),
                                  .min_insync = 1,
                                  .max_message_bytes = MESSAGE_BYTES_MAX};
    t->parts = xcalloc((size_t)partitions, sizeof *t->parts);
    m->topics = array_grow(m->topics, m->topic_count, &m->topic_capacity, sizeof *m->topics);
    m->topics[m->topic_count++] = t;
    qsort(m->topics, m->topic_count, sizeof *m->topics, by_name);
    memlog_topics_changed(m);
}

void memlog_break(struct memlog *m, const char *topic, int partition, bool is_known)
{
    struct part *part = memlog_part(m, topic, partition);

    part->is_broken = true;
    part->is_known_broken = is_known;
}

void memlog_heal(struct memlog *m, const char *topic, int partition)
{
    struct part *part = memlog_part(m, topic, partition);

    part->is_broken = part->is_known_broken = false;
}

static void free_entries(struct part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        free_bytes(part->entries[i].key);
        free_bytes(part->entries[i].value);
    }
    free(part->entries);
}

static void free_topic(struct topic *t)
{
    for (int p = 0; p < t->shape.partitions; p++)
        free_entries(&t->parts[p]);
    free(t->parts);
    free_text_of(t->shape.name);
    free_text_of(t->shape.cleanup_policy);
    free_text_of(t->shape.timestamp_type);
    free(t);
}

void memlog_delete_topic(struct memlog *m, const char *name)
{
    for (size_t i = 0; i < m->topic_count; i++) {
        if (strcmp(m->topics[i]->shape.name, name) != 0)
            continue;
        free_topic(m->topics[i]);
        memmove(&m->topics[i], &m->topics[i + 1],
                (m->topic_count - i - 1) * sizeof(struct topic *));
        m->topic_count--;
        memlog_topics_changed(m);
        return;
    }
}

int64_t memlog_append(struct memlog *m, struct part *part, const struct bus_record *record,
                      const struct run *run)
{
    part->entries = array_grow(part->entries, part->count, &part->capacity, sizeof *part->entries);
    part->entries[part->count++] = (struct entry){
        .offset = part->end,
        .timestamp = m->now / USEC_PER_MS * USEC_PER_MS, /* Kafka's are milliseconds */
        .key = record == NULL ? (struct bytes){0} : copy_of(record->key),
        .value = record == NULL ? (struct bytes){0} : copy_of(record->value),
        .run = run,
        .is_marker = record == NULL,
    };
    return part->end++;
}

int64_t memlog_spoil(struct memlog *m, const char *topic, int partition, int count)
{
    const struct bus_record nothing = {.topic = topic, .partition = partition};
    struct part *part = memlog_part(m, topic, partition);
    int64_t first = part->end;

    for (int i = 0; i < count; i++) {
        (void)memlog_append(m, part, &nothing, NULL);
        part->entries[part->count - 1].first = first;
        part->entries[part->count - 1].next = first + count;
    }
    return first;
}

int64_t memlog_stable_end(const struct memlog *m, const char *topic, int partition)
{
    const struct part *part = memlog_part((struct memlog *)(uintptr_t)m, topic, partition);
    int64_t end = part == NULL ? 0 : part->end;

    for (size_t i = 0; i < m->writer_count; i++)
        for (size_t n = 0; n < m->writers[i]->touched_count; n++) {
            const struct touched *t = &m->writers[i]->touched[n];

            if (t->partition == partition && strcmp(t->topic, topic) == 0)
                end = MIN(end, t->first);
        }
    return end;
}

static bool may_be_seen(const struct entry *e, enum bus_isolation isolation)
{
    if (e->is_marker)
        return false;
    return isolation == BUS_UNCOMMITTED || e->run == NULL || e->run->state == RUN_COMMITTED;
}

const struct entry *memlog_visible(const struct part *part, int64_t offset, int64_t limit,
                                   enum bus_isolation isolation)
{
    size_t low = 0, high = part->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->entries[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < part->count && part->entries[low].offset < limit; low++)
        if (may_be_seen(&part->entries[low], isolation))
            return &part->entries[low];
    return NULL;
}

/* --- what is thrown away --- */

static bool is_newest(const struct part *part, size_t at, int64_t limit)
{
    for (size_t i = at + 1; i < part->count && part->entries[i].offset < limit; i++)
        if (may_be_seen(&part->entries[i], BUS_COMMITTED) &&
            bytes_equal(part->entries[i].key, part->entries[at].key))
            return false;
    return may_be_seen(&part->entries[at], BUS_COMMITTED);
}

void memlog_compact(struct memlog *m, const char *topic)
{
    struct topic *t = memlog_topic(m, topic);

    for (int p = 0; t != NULL && p < t->shape.partitions; p++) {
        struct part *part = &t->parts[p];
        int64_t limit = memlog_stable_end(m, topic, p);
        size_t kept = 0;

        for (size_t i = 0; i < part->count; i++) {
            struct entry e = part->entries[i];

            if (e.offset >= limit || is_newest(part, i, limit)) {
                part->entries[kept++] = e;
            } else {
                free_bytes(e.key);
                free_bytes(e.value);
                /* later entries are compared with those that follow them only */
            }
        }
        part->count = kept;
    }
}

void memlog_trim(struct memlog *m, const char *topic, int partition, int64_t before)
{
    struct part *part = memlog_part(m, topic, partition);
    size_t gone = 0;

    if (part == NULL)
        return;
    while (gone < part->count && part->entries[gone].offset < before) {
        free_bytes(part->entries[gone].key);
        free_bytes(part->entries[gone].value);
        gone++;
    }
    if (gone > 0)
        memmove(part->entries, part->entries + gone, (part->count - gone) * sizeof *part->entries);
    part->count -= gone;
    part->low = MAX(part->low, before);
}

/* --- transactions --- */

struct writer *memlog_writer(struct memlog *m, const char *id)
{
    for (size_t i = 0; i < m->writer_count; i++)
        if (strcmp(m->writers[i]->id, id) == 0)
            return m->writers[i];
    m->writers = array_grow(m->writers, m->writer_count, &m->writer_capacity, sizeof *m->writers);
    m->writers[m->writer_count] = xcalloc(1, sizeof **m->writers);
    m->writers[m->writer_count]->id = xstrdup(id);
    return m->writers[m->writer_count++];
}

void memlog_write_markers(struct memlog *m, struct writer *w)
{
    for (size_t i = 0; i < w->touched_count; i++) {
        struct part *part = memlog_part(m, w->touched[i].topic, w->touched[i].partition);

        if (part != NULL)
            (void)memlog_append(m, part, NULL, NULL);
        free(w->touched[i].topic);
    }
    w->touched_count = 0;
}

void memlog_store(struct stored **all, size_t *count, size_t *capacity, const struct stored *one)
{
    for (size_t i = 0; i < *count; i++) {
        struct stored *s = &(*all)[i];

        if (s->partition == one->partition && strcmp(s->topic, one->topic) == 0 &&
            strcmp(s->group, one->group) == 0) {
            s->offset = one->offset;
            return;
        }
    }
    *all = array_grow(*all, *count, capacity, sizeof **all);
    (*all)[(*count)++] = (struct stored){.group = xstrdup(one->group),
                                         .topic = xstrdup(one->topic),
                                         .partition = one->partition,
                                         .offset = one->offset};
}

int64_t memlog_stored(const struct memlog *m, const char *group, const char *topic, int partition)
{
    for (size_t i = 0; i < m->stored_count; i++)
        if (m->stored[i].partition == partition && strcmp(m->stored[i].topic, topic) == 0 &&
            strcmp(m->stored[i].group, group) == 0)
            return m->stored[i].offset;
    return -1;
}

static void free_stored(struct stored *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(all[i].group);
        free(all[i].topic);
    }
}

void memlog_end_run(struct memlog *m, struct writer *w, enum run_state state)
{
    if (w->run == NULL)
        return;
    w->run->state = state;
    w->run = NULL;
    for (size_t i = 0; state == RUN_COMMITTED && i < w->pending_count; i++)
        memlog_store(&m->stored, &m->stored_count, &m->stored_capacity, &w->pending[i]);
    free_stored(w->pending, w->pending_count);
    w->pending_count = 0;
    if (!m->holds_markers)
        memlog_write_markers(m, w);
}

void memlog_hold_markers(struct memlog *m, bool hold)
{
    m->holds_markers = hold;
    for (size_t i = 0; !hold && i < m->writer_count; i++)
        if (m->writers[i]->run == NULL)
            memlog_write_markers(m, m->writers[i]);
}

/* --- time, steps, the end --- */

void memlog_set_time(struct memlog *m, usec_t now)
{
    m->now = now;
    for (size_t i = 0; i < m->writer_count; i++) {
        struct writer *w = m->writers[i];

        if (w->run != NULL && now - w->began > w->timeout) {
            w->epoch++; /* the producer is fenced, too */
            memlog_end_run(m, w, RUN_ABORTED);
        }
    }
    memlog_end_sessions(m);
}

void memlog_on_step(struct memlog *m, memlog_step_fn step, void *ctx)
{
    m->step = step;
    m->step_ctx = ctx;
}

enum rc memlog_step(const struct mem_bus *bus, const char *call, struct error *err)
{
    const struct memlog *m = bus->log;
    enum rc rc = m->step == NULL ? RC_OK : m->step(m->step_ctx, bus->instance, call);

    return rc == RC_OK ? RC_OK : error_set(err, rc, "could not %s: injected", call);
}

void memlog_free(struct memlog *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->topic_count; i++)
        free_topic(m->topics[i]);
    for (size_t i = 0; i < m->writer_count; i++) {
        struct writer *w = m->writers[i];

        for (size_t n = 0; n < w->touched_count; n++)
            free(w->touched[n].topic);
        free(w->touched);
        free_stored(w->pending, w->pending_count);
        free(w->pending);
        free(w->id);
        free(w);
    }
    memlog_free_groups(m);
    free_stored(m->stored, m->stored_count);
    while (m->runs != NULL) {
        struct run *older = m->runs->older;

        free(m->runs);
        m->runs = older;
    }
    free(m->stored);
    free(m->writers);
    free(m->topics);
    free(m);
}
