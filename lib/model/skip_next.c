#include "model/skip_next.h"

bool skip_next_covers(usec_t skip_until, usec_t scheduled_at)
{
    return scheduled_at <= skip_until;
}

size_t skip_next_count(const struct timeline *t, usec_t after, usec_t skip_until)
{
    bool more;

    return skip_until <= after ? 0
                               : timeline_count(t, after, skip_until, TIMELINE_COUNT_MAX, &more);
}

enum rc skip_next_find(const struct timeline *t, usec_t after, usec_t skip_until,
                       struct occurrence *ret)
{
    return timeline_next(t, MAX(after, skip_until), ret);
}
