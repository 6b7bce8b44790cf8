/*
 * Questions about topics, asked on a thread: rd_kafka_metadata blocks, and a broker that hangs holds it for its whole time-out.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "bus/kafka.h"

struct kafka_lookout {
    struct bus_admin *admin;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* under the lock */
    char *prefix; /* the question; NULL: none */
    void *token;
    bool has_answer, is_stopping;
    struct bus_answer answer;
    struct arena *memory; /* of the answer */

    struct arena *taken; /* of the answer that was taken last */
};

static void look(struct kafka_lookout *l, const char *prefix, void *token)
{
    struct bus_answer answer = {.kind = BUS_ANSWER_TOPICS, .token = token};
    struct arena *memory = arena_new(0);

    answer.rc = bus_topic_states(l->admin, prefix, memory, &answer.topics, &answer.topic_count,
                                 &answer.err);
    (void)pthread_mutex_lock(&l->lock);
    arena_free(l->memory);
    l->memory = memory;
    l->answer = answer;
    l->has_answer = true;
    (void)pthread_mutex_unlock(&l->lock);
}

/* False: the end. */
static bool wait_for_question(struct kafka_lookout *l, char **ret_prefix, void **ret_token)
{
    bool goes_on;

    (void)pthread_mutex_lock(&l->lock);
    while (l->prefix == NULL && !l->is_stopping)
        (void)pthread_cond_wait(&l->changed, &l->lock);
    goes_on = !l->is_stopping;
    *ret_prefix = TAKE(l->prefix);
    *ret_token = l->token;
    (void)pthread_mutex_unlock(&l->lock);
    return goes_on;
}

static void *run(void *arg)
{
    struct kafka_lookout *l = arg;
    char *prefix;
    void *token;

    while (wait_for_question(l, &prefix, &token)) {
        look(l, prefix, token);
        free(prefix);
    }
    free(prefix);
    return NULL;
}

struct kafka_lookout *kafka_lookout_new(struct bus_admin *admin)
{
    struct kafka_lookout *l = xcalloc(1, sizeof *l);

    l->admin = admin;
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->changed, NULL);
    l->has_thread = pthread_create(&l->thread, NULL, run, l) == 0;
    return l;
}

void kafka_lookout_free(struct kafka_lookout *l)
{
    if (l == NULL)
        return;
    (void)pthread_mutex_lock(&l->lock);
    l->is_stopping = true;
    (void)pthread_cond_signal(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
    if (l->has_thread)
        (void)pthread_join(l->thread, NULL);
    (void)pthread_cond_destroy(&l->changed);
    (void)pthread_mutex_destroy(&l->lock);
    free(l->prefix);
    arena_free(l->memory);
    arena_free(l->taken);
    free(l);
}

void kafka_lookout_ask(struct kafka_lookout *l, const char *prefix, void *token)
{
    (void)pthread_mutex_lock(&l->lock);
    free(l->prefix);
    l->prefix = xstrdup(prefix);
    l->token = token;
    if (!l->has_thread) { /* no thread could be had: it is asked again later */
        l->answer = (struct bus_answer){
            .kind = BUS_ANSWER_TOPICS, .token = token, .rc = RC_RETRY, .err = {.rc = RC_RETRY}};
        l->has_answer = true;
    }
    (void)pthread_cond_signal(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
}

bool kafka_lookout_take(struct kafka_lookout *l, struct bus_answer *ret)
{
    bool has_answer;

    (void)pthread_mutex_lock(&l->lock);
    has_answer = l->has_answer;
    l->has_answer = false;
    if (has_answer) {
        arena_free(l->taken);
        l->taken = TAKE(l->memory);
        *ret = l->answer;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return has_answer;
}
