/*
 * sample.h - records filled by their tables: every field set, each to a value of its own.
 */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include <string.h>

#include "base/arena.h"
#include "model/tables.h"

struct sample {
    struct arena *memory;
    int n; /* counts the values given out; start it anywhere to get other values */
};

static void sample_record(struct sample *s, const struct record_type *type, void *record);

UNUSED static const char *sample_text(struct sample *s, const char *name)
{
    return arena_printf(s->memory, "%s %d \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x95\x92\"\n", name, s->n);
}

UNUSED static struct uuid sample_id(struct sample *s)
{
    char name[32];

    (void)snprintf(name, sizeof name, "sample/%d", s->n);
    return uuid_named(CRONOBS_NAMESPACE, name);
}

UNUSED static struct bytes sample_bytes(struct sample *s)
{
    uint8_t *data = arena_memdup(s->memory, "\0\xff bytes", 8);

    data[7] = (uint8_t)s->n;
    return (struct bytes){data, 8};
}

UNUSED static void *sample_items(struct sample *s, const struct record_type *type, size_t count)
{
    char *items = arena_alloc(s->memory, count * type->size);

    for (size_t i = 0; i < count; i++)
        sample_record(s, type, items + i * type->size);
    return items;
}

UNUSED static void sample_pointer(void *at, const void *p)
{
    memcpy(at, &p, sizeof p);
}

UNUSED static struct pairs sample_pairs(struct sample *s)
{
    struct pairs pairs = {arena_alloc(s->memory, 2 * sizeof(struct pair)), 2};

    for (int i = 0; i < 2; i++)
        pairs.items[i] = (struct pair){i == 0 ? "a" : "b", sample_text(s, "label")};
    return pairs;
}

UNUSED static void sample_branch(struct sample *s, const struct field *f, char *record)
{
    const struct union_type *type = f->of;
    int kind = s->n % type->count;

    *(int *)(void *)(record + f->count_offset) = kind;
    sample_record(s, type->branches[kind], record + f->offset);
}

UNUSED static void sample_scalar(struct sample *s, const struct field *f, void *at)
{
    int64_t number = (s->n % 2 == 0 ? 1 : -1) * (INT64_C(1700000000123456) + s->n);

    if (f->type == FIELD_BOOL)
        *(bool *)at = true;
    else if (f->type == FIELD_INT)
        *(int32_t *)at = s->n % 2 == 0 ? INT32_MAX - s->n : INT32_MIN + s->n;
    else if (f->type == FIELD_DOUBLE)
        *(double *)at = 1.5 * s->n;
    else if (f->type == FIELD_ENUM)
        *(int *)at = 1 + s->n % (((const struct enum_type *)f->of)->count - 1);
    else if (f->type == FIELD_OPT_INT)
        *(struct opt_int *)at = (struct opt_int){true, s->n % 2 == 0 ? 0 : -1};
    else if (f->type == FIELD_ID)
        *(struct uuid *)at = sample_id(s);
    else
        *(int64_t *)at = number;
}

UNUSED static void sample_field(struct sample *s, const struct field *f, char *record)
{
    void *at = record + f->offset;
    size_t *count = (void *)(record + f->count_offset);

    s->n++;
    if (f->type == FIELD_TEXT) {
        *(const char **)at = sample_text(s, f->name);
    } else if (f->type == FIELD_TEXT_COUNTED) {
        *(const char **)at = arena_memdup(s->memory, "a\0b", 4);
        *count = 3;
    } else if (f->type == FIELD_BYTES) {
        *(struct bytes *)at = sample_bytes(s);
    } else if (f->type == FIELD_PAIRS) {
        *(struct pairs *)at = sample_pairs(s);
    } else if (f->type == FIELD_RECORD) {
        sample_record(s, f->of, at);
    } else if (f->type == FIELD_RECORD_PTR) {
        sample_pointer(at, sample_items(s, f->of, 1));
    } else if (f->type == FIELD_ARRAY) {
        *count = 3;
        sample_pointer(at, sample_items(s, f->of, *count));
    } else if (f->type == FIELD_UNION) {
        sample_branch(s, f, record);
    } else {
        sample_scalar(s, f, at);
    }
}

UNUSED static void sample_record(struct sample *s, const struct record_type *type, void *record)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        sample_field(s, f, record);
}

/* A record with every field set. */
UNUSED static void *sample_of(struct sample *s, const struct record_type *type)
{
    void *record = arena_alloc(s->memory, type->size);

    sample_record(s, type, record);
    return record;
}

#endif
