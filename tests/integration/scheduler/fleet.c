#include "fleet.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "bus/topics.h"
#include "codec/codec.h"
#include "scheduler/scheduler.h"
#include "support/broker.h"

enum { SESSION_MS = 6000, CHILD_TRANSACTION_MS = 60000 };

/* --- begin and end --- */

static void make_topics(struct fleet *i)
{
    static const char *const queues[] = {"default"};
    const struct topics_wanted wanted = {.prefix = i->prefix,
                                         .partitions = i->partitions,
                                         .state_segment_ms = 1000,
                                         .queues = queues,
                                         .queue_count = 1};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_admin *admin = i->admin;
    struct topics_plan plan;

    MUST(topics_plan(admin, &wanted, memory, &plan, &test_error));
    MUST(topics_apply(admin, &plan, &test_error));
    WAIT_FOR(topics_check(admin, i->prefix, i->partitions, NULL) == RC_OK);
}

static void open_reader(struct fleet *i)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(text) char *topic = xasprintf("%sexecutions.default", i->prefix);

    MUST(bus_consumer_new(i->bus, &config, &i->reader, &test_error));
    for (int p = 0; p < i->partitions; p++)
        MUST(
            bus_assign_add(i->reader, (struct bus_position){topic, p, BUS_BEGINNING}, &test_error));
}

void fleet_begin(struct fleet *i, int partitions)
{
    static int number;

    *i = (struct fleet){.partitions = partitions};
    (void)snprintf(i->prefix, sizeof i->prefix, "%ss%d.", broker_prefix(), number++);
    i->bus = broker_bus("test");
    MUST(bus_admin_new(i->bus, &i->admin, &test_error));
    make_topics(i);
    MUST(bus_producer_new(i->bus, &i->producer, &test_error));
    open_reader(i);
}

void fleet_end(struct fleet *i)
{
    bus_consumer_free(i->reader);
    bus_producer_free(i->producer);
    bus_admin_free(i->admin);
    bus_free(i->bus);
    free(i->firings);
}

/* --- tasks --- */

void fleet_send(struct fleet *i, const char *topic, int partition, struct uuid key,
                enum record_kind kind, const void *what)
{
    SCOPED(text) char *name = xasprintf("%s%s", i->prefix, topic);
    SCOPED_BUF value = {0};
    char id[UUID_TEXT];
    struct bus_record record = {
        .topic = name, .partition = partition, .key = bytes_of(uuid_to_text(key, id))};

    MUST(codec_encode(kind, what, &value, &test_error));
    record.value = buf_bytes(&value);
    MUST(bus_producer_send(i->producer, &record, NULL, NULL, &test_error));
    MUST(bus_producer_flush(i->producer, 10000, &test_error));
}

struct uuid fleet_order(struct fleet *i, struct command command)
{
    command.command_id = uuid_random();
    command.actor = "test";
    fleet_send(i, "commands", partition_of(command.task_id, i->partitions), command.task_id,
               RECORD_COMMAND, &command);
    return command.command_id;
}

void fleet_put(struct fleet *i, const char *key, const char *expression)
{
    struct schedule_spec schedule = {.expression = expression, .zone = "UTC"};

    (void)fleet_order(i, (struct command){
                             .task_id = task_id_of("default", key),
                             .kind = COMMAND_PUT_TASK,
                             .body.put_task.spec = {.key = key,
                                                    .project = "default",
                                                    .queue = "default",
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

/* --- processes --- */

struct child fleet_start(const struct fleet *i, const char *name)
{
    char partitions[16];
    struct child c = {0};

    (void)snprintf(partitions, sizeof partitions, "%d", i->partitions);
    c.pid = fork();
    if (c.pid == 0) {
        (void)execl("/proc/self/exe", "scheduler", "--scheduler", i->prefix, name, partitions,
                    (char *)NULL);
        _exit(127);
    }
    assert_true(c.pid > 0);
    return c;
}

void child_signal(const struct child *c, int signal)
{
    assert_int_equal(kill(c->pid, signal), 0);
}

int child_wait(struct child *c)
{
    int status = 0;

    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    c->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child_kill(struct child *c)
{
    child_signal(c, SIGKILL);
    (void)child_wait(c);
}

size_t fleet_members(const struct fleet *i)
{
    SCOPED(text) char *group = xasprintf("%s", i->prefix);
    SCOPED(text) char *name = NULL;
    struct bus_answer answer = {0};

    group[strlen(group) - 1] = '\0';
    name = xasprintf("%s-scheduler", group);
    bus_ask_members(i->admin, name, NULL);
    WAIT_FOR(bus_admin_poll(i->admin, 100, &answer));
    return answer.member_count;
}

static volatile sig_atomic_t stop;

static void on_terminate(int signal UNUSED)
{
    stop = 1;
}

int fleet_child(int argc, char **argv)
{
    struct scheduler_config config = {.brokers = broker_address(),
                                      .session_timeout_ms = SESSION_MS,
                                      .transaction_timeout_ms = CHILD_TRANSACTION_MS,
                                      .cancel_grace_ms = FLEET_GRACE_MS};
    const struct sigaction action = {.sa_handler = on_terminate};
    const char *run = getenv("CRONOBS_TEST_RUN");
    SCOPED(text) char *state = NULL;
    struct error err = {0};
    enum rc rc;

    if (argc != 5 || strcmp(argv[1], "--scheduler") != 0)
        return -1;
    /* each fleet's own: others, of other checkouts too, have processes of the same names */
    state = xasprintf("%s/fleet/%s", run == NULL ? "/tmp" : run, argv[2]);
    config.state_dir = state;
    config.topic_prefix = argv[2];
    config.instance = argv[3];
    config.partitions = (int)strtol(argv[4], NULL, 10);
    log_setup(argv[3], LOG_INFO);
    (void)sigaction(SIGTERM, &action, NULL);
    rc = scheduler_run(&config, &stop, &err);
    if (rc != RC_OK)
        log_error("scheduler ended", "rc=%s why=\"%s\" hint=\"%s\"", rc_name(rc), err.text,
                  err.hint);
    return rc_exit_code(rc);
}

/* --- what fired --- */

static void keep(struct fleet *i, const struct bus_event *e)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_created *created;
    enum record_kind kind;
    const void *record;

    MUST(codec_decode(e->value, memory, &kind, &record, &test_error));
    assert_int_equal(kind, RECORD_EXECUTION_CREATED);
    created = record;
    i->firings = array_grow(i->firings, i->count, &i->capacity, sizeof *i->firings);
    i->firings[i->count++] = (struct firing){.task_id = created->task_id,
                                             .scheduled_at = created->scheduled_at,
                                             .due_at = created->due_at,
                                             .appended_at = e->timestamp};
}

void fleet_read(struct fleet *i)
{
    struct bus_event e;

    for (;;) {
        bus_poll(i->reader, 50, &e);
        if (e.kind == BUS_NOTHING)
            return;
        if (e.kind == BUS_MESSAGE)
            keep(i, &e);
    }
}

static bool is_first_since(const struct fleet *i, size_t at, usec_t from)
{
    for (size_t n = 0; n < at; n++)
        if (i->firings[n].due_at >= from &&
            uuid_equal(i->firings[n].task_id, i->firings[at].task_id))
            return false;
    return i->firings[at].due_at >= from;
}

int fleet_fired_since(const struct fleet *i, usec_t from)
{
    int count = 0;

    for (size_t n = 0; n < i->count; n++)
        count += is_first_since(i, n, from);
    return count;
}

int fleet_faults(const struct fleet *i, const char *key)
{
    struct uuid id = task_id_of("default", key);
    usec_t expected = 0;
    int faults = 0;

    for (size_t n = 0; n < i->count; n++) {
        const struct firing *f = &i->firings[n];

        if (!uuid_equal(f->task_id, id))
            continue;
        if (expected != 0 && f->scheduled_at != expected) {
            print_error("%s: at %lld fired, expected %lld\n", key, (long long)f->scheduled_at,
                        (long long)expected);
            faults++;
        }
        if (f->appended_at + USEC_PER_MS <= f->due_at) {
            print_error("%s: at %lld fired early, at %lld\n", key, (long long)f->scheduled_at,
                        (long long)f->appended_at);
            faults++;
        }
        expected = f->scheduled_at + USEC_PER_SEC;
    }
    return faults;
}

usec_t fleet_latest(const struct fleet *i, usec_t from)
{
    usec_t latest = 0;

    for (size_t n = 0; n < i->count; n++)
        if (i->firings[n].due_at >= from)
            latest = MAX(latest, i->firings[n].appended_at - i->firings[n].due_at);
    return latest;
}
