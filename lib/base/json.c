#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/utf8.h"

struct json json_into(struct buf *out)
{
    return (struct json){.out = out};
}

/* A value or key begins: a comma first, unless it is the first of its kind. */
static void begin(struct json *j)
{
    if (j->wants_comma)
        buf_add_char(j->out, ',');
    j->wants_comma = true;
}

static void open_with(struct json *j, char bracket)
{
    begin(j);
    buf_add_char(j->out, bracket);
    j->wants_comma = false;
}

static void close_with(struct json *j, char bracket)
{
    buf_add_char(j->out, bracket);
    j->wants_comma = true;
}

void json_open_object(struct json *j)
{
    open_with(j, '{');
}

void json_close_object(struct json *j)
{
    close_with(j, '}');
}

void json_open_array(struct json *j)
{
    open_with(j, '[');
}

void json_close_array(struct json *j)
{
    close_with(j, ']');
}

/* --- strings --- */

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static void escape_char(struct buf *out, unsigned char c)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};

    if (c < sizeof letters && letters[c] != 0)
        buf_printf(out, "\\%c", letters[c]);
    else
        buf_printf(out, "\\u%04x", c);
}

static void add_escaped(struct buf *out, const char *text, size_t len)
{
    size_t start = 0;

    for (size_t i = 0; i < len; i++) {
        if (is_plain((unsigned char)text[i]))
            continue;
        buf_add(out, text + start, i - start);
        escape_char(out, (unsigned char)text[i]);
        start = i + 1;
    }
    buf_add(out, text + start, len - start);
}

static bool is_ascii(const char *text, size_t len)
{
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)text[i];
    return all < 0x80;
}

/* utf8_escape() would take a NUL for an offending byte, but JSON has one: the text is cut at NULs. */
static void add_part(struct buf *out, const char *text, size_t len)
{
    SCOPED_BUF valid = {0};

    if (is_ascii(text, len) || utf8_is_clean(text, len)) {
        add_escaped(out, text, len);
        return;
    }
    utf8_escape(&valid, text, len);
    add_escaped(out, valid.data, valid.len);
}

void json_text_of(struct json *j, const char *text, size_t len)
{
    begin(j);
    buf_add_char(j->out, '"');
    for (size_t at = 0; at < len;) {
        size_t part = strnlen(text + at, len - at);

        add_part(j->out, text + at, part);
        at += part;
        if (at < len) {
            escape_char(j->out, '\0');
            at++;
        }
    }
    buf_add_char(j->out, '"');
}

void json_text(struct json *j, const char *text)
{
    if (text == NULL)
        json_put_null(j);
    else
        json_text_of(j, text, strlen(text));
}

void json_key(struct json *j, const char *name)
{
    json_text(j, name);
    buf_add_char(j->out, ':');
    j->wants_comma = false;
}

void json_base64(struct json *j, struct bytes bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *at = bytes.data;
    char quad[4];

    begin(j);
    buf_add_char(j->out, '"');
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = MIN(bytes.len - i, (size_t)3);
        uint32_t bits = (uint32_t)at[i] << 16;

        bits |= left > 1 ? (uint32_t)at[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)at[i + 2] : 0;
        for (int k = 0; k < 4; k++)
            quad[k] = digits[bits >> (18 - 6 * k) & 63];
        memset(quad + 1 + left, '=', 3 - left);
        buf_add(j->out, quad, sizeof quad);
    }
    buf_add_char(j->out, '"');
}

/* --- the rest --- */

void json_raw(struct json *j, const char *text)
{
    begin(j);
    buf_add_text(j->out, text);
}

static char *format_int(int64_t value, char text[24])
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = text + 23;

    *at = '\0';
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    return at;
}

void json_int(struct json *j, int64_t value)
{
    char text[24];

    json_raw(j, format_int(value, text));
}

void json_double(struct json *j, double value)
{
    char text[40];

    if (!isfinite(value)) {
        json_put_null(j);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (fabs(strtod(text, NULL) - value) <= 0)
            break;
    }
    json_raw(j, text);
}

void json_bool(struct json *j, bool value)
{
    json_raw(j, value ? "true" : "false");
}

void json_put_null(struct json *j)
{
    json_raw(j, "null");
}

void json_uuid(struct json *j, struct uuid id)
{
    char text[UUID_TEXT];

    json_text(j, uuid_is_nil(id) ? NULL : uuid_to_text(id, text));
}

void json_instant(struct json *j, usec_t t)
{
    char text[RFC3339_TEXT];

    json_text(j, t == 0 ? NULL : rfc3339_format(t, text));
}

void json_local(struct json *j, usec_t wall)
{
    char text[RFC3339_TEXT];
    size_t len = strlen(rfc3339_format(wall, text));

    json_text_of(j, text, len - 1); /* without the Z */
}

void json_add_text(struct json *j, const char *name, const char *text)
{
    json_key(j, name);
    json_text(j, text);
}

void json_add_int(struct json *j, const char *name, int64_t value)
{
    json_key(j, name);
    json_int(j, value);
}

void json_add_bool(struct json *j, const char *name, bool value)
{
    json_key(j, name);
    json_bool(j, value);
}

void json_add_uuid(struct json *j, const char *name, struct uuid id)
{
    json_key(j, name);
    json_uuid(j, id);
}

void json_add_instant(struct json *j, const char *name, usec_t t)
{
    json_key(j, name);
    json_instant(j, t);
}
