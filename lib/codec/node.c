#include "codec/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct node *build(avro_schema_t schema, const struct field *field,
                          const struct record_type *record);

static void expect(bool agrees, const char *name)
{
    if (agrees)
        return;
    (void)fprintf(stderr, "schema and table differ at %s\n", name); /* not covered: only a bug */
    abort();                                                        /* not covered: only a bug */
}

static avro_schema_t unlinked(avro_schema_t schema)
{
    return avro_typeof(schema) == AVRO_LINK ? avro_schema_link_target(schema) : schema;
}

static const struct field *find_field(const struct record_type *record, const char *name)
{
    for (const struct field *f = record->fields; f->name != NULL; f++)
        if (text_equal(f->name, name))
            return f;
    return NULL;
}

static void add_children(struct node *n, size_t count)
{
    n->child_count = count;
    n->children = xcalloc(MAX(count, 1), sizeof(struct node *));
}

static void build_record(struct node *n)
{
    add_children(n, avro_schema_record_size(n->schema));
    for (size_t i = 0; i < n->child_count; i++) {
        const char *name = avro_schema_record_field_name(n->schema, (int)i);
        const struct field *field = find_field(n->record, name);

        if (field == NULL)
            continue;
        n->children[i] =
            build(avro_schema_record_field_get_by_index(n->schema, (int)i), field, NULL);
    }
}

static int kind_of_branch(const struct union_type *type, const char *name)
{
    for (int i = 0; i < type->count; i++)
        if (text_equal(type->branches[i]->name, name))
            return i;
    return -1;
}

static void build_union(struct node *n)
{
    const struct union_type *type = n->field->type == FIELD_UNION ? n->field->of : NULL;
    int *codes;

    add_children(n, avro_schema_union_size(n->schema));
    codes = xcalloc(n->child_count, sizeof *codes);
    for (size_t i = 0; i < n->child_count; i++) {
        avro_schema_t branch = unlinked(avro_schema_union_branch(n->schema, (int)i));
        const struct record_type *record = NULL;

        codes[i] = avro_typeof(branch) == AVRO_NULL ? -1 : 0;
        if (type != NULL) {
            codes[i] = kind_of_branch(type, avro_schema_name(branch));
            expect(codes[i] >= 0, n->field->name);
            record = type->branches[codes[i]];
        }
        n->children[i] = build(branch, n->field, record);
    }
    n->codes = codes;
}

static void build_enum(struct node *n)
{
    const struct enum_type *type = n->field->of;
    int count = avro_schema_enum_number_of_symbols(n->schema);
    int *codes = xcalloc((size_t)count, sizeof *codes);

    for (int i = 0; i < count; i++)
        if (enum_find(type, avro_schema_enum_get(n->schema, i), false, &codes[i], NULL) != RC_OK)
            codes[i] = type->fallback;
    n->codes = codes;
    n->child_count = (size_t)count;
}

static const struct field pair_value = {.name = "value", .type = FIELD_TEXT};

static void build_map(struct node *n)
{
    add_children(n, 1);
    n->children[0] = build(avro_schema_map_values(n->schema), &pair_value, NULL);
}

static void build_array(struct node *n)
{
    add_children(n, 1);
    n->children[0] = build(avro_schema_array_items(n->schema), NULL, n->field->of);
}

static avro_type_t avro_type_of(const struct field *field)
{
    static const avro_type_t types[] = {
        [FIELD_BOOL] = AVRO_BOOLEAN,      [FIELD_INT] = AVRO_INT32,
        [FIELD_LONG] = AVRO_INT64,        [FIELD_DURATION] = AVRO_INT64,
        [FIELD_DOUBLE] = AVRO_DOUBLE,     [FIELD_INSTANT] = AVRO_INT64,
        [FIELD_LOCAL] = AVRO_INT64,       [FIELD_TEXT] = AVRO_STRING,
        [FIELD_BYTES] = AVRO_BYTES,       [FIELD_ID] = AVRO_STRING,
        [FIELD_ENUM] = AVRO_ENUM,         [FIELD_OPT_INT] = AVRO_INT32,
        [FIELD_PAIRS] = AVRO_MAP,         [FIELD_RECORD] = AVRO_RECORD,
        [FIELD_RECORD_PTR] = AVRO_RECORD, [FIELD_ARRAY] = AVRO_ARRAY,
        [FIELD_UNION] = AVRO_RECORD,      [FIELD_TEXT_COUNTED] = AVRO_STRING,
    };

    return types[field->type];
}

static struct node *build(avro_schema_t schema, const struct field *field,
                          const struct record_type *record)
{
    struct node *n = xcalloc(1, sizeof *n);
    avro_type_t type;

    n->iface = node_interface;
    n->schema = unlinked(schema);
    n->field = field;
    type = avro_typeof(n->schema);
    expect(field == NULL || type == avro_type_of(field) || type == AVRO_UNION || type == AVRO_NULL,
           field == NULL ? "" : field->name);
    if (type == AVRO_RECORD)
        n->record = record != NULL ? record : field->of;

    if (type == AVRO_RECORD)
        build_record(n);
    else if (type == AVRO_UNION)
        build_union(n);
    else if (type == AVRO_ENUM)
        build_enum(n);
    else if (type == AVRO_MAP)
        build_map(n);
    else if (type == AVRO_ARRAY)
        build_array(n);
    return n;
}

struct node *node_new(avro_schema_t schema, const struct record_type *record)
{
    return build(schema, NULL, record);
}
