/*
 * chunked.h - Transfer-Encoding: chunked, decoded as it arrives.
 *
 * Pure. Strict: sizes are 1-8 hex digits, lines end in CRLF. Extensions and trailers are read and
 * dropped, with a limit.
 */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include "base/buf.h"
#include "base/error.h"

struct chunked { /* zero-initialise */
    int state;
    uint32_t left;  /* of the current chunk */
    int digits;     /* of the current size line */
    size_t dropped; /* bytes of extensions and trailers so far */
    bool at_line_start;
};

/*
 * Takes bytes, appends what they carry to out, says in *ret_used how many it took.
 * RC_OK: the body is complete; RC_RETRY: more is needed; RC_INVALID: malformed; RC_CONFLICT: out
 * would grow past `limit` bytes.
 */
MUST_CHECK enum rc chunked_decode(struct chunked *c, struct bytes data, size_t limit,
                                  struct buf *out, size_t *ret_used, struct error *err);

#endif
