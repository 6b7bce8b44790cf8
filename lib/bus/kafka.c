#include "bus/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct bus_driver kafka_driver;

struct kafka *kafka_of(struct bus *bus)
{
    return (struct kafka *)bus;
}

const char *kafka_number(int value, char text[KAFKA_NUMBER_TEXT])
{
    (void)snprintf(text, KAFKA_NUMBER_TEXT, "%d", value);
    return text;
}

struct kafka *kafka_use(struct bus *bus)
{
    struct kafka *k = kafka_of(bus);

    pthread_mutex_lock(&k->lock);
    k->users++;
    pthread_mutex_unlock(&k->lock);
    return k;
}

void kafka_release(struct kafka *k)
{
    bool is_last;

    pthread_mutex_lock(&k->lock);
    is_last = --k->users == 0;
    pthread_mutex_unlock(&k->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&k->lock);
    free(k->brokers);
    free(k->instance);
    free(k);
}

/* A consumer that was left behind still looks at the struct, but its words are for nobody: ctx may go now. */
static void kafka_free(struct bus *bus)
{
    struct kafka *k = kafka_of(bus);

    pthread_mutex_lock(&k->lock);
    k->on_notice = NULL;
    pthread_mutex_unlock(&k->lock);
    kafka_release(k);
}

enum rc bus_kafka_new(const struct bus_config *config, struct bus **ret, struct error *err)
{
    struct kafka *k;

    if (config->brokers == NULL || *config->brokers == '\0')
        return error_set(err, RC_INVALID, "brokers: no address given");
    /* librdkafka would tell it as the name of a host */
    if (strpbrk(config->brokers, "@=") != NULL) {
        error_set(err, RC_INVALID, "brokers: names and passwords do not belong there");
        return error_hint(err, "write HOST:PORT,...; Kafka is spoken to without a login");
    }
    if (config->instance == NULL || *config->instance == '\0')
        return error_set(err, RC_INVALID, "instance: no name given");
    k = xcalloc(1, sizeof *k);
    k->base.driver = &kafka_driver;
    k->brokers = xstrdup(config->brokers);
    k->instance = xstrdup(config->instance);
    k->session_timeout_ms = config->session_timeout_ms > 0 ? config->session_timeout_ms : 10000;
    k->transaction_timeout_ms =
        config->transaction_timeout_ms > 0 ? config->transaction_timeout_ms : 40000;
    pthread_mutex_init(&k->lock, NULL);
    k->users = 1;
    k->on_notice = config->on_notice;
    k->ctx = config->ctx;
    *ret = &k->base;
    return RC_OK;
}

/* --- notices --- */

void kafka_notice(const struct kafka_handle *handle, bool fatal, const char *name, const char *why)
{
    struct kafka *k = handle->kafka;
    char text[512];

    (void)snprintf(text, sizeof text, "%s: %s: %s", handle->role, name, why);
    pthread_mutex_lock(&k->lock);
    if (k->on_notice != NULL)
        k->on_notice(k->ctx, fatal, text);
    pthread_mutex_unlock(&k->lock);
}

static void on_log(const rd_kafka_t *rk, int level UNUSED, const char *facility, const char *text)
{
    if (strcmp(facility, "FAIL") != 0) /* a lost connection: on_error tells it, too */
        kafka_notice(rd_kafka_opaque(rk), false, facility, text);
}

static void on_error(rd_kafka_t *rk UNUSED, int code, const char *why, void *opaque)
{
    kafka_notice(opaque, code == RD_KAFKA_RESP_ERR__FATAL,
                 rd_kafka_err2name((rd_kafka_resp_err_t)code), why);
}

/* --- making clients --- */

static enum rc set_all(rd_kafka_conf_t *conf, const struct kafka_setting *settings,
                       struct error *err)
{
    char why[256];

    for (const struct kafka_setting *s = settings; s->name != NULL; s++)
        if (rd_kafka_conf_set(conf, s->name, s->value, why, sizeof why) != RD_KAFKA_CONF_OK)
            return error_set(err, RC_INVALID, "could not set %s=%s: %s", s->name, s->value, why);
    return RC_OK;
}

enum rc kafka_conf_new(struct kafka_handle *handle, const struct kafka_setting *more,
                       rd_kafka_conf_t **ret, struct error *err)
{
    char socket[KAFKA_NUMBER_TEXT];
    const struct kafka_setting common[] = {
        {"bootstrap.servers", handle->kafka->brokers},
        {"client.id", handle->kafka->instance},
        {"log_level", "4"},
        {"socket.nagle.disable", "true"}, /* 40 ms a round trip otherwise */
        {"reconnect.backoff.ms", "50"},
        {"reconnect.backoff.max.ms", "1000"},
        /* a broker that hangs keeps its connections: so long a question waits for it (60 s otherwise) */
        {"socket.timeout.ms", kafka_number(KAFKA_SOCKET_MS, socket)},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum rc rc = set_all(conf, common, err);

    if (rc == RC_OK)
        rc = set_all(conf, more, err);
    if (rc != RC_OK) {
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    rd_kafka_conf_set_opaque(conf, handle);
    rd_kafka_conf_set_log_cb(conf, on_log); /* else it prints on standard error */
    rd_kafka_conf_set_error_cb(conf, on_error);
    *ret = conf;
    return RC_OK;
}

enum rc kafka_start(struct kafka_handle *handle, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                    struct error *err)
{
    char why[256];

    handle->rk = rd_kafka_new(type, conf, why, sizeof why);
    if (handle->rk != NULL)
        return RC_OK;
    rd_kafka_conf_destroy(conf);
    return error_set(err, RC_INVALID, "could not make the %s: %s", handle->role, why);
}

void kafka_wake(rd_kafka_queue_t *queue, int fd)
{
    static const uint64_t one = 1;

    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof one);
}

void kafka_woken(int fd)
{
    uint64_t count;

    while (read(fd, &count, sizeof count) > 0)
        continue;
}

rd_kafka_topic_t *kafka_warm(rd_kafka_t *rk, const char *topic)
{
    rd_kafka_topic_t *t = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *metadata;

    if (t != NULL && rd_kafka_metadata(rk, 0, t, &metadata, KAFKA_METADATA_MS) == 0)
        rd_kafka_metadata_destroy(metadata);
    return t;
}

/* --- errors --- */

/* What a code means where the library itself does not say (no flag on the error). */
static const struct meaning {
    rd_kafka_resp_err_t code;
    enum rc rc;
} meanings[] = {
    {RD_KAFKA_RESP_ERR__FENCED, RC_FENCED},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RC_FENCED},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RC_FENCED},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RC_FENCED},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RC_NOT_FOUND},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RC_NOT_FOUND},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RC_NOT_FOUND},
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RC_NOT_FOUND}, /* the position is lost */
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RC_NOT_FOUND},
    {RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, RC_CONFLICT},
    {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RC_CONFLICT},
    {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RC_CONFLICT},
    {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RC_CONFLICT},
    {RD_KAFKA_RESP_ERR__INVALID_ARG, RC_INVALID},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RC_INVALID},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RC_INVALID},
    {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RC_INVALID},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RC_INVALID},
    {RD_KAFKA_RESP_ERR_INVALID_CONFIG, RC_INVALID},
    {RD_KAFKA_RESP_ERR_INVALID_REQUEST, RC_INVALID},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RC_INVALID},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RC_INVALID},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RC_INVALID},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RC_INVALID},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, RC_INVALID},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, RC_INVALID},
    {RD_KAFKA_RESP_ERR__FATAL, RC_FATAL},
    {RD_KAFKA_RESP_ERR__STATE, RC_FATAL},
    {RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, RC_FATAL},
    {RD_KAFKA_RESP_ERR__INCONSISTENT, RC_FATAL},
    {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RC_FATAL},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RC_FATAL},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RC_FATAL},
};

static enum rc meaning_of(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (meanings[i].code == code)
            return meanings[i].rc;
    return RC_RETRY; /* time-outs, lost connections, coordinators that move: all the rest */
}

enum rc kafka_error(rd_kafka_error_t *e, const char *what, struct error *err)
{
    rd_kafka_resp_err_t code;
    enum rc rc;

    if (e == NULL)
        return RC_OK;
    code = rd_kafka_error_code(e);
    rc = meaning_of(code);
    if (rd_kafka_error_is_fatal(e))
        rc = rc == RC_FENCED ? RC_FENCED : RC_FATAL;
    else if (rd_kafka_error_txn_requires_abort(e))
        rc = RC_CONFLICT;
    else if (rd_kafka_error_is_retriable(e))
        rc = RC_RETRY;
    (void)error_set(err, rc, "could not %s: %s (%s)", what, rd_kafka_error_string(e),
                    rd_kafka_err2name(code));
    rd_kafka_error_destroy(e);
    return rc;
}

enum rc kafka_code(rd_kafka_resp_err_t code, const char *what, const char *why, struct error *err)
{
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return RC_OK;
    return kafka_error(rd_kafka_error_new(code, "%s", why == NULL ? rd_kafka_err2str(code) : why),
                       what, err);
}

enum rc kafka_fatal(const struct kafka_handle *handle, const char *what, struct error *err)
{
    char why[256] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle->rk, why, sizeof why);
    enum rc rc = kafka_code(code == 0 ? RD_KAFKA_RESP_ERR__FATAL : code, what, why, err);

    if (rc == RC_FENCED || rc == RC_FATAL)
        return rc;
    if (err != NULL)
        err->rc = RC_FATAL;
    return RC_FATAL;
}

/* --- the driver --- */

const struct bus_driver kafka_driver = {
    .free = kafka_free,
    .consumer_new = kafka_consumer_new,
    .consumer_free = kafka_consumer_free,
    .consumer_close = kafka_consumer_close,
    .poll = kafka_poll,
    .consumer_fd = kafka_consumer_fd,
    .assign = kafka_assign,
    .assign_add = kafka_assign_add,
    .assign_remove = kafka_assign_remove,
    .high_watermark = kafka_high_watermark,
    .query_ends = kafka_query_ends,
    .commit = kafka_commit,
    .stored = kafka_stored,
    .offsets_at = kafka_offsets_at,
    .commit_hint = kafka_commit_hint,
    .txn_new = kafka_txn_new,
    .txn_free = kafka_txn_free,
    .txn_begin = kafka_txn_begin,
    .txn_produce = kafka_txn_produce,
    .txn_flush = kafka_txn_flush,
    .txn_offsets = kafka_txn_offsets,
    .txn_commit = kafka_txn_commit,
    .txn_unwritten = kafka_txn_unwritten,
    .txn_abort = kafka_txn_abort,
    .txn_serve = kafka_txn_serve,
    .txn_broker_time = kafka_txn_broker_time,
    .fence_new = kafka_fence_new,
    .fence_step = kafka_fence_step,
    .fence_free = kafka_fence_free,
    .producer_new = kafka_producer_new,
    .producer_free = kafka_producer_free,
    .producer_send = kafka_producer_send,
    .producer_fd = kafka_producer_fd,
    .producer_serve = kafka_producer_serve,
    .producer_flush = kafka_producer_flush,
    .producer_give_up = kafka_producer_give_up,
    .admin_new = kafka_admin_new,
    .admin_free = kafka_admin_free,
    .ask_stable_offsets = kafka_ask_stable_offsets,
    .ask_members = kafka_ask_members,
    .ask_topics = kafka_ask_topics,
    .admin_poll = kafka_admin_poll,
    .topic_read = kafka_topic_read,
    .topic_partitions = kafka_topic_partitions,
    .topic_create = kafka_topic_create,
    .topic_alter = kafka_topic_alter,
    .topic_list = kafka_topic_list,
    .topic_states = kafka_topic_states,
};
