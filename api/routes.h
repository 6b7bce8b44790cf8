/*
 * routes.h - the one table of resources: the router, 405 answers, docs/http-api.md and the tests
 * read it.
 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "http/router.h"

extern const struct http_route api_routes[];

/* Parameters that every GET takes. */
#define API_COMMON_QUERY "after_command"

#endif
