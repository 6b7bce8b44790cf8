/*
 * task_drafts.h - PUT with dry_run=true: what would come of it, and nothing is written.
 */
#ifndef API_RESOURCES_TASK_DRAFTS_H
#define API_RESOURCES_TASK_DRAFTS_H

#include "api/exchange/context.h"

/* A spec that was read from the request (spec_body.h), owned by http_memory(x). Heeds If-Match and If-None-Match. */
void draft_task(struct api *api, struct http_exchange *x, struct uuid task, struct task_spec *spec);

#endif
