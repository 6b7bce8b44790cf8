/* Where reading starts, and what becomes of a position that the bus says is lost. */
#include "consumer/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/memlog.h"

static struct memlog *memory;
static struct bus *bus;
static struct bus_consumer *consumer;

static void send_to(const char *topic, int count)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record r = {.topic = topic, .key = bytes_of("k"), .value = bytes_of("v")};

    assert_int_equal(bus_producer_new(bus, &p, NULL), RC_OK);
    for (int n = 0; n < count; n++)
        assert_int_equal(bus_producer_send(p, &r, NULL, NULL, NULL), RC_OK);
}

/* Each topic holds 3 to 6. */
static int begin(void **state UNUSED)
{
    static const char *const topics[] = {"t.status", "t.logs", "t.heartbeats", "t.executions.q"};
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};

    log_setup("source", LOG_ERROR);
    memory = memlog_new();
    bus = memlog_bus(memory, "c-1", 6000, 10000);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        memlog_add_topic(memory, topics[i], 1);
        send_to(topics[i], 7);
        memlog_trim(memory, topics[i], 0, 3);
    }
    return bus_consumer_new(bus, &config, &consumer, NULL);
}

static int end(void **state UNUSED)
{
    bus_consumer_free(consumer);
    bus_free(bus);
    memlog_free(memory);
    return 0;
}

static const struct lost_case {
    const char *topic;
    int64_t next; /* where the tables stand */
    enum rc rc;
} lost_cases[] =
    {
        {"status", 2, RC_NOT_FOUND}, /* retention, or a topic made anew */
        {"status", 8, RC_NOT_FOUND},
        {"status", 3, RC_RETRY}, /* read and not yet stored: it is read again from here */
        {"status", 7, RC_RETRY},
        {"logs", 2, RC_RETRY},
        {"logs", 5, RC_RETRY},
        {"executions.q", 2, RC_NOT_FOUND},
        {"executions.q", 5, RC_RETRY},
        {"executions.gone", 2, RC_OK},
};

/* Reading of a lost position has stopped: unless the program stops, it has to be claimed again. */
static void never_leaves_a_lost_position_unread(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(lost_cases); i++) {
        const struct lost_case *c = &lost_cases[i];
        SCOPED(text) char *topic = xasprintf("t.%s", c->topic);
        const struct bus_event e = {.kind = BUS_FAILED, .topic = topic, .err.rc = RC_NOT_FOUND};
        struct positions positions = {0};
        struct error err = {0};

        positions_add(&positions, c->topic, 0);
        positions.rows[0].next_offset = c->next;
        assert_int_equal(source_explain_lost(consumer, "t.", &positions, &e, &err), c->rc);
        positions_clear(&positions);
    }
}

/* The offset of the first record that is read once one more has come, with the tables at `next`. */
static int64_t first_read(const char *topic, int64_t next, bool stood)
{
    SCOPED(text) char *whole = xasprintf("t.%s", topic);
    struct positions positions = {0};
    struct bus_event e;

    positions_add(&positions, topic, 0);
    positions.rows[0].next_offset = next;
    positions.rows[0].was_told = stood;
    assert_int_equal(source_start(consumer, NULL, "t.", &positions, NULL), RC_OK);
    positions_clear(&positions);
    send_to(whole, 1);
    do
        bus_poll(consumer, 0, &e);
    while (e.kind != BUS_MESSAGE && e.kind != BUS_NOTHING);
    assert_int_equal(e.kind, BUS_MESSAGE);
    return e.offset;
}

/* What a run tells once, between two owners of its partition, is read by the second. */
static void signs_of_life_are_read_on_where_the_tables_stand(void **state UNUSED)
{
    assert_int_equal(first_read("heartbeats", 3, false), 3);
    assert_int_equal(first_read("heartbeats", 5, false), 5);
    assert_int_equal(first_read("heartbeats", 9, false), 9);
}

static void signs_of_life_hold_nothing_up(void **state UNUSED)
{
    assert_int_equal(first_read("heartbeats", 2, false), 7); /* retention has passed it */
    assert_int_equal(first_read("heartbeats", 90, false), 8);
    assert_int_equal(first_read("heartbeats", 5, true), 9);
    send_to("t.heartbeats", 9995);
    assert_int_equal(first_read("heartbeats", 5, false), 5);
    assert_int_equal(first_read("heartbeats", 5, false), 10006);
    assert_int_equal(first_read("heartbeats", 10007, false), 10007);
    assert_int_equal(first_read("status", 5, false), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signs_of_life_are_read_on_where_the_tables_stand, begin,
                                        end),
        cmocka_unit_test_setup_teardown(signs_of_life_hold_nothing_up, begin, end),
        cmocka_unit_test_setup_teardown(never_leaves_a_lost_position_unread, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
