#include "c/text.h"

#include <string.h>

#include "base/utf8.h"

enum { ESCAPED_BYTES = 4 }; /* "\xHH" */

size_t text_piece(const char *text, size_t len, size_t max)
{
    size_t at = 0, room = max;

    if (len <= max / ESCAPED_BYTES)
        return len;
    while (at < len) {
        size_t n = text[at] == '\0' ? 1 : utf8_char(text + at, len - at);
        size_t cost = n == 0 ? ESCAPED_BYTES : n;

        if (cost > room)
            break;
        room -= cost;
        at += MAX(n, (size_t)1);
    }
    return at;
}

bool text_clean(struct buf *out, const char *text, size_t len)
{
    bool was_escaped = false;

    while (len > 0) {
        const char *nul = memchr(text, '\0', len);
        size_t part = nul == NULL ? len : (size_t)(nul - text);
        bool is_clean = utf8_is_clean(text, part);

        was_escaped |= !is_clean;
        if (is_clean)
            buf_add(out, text, part);
        else
            utf8_escape(out, text, part);
        if (nul == NULL)
            break;
        buf_add_char(out, '\0');
        text += part + 1;
        len -= part + 1;
    }
    return was_escaped;
}

void text_clean_cut(struct buf *out, const char *text, size_t max)
{
    (void)text_clean(out, text, text_piece(text, strlen(text), max));
}
