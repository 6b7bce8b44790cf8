/*
 * The consumer, from real topics into a real database: exactly once through whatever happens to its connections.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include "bus/topics.h"
#include "consumer/consumer.h"
#include "consumer/db.h"
#include "support/broker.h"
#include "support/database.h"
#include "support/random_log.h"

enum { EXECUTIONS = 400 };

/* --- what is in the topics: made once, never changed, so that every database must come out the same --- */

static struct arena *memory;
static struct random_log history;
static int64_t message_count;
static char *right_total; /* of the digest, once it is known */

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

static void publish(const struct random_log *log)
{
    SCOPED(bus) struct bus *bus = broker_bus("publisher");
    SCOPED(bus_producer) struct bus_producer *producer = NULL;
    int64_t delivered = 0;

    MUST(bus_producer_new(bus, &producer, &test_error));
    for (size_t i = 0; i < log->count; i++) {
        const struct message *m = &log->items[i];
        const struct bus_record r = {broker_topic(m->topic), m->partition, m->key, m->value};

        MUST(bus_producer_send(producer, &r, on_delivered, &delivered, &test_error));
    }
    WAIT_FOR((bus_producer_serve(producer, 100), delivered == (int64_t)log->count));
}

static int set_up(void **state UNUSED)
{
    memory = arena_new(0);
    make_topics();
    history = random_log_make(11, EXECUTIONS, memory);
    publish(&history);
    for (size_t i = 0; i < history.count; i++)
        message_count += strcmp(history.items[i].topic, "heartbeats") != 0;
    return 0;
}

static int tear_down(void **state UNUSED)
{
    database_drop();
    random_log_clear(&history);
    arena_free(memory);
    free(right_total);
    return 0;
}

/* --- a consumer in a thread --- */

struct running {
    pthread_t thread;
    struct consumer_config config;
    volatile sig_atomic_t stop;
    enum rc rc;
    struct error err;
};

static void *run(void *arg)
{
    struct running *r = arg;

    r->rc = consumer_run(&r->config, &r->stop, &r->err);
    return NULL;
}

static void start(struct running *r, const char *instance, const char *database, int batch)
{
    *r = (struct running){.config = {
                              .brokers = broker_address(),
                              .database = database,
                              .instance = instance,
                              .topic_prefix = broker_prefix(),
                              .partitions = RANDOM_LOG_PARTITIONS,
                              .session_timeout_ms = 6000,
                              .batch_records = batch,
                          }};
    assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
}

static enum rc stop(struct running *r)
{
    r->stop = 1;
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    if (r->rc != RC_OK)
        print_message("the consumer ended: %s\n", r->err.text);
    return r->rc;
}

static int64_t position_sum(void)
{
    return strtoll(
        database_scalar(
            "SELECT coalesce(sum(next_offset), 0) FROM cronobs.kafka_offset WHERE topic <> 'heartbeats'"),
        NULL, 10);
}

/* Runs a `db` command; what it printed, owned. */
static char *db(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                const char *database, enum rc expected)
{
    const struct db_config config = {
        database, broker_address(), broker_prefix(), RANDOM_LOG_PARTITIONS, NULL, 0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    enum rc rc = command(&config, out, &test_error);

    (void)fclose(out);
    if (rc != expected)
        print_message("%s\n%s\n", text, test_error.text);
    assert_int_equal(rc, expected);
    return text;
}

static void expect_the_right_total(const char *verified)
{
    const char *total = strstr(verified, "total ");

    assert_non_null(total);
    if (right_total == NULL)
        right_total = xstrdup(total);
    assert_string_equal(total, right_total);
}

/* --- the tests --- */

static void projects_every_topic_exactly_once(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct running r;

    start(&r, "c1", database, 20000);
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_int_equal(stop(&r), RC_OK);
    verified = db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

/* Cuts the consumer's connection whenever it has got on a little; true when it has read all. */
static bool cut_now_and_then(int64_t *seen, int *cuts)
{
    static const char cut[] =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'c1' AND datname = current_database()";
    int64_t now = position_sum();

    if (now > *seen + 60 && now < message_count) {
        *seen = now;
        *cuts += (int)strtol(database_scalar(cut), NULL, 10);
    }
    return now == message_count;
}

static void gives_the_same_tables_through_small_batches_and_broken_connections(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct running r;
    int64_t seen = 0;
    int cuts = 0;

    start(&r, "c1", database, 17);
    WAIT_FOR((usleep(1000), cut_now_and_then(&seen, &cuts)));
    assert_int_equal(stop(&r), RC_OK);
    assert_true(cuts > 3);
    print_message("connections cut: %d\n", cuts);
    verified = db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

/* A consumer as a process; in builds with crash points it carries out the order in the file. */
static pid_t start_process(const char *database, const char *fault_file)
{
    const volatile sig_atomic_t never = 0;
    const struct consumer_config config = {
        .brokers = broker_address(),
        .database = database,
        .instance = "c1",
        .topic_prefix = broker_prefix(),
        .partitions = RANDOM_LOG_PARTITIONS,
        .session_timeout_ms = 6000,
        .batch_records = 23,
    };
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)setenv("CRONOBS_FAULT_FILE", fault_file, 1);
    _exit(rc_exit_code(consumer_run(&config, &never, NULL)));
}

static void order(const char *fault_file, const char *point)
{
    FILE *f = fopen(fault_file, "w");

    assert_non_null(f);
    (void)fprintf(f, "kill %s\n", point);
    (void)fclose(f);
}

/* Until the process has been killed at its crash point, or here once it has got on. */
static void kill_process(pid_t pid, int64_t seen)
{
    int status = 0;

    WAIT_FOR((usleep(1000), waitpid(pid, &status, WNOHANG) == pid ||
                                (position_sum() > seen + 100 && kill(pid, SIGKILL) == 0 &&
                                 waitpid(pid, &status, 0) == pid)));
    assert_true(WIFSIGNALED(status));
}

static void gives_the_same_tables_through_kills_between_offsets_rows_and_commit(void **state UNUSED)
{
    static const char *const points[] = {"batch.offsets", "batch.rows", "batch.committed"};
    const char *database = database_create(true);
    SCOPED(text) char *fault_file = xasprintf("/tmp/cobs-fault-%d", (int)getpid());
    SCOPED(text) char *verified = NULL;
    struct running r;

    for (size_t i = 0; i < 12; i++) {
        order(fault_file, points[i % ARRAY_LEN(points)]);
        kill_process(start_process(database, fault_file), position_sum());
    }
    (void)unlink(fault_file);
    start(&r, "c1", database, 500);
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_int_equal(stop(&r), RC_OK);
    verified = db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

static void gives_the_same_tables_when_consumers_come_and_go(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct running a, b;

    start(&a, "c1", database, 7);
    start(&b, "c2", database, 11);
    WAIT_FOR((usleep(20000), position_sum() > message_count / 4));
    assert_int_equal(stop(&a), RC_OK);
    start(&a, "c1", database, 5);
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_int_equal(stop(&a), RC_OK);
    assert_int_equal(stop(&b), RC_OK);
    verified = db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

static void rebuilds_an_emptied_database_to_the_same_digest(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *from_nothing = db(db_rebuild, database, RC_OK);
    SCOPED(text) char *again = db(db_rebuild, database, RC_OK);
    SCOPED(text) char *verified = db(db_verify, database, RC_OK);

    assert_non_null(strstr(from_nothing, "the tables are empty"));
    assert_non_null(strstr(again, "digest equal"));
    expect_the_right_total(verified);
}

static void says_which_table_differs_after_a_rebuild(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = db(db_rebuild, database, RC_OK);
    SCOPED(text) char *second = NULL;
    SCOPED(text) char *third = NULL;

    (void)first;
    database_exec(
        "UPDATE cronobs.command SET message = 'tampered' WHERE command_id = (SELECT command_id FROM cronobs.command LIMIT 1)");
    second = db(db_rebuild, database, RC_CONFLICT);
    assert_non_null(strstr(second, "differs: command "));
    assert_null(strstr(second, "differs: task "));
    third = db(db_rebuild, database, RC_OK);
    assert_non_null(strstr(third, "digest equal"));
}

static void refuses_to_rebuild_beside_a_living_consumer(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *refused = NULL;
    struct running r;

    start(&r, "c1", database, 20000);
    WAIT_FOR((usleep(20000), position_sum() > 0));
    refused = db(db_rebuild, database, RC_CONFLICT);
    assert_non_null(strstr(test_error.text, "consumer"));
    assert_int_equal(stop(&r), RC_OK);
}

static void does_not_start_on_a_rebuild_that_was_not_finished(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *rebuilt = NULL;
    struct running r;

    database_exec(
        "SET search_path = cronobs; INSERT INTO kafka_offset VALUES ('status', 0, 0, 1, 'x'); INSERT INTO rebuild_target VALUES ('status', 0, 3)");
    start(&r, "c1", database, 20000);
    assert_int_equal(pthread_join(r.thread, NULL), 0);
    assert_int_equal(r.rc, RC_FATAL);
    assert_non_null(strstr(r.err.text, "db rebuild"));
    rebuilt = db(db_rebuild, database, RC_OK);
    assert_non_null(strstr(rebuilt, "going on"));
    assert_string_equal(database_scalar("SELECT count(*) FROM rebuild_target"), "0");
}

/* Asks the broker something that the programs never ask. */
static void ask(rd_kafka_DeleteRecords_t *records, rd_kafka_DeleteTopic_t *topic)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event;
    rd_kafka_t *rk;

    assert_int_equal(
        rd_kafka_conf_set(conf, "bootstrap.servers", broker_address(), text, sizeof text),
        RD_KAFKA_CONF_OK);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    queue = rd_kafka_queue_new(rk);
    if (records != NULL)
        rd_kafka_DeleteRecords(rk, &records, 1, NULL, queue);
    else
        rd_kafka_DeleteTopics(rk, &topic, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, TEST_DEADLINE_MS);
    assert_non_null(event);
    assert_int_equal(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* Deletes the first records of a topic partition, as retention would. */
static void delete_before(const char *topic, int partition, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_DeleteRecords_t *request;

    rd_kafka_topic_partition_list_add(list, broker_topic(topic), partition)->offset = offset;
    request = rd_kafka_DeleteRecords_new(list);
    ask(request, NULL);
    rd_kafka_DeleteRecords_destroy(request);
    rd_kafka_topic_partition_list_destroy(list);
}

static void delete_topic(const char *topic)
{
    rd_kafka_DeleteTopic_t *request = rd_kafka_DeleteTopic_new(broker_topic(topic));

    ask(NULL, request);
    rd_kafka_DeleteTopic_destroy(request);
}

static void goes_on_when_a_queue_is_deleted(void **state UNUSED)
{
    static const char reassigned[] =
        "SELECT (SELECT min(epoch) FROM cronobs.kafka_offset WHERE topic = 'status') >"
        " (SELECT max(epoch) FROM cronobs.kafka_offset WHERE topic = 'executions.gone')";
    struct message last = {"commands", 0, 0, 0, {"k", 1}, {"no record", 9}};
    struct random_log one = {&last, 1, 1};
    const char *database = database_create(true);
    struct running r;

    {
        SCOPED(bus) struct bus *bus = broker_bus("maker");
        SCOPED(bus_admin) struct bus_admin *admin = NULL;

        MUST(bus_admin_new(bus, &admin, &test_error));
        MUST(topics_create_queue(admin, broker_prefix(), RANDOM_LOG_PARTITIONS, "gone",
                                 &test_error));
    }
    start(&r, "c1", database, 20000);
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_string_equal(
        database_scalar(
            "SELECT count(*) FROM cronobs.kafka_offset WHERE topic = 'executions.gone'"),
        "4");
    database_exec(
        "UPDATE cronobs.kafka_offset SET epoch = (SELECT max(epoch) FROM cronobs.kafka_offset)");
    delete_topic("executions.gone");
    publish(&one);
    message_count++;
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    WAIT_FOR((usleep(20000), *database_scalar(reassigned) == 't'));
    publish(&one);
    message_count++;
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_int_equal(stop(&r), RC_OK);
}

/* The last two: they change the topics. */
static void records_log_lines_that_retention_took_and_goes_on(void **state UNUSED)
{
    const char *database = database_create(true);
    struct running r;

    delete_before("logs", 1, 20);
    start(&r, "c1", database, 20000);
    WAIT_FOR((usleep(20000), position_sum() == message_count));
    assert_int_equal(stop(&r), RC_OK);
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(concat_ws('|', topic, part, from_offset, to_offset), ',') FROM cronobs.lost_log_range"),
        "logs|1|0|20");
}

static void stops_when_any_other_position_is_lost(void **state UNUSED)
{
    const char *database = database_create(true);
    struct running r;

    delete_before("status", 2, 5);
    start(&r, "c1", database, 20000);
    assert_int_equal(pthread_join(r.thread, NULL), 0);
    assert_int_equal(r.rc, RC_FATAL);
    assert_non_null(strstr(r.err.text, "status[2]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_every_topic_exactly_once),
        cmocka_unit_test(gives_the_same_tables_through_small_batches_and_broken_connections),
        cmocka_unit_test(gives_the_same_tables_through_kills_between_offsets_rows_and_commit),
        cmocka_unit_test(rebuilds_an_emptied_database_to_the_same_digest),
        cmocka_unit_test(says_which_table_differs_after_a_rebuild),
        cmocka_unit_test(refuses_to_rebuild_beside_a_living_consumer),
        cmocka_unit_test(does_not_start_on_a_rebuild_that_was_not_finished),
        cmocka_unit_test(gives_the_same_tables_when_consumers_come_and_go),
        cmocka_unit_test(goes_on_when_a_queue_is_deleted),
        cmocka_unit_test(records_log_lines_that_retention_took_and_goes_on),
        cmocka_unit_test(stops_when_any_other_position_is_lost),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
