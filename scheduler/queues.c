#include "scheduler/queues.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const usec_t REFRESH_EVERY = 10 * USEC_PER_SEC;

void queues_init(struct queues *q, struct bus_admin *admin, const char *prefix)
{
    *q = (struct queues){.admin = admin, .prefix = prefix};
}

void queues_clear(struct queues *q)
{
    arena_free(q->memory);
    q->memory = NULL;
    q->count = 0;
}

enum rc queues_refresh(struct queues *q, usec_t mono, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0), *old = NULL;

    q->refresh_at = mono + REFRESH_EVERY;
    TRY(bus_topic_list(q->admin, q->prefix, memory, &q->topics, &q->count, err));
    old = q->memory;
    q->memory = TAKE(memory);
    return RC_OK;
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
