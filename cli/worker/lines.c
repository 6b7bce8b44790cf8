#include "cli/worker/lines.h"

#include <string.h>

#include "base/utf8.h"
#include "sdk/c/text.h"

enum { SEQUENCE_MAX_BYTES = 256, BEL = 7, ESC = 27 };

/* --- where a piece may end --- */

/* An operating system command, a title, a link: up to BEL or ESC '\'. 0: its end is not there. */
static size_t string_sequence(const char *text, size_t len)
{
    for (size_t i = 2; i < len; i++)
        if (text[i] == BEL)
            return i + 1;
        else if (text[i] == ESC)
            return i + 1 < len ? i + 2 : 0;
    return 0;
}

/* Parameters or intermediate bytes, and the one that ends them. 0: that is not there. */
static size_t byte_sequence(const char *text, size_t len, size_t at, char last_parameter)
{
    while (at < len && text[at] >= ' ' && text[at] <= last_parameter)
        at++;
    return at < len ? at + 1 : 0;
}

/* Length of the escape sequence (ECMA-48) at the front; 0: its end is not there. */
static size_t sequence(const char *text, size_t len)
{
    if (len == 1)
        return 0;
    if (text[1] == '[')
        return byte_sequence(text, len, 2, '?');
    if (strchr("]PX^_", text[1]) != NULL && text[1] != '\0')
        return string_sequence(text, len);
    return byte_sequence(text, len, 1, '/');
}

/* Length of the text without an escape sequence at its end of which only the beginning is there. */
static size_t without_sequence(const char *text, size_t len)
{
    size_t at = len > SEQUENCE_MAX_BYTES ? len - SEQUENCE_MAX_BYTES : 0;

    while (at < len) {
        const char *next = memchr(text + at, ESC, len - at);
        size_t taken;

        if (next == NULL)
            return len;
        at = (size_t)(next - text);
        taken = sequence(next, len - at);
        if (taken == 0)
            return at;
        at += taken;
    }
    return len;
}

/* --- lines --- */

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
        return without_sequence(text, len);
    }
    if (l->is_ended)
        return left;
    return tick - l->since < LINE_PATIENCE_US ? 0 : without_sequence(text, utf8_whole(text, left));
}

bool lines_next(const struct lines *l, usec_t tick, struct line *ret)
{
    const char *text = buf_text(&l->held) + l->at;
    const char *end = memchr(text, '\n', MIN(left_of(l), LINE_MAX_BYTES + 1));
    size_t len = end != NULL ? (size_t)(end - text) : piece(l, text, tick);

    if (end == NULL && len == 0)
        return false;
    *ret = (struct line){.text = {.data = text, .len = len},
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

    return lines_next(l, due, &line) ? due : USEC_MAX;
}

void lines_wait_again(struct lines *l, usec_t tick)
{
    l->since = tick;
}
