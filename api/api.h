/*
 * api.h - the HTTP API: reads PostgreSQL, writes commands to Kafka, decides nothing.
 *
 * One event loop on one thread, and a helper thread for the questions to the broker that block
 * (queues, ends of partitions). It shares nothing with the projection, so it runs as a thread of
 * `cronobs consumer`, or alone as `cronobs api`, as often as wanted. Resources: api/routes.c and
 * docs/http-api.md.
 */
#ifndef API_API_H
#define API_API_H

#include <signal.h>

#include "base/settings.h"

struct api_config {
    /* from common_settings */
    const char *brokers, *database, *topic_prefix;
    const char *schema; /* of the tables; NULL: the live ones */
    int partitions;
    int replication;                /* of queues that are made; 0: the brokers' default */
    int64_t transaction_timeout_ms; /* a partition that stands still for twice this has stalled */
    /* api_settings */
    const char *base_path; /* that a proxy mounts the page at; NULL: the root */
    const char *listen;    /* port 0: a free one, told to on_ready */
    const char *hosts;     /* comma list of further names for the Host field; NULL: none */
    int64_t late_after_ms; /* that what is due may wait for a worker before it is late */
    int connections;       /* to the database */
    bool auto_create;      /* queues */
    int memory_mib;        /* for requests and answers together */
    int queues_max, queues_per_minute; /* beyond them none is made */

    void (*on_ready)(void *ctx, int port); /* NULL: nobody asks */
    void *ctx;
};

extern const struct setting api_settings[]; /* over struct api_config */

/*
 * Serves until *stop is not 0 (looked at every 100 ms): RC_OK. RC_INVALID: settings or topics are
 * wrong, the text says what, the hint what to do. RC_RETRY: the port is taken.
 */
MUST_CHECK enum rc api_run(const struct api_config *config, const volatile sig_atomic_t *stop,
                           struct error *err);

#endif
