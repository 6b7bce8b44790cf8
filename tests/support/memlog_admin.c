#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "support/memlog_state.h"

struct mem_question {
    enum bus_answer_kind kind;
    void *token;
    char *group, *topic;
    int *partitions;
    size_t count;
};

struct mem_admin {
    struct bus_admin base;
    struct mem_bus *bus;
    struct mem_question *questions;
    size_t count, capacity;
    struct bus_stable *stable;
    const char **members;
    struct arena *states; /* of the last answer about topics */
};

static struct mem_admin *admin_of(struct bus_admin *base)
{
    return (struct mem_admin *)base;
}

enum rc mem_admin_new(struct bus *base, struct bus_admin **ret, struct error *err UNUSED)
{
    struct mem_admin *a = xcalloc(1, sizeof *a);

    a->base.driver = &memlog_driver;
    a->bus = memlog_bus_of(base);
    *ret = &a->base;
    return RC_OK;
}

static void free_question(struct mem_question *q)
{
    free(q->group);
    free(q->topic);
    free(q->partitions);
}

void mem_admin_free(struct bus_admin *base)
{
    struct mem_admin *a = admin_of(base);

    for (size_t i = 0; i < a->count; i++)
        free_question(&a->questions[i]);
    free(a->questions);
    free(a->stable);
    free(a->members);
    arena_free(a->states);
    free(a);
}

static void ask(struct mem_admin *a, const struct mem_question *q)
{
    a->questions = array_grow(a->questions, a->count, &a->capacity, sizeof *a->questions);
    a->questions[a->count++] = *q;
}

void mem_ask_stable_offsets(struct bus_admin *base, const char *group, const char *topic,
                            const int *partitions, size_t count, void *token)
{
    ask(admin_of(base),
        &(struct mem_question){.kind = BUS_ANSWER_STABLE_OFFSETS,
                               .token = token,
                               .group = xstrdup(group),
                               .topic = xstrdup(topic),
                               .partitions = xmemdup(partitions, count * sizeof *partitions),
                               .count = count});
}

void mem_ask_members(struct bus_admin *base, const char *group, void *token)
{
    ask(admin_of(base), &(struct mem_question){
                            .kind = BUS_ANSWER_MEMBERS, .token = token, .group = xstrdup(group)});
}

void mem_ask_topics(struct bus_admin *base, const char *prefix, void *token)
{
    ask(admin_of(base), &(struct mem_question){
                            .kind = BUS_ANSWER_TOPICS, .token = token, .topic = xstrdup(prefix)});
}

static bool is_pending(const struct memlog *m, const struct mem_question *q, int partition)
{
    for (size_t i = 0; i < m->writer_count; i++)
        for (size_t n = 0; n < m->writers[i]->pending_count; n++) {
            const struct stored *s = &m->writers[i]->pending[n];

            if (s->partition == partition && strcmp(s->topic, q->topic) == 0 &&
                strcmp(s->group, q->group) == 0)
                return true;
        }
    return false;
}

static void answer_stable(struct mem_admin *a, const struct mem_question *q, struct bus_answer *ret)
{
    a->stable = xrealloc(a->stable, q->count + 1, sizeof *a->stable);
    for (size_t i = 0; i < q->count; i++)
        a->stable[i] =
            (struct bus_stable){.partition = q->partitions[i],
                                .is_stable = !is_pending(a->bus->log, q, q->partitions[i])};
    ret->stable = a->stable;
    ret->stable_count = q->count;
}

static void answer_members(struct mem_admin *a, const struct mem_question *q,
                           struct bus_answer *ret)
{
    const struct group *g = memlog_group(a->bus->log, q->group);

    a->members = xrealloc(a->members, g->count + 1, sizeof *a->members);
    for (size_t i = 0; i < g->count; i++)
        a->members[i] = g->members[i]->is_static ? g->members[i]->instance : NULL;
    ret->members = a->members;
    ret->member_count = g->count;
}

static void answer_topics(struct mem_admin *a, const struct mem_question *q, struct bus_answer *ret)
{
    arena_free(a->states);
    a->states = arena_new(0);
    ret->rc =
        mem_topic_states(&a->base, q->topic, a->states, &ret->topics, &ret->topic_count, &ret->err);
}

bool mem_admin_poll(struct bus_admin *base, int timeout_ms UNUSED, struct bus_answer *ret)
{
    struct mem_admin *a = admin_of(base);
    struct mem_question q;

    *ret = (struct bus_answer){.kind = BUS_ANSWER_NONE};
    if (a->count == 0)
        return false;
    q = a->questions[0];
    memmove(a->questions, a->questions + 1, --a->count * sizeof *a->questions);
    ret->kind = q.kind;
    ret->token = q.token;
    if (q.kind == BUS_ANSWER_STABLE_OFFSETS)
        answer_stable(a, &q, ret);
    else if (q.kind == BUS_ANSWER_MEMBERS)
        answer_members(a, &q, ret);
    else
        answer_topics(a, &q, ret);
    free_question(&q);
    return true;
}

/* --- topics --- */

enum rc mem_topic_read(struct bus_admin *base, const char *name, struct arena *memory,
                       struct bus_topic *ret, struct error *err)
{
    const struct topic *t = memlog_topic(admin_of(base)->bus->log, name);

    if (t == NULL)
        return error_set(err, RC_NOT_FOUND, "no such topic: %s", name);
    *ret = t->shape;
    ret->name = arena_strdup(memory, name);
    ret->cleanup_policy = arena_strdup(memory, t->shape.cleanup_policy);
    ret->timestamp_type = arena_strdup(memory, t->shape.timestamp_type);
    return RC_OK;
}

enum rc mem_topic_partitions(struct bus_admin *base, const char *name, int timeout_ms UNUSED,
                             int *ret, struct error *err)
{
    const struct topic *t = memlog_topic(admin_of(base)->bus->log, name);

    if (t == NULL)
        return error_set(err, RC_NOT_FOUND, "no such topic: %s", name);
    *ret = t->shape.partitions;
    return RC_OK;
}

enum rc mem_topic_alter(struct bus_admin *base, const struct bus_topic *topic, struct error *err)
{
    struct topic *t = memlog_topic(admin_of(base)->bus->log, topic->name);

    if (t == NULL)
        return error_set(err, RC_NOT_FOUND, "no such topic: %s", topic->name);
    free((void *)(uintptr_t)t->shape.cleanup_policy);
    free((void *)(uintptr_t)t->shape.timestamp_type);
    t->shape.cleanup_policy = xstrdup(topic->cleanup_policy);
    t->shape.timestamp_type = xstrdup(topic->timestamp_type);
    t->shape.retention_ms = topic->retention_ms;
    if (topic->min_insync > 0)
        t->shape.min_insync = topic->min_insync;
    t->shape.segment_ms = topic->segment_ms;
    return RC_OK;
}

enum rc mem_topic_create(struct bus_admin *base, const struct bus_topic *topic, struct error *err)
{
    struct memlog *m = admin_of(base)->bus->log;

    if (memlog_topic(m, topic->name) != NULL)
        return error_set(err, RC_CONFLICT, "topic %s is there already", topic->name);
    memlog_add_topic(m, topic->name, topic->partitions);
    return mem_topic_alter(base, topic, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rc mem_topic_list(struct bus_admin *base, const char *prefix, struct arena *memory,
                       const char ***ret, size_t *ret_count, struct error *err UNUSED)
{
    const struct memlog *m = admin_of(base)->bus->log;
    const char **names = arena_alloc(memory, (m->topic_count + 1) * sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < m->topic_count; i++)
        if (text_starts(m->topics[i]->shape.name, prefix))
            names[count++] = arena_strdup(memory, m->topics[i]->shape.name);
    qsort(names, count, sizeof *names, by_name);
    *ret = names;
    *ret_count = count;
    return RC_OK;
}

static struct bus_topic_state state_of(const struct topic *t, struct arena *memory)
{
    bool *is_writable = arena_alloc(memory, (size_t)t->shape.partitions + 1);

    for (int p = 0; p < t->shape.partitions; p++)
        is_writable[p] = !t->parts[p].is_known_broken;
    return (struct bus_topic_state){.name = arena_strdup(memory, t->shape.name),
                                    .partitions = t->shape.partitions,
                                    .is_writable = is_writable};
}

enum rc mem_topic_states(struct bus_admin *base, const char *prefix, struct arena *memory,
                         const struct bus_topic_state **ret, size_t *ret_count,
                         struct error *err UNUSED)
{
    const struct memlog *m = admin_of(base)->bus->log;
    struct bus_topic_state *states = arena_alloc(memory, (m->topic_count + 1) * sizeof *states);
    size_t count = 0;

    for (size_t i = 0; i < m->topic_count; i++)
        if (text_starts(m->topics[i]->shape.name, prefix))
            states[count++] = state_of(m->topics[i], memory);
    *ret = states;
    *ret_count = count;
    return RC_OK;
}
