/* Holds the tables of model/tables.c to schemas/avro: names, order, types, defaults, documentation; and each version of a
   record to the one before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "codec/codec.h"

/* The named types met so far in one schema: later they stand there by name only. */
struct walk {
    json_t *named;
    const char *path;
};

static const char *text_in(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void expect_text(const struct walk *w, const char *found, const char *expected)
{
    if (!text_equal(found, expected))
        fail_msg("%s: the schema has '%s', the table '%s'", w->path, found == NULL ? "" : found,
                 expected);
}

static void check_record(struct walk *w, json_t *schema, const struct record_type *type);

/* A named type in full, or by its name if it was met before; NULL then. */
static json_t *definition(struct walk *w, json_t *schema, const char *name)
{
    if (json_is_string(schema)) {
        expect_text(w, json_string_value(schema), name);
        if (json_object_get(w->named, name) == NULL)
            fail_msg("%s: %s is not defined before its use", w->path, name);
        return NULL;
    }
    expect_text(w, text_in(schema, "name"), name);
    json_object_set_new(w->named, name, json_true());
    return schema;
}

static void check_enum(struct walk *w, json_t *schema, const struct enum_type *type)
{
    json_t *symbols;

    if ((schema = definition(w, schema, type->name)) == NULL)
        return;
    symbols = json_object_get(schema, "symbols");
    expect_text(w, text_in(schema, "type"), "enum");
    expect_text(w, text_in(schema, "default"), type->symbols[type->fallback]);
    assert_int_equal(json_array_size(symbols), type->count);
    for (int i = 0; i < type->count; i++)
        expect_text(w, json_string_value(json_array_get(symbols, (size_t)i)), type->symbols[i]);
}

static void check_union(struct walk *w, json_t *schema, const struct union_type *type)
{
    assert_int_equal(json_array_size(schema), type->count);
    for (int i = 0; i < type->count; i++)
        check_record(w, json_array_get(schema, (size_t)i), type->branches[i]);
}

static void check_logical(struct walk *w, json_t *schema, const char *type, const char *logical)
{
    expect_text(w, text_in(schema, "type"), type);
    expect_text(w, text_in(schema, "logicalType"), logical);
}

static void check_type(struct walk *w, json_t *schema, const struct field *f)
{
    static const char *const primitives[] = {
        [FIELD_BOOL] = "boolean",  [FIELD_INT] = "int",       [FIELD_LONG] = "long",
        [FIELD_DURATION] = "long", [FIELD_DOUBLE] = "double", [FIELD_TEXT] = "string",
        [FIELD_BYTES] = "bytes",   [FIELD_OPT_INT] = "int",   [FIELD_TEXT_COUNTED] = "string",
    };

    switch (f->type) {
    case FIELD_INSTANT:
        check_logical(w, schema, "long", "timestamp-micros");
        break;
    case FIELD_LOCAL:
        check_logical(w, schema, "long", "local-timestamp-micros");
        break;
    case FIELD_ID:
        check_logical(w, schema, "string", "uuid");
        break;
    case FIELD_ENUM:
        check_enum(w, schema, f->of);
        break;
    case FIELD_PAIRS:
        expect_text(w, text_in(schema, "type"), "map");
        expect_text(w, text_in(schema, "values"), "string");
        break;
    case FIELD_RECORD:
    case FIELD_RECORD_PTR:
        check_record(w, schema, f->of);
        break;
    case FIELD_ARRAY:
        expect_text(w, text_in(schema, "type"), "array");
        check_record(w, json_object_get(schema, "items"), f->of);
        break;
    case FIELD_UNION:
        check_union(w, schema, f->of);
        break;
    default:
        expect_text(w, json_string_value(schema), primitives[f->type]);
        break;
    }
}

/* ["null", T], default null. */
static json_t *without_null(const struct walk *w, json_t *field, json_t *type)
{
    json_t *none = json_object_get(field, "default");

    assert_int_equal(json_array_size(type), 2);
    expect_text(w, json_string_value(json_array_get(type, 0)), "null");
    assert_true(none != NULL && json_is_null(none));
    return json_array_get(type, 1);
}

static void check_field(struct walk *w, json_t *field, const struct field *f)
{
    json_t *type = json_object_get(field, "type");

    expect_text(w, text_in(field, "name"), f->name);
    expect_text(w, text_in(field, "doc"), f->doc);
    if (f->type == FIELD_ENUM && json_object_get(field, "default") != NULL && !f->optional)
        expect_text(w, text_in(field, "default"), ((const struct enum_type *)f->of)->symbols[0]);
    check_type(w, f->optional ? without_null(w, field, type) : type, f);
}

static void check_record(struct walk *w, json_t *schema, const struct record_type *type)
{
    json_t *fields;
    size_t count = 0;

    if ((schema = definition(w, schema, type->name)) == NULL)
        return;
    fields = json_object_get(schema, "fields");
    expect_text(w, text_in(schema, "type"), "record");
    expect_text(w, text_in(schema, "namespace"), "io.cronobs");
    expect_text(w, text_in(schema, "doc"), type->doc);
    for (const struct field *f = type->fields; f->name != NULL; f++, count++) {
        SCOPED(text) char *path = xasprintf("%s.%s", type->name, f->name);

        w->path = path;
        check_field(w, json_array_get(fields, count), f);
        w->path = type->name;
    }
    assert_int_equal(json_array_size(fields), count);
}

static json_t *load(enum record_kind kind, int version)
{
    int id = codec_schema_id(kind, version);
    json_t *schema = json_loads(codec_schema_text(id), 0, NULL);

    assert_non_null(schema);
    assert_int_equal(json_integer_value(json_object_get(schema, "cronobs.id")), id);
    return schema;
}

static void the_newest_versions_say_the_same_as_the_tables(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        json_t *schema = load(kind, codec_version_count(kind));
        struct walk walk = {json_object(), ""};

        check_record(&walk, schema, record_type_of(kind));
        json_decref(walk.named);
        json_decref(schema);
    }
}

/* Of two versions, or of a type inside them: how many fields the newer one has more, each at the end of its record and with a default. All
   else is equal. */
static size_t count_added(const json_t *older, const json_t *newer)
{
    bool are_fields = json_is_array(older) && json_object_get(json_array_get(older, 0), "doc");
    size_t added = 0, index;
    const char *key;
    json_t *value;

    if (json_is_object(older)) {
        assert_int_equal(json_object_size(older), json_object_size(newer));
        json_object_foreach((json_t *)(uintptr_t)older, key, value) added +=
            count_added(value, json_object_get(newer, key));
    } else if (json_is_array(older)) {
        assert_true(are_fields || json_array_size(older) == json_array_size(newer));
        json_array_foreach(older, index, value) added +=
            count_added(value, json_array_get(newer, index));
        for (; index < json_array_size(newer); index++, added++)
            assert_non_null(json_object_get(json_array_get(newer, index), "default"));
    } else {
        assert_true(json_equal(older, newer));
    }
    return added;
}

static void a_version_adds_fields_with_defaults_at_the_end_of_the_one_before(void **state UNUSED)
{
    for (int id = 1; id <= codec_schema_count(); id++) {
        int version = codec_schema_version(id);
        json_t *older, *newer;

        if (version == 1)
            continue;
        older = load(codec_schema_kind(id), version - 1);
        newer = load(codec_schema_kind(id), version);
        json_object_del(older, "cronobs.id");
        json_object_del(newer, "cronobs.id");
        assert_true(count_added(older, newer) > 0);
        json_decref(older);
        json_decref(newer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_versions_say_the_same_as_the_tables),
        cmocka_unit_test(a_version_adds_fields_with_defaults_at_the_end_of_the_one_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
