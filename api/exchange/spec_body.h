/*
 * spec_body.h - what a task is to be, out of a request: read, named, normalised and judged; the same whether it is saved or only
 * tried.
 */
#ifndef API_EXCHANGE_SPEC_BODY_H
#define API_EXCHANGE_SPEC_BODY_H

#include "api/exchange/context.h"
#include "model/task_ref.h"

/*
 * The path says which task it is; the body may say so too, but nothing else. Owned by memory.
 */
MUST_CHECK enum rc spec_body_read(struct api *api, struct bytes json, const struct task_ref *path,
                                  struct arena *memory, struct task_spec **ret, struct error *err);

#endif
