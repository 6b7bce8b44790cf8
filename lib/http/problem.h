/*
 * problem.h - answers that say what is wrong, as RFC 9457 has it: application/problem+json.
 *
 *     {"type":"urn:cronobs:problem:stale-revision","title":"...","status":412,"detail":"...","hint":"..."}
 *
 * `detail` names field, value and limit; `pointer` the JSON field, `column` the place in a text,
 * `hint` the way out; `hint_for` is "http" where it speaks of members, parameters and header fields, which a program between a person
 * and the API has other names for.
 */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "http/server.h"

enum problem_kind {
    PROBLEM_MALFORMED,   /* 400: not HTTP, not JSON */
    PROBLEM_INVALID,     /* 400: a field, a parameter, a header */
    PROBLEM_BAD_CURSOR,  /* 400 */
    PROBLEM_HOST,        /* 421 */
    PROBLEM_ORIGIN,      /* 403: a page of another site */
    PROBLEM_NOT_FOUND,   /* 404 */
    PROBLEM_METHOD,      /* 405 */
    PROBLEM_TIMEOUT,     /* 408 */
    PROBLEM_CONFLICT,    /* 409 */
    PROBLEM_STALE,       /* 412 */
    PROBLEM_TOO_LARGE,   /* 413 */
    PROBLEM_TARGET,      /* 414 */
    PROBLEM_MEDIA_TYPE,  /* 415 */
    PROBLEM_EXPECT,      /* 417 */
    PROBLEM_REJECTED,    /* 422: the scheduler refused it */
    PROBLEM_KEY_REUSED,  /* 422: an Idempotency-Key with another body */
    PROBLEM_HEADERS,     /* 431 */
    PROBLEM_INTERNAL,    /* 500 */
    PROBLEM_UNSUPPORTED, /* 501 */
    PROBLEM_UNAVAILABLE, /* 503: broker, database or scheduler; Retry-After is set */
    PROBLEM_VERSION,     /* 505 */
    PROBLEM_KIND_COUNT
};

int problem_status(enum problem_kind kind);
enum problem_kind problem_of_status(int status); /* the first kind with that status */

/* The document itself; `code` (a machine-readable symbol, NULL: none) becomes a member. */
void problem_write(struct buf *out, enum problem_kind kind, const struct error *err,
                   const char *code);

void problem_answer(struct http_exchange *x, enum problem_kind kind, const struct error *err);
void problem_answer_code(struct http_exchange *x, enum problem_kind kind, const struct error *err,
                         const char *code);
/* With a text of the caller's and nothing else. A hint that only who writes HTTP can take (error.h) goes by the second. */
void problem_answer_text(struct http_exchange *x, enum problem_kind kind, const char *hint,
                         const char *format, ...) PRINTF_LIKE(4, 5);
void problem_answer_http(struct http_exchange *x, enum problem_kind kind, const char *hint,
                         const char *format, ...) PRINTF_LIKE(4, 5);

#endif
