/*
 * B2, B3, B10, B11, B12 on a real broker, and what a backlog and an outage do to what is due.
 *
 * The scheduler is a process of its own, its tasks are written into `state` as it would have written them, and a reader in C sees
 * what it fires as a worker would. References of the same run: a bare transactional producer in chunks of 10,000 and a bare
 * producer, with records of the same bytes, before the same reader. Brokers and producers are warm before anything is measured.
 * What the reader costs is told beside each figure. Smaller: BENCH_DUE, BENCH_COMMANDS, BENCH_SECONDS;
 * one part of three: outage, seconds or volume as the argument.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rfc3339.h"
#include "codec/codec.h"
#include "firing/place.h"
#include "firing/reader.h"

enum {
    CHUNK = 10000, /* records of a transaction, as the scheduler's */
    EVERY_SECOND = 2000,
    EVERY_MINUTE = 3000,
    FEW = 20,
    WARM = 20000, /* records before any measurement */
    OUTAGE_S = 600,
    TEXT = 96,
    LIMIT_S = 600
};

struct numbers { /* of this run */
    size_t due, commands;
    int seconds;
};

static size_t from_environment(const char *name, size_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

static double now_s(void)
{
    return (double)clock_realtime() / USEC_PER_SEC;
}

static void sleep_until(double at)
{
    while (now_s() < at)
        (void)usleep(500);
}

/* --- tasks --- */

struct sample {
    char key[TEXT], title[TEXT], payload[TEXT];
    struct pair labels[2];
    struct schedule_spec schedule;
    struct task_spec spec;
};

static void make(struct sample *s, const char *kind, size_t n, const char *expression)
{
    (void)snprintf(s->key, TEXT, "%s-%07zu", kind, n);
    (void)snprintf(s->title, TEXT, "Settlement of merchant %zu", n);
    (void)snprintf(s->payload, TEXT, "{\"merchant\": %zu, \"currency\": \"EUR\"}", n);
    s->labels[0] = (struct pair){"merchant", s->key};
    s->labels[1] = (struct pair){"team", "payments"};
    s->schedule = (struct schedule_spec){.expression = expression, .zone = "UTC"};
    s->spec = (struct task_spec){.key = s->key,
                                 .project = "billing",
                                 .title = s->title,
                                 .labels = {s->labels, ARRAY_LEN(s->labels)},
                                 .queue = "bench",
                                 .payload = bytes_of(s->payload),
                                 .content_type = "application/json",
                                 .schedules = &s->schedule,
                                 .schedule_count = 1,
                                 .misfire = {MISFIRE_LAST, 60000, 86400000, 100},
                                 .max_concurrency = 1,
                                 .retry = {.max_attempts = 1}};
}

static void add_tasks(struct place *p, const char *kind, size_t count, const char *expression,
                      usec_t since)
{
    struct sample s;

    for (size_t n = 0; n < count; n++) {
        make(&s, kind, n, expression);
        place_add_task(p, &s.spec, since);
    }
}

/* --- references --- */

/* As one of the tasks above fires. */
static struct bytes firing_frame(struct buf *frame, usec_t due)
{
    struct sample s;
    struct execution_created x;

    make(&s, "due", 1234567, "@every 1s");
    x = (struct execution_created){.execution_id = uuid_random(),
                                   .task_id = uuid_random(),
                                   .task_key = s.key,
                                   .project = "billing",
                                   .revision = 1,
                                   .attempt = 1,
                                   .max_attempts = 1,
                                   .trigger = TRIGGER_SCHEDULED,
                                   .scheduled_at = due,
                                   .due_at = due,
                                   .nominal_local = due,
                                   .zone = "UTC",
                                   .tzdata = "2026a",
                                   .payload = s.spec.payload,
                                   .content_type = s.spec.content_type,
                                   .labels = s.spec.labels};
    buf_reset(frame);
    MUST(codec_encode(RECORD_EXECUTION_CREATED, &x, frame, &test_error));
    return buf_bytes(frame);
}

static void send_bare(struct place *p, size_t count, struct bytes value)
{
    for (size_t n = 0; n < count; n++)
        place_send(p, "executions.bench", (int)(n % PLACE_PARTITIONS),
                   "00000000-0000-0000-0000-000000000000", value);
    place_flush(p);
}

static void send_chunk(const struct place *p, struct bus_txn *t, size_t count, struct bytes value)
{
    struct bus_record record = {.topic = p->queue_topic,
                                .key = bytes_of("00000000-0000-0000-0000-000000000000"),
                                .value = value};

    MUST(bus_txn_begin(t, &test_error));
    for (size_t n = 0; n < count; n++) {
        record.partition = (int)(n % PLACE_PARTITIONS);
        MUST(bus_txn_produce(t, &record, &test_error));
    }
    MUST(bus_txn_flush(t, 60000, &test_error));
    MUST(bus_txn_commit(t, &test_error));
}

static struct bus_txn *transactional(struct place *p, struct bus **ret_bus)
{
    const char *const topics[] = {p->queue_topic};
    struct bus_txn *t = NULL;

    *ret_bus = broker_bus("bare");
    MUST(bus_txn_new(*ret_bus, topics, 1, 30000, &t, &test_error));
    return t;
}

static void warm_up(struct place *p)
{
    SCOPED_BUF frame = {0};

    send_bare(p, WARM, firing_frame(&frame, 0));
}

/* Seconds until the reader has all of them. */
static double reference_seconds(size_t count, bool is_transactional, double *ret_reader_cpu)
{
    SCOPED_BUF frame = {0};
    struct bytes value = firing_frame(&frame, 0);
    struct bus *bus = NULL;
    struct bus_txn *t;
    struct reader *r;
    struct place p;
    double began, took;

    place_begin(&p);
    warm_up(&p);
    t = transactional(&p, &bus);
    send_chunk(&p, t, CHUNK, value);
    r = reader_new(&p, "executions.bench", true);
    began = now_s();
    if (!is_transactional)
        send_bare(&p, count, value);
    for (size_t n = 0; is_transactional && n < count; n += CHUNK)
        send_chunk(&p, t, MIN((size_t)CHUNK, count - n), value);
    took = reader_wait(r, count, LIMIT_S) - began;
    *ret_reader_cpu = reader_cpu(r);
    reader_free(r);
    bus_txn_free(t);
    bus_free(bus);
    place_end(&p);
    return took;
}

/* --- B2, B10, B12 --- */

struct volume {
    double restored, last, due_at, resident, cpu, reader_cpu;
};

static struct volume fire_at_once(size_t count)
{
    double due_at = (double)(int64_t)(now_s() + 30 + (double)count / 15000);
    char at[RFC3339_TEXT], expression[RFC3339_TEXT + 8];
    usec_t since = clock_realtime();
    struct volume v = {.due_at = due_at};
    struct instance i;
    struct reader *r;
    struct place p;

    (void)snprintf(expression, sizeof expression, "@at %s",
                   rfc3339_format((usec_t)due_at * USEC_PER_SEC, at));
    place_begin(&p);
    warm_up(&p);
    add_tasks(&p, "due", count, expression, since);
    place_settle(&p, since);
    r = reader_new(&p, "executions.bench", true);
    i = place_start(&p, "bench-1");
    v.restored = instance_wait(&i, "partitions owned", LIMIT_S);
    v.resident = instance_resident(&i);
    v.due_at = MAX(due_at, now_s());
    v.cpu = instance_cpu(&i);
    v.last = reader_wait(r, count, LIMIT_S);
    v.cpu = instance_cpu(&i) - v.cpu;
    v.reader_cpu = reader_cpu(r);
    instance_kill(&i, SIGTERM);
    reader_free(r);
    place_end(&p);
    return v;
}

static void measure_volume(size_t count)
{
    struct volume v = fire_at_once(count), none = fire_at_once(1);
    double took = v.last - v.due_at, n = (double)count;
    double chunks_cpu, bare_cpu;
    double chunks = reference_seconds(count, true, &chunks_cpu);
    double bare = reference_seconds(count, false, &bare_cpu);

    printf(
        "B10 resident memory of a scheduler of %zu tasks, less that of one of one task: %.0f bytes a task | \n",
        count, (v.resident - none.resident) / n);
    printf(
        "B12 cold start with %zu tasks, from exec to all partitions owned: %.1f s | with one task: %.1f s\n",
        count, v.restored, none.restored);
    printf(
        "B2 %zu tasks due at once, until a reader has the last: %.2f s, %.0f a second (CPU: scheduler %.1f us, reader %.1f us each) | "
        "transactions of 10,000: %.2f s, %.2f x (reader %.1f us); bare: %.2f s, %.2f x (reader %.1f us)\n",
        count, took, n / took, v.cpu / n * 1e6, v.reader_cpu / n * 1e6, chunks, chunks / took,
        chunks_cpu / n * 1e6, bare, bare / took, bare_cpu / n * 1e6);
    (void)fflush(stdout);
}

/* --- B3, B11, backlog, outage --- */

static const char *told(const double *late, size_t count)
{
    static char text[4][TEXT];
    static int turn;
    char *out = text[turn++ % 4];

    if (count == 0)
        (void)snprintf(out, TEXT, "nothing");
    else
        (void)snprintf(out, TEXT, "p50 %.1f ms, p99 %.1f ms, most %.0f ms (n=%zu)", late[count / 2],
                       late[MIN(count - 1, count * 99 / 100)], late[count - 1], count);
    return out;
}

static const char *lateness(const struct reader *r, double from, double to)
{
    double *late = xcalloc(reader_count(r) + 1, sizeof *late);
    size_t count =
        reader_lateness(r, (usec_t)(from * USEC_PER_SEC), (usec_t)(to * USEC_PER_SEC), late);
    const char *text = told(late, count);

    free(late);
    return text;
}

/* A transaction of as many records at each full second. */
static const char *reference_lateness(int seconds, double *ret_cpu)
{
    SCOPED_BUF frame = {0};
    struct bus *bus = NULL;
    struct bus_txn *t;
    struct reader *r;
    struct place p;
    const char *text;
    double first;

    place_begin(&p);
    warm_up(&p);
    t = transactional(&p, &bus);
    send_chunk(&p, t, EVERY_SECOND, firing_frame(&frame, 0));
    r = reader_new(&p, "executions.bench", true);
    first = (double)(int64_t)now_s() + 2;
    for (int n = 0; n < seconds; n++) {
        sleep_until(first + n);
        send_chunk(&p, t, EVERY_SECOND, firing_frame(&frame, (usec_t)(first + n) * USEC_PER_SEC));
    }
    (void)reader_wait(r, (size_t)seconds * EVERY_SECOND, LIMIT_S);
    text = lateness(r, first, first + seconds);
    *ret_cpu = reader_cpu(r) / ((double)seconds * EVERY_SECOND) * 1e6;
    reader_free(r);
    bus_txn_free(t);
    bus_free(bus);
    place_end(&p);
    return text;
}

static void measure_lateness(struct reader *r, int seconds)
{
    double cpu, reference_cpu, from = (double)(int64_t)now_s() + 3;
    const char *ours, *reference;
    size_t before;

    sleep_until(from);
    before = reader_count(r);
    cpu = reader_cpu(r);
    sleep_until(from + seconds + 1);
    cpu = (reader_cpu(r) - cpu) / (double)(reader_count(r) - before) * 1e6;
    ours = lateness(r, from, from + seconds);
    reference = reference_lateness(MIN(seconds, 15), &reference_cpu);
    printf(
        "B3 lateness of %d tasks every second, %d s: %s (reader %.1f us each) | a transaction each second: %s (reader %.1f us)\n",
        EVERY_SECOND, seconds, ours, cpu, reference, reference_cpu);
    (void)fflush(stdout);
}

static void put_tasks(struct place *p, size_t count)
{
    struct sample s;
    char key[UUID_TEXT];

    for (size_t n = 0; n < count; n++) {
        struct command c = {
            .command_id = uuid_random(), .actor = "bench", .kind = COMMAND_PUT_TASK};

        make(&s, "put", n, "0 0 1 1 *");
        c.task_id = task_id_of(s.spec.project, s.spec.key);
        c.body.put_task.spec = s.spec;
        place_write(p, "commands", partition_of(c.task_id, PLACE_PARTITIONS),
                    uuid_to_text(c.task_id, key), RECORD_COMMAND, &c);
    }
    place_flush(p);
}

/* Each is a revision and an outcome. */
static void measure_backlog(struct place *p, const struct reader *r, size_t commands)
{
    struct reader *answers = reader_new(p, "tasks", false);
    double from = now_s(), sent, decided;

    put_tasks(p, commands);
    sent = now_s() - from;
    decided = reader_wait(answers, 2 * commands, LIMIT_S) - from;
    sleep_until(now_s() + 2);
    printf(
        "B3 the same beside a backlog of %zu commands, sent in %.1f s and decided in %.1f s: "
        "%s | \n",
        commands, sent, decided, lateness(r, from, from + decided));
    (void)fflush(stdout);
    reader_free(answers);
}

static double longest_gone(const struct reader *r, double from)
{
    double *late = xcalloc(reader_count(r) + 1, sizeof *late);
    size_t count = reader_lateness(r, (usec_t)((from - 1) * USEC_PER_SEC), clock_realtime(), late);
    double longest = count == 0 ? 0 : late[count - 1] / 1000;

    free(late);
    return longest;
}

static void measure_fail_over(struct place *p, struct instance *one, const struct reader *r)
{
    double killed = now_s(), restart, take_over;
    struct instance two;

    instance_kill(one, SIGKILL);
    *one = place_start(p, "bench-1");
    (void)instance_wait(one, "partitions owned", LIMIT_S);
    sleep_until(now_s() + 3);
    restart = longest_gone(r, killed);
    two = place_start(p, "bench-2");
    (void)instance_wait(&two, "partitions owned", LIMIT_S);
    sleep_until(now_s() + 12);
    killed = now_s();
    instance_kill(one, SIGKILL);
    sleep_until(now_s() + 20);
    take_over = longest_gone(r, killed);
    printf(
        "B11 killed and restarted: longest lateness %.2f s; another takes over: %.2f s | session time-out: 10.00 s\n",
        restart, take_over);
    (void)fflush(stdout);
    instance_kill(&two, SIGTERM);
}

/* Ten minutes behind: what was missed is made up for, and what is due meanwhile? */
static void measure_outage(void)
{
    usec_t since = clock_realtime() - OUTAGE_S * USEC_PER_SEC;
    struct instance i;
    struct reader *r;
    struct place p;
    double from;

    place_begin(&p);
    warm_up(&p);
    add_tasks(&p, "second", FEW, "@every 1s", since);
    add_tasks(&p, "minute", EVERY_MINUTE, "@every 1m", since);
    place_settle(&p, since);
    r = reader_new(&p, "executions.bench", true);
    i = place_start(&p, "bench-1");
    (void)instance_wait(&i, "partitions owned", LIMIT_S);
    from = now_s();
    sleep_until(from + 15);
    printf(
        "B3 lateness of %d tasks every second, the first 10 s after an outage of %d s, beside %d "
        "tasks that were due each minute of it: %s | \n",
        FEW, OUTAGE_S, EVERY_MINUTE, lateness(r, from, from + 10));
    (void)fflush(stdout);
    instance_kill(&i, SIGTERM);
    reader_free(r);
    place_end(&p);
}

static void measure_every_second(const struct numbers *n)
{
    usec_t since = clock_realtime();
    struct instance i;
    struct reader *r;
    struct place p;

    place_begin(&p);
    warm_up(&p);
    add_tasks(&p, "second", EVERY_SECOND, "@every 1s", since);
    place_settle(&p, since);
    r = reader_new(&p, "executions.bench", true);
    i = place_start(&p, "bench-1");
    (void)reader_wait(r, (size_t)10 * EVERY_SECOND, LIMIT_S);
    measure_lateness(r, n->seconds);
    measure_backlog(&p, r, n->commands);
    measure_fail_over(&p, &i, r);
    reader_free(r);
    place_end(&p);
}

/* All, unless one is named. */
static bool is_wanted(const char *named, const char *part)
{
    return named == NULL || text_equal(named, part);
}

int main(int argc, char **argv)
{
    const struct numbers n = {
        .due = from_environment("BENCH_DUE", 1000000),
        .commands = from_environment("BENCH_COMMANDS", 1000000),
        .seconds = (int)from_environment("BENCH_SECONDS", 60),
    };
    int child = argc > 1 ? place_child(argc, argv) : -1;

    if (child >= 0)
        return child;
    if (is_wanted(argv[1], "outage"))
        measure_outage();
    if (is_wanted(argv[1], "seconds"))
        measure_every_second(&n);
    if (is_wanted(argv[1], "volume"))
        measure_volume(n.due);
    return 0;
}
