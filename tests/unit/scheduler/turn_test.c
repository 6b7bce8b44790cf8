/* When a turn begins, and how little it may hold. */
#include "scheduler/turn.h"

#include "world.h"

static struct world *world;
static struct names names;
static struct ownership ownership;
static struct queues queues;
static struct turns turns;
static const struct moment now = {.real = EPOCH, .mono = 1000 * USEC_PER_SEC};

static int begin(void **state UNUSED)
{
    world = world_new();
    names_init(&names, "t.");
    ownership_init(&ownership, &world->env, &names);
    ownership.of[0] = (struct owned){.phase = PHASE_READY, .core = core_new(&world->env, 0)};
    turns_init(&turns, &ownership);
    queues = (struct queues){0};
    turns.queues = &queues;
    turns.guard.is_open = true;
    turns.ended = now.mono;
    return 0;
}

static int end(void **state UNUSED)
{
    turns_clear(&turns);
    ownership_clear(&ownership);
    names_clear(&names);
    world_free(world);
    return 0;
}

static void sleeps_while_there_is_nothing_to_do(void **state UNUSED)
{
    assert_true(turns_wait(&turns, now) == USEC_MAX);
}

static void keeps_its_pace_when_a_command_waits(void **state UNUSED)
{
    core_take_command(ownership.of[0].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    assert_true(turns_wait(&turns, now) == 20 * USEC_PER_MS);
    turns.took = 30 * USEC_PER_MS;
    assert_true(turns_wait(&turns, now) == 60 * USEC_PER_MS);
    /* once slow, as in the herd after an outage or when a broker goes away: what comes due need not wait for twice that */
    turns.took = 600 * USEC_PER_MS;
    assert_true(turns_wait(&turns, now) == 100 * USEC_PER_MS);
    turns.took = 5 * USEC_PER_SEC;
    assert_true(turns_wait(&turns, now) == 100 * USEC_PER_MS);
    turns.took = 30 * USEC_PER_MS;
    turns.not_before = now.mono + 100 * USEC_PER_MS;
    assert_true(turns_wait(&turns, now) == 100 * USEC_PER_MS);
}

static void lets_statuses_alone_wait_for_a_second(void **state UNUSED)
{
    core_take_status(ownership.of[0].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    assert_true(turns_wait(&turns, now) == USEC_PER_SEC);
}

static void goes_on_at_once_with_what_a_turn_could_not_hold(void **state UNUSED)
{
    core_take_status(ownership.of[0].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    turns.more = true;
    assert_true(turns_wait(&turns, now) == 0);
}

static void a_partition_that_waits_for_a_list_wakes_nobody(void **state UNUSED)
{
    core_take_command(ownership.of[0].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    turns.waiting[0].for_list = queues_want(&queues);
    assert_true(queues_is_wanted(&queues));
    assert_true(turns_wait(&turns, now) == USEC_MAX);
    queues.answered = turns.waiting[0].for_list;
    assert_true(turns_wait(&turns, now) == 20 * USEC_PER_MS);
}

static void waits_with_a_closed_guard_for_its_next_question(void **state UNUSED)
{
    struct moment later = {.real = now.real, .mono = now.mono + USEC_PER_SEC};

    turns.guard.is_open = false;
    turns.guard.asked_at = now.mono;
    core_take_command(ownership.of[0].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    assert_true(turns_wait(&turns, now) == 20 * USEC_PER_MS); /* a command may go on without it */
    assert_true(turns_wait(&turns, later) == 0);
}

static void shares_its_inputs_out_among_all_that_have_some(void **state UNUSED)
{
    static struct owned three[3];
    struct owned *one = ownership.of;
    int partitions = world->env.partitions;

    assert_int_equal(turns_room(&turns, 0, 0).inputs, 2500);
    ownership.of = three;
    world->env.partitions = 3;
    for (int p = 0; p < 3; p++)
        three[p] = (struct owned){.phase = PHASE_READY, .core = core_new(&world->env, p)};
    core_take_command(three[1].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    assert_int_equal(turns_room(&turns, 0, 0).inputs, 2500);
    core_take_status(three[2].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    assert_int_equal(turns_room(&turns, 0, 0).inputs, 1250);
    turns.took = 200 * USEC_PER_MS; /* twice as long as it should: half of it */
    assert_int_equal(turns_room(&turns, 0, 0).inputs, 625);
    /* fewer would not make it any quicker, and a backlog would not end */
    turns.took = USEC_PER_SEC;
    assert_int_equal(turns_room(&turns, 0, 0).inputs, 500);
    turns.took = 10000 * USEC_PER_SEC;
    assert_int_equal(turns_room(&turns, 0, 0).inputs, 500);
    for (int p = 0; p < 3; p++)
        core_free(three[p].core);
    ownership.of = one;
    world->env.partitions = partitions;
}

/* Six at most have a turn, and leave as many for the next. */
static void leaves_half_of_those_who_have_something_for_the_next_turn(void **state UNUSED)
{
    static struct owned fourteen[14];
    struct owned *one = ownership.of;
    int partitions = world->env.partitions;

    ownership.of = fourteen;
    world->env.partitions = 14;
    for (int p = 0; p < 14; p++) {
        static const size_t room[] = {10000, 10000, 10000, 10000, 5000, 5000, 3334,
                                      3334,  2500,  2500,  2000,  2000, 1667, 1667};

        fourteen[p] = (struct owned){.phase = PHASE_READY, .core = core_new(&world->env, p)};
        assert_int_equal(turns_room(&turns, 0, 0).records, room[p]);
        core_take_command(fourteen[p].core, 0, EPOCH, bytes_of("k"), bytes_of("v"));
    }
    assert_int_equal(turns_room(&turns, 0, 0).records, 1667);
    for (int p = 0; p < 14; p++)
        core_free(fourteen[p].core);
    ownership.of = one;
    world->env.partitions = partitions;
}

static void lets_what_is_due_wait_for_a_backlog_but_not_for_long(void **state UNUSED)
{
    turns.now = now;
    assert_true(turns_room(&turns, 0, 0).due_waits);
    ownership.of[0].behind_since = now.mono - 299 * USEC_PER_MS;
    assert_true(turns_room(&turns, 0, 0).due_waits);
    ownership.of[0].behind_since = now.mono - 300 * USEC_PER_MS;
    assert_false(turns_room(&turns, 0, 0).due_waits);
}

static void leaves_the_rest_of_a_long_turn_to_what_is_due(void **state UNUSED)
{
    struct core_room room;

    turns.now = now;
    ownership.of[0].behind_since = now.mono - USEC_PER_SEC;
    room = turns_room(&turns, 0, 100 * USEC_PER_MS);
    assert_int_equal(room.inputs, 2500);
    room = turns_room(&turns, 0, 101 * USEC_PER_MS);
    assert_int_equal(room.inputs, 0);
    assert_int_equal(room.records, 10000);
    assert_false(room.due_waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sleeps_while_there_is_nothing_to_do, begin, end),
        cmocka_unit_test_setup_teardown(keeps_its_pace_when_a_command_waits, begin, end),
        cmocka_unit_test_setup_teardown(lets_statuses_alone_wait_for_a_second, begin, end),
        cmocka_unit_test_setup_teardown(goes_on_at_once_with_what_a_turn_could_not_hold, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_partition_that_waits_for_a_list_wakes_nobody, begin, end),
        cmocka_unit_test_setup_teardown(waits_with_a_closed_guard_for_its_next_question, begin,
                                        end),
        cmocka_unit_test_setup_teardown(shares_its_inputs_out_among_all_that_have_some, begin, end),
        cmocka_unit_test_setup_teardown(leaves_half_of_those_who_have_something_for_the_next_turn,
                                        begin, end),
        cmocka_unit_test_setup_teardown(lets_what_is_due_wait_for_a_backlog_but_not_for_long, begin,
                                        end),
        cmocka_unit_test_setup_teardown(leaves_the_rest_of_a_long_turn_to_what_is_due, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
