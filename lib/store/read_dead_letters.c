#include "store/read_dead_letters.h"

#include "store/read_pool.h"

/* As the index has it. */
#define RECEIVED_AT "coalesce(received_at, '1970-01-01 00:00:00+00'::timestamptz)"

static void select_letters(struct read_query *q, const char *except)
{
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, &dead_letter_type, except);
    buf_add_text(&q->sql, " FROM dead_letter WHERE ");
}

static void add_filters(struct read_query *q, const struct dead_letter_filter *filter)
{
    query_add_text(q, filter->topic != NULL ? filter->topic : "");
    query_add_int(q, filter->part.value);
    query_add_text(q, filter->reason != NULL ? filter->reason : "");
    query_add_time(q, filter->from);
    if (filter->topic != NULL)
        buf_add_text(&q->sql, " AND topic = $6");
    if (filter->part.is_set)
        buf_add_text(&q->sql, " AND part = $7");
    if (filter->reason != NULL)
        buf_add_text(&q->sql, " AND reason = $8");
    if (filter->from != 0)
        buf_add_text(&q->sql, " AND " RECEIVED_AT " >= $9");
}

void read_dead_letters(struct read_pool *p, const struct dead_letter_filter *filter, size_t limit,
                       struct read_reply reply)
{
    struct read_query q = {0};

    select_letters(&q, "value");
    buf_add_text(&q.sql, "(" RECEIVED_AT ", topic, part, kafka_offset) < ($1, $2, $3, $4)");
    query_add_time(&q, filter->to);
    query_add_text(&q, filter->at_topic);
    query_add_int(&q, filter->at_part);
    query_add_long(&q, filter->at_offset);
    query_add_long(&q, (int64_t)limit + 1);
    add_filters(&q, filter);
    buf_add_text(&q.sql, " ORDER BY " RECEIVED_AT
                         " DESC, topic DESC, part DESC, kafka_offset DESC LIMIT $5");
    read_list(p, &q, &dead_letter_type, "value", limit, reply);
}

void read_dead_letter(struct read_pool *p, const char *topic, int32_t part, int64_t offset,
                      struct read_reply reply)
{
    struct read_query q = {0};

    select_letters(&q, NULL);
    buf_add_text(&q.sql, "topic = $1 AND part = $2 AND kafka_offset = $3");
    query_add_text(&q, topic);
    query_add_int(&q, part);
    query_add_long(&q, offset);
    read_simple(p, &q, &dead_letter_type, 1, reply);
}
