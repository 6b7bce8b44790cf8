/* What `status` knows, and what was too much to be remembered; the scanner is played by this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "bus/driver.h"
#include "c/worker.h"

enum { PARTITIONS = 4, NOW = 1000 };

/* --- a scanner that brings these reports, then the end --- */

struct said {
    struct uuid task, execution;
    int partition;
    usec_t at;
};

static const struct said *coming;
static size_t coming_count;

static void poll_once(struct bus_consumer *c UNUSED, int timeout_ms UNUSED, struct bus_event *ret)
{
    static const struct worker_ref worker = {"worker", {{7}}};
    static struct buf frame;

    *ret = (struct bus_event){.kind = BUS_EOF, .topic = "status"};
    if (coming_count == 0)
        return;
    const struct execution_status report = {.execution_id = coming->execution,
                                            .task_id = coming->task,
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = &worker};

    buf_clear(&frame);
    assert_int_equal(codec_encode(RECORD_EXECUTION_STATUS, &report, &frame, NULL), RC_OK);
    *ret = (struct bus_event){.kind = BUS_MESSAGE,
                              .topic = "status",
                              .partition = coming->partition,
                              .timestamp = coming->at,
                              .value = buf_bytes(&frame)};
    coming++;
    coming_count--;
}

static void assign_remove(struct bus_consumer *c UNUSED, const char *topic UNUSED,
                          int partition UNUSED)
{
}

static void free_scanner(struct bus_consumer *c UNUSED)
{
}

static const struct bus_driver driver = {
    .poll = poll_once, .assign_remove = assign_remove, .consumer_free = free_scanner};
static struct bus_consumer scanner = {.driver = &driver};

/* --- */

static char told[CRONOBS_NOTICE_ERROR + 1][256]; /* by kind: what was said last */

static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    (void)strncpy(told[kind], text, sizeof told[kind] - 1);
}

static struct uuid task(void)
{
    return task_id_of("default", "a");
}

static struct uuid execution(int number)
{
    return execution_id_of(task(), number, "instant", "");
}

/* A worker without a position that has looked through these reports, with room for `max`. */
static void look(struct cronobs_worker *w, const struct said *reports, size_t count, size_t max)
{
    const struct bus_position ours = {.partition = 0};

    *w = (struct cronobs_worker){
        .scanner = &scanner,
        .scanning = 1,
        .announced.max = max,
        .topics = {.queue = "queue", .status = "status"},
        .config = {.on_notice = on_notice, .backlog_ms = 60000},
        .writer.now = NOW,
        .partitions = PARTITIONS,
        .queue_partitions = PARTITIONS,
    };
    memset(told, 0, sizeof told);
    pthread_mutex_init(&w->notice_lock, NULL);
    inbox_assign(&w->inbox, &ours, 1);
    inbox_begin(inbox_partition(&w->inbox, 0), BUS_NONE);
    coming = reports;
    coming_count = count;
    locate_step(w);
    assert_null(w->scanner);
}

static bool leaves_out(struct cronobs_worker *w, int number, usec_t at)
{
    const struct execution_created e = {.execution_id = execution(number),
                                        .task_id = task(),
                                        .status_partition = partition_of(task(), PARTITIONS),
                                        .attempt = 1};
    const struct bus_event event = {.kind = BUS_MESSAGE, .timestamp = at};

    return locate_leaves_out(w, &e, &event);
}

static void settle(struct cronobs_worker *w)
{
    inbox_partition(&w->inbox, 0)->has_no_position = false;
    locate_step(w);
    inbox_clear(&w->inbox);
    pthread_mutex_destroy(&w->notice_lock);
}

/* Nobody takes in what is said in another partition than the task's: it may not push out what is. */
static void what_is_said_in_the_wrong_place_takes_no_room(void **state UNUSED)
{
    int right = partition_of(task(), PARTITIONS), wrong = (right + 1) % PARTITIONS;
    const struct said reports[] = {{task(), execution(1), right, 10},
                                   {task(), execution(2), wrong, 11},
                                   {task(), execution(3), wrong, 12}};
    struct cronobs_worker w;

    look(&w, reports, ARRAY_LEN(reports), 1);
    assert_true(leaves_out(&w, 1, 5));
    assert_false(leaves_out(&w, 2, 6));
    assert_false(leaves_out(&w, 4, 7));
    settle(&w);
    assert_string_equal(told[CRONOBS_NOTICE_INFO],
                        "left out 1 executions of queue that were reported on or are older");
    assert_string_equal(told[CRONOBS_NOTICE_WARNING], "");
}

static void what_was_left_out_for_want_of_room_is_told_apart(void **state UNUSED)
{
    int right = partition_of(task(), PARTITIONS);
    const struct said reports[] = {{task(), execution(1), right, 10},
                                   {task(), execution(2), right, 20}};
    struct cronobs_worker w;

    look(&w, reports, ARRAY_LEN(reports), 1);
    assert_true(leaves_out(&w, 1, 5)); /* nobody knows any more that it was reported on */
    assert_true(leaves_out(&w, 3, 9)); /* nor that this was not */
    assert_true(leaves_out(&w, 2, 9));
    assert_false(leaves_out(&w, 4, 11));
    settle(&w);
    assert_string_equal(told[CRONOBS_NOTICE_INFO],
                        "left out 1 executions of queue that were reported on or are older");
    assert_non_null(strstr(told[CRONOBS_NOTICE_WARNING], "left out 2 executions of queue"));
    assert_non_null(strstr(told[CRONOBS_NOTICE_WARNING], "cronobs task trigger"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_in_the_wrong_place_takes_no_room),
        cmocka_unit_test(what_was_left_out_for_want_of_room_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
