#include "http/chunked.h"

#include <string.h>

enum {
    STATE_SIZE,
    STATE_EXTENSION,
    STATE_SIZE_LF,
    STATE_DATA,
    STATE_DATA_CR,
    STATE_DATA_LF,
    STATE_TRAILER,
    STATE_TRAILER_LF
};

enum { DROPPED_MAX = 4096 };

static enum rc malformed(struct error *err, const char *what)
{
    return error_set(err, RC_INVALID, "the chunked body is malformed: %s", what);
}

static int hex_value(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

    return at == NULL ? -1 : (int)(at - digits);
}

/* One byte of a size line. */
static enum rc size_byte(struct chunked *c, char byte, struct error *err)
{
    int value = hex_value(byte);

    if (value >= 0) {
        if (++c->digits > 8)
            return malformed(err, "a chunk's size has more than 8 digits");
        c->left = c->left * 16 + (uint32_t)value;
        return RC_RETRY;
    }
    if (c->digits == 0 || (byte != '\r' && byte != ';'))
        return malformed(err, "a chunk's size is not hexadecimal");
    c->state = byte == '\r' ? STATE_SIZE_LF : STATE_EXTENSION;
    return RC_RETRY;
}

static enum rc expect_byte(struct chunked *c, char byte, char wanted, int next, struct error *err)
{
    if (byte != wanted)
        return malformed(err, "a line does not end in CR LF");
    c->state = next;
    return RC_RETRY;
}

static enum rc after_size(struct chunked *c, char byte, struct error *err)
{
    c->digits = 0;
    c->at_line_start = true;
    return expect_byte(c, byte, '\n', c->left == 0 ? STATE_TRAILER : STATE_DATA, err);
}

/* A byte of an extension or a trailer: dropped, but counted. */
static enum rc drop_byte(struct chunked *c, char byte, int at_cr, struct error *err)
{
    if (++c->dropped > DROPPED_MAX)
        return malformed(err, "its extensions and trailers are too long");
    if (byte == '\n' || byte == '\0')
        return malformed(err, "a line does not end in CR LF");
    if (byte == '\r')
        c->state = at_cr;
    else
        c->at_line_start = false;
    return RC_RETRY;
}

static enum rc after_trailer(struct chunked *c, char byte, struct error *err)
{
    bool is_last = c->at_line_start;

    c->at_line_start = true;
    if (byte != '\n')
        return malformed(err, "a line does not end in CR LF");
    c->state = STATE_TRAILER;
    return is_last ? RC_OK : RC_RETRY;
}

static enum rc frame_byte(struct chunked *c, char byte, struct error *err)
{
    switch (c->state) {
    case STATE_SIZE:
        return size_byte(c, byte, err);
    case STATE_EXTENSION:
        return drop_byte(c, byte, STATE_SIZE_LF, err);
    case STATE_SIZE_LF:
        return after_size(c, byte, err);
    case STATE_DATA_CR:
        return expect_byte(c, byte, '\r', STATE_DATA_LF, err);
    case STATE_DATA_LF:
        return expect_byte(c, byte, '\n', STATE_SIZE, err);
    case STATE_TRAILER:
        return drop_byte(c, byte, STATE_TRAILER_LF, err);
    default:
        return after_trailer(c, byte, err);
    }
}

enum rc chunked_decode(struct chunked *c, struct bytes data, size_t limit, struct buf *out,
                       size_t *ret_used, struct error *err)
{
    const char *at = data.data;
    enum rc rc = RC_RETRY;

    for (*ret_used = 0; *ret_used < data.len && rc == RC_RETRY;) {
        size_t take = MIN(data.len - *ret_used, (size_t)c->left);

        if (c->state != STATE_DATA) {
            rc = frame_byte(c, at[(*ret_used)++], err);
            if (out->len + c->left > limit && c->state == STATE_SIZE_LF)
                return error_set(err, RC_CONFLICT, "the body is longer than %zu bytes", limit);
            continue;
        }
        buf_add(out, at + *ret_used, take);
        *ret_used += take;
        c->left -= (uint32_t)take;
        if (c->left == 0)
            c->state = STATE_DATA_CR;
    }
    return rc;
}
