#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/broker.h"

static const char *topic;   /* one partition, fresh for each test */
static struct bus *bus;     /* instance "one" */
static struct bus_txn *txn; /* of `bus` */

static int make_topic(void **state UNUSED)
{
    static int count;
    char name[32];

    (void)snprintf(name, sizeof name, "txn%d", count++);
    broker_create(name, 1);
    topic = broker_topic(name);
    bus = broker_bus("one");
    MUST(bus_txn_new(bus, &topic, 1, 20000, &txn, &test_error));
    return 0;
}

static int release(void **state UNUSED)
{
    bus_txn_free(txn);
    bus_free(bus);
    return 0;
}

static struct bus_consumer *reader(enum bus_isolation isolation)
{
    const struct bus_consumer_config config = {.isolation = isolation};
    struct bus_consumer *c = NULL;

    MUST(bus_consumer_new(bus, &config, &c, &test_error));
    MUST(bus_assign_add(c, (struct bus_position){topic, 0, BUS_BEGINNING}, &test_error));
    return c;
}

static struct bus_record record_of(const char *text)
{
    return (struct bus_record){.topic = topic, .key = bytes_of("k"), .value = bytes_of(text)};
}

static void produce(struct bus_txn *t, const char *text)
{
    const struct bus_record record = record_of(text);

    MUST(bus_txn_begin(t, &test_error));
    MUST(bus_txn_produce(t, &record, &test_error));
    MUST(bus_txn_flush(t, 10000, &test_error));
}

static struct bus_event next(struct bus_consumer *c, enum bus_event_kind kind)
{
    struct bus_event e = {0};

    WAIT_FOR((bus_poll(c, 100, &e), e.kind == kind));
    return e;
}

static void shows_a_record_only_once_it_is_committed(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct bus_event e;

    produce(txn, "hello");
    c = reader(BUS_COMMITTED);
    e = next(c, BUS_EOF);
    assert_int_equal(e.offset, 0);                        /* the last stable offset ... */
    assert_int_equal(bus_high_watermark(c, topic, 0), 1); /* ... is not the end */
    MUST(bus_txn_commit(txn, &test_error));
    e = next(c, BUS_MESSAGE);
    assert_true(bytes_equal(e.value, bytes_of("hello")));
    assert_true(e.is_append_time);
    e = next(c, BUS_EOF);
    assert_int_equal(e.offset, bus_high_watermark(c, topic, 0));
}

static void answers_the_ends_by_isolation(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *committed = reader(BUS_COMMITTED);
    SCOPED(bus_consumer) struct bus_consumer *uncommitted = reader(BUS_UNCOMMITTED);
    int64_t ends[2];

    produce(txn, "open");
    MUST(bus_query_ends(committed, topic, 0, 5000, ends, &test_error));
    assert_int_equal(ends[1], 0);
    MUST(bus_query_ends(uncommitted, topic, 0, 5000, ends, &test_error));
    assert_int_equal(ends[1], 1);
    MUST(bus_txn_abort(txn, &test_error));
}

static void never_shows_an_aborted_record(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct bus_event e;

    produce(txn, "lost");
    MUST(bus_txn_abort(txn, &test_error));
    produce(txn, "kept");
    MUST(bus_txn_commit(txn, &test_error));
    c = reader(BUS_COMMITTED);
    e = next(c, BUS_MESSAGE);
    assert_true(bytes_equal(e.value, bytes_of("kept")));
}

static void writes_tombstones(void **state UNUSED)
{
    const struct bus_record tombstone = {.topic = topic, .key = bytes_of("k")};
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);
    struct bus_event e;

    MUST(bus_txn_begin(txn, &test_error));
    MUST(bus_txn_produce(txn, &tombstone, &test_error));
    MUST(bus_txn_commit(txn, &test_error));
    e = next(c, BUS_MESSAGE);
    assert_null(e.value.data);
    assert_true(bytes_equal(e.key, bytes_of("k")));
}

static void knows_the_brokers_time_of_the_last_record(void **state UNUSED)
{
    usec_t before = clock_realtime() / USEC_PER_MS * USEC_PER_MS;

    assert_int_equal(bus_txn_broker_time(txn), 0);
    produce(txn, "now");
    assert_in_range(bus_txn_broker_time(txn), before, clock_realtime());
    MUST(bus_txn_abort(txn, &test_error));
}

static void fences_the_older_owner_of_a_name(void **state UNUSED)
{
    SCOPED(bus) struct bus *again = broker_bus("one");
    SCOPED(bus_txn) struct bus_txn *newer = NULL;
    struct error err = {0};
    enum rc rc;

    produce(txn, "zombie");
    MUST(bus_txn_new(again, &topic, 1, 20000, &newer, &test_error));
    rc = bus_txn_commit(txn, &err);
    assert_true(rc == RC_FENCED || rc == RC_FATAL);
}

/* Not that its records could not be delivered: it would be taken for a partition that nobody leads. */
static void a_fenced_owner_is_told_so_where_its_records_fail(void **state UNUSED)
{
    SCOPED(bus) struct bus *again = broker_bus("one");
    SCOPED(bus_txn) struct bus_txn *newer = NULL;
    const struct bus_record late = record_of("too late");
    enum rc rc;

    MUST(bus_txn_begin(txn, &test_error));
    MUST(bus_txn_new(again, &topic, 1, 20000, &newer, &test_error));
    rc = bus_txn_produce(txn, &late, &test_error);
    if (rc == RC_OK)
        rc = bus_txn_flush(txn, 10000, &test_error);
    assert_int_equal(rc, RC_FENCED);
}

static void ends_the_open_transaction_of_a_dead_instance_by_its_name(void **state UNUSED)
{
    SCOPED(bus) struct bus *other = broker_bus("reaper");
    SCOPED(bus_fence) struct bus_fence *fence = NULL;
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);
    int64_t ends[2];

    produce(txn, "left behind");
    MUST(bus_fence_new(other, "one", &fence, &test_error));
    WAIT_FOR(bus_fence_step(fence, &test_error) == RC_OK);
    MUST(bus_query_ends(c, topic, 0, 5000, ends, &test_error));
    assert_int_equal(ends[1], 2); /* the record and the abort marker */
}

static void a_missing_topic_aborts_and_the_next_transaction_works(void **state UNUSED)
{
    const struct bus_record lost = {
        .topic = broker_topic("not-there"), .key = bytes_of("k"), .value = bytes_of("v")};
    enum rc rc;

    MUST(bus_txn_begin(txn, &test_error));
    rc = bus_txn_produce(txn, &lost, &test_error);
    if (rc == RC_OK)
        rc = bus_txn_flush(txn, 20000, &test_error);
    assert_int_equal(rc, RC_CONFLICT);
    MUST(bus_txn_abort(txn, &test_error));
    produce(txn, "fine");
    MUST(bus_txn_commit(txn, &test_error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_a_record_only_once_it_is_committed, make_topic,
                                        release),
        cmocka_unit_test_setup_teardown(answers_the_ends_by_isolation, make_topic, release),
        cmocka_unit_test_setup_teardown(never_shows_an_aborted_record, make_topic, release),
        cmocka_unit_test_setup_teardown(writes_tombstones, make_topic, release),
        cmocka_unit_test_setup_teardown(knows_the_brokers_time_of_the_last_record, make_topic,
                                        release),
        cmocka_unit_test_setup_teardown(fences_the_older_owner_of_a_name, make_topic, release),
        cmocka_unit_test_setup_teardown(a_fenced_owner_is_told_so_where_its_records_fail,
                                        make_topic, release),
        cmocka_unit_test_setup_teardown(ends_the_open_transaction_of_a_dead_instance_by_its_name,
                                        make_topic, release),
        cmocka_unit_test_setup_teardown(a_missing_topic_aborts_and_the_next_transaction_works,
                                        make_topic, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
