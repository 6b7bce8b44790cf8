#include "model/record_json.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const void *pointer_at(const void *at)
{
    const void *p; /* to whatever type: read as bytes */

    memcpy(&p, at, sizeof p);
    return p;
}

static size_t count_of(const struct field *f, const void *record)
{
    return *(const size_t *)(const void *)((const char *)record + f->count_offset);
}

static const char *text_at(const void *at)
{
    const char *text = pointer_at(at);

    return text == NULL ? "" : text;
}

void bytes_to_json(struct json *j, const char *name, struct bytes b)
{
    char coded[80];

    if (b.len == 0 || utf8_is_clean(b.data, b.len)) {
        json_key(j, name);
        json_text_of(j, b.data == NULL ? "" : b.data, b.len);
        return;
    }
    (void)snprintf(coded, sizeof coded, "%s_base64", name);
    json_key(j, coded);
    json_base64(j, b);
}

static void put_pairs(struct json *j, const struct pairs *pairs)
{
    json_open_object(j);
    for (size_t i = 0; i < pairs->count; i++)
        json_add_text(j, pairs->items[i].name, pairs->items[i].value);
    json_close_object(j);
}

static void put_array(struct json *j, const struct field *f, const void *record)
{
    const struct record_type *type = f->of;
    const char *items = pointer_at((const char *)record + f->offset);

    json_open_array(j);
    for (size_t i = 0; i < count_of(f, record); i++)
        record_to_json(j, type, items + i * type->size);
    json_close_array(j);
}

static void put_union(struct json *j, const struct field *f, const void *record)
{
    const struct union_type *type = f->of;
    int kind = *(const int *)(const void *)((const char *)record + f->count_offset);

    json_add_text(j, "kind", enum_name(type->kinds, kind));
    json_key(j, f->name);
    record_to_json(j, type->branches[kind], (const char *)record + f->offset);
}

static void put_compound(struct json *j, const struct field *f, const void *record)
{
    const void *at = (const char *)record + f->offset;

    json_key(j, f->name);
    if (f->type == FIELD_PAIRS)
        put_pairs(j, at);
    else if (f->type == FIELD_RECORD)
        record_to_json(j, f->of, at);
    else if (f->type == FIELD_RECORD_PTR)
        record_to_json(j, f->of, pointer_at(at));
    else
        put_array(j, f, record);
}

static void put_value(struct json *j, const struct field *f, const void *record)
{
    const void *at = (const char *)record + f->offset;

    json_key(j, f->name);
    switch (f->type) {
    case FIELD_BOOL:
        json_bool(j, *(const bool *)at);
        break;
    case FIELD_INT:
        json_int(j, *(const int32_t *)at);
        break;
    case FIELD_OPT_INT:
        json_int(j, ((const struct opt_int *)at)->value);
        break;
    case FIELD_DOUBLE:
        json_double(j, *(const double *)at);
        break;
    case FIELD_INSTANT:
        json_instant(j, *(const usec_t *)at);
        break;
    case FIELD_LOCAL:
        json_local(j, *(const usec_t *)at);
        break;
    case FIELD_TEXT:
        json_text(j, text_at(at));
        break;
    case FIELD_TEXT_COUNTED:
        json_text_of(j, text_at(at), count_of(f, record));
        break;
    case FIELD_ID:
        json_uuid(j, *(const struct uuid *)at);
        break;
    case FIELD_ENUM:
        json_text(j, enum_name(f->of, *(const int *)at));
        break;
    default: /* FIELD_LONG, FIELD_DURATION: the compound ones are not sent here */
        json_int(j, *(const int64_t *)at);
        break;
    }
}

void record_field_to_json(struct json *j, const struct field *f, const void *record)
{
    if (!field_is_set(f, record))
        return;
    switch (f->type) {
    case FIELD_BYTES:
        bytes_to_json(j, f->name,
                      *(const struct bytes *)(const void *)((const char *)record + f->offset));
        break;
    case FIELD_UNION:
        put_union(j, f, record);
        break;
    case FIELD_PAIRS:
    case FIELD_RECORD:
    case FIELD_RECORD_PTR:
    case FIELD_ARRAY:
        put_compound(j, f, record);
        break;
    default:
        put_value(j, f, record);
        break;
    }
}

void record_members_to_json(struct json *j, const struct record_type *type, const void *record)
{
    for (const struct field *f = type->fields; f->name != NULL; f++)
        record_field_to_json(j, f, record);
}

void record_to_json(struct json *j, const struct record_type *type, const void *record)
{
    json_open_object(j);
    record_members_to_json(j, type, record);
    json_close_object(j);
}
