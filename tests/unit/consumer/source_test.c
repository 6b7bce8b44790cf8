/* What becomes of a position that the bus says is lost. */
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

/* status[0] holds 3 to 6, and so do logs and the queue. */
static int begin(void **state UNUSED)
{
    static const char *const topics[] = {"t.status", "t.logs", "t.executions.q"};
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_producer) struct bus_producer *p = NULL;

    log_setup("source", LOG_ERROR);
    memory = memlog_new();
    bus = memlog_bus(memory, "c-1", 6000, 10000);
    assert_int_equal(bus_producer_new(bus, &p, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        memlog_add_topic(memory, topics[i], 1);
        for (int n = 0; n < 7; n++)
            assert_int_equal(bus_producer_send(p,
                                               &(struct bus_record){.topic = topics[i],
                                                                    .key = bytes_of("k"),
                                                                    .value = bytes_of("v")},
                                               NULL, NULL, NULL),
                             RC_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(never_leaves_a_lost_position_unread, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
