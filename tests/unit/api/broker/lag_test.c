#include "api/broker/lag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/broker/scan.h"

static void lag_is_summed_by_topic(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct broker_place places[] = {{"status", 0, 100, 0, false},
                                    {"status", 1, 50, 0, false},
                                    {"state", 0, 900, 0, false},
                                    {"tasks", 0, 7, 0, false},
                                    {"tasks", 1, 0, 0, true}};
    struct progress_row rows[] = {
        {"status", 0, 90, NULL, 0, 0}, {"status", 1, 55, NULL, 0, 0}, {"tasks", 1, 3, NULL, 0, 0}};
    struct broker_view view = {.places = places, .place_count = ARRAY_LEN(places)};
    struct read_page progress = {.rows = rows, .count = ARRAY_LEN(rows)};
    struct lag lag;

    lag_of(&view, &progress, memory, &lag);
    assert_int_equal(lag.count, 2);
    assert_string_equal(lag.items[0].topic, "status");
    /* the other partition is ahead of what was seen last */
    assert_int_equal(lag.items[0].offsets, 10);
    assert_string_equal(lag.items[1].topic, "tasks");
    assert_int_equal(lag.items[1].offsets, 7); /* never read yet */
    assert_int_equal(lag.total, 17);
    assert_int_equal(partition_lag(&view, &progress, 0), 17);
    assert_int_equal(partition_lag(&view, &progress, 1), 0);
}

static void what_is_decided_and_not_stored_is_counted(void **state UNUSED)
{
    struct broker_place places[] = {{"status", 0, 100, 0, false},
                                    {"tasks", 0, 8, 0, false},
                                    {"executions.q", 0, 20, 0, false},
                                    {"logs", 0, 900, 0, false},
                                    {"commands", 0, 900, 0, false}};
    struct progress_row rows[] = {{"status", 0, 97, NULL, 0, 0},
                                  {"tasks", 0, 7, NULL, 0, 0},
                                  {"executions.q", 0, 10, NULL, 0, 0}};
    struct broker_view view = {.places = places, .place_count = ARRAY_LEN(places)};
    struct read_page progress = {.rows = rows, .count = ARRAY_LEN(rows)};

    /* one alone may be the mark of a transaction */
    assert_int_equal(partition_unstored(&view, &progress, 0), 3 + 10);
    assert_int_equal(partition_unstored(&view, &progress, 1), 0);
}

static void a_group_is_behind_by_what_it_has_not_stored(void **state UNUSED)
{
    struct broker_place places[] = {{"executions.q", 0, 100, 0, false},
                                    {"executions.q", 1, 50, 0, false},
                                    {"executions.q", 2, 0, 0, false},
                                    {"executions.p", 0, 7, 0, false}};
    struct broker_view view = {.places = places, .place_count = ARRAY_LEN(places)};
    struct bus_stable stored[] = {{0, true, 90}, {1, true, 60}, {2, true, BUS_NONE}};
    struct bus_answer answer = {.stable = stored, .stable_count = ARRAY_LEN(stored)};

    assert_int_equal(scan_lag(&view, "executions.q", &answer), 10);
    assert_int_equal(scan_lag(&view, "executions.none", &answer), 0);
    stored[1].is_stable = false; /* a transaction is pending */
    assert_int_equal(scan_lag(&view, "executions.q", &answer), -1);
    stored[1] = (struct bus_stable){1, true, BUS_NONE}; /* nobody has read there yet */
    assert_int_equal(scan_lag(&view, "executions.q", &answer), -1);
    answer.stable_count = 1;
    assert_int_equal(scan_lag(&view, "executions.q", &answer), -1);
}

static void silence_is_told_after_a_minute(void **state UNUSED)
{
    struct broker_place places[] = {{.topic = "status", .partition = 0}};
    struct broker_view view = {.places = places, .place_count = 1};
    static const struct {
        struct progress_row row;
        int64_t seconds;
    } cases[] = {
        {{.topic = "status", .part = 0, .silent_s = 0}, 0}, /* nobody has said anything yet */
        {{.topic = "status", .part = 0, .silent_s = 59}, 0},
        {{.topic = "status", .part = 0, .silent_s = 60}, 60},
        {{.topic = "status", .part = 1, .silent_s = 60}, 0}, /* not there any more */
        {{.topic = "executions.old", .part = 0, .silent_s = 60}, 0},
    };

    broker_view_index(&view);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(unstored_seconds(&view, &cases[i].row), cases[i].seconds);
    map_clear(&view.index);
}

static void each_group_is_held_to_what_it_reads(void **state UNUSED)
{
    static char scheduler[] = "scheduler", consumer[] = "consumer";
    const struct broker_config config = {.prefix = "c.", .partitions = 2};
    struct broker_place places[] = {{.topic = "commands"}, {.topic = "state"}, {.topic = "logs"}};
    struct bus_position owned[] = {{.topic = "c.logs"}, {.topic = "c.heartbeats", .partition = 1}};
    struct broker_unowned unowned[8];
    struct broker_view view = {
        .places = places, .place_count = ARRAY_LEN(places), .unowned = unowned};
    struct scan s = {.config = &config};

    for (int minute = 1; minute <= 2; minute++) {
        view.at = minute * USEC_PER_MIN;
        view.unowned_count = 0;
        scan_take_members(&s, &view, &(struct bus_answer){.token = scheduler});
        scan_take_members(
            &s, &view, &(struct bus_answer){.token = consumer, .owned = owned, .owned_count = 2});
        assert_int_equal(view.unowned_count, minute == 1 ? 0 : 3);
    }
    assert_string_equal(unowned[0].group, "scheduler");
    assert_string_equal(unowned[0].topic, "commands");
    assert_string_equal(unowned[1].group, "consumer");
    assert_string_equal(unowned[1].topic, "commands");
    assert_string_equal(unowned[2].topic, "heartbeats");
    assert_int_equal(unowned[2].partition, 0);
    scan_clear_owners(&s);
}

/* As many as 500 queues of 12 partitions: each is a thing of its own, whoever asks. */
static void a_crowd_of_partitions_is_kept_apart(void **state UNUSED)
{
    enum { TOPICS = 500, PARTITIONS = 12 };
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct scan s = {0};

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < TOPICS * PARTITIONS; i++) {
            struct broker_unowned place = {
                .group = i % 2 == 0 ? "scheduler" : "consumer",
                .topic = arena_printf(memory, "executions.q%d", i / PARTITIONS),
                .partition = i % PARTITIONS};

            assert_int_equal(scan_note_owner(&s, &place, false, 1 + i + round * 1000000),
                             round * 1000000);
        }
    assert_int_equal(s.owners.count, TOPICS * PARTITIONS);
    scan_clear_owners(&s);
}

static void who_has_nobody_is_counted_from_the_first_sight(void **state UNUSED)
{
    const struct broker_unowned a = {"scheduler", "commands", 0, 0},
                                b = {"scheduler", "commands", 1, 0},
                                c = {"consumer", "commands", 0, 0};
    struct scan s = {0};

    assert_int_equal(scan_note_owner(&s, &a, false, 100), 0);
    assert_int_equal(scan_note_owner(&s, &b, true, 100), 0);
    assert_int_equal(scan_note_owner(&s, &c, true, 100), 0);
    assert_int_equal(scan_note_owner(&s, &a, false, 170), 70);
    assert_int_equal(scan_note_owner(&s, &b, false, 170), 0);
    assert_int_equal(scan_note_owner(&s, &c, true, 170), 0);
    assert_int_equal(scan_note_owner(&s, &a, true, 180), 0); /* somebody came */
    assert_int_equal(scan_note_owner(&s, &a, false, 190), 0);
    assert_int_equal(scan_note_owner(&s, &b, false, 190), 20);
    scan_clear_owners(&s);
}

static usec_t note(struct scan *s, const char *topic, int partition, int64_t stable, int64_t high,
                   usec_t now)
{
    const struct ends_answer seen = {.partition = partition, .stable = stable, .high = high};

    return scan_note(s, topic, &seen, now);
}

/* Idle is not stalled: the clock begins when something behind the stable end is first seen. */
static void what_stands_still_is_told_from_what_is_idle(void **state UNUSED)
{
    struct scan s = {0};

    assert_int_equal(note(&s, "status", 0, 10, 10, 1000), 0);
    assert_int_equal(note(&s, "status", 0, 10, 10, 900000), 0); /* idle for long */
    assert_int_equal(note(&s, "status", 0, 10, 12, 901000), 0); /* a turn has just begun */
    assert_int_equal(note(&s, "status", 1, 10, 12, 902000), 0);
    assert_int_equal(note(&s, "tasks", 0, 10, 12, 903000), 0);
    assert_int_equal(note(&s, "status", 0, 10, 15, 905000), 4000); /* it stands still since */
    assert_int_equal(note(&s, "status", 0, 11, 15, 906000), 0);    /* it has moved */
    assert_int_equal(note(&s, "status", 0, 15, 15, 907000), 0);
    assert_int_equal(note(&s, "status", 1, 10, 12, 908000), 6000);
    scan_clear(&s);
}

static void a_queue_is_found_in_the_view(void **state UNUSED)
{
    const char *queues[] = {"a", "b"};
    struct broker_view view = {.queues = queues, .queue_count = ARRAY_LEN(queues)};

    assert_true(broker_has_queue(&view, "b"));
    assert_false(broker_has_queue(&view, "c"));
    assert_false(broker_has_queue(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_told_after_a_minute),
        cmocka_unit_test(who_has_nobody_is_counted_from_the_first_sight),
        cmocka_unit_test(each_group_is_held_to_what_it_reads),
        cmocka_unit_test(a_crowd_of_partitions_is_kept_apart),
        cmocka_unit_test(lag_is_summed_by_topic),
        cmocka_unit_test(what_is_decided_and_not_stored_is_counted),
        cmocka_unit_test(a_group_is_behind_by_what_it_has_not_stored),
        cmocka_unit_test(what_stands_still_is_told_from_what_is_idle),
        cmocka_unit_test(a_queue_is_found_in_the_view),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
