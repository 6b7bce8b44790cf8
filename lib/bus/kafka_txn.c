/*
 * The transactional producer of one instance, and the fence, which is the same under another's name.
 *
 * A transaction that carries no offsets is not fenced: rd_kafka_send_offsets_to_transaction with none
 * succeeds and does nothing. Whoever uses this sends the position of every partition it touched.
 * A delivery-report callback is set although nothing waits for it alone: without one, a commit sleeps
 * in steps of 10 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bus/kafka.h"

enum {
    INIT_STEP_MS = 10, /* short calls ask again at once; one long call waits 500 ms between tries */
    FENCE_STEP_MS = 2,
    MESSAGE_MS = 30000, /* and never above the transaction's */
    CALL_MS = 4000,     /* send_offsets was seen to take twice as long */
    ABORT_MS = 5000,    /* so long a coordinator may take to move; repeating an abort ended fatal */
    FULL_MS = 5,
};
static const usec_t REPEAT_FOR = 18 * USEC_PER_SEC; /* a turn stays below the watchdog's minute */

struct target { /* a partition that the transaction writes to */
    char *topic;
    int partition;
    size_t open; /* records that are not acknowledged */
};

struct kafka_txn {
    struct bus_txn base;
    struct kafka_handle handle;
    rd_kafka_topic_t **warm;
    size_t warm_count;
    size_t undelivered; /* records of the current transaction that the broker refused */
    usec_t broker_time;
    struct target *targets;
    size_t target_count, target_capacity;
};

struct kafka_fence {
    struct bus_fence base;
    struct kafka_handle handle;
};

static struct kafka_txn *txn_of(const struct bus_txn *base)
{
    return (struct kafka_txn *)(uintptr_t)base;
}

static void on_delivered(rd_kafka_t *rk UNUSED, const rd_kafka_message_t *m, void *opaque)
{
    struct kafka_txn *t = ((struct kafka_handle *)opaque)->owner;
    size_t target = (uintptr_t)m->_private; /* see target_of */
    int64_t ms;

    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        t->undelivered++;
        return;
    }
    if (target > 0 && target <= t->target_count && t->targets[target - 1].open > 0)
        t->targets[target - 1].open--;
    ms = rd_kafka_message_timestamp(m, NULL);
    if (ms > 0)
        t->broker_time = ms * USEC_PER_MS;
}

static enum rc conf_of(struct kafka_handle *handle, const char *transactional_id,
                       rd_kafka_conf_t **ret, struct error *err)
{
    int timeout_ms = handle->kafka->transaction_timeout_ms;
    char timeout[KAFKA_NUMBER_TEXT], message[KAFKA_NUMBER_TEXT], socket[KAFKA_NUMBER_TEXT];
    const struct kafka_setting settings[] = {
        {"transactional.id", transactional_id},
        {"transaction.timeout.ms", kafka_number(timeout_ms, timeout)},
        {"message.timeout.ms", kafka_number(MIN(timeout_ms, MESSAGE_MS), message)},
        {"socket.timeout.ms", kafka_number(MIN(timeout_ms, KAFKA_SOCKET_MS), socket)},
        /* each transaction is flushed; until then what goes to a partition is to be one batch */
        {"linger.ms", "10"},
        {"retry.backoff.ms", "10"},
        {"queue.buffering.max.messages", "1000000"},
        /* a missing topic fails, it does not stall */
        {"topic.metadata.propagation.max.ms", "3000"},
        {"partitioner", "murmur2_random"},
        {NULL, NULL},
    };

    return kafka_conf_new(handle, settings, ret, err);
}

/* --- making and ending --- */

static enum rc fence_earlier_owners(struct kafka_txn *t, int deadline_ms, struct error *err)
{
    usec_t end = clock_monotonic() + deadline_ms * USEC_PER_MS;
    enum rc rc;

    do {
        rc = kafka_error(rd_kafka_init_transactions(t->handle.rk, INIT_STEP_MS),
                         "begin as a transactional producer", err);
        (void)rd_kafka_poll(t->handle.rk, 0);
    } while (rc == RC_RETRY && clock_monotonic() < end);
    return rc;
}

enum rc kafka_txn_new(struct bus *bus, const char *const *topics, size_t count, int deadline_ms,
                      struct bus_txn **ret, struct error *err)
{
    struct kafka_txn *t = xcalloc(1, sizeof *t);
    SCOPED(bus_txn) struct bus_txn *base = &t->base;
    rd_kafka_conf_t *conf;

    t->base.driver = &kafka_driver;
    t->handle =
        (struct kafka_handle){.kafka = kafka_of(bus), .role = "transactional producer", .owner = t};
    TRY(conf_of(&t->handle, t->handle.kafka->instance, &conf, err));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
    TRY(kafka_start(&t->handle, RD_KAFKA_PRODUCER, conf, err));
    TRY(fence_earlier_owners(t, deadline_ms, err));
    t->warm = xcalloc(count + 1, sizeof *t->warm);
    for (; t->warm_count < count; t->warm_count++)
        t->warm[t->warm_count] = kafka_warm(t->handle.rk, topics[t->warm_count]);
    *ret = TAKE(base);
    return RC_OK;
}

static void forget_targets(struct kafka_txn *t)
{
    for (size_t i = 0; i < t->target_count; i++)
        free(t->targets[i].topic);
    t->target_count = 0;
}

void kafka_txn_free(struct bus_txn *base)
{
    struct kafka_txn *t = txn_of(base);

    for (size_t i = 0; i < t->warm_count; i++)
        if (t->warm[i] != NULL)
            rd_kafka_topic_destroy(t->warm[i]);
    free(t->warm);
    if (t->handle.rk != NULL)
        rd_kafka_destroy(t->handle.rk);
    forget_targets(t);
    free(t->targets);
    free(t);
}

/* --- one transaction --- */

enum rc kafka_txn_begin(struct bus_txn *base, struct error *err)
{
    struct kafka_txn *t = txn_of(base);

    (void)rd_kafka_poll(t->handle.rk, 0);
    t->undelivered = 0;
    forget_targets(t); /* an abort has answered for every record of the last one */
    return kafka_error(rd_kafka_begin_transaction(t->handle.rk), "begin a transaction", err);
}

/* Its number + 1. The last ones first: records come partition by partition. */
static size_t target_of(struct kafka_txn *t, const struct bus_record *r)
{
    for (size_t i = t->target_count; i > 0; i--)
        if (t->targets[i - 1].partition == r->partition &&
            strcmp(t->targets[i - 1].topic, r->topic) == 0)
            return i;
    t->targets = array_grow(t->targets, t->target_count, &t->target_capacity, sizeof *t->targets);
    t->targets[t->target_count++] =
        (struct target){.topic = xstrdup(r->topic), .partition = r->partition};
    return t->target_count;
}

static rd_kafka_resp_err_t produce_once(struct kafka_txn *t, const struct bus_record *r,
                                        size_t target)
{
    return rd_kafka_producev(t->handle.rk, RD_KAFKA_V_TOPIC(r->topic),
                             RD_KAFKA_V_PARTITION(r->partition),
                             RD_KAFKA_V_KEY((void *)(uintptr_t)r->key.data, r->key.len),
                             RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value.data, r->value.len),
                             RD_KAFKA_V_OPAQUE((void *)target),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

enum rc kafka_txn_produce(struct bus_txn *base, const struct bus_record *record, struct error *err)
{
    struct kafka_txn *t = txn_of(base);
    usec_t end = clock_monotonic() + REPEAT_FOR;
    size_t target = target_of(t, record);
    rd_kafka_resp_err_t code;

    while ((code = produce_once(t, record, target)) == RD_KAFKA_RESP_ERR__QUEUE_FULL &&
           clock_monotonic() < end)
        (void)rd_kafka_poll(t->handle.rk, FULL_MS);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        t->targets[target - 1].open++;
        return RC_OK;
    }
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        return kafka_fatal(&t->handle, "produce", err);
    /* A missing topic, or a record before this one has failed: the abort will tell what it was. */
    return error_set(err, RC_CONFLICT, "could not produce to %s[%d]: %s", record->topic,
                     record->partition, rd_kafka_err2str(code));
}

enum rc kafka_txn_flush(struct bus_txn *base, int timeout_ms, struct error *err)
{
    struct kafka_txn *t = txn_of(base);
    rd_kafka_resp_err_t code = rd_kafka_flush(t->handle.rk, timeout_ms);

    if (rd_kafka_fatal_error(t->handle.rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fatal(&t->handle, "deliver", err); /* no fault of where they were to go */
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error_set(err, RC_CONFLICT, "could not flush: %d records unacknowledged after %d ms",
                         rd_kafka_outq_len(t->handle.rk), timeout_ms);
    if (t->undelivered > 0)
        return error_set(err, RC_CONFLICT, "could not deliver %zu records", t->undelivered);
    return RC_OK;
}

typedef rd_kafka_error_t *(*attempt_fn)(struct kafka_txn *t, const void *ctx);

/* "The same call again" while the library says so; what then still fails is not to be repeated. */
static enum rc repeat(struct kafka_txn *t, attempt_fn attempt, const void *ctx, const char *what,
                      struct error *err)
{
    usec_t end = clock_monotonic() + REPEAT_FOR;
    enum rc rc;

    do
        rc = kafka_error(attempt(t, ctx), what, err);
    while (rc == RC_RETRY && clock_monotonic() < end);
    if (rc != RC_RETRY)
        return rc;
    if (err != NULL)
        err->rc = RC_FATAL;
    return RC_FATAL;
}

struct offsets {
    const rd_kafka_topic_partition_list_t *list;
    const rd_kafka_consumer_group_metadata_t *metadata;
};

static rd_kafka_error_t *attempt_offsets(struct kafka_txn *t, const void *ctx)
{
    const struct offsets *o = ctx;

    return rd_kafka_send_offsets_to_transaction(t->handle.rk, o->list, o->metadata, CALL_MS);
}

static rd_kafka_error_t *attempt_commit(struct kafka_txn *t, const void *ctx UNUSED)
{
    return rd_kafka_commit_transaction(t->handle.rk, CALL_MS);
}

enum rc kafka_txn_offsets(struct bus_txn *base, struct bus_consumer *c,
                          const struct bus_position *next, size_t count, struct error *err)
{
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(next, count);
    const struct offsets offsets = {.list = list, .metadata = kafka_group_metadata(c)};

    if (offsets.metadata == NULL)
        return error_set(err, RC_CONFLICT, "could not send offsets: the assignment is gone");
    return repeat(txn_of(base), attempt_offsets, &offsets, "send offsets", err);
}

enum rc kafka_txn_commit(struct bus_txn *base, struct error *err)
{
    return repeat(txn_of(base), attempt_commit, NULL, "commit", err);
}

size_t kafka_txn_unwritten(const struct bus_txn *base, struct bus_position *ret, size_t room)
{
    const struct kafka_txn *t = txn_of(base);
    size_t count = 0;

    for (size_t i = 0; i < t->target_count; i++) {
        if (t->targets[i].open == 0)
            continue;
        if (count < room)
            ret[count] = (struct bus_position){.topic = t->targets[i].topic,
                                               .partition = t->targets[i].partition};
        count++;
    }
    return count;
}

enum rc kafka_txn_abort(struct bus_txn *base, struct error *err)
{
    struct kafka_txn *t = txn_of(base);
    enum rc rc = kafka_error(rd_kafka_abort_transaction(t->handle.rk, ABORT_MS), "abort", err);

    if (rc == RC_OK || rc == RC_FENCED)
        return rc;
    if (err != NULL)
        err->rc = RC_FATAL;
    return RC_FATAL;
}

void kafka_txn_serve(struct bus_txn *base)
{
    (void)rd_kafka_poll(txn_of(base)->handle.rk, 0);
}

usec_t kafka_txn_broker_time(const struct bus_txn *base)
{
    return txn_of(base)->broker_time;
}

/* --- the fence --- */

enum rc kafka_fence_new(struct bus *bus, const char *transactional_id, struct bus_fence **ret,
                        struct error *err)
{
    struct kafka_fence *f = xcalloc(1, sizeof *f);
    SCOPED(bus_fence) struct bus_fence *base = &f->base;
    rd_kafka_conf_t *conf;

    f->base.driver = &kafka_driver;
    f->handle = (struct kafka_handle){.kafka = kafka_of(bus), .role = "fence", .owner = f};
    TRY(conf_of(&f->handle, transactional_id, &conf, err));
    TRY(kafka_start(&f->handle, RD_KAFKA_PRODUCER, conf, err));
    *ret = TAKE(base);
    return RC_OK;
}

enum rc kafka_fence_step(struct bus_fence *base, struct error *err)
{
    struct kafka_fence *f = (struct kafka_fence *)base;

    return kafka_error(rd_kafka_init_transactions(f->handle.rk, FENCE_STEP_MS),
                       "fence another instance", err);
}

void kafka_fence_free(struct bus_fence *base)
{
    struct kafka_fence *f = (struct kafka_fence *)base;

    if (f->handle.rk != NULL)
        rd_kafka_destroy(f->handle.rk);
    free(f);
}
