/*
 * Consumers on librdkafka.
 *
 * The rebalance callback assigns an empty list (or none), takes the group metadata, and leaves a note;
 * kafka_poll hands the note out as an event. So no program code runs inside librdkafka's callbacks
 * (but for before_revoked, whose purpose that is), and nothing is fetched before the program has said where to start. rd_kafka_poll is never called on
 * a consumer: it eats end-of-partition events.
 */
#include "bus/kafka_consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fault.h"

enum { HEARTBEAT_MS = 1000, DEFAULT_FETCH_WAIT_MS = 20 };

struct kafka_consumer *kafka_consumer_of(const struct bus_consumer *base)
{
    return (struct kafka_consumer *)(uintptr_t)base;
}

/* --- the group --- */

void kafka_forget_metadata(struct kafka_consumer *c)
{
    if (c->metadata != NULL)
        rd_kafka_consumer_group_metadata_destroy(c->metadata);
    c->metadata = NULL;
}

/* librdkafka 2.0.2 tells a partition to stop, and forgets that it did until the partition has answered: another
   change of the assignment before that makes it stop twice, and abort (its issue 5573). A question to its
   thread is answered after whatever was queued there, the answer of the partition included. */
void kafka_settle(rd_kafka_t *rk)
{
    rd_kafka_topic_partition_list_t *list = NULL;

    if (rd_kafka_assignment(rk, &list) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_topic_partition_list_destroy(list);
}

static void note_assignment(struct kafka_consumer *c, const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(1);

    kafka_settle(c->handle.rk);
    (void)rd_kafka_assign(c->handle.rk, nothing); /* an error comes back as an event */
    rd_kafka_topic_partition_list_destroy(nothing);
    /* Taken here and now: metadata made from the group's name alone passes a stable group unfenced. */
    c->metadata = rd_kafka_consumer_group_metadata(c->handle.rk);
    if (c->noted_list != NULL)
        rd_kafka_topic_partition_list_destroy(c->noted_list);
    c->noted_list = rd_kafka_topic_partition_list_copy(list);
    c->noted = BUS_ASSIGNED;
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_consumer *c = ((struct kafka_handle *)opaque)->owner;

    kafka_forget_metadata(c);
    kafka_search_clear(&c->searches);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        note_assignment(c, list);
    } else {
        c->noted_lost = rd_kafka_assignment_lost(rk) != 0;
        if (c->before_revoked != NULL && !c->noted_lost)
            c->before_revoked(c->ctx);
        kafka_settle(rk);
        (void)rd_kafka_assign(rk, NULL);
        c->noted = BUS_REVOKED;
    }
    rd_kafka_yield(rk); /* ends the poll: one note at a time */
}

const rd_kafka_consumer_group_metadata_t *kafka_group_metadata(const struct bus_consumer *base)
{
    return kafka_consumer_of(base)->metadata;
}

/* --- making --- */

static enum rc conf_of(struct kafka_consumer *c, const struct bus_consumer_config *config,
                       rd_kafka_conf_t **ret, struct error *err)
{
    const struct kafka *k = c->handle.kafka;
    int fetch_wait_ms = config->fetch_wait_ms > 0 ? config->fetch_wait_ms : DEFAULT_FETCH_WAIT_MS;
    char session[KAFKA_NUMBER_TEXT], heartbeat[KAFKA_NUMBER_TEXT], wait[KAFKA_NUMBER_TEXT];
    const struct kafka_setting settings[] = {
        /* rd_kafka_assign wants a group.id even where nothing ever joins */
        {"group.id", c->is_member ? config->group : "cronobs-reader"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        /* a lost position stops us; it is never guessed */
        {"auto.offset.reset", "error"},
        {"enable.partition.eof", "true"},
        {"isolation.level", config->isolation == BUS_COMMITTED && !fault_planted("reads-aborted")
                                ? "read_committed"
                                : "read_uncommitted"},
        {"fetch.wait.max.ms", kafka_number(fetch_wait_ms, wait)},
        {"fetch.error.backoff.ms", "50"},
        {"topic.metadata.refresh.interval.ms", "5000"}, /* finds new topics of a regex */
        {"partition.assignment.strategy", "range"},     /* eager: see docs/kafka.md */
        {"session.timeout.ms", kafka_number(k->session_timeout_ms, session)},
        {"heartbeat.interval.ms",
         kafka_number(MIN(HEARTBEAT_MS, k->session_timeout_ms / 3), heartbeat)},
        {config->static_member ? "group.instance.id" : NULL, k->instance},
        {NULL, NULL},
    };

    return kafka_conf_new(&c->handle, settings, ret, err);
}

static void warm(struct kafka_consumer *c, const char *const *topics)
{
    size_t count = 0;

    while (topics != NULL && topics[count] != NULL)
        count++;
    c->warm = xcalloc(count + 1, sizeof *c->warm);
    for (size_t i = 0; i < count; i++)
        c->warm[i] = kafka_warm(c->handle.rk, topics[i]);
}

static enum rc subscribe(struct kafka_consumer *c, const char *const *topics, struct error *err)
{
    SCOPED(kafka_list)
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);

    for (; *topics != NULL; topics++)
        rd_kafka_topic_partition_list_add(list, *topics, RD_KAFKA_PARTITION_UA);
    return kafka_code(rd_kafka_subscribe(c->handle.rk, list), "subscribe", NULL, err);
}

enum rc kafka_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                           struct bus_consumer **ret, struct error *err)
{
    struct kafka_consumer *new_consumer = xcalloc(1, sizeof *new_consumer);
    SCOPED(bus_consumer) struct bus_consumer *base = &new_consumer->base;
    struct kafka_consumer *c = new_consumer;
    rd_kafka_conf_t *conf;

    c->base.driver = &kafka_driver;
    c->is_member = config->group != NULL;
    c->before_revoked = config->before_revoked;
    c->ctx = config->ctx;
    c->fd = -1;
    c->handle = (struct kafka_handle){
        .kafka = kafka_use(bus), .role = c->is_member ? "consumer" : "reader", .owner = c};
    TRY(conf_of(c, config, &conf, err));
    if (c->is_member)
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    TRY(kafka_start(&c->handle, RD_KAFKA_CONSUMER, conf, err));
    (void)rd_kafka_poll_set_consumer(c->handle.rk);
    warm(c, config->warm);
    if (c->is_member && config->topics != NULL)
        TRY(subscribe(c, config->topics, err));
    *ret = TAKE(base);
    return RC_OK;
}

/* --- reading --- */

static void hand_out_note(struct kafka_consumer *c, struct bus_event *ret)
{
    ret->kind = c->noted;
    ret->lost = c->noted_lost;
    c->noted = BUS_NOTHING;
    c->noted_lost = false;
    if (ret->kind != BUS_ASSIGNED)
        return;
    ret->position_count = (size_t)c->noted_list->cnt;
    c->positions = xrealloc(c->positions, ret->position_count + 1, sizeof *c->positions);
    for (size_t i = 0; i < ret->position_count; i++)
        c->positions[i] = (struct bus_position){.topic = c->noted_list->elems[i].topic,
                                                .partition = c->noted_list->elems[i].partition};
    ret->positions = c->positions;
}

static void fill_place(const rd_kafka_message_t *m, struct bus_event *ret)
{
    ret->topic = m->rkt == NULL ? "" : rd_kafka_topic_name(m->rkt);
    ret->partition = m->partition;
    ret->offset = m->offset;
}

static struct bytes traceparent_of(const rd_kafka_message_t *m)
{
    rd_kafka_headers_t *headers;
    const void *value = NULL;
    size_t len = 0;

    if (rd_kafka_message_headers(m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, "traceparent", &value, &len) !=
            RD_KAFKA_RESP_ERR_NO_ERROR)
        return (struct bytes){0};
    return (struct bytes){.data = value, .len = len};
}

static void fill_message(const rd_kafka_message_t *m, struct bus_event *ret)
{
    rd_kafka_timestamp_type_t type;

    ret->kind = BUS_MESSAGE;
    ret->timestamp = rd_kafka_message_timestamp(m, &type) * USEC_PER_MS;
    ret->is_append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
    ret->key = (struct bytes){.data = m->key, .len = m->key_len};
    ret->value = (struct bytes){.data = m->payload, .len = m->len};
    ret->traceparent = traceparent_of(m);
}

static void fill_failure(const struct kafka_consumer *c, const rd_kafka_message_t *m,
                         struct bus_event *ret)
{
    char what[320];

    (void)snprintf(what, sizeof what, "read %s[%d] at %lld", ret->topic, ret->partition,
                   (long long)ret->offset);
    ret->kind = BUS_FAILED;
    if (m->err == RD_KAFKA_RESP_ERR__FATAL)
        (void)kafka_fatal(&c->handle, what, &ret->err);
    else
        (void)kafka_code(m->err, what, rd_kafka_message_errstr(m), &ret->err);
}

static void drop_current(struct kafka_consumer *c)
{
    if (c->current != NULL)
        rd_kafka_message_destroy(c->current);
    c->current = NULL;
}

/* The next message that is not an answer to a search; ret is filled when it ended one. */
static void poll_message(struct kafka_consumer *c, int timeout_ms, struct bus_event *ret)
{
    c->current = rd_kafka_consumer_poll(c->handle.rk, timeout_ms);
    while (c->noted == BUS_NOTHING && c->current != NULL && ret->kind == BUS_NOTHING) {
        fill_place(c->current, ret);
        if (!kafka_search_take(&c->searches, c->handle.rk, c->current, ret))
            return;
        if (ret->kind != BUS_NOTHING)
            return;
        drop_current(c);
        *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
        c->current = rd_kafka_consumer_poll(c->handle.rk, 0);
    }
}

void kafka_poll(struct bus_consumer *base, int timeout_ms, struct bus_event *ret)
{
    struct kafka_consumer *c = kafka_consumer_of(base);

    *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
    drop_current(c);
    if (rd_kafka_fatal_error(c->handle.rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ret->kind = BUS_FAILED; /* a fenced member polls nothing and looks alive */
        (void)kafka_fatal(&c->handle, "read", &ret->err);
        return;
    }
    if (c->fd >= 0)
        kafka_woken(c->fd);
    poll_message(c, timeout_ms, ret);
    if (c->noted != BUS_NOTHING) { /* the callback has ended the poll: there is no message */
        *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
        hand_out_note(c, ret);
        return;
    }
    if (c->current == NULL || ret->kind == BUS_UNREADABLE)
        return;
    if (c->current->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        fill_message(c->current, ret);
    else if (c->current->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        ret->kind = BUS_EOF;
    else
        fill_failure(c, c->current, ret);
}

int kafka_consumer_fd(struct bus_consumer *base)
{
    struct kafka_consumer *c = kafka_consumer_of(base);

    if (c->fd >= 0)
        return c->fd;
    c->fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC); /* 1: something may be there already */
    if (c->fd < 0)
        return -1;
    c->arrivals = rd_kafka_queue_get_consumer(c->handle.rk);
    kafka_wake(c->arrivals, c->fd);
    return c->fd;
}

/* --- what is read --- */

rd_kafka_topic_partition_list_t *kafka_list(const struct bus_position *positions, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count + 1);

    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, positions[i].topic, positions[i].partition)
            ->offset = positions[i].offset;
    return list;
}

enum rc kafka_assign(struct bus_consumer *base, const struct bus_position *positions, size_t count,
                     struct error *err)
{
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);

    kafka_settle(kafka_consumer_of(base)->handle.rk);
    kafka_search_clear(&kafka_consumer_of(base)->searches);
    return kafka_code(rd_kafka_assign(kafka_consumer_of(base)->handle.rk, list), "assign", NULL,
                      err);
}

enum rc kafka_assign_add(struct bus_consumer *base, struct bus_position position, struct error *err)
{
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(&position, 1);

    kafka_settle(kafka_consumer_of(base)->handle.rk);
    return kafka_error(rd_kafka_incremental_assign(kafka_consumer_of(base)->handle.rk, list),
                       "add a partition", err);
}

void kafka_assign_remove(struct bus_consumer *base, const char *topic, int partition)
{
    const struct bus_position position = {.topic = topic, .partition = partition};
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(&position, 1);

    kafka_search_forget(&kafka_consumer_of(base)->searches, topic, partition);
    kafka_settle(kafka_consumer_of(base)->handle.rk);
    /* Fails only when it is not assigned, which is what was wanted. */
    (void)kafka_error(rd_kafka_incremental_unassign(kafka_consumer_of(base)->handle.rk, list),
                      "remove a partition", NULL);
}

int64_t kafka_high_watermark(struct bus_consumer *base, const char *topic, int partition)
{
    int64_t low = -1, high = -1;

    if (rd_kafka_get_watermark_offsets(kafka_consumer_of(base)->handle.rk, topic, partition, &low,
                                       &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return -1;
    return high < 0 ? -1 : high;
}

static void *ask_ends(void *arg)
{
    struct kafka_question *q = arg;

    q->code = rd_kafka_query_watermark_offsets(q->rk, q->topic, q->partition, &q->low, &q->high,
                                               q->timeout_ms);
    return NULL;
}

/* Starts a question, once the one before it has come back. */
static enum rc begin_question(struct kafka_consumer *c, const struct bus_position *of,
                              int timeout_ms, struct error *err)
{
    struct kafka_question *q;

    if (c->asking != NULL) {
        if (!kafka_join_in_time(c->asking->thread, timeout_ms))
            return error_set(err, RC_RETRY, "could not ask for ends: an earlier question is open");
        kafka_question_free(TAKE(c->asking));
    }
    q = xcalloc(1, sizeof *q);
    *q = (struct kafka_question){.rk = c->handle.rk,
                                 .topic = xstrdup(of->topic),
                                 .partition = of->partition,
                                 .timeout_ms = timeout_ms,
                                 .low = -1,
                                 .high = -1};
    if (pthread_create(&q->thread, NULL, ask_ends, q) != 0) {
        kafka_question_free(q);
        return error_set(err, RC_RETRY, "could not start a thread");
    }
    c->asking = q;
    return RC_OK;
}

/* Before 2.3 librdkafka does not come back from this question while the leader is away, up to a minute and whatever
   the time-out says (its issue 4460): so it is asked on a thread, which is left to itself when the time is over. */
enum rc kafka_query_ends(struct bus_consumer *base, const struct bus_position *of, int timeout_ms,
                         int64_t ret[2], struct error *err)
{
    struct kafka_consumer *c = kafka_consumer_of(base);
    char what[320];
    enum rc rc;

    (void)snprintf(what, sizeof what, "ask for the ends of %s[%d]", of->topic, of->partition);
    TRY(begin_question(c, of, timeout_ms, err));
    if (!kafka_join_in_time(c->asking->thread, timeout_ms))
        return error_set(err, RC_RETRY, "could not %s: no answer within %d ms", what, timeout_ms);
    rc = kafka_code(c->asking->code, what, NULL, err);
    if (rc == RC_OK) {
        ret[0] = c->asking->low;
        ret[1] = c->asking->high;
    }
    kafka_question_free(TAKE(c->asking));
    return rc;
}

/* An answer comes for all or for none: whoever asks has nothing to sort out. */
static enum rc take_offsets(const rd_kafka_topic_partition_list_t *list, const char *what,
                            struct bus_position *positions, struct error *err)
{
    for (int i = 0; i < list->cnt; i++)
        TRY(kafka_code(list->elems[i].err, what, NULL, err));
    for (int i = 0; i < list->cnt; i++)
        positions[i].offset = list->elems[i].offset;
    return RC_OK;
}

enum rc kafka_stored(struct bus_consumer *base, struct bus_position *positions, size_t count,
                     int timeout_ms, struct error *err)
{
    static const char what[] = "ask for the group's offsets";
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);

    TRY(kafka_code(rd_kafka_committed(kafka_consumer_of(base)->handle.rk, list, timeout_ms), what,
                   NULL, err));
    TRY(take_offsets(list, what, positions, err));
    for (size_t i = 0; i < count; i++)
        if (positions[i].offset < 0)
            positions[i].offset = BUS_NONE;
    return RC_OK;
}

enum rc kafka_offsets_at(struct bus_consumer *base, usec_t at, struct bus_position *positions,
                         size_t count, int timeout_ms, struct error *err)
{
    static const char what[] = "ask for offsets by time";
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);

    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = at == USEC_MAX ? RD_KAFKA_OFFSET_END : MAX(at, 0) / USEC_PER_MS;
    TRY(kafka_code(rd_kafka_offsets_for_times(kafka_consumer_of(base)->handle.rk, list, timeout_ms),
                   what, NULL, err));
    return take_offsets(list, what, positions, err);
}

/* The first partition whose offset was refused: librdkafka's answer as a whole is one only where all were. */
static rd_kafka_resp_err_t refusal(rd_kafka_event_t *answer)
{
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(answer);
    rd_kafka_resp_err_t code = rd_kafka_event_error(answer);

    for (int i = 0; list != NULL && i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        code = list->elems[i].err;
    return code;
}

enum rc kafka_commit(struct bus_consumer *base, const struct bus_position *next, size_t count,
                     int timeout_ms, struct error *err)
{
    rd_kafka_t *rk = kafka_consumer_of(base)->handle.rk;
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(next, count);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk); /* rd_kafka_commit itself knows no time-out */
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(rk, list, queue, NULL, NULL);
    rd_kafka_event_t *answer = NULL;

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        answer = rd_kafka_queue_poll(queue, timeout_ms);
        code = answer == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : refusal(answer);
    }
    if (answer != NULL)
        rd_kafka_event_destroy(answer);
    rd_kafka_queue_destroy(queue);
    return kafka_code(code, "store offsets", NULL, err);
}

void kafka_commit_hint(struct bus_consumer *base, const struct bus_position *positions,
                       size_t count)
{
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);

    (void)rd_kafka_commit(kafka_consumer_of(base)->handle.rk, list, 1);
}
