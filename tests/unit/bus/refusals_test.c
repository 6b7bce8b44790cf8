/*
 * What a broker may answer in bad moments, by librdkafka's mock cluster, which does not need them to come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/clock.h"
#include "bus/bus.h"

enum { PRODUCE = 0, OFFSET_FETCH = 9, LEAVE_GROUP = 13, DEADLINE_US = 30 * 1000 * 1000 };

static rd_kafka_t *owner;
static rd_kafka_mock_cluster_t *cluster;
static struct error err;

static int begin(void **state UNUSED)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];

    (void)rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why);
    owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    cluster = rd_kafka_mock_cluster_new(owner, 1);
    return rd_kafka_mock_topic_create(cluster, "t", 1, 1);
}

static int end(void **state UNUSED)
{
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    return 0;
}

static atomic_int notices;

static void on_notice(void *ctx UNUSED, bool fatal UNUSED, const char *text UNUSED)
{
    notices++;
}

static struct bus *new_bus(void)
{
    const struct bus_config config = {.brokers = rd_kafka_mock_cluster_bootstraps(cluster),
                                      .instance = "i",
                                      .on_notice = on_notice};
    struct bus *bus = NULL;

    assert_int_equal(bus_kafka_new(&config, &bus, &err), RC_OK);
    return bus;
}

static enum rc delivered_rc;
static bool was_delivered;

static void on_delivered(void *ctx UNUSED, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why UNUSED)
{
    delivered_rc = rc;
    was_delivered = true;
}

/* What becomes of one record whose first try is answered with `code`. */
static enum rc deliver(struct bus_producer *p, rd_kafka_resp_err_t code)
{
    const struct bus_record record = {.topic = "t", .value = {"x", 1}};
    usec_t until = clock_monotonic() + DEADLINE_US;

    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, code);
    was_delivered = false;
    if (bus_producer_send(p, &record, on_delivered, NULL, &err) != RC_OK)
        return err.rc; /* librdkafka remembers that it may not */
    while (!was_delivered && clock_monotonic() < until)
        (void)bus_producer_serve(p, 100);
    assert_true(was_delivered);
    return delivered_rc;
}

static void a_missing_permission_is_no_fault_of_the_record(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = new_bus();
    SCOPED(bus_producer) struct bus_producer *p = NULL;

    assert_int_equal(bus_producer_new(bus, &p, &err), RC_OK);
    assert_int_equal(deliver(p, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), RC_INVALID);
    assert_int_equal(deliver(p, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), RC_RETRY);
    assert_int_equal(deliver(p, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), RC_RETRY);
}

/* Left to librdkafka, one such answer ends the reading of a partition before it begins. Who asks joins nothing: a question
   waits behind a join under way, and the mock cluster takes 3 s for the first, and a session for one after it. */
static void the_groups_positions_are_asked_for_again(void **state UNUSED)
{
    static const rd_kafka_resp_err_t codes[] = {RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                                RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                                RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID};
    const struct bus_consumer_config config = {.group = "asked"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        SCOPED(bus) struct bus *bus = new_bus();
        SCOPED(bus_consumer) struct bus_consumer *c = NULL;
        struct bus_position position = {.topic = "t"};
        usec_t until = clock_monotonic() + DEADLINE_US;
        enum rc rc;

        rd_kafka_mock_push_request_errors(cluster, OFFSET_FETCH, 1, codes[i]);
        assert_int_equal(bus_consumer_new(bus, &config, &c, &err), RC_OK);
        rc = bus_stored(c, &position, 1, 5000, &err);
        assert_int_not_equal(rc, RC_OK);
        while (rc != RC_OK && clock_monotonic() < until)
            rc = bus_stored(c, &position, 1, 500, &err);
        assert_int_equal(rc, RC_OK);
        assert_int_equal(position.offset, BUS_NONE);
    }
}

static struct bus_consumer *join(struct bus *bus)
{
    const char *const topics[] = {"t", NULL};
    const struct bus_consumer_config config = {.group = "g", .topics = topics};
    usec_t until = clock_monotonic() + DEADLINE_US;
    struct bus_event event = {.kind = BUS_NOTHING};
    struct bus_consumer *c = NULL;

    assert_int_equal(bus_consumer_new(bus, &config, &c, &err), RC_OK);
    while (event.kind != BUS_ASSIGNED && clock_monotonic() < until)
        bus_poll(c, 100, &event);
    assert_int_equal(event.kind, BUS_ASSIGNED);
    return c;
}

/* A client that a broker keeps from leaving in time outlives its bus: it has nobody to tell anything any more. */
static void who_is_left_behind_says_nothing(void **state UNUSED)
{
    int threads = rd_kafka_thread_cnt(), told;
    struct bus *bus = new_bus();
    struct bus_consumer *c = join(bus);
    usec_t until = clock_monotonic() + DEADLINE_US;

    assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(
                         cluster, 1, LEAVE_GROUP, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 60000),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    bus_consumer_close(c);
    bus_free(bus);
    told = notices;
    assert_true(rd_kafka_thread_cnt() > threads);
    (void)rd_kafka_mock_broker_set_down(cluster, 1); /* of which it would tell */
    (void)usleep(500000);
    (void)rd_kafka_mock_broker_set_up(cluster, 1);
    while (rd_kafka_thread_cnt() > threads && clock_monotonic() < until)
        (void)usleep(10000);
    assert_int_equal(rd_kafka_thread_cnt(), threads);
    assert_int_equal(notices, told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_permission_is_no_fault_of_the_record),
        cmocka_unit_test(the_groups_positions_are_asked_for_again),
        cmocka_unit_test(who_is_left_behind_says_nothing),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
