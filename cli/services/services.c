/*
 * The programs that run for ever: scheduler, consumer, API. Each is one thread; the consumer's process holds two
 * that share nothing but the wish to stop.
 */
#include <pthread.h>

#include "api/api.h"
#include "base/log.h"
#include "cli/services/options.h"
#include "cli/shared/subcommand.h"
#include "consumer/consumer.h"
#include "scheduler/scheduler.h"

enum rc run_scheduler(struct call *call, struct error *err)
{
    struct scheduler_config *config = call->values[0];

    config->brokers = call->common.brokers;
    config->topic_prefix = call->common.topic_prefix;
    config->state_dir = call->common.state_dir;
    config->partitions = call->common.partitions;
    config->session_timeout_ms = call->common.session_timeout_ms;
    config->transaction_timeout_ms = call->common.transaction_timeout_ms;
    return scheduler_run(config, call->stop, err);
}

static void complete_api(struct call *call, struct api_config *config)
{
    config->brokers = call->common.brokers;
    config->database = call->common.database;
    config->topic_prefix = call->common.topic_prefix;
    config->partitions = call->common.partitions;
    config->replication = call->common.replication;
    config->transaction_timeout_ms = call->common.transaction_timeout_ms;
}

enum rc run_api(struct call *call, struct error *err)
{
    struct api_config *config = call->values[0];

    complete_api(call, config);
    config->schema = call->common.database_schema;
    return api_run(call->values[0], call->stop, err);
}

/* --- the consumer with the API beside it --- */

struct beside { /* the thread of the API */
    const struct api_config *config;
    volatile sig_atomic_t *stop;
    enum rc rc;
    struct error err;
};

static void *api_thread(void *ctx)
{
    struct beside *api = ctx;

    api->rc = api_run(api->config, api->stop, &api->err);
    *api->stop = 1; /* and the projection with it: whoever supervises us starts both again */
    return NULL;
}

static enum rc run_both(struct call *call, const struct consumer_config *config, struct error *err)
{
    struct beside api = {.config = call->values[1], .stop = call->stop};
    pthread_t thread;
    enum rc rc;

    complete_api(call, call->values[1]);
    if (pthread_create(&thread, NULL, api_thread, &api) != 0)
        return error_set(err, RC_FATAL, "could not start the thread of the API");
    rc = consumer_run(config, call->stop, err);
    *call->stop = 1;
    (void)pthread_join(thread, NULL);
    if (rc != RC_OK || api.rc == RC_OK)
        return rc;
    *err = api.err;
    return api.rc;
}

#define AT(member) offsetof(struct consumer_options, member)

const struct setting consumer_options[] = {
    {
        .name = "api",
        .type = SETTING_BOOL,
        .offset = AT(has_api),
        .fallback = "yes",
        .only_flag = true,
        .help = "Serve the HTTP API in the same process; --no-api leaves it out.",
    },
    {.name = NULL},
};

enum rc run_consumer(struct call *call, struct error *err)
{
    struct consumer_config *config = call->values[0];
    const struct consumer_options *options = call->values[2];

    config->brokers = call->common.brokers;
    config->database = call->common.database;
    config->topic_prefix = call->common.topic_prefix;
    config->partitions = call->common.partitions;
    config->session_timeout_ms = call->common.session_timeout_ms;
    if (options->has_api)
        return run_both(call, config, err);
    return consumer_run(config, call->stop, err);
}
