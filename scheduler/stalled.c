#include "scheduler/stalled.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { QUESTION_MS = 500 };
static const usec_t ASK_EVERY = 100 * USEC_PER_MS;
static const usec_t TELL_EVERY = 600 * USEC_PER_SEC;

void stalled_clear(struct stalled *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->places[i].topic);
    free(s->places);
    s->places = NULL;
    s->count = s->capacity = 0;
}

static struct stalled_place *place_of(struct stalled *s, const char *topic, int partition)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->places[i].partition == partition && strcmp(s->places[i].topic, topic) == 0)
            return &s->places[i];
    s->places = array_grow(s->places, s->count, &s->capacity, sizeof *s->places);
    s->places[s->count] =
        (struct stalled_place){.topic = xstrdup(topic), .partition = partition, .stable_end = -1};
    return &s->places[s->count++];
}

bool stalled_note(struct stalled *s, const struct bus_position *stable_end, bool is_below_end,
                  usec_t mono)
{
    struct stalled_place *place = place_of(s, stable_end->topic, stable_end->partition);

    if (!is_below_end || place->stable_end != stable_end->offset) {
        place->stable_end = is_below_end ? stable_end->offset : -1;
        place->since = mono;
        place->told_at = 0;
        return false;
    }
    if (mono - place->since < s->limit ||
        (place->told_at != 0 && mono - place->told_at < TELL_EVERY))
        return false;
    place->told_at = mono;
    return true;
}

static void look_at(struct stalled *s, const char *topic, int p, usec_t mono)
{
    struct bus_position stable_end = {.topic = topic, .partition = p};
    int64_t stable[2], high[2];

    if (bus_query_ends(s->committed, topic, p, QUESTION_MS, stable, NULL) != RC_OK ||
        bus_query_ends(s->uncommitted, topic, p, QUESTION_MS, high, NULL) != RC_OK)
        return; /* the broker is away: no news */
    stable_end.offset = stable[1];
    if (stalled_note(s, &stable_end, stable[1] < high[1], mono))
        log_error("partition stands still",
                  "topic=%s partition=%d offset=%lld cure=\"kafka-transactions.sh abort --topic %s "
                  "--partition %d --start-offset %lld\"",
                  topic, p, (long long)stable[1], topic, p, (long long)stable[1]);
}

/* The next topic and partition; the partition may be another instance's. */
static const char *next_place(struct stalled *s, int *ret_partition)
{
    const struct names *n = s->ownership->names;
    const char *const fixed[] = {n->state, n->status, n->tasks};
    size_t partitions = (size_t)s->ownership->env->partitions;
    size_t place = s->turn++ % ((ARRAY_LEN(fixed) + s->queues->count) * partitions);
    size_t topic = place / partitions;

    *ret_partition = (int)(place % partitions);
    return topic < ARRAY_LEN(fixed) ? fixed[topic] : s->queues->topics[topic - ARRAY_LEN(fixed)];
}

void stalled_step(struct stalled *s, usec_t mono)
{
    const char *topic;
    int p;

    if (mono < s->ask_at)
        return;
    s->ask_at = mono + ASK_EVERY;
    topic = next_place(s, &p);
    if (s->ownership->of[p].phase == PHASE_READY)
        look_at(s, topic, p, mono);
}
