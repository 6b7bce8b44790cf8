#include "base/utf8.h"

#include <string.h>

/* Length of the well-formed sequence at `at` (Unicode 15, table 3-7); 0 when there is none. */
static size_t sequence(const uint8_t *at, size_t left)
{
    uint8_t lowest = 0x80, highest = 0xbf;
    size_t n;

    if (at[0] > 0 && at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    n = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (at[0] == 0xe0)
        lowest = 0xa0;
    if (at[0] == 0xed)
        highest = 0x9f;
    if (at[0] == 0xf0)
        lowest = 0x90;
    if (at[0] == 0xf4)
        highest = 0x8f;
    if (left < n || at[1] < lowest || at[1] > highest)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return n;
}

size_t utf8_char(const char *text, size_t len)
{
    return len == 0 ? 0 : sequence((const uint8_t *)text, len);
}

/* Could these bytes be the beginning of a character? The first two decide, any 0x80 will do for the others. */
static bool is_beginning(const uint8_t *at, size_t len)
{
    uint8_t whole[4] = {0x80, 0x80, 0x80, 0x80};

    if (len == 1)
        return at[0] >= 0xc2 && at[0] <= 0xf4;
    memcpy(whole, at, len);
    return sequence(whole, sizeof whole) > len;
}

size_t utf8_whole(const char *text, size_t len)
{
    const uint8_t *end = (const uint8_t *)text + len;

    for (size_t back = 1; back <= 3 && back <= len; back++)
        if (is_beginning(end - back, back))
            return len - back;
    return len;
}

bool utf8_is_clean(const char *text, size_t len)
{
    const uint8_t *at = (const uint8_t *)text;

    for (size_t i = 0; i < len;) {
        size_t n = sequence(at + i, len - i);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool utf8_is_escape(const char *text, size_t len)
{
    return len >= 4 && text[0] == '\\' && text[1] == 'x' && is_hex(text[2]) && is_hex(text[3]);
}

static void escape(struct buf *out, const char *text, size_t len, bool is_exact)
{
    const uint8_t *at = (const uint8_t *)text;

    for (size_t i = 0; i < len;) {
        size_t n = sequence(at + i, len - i);

        if (is_exact && utf8_is_escape(text + i, len - i))
            n = 0;
        if (n == 0)
            buf_printf(out, "\\x%02x", at[i++]);
        else
            buf_add(out, text + i, n);
        i += n;
    }
}

void utf8_escape(struct buf *out, const char *text, size_t len)
{
    escape(out, text, len, false);
}

void utf8_escape_exactly(struct buf *out, const char *text, size_t len)
{
    escape(out, text, len, true);
}
