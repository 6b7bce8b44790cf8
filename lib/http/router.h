/*
 * router.h - which handler a request goes to: one table of routes, read by the router, the
 * documents and the tests.
 *
 * A pattern is a path; a segment that starts with ':' takes any text without ':' and names it. A
 * segment may end in an action: "/v1/tasks/:task:pause". A last segment "**" takes one segment or more. A path that is known under other methods
 * gets 405 with Allow.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/server.h"

enum http_access { ACCESS_OPEN, ACCESS_READ, ACCESS_WRITE, ACCESS_ADMIN };

struct http_route {
    enum http_method method;
    const char *pattern; /* NULL ends a table */
    http_handler_fn handler;
    enum http_access access;
    const char *
        /* names of the query parameters, blank-separated; others are refused; NULL: none; "*":
           any */
        query;
    const char *summary; /* one sentence for the document */
};

/* The route, its parameters set in x; or NULL with the methods allowed for that path ("GET,
   PUT"), "" when there is no such path. */
const struct http_route *http_route_find(const struct http_route *table, struct http_exchange *x,
                                         char allow[64]);

/* Does the pattern fit these decoded segments? Fills up to HTTP_SEGMENTS_MAX parameters. Pure. */
bool http_pattern_match(const char *pattern, const struct http_target *target, struct arena *memory,
                        struct http_pair *params, size_t *ret_count);

/*
 * Finds the route and calls it, or answers 404, 405, 400 for a query parameter that neither the route nor `common` names
 * (blank-separated; GET only) or that is there twice, or 415 for a body that is compressed, or not JSON where something is to be changed. OPTIONS answers 204
 * with Allow.
 */
void http_route(const struct http_route *table, const char *common, struct http_exchange *x,
                void *ctx);

#endif
