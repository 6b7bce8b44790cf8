#include "bus/gallop.h"

void gallop_begin(struct gallop *g, int64_t first, int64_t end)
{
    *g = (struct gallop){.inside = first, .outside = MAX(end, first + 1), .step = 1};
}

int64_t gallop_next(const struct gallop *g)
{
    int64_t room = g->outside - g->inside;

    if (room <= 1)
        return -1;
    if (g->has_overshot || g->step >= room)
        return g->inside + room / 2;
    return g->inside + g->step;
}

void gallop_take(struct gallop *g, bool is_inside)
{
    int64_t tried = gallop_next(g);

    if (tried < 0)
        return;
    if (is_inside)
        g->inside = tried;
    else
        g->outside = tried;
    g->has_overshot = g->has_overshot || !is_inside;
    g->step *= 2;
}
