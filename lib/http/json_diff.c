#include "http/json_diff.h"

#include <stdlib.h>

#include <jansson.h>

static void put_value(struct json *j, const char *name, const struct json_node *n)
{
    SCOPED(text) char *text = NULL;

    if (n == NULL)
        return;
    text = json_dumps(n->value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL)
        abort(); /* out of memory: what was read can be written */
    json_key(j, name);
    json_raw(j, text);
}

/* At least one of the two is there. */
static void put_change(struct json *j, const struct json_node *from, const struct json_node *to)
{
    SCOPED_BUF pointer = {0};

    json_node_pointer(from != NULL ? from : to, &pointer);
    json_open_object(j);
    json_add_text(j, "pointer", buf_text(&pointer));
    put_value(j, "from", from);
    put_value(j, "to", to);
    json_close_object(j);
}

/* NOLINTBEGIN(misc-no-recursion): a document has at most 32 levels (json_read.h) */

static void compare(struct json *j, const struct json_node *from, const struct json_node *to);

static void compare_objects(struct json *j, const struct json_node *from,
                            const struct json_node *to)
{
    struct json_node one, other;
    void *iter = NULL;

    while (json_node_next(from, &iter, &one)) {
        if (json_node_member(to, one.name, &other))
            compare(j, &one, &other);
        else
            put_change(j, &one, NULL);
    }
    iter = NULL;
    while (json_node_next(to, &iter, &other))
        if (!json_node_member(from, other.name, &one))
            put_change(j, NULL, &other);
}

static void compare_arrays(struct json *j, const struct json_node *from, const struct json_node *to)
{
    size_t count = MAX(json_node_count(from), json_node_count(to));
    struct json_node one, other;

    for (size_t i = 0; i < count; i++) {
        bool was = json_node_item(from, i, &one), is = json_node_item(to, i, &other);

        if (was && is)
            compare(j, &one, &other);
        else
            put_change(j, was ? &one : NULL, is ? &other : NULL);
    }
}

static void compare(struct json *j, const struct json_node *from, const struct json_node *to)
{
    enum json_kind kind = json_node_kind(from);
    bool is_same_kind = kind == json_node_kind(to);

    if (is_same_kind && kind == JSON_KIND_OBJECT)
        compare_objects(j, from, to);
    else if (is_same_kind && kind == JSON_KIND_ARRAY)
        compare_arrays(j, from, to);
    else if (!json_node_equal(from, to))
        put_change(j, from, to);
}

/* NOLINTEND(misc-no-recursion) */

void json_diff(struct json *j, const struct json_doc *from, const struct json_doc *to)
{
    struct json_node one = json_doc_root(from), other = json_doc_root(to);

    json_open_array(j);
    compare(j, &one, &other);
    json_close_array(j);
}
