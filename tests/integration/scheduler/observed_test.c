/* Runs that somebody else starts, on the real broker: what hangs or falls silent is ended, also by a scheduler that was not there when it began. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "stage.h"
#include "support/broker.h"

/* As stage.h knows an execution, though nothing was sent. */
static struct execution_created begin(const char *key)
{
    const struct uuid task = task_id_of("default", key), nonce = uuid_random();
    const usec_t now = clock_realtime();
    const struct worker_ref cron = {.name = "cron", .incarnation = {{1}}};
    char text[UUID_TEXT];
    const struct execution_created run = {
        .execution_id = execution_id_of(task, now, "external", uuid_to_text(nonce, text)),
        .task_id = task,
        .attempt = 1,
        .status_partition = partition_of(task, STAGE_PARTITIONS)};
    const struct execution_status said = {.event_id = uuid_random(),
                                          .execution_id = run.execution_id,
                                          .task_id = task,
                                          .attempt = 1,
                                          .status = STATUS_RUNNING,
                                          .occurred_at = now,
                                          .trigger = TRIGGER_EXTERNAL,
                                          .scheduled_at = now,
                                          .worker = &cron};

    fleet_send(&stage, "status", run.status_partition, task, RECORD_EXECUTION_STATUS, &said);
    return run;
}

static bool is(const struct execution_created *run, enum status status)
{
    return stage_life(run->execution_id, NULL).status == status;
}

static struct task_spec limited(const char *key)
{
    struct task_spec spec = stage_spec(key);

    spec.run_timeout_ms = 2000;
    return spec;
}

static void a_run_that_hangs_is_timed_out_by_whoever_is_there_then(void **state UNUSED)
{
    struct execution_created run;

    stage_put(limited("hangs"));
    run = begin("hangs");
    WAIT_FOR(is(&run, STATUS_RUNNING));
    stage_kill();
    stage_start();
    WAIT_FOR(is(&run, STATUS_TIMED_OUT));
    assert_int_equal(stage_said("hangs", STATUS_TIMED_OUT, 0)->reason, REASON_RUN_TIMEOUT);
    assert_null(stage_sent("hangs", 0)); /* and nothing follows */
}

static void a_run_that_ends_is_not(void **state UNUSED)
{
    struct execution_created hangs, ends;

    stage_put(limited("both"));
    ends = begin("both");
    stage_report(&ends, STATUS_SUCCEEDED, 0);
    hangs = begin("both");
    WAIT_FOR(is(&hangs, STATUS_TIMED_OUT));
    assert_true(is(&ends, STATUS_SUCCEEDED));
    assert_null(stage_said("both", STATUS_TIMED_OUT, 1));
}

static void a_run_that_falls_silent_is_lost(void **state UNUSED)
{
    struct task_spec spec = stage_spec("silent");
    struct execution_created run;

    spec.heartbeat_ms = 1000;
    stage_put(spec);
    run = begin("silent");
    WAIT_FOR(is(&run, STATUS_LOST));
    assert_int_equal(stage_said("silent", STATUS_LOST, 0)->reason, REASON_HEARTBEAT);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_hangs_is_timed_out_by_whoever_is_there_then),
        cmocka_unit_test(a_run_that_ends_is_not),
        cmocka_unit_test(a_run_that_falls_silent_is_lost),
    };
    int code = fleet_child(argc, argv);

    return code >= 0 ? code : cmocka_run_group_tests(tests, stage_begin, stage_end);
}
