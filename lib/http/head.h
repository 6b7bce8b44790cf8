/*
 * head.h - the head of an HTTP/1.1 request: bytes to a struct, strictly.
 *
 * Pure. What RFC 9112 calls an error is an error here: bare LF, blanks before a colon, folded
 * lines, NUL and other control characters, a second Host, two lengths, a length beside chunks.
 * (evhttp lets nearly all of it pass: docs/decisions/0030.) Texts point into
 * the caller's bytes, which are changed.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/arena.h"
#include "base/error.h"

enum {
    HTTP_HEAD_MAX = 8192,  /* request line and headers, in bytes */
    HTTP_HEADERS_MAX = 64, /* header fields */
    HTTP_SEGMENTS_MAX = 12,
    HTTP_QUERY_MAX = 32,
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};

struct http_pair { /* a header field or a query parameter, decoded */
    const char *name, *value;
};

struct http_head {
    enum http_method method;
    char *target; /* without scheme and host, if it has them */
    struct http_pair headers[HTTP_HEADERS_MAX];
    size_t header_count;
    const char *host;       /* the target's if it names one, else the Host field; NULL: neither */
    int64_t content_length; /* 0 when there is no body */
    bool is_chunked, keep_alive, expects_continue;
    bool is_old; /* HTTP/1.0: it knows no chunks */
};

struct http_target {  /* the target in parts, percent-decoded */
    const char *path; /* as sent, without the query */
    const char *segments[HTTP_SEGMENTS_MAX];
    size_t segment_count;
    struct http_pair query[HTTP_QUERY_MAX];
    size_t query_count;
};

const char *http_method_name(enum http_method method);

/*
 * Length of the head at the start of data, its blank line included; 0 when it is not complete.
 * RC_INVALID with *ret_status 414 or 431 when it is or must become longer than HTTP_HEAD_MAX.
 * `*scanned` (0 at first) remembers how far was looked.
 */
MUST_CHECK enum rc http_head_length(const char *data, size_t len, size_t *scanned, size_t *ret,
                                    int *ret_status, struct error *err);

/* Parses a complete head of `len` bytes in place. RC_INVALID sets *ret_status: 400, 417, 431, 501
   or 505. */
MUST_CHECK enum rc http_head_parse(char *data, size_t len, struct http_head *ret, int *ret_status,
                                   struct error *err);

/* The first header field of that name (any case); NULL when there is none. */
const char *http_head_find(const struct http_head *head, const char *name);

/* Of a field that may come once: RC_INVALID when it is there twice; *ret is NULL when it is not. */
MUST_CHECK enum rc http_head_single(const struct http_head *head, const char *name,
                                    const char **ret, struct error *err);

/* The next member of a list with commas, without blanks round it; a comma in quotes is none. False at the end. */
bool http_list_next(const char **at, struct bytes *ret);

/* Splits and decodes a target; RC_INVALID (a 400) for bad escapes, an escaped NUL, too many
   parts. */
MUST_CHECK enum rc http_target_parse(const char *target, struct arena *memory,
                                     struct http_target *ret, struct error *err);

#endif
