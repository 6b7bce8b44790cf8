/*
 * json_diff.h - what differs between two JSON documents, member by member, each by its pointer (RFC 6901).
 *
 * Objects are compared by the names of their members, arrays by place: what is only in one of the two is one difference as a
 * whole. Pure.
 */
#ifndef HTTP_JSON_DIFF_H
#define HTTP_JSON_DIFF_H

#include "base/json.h"
#include "http/json_read.h"

/* A value: [{"pointer": "/jitter_ms", "from": 0, "to": 300000}]; without `from` it is new, without `to` it is gone. */
void json_diff(struct json *j, const struct json_doc *from, const struct json_doc *to);

#endif
