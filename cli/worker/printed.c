#include "cli/worker/printed.h"

#include "cli/worker/level.h"

enum { FRONT_MAX_BYTES = 4 * LINE_MAX_BYTES };

void printed_clear(struct printed *p)
{
    lines_clear(&p->lines);
    buf_clear(&p->front);
    *p = (struct printed){0};
}

static bool read_level(struct printed *p, struct bytes known)
{
    size_t before = p->front.len;
    bool is_stated;

    if (before == 0)
        return level_read(known, &p->level);
    buf_add(&p->front, known.data, known.len);
    is_stated = level_read(buf_bytes(&p->front), &p->level);
    p->front.len = before;
    return is_stated;
}

bool printed_next(struct printed *p, usec_t tick, struct line *ret, enum cronobs_level *ret_level)
{
    if (!lines_next(&p->lines, tick, ret))
        return false;
    if (p->reads_levels && !p->is_stated && p->front.len < FRONT_MAX_BYTES)
        p->is_stated = read_level(p, ret->known);
    *ret_level = p->is_stated ? p->level : CRONOBS_LEVEL_INFO;
    return true;
}

void printed_drop(struct printed *p, const struct line *line)
{
    bool goes_on = line->is_unfinished && p->reads_levels && !p->is_stated;

    if (goes_on && p->front.len < FRONT_MAX_BYTES)
        buf_add(&p->front, line->text.data, line->text.len);
    if (!line->is_unfinished) {
        p->is_stated = false;
        buf_clear(&p->front);
    }
    lines_drop(&p->lines, line->taken);
}
