#include "support/random_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "support/broker.h"

#define START INT64_C(1763000000000000) /* 2025-11-13 */

enum { TASKS = 12, LINES = 4 };

struct maker {
    struct random_log *log;
    struct arena *memory;
    uint64_t state;
    usec_t now;
    int number; /* of the execution under way */
};

uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

int random_below(uint64_t *state, int limit)
{
    return (int)(random_next(state) >> 33) % limit;
}

static int below(struct maker *m, int limit)
{
    return random_below(&m->state, limit);
}

static bool one_in(struct maker *m, int n)
{
    return below(m, n) == 0;
}

static struct uuid id_of(struct maker *m, const char *kind, int number)
{
    return uuid_named(CRONOBS_NAMESPACE, arena_printf(m->memory, "%s/%d", kind, number));
}

/* What a clock or a number may be set to by a program that is broken, or lies. */
static int64_t instant_of(struct maker *m, int64_t honest)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1, 1, INT64_MAX - 1, INT64_MAX};

    return one_in(m, 12) ? extremes[below(m, ARRAY_LEN(extremes))] : honest;
}

/* --- messages --- */

static int64_t offset_of(const struct random_log *log, const char *topic, int partition)
{
    for (size_t i = log->count; i > 0; i--)
        if (log->items[i - 1].partition == partition && strcmp(log->items[i - 1].topic, topic) == 0)
            return log->items[i - 1].offset + 1;
    return 0;
}

static void add(struct maker *m, const char *topic, int partition, struct bytes value)
{
    struct random_log *log = m->log;
    int64_t offset = offset_of(log, topic, partition);

    m->now += 1000 * (1 + below(m, 200));
    log->items = array_grow(log->items, log->count, &log->capacity, sizeof *log->items);
    log->items[log->count++] = (struct message){
        .topic = topic,
        .partition = partition,
        .offset = offset + (one_in(m, 9) ? 2 : 0), /* transactions leave holes */
        .timestamp = m->now,
        .key = bytes_of("a key"),
        .value = value,
    };
}

static void say(struct maker *m, const char *topic, int partition, enum record_kind kind,
                const void *record)
{
    SCOPED_BUF frame = {0};

    MUST(codec_encode(kind, record, &frame, &test_error));
    add(m, topic, partition,
        (struct bytes){arena_memdup(m->memory, frame.data, frame.len), frame.len});
}

/* --- executions --- */

static struct execution_created created_of(struct maker *m, struct uuid task, usec_t scheduled_at)
{
    static struct pair labels[] = {{"team", "night shift"}};

    return (struct execution_created){
        .execution_id = execution_id_of(task, scheduled_at, "instant", ""),
        .task_id = task,
        .task_key = "a",
        .project = "default",
        .revision = 1 + below(m, 3),
        .attempt = 1,
        .max_attempts = 3,
        .trigger = TRIGGER_SCHEDULED,
        .scheduled_at = scheduled_at,
        .due_at = instant_of(m, scheduled_at),
        .start_by = one_in(m, 4) ? instant_of(m, scheduled_at) : 0,
        .nominal_local = scheduled_at + 3600 * USEC_PER_SEC,
        .zone = "Europe/Berlin",
        .tzdata = "2025b",
        .run_timeout_ms = one_in(m, 2) ? 60000 : 0,
        .payload = bytes_of("{}"),
        .content_type = "application/json",
        .labels = {labels, one_in(m, 2) ? 1 : 0},
    };
}

static void say_created(struct maker *m, struct execution_created *e, int partition)
{
    const char *queue = one_in(m, 4) ? "executions.slow" : "executions.default";

    if (one_in(m, 8))
        return; /* only statuses */
    if (one_in(m, 10)) {
        e->attempt = 2; /* before the first one */
        e->content_type = "second";
        say(m, queue, partition, RECORD_EXECUTION_CREATED, e);
        e->attempt = 1;
        e->content_type = "application/json";
    }
    say(m, queue, partition, RECORD_EXECUTION_CREATED, e);
    if (one_in(m, 10)) {
        e->attempt = 2;
        say(m, queue, partition, RECORD_EXECUTION_CREATED, e);
        e->attempt = 1;
    }
    if (one_in(m, 15)) { /* of another task, which nobody but the scheduler could say */
        struct execution_created other = *e;

        other.task_id = id_of(m, "task", below(m, TASKS));
        say(m, queue, partition_of(other.task_id, RANDOM_LOG_PARTITIONS), RECORD_EXECUTION_CREATED,
            &other);
    }
    if (one_in(m, 10)) /* again, maybe in the other queue */
        say(m, one_in(m, 2) ? "executions.slow" : "executions.default", partition,
            RECORD_EXECUTION_CREATED, e);
}

/* By whom: a worker, the scheduler, or somebody who is neither. */
static void sign(struct maker *m, struct execution_status *s)
{
    static const struct worker_ref workers[] = {{"w", {{1}}}, {"w", {{2}}}, {"", {{0}}}};
    int who = below(m, 5);

    if (who < 3)
        s->worker = &workers[below(m, ARRAY_LEN(workers))];
    else if (who == 3)
        s->event_id =
            event_id_of(s->execution_id, s->attempt, enum_name(&status_enum, (int)s->status));
}

/* The same bytes once more: at once, later, or in another partition. */
static void repeat_one(struct maker *m)
{
    const struct random_log *log = m->log;
    size_t back = one_in(m, 2) ? 1 : 1 + (size_t)below(m, 40);
    const struct message *again = &log->items[log->count - MIN(back, log->count)];
    int partition = again->partition + one_in(m, 4);

    add(m, again->topic, partition % RANDOM_LOG_PARTITIONS, again->value);
}

static void say_status(struct maker *m, const struct execution_created *e, enum status status,
                       int attempt)
{
    static const char *const messages[] = {NULL, "fine", "it was \xc3\xa4 mess"};
    struct execution_status s = {
        .event_id = id_of(m, "event", m->number / 2 * 100 + below(m, 60)), /* some come twice */
        .execution_id = e->execution_id,
        .task_id = one_in(m, 12) ? id_of(m, "task", below(m, TASKS)) : e->task_id,
        .attempt = attempt,
        .status = status,
        .if_unclaimed = one_in(m, 6),
        .reason = one_in(m, 2) ? REASON_EXIT_CODE : REASON_NONE,
        .occurred_at = instant_of(m, m->now),
        .message = messages[below(m, 3)],
        .exit_code = {one_in(m, 2), below(m, 3)},
        .next_attempt_at = one_in(m, 8) ? instant_of(m, m->now) : 0,
        .scheduled_at = one_in(m, 5) ? instant_of(m, e->scheduled_at) : 0,
        .trigger = one_in(m, 5) ? (enum trigger)below(m, TRIGGER_COUNT) : TRIGGER_UNKNOWN,
        .revision = one_in(m, 5) ? 7 : 0,
        .queue = one_in(m, 5) ? "status" : NULL,
    };
    int partition = partition_of(s.task_id, RANDOM_LOG_PARTITIONS);

    sign(m, &s);
    if (one_in(m, 40))
        partition = (partition + 1) % RANDOM_LOG_PARTITIONS; /* misplaced */
    say(m, "status", partition, RECORD_EXECUTION_STATUS, &s);
    if (one_in(m, 6))
        repeat_one(m);
}

static void say_statuses(struct maker *m, const struct execution_created *e)
{
    static const enum status usual[] = {STATUS_RUNNING,  STATUS_SUCCEEDED, STATUS_FAILED,
                                        STATUS_RETRYING, STATUS_RUNNING,   STATUS_SUCCEEDED};
    int attempt = 1;

    for (int i = 0; i < 6 && !one_in(m, 7); i++) {
        enum status status = one_in(m, 3) ? (enum status)below(m, STATUS_COUNT) : usual[i];

        attempt += status == STATUS_RETRYING;
        say_status(m, e, status, one_in(m, 10) ? 1 + below(m, 4) : attempt);
    }
}

static int place_of_logs(struct maker *m, struct uuid execution)
{
    return (partition_of(execution, RANDOM_LOG_PARTITIONS) + one_in(m, 15)) % RANDOM_LOG_PARTITIONS;
}

static void say_logs(struct maker *m, const struct execution_created *e)
{
    struct log_line lines[LINES];
    struct log_batch batch = {.execution_id = e->execution_id,
                              .task_id = e->task_id,
                              .attempt = 1 + one_in(m, 6),
                              .lines = lines};
    int64_t seq = 1;

    batch.writer = id_of(m, "writer", m->number * 10 + below(m, 2));
    for (int i = 0; i < LINES; i++)
        lines[i] = (struct log_line){m->now, (enum log_line_level)below(m, LINE_LEVEL_COUNT),
                                     (enum log_stream)below(m, STREAM_COUNT), "x\0y",
                                     1 + (size_t)below(m, 3)};
    for (int i = below(m, 5); i > 0; i--) {
        batch.first_seq = MAX(1, seq + below(m, 8) - 4);
        batch.line_count = 1 + (size_t)below(m, LINES);
        batch.task_id = one_in(m, 10) ? id_of(m, "task", below(m, TASKS)) : e->task_id;
        lines[0].at = instant_of(m, m->now);
        say(m, "logs", place_of_logs(m, e->execution_id), RECORD_LOG_BATCH, &batch);
        seq = MAX(seq, batch.first_seq + (int64_t)batch.line_count);
    }
}

static void make_execution(struct maker *m)
{
    struct uuid task = id_of(m, "task", below(m, TASKS));
    struct execution_created e = created_of(m, task, START + (usec_t)m->number * 7 * USEC_PER_MIN);
    int partition = partition_of(task, RANDOM_LOG_PARTITIONS);

    m->now = MAX(m->now, e.scheduled_at);
    for (int i = one_in(m, 4) ? 1 + below(m, 4) : 0; i > 0; i--) /* before it is made */
        say_status(m, &e, one_in(m, 2) ? STATUS_RUNNING : STATUS_SUCCEEDED, 1);
    e.status_from = offset_of(m->log, "status", partition);
    if (one_in(m, 8)) /* what only a liar would say */
        e.status_from += below(m, 8) - 6;
    say_created(m, &e, partition);
    say_statuses(m, &e);
    say_logs(m, &e);
    if (one_in(m, 3)) {
        const struct heartbeat beat = {.execution_id = e.execution_id,
                                       .task_id = task,
                                       .attempt = 1,
                                       .worker = {"w", task},
                                       .occurred_at = m->now};

        say(m, "heartbeats", partition, RECORD_HEARTBEAT, &beat);
    }
    if (one_in(m, 5)) /* a late word about an old one */
        say_status(m, &e, STATUS_SUCCEEDED, 1);
}

/* --- tasks --- */

static void make_revision(struct maker *m, int task, int revision)
{
    struct schedule_spec schedule = {"* * * * *", "UTC", 0, 0, 0};
    struct task_revision r = {
        .task_id = id_of(m, "task", task),
        .revision = one_in(m, 6) ? INT32_MAX - below(m, 2) : revision,
        .state = revision % 4 == 3 ? TASK_PAUSED : TASK_ACTIVE,
        .effective_at = instant_of(m, m->now),
        .command_id = id_of(m, "command", task * 10 + revision),
        .actor = "test",
        .spec = {.key = "a",
                 .project = "default",
                 .queue = "default",
                 .schedules = &schedule,
                 .schedule_count = 1,
                 .payload = bytes_of("")},
    };

    r.spec.title = arena_printf(m->memory, "revision %d", revision);
    say(m, "tasks",
        (partition_of(r.task_id, RANDOM_LOG_PARTITIONS) + one_in(m, 8)) % RANDOM_LOG_PARTITIONS,
        RECORD_TASK_REVISION, &r);
}

static void make_command(struct maker *m, int task, int revision)
{
    struct uuid id = id_of(m, "task", task);
    int partition = partition_of(id, RANDOM_LOG_PARTITIONS);
    struct command c = {
        .command_id = id_of(m, "command", task * 10 + revision),
        .task_id = id,
        .actor = "test",
        .expected_revision = {true, revision - 1},
        .kind = COMMAND_PAUSE_TASK,
        .body.pause_task.until = m->now,
    };
    struct command_outcome o = {.command_id = c.command_id,
                                .task_id = id,
                                .code = CODE_UPDATED,
                                .revision = revision,
                                .message = "done",
                                .skip_until = one_in(m, 2) ? instant_of(m, m->now) : 0};
    const struct schedule_gap gap = {.task_id = id,
                                     .revision = revision,
                                     .from = instant_of(m, START),
                                     .to = instant_of(m, m->now),
                                     .count = revision - one_in(m, 4),
                                     .reason = REASON_PAUSED};

    say(m, "commands", partition, RECORD_COMMAND, &c);
    if (one_in(m, 3)) /* sent again, elsewhere */
        say(m, "commands", (partition + 1) % RANDOM_LOG_PARTITIONS, RECORD_COMMAND, &c);
    say(m, "tasks", partition, RECORD_COMMAND_OUTCOME, &o);
    if (one_in(m, 4))
        say(m, "tasks", partition, RECORD_COMMAND_OUTCOME, &o);
    for (int i = below(m, 3); i > 0; i--)
        say(m, "tasks", (partition + one_in(m, 8)) % RANDOM_LOG_PARTITIONS, RECORD_SCHEDULE_GAP,
            &gap);
    if (one_in(m, 3)) { /* the same id for another task; and its outcome, found elsewhere */
        c.task_id = o.task_id = id_of(m, "task", below(m, TASKS));
        o.result = OUTCOME_REJECTED;
        partition = below(m, RANDOM_LOG_PARTITIONS);
        say(m, "commands", partition, RECORD_COMMAND, &c);
        say(m, "tasks", partition, RECORD_COMMAND_OUTCOME, &o);
    }
}

static void make_rubbish(struct maker *m)
{
    static const char *const topics[] = {"status", "logs", "commands", "executions.default",
                                         "tasks"};
    static const char *const texts[] = {"hello", "", "\0\0\0\0\5rest of nothing"};
    const struct heartbeat stray = {.execution_id = id_of(m, "task", 1),
                                    .task_id = id_of(m, "task", 1),
                                    .attempt = 1,
                                    .worker = {"w", UUID_NIL}};
    int text = below(m, 3);

    if (one_in(m, 3))
        say(m, topics[below(m, 5)], below(m, RANDOM_LOG_PARTITIONS), RECORD_HEARTBEAT, &stray);
    else
        add(m, topics[below(m, 5)], below(m, RANDOM_LOG_PARTITIONS),
            (struct bytes){texts[text], text == 2 ? 20 : strlen(texts[text])});
}

struct random_log random_log_make(uint64_t seed, int executions, struct arena *memory)
{
    struct random_log log = {NULL, 0, 0};
    struct maker m = {&log, memory, seed * 2654435761 + 1, START, 0};
    int revisions[TASKS] = {0};

    for (m.number = 0; m.number < executions; m.number++) {
        int task = below(&m, TASKS);

        make_execution(&m);
        if (one_in(&m, 8)) {
            make_revision(&m, task, ++revisions[task]);
            make_command(&m, task, revisions[task]);
        }
        if (one_in(&m, 25))
            make_rubbish(&m);
    }
    return log;
}

void random_log_clear(struct random_log *log)
{
    free(log->items);
    *log = (struct random_log){NULL, 0, 0};
}

/* Takes the next message of a random topic partition until none is left. */
void random_log_shuffle(struct random_log *log, uint64_t seed)
{
    struct message *mixed = xcalloc(log->count + 1, sizeof *mixed);
    bool *taken = xcalloc(log->count + 1, sizeof *taken);
    uint64_t state = seed * 2654435761 + 7;

    for (size_t n = 0; n < log->count; n++) {
        size_t at = (size_t)random_below(&state, (int)log->count), pick;

        while (taken[at])
            at = (at + 1) % log->count;
        for (pick = 0; taken[pick] || log->items[pick].partition != log->items[at].partition ||
                       strcmp(log->items[pick].topic, log->items[at].topic) != 0;)
            pick++;
        taken[pick] = true;
        mixed[n] = log->items[pick];
    }
    free(log->items);
    free(taken);
    log->items = mixed;
    log->capacity = log->count + 1;
}
