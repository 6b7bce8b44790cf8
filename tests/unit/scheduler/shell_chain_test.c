/*
 * A chain of five tasks over five partitions, on the log in memory: two schedulers, either of which dies in each call of the bus,
 * hands over, or is late; a worker that answers each execution once.
 */
#include <stdio.h>

#include "base/hash.h"
#include "shell.h"

enum { LINKS = 5 };

static struct chain {
    int task[LINKS]; /* shell_task, one in each partition */
    size_t answered; /* of shell.fired */
    size_t rounds;   /* the first task was triggered so often */
} chain;

/* --- the five tasks --- */

static void choose_tasks(void)
{
    bool taken[PARTITIONS] = {false};
    int n = 0;

    for (int i = 0; i < LINKS; n++) {
        int p = partition_of(shell_task(n), PARTITIONS);

        if (!taken[p])
            chain.task[i++] = n;
        taken[p] = true;
    }
}

static void put_tasks(void)
{
    for (int i = 0; i < LINKS; i++) {
        char key[16], next[16];
        struct then_spec then = {.task = next, .on = THEN_ENDED};

        (void)snprintf(key, sizeof key, "t%d", chain.task[i]);
        (void)snprintf(next, sizeof next, "t%d", chain.task[(i + 1) % LINKS]);
        shell_order(chain.task[i], (struct command){
                                       .kind = COMMAND_PUT_TASK,
                                       .body.put_task.spec = {.key = key,
                                                              .project = "default",
                                                              .queue = "q",
                                                              .then = &then,
                                                              .then_count = i + 1 < LINKS},
                                   });
    }
}

static int begin_chain(void **state)
{
    chain = (struct chain){.answered = 0};
    assert_int_equal(shell_begin(state), 0);
    choose_tasks();
    put_tasks();
    return 0;
}

/* --- the worker --- */

static void answer(const struct fired *f)
{
    const struct worker_ref worker = {.name = "worker", .incarnation = uuid_random()};
    const struct execution_status status = {
        .event_id = uuid_random(),
        .execution_id = f->execution_id,
        .task_id = f->task_id,
        .attempt = f->attempt,
        .status = STATUS_SUCCEEDED,
        .worker = &worker,
    };

    shell_send("status", partition_of(f->task_id, PARTITIONS), f->task_id, RECORD_EXECUTION_STATUS,
               &status);
}

static void work(double seconds)
{
    for (double left = seconds; left > 0; left -= 0.05) {
        shell_pass(0.05);
        for (; chain.answered < shell.fired_count; chain.answered++)
            answer(&shell.fired[chain.answered]);
    }
}

static void begin_round(void)
{
    shell_order(chain.task[0], (struct command){.kind = COMMAND_TRIGGER_TASK});
    chain.rounds++;
}

/* --- the judge --- */

/* Each execution of a task is followed by one of the next, which names it. */
static void judge(void)
{
    size_t counts[LINKS] = {0};

    for (size_t i = 0; i < shell.fired_count; i++) {
        size_t parents = 0, link = 0;

        while (!uuid_equal(shell.fired[i].task_id, shell_task(chain.task[link])))
            link++;
        counts[link]++;
        for (size_t n = 0; n < shell.fired_count; n++)
            parents +=
                uuid_equal(shell.fired[n].execution_id, shell.fired[i].parent_execution_id) &&
                uuid_equal(shell.fired[n].task_id, shell_task(chain.task[MAX(link, 1) - 1]));
        assert_int_equal(parents, link > 0);
        for (size_t n = 0; n < i; n++)
            assert_false(uuid_equal(shell.fired[n].execution_id, shell.fired[i].execution_id));
    }
    for (size_t link = 0; link < LINKS; link++)
        assert_int_equal(counts[link], chain.rounds);
}

/* --- histories --- */

static void runs_through_five_partitions_within_a_second(void **state UNUSED)
{
    shell_start(&shell.processes[0]);
    shell_start(&shell.processes[1]);
    shell_pass(10);
    begin_round();
    work(1);
    judge();
}

static bool is_scheduler(const char *instance)
{
    return text_starts(instance, "s-");
}

static enum rc die_at(void *ctx, const char *instance, const char *call UNUSED)
{
    int *left = ctx;

    return is_scheduler(instance) && (*left)-- == 0 ? RC_FATAL : RC_OK;
}

static void runs_once_whatever_call_it_dies_in(void **state UNUSED)
{
    shell_start(&shell.processes[0]);
    shell_pass(2);
    for (int call = 0; call < 60; call++) { /* five links have so many, and more */
        int left = call;

        memlog_on_step(shell.memory, die_at, &left);
        begin_round();
        work(2);
        memlog_on_step(shell.memory, NULL, NULL);
        assert_true(left < 0);
        if (call % 7 == 0)
            memlog_compact(shell.memory, "state");
    }
    work(3);
    judge();
}

static enum rc conflict_at(void *ctx, const char *instance, const char *call)
{
    int *left = ctx;

    return is_scheduler(instance) && strcmp(call, "abort") != 0 && (*left)-- == 0 ? RC_CONFLICT
                                                                                  : RC_OK;
}

static void runs_once_whatever_call_is_to_be_aborted(void **state UNUSED)
{
    shell_start(&shell.processes[0]);
    shell_pass(2);
    for (int call = 0; call < 40; call++) {
        int left = call;

        memlog_on_step(shell.memory, conflict_at, &left);
        begin_round();
        work(2);
        memlog_on_step(shell.memory, NULL, NULL);
        assert_true(left < 0);
    }
    work(3);
    judge();
}

/* Whoever has read the end is gone before it has told; whoever is told is another one. */
static void the_owner_changes_between_end_and_link(void **state UNUSED)
{
    static const char *const calls[] = {"begin", "flush", "offsets", "commit"};

    for (size_t i = 0; i < 2 * ARRAY_LEN(calls); i++) {
        int left = (int)i;

        shell_start(&shell.processes[0]);
        shell_start(&shell.processes[1]);
        work(8);
        memlog_on_step(shell.memory, die_at, &left);
        begin_round();
        work(0.3);
        memlog_on_step(shell.memory, NULL, NULL);
        shell_crash(&shell.processes[i % 2]); /* whatever it was about to do */
        work(10);
        judge();
        shell_crash(&shell.processes[(i + 1) % 2]);
    }
}

static void a_frozen_one_that_goes_on_tells_nobody_twice(void **state UNUSED)
{
    shell_start(&shell.processes[0]);
    shell_start(&shell.processes[1]);
    work(8);
    begin_round();
    work(0.1);
    shell.processes[0].is_frozen = true;
    memlog_freeze(shell.memory, "s-1");
    work(10);
    memlog_thaw(shell.memory, "s-1");
    shell.processes[0].is_frozen = false;
    begin_round();
    work(10);
    judge();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_through_five_partitions_within_a_second, begin_chain,
                                        shell_end),
        cmocka_unit_test_setup_teardown(runs_once_whatever_call_it_dies_in, begin_chain, shell_end),
        cmocka_unit_test_setup_teardown(runs_once_whatever_call_is_to_be_aborted, begin_chain,
                                        shell_end),
        cmocka_unit_test_setup_teardown(the_owner_changes_between_end_and_link, begin_chain,
                                        shell_end),
        cmocka_unit_test_setup_teardown(a_frozen_one_that_goes_on_tells_nobody_twice, begin_chain,
                                        shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
