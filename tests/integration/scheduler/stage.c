#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "support/broker.h"

struct said { /* one record of the log */
    enum record_kind kind;
    const void *record;
    int partition;
    int64_t offset;
    usec_t at;
};

struct fleet stage;
static struct child owner;
static struct bus_consumer *reader;
static struct arena *memory;
static struct said *log_of_all;
static size_t count, capacity;

static void read_topic(const char *name)
{
    SCOPED(text) char *topic = xasprintf("%s%s", stage.prefix, name);

    for (int p = 0; p < stage.partitions; p++)
        MUST(bus_assign_add(reader, (struct bus_position){topic, p, BUS_BEGINNING}, &test_error));
}

struct child stage_start_another(const char *suffix)
{
    char name[32]; /* other programs run beside this one */

    (void)snprintf(name, sizeof name, "stage-%d%s", (int)getpid(), suffix);
    return fleet_start(&stage, name);
}

void stage_start(void)
{
    owner = stage_start_another("");
}

void stage_kill(void)
{
    child_kill(&owner);
}

int stage_begin(void **state UNUSED)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};

    fleet_begin(&stage, STAGE_PARTITIONS);
    memory = arena_new(0);
    MUST(bus_consumer_new(stage.bus, &config, &reader, &test_error));
    read_topic("executions.default");
    read_topic("status");
    read_topic("tasks");
    stage_start();
    return 0;
}

int stage_end(void **state UNUSED)
{
    stage_kill();
    bus_consumer_free(reader);
    fleet_end(&stage);
    free(log_of_all);
    arena_free(memory);
    return 0;
}

/* --- what the log says --- */

static void keep(const struct bus_event *e)
{
    struct said said = {.partition = e->partition, .offset = e->offset, .at = e->timestamp};

    if (codec_decode(e->value, memory, &said.kind, &said.record, NULL) != RC_OK)
        return;
    log_of_all = array_grow(log_of_all, count, &capacity, sizeof *log_of_all);
    log_of_all[count++] = said;
}

/* Answers whether there was anything. */
static bool read_on(int timeout_ms)
{
    size_t before = count;
    struct bus_event e;

    for (bus_poll(reader, timeout_ms, &e); e.kind != BUS_NOTHING; bus_poll(reader, 0, &e))
        if (e.kind == BUS_MESSAGE)
            keep(&e);
    return count > before;
}

void stage_pass_until(usec_t instant)
{
    WAIT_FOR((read_on(10), clock_realtime() >= instant));
}

/* The n-th record of that kind; NULL: there is none. */
typedef bool (*wanted_fn)(const void *record, const void *by);

static const struct said *look(enum record_kind kind, wanted_fn is_wanted, const void *by, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (log_of_all[i].kind == kind && is_wanted(log_of_all[i].record, by) && n-- == 0)
            return &log_of_all[i];
    return NULL;
}

/* What is not there may come within a moment. */
static const struct said *find(enum record_kind kind, wanted_fn is_wanted, const void *by, size_t n)
{
    const struct said *found;

    (void)read_on(0);
    found = look(kind, is_wanted, by, n);
    return found == NULL && read_on(10) ? look(kind, is_wanted, by, n) : found;
}

static bool is_of_task(const void *record, const void *by)
{
    return uuid_equal(((const struct execution_created *)record)->task_id,
                      *(const struct uuid *)by);
}

const struct execution_created *stage_sent(const char *key, size_t n)
{
    struct uuid task = task_id_of("default", key);
    const struct said *found = find(RECORD_EXECUTION_CREATED, is_of_task, &task, n);

    return found == NULL ? NULL : found->record;
}

size_t stage_sent_count(const char *key)
{
    size_t n = 0;

    while (stage_sent(key, n) != NULL)
        n++;
    return n;
}

static bool is_the_one(const void *record, const void *by)
{
    return record == by;
}

usec_t stage_sent_at(const struct execution_created *x)
{
    const struct said *found = find(RECORD_EXECUTION_CREATED, is_the_one, x, 0);

    return found == NULL ? 0 : found->at;
}

struct word {
    struct uuid task;
    enum status status;
};

static bool is_word(const void *record, const void *by)
{
    const struct execution_status *s = record;
    const struct word *word = by;

    return s->worker == NULL && s->status == word->status && uuid_equal(s->task_id, word->task);
}

const struct execution_status *stage_said(const char *key, enum status status, size_t n)
{
    const struct word word = {task_id_of("default", key), status};
    const struct said *found = find(RECORD_EXECUTION_STATUS, is_word, &word, n);

    return found == NULL ? NULL : found->record;
}

static bool is_outcome_of(const void *record, const void *by)
{
    return uuid_equal(((const struct command_outcome *)record)->command_id,
                      *(const struct uuid *)by);
}

const struct command_outcome *stage_outcome(struct uuid command)
{
    const struct said *found = find(RECORD_COMMAND_OUTCOME, is_outcome_of, &command, 0);

    return found == NULL ? NULL : found->record;
}

static bool is_revision_of(const void *record, const void *by)
{
    return uuid_equal(((const struct task_revision *)record)->task_id, *(const struct uuid *)by);
}

const struct task_revision *stage_revision(const char *key)
{
    struct uuid task = task_id_of("default", key);
    const struct task_revision *newest = NULL;
    const struct said *found;

    for (size_t n = 0; (found = find(RECORD_TASK_REVISION, is_revision_of, &task, n)) != NULL; n++)
        newest = found->record;
    return newest;
}

static bool is_about(const void *record, const void *by)
{
    return uuid_equal(((const struct execution_status *)record)->execution_id,
                      *(const struct uuid *)by);
}

struct life stage_life(struct uuid execution, const struct execution_created *x)
{
    struct life_rules rules = {0};
    struct life life = {0};
    const struct said *s;
    bool is_born = x != NULL;

    if (x != NULL)
        rules = lifecycle_rules(x->retry, x->max_attempts, x->finish_by);
    for (size_t n = 0; (s = find(RECORD_EXECUTION_STATUS, is_about, &execution, n)) != NULL; n++) {
        struct lifecycle_event event = {.report = s->record, .at = s->at, .rules = &rules};

        if (x != NULL && s->offset < x->status_from)
            continue;
        event.begins_waiting = x == NULL ? !is_born && lifecycle_is_birth(s->record)
                                         : x->waited && s->offset == x->status_from;
        is_born = is_born || event.begins_waiting;
        if (is_born)
            (void)lifecycle_apply(&life, &event);
    }
    return life;
}

bool stage_is(const struct execution_created *x, enum status status)
{
    return stage_life(x->execution_id, x).status == status;
}

/* --- orders --- */

void stage_add_queue(const char *name)
{
    SCOPED(text) char *queue = xasprintf("executions.%s", name);
    SCOPED(text) char *topic = xasprintf("%s%s", stage.prefix, queue);
    SCOPED(arena) struct arena *answer = arena_new(0);
    struct bus_topic is;
    const struct bus_topic wanted = {.name = topic,
                                     .partitions = stage.partitions,
                                     .replication = 1,
                                     .cleanup_policy = "delete",
                                     .retention_ms = -1,
                                     .timestamp_type = "LogAppendTime",
                                     .min_insync = 1};

    WAIT_FOR(bus_topic_create(stage.admin, &wanted, &test_error) == RC_OK);
    WAIT_FOR(bus_topic_read(stage.admin, topic, answer, &is, &test_error) == RC_OK);
    for (int p = 0; p < stage.partitions; p++)
        bus_assign_remove(reader, topic, p);
    read_topic(queue);
}

struct task_spec stage_spec(const char *key)
{
    return (struct task_spec){.key = key,
                              .project = "default",
                              .queue = "default",
                              .max_concurrency = 1,
                              .retry = {.max_attempts = 1}};
}

void stage_put(struct task_spec spec)
{
    struct uuid id = fleet_order(&stage, (struct command){
                                             .task_id = task_id_of("default", spec.key),
                                             .kind = COMMAND_PUT_TASK,
                                             .body.put_task.spec = spec,
                                         });

    const struct command_outcome *o = NULL;

    WAIT_FOR((o = stage_outcome(id)) != NULL);
    if (o != NULL && o->result != OUTCOME_ACCEPTED)
        fail_msg("%s", o->message);
}

struct uuid stage_order(const char *key, enum command_kind kind)
{
    return fleet_order(&stage,
                       (struct command){.task_id = task_id_of("default", key), .kind = kind});
}

struct uuid stage_cancel(const struct execution_created *x)
{
    return fleet_order(&stage,
                       (struct command){.task_id = x->task_id,
                                        .kind = COMMAND_CANCEL_EXECUTION,
                                        .body.cancel_execution.execution_id = x->execution_id});
}

const struct execution_created *stage_run(const char *key)
{
    size_t before = stage_sent_count(key);

    (void)stage_order(key, COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_sent(key, before) != NULL);
    return stage_sent(key, before);
}

/* --- reports --- */

static struct worker_ref worker(int n)
{
    static const char *const names[] = {"first", "second", "third"};

    return (struct worker_ref){names[n], uuid_named(CRONOBS_NAMESPACE, names[n])};
}

void stage_report(const struct execution_created *x, enum status status, int n)
{
    const struct worker_ref by = worker(n);
    const struct execution_status said = {.event_id = uuid_random(),
                                          .execution_id = x->execution_id,
                                          .task_id = x->task_id,
                                          .attempt = x->attempt,
                                          .status = status,
                                          .worker = &by};

    fleet_send(&stage, "status", x->status_partition, x->task_id, RECORD_EXECUTION_STATUS, &said);
}

void stage_sign(const struct execution_created *x, int n)
{
    const struct heartbeat sign = {.execution_id = x->execution_id,
                                   .task_id = x->task_id,
                                   .attempt = x->attempt,
                                   .worker = worker(n)};

    fleet_send(&stage, "heartbeats", x->status_partition, x->task_id, RECORD_HEARTBEAT, &sign);
}

/* --- others --- */

struct hung stage_hang(const char *topic, const char *key)
{
    const struct bus_config patient = {
        .brokers = broker_address(), .instance = topic, .transaction_timeout_ms = 60000};
    SCOPED(text) char *name = xasprintf("%s%s", stage.prefix, topic);
    const char *const topics[] = {name};
    const struct bus_record record = {
        .topic = name,
        .partition = partition_of(task_id_of("default", key), stage.partitions),
        .key = bytes_of("k"),
        .value = bytes_of("v")};
    struct hung h = {0};

    MUST(bus_kafka_new(&patient, &h.bus, &test_error));
    MUST(bus_txn_new(h.bus, topics, 1, 20000, &h.txn, &test_error));
    MUST(bus_txn_begin(h.txn, &test_error));
    MUST(bus_txn_produce(h.txn, &record, &test_error));
    MUST(bus_txn_flush(h.txn, 10000, &test_error));
    return h;
}

void stage_unhang(const struct hung *h)
{
    MUST(bus_txn_abort(h->txn, &test_error));
    bus_txn_free(h->txn);
    bus_free(h->bus);
}
