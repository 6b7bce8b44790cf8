#include "http/json_merge.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static json_t *root_of(const struct json_doc *doc)
{
    return json_doc_root(doc).value;
}

static void add_text(const json_t *value, struct buf *ret)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (text == NULL)
        abort(); /* out of memory: what was read can be written */
    buf_add_text(ret, text);
    free(text);
}

/* --- merging --- */

/* The other spelling of a member goes away, unless the patch has both: then both stay, to be complained of. */
static void drop_twin(json_t *target, const json_t *patch, const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);
    bool is_long = len > tail && strcmp(name + len - tail, suffix) == 0;
    SCOPED(text)
    char *twin =
        is_long ? xasprintf("%.*s", (int)(len - tail), name) : xasprintf("%s%s", name, suffix);

    if (json_object_get(patch, twin) == NULL)
        (void)json_object_del(target, twin);
}

/* NOLINTBEGIN(misc-no-recursion): a document has at most 32 levels (json_read.h) */

/* A reference of the caller's; target may be NULL and is changed. */
static json_t *merge(json_t *target, json_t *patch, const char *suffix)
{
    json_t *made, *value;
    const char *name;

    if (!json_is_object(patch))
        return json_incref(patch);
    made = json_is_object(target) ? json_incref(target) : json_object();
    json_object_foreach(patch, name, value)
    {
        if (suffix != NULL)
            drop_twin(made, patch, name, suffix);
        if (json_is_null(value))
            (void)json_object_del(made, name);
        else
            (void)json_object_set_new(made, name, merge(json_object_get(made, name), value, NULL));
    }
    return made;
}

/* NOLINTEND(misc-no-recursion) */

enum rc json_merge(struct bytes target, struct bytes patch, const char *suffix, struct buf *ret,
                   struct error *err)
{
    SCOPED(json_doc) struct json_doc *from = NULL;
    SCOPED(json_doc) struct json_doc *change = NULL;
    struct json_node root;
    json_t *made;

    TRY(json_doc_parse(target, &from, err));
    TRY(json_doc_parse_request(patch, &change, err));
    root = json_doc_root(change);
    TRY(json_node_expect(&root, JSON_KIND_OBJECT, err));
    made = merge(root_of(from), root_of(change), suffix);
    add_text(made, ret);
    json_decref(made);
    return RC_OK;
}

enum rc json_canonical(struct bytes text, struct buf *ret, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;

    TRY(json_doc_parse_request(text, &doc, err));
    add_text(root_of(doc), ret);
    return RC_OK;
}
