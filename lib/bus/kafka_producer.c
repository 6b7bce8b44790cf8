/*
 * The plain producer: idempotent, acknowledged by all replicas, its answers announced on a descriptor.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/kafka.h"

enum { CLOSE_MS = 5000 };

struct kafka_producer {
    struct bus_producer base;
    struct kafka_handle handle;
    rd_kafka_queue_t *answers; /* the main queue: delivery reports and errors */
    int fd;                    /* an eventfd: librdkafka adds 1 when `answers` stops being empty */
};

struct delivery { /* the opaque of one record */
    bus_delivered_fn delivered;
    void *ctx;
};

static struct kafka_producer *producer_of(struct bus_producer *base)
{
    return (struct kafka_producer *)base;
}

/* What is left is answered as failed: `delivered` is called exactly once for each. */
static void purge(struct kafka_producer *p)
{
    (void)rd_kafka_purge(p->handle.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    (void)rd_kafka_flush(p->handle.rk, CLOSE_MS);
}

void kafka_producer_give_up(struct bus_producer *base)
{
    purge(producer_of(base));
}

/* What an operator can mend, a missing permission above all, must not cost anybody a record. */
static enum rc refusal(rd_kafka_resp_err_t code, const char *what, const char *why,
                       struct error *err)
{
    enum rc rc = kafka_code(code, what, why, err);
    bool is_hopeless =
        code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR__INVALID_ARG;

    if (rc != RC_INVALID || is_hopeless)
        return rc;
    if (err != NULL)
        err->rc = RC_RETRY;
    return RC_RETRY;
}

static void on_delivered(rd_kafka_t *rk UNUSED, const rd_kafka_message_t *m, void *opaque UNUSED)
{
    struct delivery *d = m->_private;
    struct error err = {0};
    /* Not rd_kafka_message_errstr(): of a producer's message that is the payload, which ends nowhere. */
    enum rc rc = refusal(m->err, "deliver", NULL, &err);

    if (d == NULL)
        return;
    d->delivered(d->ctx, rc, m->partition, m->offset, rc == RC_OK ? NULL : err.text);
    free(d);
}

static enum rc start(struct kafka_producer *p, struct error *err)
{
    static const struct kafka_setting settings[] = {
        {"enable.idempotence", "true"}, /* acks=all with it */
        {"message.timeout.ms", "30000"},   {"linger.ms", "1"},
        {"retry.backoff.ms", "10"},        {"topic.metadata.propagation.max.ms", "3000"},
        {"partitioner", "murmur2_random"}, {NULL, NULL},
    };
    rd_kafka_conf_t *conf;

    TRY(kafka_conf_new(&p->handle, settings, &conf, err));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
    return kafka_start(&p->handle, RD_KAFKA_PRODUCER, conf, err);
}

enum rc kafka_producer_new(struct bus *bus, struct bus_producer **ret, struct error *err)
{
    struct kafka_producer *p = xcalloc(1, sizeof *p);
    SCOPED(bus_producer) struct bus_producer *base = &p->base;

    p->base.driver = &kafka_driver;
    p->handle = (struct kafka_handle){.kafka = kafka_of(bus), .role = "producer", .owner = p};
    p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (p->fd < 0)
        return error_set(err, RC_FATAL, "could not make an eventfd: %m");
    TRY(start(p, err));
    p->answers = rd_kafka_queue_get_main(p->handle.rk);
    kafka_wake(p->answers, p->fd);
    *ret = TAKE(base);
    return RC_OK;
}

void kafka_producer_free(struct bus_producer *base)
{
    struct kafka_producer *p = producer_of(base);

    if (p->handle.rk != NULL) {
        (void)rd_kafka_flush(p->handle.rk, CLOSE_MS);
        purge(p);
    }
    if (p->answers != NULL) {
        rd_kafka_queue_io_event_enable(p->answers, -1, NULL, 0);
        rd_kafka_queue_destroy(p->answers);
    }
    if (p->handle.rk != NULL)
        rd_kafka_destroy(p->handle.rk);
    if (p->fd >= 0)
        (void)close(p->fd);
    free(p);
}

enum rc kafka_producer_send(struct bus_producer *base, const struct bus_record *record,
                            bus_delivered_fn delivered, void *ctx, struct error *err)
{
    struct kafka_producer *p = producer_of(base);
    struct delivery *d = NULL;
    rd_kafka_resp_err_t code;

    if (delivered != NULL) {
        d = xcalloc(1, sizeof *d);
        *d = (struct delivery){.delivered = delivered, .ctx = ctx};
    }
    code = rd_kafka_producev(
        p->handle.rk, RD_KAFKA_V_TOPIC(record->topic), RD_KAFKA_V_PARTITION(record->partition),
        RD_KAFKA_V_KEY((void *)(uintptr_t)record->key.data, record->key.len),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)record->value.data, record->value.len),
        RD_KAFKA_V_TIMESTAMP(record->at / USEC_PER_MS), RD_KAFKA_V_OPAQUE(d),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return RC_OK;
    free(d);
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        return kafka_fatal(&p->handle, "produce", err);
    return refusal(code, "produce", NULL, err);
}

int kafka_producer_fd(struct bus_producer *base)
{
    return producer_of(base)->fd;
}

int kafka_producer_serve(struct bus_producer *base, int timeout_ms)
{
    struct kafka_producer *p = producer_of(base);

    kafka_woken(p->fd);
    return rd_kafka_poll(p->handle.rk, timeout_ms);
}

enum rc kafka_producer_flush(struct bus_producer *base, int timeout_ms, struct error *err)
{
    return kafka_code(rd_kafka_flush(producer_of(base)->handle.rk, timeout_ms), "flush", NULL, err);
}
