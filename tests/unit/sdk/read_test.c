#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
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

/* --- what is run --- */

/* Whose partition is the first one. */
static struct uuid task(void)
{
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (partition_of(task_id_of("default", keys[i]), PARTITIONS) == 0)
            return task_id_of("default", keys[i]);
    fail();
    return UUID_NIL;
}

static struct execution_created sound(void)
{
    return (struct execution_created){
        .execution_id = execution_id_of(task(), INT64_C(1763000000000000), "instant", ""),
        .task_id = task(),
        .attempt = 1};
}

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

/* Whoever runs it would report on an execution that the history does not know; the limits: model/lifecycle_test.c. */
static void what_is_over_a_limit_is_not_run(void **state UNUSED)
{
    static const char bytes[PAYLOAD_MAX_BYTES + 1];
    struct pair nameless = {"", "v"};

    for (size_t over = 0; over < 2; over++) {
        struct execution_created fat = sound(), odd = sound();

        fat.payload = (struct bytes){bytes, PAYLOAD_MAX_BYTES + over};
        odd.labels = (struct pairs){&nameless, over};
        assert_int_equal(taken_in(&fat), 1 - over);
        assert_int_equal(taken_in(&odd), 1 - over);
    }
}

static void what_names_no_partition_for_its_reports_is_not_run(void **state UNUSED)
{
    static const int32_t none[] = {-1, PARTITIONS, INT32_MIN, INT32_MAX};

    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct execution_created e = sound();

        e.status_partition = none[i];
        assert_int_equal(taken_in(&e), 0);
    }
}

/* Queues that others write: the history refuses these, but nobody is to wait for ever for work that can be done. */
static void another_numbering_or_place_is_run(void **state UNUSED)
{
    struct execution_created elsewhere = sound(), other = sound();

    while (partition_of(elsewhere.task_id, PARTITIONS) == 0)
        elsewhere.task_id = uuid_random();
    other.execution_id = uuid_random();
    assert_int_equal(taken_in(&elsewhere), 1);
    assert_int_equal(taken_in(&other), 1);
}

/* --- how much --- */

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

/* --- batches that cannot be unpacked --- */

static int64_t spoiled; /* so many, then nothing */

static void poll_spoiled(struct bus_consumer *c UNUSED, int timeout_ms UNUSED,
                         struct bus_event *ret)
{
    static int64_t at;

    *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
    if (at == spoiled)
        return;
    *ret = (struct bus_event){.kind = BUS_UNREADABLE,
                              .topic = "executions.q",
                              .offset = at,
                              .next = at + 1,
                              .code = "_BAD_COMPRESSION"};
    at++;
}

static void count_notice(void *ctx, enum cronobs_notice kind UNUSED, const char *text UNUSED)
{
    ++*(int *)ctx;
}

/* Whoever may write could fill the log. */
static void batches_that_cannot_be_unpacked_are_told_seldom(void **state UNUSED)
{
    static const struct bus_driver spoiler = {.poll = poll_spoiled};
    struct bus_consumer reader = {&spoiler};
    int notices = 0;
    struct cronobs_worker w = {.consumer = &reader,
                               .topics = {.control = "control", .queue = "executions.q"},
                               .config = {.on_notice = count_notice, .ctx = &notices},
                               .watch_at = USEC_MAX,
                               .tick = 1};

    pthread_mutex_init(&w.lock, NULL);
    pthread_mutex_init(&w.notice_lock, NULL);
    spoiled = 300;
    read_step(&w);
    assert_int_equal(notices, 1);
    assert_int_equal(w.passed_over, 300);
    w.tick += USEC_PER_MIN;
    spoiled = 301;
    read_step(&w);
    assert_int_equal(notices, 2);
    pthread_mutex_destroy(&w.notice_lock);
    pthread_mutex_destroy(&w.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_stopped_reading_has_nothing_more_to_read),
        cmocka_unit_test(batches_that_cannot_be_unpacked_are_told_seldom),
        cmocka_unit_test(what_is_over_a_limit_is_not_run),
        cmocka_unit_test(what_names_no_partition_for_its_reports_is_not_run),
        cmocka_unit_test(another_numbering_or_place_is_run),
        cmocka_unit_test(a_turn_ends_with_so_many_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
