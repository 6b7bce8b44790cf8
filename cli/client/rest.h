/*
 * rest.h - the API, for commands: one request, its answer as JSON to walk or to print.
 *
 * Errors are the API's own words (problem documents). A task is named by its key in a project, "project~key", or
 * its UUID; instants are shown in one zone, the machine's unless told otherwise.
 */
#ifndef CLI_CLIENT_REST_H
#define CLI_CLIENT_REST_H

#include "cli/shared/subcommand.h"
#include "cron/zoneset.h"
#include "http/client.h"
#include "http/json_read.h"

struct rest;

struct rest_write {
    enum http_method method;
    const char *target;
    struct bytes body;    /* JSON; empty: none */
    int64_t wait_ms;      /* how long to wait for the outcome; 0: not at all */
    const char *if_match; /* a revision; NULL: none */
    const char *idempotency_key;
    usec_t deadline;          /* of repeating it; 0: it is not repeated */
    const char *content_type; /* NULL: JSON */
};

MUST_CHECK enum rc rest_new(struct call *call, const char *zone, struct rest **ret,
                            struct error *err);
void rest_free(struct rest *r); /* NULL is fine */
struct call *rest_call(const struct rest *r);

/* The answer of the last request lives until the next one. */
MUST_CHECK enum rc rest_get(struct rest *r, const char *target, struct error *err);
/* The same with a wait of the server's (`Prefer: wait=N`). */
MUST_CHECK enum rc rest_get_waiting(struct rest *r, const char *target, int64_t wait_ms,
                                    struct error *err);
/*
 * The same until there is an answer: a server that is away, or that starts anew, is asked again until `deadline` (of
 * clock_monotonic; USEC_MAX: for ever), and standard error says once that we wait. RC_RETRY: none came in time.
 */
MUST_CHECK enum rc rest_get_patiently(struct rest *r, const char *target, int64_t wait_ms,
                                      usec_t deadline, struct error *err);
/* With an Idempotency-Key it is repeated until `deadline`, but for a server that was not there from the beginning. */
MUST_CHECK enum rc rest_write(struct rest *r, const struct rest_write *write, struct error *err);
const struct json_node *rest_root(const struct rest *r);
void rest_print_json(struct rest *r); /* the answer as it came */
/* Was the last request refused with this code? Only behind an error that the server has told. */
bool rest_was_refused_as(const struct rest *r, const char *code);
/* For who looks again. */
void rest_pause(int64_t ms);

/* --- targets --- */

struct rest_task {       /* as it was typed */
    const char *project; /* of a bare key */
    const char *name;    /* a key, "project~key", or a UUID */
};

/* "/v1/tasks/<task>" with `suffix` after it. In the call's memory. RC_INVALID: --project does not go with what says it
   already. */
MUST_CHECK enum rc rest_task_target(struct rest *r, const struct rest_task *task,
                                    const char *suffix, const char **ret, struct error *err);
/* "project~key" or the UUID. */
MUST_CHECK enum rc rest_task_name(struct rest *r, const struct rest_task *task, const char **ret,
                                  struct error *err);
/* "<folder>/<id>" with `suffix` after it: of an execution or a command. RC_INVALID: it is no id. */
MUST_CHECK enum rc rest_id_target(struct rest *r, const char *folder, const char *id,
                                  const char *suffix, const char **ret, struct error *err);

struct rest_query { /* "?a=1&b=2" grows behind a path */
    struct buf text;
    bool has_any;
};
#define SCOPED_QUERY __attribute__((cleanup(rest_query_clear))) struct rest_query
struct rest_query rest_query_of(const char *path);
void rest_query_clear(struct rest_query *q);
void rest_query_add(struct rest_query *q, const char *name, const char *value); /* NULL: left out */
void rest_query_add_int(struct rest_query *q, const char *name, int64_t value); /* 0: left out */

/* --- members of an object, in words; "" when absent --- */

const char *rest_text(const struct json_node *object, const char *name);
int64_t rest_int(const struct json_node *object, const char *name, int64_t fallback);
usec_t rest_at(const struct json_node *object, const char *name); /* 0 when absent */
bool rest_is_true(const struct json_node *object, const char *name);
/* An instant as "2026-11-24 16:10:56" in the zone. In the call's memory. */
const char *rest_time(struct rest *r, const struct json_node *object, const char *name);
/* "2026-11-25T02:30:00+01:00" as "2026-11-25 02:30:00 +01:00". */
const char *rest_local(struct rest *r, const struct json_node *object, const char *name);
const char *rest_duration(struct rest *r, const struct json_node *object, const char *name);
const char *rest_number(struct rest *r, const struct json_node *object, const char *name);
/* "key", or "project~key" outside the project "default". */
const char *rest_key(struct rest *r, const struct json_node *object);
const char *rest_zone(const struct rest *r); /* for people */
/* For the API: RC_INVALID when the machine's clock has no name in tzdata. */
MUST_CHECK enum rc rest_zone_name(const struct rest *r, const char **ret, struct error *err);

/* An instant a person typed: RFC 3339, "2026-11-25" or "2026-11-25T08:00" in the zone, or "-2h", "+90m" from now;
   as RFC 3339 in UTC. NULL stays NULL. `option`: whose value it is. */
MUST_CHECK enum rc rest_instant(struct rest *r, const char *option, const char *text,
                                const char **ret, struct error *err);

/* The same of an end of a range of instants. The API's are (from, to], a person's [from, to): both ends are a microsecond earlier. */
MUST_CHECK enum rc rest_range_end(struct rest *r, const char *option, const char *typed,
                                  const char **ret, struct error *err);

/* The local date of an instant, so many days on: "2026-11-25". In the call's memory. */
const char *rest_date(struct rest *r, usec_t at, int days);

/* The two ends of a local day, "2026-11-25". */
MUST_CHECK enum rc rest_day(struct rest *r, const char *day, usec_t *ret_from, usec_t *ret_to,
                            struct error *err);

/* Prints a table; says on standard error that there is more. */
struct table;
void rest_print_table(struct rest *r, const struct table *t, bool has_more);

DEFINE_SCOPED(rest, struct rest, rest_free)

#endif
