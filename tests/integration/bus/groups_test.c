#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/broker.h"

static const char *topic; /* four partitions */
static char group[64];

static int make_topic(void **state UNUSED)
{
    static int count;
    char name[32];

    (void)snprintf(name, sizeof name, "grp%d", count);
    (void)snprintf(group, sizeof group, "%sgroup%d", broker_prefix(), count++);
    broker_create(name, 4);
    topic = broker_topic(name);
    return 0;
}

static struct bus_consumer *member(struct bus *bus)
{
    const char *const topics[] = {topic, NULL};
    const struct bus_consumer_config config = {
        .group = group, .static_member = true, .topics = topics};
    struct bus_consumer *c = NULL;

    MUST(bus_consumer_new(bus, &config, &c, &test_error));
    return c;
}

static struct bus_event next(struct bus_consumer *c, enum bus_event_kind kind)
{
    struct bus_event e = {0};

    WAIT_FOR((bus_poll(c, 100, &e), e.kind == kind));
    return e;
}

static void assign_all(struct bus_consumer *c, int64_t offset)
{
    struct bus_position all[4];

    for (int p = 0; p < 4; p++)
        all[p] = (struct bus_position){topic, p, offset};
    MUST(bus_assign(c, all, 4, &test_error));
}

static void hands_out_the_assignment_and_reads_nothing_before_bus_assign(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1");
    SCOPED(bus_consumer) struct bus_consumer *c = member(bus);
    struct bus_event e = next(c, BUS_ASSIGNED);

    assert_int_equal(e.position_count, 4);
    assert_string_equal(e.positions[0].topic, topic);
    bus_poll(c, 300, &e);
    assert_int_equal(e.kind, BUS_NOTHING);
    assign_all(c, BUS_BEGINNING);
    e = next(c, BUS_EOF);
    assert_int_equal(e.offset, 0);
}

static void may_change_the_assignment_many_times_in_a_row(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1");
    SCOPED(bus_consumer) struct bus_consumer *c = member(bus);

    (void)next(c, BUS_ASSIGNED);
    for (int round = 0; round < 50; round++) {
        assign_all(c, BUS_BEGINNING);
        (void)next(c, BUS_EOF); /* they have been started */
        for (int i = 0; i < 10; i++) {
            MUST(bus_assign(c, NULL, 0, &test_error));
            assign_all(c, BUS_BEGINNING);
        }
    }
}

static void shares_the_partitions_with_a_second_member(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus1 = broker_bus("m1"), *bus2 = broker_bus("m2");
    SCOPED(bus_consumer) struct bus_consumer *first = member(bus1), *second = NULL;
    struct bus_event e = next(first, BUS_ASSIGNED), f = {0};

    second = member(bus2);
    WAIT_FOR((bus_poll(second, 10, &f), bus_poll(first, 10, &e), e.kind == BUS_REVOKED));
    assert_false(e.lost);
    WAIT_FOR((f.kind != BUS_ASSIGNED ? bus_poll(second, 10, &f) : (void)0, bus_poll(first, 10, &e),
              e.kind == BUS_ASSIGNED));
    assert_int_equal(e.position_count, 2);
}

static struct bus_answer ask(struct bus_admin *admin, void *token)
{
    struct bus_answer answer = {0};

    WAIT_FOR(bus_admin_poll(admin, 100, &answer));
    assert_ptr_equal(answer.token, token);
    return answer;
}

static void tells_which_offsets_are_pending(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1");
    SCOPED(bus_consumer) struct bus_consumer *c = member(bus);
    SCOPED(bus_txn) struct bus_txn *txn = NULL;
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_position position = {topic, 2, 7};
    const int partitions[] = {1, 2};
    struct bus_answer answer;
    int token;

    MUST(bus_admin_new(bus, &admin, &test_error));
    MUST(bus_txn_new(bus, &topic, 1, 20000, &txn, &test_error));
    (void)next(c, BUS_ASSIGNED);
    MUST(bus_txn_begin(txn, &test_error));
    MUST(bus_txn_offsets(txn, c, &position, 1, &test_error));
    bus_ask_stable_offsets(admin, group, topic, partitions, 2, &token);
    answer = ask(admin, &token);
    assert_int_equal(answer.kind, BUS_ANSWER_STABLE_OFFSETS);
    assert_int_equal(answer.stable_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(answer.stable[i].is_stable, answer.stable[i].partition == 1);
    MUST(bus_txn_commit(txn, &test_error));
    WAIT_FOR((bus_ask_stable_offsets(admin, group, topic, partitions, 2, &token),
              answer = ask(admin, &token),
              answer.stable[0].is_stable && answer.stable[1].is_stable));
}

static void names_the_static_members(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1");
    SCOPED(bus_consumer) struct bus_consumer *c = member(bus);
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    struct bus_answer answer;

    (void)next(c, BUS_ASSIGNED);
    MUST(bus_admin_new(bus, &admin, &test_error));
    bus_ask_members(admin, group, NULL);
    answer = ask(admin, NULL);
    assert_int_equal(answer.kind, BUS_ANSWER_MEMBERS);
    assert_int_equal(answer.member_count, 1);
    assert_string_equal(answer.members[0], "m1");
}

static void refuses_the_offsets_of_a_zombie_and_tells_it(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1"), *again = broker_bus("m1");
    SCOPED(bus_consumer) struct bus_consumer *zombie = member(bus), *newer = NULL;
    SCOPED(bus_txn) struct bus_txn *txn = NULL;
    const struct bus_position position = {topic, 0, 1};
    const struct bus_record record = {
        .topic = topic, .key = bytes_of("k"), .value = bytes_of("twice")};
    struct bus_event e;

    MUST(bus_txn_new(bus, &topic, 1, 20000, &txn, &test_error));
    (void)next(zombie, BUS_ASSIGNED);
    newer = member(again);
    (void)next(newer, BUS_ASSIGNED);
    MUST(bus_txn_begin(txn, &test_error));
    MUST(bus_txn_produce(txn, &record, &test_error));
    assert_int_equal(bus_txn_offsets(txn, zombie, &position, 1, &test_error), RC_CONFLICT);
    MUST(bus_txn_abort(txn, &test_error));
    WAIT_FOR((bus_poll(zombie, 100, &e), e.kind == BUS_FAILED && e.err.rc == RC_FENCED));
}

static void fails_where_a_position_is_lost(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("m1");
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct bus_event e;

    MUST(bus_consumer_new(bus, &config, &c, &test_error));
    MUST(bus_assign_add(c, (struct bus_position){topic, 0, 1000}, &test_error));
    e = next(c, BUS_FAILED);
    assert_int_equal(e.err.rc, RC_NOT_FOUND);
}

/* --- a worker's way: stored positions, descriptors --- */

static void send(struct bus *bus, const char *text)
{
    const struct bus_record record = {
        .topic = topic, .partition = 1, .key = bytes_of("k"), .value = bytes_of(text)};
    SCOPED(bus_producer) struct bus_producer *p = NULL;

    MUST(bus_producer_new(bus, &p, &test_error));
    MUST(bus_producer_send(p, &record, NULL, NULL, &test_error));
    MUST(bus_producer_flush(p, 10000, &test_error));
}

static void tells_what_is_stored_for_the_group(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("w");
    SCOPED(bus_consumer) struct bus_consumer *c = member(bus);
    struct bus_position asked[] = {{topic, 0, 7}, {topic, 1, 7}};
    const struct bus_position second = {topic, 1, 1};

    (void)next(c, BUS_ASSIGNED);
    WAIT_FOR(bus_stored(c, asked, 2, 1000, &test_error) == RC_OK);
    assert_int_equal(asked[0].offset, BUS_NONE);
    assert_int_equal(asked[1].offset, BUS_NONE);
    MUST(bus_commit(c, &second, 1, 5000, &test_error));
    WAIT_FOR(bus_stored(c, asked, 2, 1000, &test_error) == RC_OK);
    assert_int_equal(asked[0].offset, BUS_NONE);
    assert_int_equal(asked[1].offset, 1);
}

static void finds_offsets_by_the_brokers_clock(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("w");
    const struct bus_consumer_config config = {.isolation = BUS_UNCOMMITTED};
    const struct bus_position first = {topic, 1, BUS_BEGINNING};
    struct bus_position asked[] = {{topic, 0, 0}, {topic, 1, 0}};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    usec_t at;

    send(bus, "first");
    MUST(bus_consumer_new(bus, &config, &c, &test_error));
    MUST(bus_assign(c, &first, 1, &test_error));
    at = next(c, BUS_MESSAGE).timestamp;
    WAIT_FOR(bus_offsets_at(c, at, asked, 2, 1000, &test_error) == RC_OK);
    assert_int_equal(asked[0].offset, BUS_END); /* it is empty */
    assert_int_equal(asked[1].offset, 0);
    WAIT_FOR(bus_offsets_at(c, at + USEC_PER_DAY, asked, 2, 1000, &test_error) == RC_OK);
    assert_int_equal(asked[1].offset, BUS_END);
    WAIT_FOR(bus_offsets_at(c, USEC_MAX, asked, 2, 1000, &test_error) == RC_OK);
    assert_int_equal(asked[0].offset, 0);
    assert_int_equal(asked[1].offset, 1);
}

static void refuses_to_store_positions_for_a_group_it_is_not_in(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("w"), *again = broker_bus("w");
    SCOPED(bus_consumer) struct bus_consumer *old = member(bus), *newer = NULL;
    const struct bus_position position = {topic, 1, 1};
    enum rc rc;

    (void)next(old, BUS_ASSIGNED);
    newer = member(again);
    (void)next(newer, BUS_ASSIGNED);
    rc = bus_commit(old, &position, 1, 5000, &test_error);
    assert_true(rc == RC_CONFLICT || rc == RC_FENCED);
}

static void is_readable_when_something_has_arrived(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("w");
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct pollfd fd = {.events = POLLIN};
    struct bus_event e = {0};

    MUST(bus_consumer_new(bus, &config, &c, &test_error));
    MUST(bus_assign_add(c, (struct bus_position){topic, 1, BUS_BEGINNING}, &test_error));
    fd.fd = bus_consumer_fd(c);
    (void)next(c, BUS_EOF);
    do
        bus_poll(c, 0, &e);
    while (e.kind != BUS_NOTHING);
    assert_int_equal(poll(&fd, 1, 200), 0);
    send(bus, "wake up");
    assert_int_equal(poll(&fd, 1, TEST_DEADLINE_MS), 1);
    bus_poll(c, 0, &e);
    assert_int_equal(e.kind, BUS_MESSAGE);
}

static int delivered;

static void on_delivered(void *ctx UNUSED, enum rc rc, int partition, int64_t offset,
                         const char *why UNUSED)
{
    assert_int_equal(rc, RC_OK);
    assert_int_equal(partition, 1);
    assert_int_equal(offset, delivered);
    delivered++;
}

static void announces_deliveries_on_a_descriptor(void **state UNUSED)
{
    SCOPED(bus) struct bus *bus = broker_bus("w");
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record record = {
        .topic = topic, .partition = 1, .key = bytes_of("k"), .value = bytes_of("v")};
    struct pollfd fd = {.events = POLLIN};

    MUST(bus_producer_new(bus, &p, &test_error));
    fd.fd = bus_producer_fd(p);
    delivered = 0;
    for (int i = 0; i < 3; i++)
        MUST(bus_producer_send(p, &record, on_delivered, NULL, &test_error));
    WAIT_FOR((assert_true(poll(&fd, 1, TEST_DEADLINE_MS) == 1), bus_producer_serve(p, 0),
              delivered == 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(hands_out_the_assignment_and_reads_nothing_before_bus_assign,
                               make_topic),
        cmocka_unit_test_setup(may_change_the_assignment_many_times_in_a_row, make_topic),
        cmocka_unit_test_setup(shares_the_partitions_with_a_second_member, make_topic),
        cmocka_unit_test_setup(tells_which_offsets_are_pending, make_topic),
        cmocka_unit_test_setup(names_the_static_members, make_topic),
        cmocka_unit_test_setup(refuses_the_offsets_of_a_zombie_and_tells_it, make_topic),
        cmocka_unit_test_setup(fails_where_a_position_is_lost, make_topic),
        cmocka_unit_test_setup(tells_what_is_stored_for_the_group, make_topic),
        cmocka_unit_test_setup(finds_offsets_by_the_brokers_clock, make_topic),
        cmocka_unit_test_setup(refuses_to_store_positions_for_a_group_it_is_not_in, make_topic),
        cmocka_unit_test_setup(is_readable_when_something_has_arrived, make_topic),
        cmocka_unit_test_setup(announces_deliveries_on_a_descriptor, make_topic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
