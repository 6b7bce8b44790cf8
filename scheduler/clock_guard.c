#include "scheduler/clock_guard.h"

static const usec_t TOLERANCE = 2 * USEC_PER_SEC;
static const usec_t ASK_EVERY = USEC_PER_SEC;

bool clock_guard_look(struct clock_guard *g, struct moment now)
{
    usec_t difference = now.real - now.mono, drift = difference - g->difference;
    bool has_moved = g->has_reading && (drift > TOLERANCE || drift < -TOLERANCE);
    bool closes = has_moved && g->is_open;

    if (has_moved) {
        g->is_open = false;
        g->asked_at = 0;
    }
    /* Kept while it is small, so that a slow drift adds up; taken over by a jump, or when opened. */
    if (!g->has_reading || has_moved)
        g->difference = difference;
    g->has_reading = true;
    return closes;
}

bool clock_guard_ask(struct clock_guard *g, usec_t broker, struct moment decided, usec_t acked)
{
    usec_t ours = decided.real + acked - decided.mono;

    if (broker < ours - TOLERANCE || broker > ours + TOLERANCE) {
        g->asked_at = acked;
        return false;
    }
    g->is_open = true;
    g->asked_at = 0;
    g->difference = decided.real - decided.mono;
    g->has_reading = true;
    return true;
}

bool clock_guard_may_ask(const struct clock_guard *g, struct moment now)
{
    return g->asked_at == 0 || now.mono - g->asked_at >= ASK_EVERY;
}
