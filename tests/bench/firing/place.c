#include "place.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "bus/topics.h"
#include "codec/codec.h"
#include "scheduler/scheduler.h"
#include "scheduler/state.h"

enum { SESSION_MS = 10000, TRANSACTION_LIMIT_MS = 40000, FLUSH_MS = 120000, LOG_MAX = 1 << 20 };

/* --- topics --- */

static void make_topics(struct place *p)
{
    static const char *const queues[] = {"bench"};
    const struct topics_wanted wanted = {
        .prefix = p->prefix, .partitions = PLACE_PARTITIONS, .queues = queues, .queue_count = 1};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct topics_plan plan;

    MUST(topics_plan(p->admin, &wanted, memory, &plan, &test_error));
    MUST(topics_apply(p->admin, &plan, &test_error));
    WAIT_FOR(topics_check(p->admin, p->prefix, PLACE_PARTITIONS, NULL) == RC_OK);
}

void place_begin(struct place *p)
{
    static int number;

    *p = (struct place){0};
    (void)snprintf(p->prefix, sizeof p->prefix, "%sb%d.", broker_prefix(), number++);
    p->queue_topic = xasprintf("%sexecutions.bench", p->prefix);
    p->bus = broker_bus("bench");
    MUST(bus_admin_new(p->bus, &p->admin, &test_error));
    make_topics(p);
    MUST(bus_producer_new(p->bus, &p->producer, &test_error));
}

void place_end(struct place *p)
{
    bus_producer_free(p->producer);
    bus_admin_free(p->admin);
    bus_free(p->bus);
    free(p->queue_topic);
}

/* --- records --- */

void place_send(struct place *p, const char *topic, int partition, const char *key,
                struct bytes value)
{
    SCOPED(text) char *name = xasprintf("%s%s", p->prefix, topic);
    const struct bus_record record = {
        .topic = name, .partition = partition, .key = bytes_of(key), .value = value};
    enum rc rc;

    while ((rc = bus_producer_send(p->producer, &record, NULL, NULL, &test_error)) == RC_RETRY)
        (void)bus_producer_serve(p->producer, 10);
    MUST(rc);
}

void place_write(struct place *p, const char *topic, int partition, const char *key,
                 enum record_kind kind, const void *record)
{
    static struct buf frame;

    buf_reset(&frame);
    MUST(codec_encode(kind, record, &frame, &test_error));
    place_send(p, topic, partition, key, buf_bytes(&frame));
}

void place_flush(struct place *p)
{
    MUST(bus_producer_flush(p->producer, FLUSH_MS, &test_error));
}

void place_add_task(struct place *p, const struct task_spec *spec, usec_t since)
{
    struct uuid id = task_id_of(spec->project, spec->key);
    const struct task_state_record state = {.task_id = id,
                                            .revision = 1,
                                            .state = TASK_ACTIVE,
                                            .effective_at = since,
                                            .floor = since,
                                            .spec = *spec,
                                            .spec_since = 1};
    char key[STATE_KEY_TEXT];

    place_write(p, "state", partition_of(id, PLACE_PARTITIONS),
                state_key_format(STATE_TASK, id, key), RECORD_TASK_STATE, &state);
}

void place_settle(struct place *p, usec_t since)
{
    const struct watermark w = {.due = since, .tzdata = "bench", .writer = "bench-0"};
    char key[STATE_KEY_TEXT];

    for (int n = 0; n < PLACE_PARTITIONS; n++)
        place_write(p, "state", n, state_key_format(STATE_WATERMARK, UUID_NIL, key),
                    RECORD_WATERMARK, &w);
    place_flush(p);
}

/* --- schedulers --- */

struct instance place_start(const struct place *p, const char *name)
{
    char file[] = "/tmp/cronobs-bench-XXXXXX";
    struct instance i = {.name = name, .log = mkstemp(file)};

    assert_true(i.log >= 0);
    (void)unlink(file);
    i.pid = fork();
    if (i.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(i.log, STDERR_FILENO);
        (void)execl("/proc/self/exe", "scheduler", "--scheduler", p->prefix, name, (char *)NULL);
        _exit(127);
    }
    assert_true(i.pid > 0);
    return i;
}

static bool has_said(const struct instance *i, const char *words)
{
    SCOPED(text) char *text = xcalloc(1, LOG_MAX + 1);

    return pread(i->log, text, LOG_MAX, 0) > 0 && strstr(text, words) != NULL;
}

double instance_wait(const struct instance *i, const char *words, double limit)
{
    usec_t began = clock_monotonic();
    double passed = 0;

    while (!has_said(i, words)) {
        passed = (double)(clock_monotonic() - began) / USEC_PER_SEC;
        if (passed > limit) {
            print_error("%s has not said \"%s\" in %.0f s\n", i->name, words, limit);
            exit(1);
        }
        (void)usleep(2000);
    }
    return passed;
}

double instance_resident(const struct instance *i)
{
    char path[64];
    long pages = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)i->pid);
    f = fopen(path, "r");
    assert_true(f != NULL && fscanf(f, "%*s %ld", &pages) == 1);
    (void)fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

double instance_cpu(const struct instance *i)
{
    char path[64];
    long user = 0, system = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)i->pid);
    f = fopen(path, "r");
    assert_true(f != NULL &&
                fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
                       &system) == 2);
    (void)fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void instance_kill(struct instance *i, int signal)
{
    assert_int_equal(kill(i->pid, signal), 0);
    assert_int_equal(waitpid(i->pid, NULL, 0), i->pid);
    (void)close(i->log);
    i->pid = 0;
}

static volatile sig_atomic_t stop;

static void on_terminate(int signal UNUSED)
{
    stop = 1;
}

int place_child(int argc, char **argv)
{
    struct scheduler_config config = {.brokers = broker_address(),
                                      .state_dir = "/tmp/cronobs-bench-state",
                                      .partitions = PLACE_PARTITIONS,
                                      .session_timeout_ms = SESSION_MS,
                                      .transaction_timeout_ms = TRANSACTION_LIMIT_MS,
                                      .cancel_grace_ms = 30000};
    const struct sigaction action = {.sa_handler = on_terminate};
    struct error err = {0};
    enum rc rc;

    if (argc != 4 || strcmp(argv[1], "--scheduler") != 0)
        return -1;
    config.topic_prefix = argv[2];
    config.instance = argv[3];
    log_setup(argv[3], LOG_INFO);
    (void)sigaction(SIGTERM, &action, NULL);
    rc = scheduler_run(&config, &stop, &err);
    if (rc != RC_OK)
        log_error("scheduler ended", "rc=%s why=\"%s\"", rc_name(rc), err.text);
    return rc_exit_code(rc);
}
