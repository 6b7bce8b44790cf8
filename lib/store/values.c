/*
 * values.c - the binary formats of PostgreSQL 15 (network order; instants count from 2000-01-01).
 */
#include "store/values.h"

#include <string.h>

#include <endian.h>

#define PG_EPOCH_USEC (INT64_C(946684800) * USEC_PER_SEC)
#define PG_EPOCH_DAYS INT64_C(10957)
#define YEAR_1        (INT64_C(-62135596800) * USEC_PER_SEC)
#define YEAR_10000    (INT64_C(253402300800) * USEC_PER_SEC)

/* lower bound included, upper not: [from, to) */
enum { RANGE_FLAGS = 0x02, RANGE_LEN = 1 + 4 + 8 + 4 + 8 };

/* clang-format off */
static const struct pg_type pg_types[COLUMN_TYPE_COUNT] = {
    [COLUMN_UUID]         = {"uuid",           2950, 2951},
    [COLUMN_TIME]         = {"timestamptz",    1184, 1185},
    [COLUMN_LOCAL]        = {"timestamp",      1114, 1115},
    [COLUMN_DAY]          = {"date",           1082, 1182},
    [COLUMN_LONG]         = {"int8",             20, 1016},
    [COLUMN_INT]          = {"int4",             23, 1007},
    [COLUMN_SMALL]        = {"int2",             21, 1005},
    [COLUMN_OPT_INT]      = {"int4",             23, 1007},
    [COLUMN_OPT_SMALL]    = {"int2",             21, 1005},
    [COLUMN_BOOL]         = {"bool",             16, 1000},
    [COLUMN_TEXT]         = {"text",             25, 1009},
    [COLUMN_JSON]         = {"json",            114,  199},
    [COLUMN_JSONB]        = {"jsonb",          3802, 3807},
    [COLUMN_BYTES]        = {"bytea",            17, 1001},
    [COLUMN_RANGES]       = {"int8multirange", 4536, 6157},
    [COLUMN_NUMBERS]      = {"int4[]",         1007,    0},
    [COLUMN_LINE_TIMES]   = {"timestamptz[]",  1185,    0},
    [COLUMN_LINE_LEVELS]  = {"\"char\"[]",     1002,    0},
    [COLUMN_LINE_STREAMS] = {"\"char\"[]",     1002,    0},
    [COLUMN_LINE_TEXTS]   = {"text[]",         1009,    0},
};
/* clang-format on */

/* Indexed by enum log_line_level and enum log_stream. */
static const char level_letters[LINE_LEVEL_COUNT + 1] = "IDWE";
static const char stream_letters[STREAM_COUNT + 1] = "LOE";

const struct pg_type *column_pg_type(enum column_type type)
{
    return &pg_types[type];
}

usec_t instant_shown(usec_t t)
{
    return t >= YEAR_1 && t < YEAR_10000 ? t : 0;
}

static void put16(struct buf *out, int32_t value)
{
    uint16_t n = htobe16((uint16_t)value);

    buf_add(out, &n, sizeof n);
}

static void put32(struct buf *out, int64_t value)
{
    uint32_t n = htobe32((uint32_t)value);

    buf_add(out, &n, sizeof n);
}

static void put64(struct buf *out, int64_t value)
{
    uint64_t n = htobe64((uint64_t)value);

    buf_add(out, &n, sizeof n);
}

/* What is too early even for its epoch is PostgreSQL's -infinity. */
static int64_t pg_time(usec_t t)
{
    return usec_before(t, PG_EPOCH_USEC / USEC_PER_MS);
}

static void put_sized(struct buf *out, const void *data, size_t len)
{
    put32(out, (int64_t)len);
    buf_add(out, data, len);
}

static int64_t floor_days(usec_t t)
{
    return t / USEC_PER_DAY - (t % USEC_PER_DAY < 0);
}

/* --- arrays --- */

static void put_array_head(struct buf *out, uint32_t element_oid, size_t count)
{
    put32(out, count > 0 ? 1 : 0); /* dimensions */
    put32(out, 1);                 /* may hold NULL */
    put32(out, element_oid);
    if (count == 0)
        return;
    put32(out, (int64_t)count);
    put32(out, 1); /* numbered from 1 */
}

static void put_line(struct buf *out, enum column_type type, const struct log_line *line)
{
    usec_t at = instant_shown(line->at);

    switch (type) {
    case COLUMN_LINE_LEVELS:
        put_sized(out, &level_letters[line->level], 1);
        return;
    case COLUMN_LINE_STREAMS:
        put_sized(out, &stream_letters[line->stream], 1);
        return;
    case COLUMN_LINE_TEXTS:
        put_sized(out, line->message, line->message_len);
        return;
    default:
        put32(out, at == 0 ? -1 : 8);
        if (at != 0)
            put64(out, pg_time(at));
    }
}

static void put_lines(struct buf *out, enum column_type type, const struct line_list *lines)
{
    static const uint32_t element_oids[COLUMN_TYPE_COUNT] = {
        [COLUMN_LINE_TIMES] = 1184,
        [COLUMN_LINE_LEVELS] = 18,
        [COLUMN_LINE_STREAMS] = 18,
        [COLUMN_LINE_TEXTS] = 25,
    };

    put_array_head(out, element_oids[type], lines->count);
    for (size_t i = 0; i < lines->count; i++)
        put_line(out, type, &lines->items[i]);
}

static void put_numbers(struct buf *out, const struct numbers *numbers)
{
    put_array_head(out, pg_types[COLUMN_INT].oid, numbers->count);
    for (size_t i = 0; i < numbers->count; i++) {
        put32(out, 4);
        put32(out, numbers->items[i]);
    }
}

static void put_ranges(struct buf *out, const struct seq_ranges *ranges)
{
    put32(out, (int64_t)ranges->count);
    for (size_t i = 0; i < ranges->count; i++) {
        put32(out, RANGE_LEN);
        buf_add_char(out, RANGE_FLAGS);
        put32(out, 8);
        put64(out, ranges->items[i].from);
        put32(out, 8);
        put64(out, ranges->items[i].to);
    }
}

/* --- one value --- */

bool column_is_null(const struct column *c, const void *row)
{
    const void *p = (const char *)row + c->offset;

    if (!c->or_null)
        return false;
    switch (c->type) {
    case COLUMN_UUID:
        return uuid_is_nil(*(const struct uuid *)p);
    case COLUMN_TIME:
    case COLUMN_LOCAL:
    case COLUMN_DAY:
    case COLUMN_LONG:
        return *(const int64_t *)p == 0;
    case COLUMN_INT:
    case COLUMN_SMALL:
        return *(const int32_t *)p == 0;
    case COLUMN_OPT_INT:
    case COLUMN_OPT_SMALL:
        return !((const struct opt_int *)p)->is_set;
    case COLUMN_TEXT:
    case COLUMN_JSON:
    case COLUMN_JSONB:
        return *(const char *const *)p == NULL;
    case COLUMN_BYTES:
        return ((const struct bytes *)p)->data == NULL;
    case COLUMN_RANGES:
        return ((const struct seq_ranges *)p)->count == 0;
    case COLUMN_NUMBERS:
        return ((const struct numbers *)p)->count == 0;
    default:
        return false;
    }
}

static void put_plain(struct buf *out, enum column_type type, const void *p)
{
    switch (type) {
    case COLUMN_UUID:
        buf_add(out, p, sizeof(struct uuid));
        return;
    case COLUMN_TIME:
    case COLUMN_LOCAL:
        put64(out, pg_time(*(const usec_t *)p));
        return;
    case COLUMN_DAY:
        put32(out, floor_days(*(const usec_t *)p) - PG_EPOCH_DAYS);
        return;
    case COLUMN_LONG:
        put64(out, *(const int64_t *)p);
        return;
    case COLUMN_INT:
        put32(out, *(const int32_t *)p);
        return;
    case COLUMN_SMALL:
        put16(out, *(const int32_t *)p);
        return;
    case COLUMN_OPT_INT:
        put32(out, ((const struct opt_int *)p)->value);
        return;
    case COLUMN_OPT_SMALL:
        put16(out, ((const struct opt_int *)p)->value);
        return;
    case COLUMN_BOOL:
        buf_add_char(out, *(const bool *)p ? 1 : 0);
        return;
    case COLUMN_JSONB:
        buf_add_char(out, 1); /* version of the format */
        buf_add_text(out, *(const char *const *)p);
        return;
    case COLUMN_TEXT:
    case COLUMN_JSON:
        buf_add_text(out, *(const char *const *)p);
        return;
    case COLUMN_BYTES:
        buf_add(out, ((const struct bytes *)p)->data, ((const struct bytes *)p)->len);
        return;
    case COLUMN_RANGES:
        put_ranges(out, p);
        return;
    case COLUMN_NUMBERS:
        put_numbers(out, p);
        return;
    default:
        put_lines(out, type, p);
    }
}

void value_put(struct buf *out, const struct column *c, const void *row)
{
    size_t start = out->len;
    uint32_t len;

    if (column_is_null(c, row)) {
        put32(out, -1);
        return;
    }
    put32(out, 0); /* known afterwards */
    put_plain(out, c->type, (const char *)row + c->offset);
    len = htobe32((uint32_t)(out->len - start - sizeof len));
    memcpy(out->data + start, &len, sizeof len);
}

void value_put_bare(struct buf *out, const struct column *c, const void *row)
{
    put_plain(out, c->type, (const char *)row + c->offset);
}

void value_put_array(struct buf *out, const struct column *c, const void *rows, size_t count,
                     size_t stride)
{
    put_array_head(out, pg_types[c->type].oid, count);
    for (size_t i = 0; i < count; i++)
        value_put(out, c, (const char *)rows + i * stride);
}

/* --- COPY --- */

void copy_put_head(struct buf *out)
{
    static const char signature[11] = "PGCOPY\n\377\r\n"; /* with its NUL */

    buf_add(out, signature, sizeof signature);
    put32(out, 0); /* flags */
    put32(out, 0); /* no extension of the head */
}

void copy_put_row(struct buf *out, const struct row_type *type, const void *row)
{
    size_t start = out->len;
    uint16_t count = 0;

    put16(out, 0);
    for (const struct column *c = type->columns; c->name != NULL; c++, count++)
        value_put(out, c, row);
    count = htobe16(count);
    memcpy(out->data + start, &count, sizeof count);
}

void copy_put_tail(struct buf *out)
{
    put16(out, -1);
}

/* --- reading --- */

static int64_t number_of(struct bytes data)
{
    uint64_t be64;
    uint32_t be32;
    uint16_t be16;

    switch (data.len) {
    case sizeof be64:
        memcpy(&be64, data.data, sizeof be64);
        return (int64_t)be64toh(be64);
    case sizeof be32:
        memcpy(&be32, data.data, sizeof be32);
        return (int32_t)be32toh(be32);
    case sizeof be16:
        memcpy(&be16, data.data, sizeof be16);
        return (int16_t)be16toh(be16);
    default:
        return *(const char *)data.data;
    }
}

static enum rc get_ranges(struct bytes data, struct arena *memory, struct seq_ranges *ret,
                          struct error *err)
{
    const char *p = data.data;
    size_t count = data.len >= 4 ? (size_t)number_of((struct bytes){p, 4}) : 0;

    if (data.len != 4 + count * (4 + RANGE_LEN))
        return error_set(err, RC_FATAL,
                         "could not read gaps of a log writer: unexpected form (%zu bytes)",
                         data.len);
    ret->items = arena_alloc(memory, count * sizeof *ret->items);
    ret->count = count;
    p += 4;
    for (size_t i = 0; i < count; i++, p += 4 + RANGE_LEN) {
        ret->items[i].from = number_of((struct bytes){p + 4 + 1 + 4, 8});
        ret->items[i].to = number_of((struct bytes){p + 4 + 1 + 4 + 8 + 4, 8});
    }
    return RC_OK;
}

/* How many bytes a value of that type has; 0 = any. */
static size_t fixed_len(enum column_type type)
{
    static const uint8_t lengths[COLUMN_TYPE_COUNT] = {
        [COLUMN_UUID] = 16,     [COLUMN_TIME] = 8, [COLUMN_LOCAL] = 8, [COLUMN_LONG] = 8,
        [COLUMN_INT] = 4,       [COLUMN_DAY] = 4,  [COLUMN_SMALL] = 2, [COLUMN_OPT_INT] = 4,
        [COLUMN_OPT_SMALL] = 2, [COLUMN_BOOL] = 1,
    };

    return lengths[type];
}

static void get_plain(const struct column *c, struct bytes data, struct arena *memory, void *p)
{
    switch (c->type) {
    case COLUMN_UUID:
        memcpy(p, data.data, sizeof(struct uuid));
        return;
    case COLUMN_TIME:
    case COLUMN_LOCAL:
        *(usec_t *)p = usec_after(number_of(data), PG_EPOCH_USEC / USEC_PER_MS);
        return;
    case COLUMN_DAY:
        *(usec_t *)p = (number_of(data) + PG_EPOCH_DAYS) * USEC_PER_DAY;
        return;
    case COLUMN_LONG:
        *(int64_t *)p = number_of(data);
        return;
    case COLUMN_INT:
    case COLUMN_SMALL:
        *(int32_t *)p = (int32_t)number_of(data);
        return;
    case COLUMN_OPT_INT:
    case COLUMN_OPT_SMALL:
        *(struct opt_int *)p = (struct opt_int){true, (int32_t)number_of(data)};
        return;
    case COLUMN_BOOL:
        *(bool *)p = number_of(data) != 0;
        return;
    case COLUMN_BYTES:
        *(struct bytes *)p = (struct bytes){arena_memdup(memory, data.data, data.len), data.len};
        return;
    default:
        *(const char **)p = arena_strndup(memory, data.data, data.len);
    }
}

enum rc value_get(const struct column *c, struct bytes data, struct arena *memory, void *row,
                  struct error *err)
{
    void *p = (char *)row + c->offset;
    size_t len = fixed_len(c->type);

    if (data.data == NULL)
        return RC_OK; /* rows start zeroed */
    if (len > 0 && data.len != len)
        return error_set(err, RC_FATAL, "could not read column %s: %zu bytes instead of %zu",
                         c->name, data.len, len);
    if (c->type == COLUMN_RANGES)
        return get_ranges(data, memory, p, err);
    get_plain(c, data, memory, p);
    return RC_OK;
}
