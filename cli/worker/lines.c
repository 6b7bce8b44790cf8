#include "cli/worker/lines.h"

#include <string.h>

#include "base/utf8.h"
#include "cli/worker/escapes.h"
#include "sdk/c/text.h"

void lines_clear(struct lines *l)
{
    buf_clear(&l->held);
    *l = (struct lines){0};
}

char *lines_room(struct lines *l, size_t len)
{
    if (l->at > 0) {
        memmove(l->held.data, l->held.data + l->at, l->held.len - l->at);
        l->held.len -= l->at;
        l->at = 0;
    }
    return buf_reserve(&l->held, len);
}

void lines_grow(struct lines *l, size_t len, usec_t tick)
{
    bool begins = lines_is_empty(l) || memchr(l->held.data + l->held.len, '\n', len) != NULL;

    if (begins)
        l->since = tick;
    l->grown = tick;
    l->held.len += len;
}

static size_t left_of(const struct lines *l)
{
    return l->held.len - l->at;
}

bool lines_is_empty(const struct lines *l)
{
    return left_of(l) == 0;
}

/* How much of a text without a line end is given out now. */
static size_t piece(const struct lines *l, const char *text, usec_t tick)
{
    size_t left = left_of(l), len;

    if (left > LINE_MAX_BYTES) {
        len = text_piece(text, left, LINE_MAX_BYTES);
        return escapes_whole(text, len);
    }
    if (l->is_ended || tick - l->grown >= LINE_LIMIT_US)
        return left;
    return tick - l->since < LINE_PATIENCE_US ? 0 : escapes_whole(text, utf8_whole(text, left));
}

bool lines_next(const struct lines *l, usec_t tick, struct line *ret)
{
    const char *text = buf_text(&l->held) + l->at;
    size_t left = left_of(l);
    const char *end = memchr(text, '\n', MIN(left, LINE_MAX_BYTES + 1)), *known_end = end;
    size_t len = end != NULL ? (size_t)(end - text) : piece(l, text, tick);

    if (end == NULL && len == 0)
        return false;
    if (known_end == NULL)
        known_end = memchr(text, '\n', left);
    if (known_end == NULL)
        known_end = text + left;
    *ret = (struct line){.text = {.data = text, .len = len},
                         .known = {.data = text, .len = (size_t)(known_end - text)},
                         .is_unfinished = end == NULL,
                         .taken = end == NULL ? len : len + 1};
    return true;
}

void lines_drop(struct lines *l, size_t taken)
{
    l->at += taken;
}

usec_t lines_wake(const struct lines *l)
{
    struct line line;
    usec_t due = l->since + LINE_PATIENCE_US;

    if (lines_next(l, due, &line))
        return due;
    return lines_is_empty(l) ? USEC_MAX : l->grown + LINE_LIMIT_US;
}

void lines_wait_again(struct lines *l, usec_t tick)
{
    l->since = l->grown = tick;
}
