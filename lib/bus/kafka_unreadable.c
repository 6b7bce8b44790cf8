/*
 * Batches that librdkafka cannot unpack: a bomb of zeros, a codec that it lacks, bytes that no codec made.
 *
 * It tells where such a batch begins, never where it ends, and fetches the same one again for ever. So the end is looked
 * for (gallop.h) by seeking in the very partition: what comes from there meanwhile is an answer to the search and
 * goes to nobody. A seek makes void what was queued before it. When the end is known the partition goes on behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "bus/kafka.h"

static const rd_kafka_resp_err_t unreadable[] = {
    RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR__BAD_MSG,
    RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, RD_KAFKA_RESP_ERR_INVALID_MSG,
    RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE};

static bool is_unreadable(const rd_kafka_message_t *m)
{
    if (m->rkt == NULL || m->partition < 0 || m->offset < 0 || fault_planted("unreadable-again"))
        return false; /* trouble with the broker, not with a batch */
    for (size_t i = 0; i < ARRAY_LEN(unreadable); i++)
        if (m->err == unreadable[i])
            return true;
    return false;
}

static struct kafka_search *find(struct kafka_searches *s, const char *topic, int partition)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].partition == partition && strcmp(s->items[i].topic, topic) == 0)
            return &s->items[i];
    return NULL;
}

void kafka_search_forget(struct kafka_searches *s, const char *topic, int partition)
{
    struct kafka_search *search = find(s, topic, partition);

    if (search == NULL)
        return;
    free(search->topic);
    *search = s->items[--s->count];
}

void kafka_search_clear(struct kafka_searches *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->items[i].topic);
    free(s->items);
    *s = (struct kafka_searches){0};
}

static struct kafka_search *begin(struct kafka_searches *s, rd_kafka_t *rk,
                                  const rd_kafka_message_t *m)
{
    const char *topic = rd_kafka_topic_name(m->rkt);
    struct kafka_search *search;
    int64_t low, high = -1;

    (void)rd_kafka_get_watermark_offsets(rk, topic, m->partition, &low, &high);
    s->items = array_grow(s->items, s->count, &s->capacity, sizeof *s->items);
    search = &s->items[s->count++];
    *search = (struct kafka_search){.topic = xstrdup(topic),
                                    .partition = m->partition,
                                    .first = m->offset,
                                    .code = rd_kafka_err2name(m->err)};
    gallop_begin(&search->gallop, m->offset, high);
    return search;
}

static bool seek(rd_kafka_t *rk, const struct kafka_search *search, int64_t offset)
{
    const struct bus_position to = {search->topic, search->partition, offset};
    SCOPED(kafka_list) rd_kafka_topic_partition_list_t *list = kafka_list(&to, 1);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(rk, list, 0);

    if (error == NULL)
        return true;
    rd_kafka_error_destroy(error);
    return false;
}

/* Begins anew later. What was tried last may lie behind the batch: reading must not go on from there. */
static void give_up(struct kafka_searches *s, rd_kafka_t *rk, const struct kafka_search *search)
{
    (void)seek(rk, search, search->first);
    kafka_search_forget(s, search->topic, search->partition);
}

static void tell(const struct kafka_search *search, struct bus_event *ret)
{
    ret->kind = BUS_UNREADABLE;
    ret->offset = search->first;
    ret->next = search->gallop.outside;
    ret->code = search->code;
}

bool kafka_search_take(struct kafka_searches *s, rd_kafka_t *rk, const rd_kafka_message_t *m,
                       struct bus_event *ret)
{
    bool failed = is_unreadable(m);
    struct kafka_search *search =
        m->rkt == NULL ? NULL : find(s, rd_kafka_topic_name(m->rkt), m->partition);
    int64_t next;

    if (search == NULL && !failed)
        return false;
    if (search == NULL) {
        search = begin(s, rk, m);
    } else if (failed || m->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
               m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        gallop_take(&search->gallop, failed && m->offset == search->first);
    } else { /* that is what matters now: the batch is met again, and nothing behind it was passed */
        give_up(s, rk, search);
        return false;
    }
    next = gallop_next(&search->gallop);
    if (!seek(rk, search, next >= 0 ? next : search->gallop.outside)) {
        give_up(s, rk, search);
        return true;
    }
    if (next >= 0)
        return true;
    tell(search, ret);
    kafka_search_forget(s, search->topic, search->partition);
    return true;
}
