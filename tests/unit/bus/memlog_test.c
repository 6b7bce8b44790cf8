/* The log in memory keeps the rules that tests/integration/bus shows of the real one. */
#include "support/memlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct memlog *memory;
static struct bus *one, *two;
static const char topic[] = "t";

static int begin(void **state UNUSED)
{
    memory = memlog_new();
    memlog_set_time(memory, 1000 * USEC_PER_SEC);
    memlog_add_topic(memory, topic, 4);
    one = memlog_bus(memory, "one", 6000, 10000);
    two = memlog_bus(memory, "two", 6000, 10000);
    return 0;
}

static int end(void **state UNUSED)
{
    bus_free(one);
    bus_free(two);
    memlog_free(memory);
    return 0;
}

static void ok(enum rc rc)
{
    assert_int_equal(rc, RC_OK);
}

static struct bus_consumer *reader(enum bus_isolation isolation)
{
    const struct bus_consumer_config config = {.isolation = isolation};
    struct bus_consumer *c = NULL;

    ok(bus_consumer_new(one, &config, &c, NULL));
    ok(bus_assign_add(c, (struct bus_position){topic, 0, BUS_BEGINNING}, NULL));
    return c;
}

static struct bus_consumer *member(struct bus *bus)
{
    const char *const topics[] = {topic, NULL};
    const struct bus_consumer_config config = {
        .group = "g", .static_member = true, .topics = topics};
    struct bus_consumer *c = NULL;

    ok(bus_consumer_new(bus, &config, &c, NULL));
    return c;
}

static struct bus_txn *txn_of(struct bus *bus)
{
    struct bus_txn *t = NULL;

    ok(bus_txn_new(bus, NULL, 0, 0, &t, NULL));
    return t;
}

static void produce(struct bus_txn *t, const char *key, const char *value)
{
    const struct bus_record r = {.topic = topic, .key = bytes_of(key), .value = bytes_of(value)};

    ok(bus_txn_produce(t, &r, NULL));
}

static struct bus_event poll_of(struct bus_consumer *c)
{
    struct bus_event e;

    bus_poll(c, 0, &e);
    return e;
}

static void expect(struct bus_consumer *c, const char *value)
{
    struct bus_event e = poll_of(c);

    assert_int_equal(e.kind, BUS_MESSAGE);
    assert_true(bytes_equal(e.value, bytes_of(value)));
}

static void expect_end(struct bus_consumer *c, int64_t offset)
{
    struct bus_event e = poll_of(c);

    assert_int_equal(e.kind, BUS_EOF);
    assert_int_equal(e.offset, offset);
    assert_int_equal(poll_of(c).kind, BUS_NOTHING);
}

static void shows_a_record_only_once_it_is_committed(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    SCOPED(bus_consumer)
    struct bus_consumer *c = reader(BUS_COMMITTED), *u = reader(BUS_UNCOMMITTED);

    assert_int_equal(bus_high_watermark(c, topic, 0), -1);
    ok(bus_txn_begin(t, NULL));
    produce(t, "k", "hello");
    expect_end(c, 0);
    assert_int_equal(bus_high_watermark(c, topic, 0), 1);
    expect(u, "hello");
    ok(bus_txn_commit(t, NULL));
    expect(c, "hello");
    expect_end(c, 2); /* past the marker */
}

static void never_shows_an_aborted_record(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);

    ok(bus_txn_begin(t, NULL));
    produce(t, "k", "lost");
    ok(bus_txn_abort(t, NULL));
    expect_end(c, 2);
}

static void decides_before_it_writes_markers_where_they_are_held(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);

    memlog_hold_markers(memory, true);
    ok(bus_txn_begin(t, NULL));
    produce(t, "k", "decided");
    ok(bus_txn_commit(t, NULL));
    expect_end(c, 0);
    memlog_hold_markers(memory, false);
    expect(c, "decided");
}

static void fences_by_name_and_by_time(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *old = txn_of(one), *fresh = NULL, *slow = txn_of(two);
    SCOPED(bus_fence) struct bus_fence *fence = NULL;
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);

    ok(bus_txn_begin(old, NULL));
    produce(old, "k", "zombie");
    fresh = txn_of(one);
    assert_int_equal(bus_txn_commit(old, NULL), RC_FENCED);
    ok(bus_txn_begin(fresh, NULL));
    ok(bus_fence_new(two, "one", &fence, NULL));
    ok(bus_fence_step(fence, NULL));
    assert_int_equal(bus_txn_commit(fresh, NULL), RC_FENCED);
    ok(bus_txn_begin(slow, NULL));
    produce(slow, "k", "late");
    memlog_set_time(memory, 1011 * USEC_PER_SEC);
    assert_int_equal(bus_txn_commit(slow, NULL), RC_FENCED);
    assert_int_equal(poll_of(c).kind, BUS_EOF);
}

static void compacts_to_the_newest_of_each_key_and_keeps_offsets(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);
    struct bus_event e;

    ok(bus_txn_begin(t, NULL));
    produce(t, "a", "1");
    produce(t, "b", "2");
    produce(t, "a", "3");
    ok(bus_txn_commit(t, NULL));
    memlog_compact(memory, topic);
    expect(c, "2");
    e = poll_of(c);
    assert_true(bytes_equal(e.value, bytes_of("3")));
    assert_int_equal(e.offset, 2);
    expect_end(c, 4);
}

static void fails_where_retention_has_passed_a_position(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *c = reader(BUS_COMMITTED);

    expect_end(c, 0);
    memlog_trim(memory, topic, 0, 5);
    assert_int_equal(poll_of(c).err.rc, RC_NOT_FOUND);
}

static void shares_partitions_by_eager_rebalances(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *a = member(one), *b = NULL;
    struct bus_event e = poll_of(a);

    assert_int_equal(e.kind, BUS_ASSIGNED);
    assert_int_equal(e.position_count, 4);
    b = member(two);
    assert_int_equal(poll_of(b).kind, BUS_NOTHING); /* waits for the other */
    e = poll_of(a);
    assert_int_equal(e.kind, BUS_REVOKED);
    assert_false(e.lost);
    e = poll_of(a);
    assert_int_equal(e.kind, BUS_ASSIGNED);
    assert_int_equal(e.position_count, 2);
    e = poll_of(b);
    assert_int_equal(e.positions[0].partition, 2);
}

static void gives_the_partitions_of_a_dead_member_away_after_its_session(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *a = member(one), *b = member(two);
    struct bus_event e;

    (void)poll_of(a);
    (void)poll_of(b);
    assert_int_equal(poll_of(a).position_count, 2);
    bus_consumer_free(TAKE(a));
    memlog_set_time(memory, 1006 * USEC_PER_SEC);
    (void)poll_of(b);
    assert_int_equal(poll_of(b).kind, BUS_NOTHING);
    memlog_set_time(memory, 1007 * USEC_PER_SEC);
    assert_int_equal(poll_of(b).kind, BUS_REVOKED);
    e = poll_of(b);
    assert_int_equal(e.kind, BUS_ASSIGNED);
    assert_int_equal(e.position_count, 4);
}

static void gives_a_static_member_its_place_back_and_fences_its_former_self(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *a = member(one), *again = NULL;
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    const struct bus_position next = {topic, 0, 1};

    (void)poll_of(a);
    again = member(one);
    assert_int_equal(poll_of(again).kind, BUS_ASSIGNED);
    ok(bus_txn_begin(t, NULL));
    assert_int_equal(bus_txn_offsets(t, a, &next, 1, NULL), RC_CONFLICT);
    ok(bus_txn_offsets(t, again, &next, 1, NULL));
    assert_int_equal(poll_of(a).err.rc, RC_FENCED);
}

static void tells_a_frozen_member_that_it_has_lost_everything(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *a = member(one);

    (void)poll_of(a);
    memlog_freeze(memory, "one");
    memlog_set_time(memory, 1010 * USEC_PER_SEC);
    memlog_thaw(memory, "one");
    assert_true(poll_of(a).lost);
    assert_int_equal(poll_of(a).kind, BUS_ASSIGNED);
}

static void says_which_offsets_are_pending(void **state UNUSED)
{
    SCOPED(bus_consumer) struct bus_consumer *a = member(one);
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_position next = {topic, 1, 5};
    const int partitions[] = {0, 1};
    struct bus_answer answer;

    ok(bus_admin_new(two, &admin, NULL));
    (void)poll_of(a);
    ok(bus_txn_begin(t, NULL));
    ok(bus_txn_offsets(t, a, &next, 1, NULL));
    bus_ask_stable_offsets(admin, "g", topic, partitions, 2, NULL);
    assert_true(bus_admin_poll(admin, 0, &answer));
    assert_true(answer.stable[0].is_stable);
    assert_false(answer.stable[1].is_stable);
    bus_ask_members(admin, "g", NULL);
    assert_true(bus_admin_poll(admin, 0, &answer));
    assert_string_equal(answer.members[0], "one");
}

static enum rc refuse(void *ctx, const char *instance UNUSED, const char *call)
{
    return strcmp(call, ctx) == 0 ? RC_CONFLICT : RC_OK;
}

static void lets_a_test_fail_any_call(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *t = txn_of(one);
    char call[] = "commit";

    memlog_on_step(memory, refuse, call);
    ok(bus_txn_begin(t, NULL));
    assert_int_equal(bus_txn_commit(t, NULL), RC_CONFLICT);
    ok(bus_txn_abort(t, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_a_record_only_once_it_is_committed, begin, end),
        cmocka_unit_test_setup_teardown(never_shows_an_aborted_record, begin, end),
        cmocka_unit_test_setup_teardown(decides_before_it_writes_markers_where_they_are_held, begin,
                                        end),
        cmocka_unit_test_setup_teardown(fences_by_name_and_by_time, begin, end),
        cmocka_unit_test_setup_teardown(compacts_to_the_newest_of_each_key_and_keeps_offsets, begin,
                                        end),
        cmocka_unit_test_setup_teardown(fails_where_retention_has_passed_a_position, begin, end),
        cmocka_unit_test_setup_teardown(shares_partitions_by_eager_rebalances, begin, end),
        cmocka_unit_test_setup_teardown(
            gives_the_partitions_of_a_dead_member_away_after_its_session, begin, end),
        cmocka_unit_test_setup_teardown(
            gives_a_static_member_its_place_back_and_fences_its_former_self, begin, end),
        cmocka_unit_test_setup_teardown(tells_a_frozen_member_that_it_has_lost_everything, begin,
                                        end),
        cmocka_unit_test_setup_teardown(says_which_offsets_are_pending, begin, end),
        cmocka_unit_test_setup_teardown(lets_a_test_fail_any_call, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
