/*
 * answer.h - what every resource does alike: read its parameters, answer JSON, tell what went
 * wrong.
 *
 * Parameters: `ret` is untouched when the parameter is absent; RC_INVALID names parameter, value
 * and what is allowed.
 */
#ifndef API_EXCHANGE_ANSWER_H
#define API_EXCHANGE_ANSWER_H

#include "api/exchange/context.h"
#include "base/json.h"
#include "http/problem.h"
#include "model/task_ref.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 500 };

/* --- what is asked for --- */

/* ":task" of the path: a UUID or project~key. */
MUST_CHECK enum rc param_task(const struct http_exchange *x, struct task_ref *ret,
                              struct error *err);
MUST_CHECK enum rc param_path_id(const struct http_exchange *x, const char *name, struct uuid *ret,
                                 struct error *err);
/* 1 to PAGE_MAX */
MUST_CHECK enum rc param_limit(const struct http_exchange *x, size_t *ret, struct error *err);
MUST_CHECK enum rc param_number(const char *name, const char *text, int64_t min, int64_t max,
                                int64_t *ret, struct error *err);
MUST_CHECK enum rc param_instant(const struct http_exchange *x, const char *name, usec_t *ret,
                                 struct error *err);
/* YYYY-MM-DD as days since 1970-01-01. */
MUST_CHECK enum rc param_day(const struct http_exchange *x, const char *name, int64_t *ret,
                             struct error *err);
/* `tz`; UTC when absent. Borrowed from the api's zones. */
MUST_CHECK enum rc param_zone(struct api *api, const struct http_exchange *x, struct zone **ret,
                              struct error *err);
/* "true" or "false". */
MUST_CHECK enum rc param_bool(const struct http_exchange *x, const char *name, bool *ret,
                              struct error *err);

struct symbol_group { /* one name for several */
    const char *name;
    uint32_t bits; /* of 1 << value; may have further ones, which the caller knows */
};

struct symbols { /* of an enumeration */
    const struct enum_type *type;
    struct symbol_group groups[2]; /* name NULL: none */
};

/* A comma list of symbols, any case, as a bit set of 1 << value. */
MUST_CHECK enum rc param_set(const struct http_exchange *x, const char *name,
                             const struct symbols *symbols, uint32_t *ret, struct error *err);
/* Seconds of "Prefer: wait=N", at most 60; 0 when absent. */
MUST_CHECK enum rc prefer_wait(const struct http_exchange *x, int *ret, struct error *err);

/* --- answers --- */

void answer_json(struct http_exchange *x, int status, struct buf *body); /* takes body over */
void answer_error(struct http_exchange *x, const struct error *err);     /* by err->rc */
/* True when there is no memory for another answer: x is answered then. */
bool answer_no_memory(struct http_exchange *x);
/* True when the read failed, or there is no memory for what it read: x is answered then. */
bool answer_read_failed(struct http_exchange *x, const struct read_page *page);
/* True when the broker has not been asked with success yet: x is answered then. */
bool answer_broker_away(struct http_exchange *x, const struct broker_view *view);
void answer_not_found(struct http_exchange *x, const char *what, const char *name);
void answer_etag(struct http_exchange *x, int32_t revision);

/* {"items":[ ... ],"next":"..."}: open, the items, close; next may be NULL. */
struct json answer_open_list(struct buf *body);
void answer_close_list(struct json *j, const char *next);

#endif
