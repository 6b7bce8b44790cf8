#include "cli/worker/escapes.h"

#include <string.h>

enum { SEQUENCE_MAX_BYTES = 256, BEL = 7, ESC = 27 };

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

/* Length of the sequence at the front; 0: its end is not there. */
static size_t sequence(const char *text, size_t len)
{
    if (len == 1)
        return 0;
    if (text[1] == '[')
        return byte_sequence(text, len, 2, '?');
    if (text[1] != '\0' && strchr("]PX^_", text[1]) != NULL)
        return string_sequence(text, len);
    return byte_sequence(text, len, 1, '/');
}

size_t escapes_whole(const char *text, size_t len)
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

size_t escapes_strip(const char *text, size_t len, char *out, size_t room)
{
    size_t at = 0, used = 0;

    while (at < len && used < room) {
        size_t taken = text[at] == ESC ? sequence(text + at, len - at) : 0;

        if (taken == 0)
            out[used++] = text[at++];
        at += taken;
    }
    return used;
}
