#include "c/text.h"

#include <string.h>

#include "base/utf8.h"

enum { ESCAPED_BYTES = 4 }; /* "\xHH" */

/* Is it valid UTF-8, but for NULs? */
static bool is_text(const char *text, size_t len)
{
    const char *nul;

    while ((nul = memchr(text, '\0', len)) != NULL) {
        size_t part = (size_t)(nul - text);

        if (!utf8_is_clean(text, part))
            return false;
        text += part + 1;
        len -= part + 1;
    }
    return utf8_is_clean(text, len);
}

/* Of a text that is to be escaped. */
static size_t escaped_piece(const char *text, size_t len, size_t max)
{
    size_t at = 0, room = max;

    while (at < len) {
        size_t n = utf8_char(text + at, len - at);
        size_t cost = n == 0 || utf8_is_escape(text + at, len - at) ? ESCAPED_BYTES : n;

        if (cost > room)
            break;
        room -= cost;
        at += MAX(n, (size_t)1);
    }
    return at;
}

size_t text_piece(const char *text, size_t len, size_t max)
{
    size_t as_it_is = len <= max ? len : utf8_whole(text, max);

    if (len <= max / ESCAPED_BYTES || is_text(text, as_it_is))
        return as_it_is;
    return escaped_piece(text, len, max);
}

bool text_clean(struct buf *out, const char *text, size_t len)
{
    bool is_clean = is_text(text, len);

    if (is_clean)
        buf_add(out, text, len);
    else
        utf8_escape_exactly(out, text, len);
    return !is_clean;
}

void text_clean_cut(struct buf *out, const char *text, size_t max)
{
    (void)text_clean(out, text, text_piece(text, strlen(text), max));
}
