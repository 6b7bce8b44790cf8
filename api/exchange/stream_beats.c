/*
 * How far executions are, for those who listen to them: signs of life move no status, and come by the thousand. So they are asked
 * for by the ids that somebody listens to, at most once in a look.
 */
#include <string.h>

#include "api/exchange/stream_state.h"
#include "base/hash.h"
#include "store/read_executions.h"

enum { ASKED_MAX = 1000 };

static uint64_t sum_of(const struct heartbeat_row *row)
{
    uint64_t sum = fnv1a(&row->attempt, sizeof row->attempt, 1);

    sum = fnv1a(&row->progress.value, sizeof row->progress.value, sum);
    if (row->message != NULL)
        sum = fnv1a(row->message, strlen(row->message), sum);
    return MAX(sum, UINT64_C(1));
}

static void take(struct streams *s, const struct heartbeat_row *row)
{
    uint64_t sum = sum_of(row);

    for (struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count; i++) {
            struct heard_topic *t = &c->topics[i];

            if (t->topic.kind != TOPIC_EXECUTION || t->beat == sum ||
                !uuid_equal(t->topic.id, row->execution_id))
                continue;
            t->beat = sum;
            t->is_changed = true; /* told with the next tick */
        }
}

static void on_beats(void *ctx, const struct read_page *page)
{
    const struct heartbeat_row *rows = page->rows;
    struct streams *s = ctx;

    s->is_asking_beats = false;
    if (page->rc != RC_OK) {
        s->beats_moved = true; /* with the next look */
        return;
    }
    for (size_t i = 0; i < page->count; i++)
        take(s, &rows[i]);
}

/* Each once; those of the clients that came last, if they are too many. */
static size_t heard_ids(const struct streams *s, struct uuid *ret)
{
    struct map known = {0};
    size_t count = 0;

    for (struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count && count < ASKED_MAX; i++) {
            const struct topic *t = &c->topics[i].topic;

            if (t->kind != TOPIC_EXECUTION || map_find(&known, t->id) != NULL)
                continue;
            map_put(&known, t->id, c);
            ret[count++] = t->id;
        }
    map_clear(&known);
    return count;
}

void stream_beats_ask(struct streams *s)
{
    struct uuid ids[ASKED_MAX];
    size_t count;

    if (!s->beats_moved || s->is_asking_beats)
        return;
    s->beats_moved = false;
    count = heard_ids(s, ids);
    if (count == 0)
        return;
    arena_free(s->beat_memory);
    s->beat_memory = arena_new(0);
    s->is_asking_beats = true;
    read_heartbeats_of(s->config.reads, ids, count,
                       (struct read_reply){s->beat_memory, on_beats, s});
}
