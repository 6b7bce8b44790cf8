#include "api/broker/sender.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"

struct sender {
    struct bus *bus;
    struct bus_producer *producer;
    struct loop_watch *watch;
    struct loop_timer *tick; /* librdkafka's own time-outs do not make the descriptor readable */
    struct sender_config config;
    char *topic;
    struct sender_stats stats;
};

struct delivery {
    struct sender *sender;
    sent_fn sent;
    void *ctx;
};

#define SERVE_EVERY (100 * USEC_PER_MS)

static void on_notice(void *ctx UNUSED, bool fatal, const char *text)
{
    log_line(fatal ? LOG_ERROR : LOG_WARN, "kafka", "%s", text);
}

static void serve(struct sender *s)
{
    (void)bus_producer_serve(s->producer, 0);
}

static void on_readable(void *ctx, int events UNUSED)
{
    serve(ctx);
}

static void on_tick(void *ctx)
{
    struct sender *s = ctx;

    serve(s);
    loop_timer_start(s->tick, SERVE_EVERY);
}

enum rc sender_new(struct loop *loop, const struct sender_config *config, struct sender **ret,
                   struct error *err)
{
    SCOPED(sender) struct sender *s = xcalloc(1, sizeof *s);
    struct bus_config bus = {
        .brokers = config->brokers, .instance = "cronobs-api", .on_notice = on_notice};

    s->config = *config;
    s->topic = xasprintf("%scommands", config->prefix);
    TRY(bus_kafka_new(&bus, &s->bus, err));
    TRY(bus_producer_new(s->bus, &s->producer, err));
    s->watch = loop_watch_new(loop, bus_producer_fd(s->producer), on_readable, s);
    loop_watch_set(s->watch, LOOP_READ);
    s->tick = loop_timer_new(loop, on_tick, s);
    loop_timer_start(s->tick, SERVE_EVERY);
    *ret = TAKE(s);
    return RC_OK;
}

void sender_free(struct sender *s)
{
    if (s == NULL)
        return;
    loop_timer_free(s->tick);
    loop_watch_free(s->watch);
    bus_producer_free(s->producer);
    bus_free(s->bus);
    free(s->topic);
    free(s);
}

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why)
{
    struct delivery *d = ctx;
    struct error err;

    if (rc == RC_FATAL || rc == RC_FENCED) {
        error_set(&err, RC_FATAL, "%s", why);
        d->sender->config.on_fatal(d->sender->config.ctx, &err);
    }
    if (rc == RC_OK)
        d->sender->stats.acked++;
    else
        d->sender->stats.failed++;
    d->sent(d->ctx, rc, why);
    free(d);
}

enum rc sender_send(struct sender *s, struct uuid task, struct bytes frame, sent_fn sent, void *ctx,
                    struct error *err)
{
    struct delivery *d = xcalloc(1, sizeof *d);
    char key[UUID_TEXT];
    struct bus_record record = {
        .topic = s->topic,
        .partition = partition_of(task, s->config.partitions),
        .key = bytes_of(uuid_to_text(task, key)),
        .value = frame,
    };
    enum rc rc;

    *d = (struct delivery){s, sent, ctx};
    rc = bus_producer_send(s->producer, &record, on_delivered, d, err);
    if (rc == RC_OK)
        return RC_OK;
    if (rc == RC_FATAL)
        s->config.on_fatal(s->config.ctx, err);
    s->stats.failed++;
    free(d);
    return rc;
}

struct sender_stats sender_stats(const struct sender *s)
{
    return s->stats;
}
