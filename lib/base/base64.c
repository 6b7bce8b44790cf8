#include "base/base64.h"

#include <string.h>

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(struct buf *out, struct bytes data)
{
    const uint8_t *b = data.data;

    for (size_t i = 0; i < data.len; i += 3) {
        size_t left = MIN(data.len - i, (size_t)3);
        uint32_t n = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
                     (left > 2 ? b[i + 2] : 0);

        for (size_t digit = 0; digit <= left; digit++)
            buf_add_char(out, url_digits[n >> (18 - 6 * digit) & 63]);
    }
}

static int digit_value(char c)
{
    const char *at;

    if (c == '+' || c == '/')
        return c == '+' ? 62 : 63;
    at = c == '\0' ? NULL : strchr(url_digits, c);
    return at == NULL ? -1 : (int)(at - url_digits);
}

enum rc base64_decode(const char *text, struct arena *memory, struct bytes *ret, struct error *err)
{
    size_t len = strlen(text), used = 0;
    uint8_t *out = arena_alloc(memory, len / 4 * 3 + 4);
    uint32_t bits = 0;

    while (len > 0 && text[len - 1] == '=' && strlen(text) - len < 2)
        len--;
    if (len % 4 == 1)
        return error_set(err, RC_INVALID, "%zu characters cannot be base64", len);
    for (size_t i = 0; i < len; i++) {
        int value = digit_value(text[i]);

        if (value < 0)
            return error_set(err, RC_INVALID, "character %zu is not base64", i + 1);
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0)
            out[used++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    *ret = (struct bytes){out, used};
    return RC_OK;
}
