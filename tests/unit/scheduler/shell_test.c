/* The whole scheduler, but for the broker: on the log in memory, with a clock that the test turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/log.h"
#include "codec/codec.h"
#include "scheduler/clock_guard.h"
#include "scheduler/scheduler.h"
#include "support/memlog.h"

enum { PARTITIONS = 3, TASKS = 5, FIRED_MAX = 4096, SESSION_MS = 6000, TRANSACTION_MS = 60000 };

static struct memlog *memory;
static usec_t real, mono, broker_ahead;
/* So many readings later this machine's clock jumps; 0: never. */
static int jump_in;
static usec_t jump_by;

static struct process { /* one scheduler */
    const char *name;
    struct bus *bus;
    struct scheduler *scheduler;
    bool is_frozen;
} processes[2];

static struct fired {
    struct uuid task_id;
    usec_t scheduled_at, at;
} fired[FIRED_MAX];
static size_t fired_count;
static struct bus *reader_bus;
static struct bus_consumer *reader;

static void read_clock(struct moment *ret)
{
    if (jump_in > 0 && --jump_in == 0) {
        real += jump_by;
        broker_ahead -= jump_by;
    }
    *ret = (struct moment){.real = real, .mono = mono};
}

/* --- the world --- */

static const char *const topics[] = {"commands",   "tasks", "executions.q", "status",
                                     "heartbeats", "logs",  "state"};

static int begin(void **state UNUSED)
{
    log_setup("shell", LOG_ERROR);
    memory = memlog_new();
    real = INT64_C(1800000000) * USEC_PER_SEC + 500 * USEC_PER_MS;
    mono = 1000 * USEC_PER_SEC;
    broker_ahead = 0;
    jump_in = 0;
    memlog_set_time(memory, real);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        memlog_add_topic(memory, topics[i], PARTITIONS);
    memlog_add_topic(memory, "control", 1);
    processes[0] = (struct process){.name = "s-1"};
    processes[1] = (struct process){.name = "s-2"};
    for (int i = 0; i < 2; i++)
        processes[i].bus = memlog_bus(memory, processes[i].name, SESSION_MS, TRANSACTION_MS);
    reader_bus = memlog_bus(memory, "reader", SESSION_MS, TRANSACTION_MS);
    fired_count = 0;
    return 0;
}

static void mend_policies(void)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_topic compact = {.name = "state",
                                      .cleanup_policy = "compact",
                                      .timestamp_type = "LogAppendTime",
                                      .retention_ms = -1,
                                      .min_insync = 1};

    assert_int_equal(bus_admin_new(reader_bus, &admin, NULL), RC_OK);
    assert_int_equal(bus_topic_alter(admin, &compact, NULL), RC_OK);
}

static int begin_with_reader(void **state)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};

    (void)begin(state);
    mend_policies();
    assert_int_equal(bus_consumer_new(reader_bus, &config, &reader, NULL), RC_OK);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(
            bus_assign_add(reader, (struct bus_position){"executions.q", p, BUS_BEGINNING}, NULL),
            RC_OK);
    return 0;
}

static int end(void **state UNUSED)
{
    for (int i = 0; i < 2; i++) {
        scheduler_free(processes[i].scheduler);
        bus_free(processes[i].bus);
    }
    bus_consumer_free(reader);
    bus_free(reader_bus);
    memlog_free(memory);
    return 0;
}

static void start(struct process *p)
{
    const struct scheduler_env env = {.bus = p->bus,
                                      .prefix = "",
                                      .instance = p->name,
                                      .partitions = PARTITIONS,
                                      .transaction_timeout_ms = TRANSACTION_MS,
                                      .read_clock = read_clock};
    struct error err = {0};

    if (scheduler_new(&env, &p->scheduler, &err) != RC_OK)
        fail_msg("%s", err.text);
}

static void crash(struct process *p)
{
    scheduler_free(p->scheduler);
    p->scheduler = NULL;
}

/* Sends a record as any other program may. */
static void send(const char *topic, int partition, struct uuid key, enum record_kind kind,
                 const void *what)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    SCOPED_BUF value = {0};
    char id[UUID_TEXT];
    struct bus_record record = {
        .topic = topic, .partition = partition, .key = bytes_of(uuid_to_text(key, id))};

    assert_int_equal(codec_encode(kind, what, &value, NULL), RC_OK);
    record.value = buf_bytes(&value);
    assert_int_equal(bus_producer_new(reader_bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

static struct uuid task_numbered(int n)
{
    char key[16];

    (void)snprintf(key, sizeof key, "t%d", n);
    return task_id_of("default", key);
}

static void order(int n, struct command command)
{
    command.command_id = uuid_random();
    command.task_id = task_numbered(n);
    command.actor = "test";
    send("commands", partition_of(command.task_id, PARTITIONS), command.task_id, RECORD_COMMAND,
         &command);
}

static void put_task_on(const char *queue, int n)
{
    struct schedule_spec schedule = {.expression = "@every 1s", .zone = "UTC"};
    char key[16];

    (void)snprintf(key, sizeof key, "t%d", n);
    order(n, (struct command){
                 .kind = COMMAND_PUT_TASK,
                 .body.put_task.spec = {.key = key,
                                        .project = "default",
                                        .queue = queue,
                                        .schedules = &schedule,
                                        .schedule_count = 1,
                                        .misfire = {.policy = MISFIRE_ALL,
                                                    .after_ms = 60000,
                                                    .window_ms = 86400000,
                                                    .limit = 100},
                                        .max_concurrency = 1,
                                        .retry = {.max_attempts = 1}},
             });
}

static void put_tasks(void)
{
    for (int n = 0; n < TASKS; n++)
        put_task_on("q", n);
}

static void read_fired(void)
{
    struct bus_event e;

    if (reader == NULL)
        return;
    for (bus_poll(reader, 0, &e); e.kind != BUS_NOTHING; bus_poll(reader, 0, &e)) {
        SCOPED(arena) struct arena *scratch = arena_new(0);
        const struct execution_created *created;
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE)
            continue;
        assert_int_equal(codec_decode(e.value, scratch, &kind, &record, NULL), RC_OK);
        created = record;
        assert_true(fired_count < FIRED_MAX);
        fired[fired_count++] = (struct fired){created->task_id, created->scheduled_at, real};
    }
}

/* Lets time pass in steps of 10 ms. A process that cannot go on is started again at once. */
static void pass(double seconds)
{
    for (usec_t until = mono + (usec_t)(seconds * 1000000.0); mono < until;) {
        real += 10 * USEC_PER_MS;
        mono += 10 * USEC_PER_MS;
        memlog_set_time(memory, real + broker_ahead);
        for (int i = 0; i < 2; i++) {
            struct process *p = &processes[i];

            if (p->scheduler == NULL || p->is_frozen)
                continue;
            if (scheduler_step(p->scheduler, 0, NULL) != RC_OK) {
                crash(p);
                start(p);
            }
        }
        read_fired();
    }
}

/* Every task has fired every second from its first to at least `until`, once. Answers how many in all. */
static size_t judge(usec_t until)
{
    for (int n = 0; n < TASKS; n++) {
        struct uuid id = task_numbered(n);
        usec_t last = 0;

        for (size_t i = 0; i < fired_count; i++) {
            if (!uuid_equal(fired[i].task_id, id))
                continue;
            assert_true(last == 0 || fired[i].scheduled_at == last + USEC_PER_SEC);
            assert_true(fired[i].at >= fired[i].scheduled_at);
            last = fired[i].scheduled_at;
        }
        assert_true(last >= until - USEC_PER_SEC);
    }
    return fired_count;
}

/* --- what it must do --- */

static void fires_every_second(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(10);
    assert_in_range(judge(real), 9 * TASKS, 10 * TASKS);
}

static enum rc die_at(void *ctx, const char *instance UNUSED, const char *call UNUSED)
{
    int *left = ctx;

    return (*left)-- == 0 ? RC_FATAL : RC_OK;
}

static void fires_once_whatever_call_it_dies_in(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(2);
    for (int call = 0; call < 26; call++) { /* two turns have so many */
        int left = call;

        memlog_on_step(memory, die_at, &left);
        pass(2.5);
        memlog_on_step(memory, NULL, NULL);
        assert_true(left < 0);
        if (call % 7 == 0)
            memlog_compact(memory, "state");
    }
    pass(1);
    (void)judge(real);
}

static enum rc conflict_at(void *ctx, const char *instance UNUSED, const char *call)
{
    int *left = ctx;

    return strcmp(call, "abort") != 0 && (*left)-- == 0 ? RC_CONFLICT : RC_OK;
}

static void plans_again_whatever_call_is_to_be_aborted(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(2);
    for (int call = 0; call < 30; call++) {
        int left = call;

        memlog_on_step(memory, conflict_at, &left);
        pass(2);
        memlog_on_step(memory, NULL, NULL);
    }
    (void)judge(real);
}

static enum rc die_open(void *ctx, const char *instance, const char *call)
{
    const char *const *want = ctx; /* instance, call */

    return strcmp(instance, want[0]) == 0 && strcmp(call, want[1]) == 0 ? RC_FATAL : RC_OK;
}

static void another_ends_what_a_dead_one_left_open(void **state UNUSED)
{
    static const char *const calls[] = {"begin", "flush", "offsets", "commit"};

    put_tasks();
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        const char *want[] = {"s-1", calls[i]};
        usec_t died;

        start(&processes[0]);
        start(&processes[1]);
        pass(8);
        memlog_on_step(memory, die_open, want);
        while (scheduler_step(processes[0].scheduler, 0, NULL) == RC_OK) {
            real += 10 * USEC_PER_MS;
            mono += 10 * USEC_PER_MS;
            memlog_set_time(memory, real);
            assert_int_equal(scheduler_step(processes[1].scheduler, 0, NULL), RC_OK);
        }
        memlog_on_step(memory, NULL, NULL);
        crash(&processes[0]);
        died = real;
        pass(10); /* session 6 s + 1 s of patience; the transaction itself would last 60 s */
        (void)judge(died + 9 * USEC_PER_SEC);
        crash(&processes[1]);
    }
}

static void a_frozen_one_that_goes_on_writes_nothing_twice(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    start(&processes[1]);
    pass(8);
    processes[0].is_frozen = true;
    memlog_freeze(memory, "s-1");
    pass(10);
    memlog_thaw(memory, "s-1");
    processes[0].is_frozen = false;
    pass(10);
    (void)judge(real);
}

static void waits_for_markers_before_it_trusts_the_state(void **state UNUSED)
{
    size_t before;

    put_tasks();
    start(&processes[0]);
    pass(5);
    memlog_hold_markers(memory, true);
    pass(1); /* one turn is decided, its markers are not written */
    crash(&processes[0]);
    start(&processes[1]);
    before = fired_count;
    pass(9);
    memlog_hold_markers(memory, false);
    pass(3);
    assert_true(fired_count > before);
    (void)judge(real);
}

/* --- a partition without a leader --- */

static size_t fired_since(int p, usec_t since)
{
    size_t count = 0;

    for (size_t i = 0; i < fired_count; i++)
        count += partition_of(fired[i].task_id, PARTITIONS) == p && fired[i].at > since;
    return count;
}

static void breaks_alone(const char *topic, int p, bool is_known)
{
    usec_t broken;

    memlog_break(memory, topic, p, is_known);
    pass(2); /* what was begun before fails, once */
    broken = real;
    pass(6);
    for (int other = 0; other < PARTITIONS; other++) {
        size_t tasks = 0;

        for (int n = 0; n < TASKS; n++)
            tasks += partition_of(task_numbered(n), PARTITIONS) == other;
        if (other == p)
            assert_int_equal(fired_since(other, broken), 0);
        else
            assert_in_range(fired_since(other, broken), 5 * tasks, 7 * tasks);
    }
    memlog_heal(memory, topic, p);
    pass(8);
    (void)judge(real);
}

/* One queue's partition, then one of each topic that a turn writes to; known to be without a leader, and not yet known. */
static void a_partition_that_cannot_be_written_stops_only_itself(void **state)
{
    static const char *const outputs[] = {"executions.q", "state"};
    int p = partition_of(task_numbered(0), PARTITIONS);

    for (size_t i = 0; i < 2 * ARRAY_LEN(outputs); i++) {
        (void)end(state);
        (void)begin_with_reader(state);
        put_tasks();
        start(&processes[0]);
        pass(3);
        breaks_alone(outputs[i / 2], p, i % 2 == 0);
    }
}

/* With a restart in between: nothing is remembered of it, and nothing need be. */
static void a_start_beside_a_partition_that_cannot_be_written(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    crash(&processes[0]);
    memlog_break(memory, "executions.q", partition_of(task_numbered(0), PARTITIONS), false);
    start(&processes[0]);
    breaks_alone("executions.q", partition_of(task_numbered(0), PARTITIONS), false);
}

/* Whoever may write to an input can open a transaction there and leave it: 15 minutes, and again. */
static void fires_beside_the_open_transactions_of_others(void **state UNUSED)
{
    struct bus *foreign = memlog_bus(memory, "foreign", SESSION_MS, 900000);
    static const char *const inputs[] = {"commands", "status"};
    struct bus_txn *txn = NULL;
    usec_t late;

    put_tasks();
    start(&processes[0]);
    pass(3);
    assert_int_equal(bus_txn_new(foreign, NULL, 0, 1000, &txn, NULL), RC_OK);
    assert_int_equal(bus_txn_begin(txn, NULL), RC_OK);
    for (int i = 0; i < 2 * PARTITIONS; i++) {
        const struct bus_record record = {.topic = inputs[i % 2],
                                          .partition = i / 2,
                                          .key = bytes_of("k"),
                                          .value = bytes_of("v")};

        assert_int_equal(bus_txn_produce(txn, &record, NULL), RC_OK);
    }
    crash(&processes[0]);
    start(&processes[0]);
    put_task_on("q", TASKS); /* behind it: nobody can see this command yet */
    pass(4);
    late = real;
    (void)judge(real);
    assert_int_equal(bus_txn_abort(txn, NULL), RC_OK);
    pass(4);
    (void)judge(real);
    assert_int_equal(fired[fired_count - 1].scheduled_at / USEC_PER_SEC, real / USEC_PER_SEC);
    for (size_t i = 0; i < fired_count; i++) /* decided when it was seen: its past does not fire */
        if (uuid_equal(fired[i].task_id, task_numbered(TASKS)))
            assert_true(fired[i].scheduled_at > late - 5 * USEC_PER_SEC);
    bus_txn_free(txn);
    bus_free(foreign);
}

static void fires_nothing_while_its_clock_is_wrong(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    real += 3600 * USEC_PER_SEC; /* somebody sets this machine's clock */
    broker_ahead = -3600 * USEC_PER_SEC;
    fired_count = 0;
    pass(5);
    assert_int_equal(fired_count, 0);
    broker_ahead = 0; /* the broker was wrong, after all */
    pass(5);
    assert_true(fired_count > 0);
}

static void assert_nothing_was_early(void)
{
    for (size_t i = 0; i < fired_count; i++)
        assert_true(fired[i].scheduled_at <= real + broker_ahead);
}

static void never_fires_early_whenever_its_clock_jumps(void **state)
{
    for (int reading = 1; reading < 40; reading++) {
        (void)end(state);
        (void)begin_with_reader(state);
        put_tasks();
        start(&processes[0]);
        pass(3.49); /* the next step fires */
        jump_in = reading;
        jump_by = 3600 * USEC_PER_SEC;
        pass(3);
        assert_int_equal(jump_in, 0);
        assert_nothing_was_early();
    }
}

static void never_fires_early_whenever_its_clock_is_mended(void **state)
{
    for (int reading = 1; reading < 40; reading++) {
        (void)end(state);
        (void)begin_with_reader(state);
        put_tasks();
        start(&processes[0]);
        pass(3);
        real += 3600 * USEC_PER_SEC;
        broker_ahead -= 3600 * USEC_PER_SEC;
        pass(0.99); /* the next step or two try to fire */
        jump_in = reading;
        jump_by = -3600 * USEC_PER_SEC;
        pass(3);
        assert_int_equal(jump_in, 0);
        assert_nothing_was_early();
        assert_true(fired_count > 4 * TASKS);
    }
}

/* What the log takes from others must never become a record that it does not take from us. */
static void goes_on_whatever_others_send(void **state UNUSED)
{
    enum { LARGE = 999600 };
    struct bytes large = {xcalloc(1, LARGE + 1), LARGE};
    char *text = memset((void *)(uintptr_t)large.data, 'x', LARGE);
    const struct worker_ref worker = {.name = "w", .incarnation = uuid_random()};
    const struct execution_status status = {.event_id = uuid_random(),
                                            .execution_id = uuid_random(),
                                            .task_id = task_numbered(0),
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = &worker,
                                            .message = text,
                                            .result = {text, 1000}};
    int right = partition_of(status.task_id, PARTITIONS);

    put_tasks();
    start(&processes[0]);
    pass(3);
    order(0, (struct command){.kind = COMMAND_TRIGGER_TASK, .body.trigger_task.payload = large});
    order(1, (struct command){.kind = COMMAND_PAUSE_TASK, .reason = text});
    send("status", (right + 1) % PARTITIONS, status.task_id, RECORD_EXECUTION_STATUS, &status);
    pass(3);
    (void)judge(real);
    free(text);
}

/* One such batch everywhere, of one record or of many, before the start and while it runs, the last in its partition or not. */
static void goes_on_behind_batches_that_nobody_can_unpack(void **state UNUSED)
{
    static const char *const spoilt[] = {"commands", "status", "state"};

    for (int p = 0; p < PARTITIONS; p++)
        (void)memlog_spoil(memory, "status", p, 1 + p * 50);
    start(&processes[0]);
    pass(1);
    for (size_t i = 0; i < ARRAY_LEN(spoilt); i++)
        for (int p = 0; p < PARTITIONS; p++)
            (void)memlog_spoil(memory, spoilt[i], p, 1 + p * 50);
    put_tasks();
    pass(3);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(spoilt); i++)
            for (int p = 0; p < PARTITIONS; p++)
                (void)memlog_spoil(memory, spoilt[i], p, 3);
        crash(&processes[0]);
        start(&processes[0]);
        pass(3);
    }
    (void)judge(real);
}

static void send_garbage(const char *topic, int partition, const char *key)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record record = {topic, partition, bytes_of(key), {"x", 1}};

    assert_int_equal(bus_producer_new(reader_bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

/* Has each task outside the partition fired up to now, and none inside it since `stopped`? */
static void judge_without(int partition, usec_t stopped)
{
    for (int n = 0; n < TASKS; n++) {
        struct uuid id = task_numbered(n);
        bool stands = partition_of(id, PARTITIONS) == partition;
        usec_t last = 0;

        for (size_t i = 0; i < fired_count; i++)
            if (uuid_equal(fired[i].task_id, id))
                last = MAX(last, fired[i].scheduled_at);
        assert_true(stands ? last <= stopped : last >= real - USEC_PER_SEC);
    }
}

static void a_stray_record_in_the_state_stops_nothing(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    for (int p = 0; p < PARTITIONS; p++)
        send_garbage("state", p, "evil");
    crash(&processes[0]);
    start(&processes[0]);
    pass(3);
    (void)judge(real);
}

static void a_watermark_that_cannot_be_read_stops_its_own_partition_only(void **state UNUSED)
{
    int partition = partition_of(task_numbered(0), PARTITIONS);
    usec_t stopped;

    put_tasks();
    start(&processes[0]);
    pass(3);
    crash(&processes[0]);
    stopped = real;
    send_garbage("state", partition, "watermark");
    start(&processes[0]);
    pass(25); /* it is tried again in between */
    judge_without(partition, stopped);
}

static void a_command_of_a_later_release_stops_its_own_partition_only(void **state UNUSED)
{
    int partition = partition_of(task_numbered(0), PARTITIONS);
    const struct command command = {.command_id = uuid_random(),
                                    .task_id = task_numbered(0),
                                    .actor = "test",
                                    .kind = COMMAND_PAUSE_TASK};
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    SCOPED_BUF value = {0};
    struct bus_record record = {"commands", partition, {"k", 1}, {NULL, 0}};
    usec_t stopped;

    put_tasks();
    start(&processes[0]);
    pass(3);
    assert_int_equal(codec_encode(RECORD_COMMAND, &command, &value, NULL), RC_OK);
    value.data[4] = 99;
    record.value = buf_bytes(&value);
    assert_int_equal(bus_producer_new(reader_bus, &p, NULL), RC_OK);
    for (int n = 0; n < PARTITIONS; n++)
        send_garbage("commands", n, "k");
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
    stopped = real;
    pass(25);
    judge_without(partition, stopped);
}

static void a_position_that_is_lost_stops_its_own_partition_only(void **state UNUSED)
{
    static const char *const topics_lost[] = {"commands", "status"};
    int partition = partition_of(task_numbered(0), PARTITIONS);

    for (size_t i = 0; i < ARRAY_LEN(topics_lost); i++) {
        usec_t stopped;

        (void)end(state);
        reader = NULL;
        (void)begin_with_reader(state);
        put_tasks();
        start(&processes[0]);
        pass(3);
        crash(&processes[0]);
        stopped = real;
        for (int n = 0; n < 3; n++)
            send_garbage(topics_lost[i], partition, "x");
        memlog_trim(memory, topics_lost[i], partition, INT64_C(1000));
        start(&processes[0]);
        pass(25);
        judge_without(partition, stopped);
    }
}

/* As a stock client makes one, by subscribing to it, where the broker allows it: with one partition. */
static void goes_on_beside_a_queue_of_another_shape(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    memlog_add_topic(memory, "executions.odd", 1);
    for (int n = TASKS; n < 2 * TASKS; n++)
        put_task_on("odd", n);
    pass(3);
    crash(&processes[0]);
    start(&processes[0]);
    pass(3);
    (void)judge(real);
}

static int count_skipped(void)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    SCOPED(arena) struct arena *scratch = arena_new(0);
    struct bus_event e;
    int count = 0;

    assert_int_equal(bus_consumer_new(reader_bus, &config, &c, NULL), RC_OK);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(bus_assign_add(c, (struct bus_position){"status", p, BUS_BEGINNING}, NULL),
                         RC_OK);
    for (bus_poll(c, 0, &e); e.kind != BUS_NOTHING; bus_poll(c, 0, &e)) {
        const struct execution_status *status;
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE)
            continue;
        assert_int_equal(codec_decode(e.value, scratch, &kind, &record, NULL), RC_OK);
        status = record;
        count += status->status == STATUS_SKIPPED && status->reason == REASON_NO_QUEUE;
    }
    return count;
}

static void skips_what_a_vanished_queue_was_to_get_and_goes_on(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    bus_consumer_free(TAKE(reader));
    memlog_delete_topic(memory, "executions.q");
    pass(4);
    assert_in_range(count_skipped(), 3 * TASKS, 4 * TASKS);
}

static void skips_what_a_queue_made_anew_in_another_shape_was_to_get(void **state UNUSED)
{
    put_tasks();
    start(&processes[0]);
    pass(3);
    bus_consumer_free(TAKE(reader));
    memlog_delete_topic(memory, "executions.q");
    memlog_add_topic(memory, "executions.q", 1);
    pass(4);
    assert_in_range(count_skipped(), 3 * TASKS, 4 * TASKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fires_every_second, begin_with_reader, end),
        cmocka_unit_test_setup_teardown(fires_once_whatever_call_it_dies_in, begin_with_reader,
                                        end),
        cmocka_unit_test_setup_teardown(plans_again_whatever_call_is_to_be_aborted,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(another_ends_what_a_dead_one_left_open, begin_with_reader,
                                        end),
        cmocka_unit_test_setup_teardown(a_frozen_one_that_goes_on_writes_nothing_twice,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(waits_for_markers_before_it_trusts_the_state,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(a_partition_that_cannot_be_written_stops_only_itself,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(a_start_beside_a_partition_that_cannot_be_written,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(fires_beside_the_open_transactions_of_others,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(fires_nothing_while_its_clock_is_wrong, begin_with_reader,
                                        end),
        cmocka_unit_test_setup_teardown(never_fires_early_whenever_its_clock_jumps,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(never_fires_early_whenever_its_clock_is_mended,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(goes_on_whatever_others_send, begin_with_reader, end),
        cmocka_unit_test_setup_teardown(goes_on_behind_batches_that_nobody_can_unpack,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(a_stray_record_in_the_state_stops_nothing,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(
            a_watermark_that_cannot_be_read_stops_its_own_partition_only, begin_with_reader, end),
        cmocka_unit_test_setup_teardown(a_command_of_a_later_release_stops_its_own_partition_only,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(a_position_that_is_lost_stops_its_own_partition_only,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(goes_on_beside_a_queue_of_another_shape, begin_with_reader,
                                        end),
        cmocka_unit_test_setup_teardown(skips_what_a_vanished_queue_was_to_get_and_goes_on,
                                        begin_with_reader, end),
        cmocka_unit_test_setup_teardown(skips_what_a_queue_made_anew_in_another_shape_was_to_get,
                                        begin_with_reader, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
