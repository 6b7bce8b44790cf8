/*
 * extremes.h - a record with one number after the other set to the ends of what it can be.
 *
 * By the record's table, so that a field which is added is tried too: instants, durations, numbers, also those of the records
 * inside. Nothing may overflow, abort or go on for ever by them, wherever a record is read.
 */
#ifndef SUPPORT_EXTREMES_H
#define SUPPORT_EXTREMES_H

#include <math.h>
#include <string.h>

#include "model/tables.h"

typedef void (*extreme_fn)(void *ctx); /* the record is as it is to be tried */

static void extremes_each(const struct record_type *type, void *record, extreme_fn fn, void *ctx);

UNUSED static void extremes_set(void *at, const void *value, size_t size, extreme_fn fn, void *ctx)
{
    char before[16];

    memcpy(before, at, size);
    memcpy(at, value, size);
    fn(ctx);
    memcpy(at, before, size);
}

UNUSED static void extremes_of_number(const struct field *f, void *at, extreme_fn fn, void *ctx)
{
    static const int64_t longs[] = {INT64_MIN, INT64_MIN + 1,    -1,       0,
                                    1,         INT64_MAX / 1000, INT64_MAX};
    static const int32_t ints[] = {INT32_MIN, -1, 0, 1, INT32_MAX};
    static const double doubles[] = {NAN, INFINITY, -INFINITY, -0.0, 1e308};
    struct opt_int set = {true, 0};

    if (f->type == FIELD_DOUBLE)
        for (size_t i = 0; i < ARRAY_LEN(doubles); i++)
            extremes_set(at, &doubles[i], sizeof(double), fn, ctx);
    else if (f->type == FIELD_INT)
        for (size_t i = 0; i < ARRAY_LEN(ints); i++)
            extremes_set(at, &ints[i], sizeof(int32_t), fn, ctx);
    else if (f->type == FIELD_OPT_INT)
        for (size_t i = 0; i < ARRAY_LEN(ints); i++) {
            set.value = ints[i];
            extremes_set(at, &set, sizeof set, fn, ctx);
        }
    else
        for (size_t i = 0; i < ARRAY_LEN(longs); i++)
            extremes_set(at, &longs[i], sizeof(int64_t), fn, ctx);
}

UNUSED static void extremes_of_field(const struct field *f, char *record, extreme_fn fn, void *ctx)
{
    const struct union_type *branches = f->of;
    const struct record_type *type = f->of;
    size_t *count = (void *)(record + f->count_offset);
    char *items;

    switch (f->type) {
    case FIELD_INT:
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_INSTANT:
    case FIELD_LOCAL:
    case FIELD_DOUBLE:
    case FIELD_OPT_INT:
        extremes_of_number(f, record + f->offset, fn, ctx);
        return;
    case FIELD_RECORD:
        extremes_each(type, record + f->offset, fn, ctx);
        return;
    case FIELD_RECORD_PTR:
        memcpy(&items, record + f->offset, sizeof items);
        if (items != NULL)
            extremes_each(type, items, fn, ctx);
        return;
    case FIELD_ARRAY:
        memcpy(&items, record + f->offset, sizeof items);
        for (size_t i = 0; i < *count; i++)
            extremes_each(type, items + i * type->size, fn, ctx);
        return;
    case FIELD_UNION:
        extremes_each(branches->branches[*(int *)(void *)count], record + f->offset, fn, ctx);
        return;
    default:
        return;
    }
}

UNUSED static void extremes_each(const struct record_type *type, void *record, extreme_fn fn,
                                 void *ctx)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        extremes_of_field(f, record, fn, ctx);
}

#endif
