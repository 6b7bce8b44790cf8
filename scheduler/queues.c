#include "scheduler/queues.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const usec_t REFRESH_EVERY = 10 * USEC_PER_SEC;

void queues_init(struct queues *q, struct bus_admin *admin, const char *prefix, int partitions)
{
    *q = (struct queues){.admin = admin, .prefix = prefix, .partitions = partitions};
}

void queues_clear(struct queues *q)
{
    arena_free(q->memory);
    q->memory = NULL;
    q->count = 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The shape of a topic never changes, so only new ones are asked for; but all of them after an abort: one may have been
   made anew. */
static enum rc has_our_shape(const struct queues *q, const char *topic, bool *ret,
                             struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_topic shape = {0};
    enum rc rc;

    *ret = !q->is_doubted && q->count > 0 &&
           bsearch(&topic, q->topics, q->count, sizeof topic, by_name) != NULL;
    if (*ret)
        return RC_OK;
    rc = bus_topic_read(q->admin, topic, memory, &shape, err);
    *ret = rc == RC_OK && shape.partitions == q->partitions;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc leave_out_others(const struct queues *q, const char **topics, size_t *count,
                                struct error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        bool is_ours;

        TRY(has_our_shape(q, topics[i], &is_ours, err));
        if (is_ours)
            topics[kept++] = topics[i];
    }
    *count = kept;
    return RC_OK;
}

enum rc queues_refresh(struct queues *q, usec_t mono, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0), *old = NULL;
    const char **topics;
    size_t listed, count;

    q->refresh_at = mono + REFRESH_EVERY;
    TRY(bus_topic_list(q->admin, q->prefix, memory, &topics, &listed, err));
    count = listed;
    TRY(leave_out_others(q, topics, &count, err));
    if (listed - count > q->refused)
        log_error("topics under the queues' prefix are not used: wrong number of partitions",
                  "count=%zu partitions=%d see=\"cronobs topics plan\"", listed - count,
                  q->partitions);
    q->refused = listed - count;
    q->is_doubted = false;
    q->topics = topics;
    q->count = count;
    old = q->memory;
    q->memory = TAKE(memory);
    return RC_OK;
}

void queues_doubt(struct queues *q)
{
    q->is_doubted = true;
    q->refresh_at = 0;
}

void queues_step(struct queues *q, usec_t mono)
{
    struct error err = {0};

    if (mono < q->refresh_at)
        return;
    if (queues_refresh(q, mono, &err) != RC_OK)
        log_warn("could not list queues, keeping the old list", "why=\"%s\"", err.text);
}

void queues_begin_turn(struct queues *q)
{
    q->is_fresh = false;
    q->failed = RC_OK;
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
    const struct queue_key key = {queue, strlen(q->prefix)};

    return q->count > 0 && bsearch(&key, q->topics, q->count, sizeof *q->topics, by_queue) != NULL;
}

bool queues_exist(void *queues, const char *queue)
{
    struct queues *q = queues;
    struct error err = {0};

    if (queue == NULL || find(q, queue) || q->is_fresh)
        return queue != NULL && find(q, queue);
    q->is_fresh = true;
    q->failed = queues_refresh(q, q->refresh_at - REFRESH_EVERY, &err);
    if (q->failed != RC_OK)
        log_warn("could not list queues", "why=\"%s\"", err.text);
    return find(q, queue);
}
