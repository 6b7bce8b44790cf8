/*
 * context.h - what all resources of the API share; made and taken down by api.c.
 */
#ifndef API_EXCHANGE_CONTEXT_H
#define API_EXCHANGE_CONTEXT_H

#include "api/api.h"
#include "api/broker/broker.h"
#include "api/broker/sender.h"
#include "api/exchange/aside.h"
#include "api/exchange/keys.h"
#include "api/exchange/slices.h"
#include "api/exchange/waiters.h"
#include "cron/zoneset.h"
#include "http/server.h"
#include "store/read.h"
#include "store/store.h"

#define API_ACTOR "api" /* of commands: until there are keys, nobody has a name */

struct asked;
struct next_cache;
struct page;
struct summary_cache;
struct forecasts;
struct populations;
struct usual_cache;
struct streams;

struct queue_minute {
    usec_t since; /* monotonic */
    int made;
};

struct kept {           /* kept.h */
    usec_t at, view_at; /* monotonic: of the answer; of the view that it was made of */
    struct buf body;
};

struct api {
    const struct api_config *config;
    struct loop *loop;
    struct http_server *server;
    struct read_pool *reads;
    struct broker *broker;
    struct sender *sender;
    struct waiters *waiters;
    struct streams *streams;
    struct keys *keys;
    struct slices *slices;
    struct aside *aside;
    struct next_cache *next;
    struct usual_cache *usual;
    struct populations *populations;
    struct forecasts *forecasts;
    struct summary_cache *summary;
    struct page *page;
    struct zoneset *zones; /* of the tzdata that is installed: made anew when that changes */
    int64_t slow_callbacks;
    int64_t parked_max;         /* parked.h */
    struct queue_minute queues; /* made lately */
    int imports;                /* under way */
    struct asked *asked;        /* execution_commands.c: those that wait for a moment */
    struct kept queue_list, system;
    bool is_ending; /* what is asked of the log or the database now is refused: the program stops */
};

/* The tables are those of an instant: a write would change what is now, and its outcome would never be seen here. */
static inline bool api_shows_the_past(const struct api *api)
{
    return api->config->schema != NULL && !text_equal(api->config->schema, STORE_SCHEMA);
}

/* Each handler gets it as ctx. One that answers later keeps what it needs in http_memory(x). */
static inline struct api *api_of(void *ctx)
{
    return ctx;
}

#endif
