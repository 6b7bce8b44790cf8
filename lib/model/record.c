/*
 * record.c - what can be done with any record by its table: is a field there, copy, compare, weigh.
 */
#include <string.h>

#include "base/arena.h"
#include "model/tables.h"

static const void *member(const void *record, size_t offset)
{
    return (const char *)record + offset;
}

static size_t count_of(const struct field *f, const void *record)
{
    return *(const size_t *)member(record, f->count_offset);
}

static const void *pointer_of(const struct field *f, const void *record)
{
    const void *p; /* to whatever type: read as bytes */

    memcpy(&p, member(record, f->offset), sizeof p);
    return p;
}

static void set_pointer(const struct field *f, void *record, const void *p)
{
    memcpy((char *)record + f->offset, &p, sizeof p);
}

static const struct record_type *branch_of(const struct field *f, const void *record)
{
    const struct union_type *u = f->of;
    int kind = *(const int *)member(record, f->count_offset);

    return kind < 0 || kind >= u->count ? NULL : u->branches[kind];
}

bool field_is_set(const struct field *f, const void *record)
{
    const void *at = member(record, f->offset);

    if (!f->optional)
        return true;
    switch (f->type) {
    case FIELD_INT:
    case FIELD_ENUM:
        return *(const int32_t *)at != 0;
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_INSTANT:
    case FIELD_LOCAL:
        return *(const int64_t *)at != 0;
    case FIELD_ID:
        return !uuid_is_nil(*(const struct uuid *)at);
    case FIELD_OPT_INT:
        return ((const struct opt_int *)at)->is_set;
    case FIELD_ARRAY:
        return count_of(f, record) > 0;
    default: /* a pointer, or bytes, whose first member is one; no other type is ever optional */
        return pointer_of(f, record) != NULL;
    }
}

/* --- copying --- */

static void deepen(const struct record_type *type, void *record, struct arena *memory);

static struct bytes copy_bytes(struct bytes from, struct arena *memory)
{
    struct bytes copy = {NULL, from.len};

    if (from.data != NULL)
        copy.data = arena_memdup(memory, from.data, from.len);
    return copy;
}

static struct pairs copy_pairs(struct pairs from, struct arena *memory)
{
    struct pairs copy = {NULL, from.count};

    if (from.count == 0)
        return copy;
    copy.items = arena_alloc(memory, from.count * sizeof *copy.items);
    for (size_t i = 0; i < from.count; i++) {
        copy.items[i].name = arena_strdup(memory, from.items[i].name);
        copy.items[i].value = arena_strdup(memory, from.items[i].value);
    }
    return copy;
}

static void *copy_items(const struct record_type *type, const void *items, size_t count,
                        struct arena *memory)
{
    char *copy = arena_memdup(memory, items, count * type->size);

    for (size_t i = 0; i < count; i++)
        deepen(type, copy + i * type->size, memory);
    return copy;
}

/* The record itself is copied already; what this field points to is not. */
static void deepen_pointer(const struct field *f, void *record, struct arena *memory)
{
    const void *p = pointer_of(f, record);

    if (p == NULL)
        return;
    if (f->type == FIELD_TEXT)
        p = arena_strdup(memory, p);
    else if (f->type == FIELD_TEXT_COUNTED)
        p = arena_strndup(memory, p, count_of(f, record));
    else if (f->type == FIELD_RECORD_PTR)
        p = record_copy(f->of, p, memory);
    else
        p = copy_items(f->of, p, count_of(f, record), memory);
    set_pointer(f, record, p);
}

static void deepen_field(const struct field *f, void *record, struct arena *memory)
{
    void *at = (char *)record + f->offset;

    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_TEXT_COUNTED:
    case FIELD_RECORD_PTR:
    case FIELD_ARRAY:
        deepen_pointer(f, record, memory);
        break;
    case FIELD_BYTES:
        *(struct bytes *)at = copy_bytes(*(struct bytes *)at, memory);
        break;
    case FIELD_PAIRS:
        *(struct pairs *)at = copy_pairs(*(struct pairs *)at, memory);
        break;
    case FIELD_RECORD:
        deepen(f->of, at, memory);
        break;
    case FIELD_UNION:
        if (branch_of(f, record) != NULL)
            deepen(branch_of(f, record), at, memory);
        break;
    default: /* holds no pointer */
        break;
    }
}

static void deepen(const struct record_type *type, void *record, struct arena *memory)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        deepen_field(f, record, memory);
}

void *record_copy(const struct record_type *type, const void *record, struct arena *memory)
{
    void *copy = arena_memdup(memory, record, type->size);

    deepen(type, copy, memory);
    return copy;
}

/* --- comparing --- */

static bool pairs_equal(struct pairs a, struct pairs b)
{
    bool equal = a.count == b.count;

    for (size_t i = 0; equal && i < a.count; i++)
        equal = text_equal(a.items[i].name, b.items[i].name) &&
                text_equal(a.items[i].value, b.items[i].value);
    return equal;
}

static bool items_equal(const struct field *f, const void *a, const void *b)
{
    const struct record_type *type = f->of;
    const char *left = pointer_of(f, a), *right = pointer_of(f, b);
    bool equal = count_of(f, a) == count_of(f, b);

    for (size_t i = 0; equal && i < count_of(f, a); i++)
        equal = record_equal(type, left + i * type->size, right + i * type->size);
    return equal;
}

static bool counted_equal(const struct field *f, const void *a, const void *b)
{
    struct bytes left = {pointer_of(f, a), count_of(f, a)};
    struct bytes right = {pointer_of(f, b), count_of(f, b)};

    return bytes_equal(left, right);
}

static bool branches_equal(const struct field *f, const void *a, const void *b)
{
    const struct record_type *branch = branch_of(f, a);

    return branch != NULL && branch == branch_of(f, b) &&
           record_equal(branch, member(a, f->offset), member(b, f->offset));
}

static bool pointed_equal(const struct field *f, const void *a, const void *b)
{
    const void *left = pointer_of(f, a), *right = pointer_of(f, b);

    if (left == NULL || right == NULL)
        return left == right;
    return record_equal(f->of, left, right);
}

static bool opt_int_equal(struct opt_int a, struct opt_int b)
{
    return a.is_set == b.is_set && (!a.is_set || a.value == b.value);
}

static bool field_equal(const struct field *f, const void *a, const void *b)
{
    const void *left = member(a, f->offset), *right = member(b, f->offset);

    switch (f->type) {
    case FIELD_BOOL:
        return *(const bool *)left == *(const bool *)right;
    case FIELD_INT:
    case FIELD_ENUM:
        return *(const int32_t *)left == *(const int32_t *)right;
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_INSTANT:
    case FIELD_LOCAL:
        return *(const int64_t *)left == *(const int64_t *)right;
    case FIELD_DOUBLE:
        return memcmp(left, right, sizeof(double)) == 0;
    case FIELD_ID:
        return uuid_equal(*(const struct uuid *)left, *(const struct uuid *)right);
    case FIELD_OPT_INT:
        return opt_int_equal(*(const struct opt_int *)left, *(const struct opt_int *)right);
    case FIELD_TEXT:
        return text_equal(pointer_of(f, a), pointer_of(f, b));
    case FIELD_TEXT_COUNTED:
        return counted_equal(f, a, b);
    case FIELD_BYTES:
        return field_is_set(f, a) == field_is_set(f, b) &&
               bytes_equal(*(const struct bytes *)left, *(const struct bytes *)right);
    case FIELD_PAIRS:
        return pairs_equal(*(const struct pairs *)left, *(const struct pairs *)right);
    case FIELD_RECORD:
        return record_equal(f->of, left, right);
    case FIELD_RECORD_PTR:
        return pointed_equal(f, a, b);
    case FIELD_ARRAY:
        return items_equal(f, a, b);
    default: /* FIELD_UNION */
        return branches_equal(f, a, b);
    }
}

bool record_equal(const struct record_type *type, const void *a, const void *b)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        if (!field_equal(f, a, b))
            return false;
    return true;
}

/* --- weighing --- */

static size_t pairs_weight(const struct pairs *pairs)
{
    size_t sum = 0;

    for (size_t i = 0; i < pairs->count; i++)
        sum += strlen(pairs->items[i].name) + strlen(pairs->items[i].value);
    return sum;
}

static size_t items_weight(const struct field *f, const void *record)
{
    const struct record_type *type = f->of;
    const char *items = pointer_of(f, record);
    size_t sum = 0;

    for (size_t i = 0; i < count_of(f, record); i++)
        sum += record_weight(type, items + i * type->size);
    return sum;
}

static size_t field_weight(const struct field *f, const void *record)
{
    const void *at = member(record, f->offset), *p;

    switch (f->type) {
    case FIELD_TEXT:
        p = pointer_of(f, record);
        return p == NULL ? 0 : strlen(p);
    case FIELD_TEXT_COUNTED:
        return count_of(f, record);
    case FIELD_BYTES:
        return ((const struct bytes *)at)->len;
    case FIELD_PAIRS:
        return pairs_weight(at);
    case FIELD_RECORD:
        return record_weight(f->of, at);
    case FIELD_RECORD_PTR:
        p = pointer_of(f, record);
        return p == NULL ? 0 : record_weight(f->of, p);
    case FIELD_ARRAY:
        return items_weight(f, record);
    case FIELD_UNION:
        return branch_of(f, record) == NULL ? 0 : record_weight(branch_of(f, record), at);
    default:
        return 0;
    }
}

size_t record_weight(const struct record_type *type, const void *record)
{
    size_t sum = 0;

    for (const struct field *f = type->fields; f->name != NULL; f++)
        sum += field_weight(f, record);
    return sum;
}
