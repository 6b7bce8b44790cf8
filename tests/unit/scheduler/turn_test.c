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
    /* once slow, as when a broker goes away: others need not wait for twice that */
    turns.took = 5 * USEC_PER_SEC;
    assert_true(turns_wait(&turns, now) == USEC_PER_SEC);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
