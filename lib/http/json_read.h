/*
 * json_read.h - JSON from outside, read strictly, with a JSON pointer in every complaint.
 *
 * A document is parsed whole (duplicate names, NUL and more than 32 levels are refused), then
 * walked by nodes: small values that know their parent, so that "/schedules/0/zone" can be said
 * when something is wrong. A node lives no longer than its document and its parent node. Errors
 * are RC_INVALID.
 */
#ifndef HTTP_JSON_READ_H
#define HTTP_JSON_READ_H

#include "base/buf.h"
#include "base/error.h"

struct json_doc;

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_NUMBER,
    JSON_KIND_TEXT,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

struct json_node {
    void *value; /* only read; NULL: there is none */
    const struct json_node *parent;
    const char *name; /* as a member of an object */
    size_t index;     /* as an item of an array */
};

MUST_CHECK enum rc json_doc_parse(struct bytes text, struct json_doc **ret, struct error *err);
/* The same of a request's body, which may have 20,000 values at most. */
MUST_CHECK enum rc json_doc_parse_request(struct bytes text, struct json_doc **ret,
                                          struct error *err);
void json_doc_free(struct json_doc *doc); /* NULL is fine */
struct json_node json_doc_root(const struct json_doc *doc);

enum json_kind json_node_kind(const struct json_node *n);
const char *json_kind_name(enum json_kind kind);                    /* "a text", "an object" */
void json_node_pointer(const struct json_node *n, struct buf *out); /* RFC 6901 */

/* Sets pointer and text; returns RC_INVALID. */
enum rc json_node_fail(const struct json_node *n, struct error *err, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Objects and arrays: how many, the one of that name, the next one (start with *iter = NULL). */
size_t json_node_count(const struct json_node *n);
bool json_node_member(const struct json_node *object, const char *name, struct json_node *ret);
bool json_node_next(const struct json_node *object, void **iter, struct json_node *ret);
bool json_node_item(const struct json_node *array, size_t index, struct json_node *ret);

/* The value, or a complaint about its type or range. Texts are borrowed from the document. */
MUST_CHECK enum rc json_node_expect(const struct json_node *n, enum json_kind kind,
                                    struct error *err);
MUST_CHECK enum rc json_node_text(const struct json_node *n, const char **ret, struct error *err);
MUST_CHECK enum rc json_node_int(const struct json_node *n, int64_t min, int64_t max, int64_t *ret,
                                 struct error *err);
MUST_CHECK enum rc json_node_double(const struct json_node *n, double *ret, struct error *err);
MUST_CHECK enum rc json_node_bool(const struct json_node *n, bool *ret, struct error *err);

/* The same value, whatever the order of members. */
bool json_node_equal(const struct json_node *a, const struct json_node *b);

DEFINE_SCOPED(json_doc, struct json_doc, json_doc_free)

#endif
