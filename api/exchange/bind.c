#include "api/exchange/bind.h"

#include <string.h>

#include "base/base64.h"
#include "base/nearest.h"
#include "base/rfc3339.h"

/* --- names --- */

static enum rc fail_unknown(const struct json_node *n, const struct record_type *type,
                            struct error *err)
{
    struct nearest near = nearest_to(n->name);

    for (const struct field *f = type->fields; f->name != NULL; f++)
        nearest_try(&near, f->name);
    (void)json_node_fail(n, err, "%s has no field of this name", type->name);
    if (near.name != NULL)
        (void)error_hint(err, "did you mean \"%s\"?", near.name);
    else
        (void)error_hint_http(err, "docs/http-api.md lists the fields of %s", type->name);
    return RC_INVALID;
}

/* The field of that name; *ret_coded: it is given as <name>_base64. */
static const struct field *find_field(const struct record_type *type, const char *name,
                                      bool *ret_coded)
{
    for (const struct field *f = type->fields; f->name != NULL; f++) {
        size_t len = strlen(f->name);

        if (strncmp(name, f->name, len) != 0)
            continue;
        *ret_coded = f->type == FIELD_BYTES && strcmp(name + len, BIND_BASE64) == 0;
        if (name[len] == '\0' || *ret_coded)
            return f;
    }
    return NULL;
}

/* --- values --- */

static enum rc bind_instant(const struct json_node *n, usec_t *ret, struct error *err)
{
    const char *text;
    struct error why = {0};

    TRY(json_node_text(n, &text, err));
    if (rfc3339_parse(text, ret, &why) == RC_OK && *ret != 0)
        return RC_OK;
    if (why.rc == RC_OK) { /* a record has 0 for none: it would mean the opposite */
        (void)json_node_fail(n, err, "%s cannot be told from no instant", text);
        return error_hint(err, "take one a second later, or leave it out for none");
    }
    (void)json_node_fail(n, err, "%s", why.text);
    return error_hint(err, "write it as 2026-11-24T13:00:00Z or with an offset, +01:00");
}

static enum rc bind_enum(const struct json_node *n, const struct enum_type *type, int *ret,
                         struct error *err)
{
    const char *text;
    struct error why = {0};

    TRY(json_node_text(n, &text, err));
    if (enum_find(type, text, true, ret, &why) == RC_OK)
        return RC_OK;
    (void)json_node_fail(n, err, "%s", why.text);
    return error_hint(err, "%s", why.hint);
}

static enum rc bind_id(const struct json_node *n, struct uuid *ret, struct error *err)
{
    const char *text;
    struct error why = {0};

    TRY(json_node_text(n, &text, err));
    if (uuid_from_text(text, ret, &why) == RC_OK)
        return RC_OK;
    return json_node_fail(n, err, "%s", why.text);
}

static enum rc bind_bytes(const struct json_node *n, bool coded, struct arena *memory,
                          struct bytes *ret, struct error *err)
{
    const char *text;
    struct error why = {0};

    TRY(json_node_text(n, &text, err));
    if (ret->data != NULL)
        return json_node_fail(n, err, "it is given twice, as text and as base64");
    if (!coded) {
        *ret = (struct bytes){text, strlen(text)};
        return RC_OK;
    }
    if (base64_decode(text, memory, ret, &why) == RC_OK)
        return RC_OK;
    return json_node_fail(n, err, "%s", why.text);
}

static enum rc bind_pairs(const struct json_node *n, struct arena *memory, struct pairs *ret,
                          struct error *err)
{
    struct json_node member;
    void *iter = NULL;

    TRY(json_node_expect(n, JSON_KIND_OBJECT, err));
    ret->items = arena_alloc(memory, json_node_count(n) * sizeof *ret->items);
    ret->count = 0;
    while (json_node_next(n, &iter, &member)) {
        struct pair *pair = &ret->items[ret->count++];

        pair->name = member.name;
        TRY(json_node_text(&member, &pair->value, err));
    }
    return RC_OK;
}

/* NOLINTBEGIN(misc-no-recursion): a document has at most 32 levels (json_read.h) */

static enum rc bind_array(const struct json_node *n, const struct field *f, struct arena *memory,
                          void *record, struct error *err)
{
    const struct record_type *type = f->of;
    size_t count;
    char *items;

    TRY(json_node_expect(n, JSON_KIND_ARRAY, err));
    count = json_node_count(n);
    items = arena_alloc(memory, count * type->size);
    for (size_t i = 0; i < count; i++) {
        struct json_node item;

        if (json_node_item(n, i, &item))
            TRY(bind_record(&item, type, memory, items + i * type->size, err));
    }
    memcpy((char *)record + f->offset, &items, sizeof items);
    memcpy((char *)record + f->count_offset, &count, sizeof count);
    return RC_OK;
}

static enum rc bind_pointer(const struct json_node *n, const struct field *f, struct arena *memory,
                            void *at, struct error *err)
{
    const struct record_type *type = f->of;
    void *inner = arena_alloc(memory, type->size);

    TRY(bind_record(n, type, memory, inner, err));
    memcpy(at, &inner, sizeof inner);
    return RC_OK;
}

static enum rc bind_number(const struct json_node *n, const struct field *f, void *at,
                           struct error *err)
{
    bool is_small = f->type == FIELD_INT || f->type == FIELD_OPT_INT;
    int64_t value;
    int32_t small;

    TRY(json_node_int(n, is_small ? INT32_MIN : INT64_MIN, is_small ? INT32_MAX : INT64_MAX, &value,
                      err));
    small = (int32_t)value;
    if (f->type == FIELD_OPT_INT)
        *(struct opt_int *)at = (struct opt_int){true, small};
    else if (is_small)
        memcpy(at, &small, sizeof small);
    else
        memcpy(at, &value, sizeof value);
    return RC_OK;
}

static enum rc bind_compound(const struct json_node *n, const struct field *f, struct arena *memory,
                             void *record, struct error *err)
{
    void *at = (char *)record + f->offset;

    switch (f->type) {
    case FIELD_PAIRS:
        return bind_pairs(n, memory, at, err);
    case FIELD_RECORD:
        return bind_record(n, f->of, memory, at, err);
    case FIELD_RECORD_PTR:
        return bind_pointer(n, f, memory, at, err);
    case FIELD_ARRAY:
        return bind_array(n, f, memory, record, err);
    default:
        return json_node_fail(n, err, "it cannot be set here");
    }
}

static enum rc bind_field(const struct json_node *n, const struct field *f, bool coded,
                          struct arena *memory, void *record, struct error *err)
{
    void *at = (char *)record + f->offset;

    if (f->optional && json_node_kind(n) == JSON_KIND_NULL)
        return RC_OK;
    switch (f->type) {
    case FIELD_BOOL:
        return json_node_bool(n, at, err);
    case FIELD_INT:
    case FIELD_LONG:
    case FIELD_DURATION:
    case FIELD_OPT_INT:
        return bind_number(n, f, at, err);
    case FIELD_DOUBLE:
        return json_node_double(n, at, err);
    case FIELD_INSTANT:
        return bind_instant(n, at, err);
    case FIELD_TEXT:
        return json_node_text(n, at, err);
    case FIELD_BYTES:
        return bind_bytes(n, coded, memory, at, err);
    case FIELD_ID:
        return bind_id(n, at, err);
    case FIELD_ENUM:
        return bind_enum(n, f->of, at, err);
    default:
        return bind_compound(n, f, memory, record, err);
    }
}

/* `reason`: where the member of that name goes, which is no field of the record; NULL: it is
   unknown too. */
static enum rc bind_members(const struct json_node *object, const struct record_type *type,
                            struct arena *memory, void *record, const char **reason,
                            struct error *err)
{
    struct json_node member;
    void *iter = NULL;

    TRY(json_node_expect(object, JSON_KIND_OBJECT, err));
    while (json_node_next(object, &iter, &member)) {
        bool coded = false;
        const struct field *f = find_field(type, member.name, &coded);

        if (f != NULL)
            TRY(bind_field(&member, f, coded, memory, record, err));
        else if (reason != NULL && strcmp(member.name, "reason") == 0)
            TRY(json_node_text(&member, reason, err));
        else
            return fail_unknown(&member, type, err);
    }
    return RC_OK;
}

enum rc bind_record(const struct json_node *object, const struct record_type *type,
                    struct arena *memory, void *record, struct error *err)
{
    return bind_members(object, type, memory, record, NULL, err);
}

/* NOLINTEND(misc-no-recursion) */

enum rc bind_action(struct bytes body, const struct record_type *type, struct arena *memory,
                    void *record, const char **ret_reason, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    const char *reason = NULL;
    struct json_node root;
    void *copy;

    if (body.len == 0)
        return RC_OK;
    TRY(json_doc_parse_request(body, &doc, err));
    root = json_doc_root(doc);
    TRY(bind_members(&root, type, memory, record, &reason, err));
    copy = record_copy(type, record, memory); /* its texts were the document's */
    memcpy(record, copy, type->size);
    *ret_reason = reason == NULL ? NULL : arena_strdup(memory, reason);
    return RC_OK;
}

enum rc bind_spec(struct bytes json, struct arena *memory, struct task_spec **ret,
                  struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct task_spec spec = {0};
    struct json_node root;

    TRY(json_doc_parse_request(json, &doc, err));
    root = json_doc_root(doc);
    TRY(bind_record(&root, &task_spec_type, memory, &spec, err));
    *ret = record_copy(&task_spec_type, &spec, memory);
    return RC_OK;
}

enum rc bind_put_body(struct bytes json, struct arena *memory, struct put_task *ret,
                      struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct put_task put = {0};
    struct json_node root, body;

    TRY(json_doc_parse(json, &doc, err));
    root = json_doc_root(doc);
    if (!json_node_member(&root, "body", &body))
        return json_node_fail(&root, err, "there is no body");
    TRY(bind_record(&body, command_body_type(COMMAND_PUT_TASK), memory, &put, err));
    *ret = *(struct put_task *)record_copy(command_body_type(COMMAND_PUT_TASK), &put, memory);
    return RC_OK;
}

const struct record_type *command_body_type(enum command_kind kind)
{
    const struct record_type *command = record_type_of(RECORD_COMMAND);

    for (const struct field *f = command->fields; f->name != NULL; f++)
        if (f->type == FIELD_UNION)
            return ((const struct union_type *)f->of)->branches[kind];
    return NULL; /* not covered: a command has a body */
}
