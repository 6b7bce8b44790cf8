#include "history.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bus/topics.h"

/* --- what is in the topics: made once, never changed, so that every database must come out the same --- */

static struct arena *memory;
static struct random_log history;
int64_t history_records;

static void make_topics(void)
{
    static const char *const queues[] = {"default", "slow"};
    const struct topics_wanted wanted = {.prefix = broker_prefix(),
                                         .partitions = RANDOM_LOG_PARTITIONS,
                                         .queues = queues,
                                         .queue_count = 2};
    SCOPED(bus) struct bus *bus = broker_bus("maker");
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    struct topics_plan plan = {0};

    MUST(bus_admin_new(bus, &admin, &test_error));
    MUST(topics_plan(admin, &wanted, memory, &plan, &test_error));
    MUST(topics_apply(admin, &plan, &test_error));
}

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why UNUSED)
{
    if (rc == RC_OK)
        ++*(int64_t *)ctx;
}

void history_publish(const struct random_log *log)
{
    SCOPED(bus) struct bus *bus = broker_bus("publisher");
    SCOPED(bus_producer) struct bus_producer *producer = NULL;
    int64_t delivered = 0;

    MUST(bus_producer_new(bus, &producer, &test_error));
    for (size_t i = 0; i < log->count; i++) {
        const struct message *m = &log->items[i];
        const struct bus_record r = {.topic = broker_topic(m->topic),
                                     .partition = m->partition,
                                     .key = m->key,
                                     .value = m->value};

        MUST(bus_producer_send(producer, &r, on_delivered, &delivered, &test_error));
    }
    WAIT_FOR((bus_producer_serve(producer, 100), delivered == (int64_t)log->count));
}

/* The second half bears a later time of the broker, in whichever batches the records go. */
static void publish_in_halves(const struct random_log *log)
{
    const size_t half = log->count / 2;
    usec_t until;

    history_publish(&(struct random_log){.items = log->items, .count = half});
    until = clock_realtime() + 2 * USEC_PER_MS;
    WAIT_FOR(clock_realtime() > until);
    history_publish(&(struct random_log){.items = log->items + half, .count = log->count - half});
}

void history_make(int executions)
{
    memory = arena_new(0);
    make_topics();
    history = random_log_make(11, executions, memory);
    publish_in_halves(&history);
    for (size_t i = 0; i < history.count; i++)
        history_records += strcmp(history.items[i].topic, "heartbeats") != 0;
}

void history_end(void)
{
    random_log_clear(&history);
    arena_free(memory);
}

/* --- a consumer in a thread --- */

struct history_consumer {
    bool is_running;
    pthread_t thread;
    struct consumer_config config;
    volatile sig_atomic_t stop;
    enum rc rc;
    struct error err;
};

static struct history_consumer consumers[2];

static void *run(void *arg)
{
    struct history_consumer *r = arg;

    r->rc = consumer_run(&r->config, &r->stop, &r->err);
    return NULL;
}

struct history_consumer *history_start(const char *instance, const char *database, int batch)
{
    struct history_consumer *r = consumers[0].is_running ? &consumers[1] : &consumers[0];

    assert_false(r->is_running);
    *r = (struct history_consumer){.config = {
                                       .brokers = broker_address(),
                                       .database = database,
                                       .instance = instance,
                                       .topic_prefix = broker_prefix(),
                                       .partitions = RANDOM_LOG_PARTITIONS,
                                       .session_timeout_ms = 6000,
                                       .batch_records = batch,
                                   }};
    assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
    r->is_running = true;
    return r;
}

enum rc history_stop(struct history_consumer *r)
{
    r->stop = 1;
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    r->is_running = false;
    if (r->rc != RC_OK)
        print_message("the consumer ended: %s\n", r->err.text);
    return r->rc;
}

int history_settle(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(consumers); i++)
        if (consumers[i].is_running)
            (void)!history_stop(&consumers[i]);
    return 0;
}

int64_t history_position_sum(void)
{
    return strtoll(
        database_scalar(
            "SELECT coalesce(sum(next_offset), 0) FROM cronobs.kafka_offset WHERE topic <> 'heartbeats'"),
        NULL, 10);
}

struct db_config history_db_config(const char *database)
{
    return (struct db_config){.database = database,
                              .brokers = broker_address(),
                              .topic_prefix = broker_prefix(),
                              .partitions = RANDOM_LOG_PARTITIONS};
}

char *history_run(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                  const struct db_config *config, enum rc expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    enum rc rc = command(config, out, &test_error);

    (void)fclose(out);
    if (rc != expected)
        print_message("%s\n%s\n", text, test_error.text);
    assert_int_equal(rc, expected);
    return text;
}

char *history_db(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                 const char *database, enum rc expected)
{
    const struct db_config config = history_db_config(database);

    return history_run(command, &config, expected);
}
