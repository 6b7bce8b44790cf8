/*
 * api.h - the HTTP API: reads PostgreSQL, writes commands to Kafka, decides nothing.
 *
 * One event loop on one thread, and a helper thread for the questions to the broker that block (queues,
 * ends of partitions). It shares nothing with the projection, so it runs as a thread of `cronobs
 * consumer`, or alone as `cronobs api`, as often as wanted. Resources: api/routes.c and docs/http-api.md.
 */
#ifndef API_API_H
#define API_API_H

#include <stdatomic.h>

#include "base/settings.h"

struct api_config {
    const struct common_settings *common; /* brokers, database, topic_prefix, partitions */
    const char *listen;
    const char *hosts; /* comma list of further names for the Host field */
    int connections;   /* to the database */
    bool auto_create;  /* queues */
    int64_t
        transaction_timeout_ms; /* kafka.transaction_timeout: when a partition counts as stalled */
    void (*on_ready)(void *ctx, int port); /* NULL: nobody asks */
    void *ctx;
};

extern const struct setting api_settings[]; /* over struct api_config */

/* Serves until *stop is true (looked at every 100 ms). RC_OK after a stop; else why it could not go on. */
MUST_CHECK enum rc api_run(const struct api_config *config, const atomic_bool *stop,
                           struct error *err);

#endif
