/*
 * The end of a consumer: in time, whatever its brokers do.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bus/kafka_consumer.h"

enum { END_MS = 3000 };

/* All that borrows from the client goes before it, else rd_kafka_destroy hangs. */
static void release_borrowed(struct kafka_consumer *c)
{
    if (c->current != NULL)
        rd_kafka_message_destroy(c->current);
    c->current = NULL;
    if (c->noted_list != NULL)
        rd_kafka_topic_partition_list_destroy(c->noted_list);
    c->noted_list = NULL;
    kafka_forget_metadata(c);
    if (c->arrivals != NULL) {
        rd_kafka_queue_io_event_enable(c->arrivals, -1, NULL, 0);
        rd_kafka_queue_destroy(c->arrivals);
    }
    c->arrivals = NULL;
    for (size_t i = 0; c->warm != NULL && c->warm[i] != NULL; i++)
        rd_kafka_topic_destroy(c->warm[i]);
    free(c->warm);
    c->warm = NULL;
}

bool kafka_join_in_time(pthread_t thread, int timeout_ms)
{
    usec_t until = clock_monotonic() + timeout_ms * USEC_PER_MS;
    const struct timespec deadline = {.tv_sec = (time_t)(until / USEC_PER_SEC),
                                      .tv_nsec = (long)(until % USEC_PER_SEC * 1000)};

    return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &deadline) == 0;
}

void kafka_question_free(struct kafka_question *q)
{
    free(q->topic);
    free(q);
}

/* The caller and the thread that ends the client each come here once. */
static void free_half(struct kafka_consumer *c)
{
    if (!atomic_exchange(&c->is_half_free, true))
        return;
    if (c->fd >= 0)
        (void)close(c->fd);
    kafka_search_clear(&c->searches);
    free(c->positions);
    kafka_release(c->handle.kafka);
    free(c);
}

static void *leave_and_end(void *arg)
{
    struct kafka_consumer *c = arg;

    if (c->leaves) {
        (void)rd_kafka_consumer_close(c->handle.rk); /* calls on_rebalance once more */
        release_borrowed(c);
    }
    if (c->asking != NULL) {
        (void)pthread_join(c->asking->thread, NULL);
        kafka_question_free(TAKE(c->asking));
    }
    rd_kafka_destroy_flags(c->handle.rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free_half(c);
    return NULL;
}

/* librdkafka 2.0.2 waits for ever for a broker's thread when a topic vanished while it was assigned, and for as long as a
   socket's time-out when it leaves a group whose broker is away. After END_MS the client stays behind, with `c` for its
   callbacks, reading and telling nothing, until its thread is through or the process ends. */
static void end_in_time(struct kafka_consumer *c)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, leave_and_end, c) != 0)
        return; /* nobody ends it: it is never freed */
    if (!kafka_join_in_time(thread, END_MS))
        (void)pthread_detach(thread);
}

static void destroy(struct kafka_consumer *c)
{
    c->before_revoked = NULL; /* whose it is may be gone before the thread comes to it */
    if (c->handle.rk != NULL)
        end_in_time(c);
    else
        free_half(c); /* for the thread that there is no need of */
    free_half(c);
}

void kafka_consumer_free(struct bus_consumer *base)
{
    struct kafka_consumer *c = kafka_consumer_of(base);

    release_borrowed(c);
    if (c->handle.rk != NULL)
        kafka_settle(c->handle.rk);
    destroy(c);
}

void kafka_consumer_close(struct bus_consumer *base)
{
    struct kafka_consumer *c = kafka_consumer_of(base);

    release_borrowed(c);
    kafka_settle(c->handle.rk);
    c->leaves = true;
    destroy(c);
}
