#include "reader.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "codec/codec.h"

enum { SEEN_MAX = 3000000 };

struct seen {
    usec_t at;
    const char *frame;
    size_t len;
};

struct reader {
    struct bus *bus;
    struct bus_consumer *consumer;
    struct arena *memory;
    struct seen *seen; /* NULL: it only counts */
    usec_t last_at;
    _Atomic size_t count;
    _Atomic bool is_stopped;
    _Atomic long cpu_us;
    pthread_t thread;
};

static long thread_cpu_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void take(struct reader *r, const struct bus_event *e)
{
    r->last_at = clock_realtime();
    if (r->seen != NULL && r->count < SEEN_MAX)
        r->seen[r->count] =
            (struct seen){.at = r->last_at,
                          .frame = arena_memdup(r->memory, e->value.data, e->value.len),
                          .len = e->value.len};
    r->count++;
}

static void *run(void *ctx)
{
    struct reader *r = ctx;
    struct bus_event e;

    while (!r->is_stopped) {
        bus_poll(r->consumer, 20, &e);
        if (e.kind == BUS_MESSAGE)
            take(r, &e);
        r->cpu_us = thread_cpu_us();
    }
    return NULL;
}

struct reader *reader_new(const struct place *p, const char *topic, bool keeps)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED, .fetch_wait_ms = 5};
    SCOPED(text) char *name = xasprintf("%s%s", p->prefix, topic);
    struct reader *r = xcalloc(1, sizeof *r);
    int64_t ends[2];

    r->bus = broker_bus("reader");
    r->memory = arena_new(0);
    r->seen = keeps ? xcalloc(SEEN_MAX, sizeof *r->seen) : NULL;
    MUST(bus_consumer_new(r->bus, &config, &r->consumer, &test_error));
    for (int n = 0; n < PLACE_PARTITIONS; n++) {
        MUST(bus_query_ends(r->consumer, name, n, 10000, ends, &test_error));
        MUST(bus_assign_add(r->consumer, (struct bus_position){name, n, ends[1]}, &test_error));
    }
    assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
    return r;
}

void reader_free(struct reader *r)
{
    r->is_stopped = true;
    (void)pthread_join(r->thread, NULL);
    bus_consumer_free(r->consumer);
    bus_free(r->bus);
    arena_free(r->memory);
    free(r->seen);
    free(r);
}

size_t reader_count(const struct reader *r)
{
    return r->count;
}

double reader_wait(const struct reader *r, size_t count, double limit)
{
    usec_t end = clock_monotonic() + (usec_t)(limit * USEC_PER_SEC);

    while (r->count < count) {
        if (clock_monotonic() > end) {
            print_error("the reader has %zu of %zu after %.0f s\n", (size_t)r->count, count, limit);
            exit(1);
        }
        (void)usleep(2000);
    }
    return (double)r->last_at / USEC_PER_SEC;
}

double reader_cpu(const struct reader *r)
{
    return (double)r->cpu_us / 1e6;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

size_t reader_lateness(const struct reader *r, usec_t from, usec_t to, double *out)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    size_t count = 0;

    for (size_t i = 0; i < MIN(r->count, (size_t)SEEN_MAX); i++) {
        const struct seen *s = &r->seen[i];
        const struct execution_created *x;

        arena_reset(memory);
        MUST(codec_decode_as(RECORD_EXECUTION_CREATED, (struct bytes){s->frame, s->len}, memory,
                             (const void **)&x, &test_error));
        if (x->due_at >= from && x->due_at < to && x->trigger == TRIGGER_SCHEDULED)
            out[count++] = (double)(s->at - x->due_at) / USEC_PER_MS;
    }
    qsort(out, count, sizeof *out, order);
    return count;
}
