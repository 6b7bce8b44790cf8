/*
 * parent.h - lists that belong to something: an empty one of what is not there is a 404.
 *
 * What has items is there; only behind an empty page the task or the execution is asked for.
 */
#ifndef API_EXCHANGE_PARENT_H
#define API_EXCHANGE_PARENT_H

#include "api/exchange/answer.h"

enum parent_kind { PARENT_TASK, PARENT_EXECUTION };

struct parent { /* as the path names it: the parameter has the kind's name */
    enum parent_kind kind;
    struct uuid id;
};

/* A reply that hands the page on to `done`, or answers 404. */
struct read_reply parent_reply(struct api *api, struct http_exchange *x, struct parent parent,
                               read_done_fn done, void *ctx);

#endif
