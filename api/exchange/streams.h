/*
 * streams.h - those who listen to changes: server-sent events at each one's pace.
 *
 * The stream says what changed, GET says what is: nothing is played again. A client begins with "hello" once changes from then on
 * will be told, whatever was before. "changed" names topics, each at most once a second (topics.h); "log" brings lines, read when
 * its client has room for them, so a slow one gets them late, never two times, and none is left out. One that does not take what
 * it is told gets "overflow" and its end; at our end "bye". While the database is away nothing is told, and the stream stays.
 */
#ifndef API_EXCHANGE_STREAMS_H
#define API_EXCHANGE_STREAMS_H

#include "api/exchange/topics.h"
#include "http/stream.h"

struct streams;

struct streams_stats {
    int64_t open, total, overflows; /* clients */
    int64_t looks;                  /* at what has changed, for all of them */
};

struct streams_config {
    struct loop *loop;
    struct read_pool *reads;
    int partitions;
    const char *version, *page; /* of the program, and of the page that it serves */
};

struct streams *streams_new(const struct streams_config *config);
void streams_free(struct streams *s); /* NULL is fine; after read_pool_end, when all are ended */
/* Begins the answer. Topics are in http_memory(x). */
void streams_add(struct streams *s, struct http_exchange *x, const struct topic_list *topics);
/* Says "bye" to all, and to those who come later at once. */
void streams_end(struct streams *s);
struct streams_stats streams_stats(const struct streams *s);

#endif
