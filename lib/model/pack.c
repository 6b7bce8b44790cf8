#include "model/pack.h"

#include <assert.h>
#include <string.h>

static const void *pointer_at(const void *at)
{
    const void *p;

    memcpy(&p, at, sizeof p);
    return p;
}

/* Kept as they lie in the record; 0: not so. */
static size_t plain_size(enum field_type type)
{
    switch (type) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_DOUBLE:
        return sizeof(double);
    case FIELD_ID:
        return sizeof(struct uuid);
    case FIELD_OPT_INT:
        return sizeof(struct opt_int);
    default:
        return 0;
    }
}

/* --- packing --- */

/* Seven bits a byte, the lowest first. */
static void put_number(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_add_char(out, (char)(n | 0x80));
    buf_add_char(out, (char)n);
}

/* Small ones of either sign become small. */
static void put_signed(struct buf *out, int64_t n)
{
    put_number(out, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

/* 0: absent. A NUL behind it. */
static void put_bytes(struct buf *out, struct bytes b)
{
    put_number(out, b.data == NULL ? 0 : (uint64_t)b.len + 1);
    if (b.data == NULL)
        return;
    buf_add(out, b.data, b.len);
    buf_add_char(out, '\0');
}

static void put_pairs(struct buf *out, const struct pairs *pairs)
{
    put_number(out, pairs->count);
    for (size_t i = 0; i < pairs->count; i++) {
        put_bytes(out, bytes_of(pairs->items[i].name));
        put_bytes(out, bytes_of(pairs->items[i].value));
    }
}

static void put_items(struct buf *out, const struct field *f, const void *record)
{
    const struct record_type *type = f->of;
    const char *items = pointer_at((const char *)record + f->offset);
    size_t count = *(const size_t *)((const char *)record + f->count_offset);

    put_number(out, count);
    for (size_t i = 0; i < count; i++)
        record_pack(type, items + i * type->size, out);
}

static void put_pointed(struct buf *out, const struct field *f, const void *at)
{
    const void *p = pointer_at(at);

    put_number(out, p != NULL);
    if (p != NULL)
        record_pack(f->of, p, out);
}

static void put_field(struct buf *out, const struct field *f, const void *record)
{
    const void *at = (const char *)record + f->offset;

    switch (f->type) {
    case FIELD_INT:
    case FIELD_ENUM:
        put_signed(out, *(const int32_t *)at);
        break;
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_INSTANT:
    case FIELD_LOCAL:
        put_signed(out, *(const int64_t *)at);
        break;
    case FIELD_TEXT:
        put_bytes(out, bytes_of(pointer_at(at)));
        break;
    case FIELD_BYTES:
        put_bytes(out, *(const struct bytes *)at);
        break;
    case FIELD_PAIRS:
        put_pairs(out, at);
        break;
    case FIELD_RECORD:
        record_pack(f->of, at, out);
        break;
    case FIELD_RECORD_PTR:
        put_pointed(out, f, at);
        break;
    case FIELD_ARRAY:
        put_items(out, f, record);
        break;
    default:
        assert(plain_size(f->type) > 0);
        buf_add(out, at, plain_size(f->type));
        break;
    }
}

void record_pack(const struct record_type *type, const void *record, struct buf *out)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        put_field(out, f, record);
}

/* --- unpacking --- */

struct packed {
    const uint8_t *at;
    struct arena *memory;
};

static void take_record(struct packed *p, const struct record_type *type, void *record);

static uint64_t take_number(struct packed *p)
{
    uint64_t n = 0;
    int shift = 0;

    for (; *p->at & 0x80; shift += 7)
        n |= (uint64_t)(*p->at++ & 0x7f) << shift;
    return n | (uint64_t)*p->at++ << shift;
}

static int64_t take_signed(struct packed *p)
{
    uint64_t n = take_number(p);

    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

static struct bytes take_bytes(struct packed *p)
{
    uint64_t len = take_number(p);
    struct bytes b = {NULL, 0};

    if (len == 0)
        return b;
    b = (struct bytes){p->at, (size_t)(len - 1)};
    p->at += len; /* the NUL too */
    return b;
}

static struct pairs take_pairs(struct packed *p)
{
    struct pairs pairs = {NULL, (size_t)take_number(p)};

    if (pairs.count > 0)
        pairs.items = arena_alloc(p->memory, pairs.count * sizeof *pairs.items);
    for (size_t i = 0; i < pairs.count; i++) {
        pairs.items[i].name = take_bytes(p).data;
        pairs.items[i].value = take_bytes(p).data;
    }
    return pairs;
}

static void set_pointer(void *at, const void *p)
{
    memcpy(at, &p, sizeof p);
}

static void take_items(struct packed *p, const struct field *f, void *record)
{
    const struct record_type *type = f->of;
    size_t count = (size_t)take_number(p);
    char *items = count == 0 ? NULL : arena_alloc(p->memory, count * type->size);

    for (size_t i = 0; i < count; i++)
        take_record(p, type, items + i * type->size);
    set_pointer((char *)record + f->offset, items);
    memcpy((char *)record + f->count_offset, &count, sizeof count);
}

static void take_pointed(struct packed *p, const struct field *f, void *at)
{
    const struct record_type *type = f->of;
    void *pointed = take_number(p) == 0 ? NULL : arena_alloc(p->memory, type->size);

    if (pointed != NULL)
        take_record(p, type, pointed);
    set_pointer(at, pointed);
}

static void take_field(struct packed *p, const struct field *f, void *record)
{
    void *at = (char *)record + f->offset;

    switch (f->type) {
    case FIELD_INT:
    case FIELD_ENUM:
        *(int32_t *)at = (int32_t)take_signed(p);
        break;
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_INSTANT:
    case FIELD_LOCAL:
        *(int64_t *)at = take_signed(p);
        break;
    case FIELD_TEXT:
        set_pointer(at, take_bytes(p).data);
        break;
    case FIELD_BYTES:
        *(struct bytes *)at = take_bytes(p);
        break;
    case FIELD_PAIRS:
        *(struct pairs *)at = take_pairs(p);
        break;
    case FIELD_RECORD:
        take_record(p, f->of, at);
        break;
    case FIELD_RECORD_PTR:
        take_pointed(p, f, at);
        break;
    case FIELD_ARRAY:
        take_items(p, f, record);
        break;
    default:
        memcpy(at, p->at, plain_size(f->type));
        p->at += plain_size(f->type);
        break;
    }
}

static void take_record(struct packed *p, const struct record_type *type, void *record)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        take_field(p, f, record);
}

void record_unpack(const struct record_type *type, const void *packed, struct arena *memory,
                   void *record)
{
    struct packed p = {packed, memory};

    take_record(&p, type, record);
}
