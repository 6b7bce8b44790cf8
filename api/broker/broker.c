#include "api/broker/broker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/broker/scan.h"
#include "base/clock.h"

#define LOOK_AGAIN (1 * USEC_PER_SEC)  /* after a look that failed */
#define LOOK_EVERY (5 * USEC_PER_SEC)  /* while somebody looks */
#define LOOK_IDLE  (30 * USEC_PER_SEC) /* else */
#define WATCHED    (60 * USEC_PER_SEC) /* how long a look keeps the view fresh */

struct request {
    char *queue;
    broker_made_fn fn;
    void *ctx;
    struct error err;
    struct request *next;
};

struct broker {
    struct broker_config config;
    struct loop_wake *wake;
    struct scan scan; /* the thread's, while it runs */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* under the lock */
    struct request *asked, *answered;
    struct broker_view *fresh;         /* for the loop to take */
    usec_t looked_at, looked_whole_at; /* by the loop */
    bool is_wanted;                    /* at once */
    bool has_failed, is_wrong, is_stopping;

    /* the loop's */
    struct broker_view *view;
    bool has_told;
};

/* --- the thread --- */

/* Counted anew each time: another process may have made some. */
static enum rc make_queue(struct broker *b, const char *queue, struct error *err)
{
    SCOPED(text) char *prefix = xasprintf("%sexecutions.", b->config.prefix);
    SCOPED(text) char *topic = xasprintf("%s%s", prefix, queue);
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char **topics;
    size_t count;

    TRY(bus_topic_list(b->scan.admin, prefix, memory, &topics, &count, err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(topics[i], topic) == 0)
            return RC_OK;
    if (count >= (size_t)b->config.queues_max) {
        error_set(err, RC_CONFLICT, "there are %zu queues, and the setting queues.max is %d", count,
                  b->config.queues_max);
        return error_hint(err, "use one of them, or make it: cronobs topics apply --queue NAME");
    }
    return topics_create_queue(b->scan.admin, b->config.prefix, b->config.partitions,
                               b->config.replication, queue, err);
}

static void make_queues(struct broker *b, struct request *list)
{
    while (list != NULL) {
        struct request *r = list;

        list = r->next;
        r->err.rc = make_queue(b, r->queue, &r->err);
        (void)pthread_mutex_lock(&b->lock);
        r->next = b->answered;
        b->answered = r;
        (void)pthread_mutex_unlock(&b->lock);
    }
}

static bool is_lately(usec_t looked_at)
{
    return looked_at != 0 && clock_monotonic() - looked_at < WATCHED;
}

static usec_t next_look(struct broker *b, usec_t last)
{
    bool is_watched = is_lately(b->looked_at);

    if (b->is_wanted)
        return 0;
    if (b->has_failed)
        return last + LOOK_AGAIN;
    return last + (is_watched ? LOOK_EVERY : LOOK_IDLE);
}

/* Waits for requests, for the next look, or for the end. Answers the requests; *ret_look: it is
   time. */
static struct request *wait_for_work(struct broker *b, usec_t last_look, bool *ret_look)
{
    struct request *list;

    (void)pthread_mutex_lock(&b->lock);
    while (b->asked == NULL && !b->is_stopping) {
        usec_t until = next_look(b, last_look);
        struct timespec at = {.tv_sec = (time_t)(until / USEC_PER_SEC),
                              .tv_nsec = (long)(until % USEC_PER_SEC * 1000)};

        if (clock_monotonic() >= until)
            break;
        (void)pthread_cond_timedwait(&b->changed, &b->lock, &at);
    }
    list = TAKE(b->asked);
    *ret_look = clock_monotonic() >= next_look(b, last_look);
    b->is_wanted = false;
    b->scan.is_whole = is_lately(b->looked_whole_at);
    (void)pthread_mutex_unlock(&b->lock);
    return list;
}

static bool is_stopping(struct broker *b)
{
    bool stopping;

    (void)pthread_mutex_lock(&b->lock);
    stopping = b->is_stopping;
    (void)pthread_mutex_unlock(&b->lock);
    return stopping;
}

static void publish(struct broker *b, struct broker_view *view)
{
    (void)pthread_mutex_lock(&b->lock);
    broker_view_free(b->fresh);
    b->fresh = view;
    b->is_wrong = b->scan.is_wrong;
    b->has_failed = view->err.rc != RC_OK || view->is_partial;
    (void)pthread_mutex_unlock(&b->lock);
}

static void *run(void *arg)
{
    struct broker *b = arg;
    usec_t last_look = clock_monotonic() - LOOK_IDLE;
    bool look;

    while (!is_stopping(b)) {
        struct request *list = wait_for_work(b, last_look, &look);

        make_queues(b, list);
        if (look || list != NULL) { /* a new queue is to be seen at once */
            last_look = clock_monotonic();
            publish(b, scan_look(&b->scan, last_look));
        }
        loop_wake_send(b->wake);
    }
    return NULL;
}

/* --- the loop's side --- */

static void answer_requests(struct request *list)
{
    while (list != NULL) {
        struct request *next = list->next;

        list->fn(list->ctx, &list->err);
        free(list->queue);
        free(list);
        list = next;
    }
}

/* What was seen last stays when the broker cannot be asked: queues do not go away with it. */
static void take_view(struct broker *b, struct broker_view *fresh)
{
    if (fresh->err.rc != RC_OK && b->view != NULL) {
        b->view->err = fresh->err;
        broker_view_free(fresh);
        return;
    }
    broker_view_free(b->view);
    b->view = fresh;
}

static void on_wake(void *ctx)
{
    struct broker *b = ctx;
    struct request *answered;
    struct broker_view *fresh;
    bool is_wrong;

    (void)pthread_mutex_lock(&b->lock);
    answered = TAKE(b->answered);
    fresh = TAKE(b->fresh);
    is_wrong = b->is_wrong;
    (void)pthread_mutex_unlock(&b->lock);
    if (fresh != NULL)
        take_view(b, fresh);
    answer_requests(answered);
    if (is_wrong && !b->has_told) {
        b->has_told = true;
        b->config.on_wrong(b->config.ctx, &b->view->err);
    }
}

enum rc broker_new(struct loop *loop, const struct broker_config *config, struct broker **ret,
                   struct error *err)
{
    SCOPED(broker) struct broker *b = xcalloc(1, sizeof *b);
    pthread_condattr_t attributes;

    b->config = *config;
    b->scan.config = &b->config;
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&b->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    TRY(loop_wake_new(loop, on_wake, b, &b->wake, err));
    TRY(scan_open(&b->scan, err));
    if (pthread_create(&b->thread, NULL, run, b) != 0)
        return error_set(err, RC_FATAL, "could not start a thread: %s", strerror(errno));
    b->has_thread = true;
    *ret = TAKE(b);
    return RC_OK;
}

static void stop_thread(struct broker *b)
{
    (void)pthread_mutex_lock(&b->lock);
    b->is_stopping = true;
    (void)pthread_cond_signal(&b->changed);
    (void)pthread_mutex_unlock(&b->lock);
    if (b->has_thread)
        (void)pthread_join(b->thread, NULL);
}

static void refuse_requests(struct request *list)
{
    for (struct request *r = list; r != NULL; r = r->next)
        error_set(&r->err, RC_RETRY, "the program is stopping");
    answer_requests(list);
}

void broker_free(struct broker *b)
{
    if (b == NULL)
        return;
    stop_thread(b);
    answer_requests(TAKE(b->answered));
    refuse_requests(TAKE(b->asked));
    broker_view_free(b->fresh);
    broker_view_free(b->view);
    scan_clear(&b->scan);
    loop_wake_free(b->wake);
    (void)pthread_cond_destroy(&b->changed);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

const struct broker_view *broker_view(const struct broker *b)
{
    return b->view;
}

const struct broker_view *broker_look(struct broker *b)
{
    (void)pthread_mutex_lock(&b->lock);
    if (b->looked_at == 0 || clock_monotonic() - b->looked_at > WATCHED)
        (void)pthread_cond_signal(&b->changed); /* it may be sleeping for long */
    b->looked_at = clock_monotonic();
    (void)pthread_mutex_unlock(&b->lock);
    return b->view;
}

const struct broker_view *broker_look_whole(struct broker *b)
{
    (void)pthread_mutex_lock(&b->lock);
    if (!is_lately(b->looked_whole_at)) {
        b->is_wanted = true;
        (void)pthread_cond_signal(&b->changed);
    }
    b->looked_whole_at = clock_monotonic();
    (void)pthread_mutex_unlock(&b->lock);
    return broker_look(b);
}

bool broker_has_queue(const struct broker_view *view, const char *queue)
{
    for (size_t i = 0; view != NULL && i < view->queue_count; i++)
        if (strcmp(view->queues[i], queue) == 0)
            return true;
    return false;
}

void broker_make_queue(struct broker *b, const char *queue, broker_made_fn fn, void *ctx)
{
    struct request *r = xcalloc(1, sizeof *r);

    *r = (struct request){.queue = xstrdup(queue), .fn = fn, .ctx = ctx};
    (void)pthread_mutex_lock(&b->lock);
    r->next = b->asked;
    b->asked = r;
    (void)pthread_cond_signal(&b->changed);
    (void)pthread_mutex_unlock(&b->lock);
}
