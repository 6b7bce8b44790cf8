/*
 * kafka_consumer.h - a consumer on librdkafka, for its two files: kafka_consumer.c makes it and reads, kafka_consumer_end.c ends
 * it. Nobody else includes it.
 *
 * It is the program's thread's, and from the end on also that of the thread which ends the client: that one may outlive the call.
 */
#ifndef BUS_KAFKA_CONSUMER_H
#define BUS_KAFKA_CONSUMER_H

#include <stdatomic.h>

#include "bus/kafka.h"

struct kafka_consumer {
    struct bus_consumer base;
    struct kafka_handle handle;
    bool is_member;
    bool leaves;                                  /* its group, when it ends */
    rd_kafka_consumer_group_metadata_t *metadata; /* of the assignment in force */
    rd_kafka_message_t *current;                  /* what the last event borrows from */
    enum bus_event_kind noted; /* BUS_ASSIGNED or BUS_REVOKED, not yet handed out */
    bool noted_lost;
    void (*before_revoked)(void *ctx); /* NULL: none, or the end has begun */
    void *ctx;
    rd_kafka_topic_partition_list_t *noted_list;
    struct bus_position *positions; /* noted_list as the event shows it */
    rd_kafka_topic_t **warm;        /* NULL ends */
    struct kafka_searches searches;
    rd_kafka_queue_t *arrivals; /* made with the descriptor, when somebody asks for it */
    int fd;
    struct kafka_question *asking; /* of kafka_query_ends: not answered within its time */
    atomic_bool is_half_free; /* by the caller or by the thread that ends it: the other frees it */
};

struct kafka_question { /* about ends; the thread's until it is joined */
    pthread_t thread;
    rd_kafka_t *rk;
    char *topic;
    int partition, timeout_ms;
    int64_t low, high;
    rd_kafka_resp_err_t code;
};

struct kafka_consumer *kafka_consumer_of(const struct bus_consumer *base);

/* Before each change of the assignment. */
void kafka_settle(rd_kafka_t *rk);
void kafka_forget_metadata(struct kafka_consumer *c);

/* Has the thread come back within that time? False: it has to be joined later. */
bool kafka_join_in_time(pthread_t thread, int timeout_ms);
void kafka_question_free(struct kafka_question *q);

#endif
