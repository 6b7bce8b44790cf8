#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/driver.h"
#include "c/worker.h"
#include "model/limits.h"

enum { PARTITIONS = 4, FRAME_MAX = 1 << 20, TURN_MAX = 8 << 20 };

/* --- a consumer that brings the same message again and again --- */

static struct bytes message;
static int left, taken; /* messages */

static void poll_once(struct bus_consumer *c UNUSED, int timeout_ms UNUSED, struct bus_event *ret)
{
    *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
    if (left == 0)
        return;
    left--;
    *ret = (struct bus_event){
        .kind = BUS_MESSAGE, .topic = "queue", .offset = taken++, .value = message};
}

static const struct bus_driver driver = {.poll = poll_once};
static struct bus_consumer consumer = {.driver = &driver};

/* One turn with so many of them. */
static void read_turn(struct cronobs_worker *w, struct bytes value, int count)
{
    const struct bus_position ours = {.partition = 0};

    *w = (struct cronobs_worker){.consumer = &consumer,
                                 .topics = {.queue = "queue", .control = "control"},
                                 .config = {.queue = "default"},
                                 .partitions = PARTITIONS,
                                 .watch_at = USEC_MAX};
    pthread_mutex_init(&w->notice_lock, NULL);
    inbox_assign(&w->inbox, &ours, 1);
    inbox_begin(inbox_partition(&w->inbox, 0), 0);
    message = value;
    left = count;
    taken = 0;
    read_step(w);
}

static void release(struct cronobs_worker *w)
{
    struct cronobs_job *job;
    bool is_alone;

    while ((job = inbox_pop(&w->inbox, &is_alone)) != NULL)
        job_free(job);
    inbox_clear(&w->inbox);
    pthread_mutex_destroy(&w->notice_lock);
}

/* --- */

/* How many of this execution's record get into the inbox. */
static size_t taken_in(const struct execution_created *e)
{
    struct cronobs_worker w;
    SCOPED_BUF frame = {0};
    size_t count;

    assert_int_equal(codec_encode(RECORD_EXECUTION_CREATED, e, &frame, NULL), RC_OK);
    read_turn(&w, buf_bytes(&frame), 1);
    count = w.inbox.count;
    assert_int_equal(w.passed_over, 1 - count);
    release(&w);
    return count;
}

/* Whoever runs it would report on an execution that the tables do not know. */
static void what_the_tables_refuse_is_not_run(void **state UNUSED)
{
    static const char bytes[PAYLOAD_MAX_BYTES + 1];
    static struct pair pairs[LABELS_MAX + 1] = {[0 ... LABELS_MAX] = {"k", "v"}};

    for (size_t over = 0; over < 2; over++) {
        const struct execution_created fat = {.attempt = 1,
                                              .payload = {bytes, PAYLOAD_MAX_BYTES + over}};
        const struct execution_created much = {.attempt = 1, .labels = {pairs, LABELS_MAX + over}};

        assert_int_equal(taken_in(&fat), 1 - over);
        assert_int_equal(taken_in(&much), 1 - over);
    }
}

static void a_turn_ends_with_so_many_bytes(void **state UNUSED)
{
    static const char big[FRAME_MAX];
    struct cronobs_worker w;

    read_turn(&w, (struct bytes){big, sizeof big}, 400);
    assert_in_range(taken, 2, TURN_MAX / FRAME_MAX);
    assert_true(w.has_more);
    release(&w);
    read_turn(&w, (struct bytes){big, 100}, 400);
    assert_int_equal(taken, 400);
    release(&w);
}

/* Else its thread would never wait again: jobs may run for hours after that. */
static void who_has_stopped_reading_has_nothing_more_to_read(void **state UNUSED)
{
    struct cronobs_worker w = {.has_more = true};

    pthread_mutex_init(&w.lock, NULL);
    read_stop(&w);
    assert_false(w.has_more);
    pthread_mutex_destroy(&w.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_stopped_reading_has_nothing_more_to_read),
        cmocka_unit_test(what_the_tables_refuse_is_not_run),
        cmocka_unit_test(a_turn_ends_with_so_many_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
