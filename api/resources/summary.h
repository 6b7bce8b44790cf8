/*
 * summary.h - how things stand: GET /v1/summary.
 */
#ifndef API_RESOURCES_SUMMARY_H
#define API_RESOURCES_SUMMARY_H

#include "api/exchange/context.h"

enum { SUMMARY_PROJECTS_MAX = 16 }; /* of which the number of tasks is remembered */

/* To be freed with free(). */
struct summary_cache *summary_cache_new(void);

#endif
