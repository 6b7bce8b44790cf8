#include "shell.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "codec/codec.h"
#include "scheduler/clock_guard.h"

struct shell shell;

static void read_clock(struct moment *ret)
{
    shell.real += shell.reading_takes;
    shell.mono += shell.reading_takes;
    if (shell.jump_in > 0 && --shell.jump_in == 0) {
        shell.real += shell.jump_by;
        shell.broker_ahead -= shell.jump_by;
    }
    *ret = (struct moment){.real = shell.real, .mono = shell.mono};
}

static const char *const topics[] = {"commands",   "tasks", "executions.q", "status",
                                     "heartbeats", "logs",  "state"};

static void make_topics(void)
{
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        memlog_add_topic(shell.memory, topics[i], PARTITIONS);
    memlog_add_topic(shell.memory, "control", 1);
}

static void mend_policies(void)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_topic compact = {.name = "state",
                                      .cleanup_policy = "compact",
                                      .timestamp_type = "LogAppendTime",
                                      .retention_ms = -1,
                                      .min_insync = 1};

    assert_int_equal(bus_admin_new(shell.reader_bus, &admin, NULL), RC_OK);
    assert_int_equal(bus_topic_alter(admin, &compact, NULL), RC_OK);
}

int shell_begin(void **state UNUSED)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};

    log_setup("shell", LOG_ERROR);
    shell = (struct shell){.memory = memlog_new(),
                           .real = INT64_C(1800000000) * USEC_PER_SEC + 500 * USEC_PER_MS,
                           .mono = 1000 * USEC_PER_SEC,
                           .processes = {{.name = "s-1"}, {.name = "s-2"}}};
    memlog_set_time(shell.memory, shell.real);
    make_topics();
    for (int i = 0; i < 2; i++)
        shell.processes[i].bus =
            memlog_bus(shell.memory, shell.processes[i].name, SESSION_MS, TRANSACTION_MS);
    shell.reader_bus = memlog_bus(shell.memory, "reader", SESSION_MS, TRANSACTION_MS);
    mend_policies();
    assert_int_equal(bus_consumer_new(shell.reader_bus, &config, &shell.reader, NULL), RC_OK);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(bus_assign_add(shell.reader,
                                        (struct bus_position){"executions.q", p, BUS_BEGINNING},
                                        NULL),
                         RC_OK);
    return 0;
}

int shell_end(void **state UNUSED)
{
    for (int i = 0; i < 2; i++) {
        scheduler_free(shell.processes[i].scheduler);
        bus_free(shell.processes[i].bus);
    }
    bus_consumer_free(shell.reader);
    bus_free(shell.reader_bus);
    memlog_free(shell.memory);
    return 0;
}

void shell_start(struct process *p)
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

void shell_crash(struct process *p)
{
    scheduler_free(p->scheduler);
    p->scheduler = NULL;
}

void shell_send(const char *topic, int partition, struct uuid key, enum record_kind kind,
                const void *what)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    SCOPED_BUF value = {0};
    char id[UUID_TEXT];
    struct bus_record record = {
        .topic = topic, .partition = partition, .key = bytes_of(uuid_to_text(key, id))};

    assert_int_equal(codec_encode(kind, what, &value, NULL), RC_OK);
    record.value = buf_bytes(&value);
    assert_int_equal(bus_producer_new(shell.reader_bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

struct uuid shell_task(int n)
{
    char key[16];

    (void)snprintf(key, sizeof key, "t%d", n);
    return task_id_of("default", key);
}

void shell_order(int n, struct command command)
{
    command.command_id = uuid_random();
    command.task_id = shell_task(n);
    command.actor = "test";
    shell_send("commands", partition_of(command.task_id, PARTITIONS), command.task_id,
               RECORD_COMMAND, &command);
}

void shell_put(const char *queue, int n, const char *expression, struct bytes payload)
{
    struct schedule_spec schedule = {.expression = expression, .zone = "UTC"};
    char key[16];

    (void)snprintf(key, sizeof key, "t%d", n);
    shell_order(n, (struct command){
                       .kind = COMMAND_PUT_TASK,
                       .body.put_task.spec = {.key = key,
                                              .project = "default",
                                              .queue = queue,
                                              .payload = payload,
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

void shell_put_task(const char *queue, int n)
{
    shell_put(queue, n, "@every 1s", (struct bytes){NULL, 0});
}

void shell_put_tasks(void)
{
    for (int n = 0; n < TASKS; n++)
        shell_put_task("q", n);
}

static void read_fired(void)
{
    struct bus_event e;

    if (shell.reader == NULL)
        return;
    for (bus_poll(shell.reader, 0, &e); e.kind != BUS_NOTHING; bus_poll(shell.reader, 0, &e)) {
        SCOPED(arena) struct arena *scratch = arena_new(0);
        const struct execution_created *created;
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE)
            continue;
        assert_int_equal(codec_decode(e.value, scratch, &kind, &record, NULL), RC_OK);
        created = record;
        assert_true(shell.fired_count < FIRED_MAX);
        shell.fired[shell.fired_count++] =
            (struct fired){created->task_id,      created->scheduled_at,        shell.real,
                           created->execution_id, created->parent_execution_id, created->attempt};
    }
}

void shell_pass(double seconds)
{
    for (usec_t until = shell.mono + (usec_t)(seconds * 1000000.0); shell.mono < until;) {
        shell.real += 10 * USEC_PER_MS;
        shell.mono += 10 * USEC_PER_MS;
        memlog_set_time(shell.memory, shell.real + shell.broker_ahead);
        for (int i = 0; i < 2; i++) {
            struct process *p = &shell.processes[i];

            if (p->scheduler == NULL || p->is_frozen)
                continue;
            if (scheduler_step(p->scheduler, 0, NULL) != RC_OK) {
                shell_crash(p);
                shell_start(p);
            }
        }
        read_fired();
    }
}

size_t shell_judge(usec_t until)
{
    for (int n = 0; n < TASKS; n++) {
        struct uuid id = shell_task(n);
        usec_t last = 0;

        for (size_t i = 0; i < shell.fired_count; i++) {
            if (!uuid_equal(shell.fired[i].task_id, id))
                continue;
            assert_true(last == 0 || shell.fired[i].scheduled_at == last + USEC_PER_SEC);
            assert_true(shell.fired[i].at >= shell.fired[i].scheduled_at);
            last = shell.fired[i].scheduled_at;
        }
        assert_true(last >= until - USEC_PER_SEC);
    }
    return shell.fired_count;
}
