/* Signs of life on the real broker: who falls silent is LOST, and nobody whom the scheduler could only not hear. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "stage.h"
#include "support/broker.h"

static const usec_t SILENCE = 4 * USEC_PER_SEC;

static struct task_spec beating(const char *key)
{
    struct task_spec spec = stage_spec(key);

    spec.heartbeat_ms = 1000;
    return spec;
}

static bool is_lost(const char *key)
{
    return stage_said(key, STATUS_LOST, 0) != NULL;
}

/* Two attempts, a moment apart. */
static struct task_spec tried_again(const char *key)
{
    struct task_spec spec = beating(key);

    spec.retry = (struct retry_spec){
        .max_attempts = 2, .first_delay_ms = 100, .multiplier = 1, .on = "LOST"};
    return spec;
}

static pid_t start_worker(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the test fails */
    (void)setenv("CRONOBS_BROKERS", broker_address(), 1);
    (void)setenv("CRONOBS_TOPIC_PREFIX", stage.prefix, 1);
    (void)execl(CRONOBS_PROGRAM, "cronobs", "work", "--queue", "default", "--", "sleep", "60",
                NULL);
    _exit(99);
}

/* Until so long after `from`; each half second the worker gives a sign. */
static void live_until(usec_t until, const struct execution_created *const *runs, const int *by,
                       size_t count)
{
    usec_t sign_at = 0;

    for (usec_t now = clock_realtime(); now < until; now = clock_realtime()) {
        for (size_t i = 0; now >= sign_at && i < count; i++)
            stage_sign(runs[i], by[i]);
        if (now >= sign_at)
            sign_at = now + USEC_PER_SEC / 2;
        (void)stage_sent("nothing", 0); /* reads on, or waits a moment */
    }
}

static void a_worker_that_is_killed_is_lost_and_tried_again(void **state UNUSED)
{
    const struct execution_created *x;
    pid_t worker = start_worker();
    usec_t killed;

    stage_put(tried_again("killed"));
    x = stage_run("killed");
    WAIT_FOR(stage_is(x, STATUS_RUNNING));
    live_until(clock_realtime() + SILENCE + USEC_PER_SEC, NULL, NULL, 0);
    assert_false(is_lost("killed"));
    killed = clock_realtime();
    assert_int_equal(kill(worker, SIGKILL), 0);
    (void)waitpid(worker, NULL, 0);
    WAIT_FOR(is_lost("killed"));
    assert_true(clock_realtime() - killed > SILENCE - USEC_PER_SEC);
    assert_int_equal(stage_said("killed", STATUS_LOST, 0)->reason, REASON_HEARTBEAT);
    WAIT_FOR(stage_sent("killed", 1) != NULL);
    assert_int_equal(stage_sent("killed", 1)->attempt, 2);
    assert_true(uuid_equal(stage_sent("killed", 1)->execution_id, x->execution_id));
}

/* Of two tasks in two partitions: of one the signs lie behind an open transaction, of the other the claim of who gives them. */
static void what_lies_behind_a_hung_foreign_transaction_is_no_silence(void **state UNUSED)
{
    const struct execution_created *x[2];
    static const int by[] = {0, 1};
    struct hung on_heartbeats, on_status;
    usec_t since;

    stage_put(beating("lagging"));
    stage_put(beating("hung"));
    assert_int_not_equal(partition_of(task_id_of("default", "lagging"), STAGE_PARTITIONS),
                         partition_of(task_id_of("default", "hung"), STAGE_PARTITIONS));
    x[0] = stage_run("lagging");
    x[1] = stage_run("hung");
    stage_report(x[0], STATUS_RUNNING, 0);
    stage_report(x[1], STATUS_RUNNING, 0);
    WAIT_FOR(stage_is(x[0], STATUS_RUNNING) && stage_is(x[1], STATUS_RUNNING));
    on_heartbeats = stage_hang("heartbeats", "lagging");
    on_status = stage_hang("status", "hung");
    stage_report(x[1], STATUS_RUNNING, 1); /* nobody can know that yet */
    live_until(clock_realtime() + SILENCE + 3 * USEC_PER_SEC, x, by, 2);
    stage_unhang(&on_heartbeats);
    stage_unhang(&on_status);
    live_until(clock_realtime() + 2 * USEC_PER_SEC, x, by, 2);
    assert_false(is_lost("lagging") || is_lost("hung"));
    since = clock_realtime();
    WAIT_FOR(is_lost("lagging") && is_lost("hung"));
    assert_true(clock_realtime() - since > SILENCE - USEC_PER_SEC);
}

/* One lives through it, one is dead: nobody was there to hear the difference. */
static void a_new_owner_counts_from_when_it_has_heard_everything(void **state UNUSED)
{
    const struct execution_created *x[2];
    static const int by[] = {0, 0};
    usec_t since;

    stage_put(beating("alive"));
    stage_put(beating("dead"));
    x[0] = stage_run("alive");
    x[1] = stage_run("dead");
    stage_report(x[0], STATUS_RUNNING, 0);
    stage_report(x[1], STATUS_RUNNING, 0);
    live_until(clock_realtime() + 2 * USEC_PER_SEC, x, by, 1);
    stage_kill();
    live_until(clock_realtime() + 3 * USEC_PER_SEC, x, by, 1);
    since = clock_realtime();
    stage_start();
    live_until(since + SILENCE - USEC_PER_SEC / 10, x, by, 1);
    assert_false(is_lost("dead"));
    for (usec_t end = broker_deadline(""); !is_lost("dead");) {
        live_until(clock_realtime() + USEC_PER_SEC / 2, x, by, 1);
        broker_check_deadline(end, "LOST", __FILE__, __LINE__);
    }
    assert_false(is_lost("alive"));
    stage_report(x[0], STATUS_SUCCEEDED, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_is_killed_is_lost_and_tried_again),
        cmocka_unit_test(what_lies_behind_a_hung_foreign_transaction_is_no_silence),
        cmocka_unit_test(a_new_owner_counts_from_when_it_has_heard_everything),
    };
    int code;

    code = fleet_child(argc, argv);
    return code >= 0 ? code : cmocka_run_group_tests(tests, stage_begin, stage_end);
}
