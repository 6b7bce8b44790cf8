#include "api/exchange/cursor.h"

#include <string.h>

#include <endian.h>

#include "base/base64.h"
#include "base/hash.h"

enum { VERSION = 1, CHECK_SIZE = 4, TEXT_MAX = 1000 };

void cursor_clear(struct cursor *c)
{
    buf_clear(&c->bytes);
    *c = (struct cursor){0};
}

/* --- writing --- */

void cursor_begin(struct cursor *c, enum cursor_kind kind)
{
    buf_add_char(&c->bytes, VERSION);
    buf_add_char(&c->bytes, (char)kind);
}

void cursor_put_int(struct cursor *c, int64_t value)
{
    uint64_t n = htobe64((uint64_t)value);

    buf_add(&c->bytes, &n, sizeof n);
}

void cursor_put_uuid(struct cursor *c, struct uuid id)
{
    buf_add(&c->bytes, id.b, sizeof id.b);
}

void cursor_put_text(struct cursor *c, const char *text)
{
    cursor_put_int(c, (int64_t)strlen(text));
    buf_add_text(&c->bytes, text);
}

static uint32_t check_sum(const char *data, size_t len)
{
    return htobe32((uint32_t)(fnv1a(data, len, 0x637572736f72) >> 32));
}

void cursor_text(struct cursor *c, struct buf *out)
{
    uint32_t check = check_sum(c->bytes.data, c->bytes.len);

    buf_add(&c->bytes, &check, sizeof check);
    base64url_encode(out, buf_bytes(&c->bytes));
    cursor_clear(c);
}

/* --- reading --- */

const char *cursor_parameter(enum cursor_kind kind)
{
    return kind == CURSOR_LOGS ? "after" : "cursor";
}

static enum rc bad_cursor(const struct cursor *c, struct error *err, const char *why)
{
    error_set(err, RC_INVALID, "%s: %s", cursor_parameter(c->kind), why);
    (void)error_hint_http(
        err,
        "pass the value of `next` of the page before, with the same filters, or none to "
        "begin anew");
    return RC_INVALID;
}

enum rc cursor_open(struct cursor *c, enum cursor_kind kind, const char *text, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bytes raw;
    uint32_t check;

    c->kind = kind;
    if (strlen(text) > TEXT_MAX || base64_decode(text, memory, &raw, NULL) != RC_OK ||
        raw.len < 2 + CHECK_SIZE)
        return bad_cursor(c, err, "it is not one of ours");
    buf_add(&c->bytes, raw.data, raw.len - CHECK_SIZE);
    check = check_sum(c->bytes.data, c->bytes.len);
    if (memcmp(&check, (const char *)raw.data + c->bytes.len, CHECK_SIZE) != 0)
        return bad_cursor(c, err, "it was cut or changed");
    if (c->bytes.data[0] != VERSION)
        return bad_cursor(c, err, "it is of another version");
    if (c->bytes.data[1] != (char)kind)
        return bad_cursor(c, err, "it belongs to another list");
    c->at = 2;
    return RC_OK;
}

static const char *take(struct cursor *c, size_t len)
{
    const char *at = c->bytes.data + c->at;

    if (c->is_bad || c->bytes.len - c->at < len) {
        c->is_bad = true;
        return NULL;
    }
    c->at += len;
    return at;
}

int64_t cursor_int(struct cursor *c)
{
    const char *at = take(c, sizeof(uint64_t));
    uint64_t n = 0;

    if (at != NULL)
        memcpy(&n, at, sizeof n);
    return (int64_t)be64toh(n);
}

struct uuid cursor_uuid(struct cursor *c)
{
    struct uuid id = UUID_NIL;
    const char *at = take(c, sizeof id.b);

    if (at != NULL)
        memcpy(id.b, at, sizeof id.b);
    return id;
}

const char *cursor_take_text(struct cursor *c, struct arena *memory)
{
    int64_t len = cursor_int(c);
    const char *at = len < 0 ? NULL : take(c, (size_t)len);

    if (at == NULL)
        c->is_bad = true;
    return at == NULL ? "" : arena_strndup(memory, at, (size_t)len);
}

enum rc cursor_end(struct cursor *c, struct error *err)
{
    if (c->is_bad || c->at != c->bytes.len)
        return bad_cursor(c, err, "its length is wrong");
    return RC_OK;
}
