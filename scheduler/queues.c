#include "scheduler/queues.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const usec_t REFRESH_EVERY = 10 * USEC_PER_SEC;
static const usec_t ASK_AGAIN = 100 * USEC_PER_MS;

void queues_init(struct queues *q, struct bus_admin *admin, const char *prefix, int partitions)
{
    *q = (struct queues){.admin = admin,
                         .prefix = prefix,
                         .queue_prefix = xasprintf("%sexecutions.", prefix),
                         .partitions = partitions};
}

void queues_clear(struct queues *q)
{
    arena_free(q->memory);
    free(q->queue_prefix);
    *q = (struct queues){0};
}

/* --- the list --- */

static struct bus_topic_state copy_of(const struct bus_topic_state *s, struct arena *memory)
{
    bool *is_writable = arena_alloc(memory, (size_t)s->partitions + 1);

    memcpy(is_writable, s->is_writable, (size_t)s->partitions);
    return (struct bus_topic_state){arena_strdup(memory, s->name), s->partitions, is_writable};
}

static void find_queues(struct queues *q, const struct bus_topic_state *topics, size_t count)
{
    size_t refused = 0;

    q->queues = arena_alloc(q->memory, (count + 1) * sizeof *q->queues);
    q->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!text_starts(topics[i].name, q->queue_prefix))
            continue;
        if (topics[i].partitions == q->partitions)
            q->queues[q->count++] = topics[i].name;
        else
            refused++;
    }
    if (refused > q->refused)
        log_error("topics under the queues' prefix are not used: wrong number of partitions",
                  "count=%zu partitions=%d see=\"cronobs topics plan\"", refused, q->partitions);
    q->refused = refused;
}

static void take_list(struct queues *q, const struct bus_topic_state *topics, size_t count)
{
    struct bus_topic_state *copies;

    arena_free(q->memory);
    q->memory = arena_new(0);
    copies = arena_alloc(q->memory, (count + 1) * sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = copy_of(&topics[i], q->memory);
    q->topics = copies;
    q->topic_count = count;
    q->has_unwritable = false;
    for (size_t i = 0; i < count; i++)
        q->has_unwritable = q->has_unwritable || memchr(copies[i].is_writable, false,
                                                        (size_t)copies[i].partitions) != NULL;
    find_queues(q, copies, count);
}

enum rc queues_load(struct queues *q, usec_t mono, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct bus_topic_state *topics;
    size_t count;

    TRY(bus_topic_states(q->admin, q->prefix, memory, &topics, &count, err));
    take_list(q, topics, count);
    q->ask_at = mono + REFRESH_EVERY;
    return RC_OK;
}

/* --- asking for a newer one --- */

long queues_want(struct queues *q)
{
    q->wanted = q->asked + 1;
    return q->wanted;
}

bool queues_is_wanted(const struct queues *q)
{
    return q->wanted > q->answered;
}

void queues_step(struct queues *q, usec_t mono)
{
    if (q->is_asking || (mono < q->ask_at && q->wanted <= q->asked))
        return;
    q->asked++;
    q->is_asking = true;
    bus_ask_topics(q->admin, q->prefix, (void *)q->asked);
}

void queues_answer(struct queues *q, const struct bus_answer *answer, usec_t mono)
{
    q->is_asking = false;
    if (answer->rc != RC_OK) {
        q->ask_at = mono + ASK_AGAIN;
        log_warn("could not list topics, keeping the old list", "why=\"%s\"", answer->err.text);
        return;
    }
    take_list(q, answer->topics, answer->topic_count);
    q->answered = (long)(intptr_t)answer->token;
    q->ask_at = mono + REFRESH_EVERY;
}

/* --- what is in it --- */

void queues_begin_plan(struct queues *q, bool is_trusted)
{
    q->is_trusted = is_trusted;
    q->is_missed = false;
}

struct queue_key {
    const char *queue;
    size_t prefix_len;
};

static int by_queue(const void *key, const void *topic)
{
    const struct queue_key *wanted = key;

    return strcmp(wanted->queue, *(const char *const *)topic + wanted->prefix_len);
}

static bool find(const struct queues *q, const char *queue)
{
    const struct queue_key key = {queue, strlen(q->queue_prefix)};

    return q->count > 0 && bsearch(&key, q->queues, q->count, sizeof *q->queues, by_queue) != NULL;
}

static int by_topic(const void *key, const void *state)
{
    return strcmp(key, ((const struct bus_topic_state *)state)->name);
}

bool queues_can_write(const struct queues *q, const char *topic, int partition)
{
    const struct bus_topic_state *state;

    if (!q->has_unwritable)
        return true;
    state = bsearch(topic, q->topics, q->topic_count, sizeof *q->topics, by_topic);
    return state == NULL || partition >= state->partitions || state->is_writable[partition];
}

bool queues_exist(void *queues, const char *queue)
{
    struct queues *q = queues;
    bool is_there = queue != NULL && find(q, queue);

    if (!is_there && queue != NULL && !q->is_trusted)
        q->is_missed = true;
    return is_there;
}
