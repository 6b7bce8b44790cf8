/*
 * base64.h - bytes as text (RFC 4648). Pure.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

void base64url_encode(struct buf *out, struct bytes data); /* '-' and '_', no padding: for URLs */

/* Either alphabet, with or without padding; RC_INVALID for anything else. The bytes live in
   memory (data is never NULL). */
MUST_CHECK enum rc base64_decode(const char *text, struct arena *memory, struct bytes *ret,
                                 struct error *err);

#endif
