#include "http/json_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { DEPTH_MAX = 32, VALUES_MAX = 20000 };

struct json_doc {
    json_t *root;
};

static const json_t *value_of(const struct json_node *n)
{
    return n->value;
}

/* --- parsing --- */

/* jansson would recurse 2048 levels; texts are skipped, so that braces in them do not count. */
static bool is_too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < len; i++) {
        if (in_text && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_text = !in_text;
        else if (!in_text && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!in_text && (text[i] == '}' || text[i] == ']'))
            depth--;
        if (depth > DEPTH_MAX)
            return true;
    }
    return false;
}

/* Each value is an allocation or two: a megabyte of them would hold up everybody else. */
static bool has_too_many(const char *text, size_t len)
{
    size_t values = 1;
    bool in_text = false;

    for (size_t i = 0; i < len && values <= VALUES_MAX; i++) {
        if (in_text && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_text = !in_text;
        else if (!in_text && text[i] == ',')
            values++;
    }
    return values > VALUES_MAX;
}

enum rc json_doc_parse_request(struct bytes text, struct json_doc **ret, struct error *err)
{
    if (has_too_many(text.data, text.len))
        return error_set(err, RC_INVALID, "the JSON document has more than %d values", VALUES_MAX);
    return json_doc_parse(text, ret, err);
}

enum rc json_doc_parse(struct bytes text, struct json_doc **ret, struct error *err)
{
    json_error_t why;
    json_t *root;

    if (text.len == 0)
        return error_set(err, RC_INVALID, "the body is empty; a JSON document is expected");
    if (is_too_deep(text.data, text.len))
        return error_set(err, RC_INVALID, "the JSON document is nested deeper than %d levels",
                         DEPTH_MAX);
    root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        error_set(err, RC_INVALID, "the body is not JSON: line %d, column %d: %s", why.line,
                  why.column, why.text);
        return RC_INVALID;
    }
    *ret = xcalloc(1, sizeof **ret);
    (*ret)->root = root;
    return RC_OK;
}

void json_doc_free(struct json_doc *doc)
{
    if (doc == NULL)
        return;
    json_decref(doc->root);
    free(doc);
}

struct json_node json_doc_root(const struct json_doc *doc)
{
    return (struct json_node){.value = doc->root};
}

/* --- what a node is, and where --- */

enum json_kind json_node_kind(const struct json_node *n)
{
    switch (json_typeof(value_of(n))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return JSON_KIND_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
    default:
        return JSON_KIND_NULL;
    }
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_KIND_NULL] = "null",       [JSON_KIND_BOOL] = "true or false",
        [JSON_KIND_NUMBER] = "a number", [JSON_KIND_TEXT] = "a text",
        [JSON_KIND_ARRAY] = "an array",  [JSON_KIND_OBJECT] = "an object",
    };

    return names[kind];
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX levels */
void json_node_pointer(const struct json_node *n, struct buf *out)
{
    if (n->parent == NULL)
        return;
    json_node_pointer(n->parent, out);
    buf_add_char(out, '/');
    if (n->name == NULL)
        buf_printf(out, "%zu", n->index);
    for (const char *c = n->name; c != NULL && *c != '\0'; c++) {
        if (*c == '~' || *c == '/')
            buf_add_text(out, *c == '~' ? "~0" : "~1");
        else
            buf_add_char(out, *c);
    }
}

enum rc json_node_fail(const struct json_node *n, struct error *err, const char *format, ...)
{
    SCOPED_BUF pointer = {0};
    char text[400];
    va_list args;

    if (err == NULL)
        return RC_INVALID;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_node_pointer(n, &pointer);
    error_set(err, RC_INVALID, "%s%s%s", buf_text(&pointer), pointer.len > 0 ? ": " : "", text);
    (void)snprintf(err->pointer, sizeof err->pointer, "%s", buf_text(&pointer));
    return RC_INVALID;
}

/* --- objects and arrays --- */

size_t json_node_count(const struct json_node *n)
{
    return json_is_object(value_of(n)) ? json_object_size(value_of(n))
                                       : json_array_size(value_of(n));
}

bool json_node_member(const struct json_node *object, const char *name, struct json_node *ret)
{
    json_t *value = json_object_get(value_of(object), name);

    if (value == NULL)
        return false;
    *ret = (struct json_node){.value = value, .parent = object, .name = name};
    return true;
}

bool json_node_next(const struct json_node *object, void **iter, struct json_node *ret)
{
    *iter = *iter == NULL ? json_object_iter(object->value)
                          : json_object_iter_next(object->value, *iter);
    if (*iter == NULL)
        return false;
    *ret = (struct json_node){.value = json_object_iter_value(*iter),
                              .parent = object,
                              .name = json_object_iter_key(*iter)};
    return true;
}

bool json_node_item(const struct json_node *array, size_t index, struct json_node *ret)
{
    json_t *value = json_array_get(value_of(array), index);

    if (value == NULL)
        return false;
    *ret = (struct json_node){.value = value, .parent = array, .index = index};
    return true;
}

/* --- values --- */

enum rc json_node_expect(const struct json_node *n, enum json_kind kind, struct error *err)
{
    if (json_node_kind(n) == kind)
        return RC_OK;
    return json_node_fail(n, err, "%s is expected, not %s", json_kind_name(kind),
                          json_kind_name(json_node_kind(n)));
}

enum rc json_node_text(const struct json_node *n, const char **ret, struct error *err)
{
    TRY(json_node_expect(n, JSON_KIND_TEXT, err));
    *ret = json_string_value(value_of(n));
    return RC_OK;
}

enum rc json_node_int(const struct json_node *n, int64_t min, int64_t max, int64_t *ret,
                      struct error *err)
{
    int64_t value;

    TRY(json_node_expect(n, JSON_KIND_NUMBER, err));
    if (!json_is_integer(value_of(n)))
        return json_node_fail(n, err, "a whole number is expected, not %g",
                              json_real_value(value_of(n)));
    value = json_integer_value(value_of(n));
    if (value < min || value > max)
        return json_node_fail(n, err, "%lld is outside %lld to %lld", (long long)value,
                              (long long)min, (long long)max);
    *ret = value;
    return RC_OK;
}

enum rc json_node_double(const struct json_node *n, double *ret, struct error *err)
{
    TRY(json_node_expect(n, JSON_KIND_NUMBER, err));
    *ret = json_number_value(value_of(n));
    return RC_OK;
}

enum rc json_node_bool(const struct json_node *n, bool *ret, struct error *err)
{
    TRY(json_node_expect(n, JSON_KIND_BOOL, err));
    *ret = json_is_true(value_of(n));
    return RC_OK;
}

bool json_node_equal(const struct json_node *a, const struct json_node *b)
{
    return json_equal(value_of(a), value_of(b)) == 1;
}
