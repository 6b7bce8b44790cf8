#include "cli/worker/lines.h"

#include <string.h>

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

void lines_grow(struct lines *l, size_t len)
{
    l->held.len += len;
}

bool lines_next(const struct lines *l, struct bytes *ret, size_t *ret_len)
{
    const char *text = buf_text(&l->held) + l->at;
    size_t left = l->held.len - l->at, len;
    const char *end = memchr(text, '\n', MIN(left, LINE_MAX_BYTES + 1));

    if (end != NULL)
        len = (size_t)(end - text);
    else if (left > LINE_MAX_BYTES)
        len = text_piece(text, left, LINE_MAX_BYTES);
    else if (l->is_ended && left > 0)
        len = left;
    else
        return false;
    *ret = (struct bytes){.data = text, .len = len};
    *ret_len = end == NULL ? len : len + 1;
    return true;
}

void lines_drop(struct lines *l, size_t len)
{
    l->at += len;
}
