/*
 * The spans of a zone come from two sources: the transitions of the file, then the changes that its footer
 * rule makes in each year up to 2200. Neighbours of equal offset are merged: names of zones ("CEST") and
 * the daylight saving flag play no part in scheduling.
 */
#include "cron/zone.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/tzrule.h"

enum {
    HEADER_SIZE = 44,
    OFFSET_MIN = -89999, /* RFC 9636, 3.2 */
    OFFSET_MAX = 93599,
    RULE_FIRST_YEAR = 1850,
    RULE_LAST_YEAR = 2200,
    BUCKET_BITS = 23, /* 97 days: about one change a bucket */
    BUCKETS = 870,    /* from 1970 into 2201 */
};

static const int64_t far_away = INT64_C(1) << 60;
/* no transition of a real zone is as far from 1970 */
static const int64_t file_limit = INT64_C(1) << 40;

struct zone {
    atomic_uint holders;
    size_t count;
    struct zone_span *spans;
    uint32_t index[BUCKETS]; /* span at the start of each bucket */
    char name[];
};

/* --- making --- */

struct builder {
    struct zone_span *spans;
    size_t count, capacity;
};

static void builder_clear(struct builder *b)
{
    free(b->spans);
}

static void builder_start(struct builder *b, int32_t offset)
{
    b->spans = array_grow(b->spans, 0, &b->capacity, sizeof *b->spans);
    b->spans[0] = (struct zone_span){.start = -far_away, .end = far_away, .offset = offset};
    b->count = 1;
}

/* Changes come in order of time; several at one instant: the last counts. */
static void builder_change(struct builder *b, int64_t at, int32_t offset)
{
    struct zone_span *last = &b->spans[b->count - 1];

    if (last->start == at) {
        b->count--;
        last--;
    }
    if (last->offset == offset) {
        last->end = far_away;
        return;
    }
    last->end = at;
    b->spans = array_grow(b->spans, b->count, &b->capacity, sizeof *b->spans);
    last = &b->spans[b->count - 1];
    b->spans[b->count++] = (struct zone_span){
        .start = at, .end = far_away, .offset = offset, .shift = offset - last->offset};
}

static struct zone *builder_finish(const struct builder *b, const char *name)
{
    size_t len = strlen(name) + 1;
    struct zone *z = xcalloc(1, sizeof *z + len);
    size_t span = 0;

    atomic_init(&z->holders, 1);
    memcpy(z->name, name, len);
    z->count = b->count;
    z->spans = xmemdup(b->spans, b->count * sizeof *b->spans);
    for (int64_t i = 0; i < BUCKETS; i++) {
        while (z->spans[span].end <= i << BUCKET_BITS)
            span++;
        z->index[i] = (uint32_t)span;
    }
    return z;
}

/* --- the file --- */

struct header {
    int version;
    uint32_t isut_count, isstd_count, leap_count, time_count, type_count, char_count;
};

struct block { /* views into the file */
    const uint8_t *times, *indexes, *types;
    uint32_t time_count, type_count;
};

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t be64(const uint8_t *at)
{
    return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

static void skip(struct bytes *rest, size_t len)
{
    rest->data = (const uint8_t *)rest->data + len;
    rest->len -= len;
}

static enum rc take_header(struct bytes *rest, struct header *h, struct error *err)
{
    const uint8_t *at = rest->data;

    if (rest->len < HEADER_SIZE || memcmp(at, "TZif", 4) != 0)
        return error_set(err, RC_INVALID, "not a TZif file");
    *h = (struct header){
        .version = at[4] == 0 ? 1 : at[4] - '0',
        .isut_count = be32(at + 20),
        .isstd_count = be32(at + 24),
        .leap_count = be32(at + 28),
        .time_count = be32(at + 32),
        .type_count = be32(at + 36),
        .char_count = be32(at + 40),
    };
    skip(rest, HEADER_SIZE);
    return RC_OK;
}

static uint64_t block_size(const struct header *h, unsigned time_size)
{
    return (uint64_t)h->time_count * (time_size + 1) + (uint64_t)h->type_count * 6 + h->char_count +
           (uint64_t)h->leap_count * (time_size + 4) + h->isstd_count + h->isut_count;
}

/* The 32-bit block of old readers is passed over. */
static enum rc skip_old_block(struct bytes *rest, struct error *err)
{
    struct header h;

    TRY(take_header(rest, &h, err));
    if (h.version < 2 || h.version > 9)
        return error_set(err, RC_INVALID, "version %d of TZif is not supported", h.version);
    if (block_size(&h, 4) > rest->len)
        return error_set(err, RC_INVALID, "cut short");
    skip(rest, (size_t)block_size(&h, 4));
    return RC_OK;
}

static enum rc take_block(struct bytes *rest, struct block *b, struct error *err)
{
    struct header h;

    TRY(take_header(rest, &h, err));
    if (block_size(&h, 8) > rest->len)
        return error_set(err, RC_INVALID, "cut short");
    if (h.type_count == 0 || h.type_count > 256)
        return error_set(err, RC_INVALID, "%u types of local time, 1-256 are allowed",
                         h.type_count);
    if (h.leap_count > 0)
        return error_set(err, RC_INVALID, "it counts leap seconds");
    b->time_count = h.time_count;
    b->type_count = h.type_count;
    b->times = rest->data;
    b->indexes = b->times + (size_t)h.time_count * 8;
    b->types = b->indexes + h.time_count;
    skip(rest, (size_t)block_size(&h, 8));
    return RC_OK;
}

static enum rc check_block(const struct block *b, struct error *err)
{
    for (uint32_t i = 0; i < b->type_count; i++) {
        int32_t offset = (int32_t)be32(b->types + (size_t)i * 6);

        if (offset < OFFSET_MIN || offset > OFFSET_MAX)
            return error_set(err, RC_INVALID, "an offset of %d s is outside %d-%d", offset,
                             OFFSET_MIN, OFFSET_MAX);
    }
    for (uint32_t i = 0; i < b->time_count; i++) {
        const uint8_t *at = b->times + (size_t)i * 8;

        if (b->indexes[i] >= b->type_count)
            return error_set(err, RC_INVALID, "type %d of local time does not exist",
                             b->indexes[i]);
        if (be64(at) > file_limit || (i > 0 && be64(at) <= be64(at - 8)))
            return error_set(err, RC_INVALID, "its changes are not in order");
    }
    return RC_OK;
}

/* The footer: a rule between two line feeds; empty: none. */
static enum rc take_footer(struct bytes rest, struct tzrule *rule, bool *has_rule,
                           struct error *err)
{
    const char *text = rest.data, *end;

    if (rest.len < 2 || text[0] != '\n' || (end = memchr(text + 1, '\n', rest.len - 1)) == NULL)
        return error_set(err, RC_INVALID, "cut short");
    *has_rule = end > text + 1;
    if (!*has_rule)
        return RC_OK;
    return tzrule_parse((struct bytes){text + 1, (size_t)(end - text - 1)}, rule, err);
}

static int32_t type_offset(const struct block *b, size_t type)
{
    return (int32_t)be32(b->types + type * 6);
}

static void add_transitions(struct builder *b, const struct block *block)
{
    builder_start(b, type_offset(block, 0));
    for (uint32_t i = 0; i < block->time_count; i++) {
        int64_t at = be64(block->times + (size_t)i * 8);
        int32_t offset = type_offset(block, block->indexes[i]);

        if (at < -file_limit) /* zic once wrote the Big Bang */
            builder_start(b, offset);
        else
            builder_change(b, at, offset);
    }
}

struct change {
    int64_t at;
    int32_t offset;
};

/* Keeps equal instants in the order they came: daylight saving all the year ends when it starts again. */
static void insert_change(struct change *changes, size_t *count, struct change c)
{
    size_t i = (*count)++;

    for (; i > 0 && changes[i - 1].at > c.at; i--)
        changes[i] = changes[i - 1];
    changes[i] = c;
}

/* What the rule says from `after` on; *offset_then: what it says at `after`. */
static void add_rule(struct builder *b, const struct tzrule *rule, int64_t after,
                     int32_t *offset_then)
{
    struct change changes[2 * (RULE_LAST_YEAR - RULE_FIRST_YEAR + 1)];
    size_t count = 0;
    int year, month, day;

    *offset_then = rule->standard;
    if (!rule->has_dst)
        return;
    civil_from_days(after / 86400, &year, &month, &day);
    for (int y = MAX(year - 1, RULE_FIRST_YEAR); y <= RULE_LAST_YEAR; y++) {
        insert_change(changes, &count, (struct change){tzrule_start(rule, y), rule->daylight});
        insert_change(changes, &count, (struct change){tzrule_end(rule, y), rule->standard});
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].at > after)
            builder_change(b, changes[i].at, changes[i].offset);
        else
            *offset_then = changes[i].offset;
    }
}

static enum rc build(struct builder *b, struct bytes rest, struct error *err)
{
    struct block block = {0};
    struct tzrule rule;
    bool has_rule;
    int64_t last = -file_limit;
    int32_t then;

    TRY(skip_old_block(&rest, err));
    TRY(take_block(&rest, &block, err));
    TRY(check_block(&block, err));
    TRY(take_footer(rest, &rule, &has_rule, err));
    add_transitions(b, &block);
    if (!has_rule)
        return RC_OK;
    if (block.time_count == 0)
        builder_start(b, rule.standard);
    else
        last = be64(block.times + (size_t)(block.time_count - 1) * 8);
    add_rule(b, &rule, MAX(last, -file_limit), &then);
    if (block.time_count > 0 && type_offset(&block, block.indexes[block.time_count - 1]) != then)
        return error_set(err, RC_INVALID, "its rule contradicts its last change");
    return RC_OK;
}

enum rc zone_parse(const char *name, struct bytes tzif, struct zone **ret, struct error *err)
{
    __attribute__((cleanup(builder_clear))) struct builder b = {0};
    enum rc rc;

    if (tzif.len > ZONE_BYTES_MAX)
        rc = error_set(err, RC_INVALID, "%zu bytes are more than %d", tzif.len, ZONE_BYTES_MAX);
    else
        rc = build(&b, tzif, err);
    if (rc != RC_OK) {
        (void)error_prefix(err, "could not read time zone '%.*s'", ZONE_NAME_MAX, name);
        return rc;
    }
    *ret = builder_finish(&b, name);
    return RC_OK;
}

enum rc zone_parse_rule(const char *name, const char *text, struct zone **ret, struct error *err)
{
    __attribute__((cleanup(builder_clear))) struct builder b = {0};
    struct tzrule rule;
    int32_t then;

    TRY(tzrule_parse(bytes_of(text), &rule, err));
    builder_start(&b, rule.standard);
    add_rule(&b, &rule, -file_limit, &then);
    *ret = builder_finish(&b, name);
    return RC_OK;
}

struct zone *zone_utc(void)
{
    __attribute__((cleanup(builder_clear))) struct builder b = {0};

    builder_start(&b, 0);
    return builder_finish(&b, "UTC");
}

struct zone *zone_ref(struct zone *z)
{
    atomic_fetch_add_explicit(&z->holders, 1, memory_order_relaxed);
    return z;
}

void zone_unref(struct zone *z)
{
    if (z == NULL || atomic_fetch_sub_explicit(&z->holders, 1, memory_order_acq_rel) > 1)
        return;
    free(z->spans);
    free(z);
}

/* --- asking --- */

const char *zone_name(const struct zone *z)
{
    return z->name;
}

bool zone_has_clock_of(const struct zone *a, const struct zone *b)
{
    return a->count == b->count && memcmp(a->spans, b->spans, a->count * sizeof *a->spans) == 0;
}

const struct zone_span *zone_spans(const struct zone *z, size_t *ret_count)
{
    if (ret_count != NULL)
        *ret_count = z->count;
    return z->spans;
}

size_t zone_span_of(const struct zone *z, int64_t second)
{
    int64_t bucket = MIN(MAX(second >> BUCKET_BITS, 0), BUCKETS - 1);
    size_t low = second < 0 ? 0 : z->index[bucket], high;

    if (second < z->spans[low].end)
        return low;
    /* The span is one of (low, high]; real zones have at most a few in a bucket. */
    high = bucket + 1 < BUCKETS && second >= 0 ? z->index[bucket + 1] : z->count - 1;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (second < z->spans[middle].end)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static int64_t whole_second(usec_t t)
{
    return t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
}

int zone_offset_at(const struct zone *z, usec_t utc)
{
    return z->spans[zone_span_of(z, whole_second(utc))].offset;
}

struct wall zone_from_wall(const struct zone *z, usec_t wall)
{
    int64_t second = whole_second(wall);
    usec_t fraction = wall - second * USEC_PER_SEC;
    struct wall found = {.kind = WALL_GAP};
    int64_t after_gap = far_away;
    int hits = 0;

    for (size_t i = zone_span_of(z, second - OFFSET_MAX);
         i < z->count && hits < 2 && z->spans[i].start <= second - OFFSET_MIN; i++) {
        const struct zone_span *s = &z->spans[i];
        int64_t utc = second - s->offset;

        if (utc >= s->start && utc < s->end)
            *(hits++ == 0 ? &found.first : &found.second) = utc * USEC_PER_SEC + fraction;
        else if (utc < s->start)
            after_gap = MIN(after_gap, s->start);
    }
    if (hits == 0)
        found.first = after_gap * USEC_PER_SEC;
    else
        found.kind = hits == 1 ? WALL_UNIQUE : WALL_OVERLAP;
    return found;
}

enum rc zone_next_change(const struct zone *z, usec_t after, struct zone_span *ret)
{
    size_t next = zone_span_of(z, whole_second(after)) + 1;

    if (next >= z->count || z->spans[next].start >= civil_to_days(2200, 1, 1) * 86400)
        return RC_NOT_FOUND;
    *ret = z->spans[next];
    return RC_OK;
}

static size_t part_length(const char *at)
{
    return strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-");
}

bool zone_name_is_valid(const char *name)
{
    static const char *const refused[] = {"localtime", "posixrules", "Factory"};
    const char *at = name;
    int parts = 0;

    for (;;) {
        size_t len = part_length(at);

        if (len == 0 || ++parts > 3)
            return false;
        at += len;
        if (*at != '/')
            break;
        at++;
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (text_equal(name, refused[i]))
            return false;
    return *at == '\0' && at - name < ZONE_NAME_MAX && !text_starts(name, "posix/") &&
           !text_starts(name, "right/");
}
