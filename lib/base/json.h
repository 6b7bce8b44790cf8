/*
 * json.h - JSON written straight into a buffer: no tree, no copies. What is not called cannot go wrong.
 *
 *     struct json j = json_into(&out);
 *     json_open_object(&j);
 *     json_add_text(&j, "key", task->key);
 *     json_key(&j, "items");
 *     json_open_array(&j);
 *     ...
 *
 * Commas are put where they belong; that keys come before values, and that what was opened is closed, is
 * the caller's business. The text is always valid JSON in UTF-8: control characters are escaped; bytes
 * that are no UTF-8 appear as "\xHH", like utf8_escape() writes them.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/uuid.h"

struct json {
    struct buf *out;
    bool wants_comma;
};

struct json json_into(struct buf *out); /* appends */

void json_open_object(struct json *j);
void json_close_object(struct json *j);
void json_open_array(struct json *j);
void json_close_array(struct json *j);
void json_key(struct json *j, const char *name);

void json_text(struct json *j, const char *text);                /* NULL: null */
void json_text_of(struct json *j, const char *text, size_t len); /* may hold NULs */
void json_int(struct json *j, int64_t value);
void json_double(struct json *j, double value); /* null where JSON has no number for it */
void json_bool(struct json *j, bool value);
void json_put_null(struct json *j);                   /* json_null is a function of jansson */
void json_uuid(struct json *j, struct uuid id);       /* nil: null */
void json_instant(struct json *j, usec_t t);          /* RFC 3339; 0: null */
void json_local(struct json *j, usec_t wall);         /* RFC 3339 without an offset */
void json_base64(struct json *j, struct bytes bytes); /* as a string */
void json_raw(struct json *j, const char *text);      /* JSON already */

/* Key and value at once. */
void json_add_text(struct json *j, const char *name, const char *text);
void json_add_int(struct json *j, const char *name, int64_t value);
void json_add_bool(struct json *j, const char *name, bool value);
void json_add_uuid(struct json *j, const char *name, struct uuid id);
void json_add_instant(struct json *j, const char *name, usec_t t);

#endif
