/* Where partitions end: with an open transaction, with a leader that answers nobody, without a topic. */
#include "bus/ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* after it */

#include "base/clock.h"
#include "support/broker.h"

static struct ends_answer next(struct ends *e)
{
    struct ends_answer answer = {0};

    WAIT_FOR(ends_take(e, 100, &answer));
    return answer;
}

static void tells_both_ends_of_each_partition(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("ends");
    SCOPED(bus_txn) struct bus_txn *txn = NULL;
    SCOPED(ends) struct ends *e = NULL;
    struct bus_position places[2];
    struct bus_record record = {.key = bytes_of("k"), .value = bytes_of("v")};
    struct ends_answer answer;

    broker_create("ends", 2);
    record.topic = broker_topic("ends");
    places[0] = (struct bus_position){.topic = record.topic, .partition = 0};
    places[1] = (struct bus_position){.topic = record.topic, .partition = 1};
    MUST(bus_txn_new(bus, &record.topic, 1, 20000, &txn, &test_error));
    MUST(bus_txn_begin(txn, &test_error));
    MUST(bus_txn_produce(txn, &record, &test_error));
    MUST(bus_txn_flush(txn, 10000, &test_error));
    MUST(ends_new(bus, &e, &test_error));
    MUST(ends_ask(e, places, 2, &test_error));
    for (int i = 0; i < 2; i++) {
        answer = next(e);
        assert_int_equal(answer.rc, RC_OK);
        assert_int_equal(answer.stable, 0);
        assert_int_equal(answer.high, answer.partition == 0 ? 1 : 0);
    }
    assert_int_equal(ends_open(e), 0);
    MUST(bus_txn_commit(txn, &test_error));
    MUST(ends_ask(e, places, 1, &test_error));
    answer = next(e);
    /* its marker is under way, or the answer was the record before it */
    while (answer.stable < answer.high) {
        MUST(ends_ask(e, places, 1, &test_error));
        answer = next(e);
    }
    assert_int_equal(answer.stable, 2);
}

/* A broker of librdkafka's own test kit: it can be made to answer late. */
static void a_question_comes_back_in_its_time(void **state UNUSED)
{
    char why[256];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, 1);
    const struct bus_config config = {.brokers = rd_kafka_mock_cluster_bootstraps(cluster),
                                      .instance = "ends"};
    const struct bus_consumer_config reader = {.isolation = BUS_COMMITTED};
    struct bus *bus = NULL;
    struct bus_consumer *c = NULL;
    int64_t ends[2];
    usec_t began;

    assert_int_equal(rd_kafka_mock_topic_create(cluster, "t", 1, 1), 0);
    MUST(bus_kafka_new(&config, &bus, &test_error));
    MUST(bus_consumer_new(bus, &reader, &c, &test_error));
    WAIT_FOR(bus_query_ends(c, "t", 0, 1000, ends, &test_error) == RC_OK);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(cluster, 1, 8000), 0);
    began = clock_monotonic();
    for (int i = 0; i < 3; i++)
        assert_int_equal(bus_query_ends(c, "t", 0, 300, ends, NULL), RC_RETRY);
    assert_true(clock_monotonic() - began < 6 * USEC_PER_SEC);
    began = clock_monotonic();
    bus_consumer_free(c); /* and nobody waits for the question at the end */
    assert_true(clock_monotonic() - began < 6 * USEC_PER_SEC);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(rk);
    bus_free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_both_ends_of_each_partition),
        cmocka_unit_test(a_question_comes_back_in_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
