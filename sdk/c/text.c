#include "c/text.h"

#include <string.h>

#include "base/utf8.h"

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_piece(const char *text, size_t len, size_t max)
{
    size_t piece = MIN(len, max);

    if (piece == len)
        return len;
    for (size_t back = 0; back < 4 && back < piece; back++)
        if (!is_inside_character(text[piece - back]))
            return piece - back;
    return piece; /* no UTF-8 at all: cut anywhere */
}

void text_clean(struct buf *out, const char *text, size_t len)
{
    while (len > 0) {
        const char *nul = memchr(text, '\0', len);
        size_t part = nul == NULL ? len : (size_t)(nul - text);

        if (utf8_is_clean(text, part))
            buf_add(out, text, part);
        else
            utf8_escape(out, text, part);
        if (nul == NULL)
            return;
        buf_add_char(out, '\0');
        text += part + 1;
        len -= part + 1;
    }
}

void text_clean_cut(struct buf *out, const char *text, size_t max)
{
    SCOPED_BUF clean = {0};

    text_clean(&clean, text, text_piece(text, strlen(text), max));
    buf_add(out, buf_text(&clean), text_piece(buf_text(&clean), clean.len, max));
}
