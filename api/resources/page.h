/*
 * page.h - the web page: index.html with the path that it is mounted at, made once when the API starts.
 */
#ifndef API_RESOURCES_PAGE_H
#define API_RESOURCES_PAGE_H

#include "base/error.h"

struct page;

/* base_path: what a proxy mounts us at, "/cron"; NULL for the root. RC_INVALID: it is no such path. */
MUST_CHECK enum rc page_new(const char *base_path, struct page **ret, struct error *err);
void page_free(struct page *p); /* NULL is fine */

#endif
