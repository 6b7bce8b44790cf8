#include "c/beat.h"

#include <stdlib.h>

enum { LOST_AFTER = 3 }; /* intervals; the scheduler waits for four */

static usec_t within_limits(int64_t ms)
{
    return MAX(MIN(ms, BEAT_MAX_MS), BEAT_MIN_MS) * USEC_PER_MS;
}

/* Twice as often as it is asked for: a late one is not a missed one. */
static usec_t interval_of(int64_t asked_ms, int64_t own_ms)
{
    usec_t asked = within_limits(asked_ms) / 2, own = within_limits(own_ms);

    if (asked_ms <= 0)
        return own_ms <= 0 ? 0 : own;
    return own_ms <= 0 ? asked : MIN(asked, own);
}

void beat_init(struct beat *b, int64_t asked_ms, int64_t own_ms)
{
    *b = (struct beat){.every = interval_of(asked_ms, own_ms),
                       .lost_after = asked_ms <= 0 ? 0 : LOST_AFTER * within_limits(asked_ms)};
}

void beat_clear(struct beat *b)
{
    free(b->message);
    b->message = NULL;
}

void beat_start(struct beat *b, usec_t tick)
{
    b->next_at = tick + b->every;
    b->told_at = tick;
}

void beat_note(struct beat *b, struct opt_int progress, char *message)
{
    if (progress.is_set)
        b->progress = progress;
    free(b->message);
    b->message = message;
    b->has_news = b->is_fresh = true;
}

usec_t beat_wake(const struct beat *b, bool is_ending)
{
    usec_t wake = b->every > 0 ? b->next_at : USEC_MAX;

    if (b->is_fresh && is_ending)
        return USEC_MIN;
    if (b->in_flight > 0)
        return USEC_MAX; /* the answer wakes us */
    return b->has_news ? MIN(wake, b->news_at) : wake;
}

void beat_sent(struct beat *b, usec_t tick)
{
    b->in_flight++;
    b->has_news = b->is_fresh = false;
    b->next_at = tick + b->every;
    b->news_at = tick + BEAT_NEWS_US;
}

void beat_answered(struct beat *b, bool is_delivered)
{
    b->in_flight--;
    b->has_news = b->has_news || (!is_delivered && (b->progress.is_set || b->message != NULL));
}

void beat_told(struct beat *b, usec_t tick)
{
    b->told_at = tick;
}

bool beat_is_lost(const struct beat *b, usec_t tick)
{
    return b->lost_after > 0 && tick - b->told_at > b->lost_after;
}
